"""One table on its sheet.

Figures stand alone in their cells, as numbers. What is said of a figure (letters of the columns it
exceeds, how it differs from the rest, whether it is doubtful) stands in a narrow column to its
right, so that a column of figures can be sorted, copied and charted as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Any

from ngo_survey.present.table_layout.parts import LayoutCell, LayoutRow, TableLayout
from ngo_survey.present.table_layout.table_words import TableWords
from ngo_survey.present.xlsx.cell_formats import TOP, CellFormats
from ngo_survey.present.xlsx.paper import (
    BOLD,
    FINE,
    FINE_HEIGHT,
    LINE_HEIGHT,
    STUB,
    TITLE_HEIGHT,
    fit,
    lines,
    set_up,
    width_of,
    write_line,
)

#: Rows over the heads: title and question; mark of simulated data, respondents and base; link back.
FIRST_HEAD = 3
#: The widest column of marks; more letters are wrapped.
MARKS = 18.0
#: Signs of figures that are printed in grey italics.
DOUBTFUL = ("small-base", "imprecise")
#: What a table may show under each figure: the fields of a cell by the word in ``show``.
SHOWN = {"se": ("se",), "limits": ("low", "high")}


@dataclass(frozen=True)
class Sheet:
    """One table with what its sheet says beside it."""

    name: str
    laid: TableLayout
    population: str
    filter: str
    note: str
    show: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a column of figures stands; ``beside`` is the column of marks (0: it has none)."""

    figure: int
    beside: int
    width: float
    beside_width: float


def write_table(
    book: Any, formats: CellFormats, words: TableWords, sheet: Sheet, mark: str
) -> None:
    """Write one table, its notes and its set-up for paper."""
    _SheetWriter(book, formats, words, sheet).write(mark)


def beside(cell: LayoutCell, words: TableWords) -> str:
    """Return what stands beside a figure: arrow, letters, flags."""
    if not cell.signs and not cell.above:
        return ""
    signs = {sign: words(f"sign.{sign}") for sign in cell.signs}
    arrow = [signs[s] for s in ("higher", "lower") if s in signs]
    flags = [signs[s] for s in DOUBTFUL if s in signs]
    return " ".join([*arrow, *cell.above.split(), *flags])


