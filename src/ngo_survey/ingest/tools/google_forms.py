"""Google Forms: the wording of the question, ``Question [row]`` for a grid, answers joined."""

from __future__ import annotations

import re

from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools.heading import ExportHeading

NAME = "google_forms"
STAMPS = ("Timestamp", "Отметка времени", "Уақыт белгісі")
OWN = frozenset(
    {*STAMPS, "Email Address", "Адрес электронной почты", "Электрондық пошта мекенжайы", "Score",
     "Username", "Имя пользователя"}
)  # fmt: skip
#: A choice "other" is the words that were typed beside it, among the answers.
WORDS_AMONG_ANSWERS = True
PARADATA = dict.fromkeys(STAMPS, "end")
#: As the language of the form has it; a format that does not fit every row is left out.
DATES = (
    *("%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %I:%M:%S %p GMT%z"),
    *("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"),
)


def recognises(table: ExportTable) -> bool:
    """Whether the first column is the time stamp that Google adds."""
    return str(table.frame.columns[0]).strip() in STAMPS


def prepare(table: ExportTable) -> ExportTable:
    """Return the table as it is."""
    return table


def heading(table: ExportTable, column: str) -> list[ExportHeading]:
    """Read a wording, and the row of a grid in brackets."""
    grid = re.match(r"^(?P<words>.*?)\s*\[(?P<row>[^\]]*)\]$", column, re.DOTALL)
    return [*([ExportHeading(grid["words"], grid["row"])] if grid else []), ExportHeading(column)]
