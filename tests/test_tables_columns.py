"""Counts of classes in the columns of a population are those of one comparison a respondent."""

from __future__ import annotations

import numpy as np
import pytest

from ngo_survey.disclosure.cells import Columns
from ngo_survey.statistics.estimation.domains import Domains


@pytest.mark.parametrize("seed", range(8))
def test_a_tally_counts_who_is_of_a_class_in_a_column(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, groups = 200, 5
    splits = {
        "": Domains((), np.zeros(n, dtype=np.int64), ((),)),
        "a": Domains(("a",), rng.integers(-1, 3, n), (("x",), ("y",), ("z",))),
        "b": Domains(("b",), rng.integers(0, 2, n), (("p",), ("q",))),
    }
    columns = Columns.make(splits, rng.random(n) < 0.8)
    classes, chosen = rng.integers(0, groups - 1, n), rng.random(n) < 0.6
    known = [
        (columns.member & (chosen & (classes == one))[:, None]).sum(axis=0) for one in range(groups)
    ]
    np.testing.assert_array_equal(columns.tally(classes, groups, chosen), known)
