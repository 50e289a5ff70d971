"""Trends, effects with limits, and families of tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation, models
from ngo_survey.statistics.design import SurveyDesign

from reference import DESIGNS, api, close, design, values


def ordered(name: str) -> SurveyDesign:
    whole = design(name)
    order = pd.CategoricalDtype(["E", "M", "H"], ordered=True)
    scores = whole.frame["stype"].map({"E": 1.0, "M": 2.0, "H": 3.0})
    return whole.assign(stype=whole.frame["stype"].astype(order), score=scores)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_trend_is_the_slope_of_the_regression_on_the_ranks(name: str) -> None:
    """The regression agrees with R svyglm elsewhere; here the two meet."""
    whole = ordered(name)
    made = estimation.trend_test(whole, "api00", "stype")
    slope = models.glm(whole, "api00", ["score"], family="gaussian").coefficients.iloc[1]
    close([made.effect, made.statistic], [slope["estimate"], slope["statistic"] ** 2])
    assert made.p == pytest.approx(slope["p"])


def test_a_trend_of_a_share_is_that_of_zeros_and_ones() -> None:
    whole = ordered("strat")
    share = estimation.trend_test(whole, "awards", "stype", category="Yes")
    numbers = estimation.trend_test(whole, "aw", "stype")
    assert share == numbers


def test_columns_without_order_have_no_trend() -> None:
    with pytest.raises(InputError, match="order"):
        estimation.trend_test(design("strat"), "api00", "stype")


def test_adjusted_p_values_are_rs() -> None:
    theirs = values("r_oracles3")["padjust"]
    close(estimation.adjust(theirs["p"]), theirs["holm"])
    close(estimation.adjust(theirs["p"], "bh"), theirs["BH"])


def test_a_test_that_was_not_made_is_no_part_of_its_family() -> None:
    made = estimation.adjust([0.01, np.nan, 0.04])
    assert np.isnan(made[1])
    assert made[[0, 2]].tolist() == [0.02, 0.04]


@pytest.mark.parametrize("name", ["strat", "clus1"])
def test_the_effect_lies_within_its_limits(name: str) -> None:
    made = estimation.independence_test(design(name), "stype", "comp.imp")
    assert 0 <= made["effect_low"] <= made["effect"] <= made["effect_high"] <= 1
    # The limits hold zero exactly where the test does not reject, up to F against chi-square.
    assert (made["effect_low"] > 0) == (made["p"] < 0.025)


@pytest.mark.thorough
def test_limits_of_the_effect_hold_the_effect_of_the_population() -> None:
    rng = np.random.default_rng(8)
    n = 6000
    group = rng.choice(3, n)
    answer = (rng.random(n) < np.array([0.35, 0.5, 0.6])[group]).astype(int)
    population = pd.DataFrame(
        {"h": rng.integers(0, 4, n), "g": group.astype(str), "a": answer.astype(str)}
    )
    population["N"] = population.groupby("h")["h"].transform("size")
    table = pd.crosstab(population["g"], population["a"]).to_numpy() / n
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    truth = np.sqrt(((table - expected) ** 2 / expected).sum())
    held = 0
    for _ in range(200):
        drawn = population.groupby("h").sample(75, random_state=rng)
        made = estimation.independence_test(SurveyDesign(drawn, strata="h", fpc="N"), "a", "g")
        held += bool(made["effect_low"] <= truth <= made["effect_high"])
    assert abs(held / 200 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 200)


def test_wider_samples_have_narrower_limits() -> None:
    schools = api("apistrat")
    twice = pd.concat([schools, schools], ignore_index=True)
    widths = []
    for frame in (schools, twice):
        made = estimation.independence_test(
            SurveyDesign(frame, weights="pw", strata="stype"), "awards", "sch.wide"
        )
        widths.append(made["effect_high"] - made["effect_low"])
    assert widths[1] < widths[0]
