"""Estimates, standard errors, limits and tests agree with R `survey` to the promised digit."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import pytest

from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.limits import of_proportion

from reference import DESIGNS, api, calibrated, close, data, design, values

CALIBRATED = ("ps_clus1", "ps_strat", "calrake_clus1", "calrake_strat")


@pytest.fixture(params=DESIGNS)
def case(request: pytest.FixtureRequest):
    return design(request.param), values()[request.param]


def test_means_with_limits_and_design_effect(case) -> None:
    ours = estimation.mean(case[0], "api00", deff="finite").iloc[0]
    theirs = case[1]["mean_api00"]
    close(ours[["estimate", "se", "deff"]], [theirs[k] for k in ("est", "se", "deff")])
    close(ours[["ci_low", "ci_high"]], theirs["ci"])
    assert ours["df"] == case[1]["degf"]


def test_totals_leave_missing_answers_out(case) -> None:
    ours, theirs = estimation.total(case[0], "enroll").iloc[0], case[1]["total_enroll"]
    close(ours[["estimate", "se"]], [theirs["est"], theirs["se"]])


def test_totals_of_a_categorical_variable(case) -> None:
    ours, theirs = estimation.total(case[0], "stype"), case[1]["total_stype"]
    close(ours["estimate"], theirs["est"])
    np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("variable", ["stype", "awards"])
def test_proportions(case, variable: str) -> None:
    ours, theirs = estimation.proportion(case[0], variable), case[1][f"prop_{variable}"]
    close(ours["estimate"], theirs["est"])
    np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-8, atol=1e-9)


def test_ratios(case) -> None:
    ours, theirs = estimation.ratio(case[0], "api.stu", "enroll").iloc[0], case[1]["ratio"]
    close(ours[["estimate", "se"]], [theirs["est"], theirs["se"]])


def test_domain_means(case) -> None:
    ours = estimation.mean(case[0], "api00", by="awards")
    theirs = case[1]["dom_mean_api00_by_awards"]
    assert ours["awards"].tolist() == theirs["lev"]
    close(ours["estimate"], theirs["est"])
    close(ours["se"], theirs["se"])


def test_domains_keep_the_design(case) -> None:
    whole, theirs = case
    schools = whole.frame
    assert (
        whole.subset(schools["awards"] == "Yes").degrees_of_freedom == theirs["dom_degf_awardsYes"]
    )
    ours = estimation.proportion(whole.subset(schools["stype"] == "E"), "awards")
    close(ours["estimate"], theirs["dom_prop_awards_E"]["est"])
    close(ours["se"], theirs["dom_prop_awards_E"]["se"])
    ours = estimation.total(whole.subset(schools["sch.wide"] == "No"), "enroll").iloc[0]
    close(ours["estimate"], theirs["dom_total_enroll_schwideNo"]["est"])
    close(ours["se"], theirs["dom_total_enroll_schwideNo"]["se"])


@pytest.mark.parametrize(
    ("method", "name"), [("logit", "logit"), ("beta", "beta"), ("wald", "mean")]
)
def test_limits_of_proportions(case, method, name: str) -> None:
    ours = estimation.proportion(case[0], "awards", limits=method).iloc[1]
    close(ours[["estimate", "ci_low", "ci_high"]], case[1][f"ciprop_{name}"])


def test_likelihood_limits_are_rs_as_far_as_it_interpolates_its_profile(case) -> None:
    ours = estimation.proportion(case[0], "awards", limits="likelihood").iloc[1]
    close(ours[["estimate", "ci_low", "ci_high"]], case[1]["ciprop_likelihood"], 2e-5)


def test_quantiles(case) -> None:
    ours = estimation.quantile(case[0], "api00", [0.25, 0.5, 0.75])
    close(ours["estimate"], case[1]["quant_api00"]["est"])
    close(ours["se"], case[1]["quant_api00"]["se"])


@pytest.mark.parametrize(
    ("method", "name"), [("rao-scott", "F"), ("first-order", "Chisq"), ("wald", "Wald")]
)
@pytest.mark.parametrize(
    ("row", "col", "pair"),
    [("awards", "sch.wide", "awards_schwide"), ("stype", "comp.imp", "stype_compimp")],
)
def test_independence(case, method, name: str, row: str, col: str, pair: str) -> None:
    theirs = case[1][f"chisq_{pair}_{name}"]
    ours = estimation.independence_test(case[0], row, col, method=method)
    close(ours.statistic, theirs["stat"])
    freedom = [ours.df1, ours.df2] if name != "Chisq" else [ours.df1]
    close(freedom, theirs["par"])
    close(ours.p, theirs["p"], 1e-6)  # tails of 1e-18 lose digits in the distribution function


def test_joint_cells(case) -> None:
    ours = estimation.crosstab(case[0], "awards", "sch.wide", "joint")
    theirs = case[1]["cells_awards_schwide"]
    # R lets the first variable run fastest.
    ours = ours.sort_values(["column", "row"])
    close(ours["estimate"], theirs["est"])
    close(ours["se"], theirs["se"])


def test_a_test_of_two_means_is_the_t_test(case) -> None:
    ours, theirs = estimation.means_test(case[0], "api00", "awards"), case[1]["ttest"]
    close(ours.statistic, theirs["t"] ** 2)


@pytest.mark.parametrize("name", CALIBRATED)
def test_calibrated_weights_and_what_follows(name: str) -> None:
    ours, theirs = calibrated(name), values()["weights"][name]
    close(ours.weights, theirs["w"])
    for made, expected in (
        (estimation.mean(ours, "api00"), theirs["mean_api00"]),
        (estimation.total(ours, "enroll"), theirs["total_enroll"]),
        (estimation.proportion(ours, "awards"), theirs["prop_awards"]),
    ):
        close(made["estimate"], expected["est"])
        close(made["se"], expected["se"])


@pytest.mark.parametrize("name", ["rake_clus1", "rake_strat"])
def test_raked_weights_agree_with_r_rake_whose_variance_we_do_not_take(name: str) -> None:
    close(calibrated(f"cal{name}").weights, values()["weights"][name]["w"], 1e-7)


@pytest.mark.parametrize("how", ["certainty", "adjust", "average"])
def test_strata_with_a_single_unit(how: Literal["certainty", "adjust", "average"]) -> None:
    schools = api("apistrat")
    high = schools[schools["stype"] == "H"].head(1).assign(pw=755.0)
    few = pd.concat([schools[schools["stype"] != "H"], high])
    ours = SurveyDesign(few, weights="pw", strata="stype", lonely=how)
    theirs = values("r_oracles3")[f"lonely_{how}"]
    mean = estimation.mean(ours, "api00").iloc[0]
    close(mean[["estimate", "se"]], [theirs["mean"], theirs["se"]])
    total = estimation.total(ours, "enroll").iloc[0]
    close(total[["estimate", "se"]], [theirs["total"], theirs["total_se"]])
    assert ours.degrees_of_freedom == theirs["degf"]


def test_a_stratum_single_in_a_domain_is_not_single_in_the_design() -> None:
    whole = design("strat")
    small = whole.subset(whole.frame["dnum"] < 60)
    theirs = values("r_oracles3")["domain_small"]
    ours = estimation.mean(small, "api00").iloc[0]
    assert (ours["n"], ours["df"]) == (theirs["n"], theirs["degf"])
    close(ours[["estimate", "se"]], [theirs["est"], theirs["se"]])


def test_wilson_limits_on_a_simple_sample_are_newcombes() -> None:
    # With many degrees of freedom t is z to four digits.
    n, df = 148, 10**7
    p = 15 / n
    low, high = of_proportion(p, p * (1 - p) / n, df, n)
    close([low, high], values("r_oracles3")["wilson"]["wilson"], 1e-6)


@pytest.fixture(scope="module")
def nested() -> SurveyDesign:
    """Sixty strata of two PSUs whose codes start anew, with missing answers."""
    frame = data("nested")
    frame[["g", "k"]] = frame[["g", "k"]].astype("category")
    return SurveyDesign(frame, weights="w", strata="h", psu="u", nest=True)


@pytest.mark.parametrize("statistic", ["mean", "total", "ratio", "by", "proportion"])
def test_nested_psus_and_missing_answers(nested: SurveyDesign, statistic: str) -> None:
    made = {
        "mean": lambda: estimation.mean(nested, "y"),
        "total": lambda: estimation.total(nested, "y"),
        "ratio": lambda: estimation.ratio(nested, "y", "z"),
        "by": lambda: estimation.mean(nested, "y", by="g"),
        "proportion": lambda: estimation.proportion(nested, "k"),
    }[statistic]()
    close([*made["estimate"], *made["se"]], values("r_nested")[statistic])


def test_tests_of_nested_psus_and_missing_answers(nested: SurveyDesign) -> None:
    theirs = values("r_nested")
    made = estimation.independence_test(nested, "k", "g")
    close(made[["statistic", "df1", "df2", "p"]].astype(float), theirs["rao-scott"])
    wald = estimation.independence_test(nested, "k", "g", method="wald")
    close(wald[["statistic", "p"]].astype(float), theirs["wald"])
    within = nested.subset(nested.frame["g"] == "r")
    assert [nested.degrees_of_freedom, within.degrees_of_freedom] == theirs["df"]
