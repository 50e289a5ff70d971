"""SurveyMonkey: two header rows, the question above, the choice or row of a grid below."""

from __future__ import annotations

import re

from ngo_survey.ingest.table import Table
from ngo_survey.ingest.tools.heading import Heading, fold

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


def recognises(table: Table) -> bool:
    """Whether the first column is its id and the second row a second header."""
    first = str(table.frame.columns[0]).strip()
    return first in {"RespondentID", "Respondent ID", "respondent_id"}


def prepare(table: Table) -> Table:
    """Return the table with both header rows in one, and without the second.

    A question is written once, above the first of its columns: the others follow it.
    """
    below = [fold(str(v)) for v in table.frame.iloc[0]]
    if not set(below) & (WHOLE - {""}):
        return table  # exported with one header row
    said = [str(v).strip() for v in table.frame.iloc[0]]
    headers, question = [], ""
    for above, part in zip(map(str, table.frame.columns), said, strict=True):
        question = re.sub(r"\.\d+$", "", above) if above.startswith(question) and question and (
            re.fullmatch(r"\.\d+", above[len(question):])
        ) else (above.strip() or question)  # fmt: skip
        headers.append(question if fold(part) in WHOLE else f"{question}{MARK}{part}")
    frame = table.frame.iloc[1:].set_axis(headers, axis=1)
    return Table(frame, table.file, table.format, table.dialect + ", two header rows")


def heading(table: Table, column: str) -> list[Heading]:
    """Read question and part."""
    question, _, part = column.partition(MARK)
    return [Heading(question, part), *([Heading(column)] if part else [])]
