"""Put the estimands of every table of a population into one linear system of cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ngo_survey.disclosure.blocks import CellBlock, Linked, shared_columns
from ngo_survey.disclosure.cells import Bools, Cells, Columns, Ids
from ngo_survey.disclosure.relations import Relations
from ngo_survey.disclosure.routing import Gate, gates
from ngo_survey.tables.declared import NESTED, TableSpec
from ngo_survey.tables.estimand import Estimand, Floats

#: Sets of respondents are distinguished by two sums of random whole numbers, one a respondent; sums
#: of 2^40 over any number of respondents we shall meet are exact in a double.
HASH_BITS = 40
#: Cells of the same people are one cell, however they come about, only from this size on: below it,
#: the same few people meet in two places by chance, which no reader knows.
CHANCE = 30

Mark = tuple[float, float] | str
#: A block's cells before they are made.
NO_CELLS = (np.zeros((0, 0), dtype=np.int64),) * 2 + (np.zeros(0, dtype=np.int64),)
#: Tables, each with its estimands.
Sources = list[tuple[TableSpec, list[Estimand]]]


def link(tables: Sources, columns: Columns, known: Sources | None = None) -> Linked:
    """Build the system.

    Parameters
    ----------
    tables: each table with its estimands (``forms.estimands``).
    columns: the columns of the population (``Columns.make``).
    known: what other results release already, in the same way.
    """
    return _Builder(columns).build(tables, known or [])


@dataclass(frozen=True)
class _Rows:
    """Rows of a table as columns of numbers over respondents.

    Attributes
    ----------
    whole: (n, m) numbers of those who answered, inside the table's filter or not.
    valid: (n,) who answered inside the filter.
    within: (n,) who is inside the filter; None without one.
    behind: (n, m) who is behind sums of values; None where the numbers are people themselves.
    """

    whole: Floats
    valid: Bools
    within: Bools | None
    behind: Floats | None = None

    @cached_property
    def people(self) -> Floats:
        """Who is behind each column, inside the filter or not: 0/1."""
        return self.behind if self.behind is not None else self.whole

    @cached_property
    def values(self) -> Floats:
        """The numbers of those inside the filter, zero elsewhere."""
        return np.where(self.valid[:, None], self.whole, 0.0)


class _Builder:
    """Keeps the cells while blocks are made of estimands and tied to each other."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.cells = Cells()
        random = np.random.default_rng(0)
        draws = random.integers(1, 1 << HASH_BITS, size=(2, len(columns.member)))
        self.marks = draws.astype(float)
        levels = [f"{banner}={level}" for banner, level in columns.names]
        every = np.arange(len(columns.names))
        first, second = (columns.sums(mark[:, None], every)[0] for mark in self.marks)
        self.column_marks = _named_marks(first, second, levels)
        self.column_sizes = columns.sums(np.ones((len(columns.member), 1)), every)[0]
        self.column_parts = self._parts()
        #: Banners of all tables on a variable.
        self.shown_under: dict[str, set[str]] = {}

    def build(self, tables: Sources, known: Sources) -> Linked:
        for spec, estimands in [*tables, *known]:
            for estimand in estimands:
                self.shown_under.setdefault(estimand.variable, set()).update(spec.banners)
        blocks = [
            self._block(
                t,
                p,
                spec,
                estimand,
                known=t >= len(tables),
                row_shares=_row_shares(estimand, estimands),
            )
            for t, (spec, estimands) in enumerate([*tables, *known])
            for p, estimand in enumerate(estimands)
            if estimand.kind in ("share", "mean")
        ]
        gated = [(self._inside(gate), gate) for gate in gates(blocks)]
        blocks += [fine for fine, _ in gated]
        blocks += self._differences(blocks)
        relations = Relations(self.cells, self.columns, self._group)
        relations.tie(blocks)
        for fine, gate in gated:
            relations.asked_of(fine, gate.block, gate.categories)
        return Linked(self.cells, self.columns, tuple(blocks))

    # -- cells -----------------------------------------------------------------------------------

    def _block(
        self,
        t: int,
        p: int,
        spec: TableSpec,
        estimand: Estimand,
        known: bool,
        row_shares: bool = False,
    ) -> CellBlock:
        of = self.columns.of
        banners = [b for b in spec.banners if estimand.columns == "all" or estimand.name]
        # Coarser banners that another table of the same question tells, beside finer ones; beside
        # what other results tell also finer ones: their levels add up.
        for fine, coarse, _ in self.columns.nests:
            if fine in banners and coarse in self.shown_under[estimand.variable]:
                banners.append(coarse)
            elif known and coarse in banners:
                banners.append(fine)
        banners = list(dict.fromkeys(banners))
        columns = np.concatenate([of[""], *(of[b] for b in banners)])
        return self._of_columns(
            CellBlock(t, p, spec, estimand, columns, *NO_CELLS, known, row_shares)
        )

    def _inside(self, gate: Gate) -> CellBlock:
        """Return the block of a gate inside the filter of what was asked behind it."""
        block, fine, within = gate.block, gate.fine.source, gate.block.source.within
        valid = fine.valid if within is None else fine.valid & within
        source = replace(fine, valid=valid, within=within, answered=fine.valid)
        made = CellBlock(block.table, block.estimand, block.spec, source, block.columns, *NO_CELLS)
        return self._of_columns(replace(made, less=gate.fine.table))

    def _of_columns(self, block: CellBlock) -> CellBlock:
        """Return the block with its cells."""
        estimand, columns = block.source, block.columns
        names = [
            f"{estimand.variable}={m.item}.{m.category}.{m.statistic}" for m in estimand.members
        ]
        answered = estimand.valid if estimand.answered is None else estimand.answered
        own = estimand.values[:, : len(estimand.members)]
        whole, everybody = np.where(answered[:, None], own, 0.0), answered[:, None].astype(float)
        behind = None if estimand.kind == "share" else np.broadcast_to(everybody, whole.shape)
        rows = _Rows(whole, estimand.valid, estimand.within, behind)
        answering = replace(rows, whole=everybody, behind=None)
        base = self._cells(answering, columns, [f"{estimand.variable} answered"])
        rest = np.full((len(names), len(columns)), -1)
        if estimand.kind == "share":
            cells = self._cells(rows, columns, names)
            if not estimand.partition:
                others = [f"not {name}" for name in names]
                rest = self._cells(replace(rows, whole=everybody - whole), columns, others)
        else:
            cells = self._sums(rows, columns, names)
        return replace(block, cells=cells, rest=rest, base=base[0])

    def _cells(self, rows: _Rows, columns: Ids, names: list[str]) -> Ids:
        """Return the cells of 0/1 columns in the given columns of the population."""
        count = self.columns.sums(rows.values, columns)
        keys = self._people(rows, count, columns, names)
        found = [self.cells.cell(key, float(n)) for key, n in zip(keys, count.flat, strict=True)]
        return np.array(found, dtype=np.int64).reshape(count.shape)

    def _group(self, people: Bools, columns: Ids, name: str) -> Ids:
        """Return the cells of one set of people in the given columns."""
        return self._cells(_Rows(people.astype(float)[:, None], people, None), columns, [name])[0]

    def _sums(self, rows: _Rows, columns: Ids, names: list[str]) -> Ids:
        """Return the cells of sums of values; the same values of the same people are one cell."""
        values = rows.values
        lower = -np.inf if values.min(initial=0.0) < 0 else 0.0
        total = self.columns.sums(values, columns)
        valid = rows.valid.astype(float)[:, None]
        people = np.broadcast_to(self.columns.sums(valid, columns), total.shape)
        rounded = replace(rows, whole=np.round(rows.whole * 1000.0))
        keys = self._people(rounded, people, columns, names)
        found = [
            self.cells.cell(key, float(whole), count=False, lower=lower)
            for key, whole in zip(keys, total.flat, strict=True)
        ]
        return np.array(found, dtype=np.int64).reshape(total.shape)

    def _people(
        self, rows: _Rows, size: Floats, columns: Ids, names: list[str]
    ) -> Iterator[object]:
        """Yield what tells each cell (row by row) from every other: the sets whose crossing it is.

        The people of its row, of its column (the parts of a nested banner apart) and of the filter,
        so that a filter is the same as a banner that it is a level of. A set that takes nobody away
        is left out, as nobody could tell the two apart (filter first: then the others are held
        against those outside it too); but not where few are left, or taken away by few: the same
        few people meet in two places by chance, which no reader knows.

        ``size`` says how many people are behind a cell.
        """
        inside: set[Mark] = set()
        unfiltered = size
        #: People of each row and of each column: of all, and inside the filter.
        of_some = of_all = rows.people.sum(axis=0), self.column_sizes[columns]
        if rows.within is not None:
            within = rows.within.astype(float)[:, None]
            inside = set(self._marked(within, ["filter"]))
            unfiltered = self.columns.sums(rows.people, columns)
            of_some = (rows.people * within).sum(axis=0), self.columns.sums(within, columns)[0]
        marks = self._marked(rows.whole, names)
        everybody = self.column_marks[0]
        for row, column in np.ndindex(size.shape):
            people = size[row, column]
            own, across, filters = {marks[row]}, {*self.column_parts[columns[column]]}, inside
            if people >= CHANCE:
                of_row, of_column = of_some
                if people == unfiltered[row, column]:
                    filters, (of_row, of_column) = set(), of_all
                if people == of_row[row]:
                    across = set()
                elif rows.behind is None and people == of_column[column]:
                    own = set()
            sets = own | across | filters
            yield frozenset(sets - {everybody}) if len(sets) > 1 else frozenset(sets)

    def _differences(self, blocks: list[CellBlock]) -> list[CellBlock]:
        """Return what a table leaves of another on the same variable with more people in it.

        Who reads a filtered table beside the plain one can subtract: those cells must keep their
        intervals too.
        """
        by_figures: dict[tuple, list[CellBlock]] = {}
        for block in blocks:
            by_figures.setdefault((block.source.variable, block.source.members), []).append(block)
        found = []
        for group in by_figures.values():
            for part in group:
                if part.source.within is None:
                    continue
                for whole in group:
                    left = whole.source.valid & ~part.source.valid
                    inside = bool((part.source.valid <= whole.source.valid).all())
                    if inside and left.any():
                        found.append(self._difference(part, whole, left))
        return found

    def _difference(self, part: CellBlock, whole: CellBlock, left: Bools) -> CellBlock:
        shared = list(shared_columns(part, whole))
        columns = np.array([part.columns[one] for one, _ in shared])
        outside = ~np.array(part.source.within)
        if whole.source.within is not None:
            outside &= whole.source.within
        source = replace(part.source, valid=left, within=outside)
        made = self._of_columns(
            CellBlock(
                part.table, part.estimand, part.spec, source, columns, *NO_CELLS, less=whole.table
            )
        )
        for place, (one, other) in enumerate(shared):
            lines = [(part.base[one], made.base[place], whole.base[other])]
            for member in range(len(made.cells)):
                cells = part.cells[member, one], made.cells[member, place]
                lines.append((*cells, whole.cells[member, other]))
            for first, second, total in lines:
                self.cells.adds_up(np.array([first, second]), int(total))
        return made

    def _marked(self, values: Floats, names: list[str]) -> list[Mark]:
        """Return what tells each column's set of people (with their values) from every other."""
        first, second = (values.T @ mark for mark in self.marks)
        return _named_marks(first, second, names)

    def _parts(self) -> list[tuple[Mark, ...]]:
        """Return what each column is the crossing of: itself, or the parts of a nested banner."""
        place = {
            name: mark for name, mark in zip(self.columns.names, self.column_marks, strict=True)
        }
        found = []
        for (banner, level), mark in zip(self.columns.names, self.column_marks, strict=True):
            names = tuple(zip(banner.split(NESTED), level.split(NESTED), strict=False))
            parts = tuple(place[name] for name in names if name in place)
            found.append(parts if len(parts) > 1 and len(parts) == len(names) else (mark,))
        return found


def _named_marks(first: Floats, second: Floats, names: list[str]) -> list[Mark]:
    """Return pairs of sums of marks; a set of nobody is told by its name."""
    marks: list[Mark] = []
    for one, other, name in zip(first, second, names, strict=True):
        # Ten digits: sums of large values are no longer exact, yet the same to that many.
        marks.append((float(f"{one:.10g}"), float(f"{other:.10g}")) if one else name)
    return marks


def _row_shares(estimand: Estimand, estimands: list[Estimand]) -> bool:
    """Whether a table tells row percentages of the answers that an estimand holds."""
    return estimand.kind == "share" and any(
        other.kind == "row_share" and other.variable == estimand.variable for other in estimands
    )
