"""The tables of a study that late stages read, held against what these need by `check` already."""

from __future__ import annotations

from ngo_survey.errors import InputError, nearest
from ngo_survey.study import Study
from ngo_survey.workflow.files import read_table
from ngo_survey.workflow.verbs.trend import official_data


def check_tables(study: Study) -> None:
    """Raise for the first fault of the official data or of the table of their words.

    Raises
    ------
    InputError: with the file, and the nearest header where one is missing.
    """
    for name in study.section("official"):
        official_data(study, name)
    named = study.section("report").get("official_words")
    if not named or not study.section("official"):
        return
    headers = list(read_table(study, str(named)).columns)
    for code in study.languages:
        if code not in headers:
            others = [header for header in headers if header not in study.languages]
            raise InputError(
                "the words of the official data have no column for a language of the report",
                file=str(named),
                row=1,
                value=code,
                hint=nearest(code, others or headers),
            )
