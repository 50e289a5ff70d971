"""LimeSurvey: ``code``, ``code[part]`` or ``code[part]. Question [part in words]``.

LimeSurvey allows no underscore in a code: ``audience_change`` is ``audiencechange`` there.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools.heading import ExportHeading

NAME = "limesurvey"
OWN = frozenset({
    "id", "lastpage", "startlanguage", "seed", "token", "ipaddr", "refurl", "datestamp",
    "interviewtime", "startdate", "submitdate", "email", "firstname", "lastname",
})  # fmt: skip
PARADATA = {"startdate": "start", "submitdate": "end", "startlanguage": "interview_language"}
DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
#: What stands in place of an answer to a question that was not shown.
NOT_SHOWN = "N/A"
CODE = re.compile(
    r"^(?P<code>[A-Za-z][\w-]*)(?:\[(?P<part>[^\]]*)\])?(?:\[(?P<scale>[^\]]*)\])?"
    r"(?:\.\s+(?P<words>.*?)(?:\s*\[(?P<said>[^\]]*)\])?(?:\s*\[(?P<level>[^\]]*)\])?)?$",
    re.DOTALL,
)

#: Columns that LimeSurvey adds when asked for timings; a question may be called `fulltime`.
TIMING = re.compile(r"^(?:groupTime\d+|questionTime\d+|\d+X\d+(?:X\d+)?[tT]ime)(?:\.|$)")


def recognises(table: ExportTable) -> bool:
    """Whether it has LimeSurvey's own columns, or codes with parts in brackets."""
    columns = list(table.frame.columns)
    if {"submitdate", "startlanguage"} <= {c.split(".")[0].casefold() for c in columns}:
        return True
    coded = [c for c in columns if re.match(r"^[A-Za-z][\w-]*(\[[^\]]*\])?\.\s", c)]
    return len(coded) > len(columns) / 2


def prepare(table: ExportTable) -> ExportTable:
    """Return the table without timings and with ``-oth-`` as other.

    ``N/A`` is left to who knows the choices: one of them may be called so.
    """
    kept = [c for c in table.frame.columns if not TIMING.match(c)]
    frame = table.frame[kept].replace({"-oth-": "other"})
    return replace(table, frame=frame)


def heading(table: ExportTable, column: str) -> list[ExportHeading]:
    """Read code and words, each with its part."""
    match = CODE.match(column)
    if match is None:
        return [ExportHeading(column)]
    part, words, said = match["part"] or "", match["words"] or "", match["said"] or ""
    found = [ExportHeading(match["code"], part), ExportHeading(match["code"], said, bool(said))]
    if words:
        found += [ExportHeading(words, said, bool(said)), ExportHeading(words, part)]
    return [*dict.fromkeys(found)]
