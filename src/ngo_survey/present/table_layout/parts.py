"""One table as a reader sees it: titles, spanners, rows and cells, each cell with its key.

:func:`ngo_survey.present.table_layout.layout.layout` turns estimates of the results store into a
:class:`TableLayout`; the workbook and the report render the same layout. Nothing is computed: a
cell holds the number that its key names, or the mark of a number that may not be shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from ngo_survey.present.words.language import Language

if TYPE_CHECKING:
    pass

#: What is said of a figure beside the number, in this order.
SIGNS = ("higher", "lower", "small-base", "imprecise")


@dataclass(frozen=True)
class LayoutColumn:
    """One column of figures.

    ``heads`` are the words over it, outermost first: the banner (the words for all respondents over
    the total), then a level for each variable of the banner. ``by`` and ``by_level`` are "" and
    ``total`` for the total column. ``statistic`` is set only for the extra column of the total
    (share of answers); elsewhere the row says which figure is meant. ``letter`` is what the column
    is called in comparisons ("" where nothing was compared).
    """

    analysis: str
    by: str
    by_level: str
    heads: tuple[str, ...]
    statistic: str = ""
    letter: str = ""

    @property
    def label(self) -> str:
        """The words right over the figures."""
        return self.heads[-1]


class LayoutCell(NamedTuple):
    """One figure: its ``key`` in the store ("" where there is none), the number, the text.

    ``value`` is NaN and ``mark`` the mark of ``status`` when the figure may not be shown; a range
    stands as a mark too. ``say`` is the language that a number is printed in, ``form`` its form
    (a key of ``words.language.FORMS``). ``above`` are the letters of the columns that it is
    significantly higher than; ``signs`` are of :data:`SIGNS`.
    """

    key: str
    value: float
    mark: str
    status: str
    form: str
    say: Language | None = None
    se: float = math.nan
    low: float = math.nan
    high: float = math.nan
    above: str = ""
    signs: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The figure in words; made when asked for, as the workbook has numbers for most."""
        return self.mark if self.say is None else self.say.format(self.value, self.form)


BLANK = LayoutCell("", math.nan, "", "", "")


@dataclass(frozen=True)
class LayoutRow:
    """One row.

    ``kind`` is ``group`` (a heading, no cells), ``body``, or one of the bases: ``base``
    (unweighted), ``weighted_base``, ``n_effective``.
    """

    kind: str
    label: str
    cells: tuple[LayoutCell, ...] = ()
    item: str = ""
    category: str = ""
    statistic: str = ""


@dataclass(frozen=True)
class LayoutNote:
    """A line under a table; ``kind`` is a key of ``present/words/en/workbook.yaml``."""

    kind: str
    text: str


@dataclass(frozen=True)
class LayoutTest:
    """A test of the table: its ``key``, banner, row ("" for the whole table) and name in words."""

    key: str
    banner: str
    figure: str
    test: str


@dataclass(frozen=True)
class TableLayout:
    """A whole table in one language.

    ``title`` is short (question or battery); ``question`` the wording as asked; ``asked`` the
    condition under which it was asked ("": of all); ``rows`` end with the unweighted base;
    ``bases`` are the further base rows, where the store tells them; ``notes`` say what the base is,
    what is not shown and why, and how the table as a whole was tested; ``tests`` are all tests.
    """

    id: str
    population: str
    title: str
    question: str
    asked: str
    columns: tuple[LayoutColumn, ...]
    rows: tuple[LayoutRow, ...]
    bases: tuple[LayoutRow, ...]
    notes: tuple[LayoutNote, ...]
    tests: tuple[LayoutTest, ...]

    @property
    def head_rows(self) -> tuple[tuple[tuple[str, int], ...], ...]:
        """Rows of words over the columns, outermost first, each with the columns it spans.

        The last row has one cell a column. A banner of fewer variables than the deepest leaves the
        rows between its name and its levels empty.
        """
        deepest = max(len(column.heads) for column in self.columns)
        paths = [(c.heads[0], *[""] * (deepest - len(c.heads)), *c.heads[1:]) for c in self.columns]
        over = [
            tuple(
                (path[-1], len(list(same)))
                for path, same in groupby(path[: depth + 1] for path in paths)
            )
            for depth in range(deepest - 1)
        ]
        return (*over, tuple((path[-1], 1) for path in paths))

    @property
    def spanners(self) -> tuple[tuple[str, int], ...]:
        """The outermost headings: each with the number of columns it spans."""
        return self.head_rows[0]

    def base(self, field: str = "base") -> LayoutCell:
        """A base of all respondents (``base``, ``weighted_base``); blank where it is hidden."""
        rows = [row for row in (*self.rows, *self.bases) if row.kind == field]
        found = rows[-1].cells[0] if rows else BLANK
        return found if found.status == "shown" else BLANK
