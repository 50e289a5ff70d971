"""SurveyMonkey: two header rows, the question above, the choice or row of a grid below."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools.heading import ExportHeading, fold

NAME = "surveymonkey"
OWN = frozenset(
    {"RespondentID", "Respondent ID", "CollectorID", "Collector ID", "StartDate", "Start Date",
     "EndDate", "End Date", "IP Address", "Email Address", "First Name", "LastName", "Last Name",
     "Custom Data", "Custom Data 1", "custom_1", "email_address", "first_name", "last_name",
     "ip_address", "collector_id", "respondent_id", "date_created", "date_modified"}
)  # fmt: skip
PARADATA = {
    **{"StartDate": "start", "Start Date": "start", "date_created": "start"},
    **{"EndDate": "end", "End Date": "end", "date_modified": "end"},
}
DATES = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M:%S")
WHOLE = {"", "response", "open-ended response", "ответ", "открытый ответ"}
MARK = "  \u203a  "
#: The first columns of every export, whatever its language.
FIRST = ("Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address",
         "First Name", "Last Name", "Custom Data 1")  # fmt: skip


def recognises(table: ExportTable) -> bool:
    """Whether the first column is its id, or two header rows stand over a column of ids."""
    first = str(table.frame.columns[0]).strip()
    return first in {"RespondentID", "Respondent ID", "respondent_id"} or _two_headers(table)


def _two_headers(table: ExportTable) -> bool:
    """Whether the first row names choices and rows of grids, and the columns before these none."""
    if len(table.frame) < 2 or not _own(table):
        return False
    ids = table.frame.iloc[1:, 0].astype(str)
    blank = [not str(h).strip() or re.search(r"\.\d+$", str(h)) for h in table.frame.columns]
    return bool(ids.str.fullmatch(r"\d{3,}").all()) and ids.is_unique and any(blank)


def _own(table: ExportTable) -> int:
    """Return how many columns of the tool's own stand before the questions."""
    below = [str(v).strip() for v in table.frame.iloc[0]]
    own = next((place for place, part in enumerate(below) if part), 0)
    return own if all(below[own:]) else 0


def prepare(table: ExportTable) -> ExportTable:
    """Return the table with both header rows in one, and without the second.

    A question is written once, above the first of its columns: the others follow it.
    """
    if not len(table.frame) or not _own(table):
        return table  # exported with one header row
    own = _own(table)
    said = [str(v).strip() for v in table.frame.iloc[0]]
    headers, question = [], ""
    for place, (above, part) in enumerate(zip(map(str, table.frame.columns), said, strict=True)):
        if place < own:
            known = above.strip() in OWN
            headers.append(above.strip() if known or place >= len(FIRST) else FIRST[place])
            continue
        question = re.sub(r"\.\d+$", "", above) if above.startswith(question) and question and (
            re.fullmatch(r"\.\d+", above[len(question):])
        ) else (above.strip() or question)  # fmt: skip
        headers.append(f"{question}{MARK}{part}")
    frame = table.frame.iloc[1:].set_axis(headers, axis=1)
    return replace(table, frame=frame, dialect=table.dialect + ", two header rows")


def heading(table: ExportTable, column: str) -> list[ExportHeading]:
    """Read question and part; a question of one column says of what kind it is in place of a part.

    That word ("Response", "Open-Ended Response") comes in the language of the form.
    """
    question, mark, part = column.partition(MARK)
    if not mark:
        return [ExportHeading(question)]
    found = [ExportHeading(question, part, words=True), ExportHeading(column)]
    if fold(part) in WHOLE or fold(part) in _words_for_whole(tuple(map(str, table.frame.columns))):
        found.append(ExportHeading(question))
    return found


@lru_cache(maxsize=4)
def _words_for_whole(columns: tuple[str, ...]) -> frozenset[str]:
    """Return what stands below questions of one column: "Response" in the language of the form."""
    parts: dict[str, list[str]] = {}
    for column in columns:
        question, mark, part = column.partition(MARK)
        if mark:
            parts.setdefault(question, []).append(fold(part))
    return frozenset(said[0] for said in parts.values() if len(said) == 1)
