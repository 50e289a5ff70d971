"""Replicate designs agree with R, with linearisation, and with what they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import ReplicateDesign, SurveyDesign, given_replicates, replicate
from suites import turns

from reference import TYPES, WIDE, api, close, design, values

MADE = {
    "jk1_clus1": lambda: replicate(design("clus1"), "JK1"),
    "jk1_clus1_nofpc": lambda: replicate(
        SurveyDesign(api("apiclus1"), weights="pw", psu="dnum"), "JK1"
    ),
    "jkn_strat": lambda: replicate(design("strat"), "JKn"),
    "jkn_strat_nofpc": lambda: replicate(design("stratnofpc"), "JKn"),
}
ESTIMATORS = {
    "mean": lambda d: estimation.mean(d, "api00"),
    "total": lambda d: estimation.total(d, "api00"),
    "ratio": lambda d: estimation.ratio(d, "api00", "api99"),
    "prop": lambda d: estimation.proportion(d, "stype"),
    "by": lambda d: estimation.mean(d, "api00", by="awards"),
}


@pytest.mark.parametrize(("statistic", "name"), turns(ESTIMATORS, [*MADE]))
def test_jackknives_are_rs(statistic: str, name: str) -> None:
    made = MADE[name]().estimate(ESTIMATORS[statistic])
    theirs = values("r_replicates")[f"{name}/{statistic}"]
    close(made["estimate"], theirs["est"])
    np.testing.assert_allclose(made["se"], theirs["se"], rtol=1e-8, atol=1e-10)
    assert made["df"].iloc[0] == theirs.get("df", made["df"].iloc[0])


def pairs() -> SurveyDesign:
    schools = api("apistrat").assign(pair=np.repeat(np.arange(100), 2), psu=np.arange(200))
    return SurveyDesign(schools, weights="pw", strata="pair", psu="psu")


@pytest.mark.parametrize(("kind", "name"), [("BRR", "brr"), ("Fay", "fay")])
def test_balanced_half_samples_are_rs_and_exact_for_a_total(kind: Any, name: str) -> None:
    whole = pairs()
    made = replicate(whole, kind, rho=0.3).estimate(ESTIMATORS["total"])
    theirs = values("r_replicates")[f"{name}/total"]
    close(made[["estimate", "se"]], [*theirs["est"], *theirs["se"]])
    assert made["df"].iloc[0] == theirs["df"]
    close(made["se"], estimation.total(whole, "api00")["se"], 1e-10)


@pytest.mark.parametrize("name", ["mean", "ratio", "by"])
@pytest.mark.thorough
def test_the_bootstrap_is_about_what_linearisation_gives(name: str) -> None:
    whole, estimator = design("stratnofpc"), ESTIMATORS[name]
    made = replicate(whole, "bootstrap", replicates=1500, rng=np.random.default_rng(5))
    ratio = made.estimate(estimator)["se"].to_numpy() / estimator(whole)["se"].to_numpy()
    # A standard error of 1,500 draws is known to about 2 percent.
    assert np.abs(ratio - 1).max() < 0.08


def test_the_weights_of_every_replicate_add_up() -> None:
    for made in (MADE["jkn_strat"](), replicate(pairs(), "BRR")):
        total = made.design.weights.sum()
        close(made.weights.mean(axis=1).sum(), total, 1e-9)


def test_given_columns_are_taken_as_they_are() -> None:
    made = MADE["jk1_clus1_nofpc"]()
    names = [f"r{i}" for i in range(made.weights.shape[1])]
    columns = pd.DataFrame(made.weights, columns=names)
    whole = SurveyDesign(pd.concat([api("apiclus1"), columns], axis=1), weights="pw")
    given = given_replicates(whole, names, made.scale)
    left, right = (d.estimate(ESTIMATORS["mean"])["se"] for d in (given, made))
    close(left, right, 1e-12)
    assert given.degrees_of_freedom == made.degrees_of_freedom


def test_a_domain_keeps_the_replicates_whole() -> None:
    made = MADE["jkn_strat"]()
    within = made.subset(made.design.frame["awards"] == "Yes").estimate(ESTIMATORS["mean"])
    theirs = values("r_replicates")["jkn_strat/by"]
    close(within[["estimate", "se"]], [theirs["est"][1], theirs["se"][1]])


@pytest.mark.thorough
def test_any_estimator_can_be_replicated() -> None:
    """Raking inside each replicate; a median, which linearisation only approximates."""
    margins = {"sch.wide": WIDE}

    def raked(d: SurveyDesign) -> pd.DataFrame:
        return estimation.total(d.rake(margins), "enroll")

    def median(d: SurveyDesign) -> pd.DataFrame:
        return estimation.quantile(d, "api00", 0.5)

    whole = design("stratnofpc")
    made = replicate(whole, "bootstrap", replicates=500, rng=np.random.default_rng(2))
    linear = estimation.total(whole.rake(margins), "enroll")["se"].iloc[0]
    unraked = estimation.total(whole, "enroll")["se"].iloc[0]
    found = made.estimate(raked)["se"].iloc[0]
    assert found == pytest.approx(linear, rel=0.12)
    assert abs(found - linear) < abs(found - unraked)
    by_inversion = estimation.quantile(whole, "api00", 0.5)["se"].iloc[0]
    assert made.estimate(median)["se"].iloc[0] == pytest.approx(by_inversion, rel=0.25)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: replicate(design("strat"), "JK1"), "single stratum"),
        (lambda: replicate(design("strat"), "BRR"), "two PSUs"),
        (lambda: replicate(design("strat"), "bootstrap"), "random stream"),
        (lambda: replicate(design("strat"), "JK2"), "no such replicates"),  # type: ignore[arg-type]
        (lambda: replicate(design("strat").post_stratify("stype", TYPES), "JKn"), "calibrated"),
        (lambda: given_replicates(design("strat"), ["r1"], 1.0), "not a column"),
        (lambda: given_replicates(design("strat"), ["acs.core"], 1.0), "missing or negative"),
    ],
)
def test_what_cannot_be_replicated_is_refused(call: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        result = call()
        assert isinstance(result, ReplicateDesign)
