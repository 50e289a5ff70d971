"""The tables of a study that late stages read, held against what these need by `check` already."""

from __future__ import annotations

from ngo_survey.errors import Faults, InputError, nearest
from ngo_survey.study import Study
from ngo_survey.workflow.files import read_table
from ngo_survey.workflow.verbs.trend import official_data


def find_tables(study: Study, faults: Faults) -> None:
    """Keep what is wrong in the official data and in the table of their words.

    Each fault has its file, and the nearest header where one is missing.
    """
    for name in study.section("official"):
        with faults.check():
            official_data(study, name)
    named = study.section("report").get("official_words")
    if named and study.section("official"):
        with faults.check():
            _check_words(study, str(named))


def _check_words(study: Study, named: str) -> None:
    headers = list(read_table(study, named).columns)
    for code in study.languages:
        if code not in headers:
            others = [header for header in headers if header not in study.languages]
            raise InputError(
                "the words of the official data have no column for a language of the report",
                file=named,
                row=1,
                value=code,
                hint=nearest(code, others or headers),
            )
