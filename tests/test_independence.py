"""How far two answers are from independence, and how far that is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.statistics.estimation.independence import excess
from suites import examples


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=30, max_size=200))
@examples(100)
def test_the_error_is_that_of_the_linearised_excess(answers: list[tuple[bool, bool]]) -> None:
    a, b = np.array(answers, dtype=float).T
    both = float((a * b).mean())
    se = np.sqrt(both * (1 - both) / len(a))  # of a simple random sample
    made, error = excess(both, a.mean(), b.mean(), se)
    values = (a - a.mean()) * (b - b.mean())
    assert made == pytest.approx(values.mean(), abs=1e-12)
    if 0 < both < 1:
        assert error == pytest.approx(values.std() / np.sqrt(len(a)), abs=1e-9)


def test_limits_hold_what_independence_gives_as_often_as_they_say() -> None:
    draws = np.random.default_rng(7).random((4000, 500, 2)) < (0.5, 0.3)
    a, b = draws[..., 0], draws[..., 1]
    both = (a & b).mean(axis=1)
    se = np.sqrt(both * (1 - both) / 500)
    made, error = excess(both, a.mean(axis=1), b.mean(axis=1), se)
    assert (np.abs(made) < 1.96 * error).mean() == pytest.approx(0.95, abs=0.012)
