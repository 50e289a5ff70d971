"""What all functions of a chapter share: its words, its numbering, and one way to make a table.

A function gives rows; the caption and the headings are what an author wrote, or marks of the
program (see ``placeholders``). A column is one of numbers if a cell of it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ngo_survey.errors import SurveyError
from ngo_survey.present.document.definition import form_of
from ngo_survey.present.document.document import (
    Cell,
    Figure,
    Inline,
    Row,
    Slot,
    Table,
    plain,
)
from ngo_survey.present.document.markdown import inlines
from ngo_survey.present.document.template_functions import TemplateFunctions


@dataclass
class Numbering:
    """Numbers of tables and figures within a chapter, and the anchors taken so far."""

    chapter: str
    taken: set[str] = field(default_factory=set)
    last: dict[str, int] = field(default_factory=dict)

    def next(self, kind: str, name: str) -> tuple[str, str]:
        """Return (anchor, number) for the next table or figure; raises on a name used twice."""
        anchor = f"{kind}-{name}"
        if anchor in self.taken:
            raise SurveyError(f"the {kind} stands twice in the report", value=name)
        self.taken.add(anchor)
        self.last[kind] = self.last.get(kind, 0) + 1
        return anchor, f"{self.chapter}.{self.last[kind]}"


@dataclass(frozen=True)
class ChapterFunctions:
    """The base of what chapters call: rows of cells in, the mark of a table out."""

    template: TemplateFunctions
    numbering: Numbering

    def build_table(
        self,
        name: str,
        caption: str,
        columns: Sequence[str],
        rows: Sequence[Row],
        stub: str = "",
        *,
        notes: Sequence[str] = (),
        folded: bool = False,
    ) -> str:
        """Place a table of one row of headings; ``stub`` heads the labels of its rows.

        Raises
        ------
        SurveyError: there are more or fewer ``columns`` than a row has cells, or a table of this
            name stands in the report already.
        """
        body = [row.cells for row in rows if row.kind != "group"]
        if any(len(cells) != len(columns) for cells in body):
            raise SurveyError(
                f"a row of the table has {len(body[0])} cells, and columns names {len(columns)}",
                value=name,
                hint="give columns one heading for each cell",
            )
        numbers = [any(cell.number for cell in column) for column in zip(*body, strict=True)]
        heads = zip(columns, numbers or [False] * len(columns), strict=True)
        anchor, number = self.numbering.next("table", name)
        return self.place(
            Table(
                anchor=anchor,
                number=number,
                caption=self.inlines(caption),
                stub=plain(self.inlines(stub)),
                header=(tuple(Cell(self.inlines(c), number=is_number) for c, is_number in heads),),
                rows=tuple(rows),
                notes=tuple(self.inlines(note) for note in notes),
                folded=folded,
            )
        )

    def grid(
        self,
        name: str,
        rows: Sequence[Sequence[str]],
        caption: str,
        columns: Sequence[str],
        stub: str,
    ) -> str:
        """Place a table that a chapter writes: in each row its label, then words or numbers.

        Words hold no number of their own, as everywhere in a chapter; a cell that begins with a
        printed number is one.
        """
        body = [
            Row(
                self.inlines(label),
                tuple(
                    Cell(content, number=isinstance(content[0], Slot) and content[0].key != "")
                    for content in map(self.inlines, cells)
                ),
            )
            for label, *cells in rows
        ]
        return self.build_table(name, caption, columns, body, stub)

    def place(self, block: Table | Figure) -> str:
        """Return the mark of a table or figure, in a paragraph of its own."""
        return f"\n\n{self.template.slots.mark(block)}\n\n"

    def inlines(self, words: str) -> tuple[Inline, ...]:
        """Return words with the marks in them resolved."""
        return inlines(words, self.template.slots)

    def heads(self, labels: Sequence[str]) -> list[str]:
        """Return headings that the program writes: their digits need no other source."""
        return [self.template.words(label, "label") for label in labels]

    def number(self, mark: str) -> Cell:
        """Return a printed number as a cell; an empty one for an empty mark."""
        return Cell(self.inlines(mark), number=True)

    def numbers(
        self, keys: Sequence[str], form: str | None = None, field: str | None = None
    ) -> tuple[Cell, ...]:
        """Print the figure of each key; an empty cell where the store has none of that key."""
        template = self.template
        return tuple(
            self.number(template.n(key, form, field=field) if template.has(key) else "")
            for key in keys
        )

    def limits(self, row: Mapping[str, Any], form: str | None = None) -> Cell:
        """Return the limits of a figure as a cell, or that there are none."""
        language = self.template.language
        chosen = form or form_of(row, "ci_low", self.template.labels)
        words = language.word("number.none")
        if self.template.is_shown(row):
            low, high = (language.format(float(row[c]), chosen) for c in ("ci_low", "ci_high"))
            words = language.word("number.range", low=low, high=high)
        return Cell((Slot(words, "result", str(row["key"]), "ci_low"),), number=True)


def labelled(
    label: str, cells: Sequence[Cell] = (), *, source: str = "label", kind: str = "body"
) -> Row:
    """Return a row under a label that the program writes; ``source`` as of a :class:`Slot`."""
    return Row((Slot(label, source),), tuple(cells), kind)
