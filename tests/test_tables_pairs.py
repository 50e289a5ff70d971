"""Answers that go together: shares are those of a hand count, and small groups stay hidden."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from ngo_survey.disclosure.tabulate import make
from ngo_survey.errors import ConfigError
from ngo_survey.results.store import Results
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_pairs import check_pairs, declared_pairs
from ngo_survey.tables.declared import Pairs
from small_tables import OPEN, RULES, book, question, spec

BOOK = book(
    question("barriers", "multiple", ["funding", "law", "taxes"], kind="select_multiple"),
    question("work_akimat", "single", ["regular", "rare"], battery="work"),
    question("change", "single", ["grew", "shrank"]),
    question("reasons", "multiple", ["money", "people"], kind="select_multiple"),
)
TOGETHER = Pairs("together", "ngo", "barriers", "barriers")


@pytest.fixture
def answers() -> pd.DataFrame:
    """Forty respondents: funding and law are named together by eight, tax and law by three."""
    barriers = ["funding law"] * 8 + ["funding"] * 10 + ["law"] * 10 + ["taxes law"] * 3
    return pd.DataFrame(
        {
            "barriers": barriers + ["taxes"] * 6 + [""] * 3,
            "work_akimat": ["regular"] * 20 + ["rare"] * 20,
            "change": ["grew"] * 20 + ["shrank"] * 20,
            "reasons": ["money"] * 20 + [None] * 20,
        }
    )


def pairs(answers: pd.DataFrame, declared: Pairs, tables=(), rules=RULES) -> pd.DataFrame:
    """The released rows by key; the first eight respondents weigh twice as much."""
    weights = np.where(np.arange(len(answers)) < 8, 2.0, 1.0)
    design = SurveyDesign(BOOK.type_frame(answers).assign(w=weights), weights="w")
    plain = [spec(BOOK, "barriers"), *tables]
    made = make(design, plain, BOOK, rules, np.random.default_rng(1), pairs=[declared])
    return pd.concat(made.estimates.values()).set_index("key")


def test_a_pair_is_the_weighted_share_of_those_who_gave_both(answers: pd.DataFrame) -> None:
    row = pairs(answers, TOGETHER).loc["together/funding+law@total"]
    assert row["estimate"] == pytest.approx(16 / 48)
    assert (row["n"], row["base"], row["status"]) == (8, 40, "shown")


def test_a_pair_of_few_is_hidden(answers: pd.DataFrame) -> None:
    row = pairs(answers, TOGETHER).loc["together/law+taxes@total"]  # three named both
    assert row["status"] == "suppressed-primary"
    assert row[["n", "base", "estimate", "se", "ci_low", "ci_high"]].isna().all()


def test_a_pair_that_leaves_few_with_one_answer_alone_is_hidden(answers: pd.DataFrame) -> None:
    answers.loc[8:14, "barriers"] = "funding law"  # three name funding without law
    row = pairs(answers, TOGETHER).loc["together/funding+law@total"]
    assert row["status"] == "suppressed-primary"


def test_a_pair_that_nobody_gave_is_told(answers: pd.DataFrame) -> None:
    row = pairs(answers, TOGETHER).loc["together/funding+taxes@total"]
    assert (row["n"], row["estimate"], row["status"]) == (0, 0.0, "shown")


def test_each_pair_of_a_question_stands_once(answers: pd.DataFrame) -> None:
    rows = pairs(answers, TOGETHER)
    told = rows[rows["analysis"] == "together"].index
    assert [key.partition("/")[2] for key in told] == [
        "funding+law@total",
        "funding+taxes@total",
        "law+taxes@total",
    ]


def test_a_filtered_table_does_not_tell_what_a_pair_hides(answers: pd.DataFrame) -> None:
    """Who named taxes among those who named law are who named both: hidden in both."""
    of_law = spec(BOOK, "barriers", own_id="of_law", filter="chosen(barriers, law)")
    rows = pairs(answers, TOGETHER, [of_law])
    assert rows.loc["of_law/taxes@total", "status"] == "suppressed-primary"
    assert rows.loc["together/law+taxes@total", "status"] == "suppressed-primary"


def test_a_filter_does_not_tell_how_few_were_not_asked(answers: pd.DataFrame) -> None:
    """Of 22 who work with the akimat 20 grew and were asked for reasons: two shrank."""
    answers.loc[20:21, "work_akimat"] = "regular"
    of_akimat = spec(BOOK, "reasons", own_id="of_akimat", filter="work_akimat = regular")
    tables = [spec(BOOK, name) for name in ("change", "work_akimat")]
    assert pairs(answers, TOGETHER, tables).loc["work_akimat/regular@total", "n"] == 22
    rows = pairs(answers, TOGETHER, [*tables, of_akimat])
    told = {rows.loc["work_akimat/regular@total", "n"], rows.loc["of_akimat/money@total", "base"]}
    assert told != {22, 20}


def test_a_share_of_rows_stands_on_those_who_gave_the_answer_of_the_row(
    answers: pd.DataFrame,
) -> None:
    declared = Pairs("who", "ngo", "barriers", "work", ("regular",), of_rows=True)
    row = pairs(answers, declared, rules=OPEN).loc["who/law+akimat@total"]
    assert row["estimate"] == pytest.approx(18 / 29)  # 8 of weight 2 and 2 of weight 1, of 21
    assert (row["n"], row["base"]) == (10, 21)


def test_a_question_with_one_answer_is_refused(study: Study) -> None:
    declared = dataclasses.replace(TOGETHER, rows="region", columns="region")
    with pytest.raises(ConfigError, match="no question with many answers"):
        check_pairs(study, declared, codebook(study, "ngo"))


def test_no_pair_of_the_study_tells_a_small_group(built: Study) -> None:
    results = Results.load(built.paths.released)
    threshold = built.section("disclosure")["threshold"]
    declared = declared_pairs(built)
    rows = pd.concat([results.analysis(one.name) for one in declared])
    hidden = rows[rows["status"] != "shown"]
    assert len(hidden)
    assert hidden[["n", "base", "estimate", "se", "ci_low", "ci_high"]].isna().all().all()
    shown = rows[rows["status"] == "shown"]
    assert len(shown)
    assert ((shown["n"] == 0) | (shown["n"] >= threshold)).all()
    left = shown["base"] - shown["n"]
    assert ((left == 0) | (left >= threshold)).all()


def test_a_pair_is_explained_by_its_two_answers(built: Study) -> None:
    from ngo_survey.present.document.labels import Labels
    from ngo_survey.workflow.stages import writer

    row = Results.load(built.paths.released).row("barriers_pairs/funding+law@total")
    labels = Labels.load(built, "en")
    assert labels.question_name(row) == "barriers"
    assert labels.member(row) == "Lack of funding + Unclear law"
    assert writer(str(row["file"])) == "tabulate"