class _SheetWriter:
    def __init__(self, book: Any, formats: CellFormats, words: TableWords, sheet: Sheet) -> None:
        self.formats, self.words, self.of, self.laid = formats, words, sheet, sheet.laid
        self.sheet = book.add_worksheet(sheet.name)
        self.places = self._places()
        self.widths = [STUB]
        for place in self.places:
            self.widths += [place.width, place.beside_width] if place.beside else [place.width]
        self.lettered = any(column.letter for column in self.laid.columns)

    def write(self, mark: str) -> None:
        sheet = self.sheet
        sheet.hide_gridlines(2)
        for column, width in enumerate(self.widths):
            sheet.set_column(column, column, width)
        banners = {
            self.places[next(same)[0]].figure
            for _, same in groupby(enumerate(self.laid.columns), lambda c: c[1].by)
        }
        self.breaks = fit(sheet, self.widths, [place.figure for place in self.places], banners)
        self._top(mark)
        row = self._heads()
        sheet.freeze_panes(row, 1)
        set_up(sheet, mark, FIRST_HEAD, row - 1)
        row = self._body(row) + 1
        for note in (self.of.note, *(note.text for note in self.laid.notes)):
            if note:
                height = self._line(row, note, "note")
                sheet.set_row(row, LINE_HEIGHT * height)
                row += 1

    def _places(self) -> list[Place]:
        """Give every column of figures its place; a banner with marks gets columns for them."""
        marked: dict[str, int] = {}
        for row in self.laid.rows:
            for column, cell in zip(self.laid.columns, row.cells, strict=False):
                if said := beside(cell, self.words):
                    marked[column.by] = max(marked.get(column.by, 0), len(said))
        places, at = [], 1
        for column in self.laid.columns:
            wide = marked.get(column.by, 0)
            alone = sum(c.by == column.by for c in self.laid.columns) == 1
            width = width_of(column.heads[not alone :])
            narrow = min(2 + wide * FINE, MARKS)
            # The head stands over both, so that the figure needs only the rest of its width.
            figure = max(7.0, width - narrow) if wide else width
            places.append(Place(at, at + 1 if wide else 0, figure, narrow))
            at += 2 if wide else 1
        return places

    def _top(self, mark: str) -> None:
        laid, words, formats = self.laid, self.words, self.formats
        title = f"{laid.title} ({self.of.population})"
        self.sheet.write_string(0, 0, title, formats.text("title"))
        asked = self._line(0, laid.question, "question")
        tall = TITLE_HEIGHT * lines(title, STUB * 10 / 13, BOLD)
        self.sheet.set_row(0, max(tall, LINE_HEIGHT * asked))
        base, weighted = laid.base().text, laid.base("weighted_base").text
        pieces = [words("line.population", population=self.of.population)]
        if weighted:
            pieces.append(words("line.base_weighted", base=base, weighted=weighted))
        elif base:
            pieces.append(words("line.base", base=base))
        if self.of.filter:
            pieces.append(words("line.filter", filter=self.of.filter))
        text = " · ".join(pieces)
        height = self._line(1, text, "note")
        if mark:
            self.sheet.write_string(1, 0, mark, formats.text("mark"))
            height = max(height, lines(mark, STUB, BOLD))
        self.sheet.set_row(1, LINE_HEIGHT * height)
        back = f"internal:'{words('contents')[:31]}'!A1"
        self.sheet.write_url(2, 0, back, formats.text("link"), words("back"))

    def _line(self, row: int, text: str, look: str) -> int:
        return write_line(self.sheet, row, text, self.formats.text(look), self.widths, self.breaks)

    # -- heads -----------------------------------------------------------------------------------

    def _heads(self) -> int:
        """Write the heads and the row of letters; return the row after them."""
        *over, labels = self.laid.head_rows
        row = FIRST_HEAD
        for depth, spans in enumerate(over):
            at, height = 0, 1
            for text, span in spans:
                # A banner's name has its rule over the levels, under the empty rows between.
                last_words = depth + 1 == len(over) or self._named(depth + 1, at)
                look = self.formats.text("spanner" if last_words else "open_spanner")
                for first, last in self._pages(at, span):
                    height = max(height, self._over(row, first, last, text, look))
                at += span
            self.sheet.set_row(row, LINE_HEIGHT * height)
            row += 1
        look = self.formats.text("head" if self.lettered else "last_head")
        self.sheet.write_blank(row, 0, None, look)
        height = 1
        for place, (text, _) in zip(self.places, labels, strict=True):
            height = max(height, self._over(row, place, place, text, look))
        self.sheet.set_row(row, LINE_HEIGHT * height)
        return self._letters(row + 1) if self.lettered else row + 1

    def _named(self, depth: int, place: int) -> bool:
        """Say whether a row of heads has words over a column."""
        ends = accumulate(span for _, span in self.laid.head_rows[depth])
        texts = [text for text, _ in self.laid.head_rows[depth]]
        return bool(next(text for text, end in zip(texts, ends, strict=True) if place < end))

    def _pages(self, at: int, span: int) -> Iterator[tuple[Place, Place]]:
        """Cut the columns under some words where pages end: the words stand on each page."""
        first = self.places[at]
        for before, place in pairwise(self.places[at : at + span]):
            if place.figure in self.breaks:
                yield first, before
                first = place
        yield first, self.places[at + span - 1]

    def _over(self, row: int, first: Place, last: Place, text: str, look: Any) -> int:
        """Write words over some columns; return how many lines they take."""
        end = last.beside or last.figure
        if end > first.figure:
            self.sheet.merge_range(row, first.figure, row, end, "", look)
        if text:
            self.sheet.write_string(row, first.figure, text, look)
        elif end == first.figure:
            self.sheet.write_blank(row, end, None, look)
        return lines(text, sum(self.widths[first.figure : end + 1]), BOLD)

    def _letters(self, row: int) -> int:
        self.sheet.write_string(row, 0, self.words("letters"), self.formats.text("letter_name"))
        for place, column in zip(self.places, self.laid.columns, strict=True):
            self._over(row, place, place, column.letter, self.formats.text("letter"))
        return row + 1

    # -- body ------------------------------------------------------------------------------------

    def _body(self, row: int) -> int:
        based = False
        for line in (*self.laid.rows, *self.laid.bases):
            base = line.kind not in ("group", "body")
            if base:
                self._base(row, line, first=not based)
            else:
                look = self.formats.text("group" if line.kind == "group" else "stub")
                self.sheet.write_string(row, 0, line.label, look)
                for place, cell in zip(self.places, line.cells, strict=False):
                    self._figure(row, place, cell, line.statistic)
            self.sheet.set_row(row, LINE_HEIGHT * self._height(line))
            based = base
            row += 1
            for field in self._shown(line):
                self._fine(row, field, line.cells)
                self.sheet.set_row(row, FINE_HEIGHT)
                row += 1
        return row

    def _height(self, line: LayoutRow) -> int:
        """Return the lines a row takes: programs other than Excel do not find out themselves."""
        marks = (
            lines(said, place.beside_width, FINE)
            for place, cell in zip(self.places, line.cells, strict=False)
            if place.beside and (said := beside(cell, self.words))
        )
        return max(lines(line.label, STUB), *marks, 1)

    def _figure(self, row: int, place: Place, cell: LayoutCell, statistic: str) -> None:
        if not cell.key:
            return
        if math.isnan(cell.value):
            self.sheet.write_string(row, place.figure, cell.text, self.formats.text("hidden"))
            return
        doubtful = any(sign in DOUBTFUL for sign in cell.signs)
        look = self.formats.number(cell.form, cell.value, statistic, doubtful)
        self.sheet.write_number(row, place.figure, cell.value, look)
        if place.beside and (said := beside(cell, self.words)):
            self.sheet.write_string(row, place.beside, said, self.formats.text("beside"))

    def _shown(self, line: LayoutRow) -> list[str]:
        if line.kind != "body":
            return []
        return [field for name in self.of.show for field in SHOWN[name]]

    def _fine(self, row: int, field: str, cells: Sequence[LayoutCell]) -> None:
        """Write standard errors or limits under their figures."""
        name = self.words(f"show.{field}")
        self.sheet.write_string(row, 0, name, self.formats.text("shown_name"))
        for place, cell in zip(self.places, cells, strict=True):
            value = float(getattr(cell, field))
            if not math.isnan(value):
                self.sheet.write_number(row, place.figure, value, self.formats.fine(cell.form))

    def _base(self, row: int, line: LayoutRow, first: bool) -> None:
        rule = TOP if first else {}
        self.sheet.write_string(row, 0, line.label, self.formats.text("base", **rule))
        for place, cell in zip(self.places, line.cells, strict=True):
            if place.beside and rule:
                self.sheet.write_blank(row, place.beside, None, self.formats.text("base", **rule))
            if math.isnan(cell.value):
                look = self.formats.text("base_text", **rule)
                self.sheet.write_string(row, place.figure, cell.text, look)
            else:
                self.sheet.write_number(row, place.figure, cell.value, self.formats.base(first))
