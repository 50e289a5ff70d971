"""Calibration by each distance: the margins hold, the bounds too, R gives the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.calibration import ROUNDED, Margin, rake
from suites import examples

from reference import TYPES, WIDE, close, design, values

MARGINS = {"stype": TYPES, "sch.wide": WIDE}


def test_linear_calibration_is_r_calibrate() -> None:
    ours, theirs = design("clus1").calibrate(MARGINS, "linear"), values()["weights"]["greg_clus1"]
    close(ours.weights, theirs["w"])
    for made, expected in (
        (estimation.mean(ours, "api00"), theirs["mean_api00"]),
        (estimation.total(ours, "enroll"), theirs["total_enroll"]),
    ):
        close(made["estimate"], expected["est"])
        close(made["se"], expected["se"])


def test_newton_and_proportional_fitting_rake_to_the_same_weights() -> None:
    fitted = design("strat").rake(MARGINS)
    newton = design("strat").calibrate(MARGINS, "raking", bounds=(0, 1000))
    close(newton.weights, fitted.weights, 1e-9)


@pytest.mark.parametrize("name", ["strat", "clus1", "clus2"])
@pytest.mark.parametrize(
    ("method", "bounds"),
    [("linear", None), ("raking", None), ("logit", (0.2, 4)), ("linear", (0.5, 2.5)),
     ("raking", (0.5, 2.5))],
)  # fmt: skip
def test_margins_hold_whatever_the_distance(name: str, method: Any, bounds: Any) -> None:
    whole = design(name)
    totals = {"stype": TYPES, "sch.wide": WIDE}
    made = whole.calibrate(totals, method, bounds)
    for variable, margin in totals.items():
        shares = estimation.total(made, variable).set_index("category")
        close(shares["estimate"], [margin[level] for level in shares.index], 1e-9)
        assert shares["se"].max() < 1e-6
    ratios = made.weights / whole.weights
    low, high = bounds or (-np.inf, np.inf)
    assert ratios.min() >= low - 1e-12
    assert ratios.max() <= high + 1e-12
    calibration = made.calibrations.iloc[0]
    assert calibration["method"] == method
    assert calibration["worst_margin"] < 1e-9
    assert calibration["g_max"] == pytest.approx(ratios.max())


@pytest.mark.parametrize(
    ("method", "bounds", "problem"),
    [
        ("logit", None, "needs bounds"),
        ("linear", (1.2, 3), "enclose 1"),
        ("raking", (0.99, 1.01), "within the bounds"),
        ("cubic", None, "no such calibration"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(method: Any, bounds: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        design("clus1").calibrate(MARGINS, method, bounds)


def test_a_domain_is_not_calibrated() -> None:
    whole = design("strat")
    with pytest.raises(InputError, match="then subset"):
        whole.subset(whole.frame["stype"] == "E").calibrate(MARGINS)


@given(st.integers(0, 10_000))
@examples(30)
def test_totals_that_were_rounded_for_a_file_are_met_as_well_as_they_can_be(seed: int) -> None:
    """Written with ten digits, margins contradict each other in the last of them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"w": rng.uniform(1, 9, 200)})
    for name in "abc":
        frame[name] = rng.choice(list("pqrs"), 200)
    goal = frame["w"] * rng.uniform(0.7, 1.4, 200)
    margins: dict[Any, dict[Any, float]] = {}
    for names in ("a", ("a", "b"), ("a", "c")):
        totals = goal.groupby([frame[name] for name in names]).sum()
        margins[names] = {level: float(f"{value:.10g}") for level, value in totals.items()}
    raked = SurveyDesign(frame, weights="w").rake(margins)
    assert raked.calibrations["worst_margin"].iloc[0] < 1e-8


@pytest.mark.parametrize("n", [2_000, 40_000])
@pytest.mark.parametrize("seed", range(6))
def test_raking_to_rounded_totals_ends_when_they_are_met_no_better(n: int, seed: int) -> None:
    """Of many respondents the last digits of a margin go up and down, and never rest."""
    rng = np.random.default_rng(seed)
    region, form, place = (rng.integers(0, levels, n) for levels in (17, 6, 4))
    base = rng.uniform(1, 3, 17 * 6)[region * 6 + form]
    goal = base * rng.uniform(0.9, 1.1, 6 * 4)[form * 4 + place]
    margins = []
    for name, codes, size in (("place", region * 4 + place, 17 * 4), ("form", form, 6)):
        totals = [float(f"{total:.10g}") for total in np.bincount(codes, goal, size)]
        margins.append(Margin(name, codes, tuple(range(size)), np.array(totals)))
    weights = rake(base, margins, sweeps=20)
    for one in margins:
        close(np.bincount(one.codes, weights), one.totals, ROUNDED)
