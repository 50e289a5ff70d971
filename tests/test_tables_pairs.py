"""Answers that go together: shares are those of a hand count, and small groups stay hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import ConfigError
from ngo_survey.questionnaire.codebook import codebook
from ngo_survey.sampling import SurveyDesign
from ngo_survey.store import Results
from ngo_survey.study import Study
from ngo_survey.tables.pairs import Pairs, declared_pairs, pairs

RULES = {"threshold": 5, "minimum_base": 10}


@pytest.fixture
def design(study: Study) -> SurveyDesign:
    """Forty respondents: funding and law are named together by eight, tax and law by three."""
    answers = ["funding law"] * 8 + ["funding"] * 10 + ["law"] * 10 + ["taxes law"] * 3
    answers += ["taxes"] * 6 + ["none"] * 3
    book = codebook(study, "ngo")
    regular = ["regular"] * 20 + ["none"] * 20
    raw = pd.DataFrame({"barriers": answers, "cooperation_akimat": regular})
    typed = book.type_frame(raw)
    weights = np.where(np.arange(40) < 8, 2.0, 1.0)
    return SurveyDesign(typed.assign(w=weights), weights="w")


def test_a_pair_is_the_weighted_share_of_those_who_gave_both(
    study: Study, design: SurveyDesign
) -> None:
    spec = Pairs("together", "ngo", "barriers", "barriers")
    made = pairs(study, spec, design, codebook(study, "ngo"), RULES).set_index("key")
    row = made.loc["together/funding+law@total"]
    assert row["estimate"] == pytest.approx(16 / 48)
    assert (row["n"], row["base"], row["status"]) == (8, 40, "shown")


def test_a_pair_of_few_and_one_that_leaves_few_are_hidden(
    study: Study, design: SurveyDesign
) -> None:
    spec = Pairs("together", "ngo", "barriers", "barriers")
    made = pairs(study, spec, design, codebook(study, "ngo"), RULES).set_index("key")
    row = made.loc["together/law+taxes@total"]  # three named both
    assert row["status"] == "suppressed-primary"
    assert row[["n", "base", "estimate", "se", "ci_low", "ci_high"]].isna().all()


def test_a_share_of_rows_stands_on_those_who_gave_the_answer_of_the_row(
    study: Study, design: SurveyDesign
) -> None:
    book = codebook(study, "ngo")
    items = {q.name: design.frame["cooperation_akimat"] for q in book.battery("cooperation")}
    whole = SurveyDesign(design.frame.assign(**items), weights="w")
    spec = Pairs("who", "ngo", "barriers", "cooperation", ("regular",), of_rows=True)
    made = pairs(study, spec, whole, book, {**RULES, "threshold": 1}).set_index("key")
    row = made.loc["who/law+akimat@total"]  # 8 of weight 2 and 2 of weight 1, of 21
    assert row["estimate"] == pytest.approx(18 / 29)
    assert (row["n"], row["base"]) == (10, 21)


def test_a_question_with_one_answer_is_refused(study: Study, design: SurveyDesign) -> None:
    spec = Pairs("wrong", "ngo", "region", "region")
    with pytest.raises(ConfigError, match="no question with many answers"):
        pairs(study, spec, design, codebook(study, "ngo"), RULES)


def test_no_pair_of_the_study_tells_a_small_group(built: Study) -> None:
    results = Results.load(built.paths.results)
    for spec in declared_pairs(built):
        rows = results.analysis(spec.name)
        hidden = rows[rows["status"] != "shown"]
        assert len(hidden)
        assert hidden[["n", "base", "estimate", "se", "ci_low", "ci_high"]].isna().all().all()
        shown = rows[rows["status"] == "shown"]
        assert shown["n"].min() >= built.section("disclosure")["threshold"]
        assert (shown["base"] - shown["n"]).min() >= built.section("disclosure")["threshold"]


def test_a_pair_is_explained_by_its_two_answers(built: Study) -> None:
    from ngo_survey.report.labels import Labels
    from ngo_survey.report.origin import verb

    row = Results.load(built.paths.results).row("barriers_pairs/funding+law@total")
    labels = Labels.load(built, "en")
    assert labels.question_name(row) == "barriers"
    assert labels.member(row) == "Lack of funding + Unclear law"
    assert verb(row) == "compare"
