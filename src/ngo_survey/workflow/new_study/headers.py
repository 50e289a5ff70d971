"""Which columns of an export belong to one question: told by how the headers are built.

A question of many answers or a battery has several columns: `Q4_1`, `Q4_2`; `1.1. Lost staff`,
`1.2. Lost members`; `q4[SQ001]`; `Question [row]`; `Question - row`; a multiple-response set.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools import Tool, limesurvey, surveymonkey
from ngo_survey.ingest.tools.heading import MARKUP, OTHER, fold

#: `3.1.2. Words - more`: numbers of a question and of its part, then the words.
NUMBERED = re.compile(
    r"^(?P<stem>Q?\d+(?:\.\d+)*)\.(?P<part>\d+|[a-z])[.)]?\s+(?P<words>\S.*)$", re.DOTALL
)
#: `7. Words`, `Q7: Words`.
FIRST_NUMBER = re.compile(r"^(?P<number>[Qq]?\d+[a-z]?)(?:[.):]|\s-)\s*(?P<words>\S.*)$", re.DOTALL)
#: `q0004_0001`, `q4.b`, `q4/own_funds`.
PARTED = re.compile(
    r"^(?P<stem>[A-Za-z][\w.-]*?)(?:[_.](?P<number>\d{1,4})|(?:/|\.|___?)(?P<part>[\w-]+))$"
)
#: `q0004`, `Q_4`, `q0004_0001` as a whole label.
CODE = re.compile(r"^[Qq]_?(?P<number>\d+)(?:[_.](?P<part>\d+))?$")
BRACKETED = re.compile(r"^(?P<stem>.*?\S)\s*\[(?P<part>[^\]]*)\]$", re.DOTALL)
DASHED = re.compile(r"^(?P<stem>\S.*?)\s+[-\u2013\u2014]\s+(?P<part>\S.*)$", re.DOTALL)
#: Where the words of a question end in what several headers begin with: at a dash, a colon, or
#: behind a mark that ends a sentence.
CUT = re.compile(
    r"\s*[-\u2013\u2014:|]\s+(?=\S*$)|\s*[-\u2013\u2014:|]\s*$|(?<=[?!\u2026])\s+(?=\S*$)"
)
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class ColumnGroup:
    """Columns of one question: a name to make its own of, its words, its parts by header."""

    stem: str
    label: str
    parts: Mapping[str, str]


@dataclass(frozen=True)
class _Heading:
    stem: str
    label: str
    part: str


def plain(text: str) -> str:
    """Return words without markup, entities and runs of white space."""
    unmarked = MARKUP.sub("", html.unescape(text.replace("&nbsp ", " ").replace("&nbsp", " ")))
    return SPACES.sub(" ", unmarked).strip()


def column_groups(table: ExportTable, tool: Tool) -> list[ColumnGroup]:
    """Return the columns in their order; those of one stem stand together under the first.

    A stem that one column has alone is no group: the column stands for itself.
    """
    headings = {str(h): _heading(table, tool, str(h)) for h in table.frame.columns}
    stems: dict[str, list[str]] = {}
    for header, heading in headings.items():
        if heading is not None:
            stems.setdefault(heading.stem, []).append(header)
    made, placed = [], set()
    for header, heading in headings.items():
        if header in placed:
            continue
        members = stems[heading.stem] if heading is not None else []
        if heading is None or len(members) < 2:
            made.append(_alone(table, tool, header))
            continue
        placed.update(members)
        parts = [(member, headings[member]) for member in members]
        made.append(_group(heading, {member: h.part for member, h in parts if h is not None}))
    return made


def _heading(table: ExportTable, tool: Tool, header: str) -> _Heading | None:
    """Return the stem and part of a header, None for one that has no part."""
    if header in table.sets:
        words = table.sets[header]
        return _Heading(f"set {words}", words, table.labels.get(header, header))
    if tool.NAME == surveymonkey.NAME and surveymonkey.MARK in header:
        question, _, part = header.partition(surveymonkey.MARK)
        if fold(part) in surveymonkey.WHOLE:
            return None
        return _Heading(question, plain(question), plain(part))
    if tool.NAME == limesurvey.NAME:
        return _of_limesurvey(header)
    return next(_by_pattern(header, table.labels.get(header, "")), None)


def _of_limesurvey(header: str) -> _Heading | None:
    found, words = limesurvey.CODE.match(header), limesurvey.WORDS.match(header)
    if found is None and words is not None:
        part = "other" if fold(words["said"]) in OTHER else words["said"]
        return _Heading(words["words"], plain(words["words"]), plain(part))
    if found is None or found["part"] is None:
        return None
    part = " ".join(filter(None, (found["said"], found["level"]))) or found["part"]
    part = "other" if found["part"] == "other" else part
    return _Heading(found["code"], plain(found["words"] or found["code"]), plain(part))


def _by_pattern(header: str, label: str) -> Iterator[_Heading]:
    found = NUMBERED.match(header)
    if found:
        yield _Heading(found["stem"], "", plain(found["words"]))
    found = BRACKETED.match(header)
    if found:
        yield _Heading(found["stem"], plain(found["stem"]), plain(found["part"]))
    found = PARTED.match(header)
    if found:
        yield _Heading(found["stem"], "", plain(label) or found["number"] or found["part"])
    found = DASHED.match(header)
    if found:
        yield _Heading(found["stem"], plain(found["stem"]), plain(found["part"]))


def _group(first: _Heading, parts: Mapping[str, str]) -> ColumnGroup:
    """Take what all parts begin with, up to a dash or colon, for the words of the question."""
    words, rest = shared_words(list(parts.values()))
    if not words:
        return ColumnGroup(first.stem, first.label or _numbered(first.stem), parts)
    label = " ".join(filter(None, (first.label, words)))
    return ColumnGroup(first.stem, label, dict(zip(parts, rest, strict=True)))


def shared_words(labels: Sequence[str]) -> tuple[str, list[str]]:
    """Return the words of a question that all labels begin with, and what follows in each.

    "" and the labels where they begin with no question, or one says nothing else.
    """
    cut = CUT.search(_beginning(labels))
    rest = [label[cut.end() :] for label in labels] if cut else []
    if cut is None or not all(rest):
        return "", list(labels)
    return labels[0][: cut.start()], rest


def _numbered(stem: str) -> str:
    return f"Question {stem.lstrip('Qq0') or stem}" if stem[:1].isdigit() else stem


def spelt_out(label: str) -> str:
    """Return a label that a reader can say: `q0007_0002` has no words, but it has numbers."""
    found = CODE.match(label)
    if found is None:
        return label
    part = f", item {int(found['part'])}" if found["part"] else ""
    return f"Question {int(found['number'])}{part}"


def _alone(table: ExportTable, tool: Tool, header: str) -> ColumnGroup:
    label = plain(table.labels.get(header, ""))
    found = limesurvey.CODE.match(header) if tool.NAME == limesurvey.NAME else None
    if found is not None and found["words"]:
        return ColumnGroup(found["code"], plain(found["words"]), {header: ""})
    question, _, part = header.partition(surveymonkey.MARK)
    words = plain(question if fold(part) in surveymonkey.WHOLE else f"{question} {part}")
    numbered = FIRST_NUMBER.match(words) or NUMBERED.match(words)
    if numbered is not None:
        number = header.partition(" ")[0].rstrip(".:)")
        return ColumnGroup(number, label or numbered["words"], {header: ""})
    return ColumnGroup(words, label or words, {header: ""})


def shared_stem(names: Sequence[str]) -> str:
    """Return what names begin with, up to an underscore; "" where they share nothing."""
    return _beginning(names).rpartition("_")[0]


def _beginning(texts: Collection[str]) -> str:
    """Return the letters that all texts begin with."""
    first, last = min(texts), max(texts)
    same = (place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(same, min(len(first), len(last)))]
