"""Monitoring as one page without script, and as a workbook with a call-back list."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import Environment

from ngo_survey.present.clean import clean
from ngo_survey.present.words.language import Language

#: Rows of a table that the page shows; the workbook has all.
MOST = 25
#: Columns that are printed as percentages.
SHARES = frozenset({"share", "missing", "likeness"})
#: The column of each table that has a bar beside its number.
BARS = {"days": "received", "interviewers": "received", "strata": "share", "questions": "missing"}
#: Tables in the order of the page; the workbook begins with the call-back list.
TABLES = ("days", "strata", "interviewers", "questions", "aside", "coding", "calls")
SHEETS = ("calls", *TABLES[:-1])
#: Points of the longest bar.
LONG = 90


@dataclass(frozen=True)
class MonitoredGroup:
    """One group of respondents: its label, what has arrived, its tables by name.

    The tables are those of :class:`ngo_survey.ingest.monitoring.Monitoring`.
    """

    label: str
    received: int
    complete: int
    tables: Mapping[str, pd.DataFrame]


def page(groups: Mapping[str, MonitoredGroup], title: str, banner: str, say: Language) -> str:
    """Return the page; ``banner`` marks simulated data, "" for none."""
    text = (files("ngo_survey.present.monitoring") / "page.html").read_text(encoding="utf-8")
    template = Environment(autoescape=True, trim_blocks=True).from_string(text)
    return template.render(
        code=say.code,
        title=clean(f"{title}: {say.word('title')}"),
        banner=clean(banner),
        words=say.words,
        groups=[_group(group, say) for group in groups.values()],
    )


def workbook(groups: Mapping[str, MonitoredGroup], say: Language) -> bytes:
    """Return every table of every group on a sheet of its own, the call-back list first."""
    from ngo_survey.present.xlsx.book import OPTIONS

    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="xlsxwriter", engine_kwargs={"options": OPTIONS}) as writer:
        for table in SHEETS:
            for name, group in groups.items():
                frame = group.tables[table]
                heads = {column: _head(column, say) for column in frame}
                sheet = f"{table}_{name}"[:31]
                said = frame.rename(columns=heads).map(
                    lambda x: clean(x) if isinstance(x, str) else x
                )
                said.to_excel(writer, sheet_name=sheet, index=False, freeze_panes=(1, 0))
                writer.sheets[sheet].autofit()
    return stream.getvalue()


def _group(group: MonitoredGroup, say: Language) -> dict[str, Any]:
    tables = group.tables
    aside = group.received - group.complete
    boxes = [
        (say.word("received"), group.received),
        (say.word("complete"), group.complete),
        (say.word("set_aside"), aside),
        (say.word("calls.title"), len(tables["calls"])),
        (say.word("coding.title"), len(tables["coding"])),
    ]
    return {
        "label": clean(group.label),
        "boxes": [(name, say.format(value, "count")) for name, value in boxes],
        "tables": [_table(name, tables[name], say) for name in TABLES],
    }


def _table(name: str, frame: pd.DataFrame, say: Language) -> dict[str, Any]:
    bar = BARS.get(name, "")
    shown = frame.tail(MOST) if name == "days" else frame.head(MOST)
    words = {c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])}
    longest = float(frame[bar].max()) if bar in frame and len(frame) else 0.0
    rows = [
        [
            {
                "text": "" if column in words and pd.isna(value) else _said(value, column, say),
                "words": column in words,
                "bar": round(LONG * float(value) / longest)
                if column == bar and longest and pd.notna(value)
                else 0,
            }
            for column, value in row.items()
        ]
        for row in shown.to_dict("records")
    ]
    left = len(frame) - len(shown)
    return {
        "title": say.word(f"{name}.title"),
        "lead": say.word(f"{name}.lead"),
        "none": say.word(f"{name}.none"),
        "heads": [{"text": _head(c, say), "words": c in words} for c in shown],
        "rows": rows,
        "more": say.word("more", number=say.format(left, "count")) if left else "",
    }


def _head(column: str, say: Language) -> str:
    known = say.words["columns"]
    return clean(str(known.get(column, column)))


def _said(value: Any, column: str, say: Language) -> str:
    if pd.isna(value):
        return say.word("number.none")
    if isinstance(value, str):
        return clean(value)
    if column in SHARES:
        return say.format(float(value), "percent")
    whole = float(value).is_integer()
    return say.format(float(value), "count" if whole else "decimal")
