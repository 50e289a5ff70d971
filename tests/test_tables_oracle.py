"""The path through the tables gives what R `survey` gives, not only the estimation room."""

from __future__ import annotations

import numpy as np
import pytest

from ngo_survey.disclosure.tabulate import make
from small_tables import OPEN, book, question, spec

from reference import close, design, values


@pytest.fixture(scope="module")
def case():
    codebook = book(
        question("stype", "single", ["E", "H", "M"]),
        question("awards", "single", ["No", "Yes"]),
        question("comp.imp", "single", ["No", "Yes"]),
        question("api00", "number", kind="integer"),
        question("enroll", "number", kind="integer"),
    )
    specs = [
        spec(codebook, "awards", ["stype"]),
        spec(codebook, "stype", ["awards", "comp.imp"]),
        spec(codebook, "api00", ["awards"]),
        spec(codebook, "enroll", totals=("enroll",)),
    ]
    tables = make(design("strat"), specs, codebook, OPEN, np.random.default_rng(0))
    rows = {
        key: row for t in tables.estimates.values() for key, row in t.set_index("key").iterrows()
    }
    tests = {key: row for t in tables.tests.values() for key, row in t.set_index("key").iterrows()}
    return rows, tests, values()["strat"]


def test_proportions(case) -> None:
    rows, _, theirs = case
    for level, est, se in zip(
        ("No", "Yes"), *(theirs["prop_awards"][k] for k in ("est", "se")), strict=True
    ):
        close(rows[f"awards/{level}@total"][["estimate", "se"]], [est, se])


def test_proportions_of_a_domain(case) -> None:
    rows, _, theirs = case
    for level, est, se in zip(
        ("No", "Yes"), *(theirs["dom_prop_awards_E"][k] for k in ("est", "se")), strict=True
    ):
        close(rows[f"awards_by_stype/{level}@E"][["estimate", "se"]], [est, se])


def test_means_of_domains_and_their_degrees_of_freedom(case) -> None:
    rows, _, theirs = case
    found = theirs["dom_mean_api00_by_awards"]
    for level, est, se in zip(found["lev"], found["est"], found["se"], strict=True):
        close(rows[f"api00_by_awards/mean@{level}"][["estimate", "se"]], [est, se])
    assert rows["api00_by_awards/mean@Yes"]["df"] == theirs["dom_degf_awardsYes"]


def test_quartiles(case) -> None:
    rows, _, theirs = case
    ours = [rows[f"api00/{name}@total"]["estimate"] for name in ("p25", "median", "p75")]
    close(ours, theirs["quant_api00"]["est"])


def test_totals(case) -> None:
    rows, _, theirs = case
    found = theirs["total_enroll"]
    close(rows["enroll/total@total"][["estimate", "se"]], [found["est"], found["se"]])


def test_rao_scott(case) -> None:
    _, tests, theirs = case
    found = theirs["chisq_stype_compimp_F"]
    ours = tests["test/stype_by_comp.imp/rao_scott"]
    close(ours[["statistic", "df1", "df2", "p"]], [found["stat"], *found["par"], found["p"]])
