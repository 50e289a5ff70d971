"""Blocks: the cells of one estimand in the linear system, rows by the columns of its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ngo_survey.disclosure.cells import Bools, Cells, Columns, Ids
from ngo_survey.tables.declared import TableSpec
from ngo_survey.tables.estimand import Estimand, Floats


@dataclass(frozen=True)
class CellBlock:
    """The cells of one estimand: rows by the columns that its table has.

    Attributes
    ----------
    table, estimand: position of the table and of the estimand in it.
    columns: which of the population's columns, total first.
    cells: (members, columns) the cell behind each figure.
    rest: (members, columns) those on the base who are not in the cell; -1 where the other members
        are the rest (a single answer) or where there is none (sums of values).
    base: (columns,) who was asked and answered.
    known: another result releases it already, so that it cannot be hidden.
    row_shares: row percentages are shown, and with them how many of a row no level holds.
    less: nobody tells it, but it is what the table leaves of the one at this position, or what that
        one is inside the filter (``gates``); -1 where a table tells it.
    """

    table: int
    estimand: int
    spec: TableSpec
    source: Estimand
    columns: Ids
    cells: Ids
    rest: Ids
    base: Ids
    known: bool = False
    row_shares: bool = False
    less: int = -1

    @property
    def difference(self) -> bool:
        """Whether nobody tells it: it is worked out of two tables."""
        return self.less >= 0

    @property
    def counts(self) -> bool:
        """Whether the cells are counts of respondents."""
        return self.source.kind == "share"


@dataclass(frozen=True)
class Linked:
    """The whole system of one population."""

    cells: Cells
    columns: Columns
    blocks: tuple[CellBlock, ...]

    @cached_property
    def value(self) -> Floats:
        """Count or sum of each cell."""
        return np.array(self.cells.value)

    @cached_property
    def tables(self) -> list[CellBlock]:
        """Blocks of tables, without what other results tell."""
        return [block for block in self.blocks if not block.known]

    @cached_property
    def by_place(self) -> dict[tuple[int, int], CellBlock]:
        """Blocks of tables by the positions of their table and estimand."""
        return {(b.table, b.estimand): b for b in self.tables if not b.difference}

    @cached_property
    def by_table(self) -> dict[int, list[CellBlock]]:
        """Blocks by the position of their table."""
        found: dict[int, list[CellBlock]] = {}
        for block in self.blocks:
            found.setdefault(block.table, []).append(block)
        return found

    def place(self, cell: int) -> str:
        """Return where a cell stands, for an error that a researcher can act on."""
        for block in self.blocks:
            names = [m.name for m in block.source.members]
            for cells, lines in (
                (block.cells, names),
                (block.rest, [f"all but {name}" for name in names]),
                (block.base[None], ["the base"]),
            ):
                for row, column in zip(*(cells == cell).nonzero(), strict=True):
                    banner, level = self.columns.names[block.columns[column]]
                    under = f", {banner}={level}" if banner else ""
                    return f"table {block.spec.id}: {block.source.variable} {lines[row]}{under}"
        return "a cell that no table tells"

    def shows(self, block: CellBlock) -> Bools:
        """Say which columns of a block its table tells."""
        columns = {block.source.columns, block.source.follows}
        banners: tuple[str, ...] = ()
        if not block.difference and columns != {"none"}:
            banners = ("", *block.spec.banners) if "all" in columns else ("",)
        return self.columns.under(banners)[block.columns]


def shared_columns(one: CellBlock, other: CellBlock) -> Iterator[tuple[int, int]]:
    """Yield the places of each column that two blocks have in common."""
    place = {int(column): position for position, column in enumerate(other.columns)}
    for position, column in enumerate(one.columns):
        if int(column) in place:
            yield position, place[int(column)]
