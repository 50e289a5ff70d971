"""Tests of answers of many: published values, and an error of the first kind that is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign

from conftest import ROOT
from reference import close, values

DATA = ROOT.parent / "shared" / "oracle" / "data"
published = pytest.mark.skipif(
    not DATA.is_dir(), reason="the farmers' answers are not beside the project"
)


def simple(name: str) -> SurveyDesign:
    return SurveyDesign(pd.read_csv(DATA / f"{name}.csv").assign(w=1.0), weights="w")


@published
def test_one_variable_by_answers_of_many_is_rs_mrcv() -> None:
    theirs = values("r_oracles2")["mmi_farmer1"]
    made = estimation.multiple_independence_test(
        simple("mrcv_farmer1"), [f"Y{i}" for i in range(1, 6)], "Ed", "bilder-loughin"
    )
    assert made.n == theirs["n"]
    close([made.statistic, made.df1, made.p], list(theirs["rs2"].values()))


@published
def test_answers_of_many_by_answers_of_many_is_rs_mrcv() -> None:
    theirs = values("r_oracles2")["spmi_farmer2"]
    made = estimation.multiple_independence_test(
        simple("mrcv_farmer2"), ["w1", "w2", "w3"], [f"y{i}" for i in range(1, 5)], "bilder-loughin"
    )
    close([made.statistic, made.df1, made.p], list(theirs["rs2"].values()))


def sample(rng: np.random.Generator, n: int, effect: float = 0.0) -> pd.DataFrame:
    """Items that go together, in PSUs of five, and a variable with an effect on the first."""
    psu = np.arange(n) // 5
    shared = rng.normal(0, 0.7, psu.max() + 1)[psu]
    group = rng.integers(0, 3, n)
    items = {
        f"y{j}": (rng.normal(0, 1, n) + shared + effect * (group == 0) * (j == 0) > 0.3).astype(int)
        for j in range(4)
    }
    return pd.DataFrame({"g": pd.Categorical(group.astype(str)), "psu": psu, "w": 1.0, **items})


ITEMS = [f"y{j}" for j in range(4)]


def test_one_item_alone_is_the_rao_scott_test_of_its_table() -> None:
    """Not to the digit: one conditions on the level, the other does not."""
    frame = sample(np.random.default_rng(1), 2000, 0.4)
    frame["one"] = pd.Categorical(frame["y0"].astype(str))
    whole = SurveyDesign(frame, weights="w", psu="psu")
    made = estimation.multiple_independence_test(whole, ["y0"], "g")
    table = estimation.independence_test(whole, "one", "g")
    assert made.statistic == pytest.approx(table["statistic"], rel=0.05)
    assert made.df1 == pytest.approx(table["df1"], rel=0.02)


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.thorough
def test_five_in_a_hundred_are_rejected_where_nothing_is(many: bool) -> None:
    rng = np.random.default_rng(9)
    rejected, trials = 0, 300
    for _ in range(trials):
        frame = sample(rng, 300)
        by: Any = "g"
        if many:
            frame["z0"], frame["z1"] = rng.integers(0, 2, (2, 300))
            by = ["z0", "z1"]
        whole = SurveyDesign(frame, weights="w", psu="psu")
        rejected += estimation.multiple_independence_test(whole, ITEMS, by).p < 0.05
    assert abs(rejected / trials - 0.05) < 4 * np.sqrt(0.05 * 0.95 / trials)


def test_an_effect_is_found() -> None:
    frame = sample(np.random.default_rng(2), 1500, 0.6)
    whole = SurveyDesign(frame, weights="w", psu="psu")
    assert estimation.multiple_independence_test(whole, ITEMS, "g").p < 0.001


def test_weights_of_another_scale_change_nothing() -> None:
    frame = sample(np.random.default_rng(3), 400, 0.3)
    one, other = (
        estimation.multiple_independence_test(
            SurveyDesign(frame.assign(w=scale), weights="w", psu="psu"), ITEMS, "g"
        )
        for scale in (1.0, 37.5)
    )
    assert (one.statistic, one.p) == pytest.approx((other.statistic, other.p))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"y0": 1}, "everybody or nobody"),
        ({"y0": 2}, "not 0 or 1"),
        ({"g": "a"}, "two levels"),
        ({"y0": np.nan}, "nobody answered"),
    ],
)
def test_what_cannot_be_tested_is_refused(change: dict[str, Any], problem: str) -> None:
    frame = sample(np.random.default_rng(4), 50).assign(**change)
    with pytest.raises(InputError, match=problem):
        estimation.multiple_independence_test(SurveyDesign(frame, weights="w"), ITEMS, "g")
