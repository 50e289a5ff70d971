"""The questionnaires are complete XLSForms, and the codebook is what they say."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from pyxform.xls2xform import convert

from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import InputError
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook

GROUPS = ["ngo", "government"]
LANGUAGES = {"en", "ru", "kk"}


@pytest.mark.parametrize("group", GROUPS)
def test_field_tools_take_the_workbook_without_a_warning(study: Study, group: str) -> None:
    form = convert(xlsform=str(study.population(group).questionnaire), validate=False)
    assert form.warnings == []
    assert form.xform.startswith("<?xml")


@pytest.mark.parametrize("group", GROUPS)
def test_every_question_and_choice_is_said_in_three_languages(study: Study, group: str) -> None:
    form = read_xlsform(study.population(group).questionnaire, group)
    assert set(form.languages) == LANGUAGES
    asked = [q for q in form if q.form != "none"]
    assert len(asked) > 40
    for question in asked:
        assert all(question.labels.get(code) for code in LANGUAGES), question.name
        for choice in question.choices:
            assert all(choice.labels.get(code) for code in LANGUAGES), (question.name, choice.name)


def test_kazakh_labels_are_kazakh(study: Study) -> None:
    form = read_xlsform(study.population("ngo").questionnaire, "ngo")
    said = " ".join(q.labels["kk"] for q in form if "kk" in q.labels)
    assert set("әғқңөұүі") <= set(said.casefold())


@pytest.mark.parametrize("shared", ["factors", "barriers", "rural_measures"])
def test_the_two_sides_choose_from_the_same_lists(study: Study, shared: str) -> None:
    ngo, government = (codebook(study, group).question(shared) for group in GROUPS)
    assert ngo.choices == government.choices


def test_the_regions_are_the_twenty_of_today(study: Study) -> None:
    regions = codebook(study, "ngo").question("region").choice_names
    assert len(regions) == 20
    assert {"KZ-10", "KZ-33", "KZ-62"} <= set(regions)  # made in 2022


def test_a_question_with_a_condition_is_asked_of_those_who_meet_it(study: Study) -> None:
    book = codebook(study, "ngo")
    rule = parse_rule(book.question("growth_reasons").relevant, book, "growth_reasons")
    frame = pd.DataFrame({"audience_change": ["grew", "grew_much", "unchanged", None]})
    frame["consent"] = "yes"
    assert rule.evaluate(frame).tolist() == [True, True, False, False]


def test_a_missing_workbook_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        read_xlsform(tmp_path / "absent.xlsx", "absent.xlsx")


def ranking(path: Path, disclosure: str) -> Path:
    """Write a form that asks to rank three measures with one question."""
    book = openpyxl.Workbook()
    survey = book.active
    survey.title = "survey"
    survey.append(["type", "name", "label::English (en)", "ngo_disclosure"])
    survey.append(["rank measures", "priorities", "Rank the measures", disclosure])
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", "label::English (en)"])
    for name in "abc":
        choices.append(["measures", name, name.upper()])
    book.save(path)
    return path


def test_a_ranking_in_one_question_is_refused_with_the_questions_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"row 2.*select_one measures.*priorities_1, priorities_2"):
        read_xlsform(ranking(tmp_path / "q.xlsx", "open"), "q.xlsx")


def test_a_ranking_that_is_not_analysed_may_stay(tmp_path: Path) -> None:
    assert "priorities" in read_xlsform(ranking(tmp_path / "q.xlsx", "internal"), "q.xlsx")
