"""Many differences judged together: verdicts and limits that say one thing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ngo_survey.statistics import models
from ngo_survey.statistics.estimation.families import adjust, limits_of_tests
from ngo_survey.statistics.models.families import judged_effects
from suites import examples

from reference import design

SIZES = st.lists(st.floats(-60, 60).filter(lambda t: abs(t) > 1e-6), min_size=1, max_size=12)


def differences(t: list[float], df: float, se: float = 0.02) -> pd.DataFrame:
    """Return differences by their t statistics, with p as a t test gives it."""
    sizes = np.array(t)
    p = 2 * stats.t.sf(np.abs(sizes), df)
    return pd.DataFrame(
        {"difference": sizes * se, "se": se, "ci_low": 0.0, "ci_high": 0.0, "p": p}
    ).assign(p_adjusted=adjust(p))


def leaves_out_zero(frame: pd.DataFrame) -> pd.Series:
    return (frame["ci_low"] > 0) | (frame["ci_high"] < 0)


@given(SIZES, st.integers(3, 2000), st.sampled_from([0.9, 0.95, 0.99]))
@examples(200)
def test_limits_leave_out_zero_exactly_where_the_adjusted_test_does(
    t: list[float], df: int, level: float
) -> None:
    made = limits_of_tests(differences(t, df), df, level=level)
    near = np.isclose(made["p_adjusted"], 1 - level, rtol=1e-9)
    verdict = made["p_adjusted"] < 1 - level
    assert (leaves_out_zero(made) == verdict)[~near].all()


@given(SIZES, st.integers(3, 2000))
@examples(100)
def test_limits_are_those_of_one_difference_or_wider_and_at_most_bonferronis(
    t: list[float], df: int
) -> None:
    made = limits_of_tests(differences(t, df), df)
    half = (made["ci_high"] - made["ci_low"]) / 2 / made["se"]
    assert (half >= stats.t.ppf(0.975, df) * (1 - 1e-9)).all()
    told = made["p_adjusted"] < 0.05
    assert (half[told] <= stats.t.isf(0.025 / len(t), df) * (1 + 1e-9)).all()


def test_one_difference_alone_has_its_own_limits() -> None:
    made = limits_of_tests(differences([1.2], 40), 40)
    assert made["ci_high"][0] == pytest.approx(0.024 + stats.t.ppf(0.975, 40) * 0.02)


def test_what_cannot_be_tested_keeps_its_limits() -> None:
    frame = differences([2.5, 0.3], 30).assign(ci_low=[-0.4, -0.3], ci_high=[0.4, 0.3])
    frame.loc[1, ["p", "p_adjusted"]] = np.nan
    made = limits_of_tests(frame, 30)
    assert made.loc[1, ["ci_low", "ci_high"]].tolist() == [-0.3, 0.3]


def test_levels_compared_have_limits_that_match_their_adjusted_test() -> None:
    fit = models.glm(design("strat"), "aw", ["meals", "stype"], family="binomial")
    made = fit.contrasts("stype")
    assert (leaves_out_zero(made) == (made["p_adjusted"] < 0.05)).all()
    assert made["p_adjusted"].lt(0.05).nunique() == 2  # some are told apart, some are not


LEVELS = [(v, at) for v in "abcde" for at in "xy"]


@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0, 1)), st.data())
@examples(200)
def test_an_effect_is_clear_only_behind_the_test_of_its_variable(
    gates: dict[str, float], data: st.DataObject
) -> None:
    t = np.array([data.draw(st.floats(-8, 8)) for _ in LEVELS])
    rows = pd.DataFrame(LEVELS, columns=["variable", "level"]).assign(outcome="grew", se=0.1)
    rows = rows.assign(estimate=t * 0.1, p=2 * stats.t.sf(np.abs(t), 90), ci_low=0.0, ci_high=0.0)
    tests = pd.DataFrame(
        {"name": [f"family/main/{v}" for v in gates], "p": list(gates.values())}, dtype=object
    )
    made = judged_effects(rows, tests, 90)
    clear = made["p_adjusted"] < 0.05
    assert (made["p"][clear] < 0.05).all()
    assert all(gates.get(v, 0.0) < 0.05 for v in made["variable"][clear])
    assert (leaves_out_zero(made) == clear)[~np.isclose(made["p_adjusted"], 0.05, rtol=1e-9)].all()
    outside = made[~made["variable"].isin(gates)]
    if len(outside) and outside["p"].min() * len(outside) < 0.05:
        assert clear[outside["p"].idxmin()]


def test_an_open_gate_takes_nothing_from_the_limits_behind_it() -> None:
    rows = pd.DataFrame({"variable": "a", "outcome": "grew", "p": [1e-6, 0.2], "se": 0.03})
    rows = rows.assign(estimate=stats.t.isf(rows["p"] / 2, 90) * 0.03, ci_low=0.0, ci_high=0.0)
    tests = pd.DataFrame({"name": ["family/main/a"], "p": [0.04]})
    made = judged_effects(rows, tests, 90)
    assert made["p_adjusted"][0] == 0.04
    half = (made["ci_high"] - made["ci_low"]) / 2 / 0.03
    assert half[0] == pytest.approx(stats.t.isf(0.05 / 2 / 2, 90))  # the first of two levels


def test_the_outcomes_of_a_model_are_judged_apart() -> None:
    one = pd.DataFrame({"variable": ["a"], "outcome": ["grew"], "p": [0.03]})
    both = pd.concat([one, one.assign(outcome="shrank", p=0.9)], ignore_index=True)
    both = both.assign(estimate=0.1, se=0.05, ci_low=0.0, ci_high=0.2)
    made = judged_effects(both, pd.DataFrame({"name": [], "p": []}), 90)
    assert made["p_adjusted"].tolist() == [0.03, 0.9]
