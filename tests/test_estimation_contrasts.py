"""Differences agree with R, take in what domains share, and keep their promises on samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign

from reference import api, close, design, values


def test_domain_means_have_rs_covariance() -> None:
    theirs = values("r_oracles3")["domain_diff_clus1"]
    _, spread = estimation.domain_covariance(design("clus1"), "api00", "stype")
    close(spread, theirs["vcov"])


def test_a_difference_of_domains_is_r_svycontrast() -> None:
    theirs = values("r_oracles3")["domain_diff_clus1"]
    for made in (
        estimation.contrast(design("clus1"), "api00", "stype", {"E": -1, "H": 1}),
        estimation.compare(design("clus1"), "api00", "stype", ("H", "E")),
    ):
        close(made[["estimate", "se"]], [theirs["est"], theirs["se"]])


def test_a_difference_of_two_domains_is_rs_t_test() -> None:
    theirs = values()["strat"]["ttest"]
    made = estimation.compare(design("strat"), "api00", "awards", ("Yes", "No"))
    close(made[["estimate", "statistic"]], [theirs["est"], theirs["t"]])


def test_shares_of_a_category_are_compared_as_numbers_of_zero_and_one() -> None:
    whole = design("strat")
    shares = estimation.compare(whole, "awards", "stype", ("E", "H"), category="Yes")
    numbers = estimation.compare(whole, "aw", "stype", ("E", "H"))
    figures = ["estimate", "se", "statistic", "df", "p"]
    pd.testing.assert_series_equal(shares[figures], numbers[figures])


def test_a_ratio_and_its_inverse_say_the_same() -> None:
    one, other = (
        estimation.compare(design("clus1"), "api00", "stype", pair, kind="ratio")
        for pair in (("H", "E"), ("E", "H"))
    )
    assert one["estimate"] * other["estimate"] == pytest.approx(1)
    assert one["ci_low"] * other["ci_high"] == pytest.approx(1)
    assert one["p"] == pytest.approx(other["p"])


def test_domains_that_are_strata_are_independent() -> None:
    means = estimation.mean(design("strat"), "api00", by="stype").set_index("stype")
    made = estimation.compare(design("strat"), "api00", "stype", ("E", "M"))
    close(made["se"], np.hypot(means.loc["E", "se"], means.loc["M", "se"]))


def test_two_surveys_are_compared_with_added_variances() -> None:
    a, b = design("strat"), design("clus1")
    made = estimation.between(a, b, "api00")
    one, other = (estimation.mean(d, "api00").iloc[0] for d in (a, b))
    close(made["estimate"], one["estimate"] - other["estimate"])
    close(made["se"], np.hypot(one["se"], other["se"]))
    assert min(one["df"], other["df"]) <= made["df"] <= one["df"] + other["df"]


def test_limits_of_a_difference_of_shares_are_newcombes() -> None:
    """Newcombe 1998, table II, 56/70 against 48/80, method 10: 0.0524 to 0.3339."""

    def simple(yes: int, n: int) -> SurveyDesign:
        answers = pd.DataFrame({"x": ["y"] * yes + ["n"] * (n - yes), "w": 1.0})
        return SurveyDesign(answers, weights="w")

    made = estimation.between(simple(56, 70), simple(48, 80), "x", category="y")
    # His z for our t on 69 and 79 degrees of freedom, his n for our n - 1: close, not equal.
    assert made["estimate"] == pytest.approx(0.2)
    assert made["ci_low"] == pytest.approx(0.0524, abs=0.004)
    assert made["ci_high"] == pytest.approx(0.3339, abs=0.004)


def test_limits_of_a_difference_stay_within_one() -> None:
    few = pd.DataFrame({"x": ["y"] * 11 + ["n"], "w": 1.0})
    none = pd.DataFrame({"x": ["n"] * 11 + ["y"], "w": 1.0})
    a, b = (SurveyDesign(f, weights="w") for f in (few, none))
    made = estimation.between(a, b, "x", category="y")
    assert -1 <= made["ci_low"] <= made["ci_high"] <= 1


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda d: estimation.compare(d, "api00", "stype", ("E", "Z")), "nobody"),
        (lambda d: estimation.compare(d, "awards", "stype", ("E", "H"), category="?"), "category"),
        (lambda d: estimation.compare(d, "api00", "stype", ("E", "H"), kind="odds"), "comparison"),
    ],
)
def test_what_cannot_be_compared_is_refused(call: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        call(design("strat"))


@pytest.mark.thorough
def test_a_difference_covers_the_truth_as_often_as_it_says() -> None:
    """300 samples of 120 from a finite population of four strata with a known difference."""
    rng = np.random.default_rng(20)
    n, per = 2000, 30
    population = pd.DataFrame(
        {"h": np.repeat(np.arange(4), n // 4), "g": rng.integers(0, 2, n), "N": n // 4}
    )
    population["y"] = rng.normal(population["h"] + 0.4 * population["g"], 1.5)
    truth = population.groupby("g")["y"].mean().diff().iloc[1]
    held = 0
    for _ in range(300):
        drawn = population.groupby("h").sample(per, random_state=rng)
        made = estimation.compare(SurveyDesign(drawn, strata="h", fpc="N"), "y", "g", (1, 0))
        held += bool(made["ci_low"] <= truth <= made["ci_high"])
    assert abs(held / 300 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 300)


def test_the_order_of_rows_does_not_matter() -> None:
    schools = api("apistrat").sample(frac=1, random_state=1)
    mixed = SurveyDesign(schools, weights="pw", strata="stype", fpc="fpc")
    close(
        estimation.compare(mixed, "api00", "awards", ("Yes", "No")).astype(float),
        estimation.compare(design("strat"), "api00", "awards", ("Yes", "No")).astype(float),
        1e-10,
    )
