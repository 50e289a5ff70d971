"""Columns of a table against each other: the t tests of R's contrasts, all at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.comparisons import compare_columns
from ngo_survey.statistics.estimation.domains import domain_ratios, domains

from reference import TYPES, WIDE, calibrated, close, design, values

DESIGNS = ["strat", "clus1", "clus2", "raked", "calrake_clus1"]
LEVELS = ["E", "H", "M"]


def designed(name: str) -> SurveyDesign:
    if name == "raked":
        return design("strat").rake({"stype": TYPES, "sch.wide": WIDE})
    return calibrated(name) if name.startswith("calrake") else design(name)


def compared(made: SurveyDesign, variables: list[str], by: str = "stype"):
    columns = made.frame[variables].to_numpy(dtype=float)
    return compare_columns(made, columns, np.ones(len(columns), dtype=bool), domains(made, by))


@pytest.mark.parametrize("name", DESIGNS)
def test_every_two_columns_are_tested_as_a_contrast_is(name: str) -> None:
    made = designed(name)
    ours = compared(made, ["api00", "aw"])
    for g, first in enumerate(LEVELS):
        for h, second in enumerate(LEVELS):
            if g != h:
                for place, variable in enumerate(["api00", "aw"]):
                    alone = estimation.compare(made, variable, "stype", (first, second))
                    close(ours.pair_p[place, g, h], alone["p"], 1e-7)


def test_a_pair_of_columns_has_rs_difference_and_standard_error() -> None:
    # R: svycontrast of the domain means of api00 by stype, H less E, with their covariance.
    theirs = values("r_oracles3")["domain_diff_clus1"]
    made = design("clus1")
    ours = compared(made, ["api00"])
    close(ours.estimate[1, 0] - ours.estimate[0, 0], theirs["est"])
    together = made.subset(made.frame["stype"].isin(["E", "H"]))
    t = abs(theirs["est"] / theirs["se"])
    close(ours.pair_p[0, 0, 1], 2 * stats.t.sf(t, together.degrees_of_freedom), 1e-7)
    assert np.isnan(ours.pair_p[0].diagonal()).all()


@pytest.mark.parametrize("name", DESIGNS)
def test_a_column_against_the_rest_is_a_contrast_with_all_others_together(name: str) -> None:
    made = designed(name)
    ours = compared(made, ["api00", "aw"])
    for g, level in enumerate(LEVELS):
        rest = np.where(made.frame["stype"] == level, "this", "rest")
        alone = made.assign(against=pd.Categorical(rest, categories=["this", "rest"]))
        for place, variable in enumerate(["api00", "aw"]):
            theirs = estimation.compare(alone, variable, "against", ("this", "rest"))
            close(ours.estimate[g, place] - ours.rest[g, place], theirs["estimate"], 1e-8)
            close(ours.rest_se[g, place], theirs["se"], 1e-7)
            close(ours.rest_p[g, place], theirs["p"], 1e-6)


def test_who_is_in_no_column_belongs_to_no_rest() -> None:
    made = design("strat")
    kept = made.assign(some=made.frame["stype"].where(made.frame["stype"] != "M"))
    ours = compared(kept, ["api00"], "some")
    close(ours.rest[0, 0], ours.estimate[1, 0])
    close(ours.rest_p[:, 0], ours.pair_p[0, 0, 1].repeat(2), 1e-7)


def test_a_share_of_none_or_all_is_not_taken_for_certainty() -> None:
    frame = pd.DataFrame(
        {"w": 1.0, "g": pd.Categorical(list("aabb") * 5), "y": [0.0, 0.0, 1.0, 0.0] * 5}
    )
    ours = compared(SurveyDesign(frame, weights="w"), ["y"], "g")
    assert np.isnan(ours.pair_p).all()


@pytest.mark.parametrize("name", ["strat", "clus2", "raked"])
def test_ratios_of_domains_are_those_of_the_ratio(name: str) -> None:
    made = designed(name)
    split = domains(made, "stype")
    over, under = (made.frame[[v]].to_numpy(dtype=float) for v in ("api.stu", "enroll"))
    known = np.isfinite(over[:, 0]) & np.isfinite(under[:, 0])
    ours = domain_ratios(made, over, under[:, 0], known, split)
    theirs = estimation.ratio(made, "api.stu", "enroll", by="stype")
    close(ours.estimate, theirs["estimate"])
    close(np.sqrt(ours.variance), theirs["se"])
