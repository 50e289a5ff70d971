"""The document as plain data for the Typst template.

Words reach Typst as data and never as source: nothing in a label, an answer or the configuration
can become markup or code. An inline is its bare words or a list whose first entry names its kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ngo_survey.present.clean import clean
from ngo_survey.present.document.document import (
    Block,
    Cell,
    Chapter,
    Code,
    Document,
    Emphasis,
    Figure,
    Heading,
    Inline,
    Link,
    Listing,
    Note,
    Paragraph,
    Slot,
    Strong,
    Table,
    Text,
    anchors,
)
from ngo_survey.present.document.panels import panels
from ngo_survey.present.paper.columns import Fits, PaperSheet
from ngo_survey.present.paper.hyphens import soften

#: A4 with margins of 20 mm; DejaVu Sans is a wide face.
SHEET = PaperSheet(481.0, 728.0, letter=0.6, sizes=(8.5, 8.0, 7.5, 7.0, 6.5, 6.0))
#: Most points a drawing may be high: in a book, where chapters follow each other, on one page.
HIGH, COMPACT, DASHBOARD = 460.0, 430.0, 330.0
#: Points that a page has for a drawing, and the part of its size below which its letters are too
#: small to read: a higher drawing takes more of the page instead.
HIGHEST, LEGIBLE = 620.0, 0.8
#: Rows below which a table is kept on one page.
WHOLE = 16

Plain = list[Any]


class Encoder:
    """Turns parts of one document into plain data.

    ``hyphens`` say where long words may be broken (:func:`soften`); ``fits`` which tables stand;
    ``high`` how many points high a drawing may be, unless that makes it smaller than ``legible``.
    """

    def __init__(
        self,
        document: Document,
        drawings: Mapping[str, str],
        hyphens: Mapping[str, str],
        fits: Fits,
        high: float = HIGH,
        legible: float = LEGIBLE,
    ) -> None:
        self.hyphens, self.drawings, self.fits, self.high = hyphens, drawings, fits, high
        self.legible = legible
        self.anchors = anchors(document)

    def chapter(self, chapter: Chapter) -> dict[str, Any]:
        """Return a chapter."""
        return {
            "anchor": chapter.anchor,
            "number": chapter.number,
            "title": self.inlines(chapter.title),
            "panels": [[self.block(block) for block in panel] for panel in panels(chapter)],
        }

    def block(self, block: Block) -> dict[str, Any]:  # noqa: PLR0911
        """Return a block, its ``kind`` first; a table of the annex is only named."""
        match block:
            case Heading():
                return {
                    "kind": "heading",
                    "level": block.level,
                    "anchor": block.anchor,
                    "content": self.inlines(block.content),
                }
            case Paragraph():
                return {"kind": "paragraph", "content": self.inlines(block.content)}
            case Listing():
                items = [[self.block(inner) for inner in item] for item in block.items]
                return {"kind": "list", "ordered": block.ordered, "items": items}
            case Note():
                return {"kind": "note", "blocks": [self.block(inner) for inner in block.content]}
            case Figure():
                return self.figure(block)
            case Table() if self.fits.moved(block):
                return {"kind": "moved"} | self._caption(block)
            case Table():
                return self.table(block)

    def figure(self, figure: Figure) -> dict[str, Any]:
        """Return a figure with its drawing, as wide as it was drawn where the page allows."""
        svg = self.drawings[figure.anchor]
        width, height = drawn_size(svg)
        high = min(HIGHEST, max(self.high, self.legible * height))
        scale = min(1.0, SHEET.upright / width, high / height)
        return {
            "kind": "figure",
            "svg": svg,
            "width": width * scale,
            "alternative": clean(figure.alternative),
            "notes": [self.inlines(note) for note in figure.notes],
        } | self._caption(figure)

    def table(self, table: Table) -> dict[str, Any]:
        """Return a table with the widths of its columns."""
        fitted = self.fits.of(table)
        numbers = [any(c.number for c in column) for column in _columns(table)]
        return {
            "kind": "table",
            "widths": fitted.shares,
            "size": fitted.size,
            "turned": fitted.turned,
            "whole": len(table.rows) <= WHOLE,
            "stub": clean(table.stub),
            "numbers": numbers,
            "header": [
                [{"span": c.span, "content": self._head(c)} for c in line] for line in table.header
            ],
            "rows": [
                {
                    "kind": row.kind,
                    "label": _bare(self.inlines(row.label)),
                    "cells": [self._cell(cell) for cell in row.cells],
                }
                for row in table.rows
            ],
            "notes": [self.inlines(note) for note in table.notes],
        } | self._caption(table)

    def inlines(self, content: Sequence[Inline]) -> Plain:
        """Return inlines, neighbouring words joined."""
        made: Plain = []
        for part in content:
            one = self._inline(part)
            if isinstance(one, str) and made and isinstance(made[-1], str):
                made[-1] += one
            elif one:
                made.append(one)
        return made

    def _inline(self, part: Inline) -> str | Plain:
        match part:
            case Text() | Slot():
                return clean(part.text)
            case Code():
                return ["code", clean(part.text)]
            case Strong():
                return ["strong", self.inlines(part.content)]
            case Emphasis():
                return ["emphasis", self.inlines(part.content)]
            case Link(target=target) if target.startswith("#"):
                kind = "place" if target[1:] in self.anchors else "words"
                return [kind, target[1:], self.inlines(part.content)]
            case Link():
                return ["link", clean(part.target), self.inlines(part.content)]

    def _cell(self, cell: Cell) -> str | Plain:
        """Return what stands in a cell: its bare words, or inlines where there is more to it."""
        match cell.content:
            case (Slot(text=text) | Text(text=text),):
                return clean(text)
        return _bare(self.inlines(cell.content))

    def _head(self, cell: Cell) -> Plain:
        """Return the heading of a column, its words ready to be broken."""
        made = self.inlines(cell.content)
        return [soften(part, **self.hyphens) if isinstance(part, str) else part for part in made]

    def _caption(self, part: Table | Figure) -> dict[str, Any]:
        return {
            "anchor": part.anchor,
            "number": part.number,
            "caption": self.inlines(part.caption),
        }


def _bare(made: Plain) -> str | Plain:
    """Return inlines that are words alone as these words."""
    if not made:
        return ""
    return made[0] if len(made) == 1 and isinstance(made[0], str) else made


def _columns(table: Table) -> list[list[Any]]:
    return [
        [row.cells[place] for row in table.rows if place < len(row.cells)]
        for place in range(table.width - 1)
    ]


def drawn_size(svg: str) -> tuple[float, float]:
    """Return width and height of a drawing in points, from its view box."""
    box = re.search(r'viewBox="[\d.eE+-]+ [\d.eE+-]+ ([\d.]+) ([\d.]+)"', svg)
    return (float(box[1]), float(box[2])) if box else (SHEET.upright, HIGH / 2)
