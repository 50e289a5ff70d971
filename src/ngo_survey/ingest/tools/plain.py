"""Any other table: names or wordings as headers, ``question.choice`` for choices of many.

Files of SPSS and Stata bring the wording of each variable, and SPSS its multiple-response sets.
"""

from __future__ import annotations

import re

from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools.heading import ExportHeading

NAME = "plain"
OWN: frozenset[str] = frozenset()
PARADATA: dict[str, str] = {}
DATES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
#: REDCap writes three underscores.
PARTS = ("/", ".", "___", "__", "_")


def recognises(table: ExportTable) -> bool:
    """Every table can be read so."""
    return True


def prepare(table: ExportTable) -> ExportTable:
    """Return the table as it is."""
    return table


def heading(table: ExportTable, column: str) -> list[ExportHeading]:
    """Read a name, a name with a part, a wording, a member of a set."""
    found = [ExportHeading(column)]
    for mark in PARTS:
        places = [m.start() for m in re.finditer(re.escape(mark), column)]
        found += [ExportHeading(column[:p], column[p + len(mark) :]) for p in reversed(places)]
    bracket = re.match(r"^(?P<words>.*?)\s*\[(?P<part>[^\]]*)\]$", column, re.DOTALL)
    if bracket:
        found.append(ExportHeading(bracket["words"], bracket["part"]))
    label = table.labels.get(column, "")
    if label:
        # The label of a choice stands beside its code: both are asked which choice it is.
        parted = [heading for heading in found if heading.part]
        found.append(ExportHeading(label))
        if column in table.sets:
            found.append(ExportHeading(table.sets[column], label, words=True))
        found += [ExportHeading(heading.question, label, words=True) for heading in parted]
    return found
