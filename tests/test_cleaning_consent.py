"""Who did not agree is set aside, by any question and any answer; nobody where none is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forms import YES_NO, write_form
from ngo_survey.errors import ConfigError
from ngo_survey.ingest.cleaning.clean import clean
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.study.codebooks import codebook
from plain_study import plain_study

ID = {"type": "text", "name": "sample_id", "label": "Number"}


def kind(name: str, type_: str, **more: str) -> dict[str, Any]:
    return {"type": type_, "name": name, "label": name.capitalize(), **more}


@pytest.mark.parametrize(
    ("row", "options", "kept"),
    [
        (kind("agree", "select_one yn"), {"consent": {"agree": ["no"]}}, ["N2"]),
        (kind("agree", "integer"), {"consent": {"agree": ["1", "2"]}}, ["N1"]),
        (kind("agree", "acknowledge", analysis_role="consent"), {"consent": ["OK"]}, ["N2"]),
        (kind("agree", "acknowledge", analysis_role="consent"), {}, ["N2"]),
        (kind("consent", "select_one yn"), {}, ["N1"]),
        (kind("agree", "select_one yn"), {}, ["N1", "N2"]),
    ],
)
def test_consent_is_what_the_study_says_of_any_question_or_none(
    tmp_path: Path, row: dict[str, Any], options: dict[str, Any], kept: list[str]
) -> None:
    answers = {"select_one yn": ["yes", "no"], "integer": ["1", "0"], "acknowledge": [None, "OK"]}
    study = plain_study(tmp_path, ["visitors"])
    study.raw["populations"]["visitors"]["cleaning"] = options
    write_form(study.population("visitors").questionnaire, [ID, row], YES_NO)
    book = codebook(study, "visitors")
    frame = pd.DataFrame({"respondent": ["N1", "N2"], "source_row": [2, 3]}, dtype=object)
    frame["sample_id"], frame[row["name"]] = frame["respondent"], answers[row["type"]]
    inputs = CleaningInputs(options, {"from": "2026-03-01", "to": "2026-03-31"})
    rules = [{"id": "refused", "run": "set_aside_refusals", "stage": "refused"}]
    assert clean(frame, book, inputs, {}, rules).frame["respondent"].tolist() == kept


def test_a_question_about_consent_that_is_none_is_told(tmp_path: Path) -> None:
    study = plain_study(tmp_path, ["visitors"])
    study.raw["populations"]["visitors"]["cleaning"] = {"consent": {"agre": ["yes"]}}
    with pytest.raises(ConfigError, match=r"cleaning\.consent.*agre"):
        codebook(study, "visitors")
