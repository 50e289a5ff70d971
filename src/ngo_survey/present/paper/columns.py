"""How wide each column of a table is on paper, in which type, and whether the page is turned.

Widths are counted in letters, so that one rule serves every font: a column needs its longest word
(numbers are never broken) and would like its longest line, within reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ngo_survey.present.document.document import Document, Table, placed, plain

#: Letters after which a word of a heading may be broken: at best, and where columns are many.
HEADS = (14, 11, 9, 7)
#: Letters after which a word of a cell may be broken.
WORD = 16
#: Letters that row labels and cells of words get at least, if they have them.
LABEL, WORDS = 20, 12
#: The most letters a column of words would like.
LINE = 72
#: Letters that a digit takes, and signs around it (DejaVu Sans: a percent sign is 0.95 em wide).
DIGIT, SIGNS = 1.06, {"%": 1.6, "…": 1.7, "+": 1.4, "−": 1.4, "±": 1.4, ",": 0.55, ".": 0.55}
SIGNS |= dict.fromkeys((" ", "\u00a0", "\u202f"), 0.55)
#: Room between columns, in letters.
GAP = 1.7


@dataclass(frozen=True)
class ColumnFit:
    """``shares`` of the width by column (they sum to one), ``size`` in points, ``turned`` page."""

    shares: tuple[float, ...]
    size: float
    turned: bool


@dataclass(frozen=True)
class PaperSheet:
    """Width between the margins in points, upright and turned; width of a letter in ems.

    ``sizes`` of type that tables may have, in points, the largest first.
    """

    upright: float
    turned: float
    letter: float
    sizes: tuple[float, ...]

    def letters(self, size: float, turned: bool) -> float:
        """Return how many letters of a size go on a line."""
        return (self.turned if turned else self.upright) / (size * self.letter)


def fit(table: Table, sheet: PaperSheet) -> ColumnFit:
    """Return the widths, type and page of a table: the largest type that fits, upright if any."""
    for turned in (False, True):
        for head in HEADS:
            needs, likes = _wanted(table, head)
            for size in sheet.sizes:
                room = sheet.letters(size, turned)
                if sum(needs) <= room:
                    return ColumnFit(_shared(needs, likes, room), size, turned)
    return ColumnFit(_shared(needs, needs, sum(needs)), sheet.sizes[-1], True)


@dataclass
class Fits:
    """The fit of every table on one kind of sheet, each found once.

    Where ``all_stand`` no table moves, however wide: so it is in an annex.
    """

    sheet: PaperSheet
    all_stand: bool = False
    found: dict[str, ColumnFit] = field(default_factory=dict)

    def of(self, table: Table) -> ColumnFit:
        """Return the fit of a table."""
        if table.anchor not in self.found:
            self.found[table.anchor] = fit(table, self.sheet)
        return self.found[table.anchor]

    def moved(self, table: Table) -> bool:
        """Say whether a table goes to the annex: folded in the page, or too wide to stand.

        A turned page in the middle of a chapter would leave the page before it half empty.
        """
        return not self.all_stand and (table.folded or self.of(table).turned)

    def appendix(self, document: Document) -> tuple[Table, ...]:
        """Return the tables that go to the annex, in their order."""
        tables = (part for part in placed(document) if isinstance(part, Table))
        return tuple(table for table in tables if self.moved(table))


def _shared(needs: list[float], likes: list[float], room: float) -> tuple[float, ...]:
    """Give every column its need, and what is left to those that would like more."""
    more = [max(0.0, like - need) for need, like in zip(needs, likes, strict=True)]
    left, wish = room - sum(needs), sum(more)
    part = min(1.0, left / wish) if wish else 0.0
    widths = [need + part * extra for need, extra in zip(needs, more, strict=True)]
    # What nobody asked for goes to the row labels, so that every table is as wide as the text.
    widths[0] += room - sum(widths)
    return tuple(width / room for width in widths)


def _wanted(table: Table, head: int) -> tuple[list[float], list[float]]:
    """Return what each column needs and what it would like, the row labels first."""
    labels = [plain(row.label) for row in table.rows if row.kind != "group"]
    wanted = [_words([table.stub, *labels], LABEL)]
    titles = _titles(table)
    for place in range(table.width - 1):
        title = titles[place]
        cells = [row.cells[place] for row in table.rows if place < len(row.cells)]
        texts = [plain(cell.content) for cell in cells]
        if any(cell.number for cell in cells):
            widest = max(map(_figures, texts))
            need = min(widest, WORD)
            like = max(widest, float(min(len(title), head)))
        else:
            need, like = _words(texts, WORDS)
        broken = max((_bold(word, head) for word in title.split()), default=0.0)
        wanted.append((max(need, broken), max(like, broken)))
    return [need + GAP for need, _ in wanted], [like + GAP for _, like in wanted]


def _titles(table: Table) -> list[str]:
    """Return the words over each column alone; a spanner over several breaks where it likes."""
    titles = [""] * (table.width - 1)
    for line in table.header:
        place = 0
        for cell in line:
            if cell.span == 1 and place < len(titles):
                titles[place] = f"{titles[place]} {plain(cell.content)}".strip()
            place += cell.span
    return titles


def _words(texts: Sequence[str], least: int) -> tuple[float, float]:
    """Return need and like of a column of words: long ones need more, but on several lines."""
    longest = max(map(len, texts), default=0)
    word = min(max(map(_longest, texts), default=0), WORD)
    need = max(word, min(longest, max(least, 2.2 * math.sqrt(longest))))
    return need, max(need, min(longest, LINE))


def _bold(word: str, most: int) -> float:
    """Return how many plain letters wide a word of a heading is, broken after ``most``."""
    start = word[:most]
    # Cyrillic letters are wider than Latin ones, capitals wider than both.
    widths = (1.1 + 0.15 * (not letter.isascii()) + 0.3 * letter.isupper() for letter in start)
    return sum(widths)


def _figures(text: str) -> float:
    """Return how many plain letters wide figures are: signs are wider than digits."""
    return sum(SIGNS.get(sign, DIGIT) for sign in text)


def _longest(text: str) -> int:
    return max(map(len, text.split()), default=0)
