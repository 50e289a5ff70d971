"""LimeSurvey: ``code``, ``code[part]``, ``code[part]. Question [part in words]`` or words alone.

LimeSurvey allows no underscore in a code: ``audience_change`` is ``audiencechange`` there.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools.heading import ExportHeading

NAME = "limesurvey"
#: The tool's own columns in the words of an export with full question texts.
IN_WORDS = {
    "Response ID": "id", "Date submitted": "submitdate", "Last page": "lastpage",
    "Start language": "startlanguage", "Seed": "seed", "Access code": "token", "Token": "token",
    "Date started": "startdate", "Date last action": "datestamp", "IP address": "ipaddr",
    "Referrer URL": "refurl", "Total time": "interviewtime",
}  # fmt: skip
OWN = frozenset({
    *IN_WORDS, "id", "lastpage", "startlanguage", "seed", "token", "ipaddr", "refurl", "datestamp",
    "interviewtime", "startdate", "submitdate", "email", "firstname", "lastname",
})  # fmt: skip
PARADATA = {"startdate": "start", "submitdate": "end", "startlanguage": "interview_language"}
PARADATA |= {words: PARADATA[code] for words, code in IN_WORDS.items() if code in PARADATA}
DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
#: What stands in place of an answer to a question that was not shown.
NOT_SHOWN = "N/A"
CODE = re.compile(
    r"^(?P<code>[A-Za-z][\w-]*)(?:\[(?P<part>[^\]]*)\])?(?:\[(?P<scale>[^\]]*)\])?"
    r"(?:\.\s+(?P<words>.*?)(?:\s*\[(?P<said>[^\]]*)\])?(?:\s*\[(?P<level>[^\]]*)\])?)?$",
    re.DOTALL,
)

#: A question and its part in words, as the export has them that leaves codes out.
WORDS = re.compile(r"^(?P<words>.*?)\s*\[(?P<said>[^\]]*)\]$", re.DOTALL)
#: Columns that LimeSurvey adds when asked for timings; a question may be called `fulltime`.
TIMING = re.compile(
    r"^(?:(?:groupTime\d+|questionTime\d+|\d+X\d+(?:X\d+)?[tT]ime)(?:\.|$)"
    r"|(?:Group|Question) time: )"
)


def recognises(table: ExportTable) -> bool:
    """Whether it has LimeSurvey's own columns, or codes with parts in brackets."""
    columns = list(table.frame.columns)
    if {"submitdate", "startlanguage"} <= {c.split(".")[0].casefold() for c in columns}:
        return True
    if {"Response ID", "Date submitted", "Start language"} <= set(columns):
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
        whole, parted = ExportHeading(column), WORDS.match(column)
        return [whole, ExportHeading(parted["words"], parted["said"], True)] if parted else [whole]
    part, words, said = match["part"] or "", match["words"] or "", match["said"] or ""
    found = [ExportHeading(match["code"], part), ExportHeading(match["code"], said, bool(said))]
    if words:
        found += [ExportHeading(words, said, bool(said)), ExportHeading(words, part)]
    return [*dict.fromkeys(found)]
