"""One survey in every format: whatever it comes in, the same answers come out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.ingest import read_export
from ngo_survey.ingest.decode import decode
from ngo_survey.study import Study
from ngo_survey.workflow.verbs.clean import clean_responses
from ngo_survey.workflow.verbs.read import read_responses
from suites import sample
from writers import WRITERS, column_map

#: One format of each tool and kind of file, which the quick suite takes.
EACH = [
    "kobo csv", "kobo split", "limesurvey csv", "google forms csv", "surveymonkey xlsx", "spss",
    "stata", "csv, CP1251", "ods",
]  # fmt: skip


@pytest.fixture(scope="module")
def form(study: Study) -> Questionnaire:
    return read_xlsform(study.population("ngo").questionnaire, "ngo.xlsx")


@pytest.fixture(scope="module")
def answers(study: Study, form: Questionnaire) -> pd.DataFrame:
    """Sixty interviews, sound, in the order of the form, texts in letters that CP1251 has."""
    raw = read_responses(study, "ngo").frame
    cleaned = clean_responses(study, "ngo", raw)
    changed = set(cleaned.changes["source_row"])
    sound = cleaned.frame[~cleaned.frame["source_row"].isin(changed)]
    sound = sound[sound["region"] != "KZ-33"].head(60)  # KOI8-R has no letter for Жетісу
    asked = [q.name for q in form if q.name in sound and q.type not in ("start", "end")]
    frame = sound[asked].reset_index(drop=True)
    for name in (q.name for q in form if q.type == "text" and q.role == "" and q.name in frame):
        words = pd.Series([f"Предложение {row}, с запятой; и точкой" for row in frame.index])
        frame[name] = frame[name].where(frame[name].isna(), words)
    frame["staff_paid"] = frame["staff_paid"].astype(object)
    return frame


@pytest.mark.parametrize("name", sample([*EACH, *(n for n in WRITERS if n not in EACH)], len(EACH)))
def test_every_format_gives_the_same_answers(
    name: str, tmp_path: Path, form: Questionnaire, answers: pd.DataFrame
) -> None:
    path = WRITERS[name](tmp_path, form, answers)
    options = {"columns": column_map(form)} if name == "stata" else {}
    read = decode(read_export(path, path.name, form, options).frame, form, {}).frame
    for column in answers:
        expected = answers[column].fillna("").tolist()
        assert read[column].fillna("").tolist() == expected, column
