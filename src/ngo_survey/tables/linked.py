"""Put the panels of every table of a population into one linear system of cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ngo_survey.tables.cells import Cells, Columns, Ids
from ngo_survey.tables.panel import Floats, Panel
from ngo_survey.tables.spec import TableSpec

#: Sets of respondents are told apart by two sums of random whole numbers, one a respondent; sums
#: of 2^40 over any number of respondents we shall meet are exact in a double.
HASH_BITS = 40
#: A cell that is all of its row or column is one cell with it only from this size on: below it, the
#: same few people meet in two places by chance, which no reader knows.
CHANCE = 30

Mark = tuple[float, float] | str
#: Tables, each with its panels.
Sources = list[tuple[TableSpec, list[Panel]]]


@dataclass(frozen=True)
class Block:
    """The cells of one panel: rows by the columns that its table has.

    Attributes
    ----------
    table, panel: position of the table and of the panel in it.
    columns: which of the population's columns, total first.
    cells: (members, columns) the cell behind each figure.
    rest: (members, columns) those on the base who are not in the cell; -1 where the other members
        are the rest (a single answer) or where there is none (sums of values).
    base: (columns,) who was asked and answered.
    told: another result says it already, so that it cannot be hidden.
    """

    table: int
    panel: int
    spec: TableSpec
    source: Panel
    columns: Ids
    cells: Ids
    rest: Ids
    base: Ids
    told: bool = False

    @property
    def counts(self) -> bool:
        """Whether the cells are counts of respondents."""
        return self.source.kind == "share"


@dataclass(frozen=True)
class Linked:
    """The whole system of one population."""

    cells: Cells
    columns: Columns
    blocks: tuple[Block, ...]

    @property
    def tables(self) -> list[Block]:
        """Blocks of tables, without what other results tell."""
        return [block for block in self.blocks if not block.told]


def link(tables: Sources, columns: Columns, told: Sources | None = None) -> Linked:
    """Build the system.

    Parameters
    ----------
    tables: each table with its panels (``forms.panels``).
    columns: the columns of the population (``Columns.make``).
    told: what other results say already, in the same way (``told.indicators``).
    """
    return _Builder(columns).build(tables, told or [])


class _Builder:
    """Keeps the cells while blocks are made of panels and tied to each other."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.cells = Cells()
        self.member = columns.member.astype(float)
        random = np.random.default_rng(0)
        draws = random.integers(1, 1 << HASH_BITS, size=(2, len(self.member)))
        self.marks = draws.astype(float)
        levels = [f"{banner}={level}" for banner, level in columns.names]
        self.column_marks = self._marked(self.member, levels)

    def build(self, tables: Sources, told: Sources) -> Linked:
        blocks = [
            self._block(t, p, spec, panel, told=t >= len(tables))
            for t, (spec, panels) in enumerate([*tables, *told])
            for p, panel in enumerate(panels)
            if panel.kind in ("share", "mean")
        ]
        for block in blocks:
            self._margins(block)
        self._within(blocks)
        self._between(blocks)
        return Linked(self.cells, self.columns, tuple(blocks))

    # -- cells -----------------------------------------------------------------------------------

    def _block(self, t: int, p: int, spec: TableSpec, panel: Panel, told: bool) -> Block:
        of = self.columns.of
        banners = [b for b in spec.banners if panel.columns == "all"]
        if told:
            # Finer banners beside it, so that their levels add up to its own.
            banners += [f for f, coarse, _ in self.columns.nests if coarse in banners]
            banners = list(dict.fromkeys(banners))
        columns = np.concatenate([of[""], *(of[b] for b in banners)])
        values = np.where(panel.valid[:, None], panel.values[:, : len(panel.members)], 0.0)
        valid = panel.valid.astype(float)[:, None]
        names = [f"{panel.variable}={m.item}.{m.category}.{m.statistic}" for m in panel.members]
        counts = panel.kind == "share"
        base = self._cells(valid, columns, [f"{panel.variable} answered"])[0]
        rest = np.full((len(names), len(columns)), -1)
        if counts:
            cells = self._cells(values, columns, names)
            if not panel.partition:
                others = [f"not {name}" for name in names]
                rest = self._cells(valid - values, columns, others)
        else:
            lower = min(0.0, float(values.min(initial=0.0)))
            cells = self._sums(values, columns, names, -np.inf if lower < 0 else 0.0)
        return Block(t, p, spec, panel, columns, cells, rest, base, told)

    def _cells(self, values: Floats, columns: Ids, names: list[str]) -> Ids:
        """Return the cells of 0/1 columns (n, m) in the given columns of the population."""
        member = self.member[:, columns]
        count, rows = values.T @ member, self._marked(values, names)
        size, width = values.sum(axis=0), member.sum(axis=0)
        everybody = self.column_marks[0]
        found = np.empty(count.shape, dtype=np.int64)
        for row, column in np.ndindex(count.shape):
            value = count[row, column]
            sets = {rows[row], self.column_marks[columns[column]]}
            if value == size[row] and value >= CHANCE:
                sets = {rows[row]}
            elif value == width[column] and value >= CHANCE:
                sets = {self.column_marks[columns[column]]}
            people = frozenset(sets - {everybody}) if len(sets) > 1 else frozenset(sets)
            found[row, column] = self.cells.cell(people, float(value))
        return found

    def _sums(self, values: Floats, columns: Ids, names: list[str], lower: float) -> Ids:
        """Return the cells of sums of values; the same values of the same people are one cell."""
        total = values.T @ self.member[:, columns]
        rows = self._marked(np.round(values * 1000.0), names)
        found = np.empty(total.shape, dtype=np.int64)
        for row, column in np.ndindex(total.shape):
            people = (rows[row], self.column_marks[columns[column]])
            found[row, column] = self.cells.cell(
                people, float(total[row, column]), count=False, lower=lower
            )
        return found

    def _marked(self, values: Floats, names: list[str]) -> list[Mark]:
        """Return what tells each column's set of people (with their values) from every other."""
        first, second = (values.T @ mark for mark in self.marks)
        marks: list[Mark] = []
        for one, other, name in zip(first, second, names, strict=True):
            # Ten digits: sums of large values are no longer exact, yet the same to that many.
            marks.append((float(f"{one:.10g}"), float(f"{other:.10g}")) if one else name)
        return marks

    # -- relations -------------------------------------------------------------------------------

    def _margins(self, block: Block) -> None:
        """Categories add up to the base, levels to the total, fine banners to coarse ones."""
        for column in range(len(block.columns)):
            if block.source.partition:
                self.cells.adds_up(block.cells[:, column], int(block.base[column]))
            elif block.counts:
                for cell, rest in zip(block.cells[:, column], block.rest[:, column], strict=True):
                    self.cells.adds_up(np.array([cell, rest]), int(block.base[column]))
        place = {int(column): position for position, column in enumerate(block.columns)}
        lines = [block.base, *block.cells, *(r for r in block.rest if r[0] >= 0)]
        for banner, columns in self.columns.of.items():
            if banner and int(columns[0]) in place:
                chosen = np.array([place[int(c)] for c in columns])
                for line in lines:
                    self.cells.adds_up(line[chosen], int(line[0]))
        for fine, coarse, mapping in self.columns.nests:
            own, above = self.columns.of[fine], self.columns.of[coarse]
            if int(own[0]) not in place or int(above[0]) not in place:
                continue
            for column in above:
                inner = np.array([place[int(c)] for c in own[mapping == column]], dtype=np.int64)
                if len(inner):
                    for line in lines:
                        self.cells.adds_up(line[inner], int(line[place[int(column)]]))

    def _within(self, blocks: list[Block]) -> None:
        """Tie panels of one variable: points to mean and top-two box, answers to their number."""
        by_variable: dict[tuple[int, str], list[Block]] = {}
        for block in blocks:
            by_variable.setdefault((block.table, block.source.variable), []).append(block)
        for group in by_variable.values():
            for parts in group:
                if not parts.counts:
                    continue
                for whole in group:
                    if whole is not parts and _same_base(parts, whole):
                        self._combine(parts, whole)

    def _between(self, blocks: list[Block]) -> None:
        """Tie tables of different variables: a coarser reading of an answer, and its followers."""
        singles = [b for b in blocks if b.counts and b.source.partition]
        if not singles:
            return
        # All answers beside all answers, in one product: who gave both.
        answers = [np.where(b.source.valid[:, None], b.source.values, 0.0) for b in singles]
        starts = np.cumsum([0, *(a.shape[1] for a in answers)])
        everything = np.hstack(answers)
        both = everything.T @ everything
        valid = np.stack([b.source.valid for b in blocks], axis=1).astype(float)
        answered = everything.T @ valid
        for one, fine in enumerate(singles):
            own = slice(starts[one], starts[one + 1])
            for other, coarse in enumerate(singles):
                if coarse.source.variable != fine.source.variable:
                    crossed = both[own, starts[other] : starts[other + 1]]
                    self._nest_rows(fine, coarse, crossed)
            for place, block in enumerate(blocks):
                if block.source.variable != fine.source.variable:
                    self._asked_of(fine, block, answered[own, place], everything[:, own])
        self._ranks(blocks)
        # A derived count (how many services) is the sum of the answers it counts.
        numbers = [b for b in blocks if b.spec.form == "number" and not b.counts]
        for parts in blocks:
            if parts.counts and parts.spec.form == "multiple":
                for whole in numbers:
                    if _same_base(parts, whole):
                        self._combine(parts, whole)

    def _combine(self, parts: Block, whole: Block) -> None:
        """Relate each member of ``whole`` that is a fixed combination of columns of ``parts``."""
        valid = parts.source.valid
        basis = parts.source.values[valid]
        for member in range(len(whole.source.members)):
            factors = _combination(basis, whole.source.values[valid, member])
            if factors is None:
                continue
            used = np.flatnonzero(factors)
            for left, right in _shared_columns(parts, whole):
                ids = np.append(parts.cells[used, left], whole.cells[member, right])
                self.cells.relate(ids, np.append(factors[used], -1.0))

    def _nest_rows(self, fine: Block, coarse: Block, crossed: Floats) -> None:
        """Categories of ``fine`` add up to a category of ``coarse`` when the data say so.

        ``crossed`` counts the respondents with each category of both.
        """
        chosen = fine.source.values[fine.source.valid].sum(axis=0)
        inside = crossed.sum(axis=1)
        whole = ((crossed > 0).sum(axis=1) <= 1) & ((inside == 0) | (inside == chosen))
        elsewhere = coarse.source.values[coarse.source.valid].sum(axis=0) > crossed.sum(axis=0)
        if not whole.all() or elsewhere.any():
            return
        for category in np.flatnonzero(crossed.sum(axis=0)):
            inner = np.flatnonzero(crossed[:, category])
            for left, right in _shared_columns(fine, coarse):
                self.cells.adds_up(fine.cells[inner, left], int(coarse.cells[category, right]))

    def _asked_of(self, fine: Block, block: Block, answered: Floats, answers: Floats) -> None:
        """The base of a question asked only of some: they add up to it and who did not answer.

        ``answered`` counts, by category of ``fine``, who answered ``block``; ``answers`` are the
        0/1 columns of ``fine``.
        """
        valid = block.source.valid
        asked = np.flatnonzero(answered)
        chosen = answers.sum(axis=0)
        if not len(asked) or answered.sum() < valid.sum() or len(asked) == (chosen > 0).sum():
            return
        silent = (answers[:, asked].sum(axis=1) > 0) & ~valid
        if silent.sum() > valid.sum():
            return
        shared = list(_shared_columns(fine, block))
        columns = np.array([block.columns[right] for _, right in shared])
        name = f"{block.source.variable} not answered"
        rest = self._cells(silent.astype(float)[:, None], columns, [name])[0]
        for (left, right), cell in zip(shared, rest, strict=True):
            ids = np.append(fine.cells[asked, left], [block.base[right], cell])
            factors = np.ones(len(ids))
            factors[-2:] = -1.0
            self.cells.relate(ids, factors)

    def _ranks(self, blocks: list[Block]) -> None:
        """Ranked first, and ranked later, add up to ranked among three."""
        for first in blocks:
            for among in blocks:
                if (first.table, first.spec.form) != (among.table, "rank") or among is first:
                    continue
                if not first.source.partition or not _same_base(first, among):
                    continue
                later = among.source.values - first.source.values
                later = np.where(first.source.valid[:, None], later, 0.0)
                names = [
                    f"{among.source.variable}={m.category} later" for m in among.source.members
                ]
                rest = self._cells(later, among.columns, names)
                for row, column in np.ndindex(rest.shape):
                    parts = np.array([first.cells[row, column], rest[row, column]])
                    self.cells.adds_up(parts, int(among.cells[row, column]))


def _same_base(one: Block, other: Block) -> bool:
    return bool((one.source.valid == other.source.valid).all())


def _shared_columns(one: Block, other: Block) -> Iterator[tuple[int, int]]:
    place = {int(column): position for position, column in enumerate(other.columns)}
    for position, column in enumerate(one.columns):
        if int(column) in place:
            yield position, place[int(column)]


def _combination(basis: Floats, target: Floats) -> Floats | None:
    """Return whole factors with ``basis @ factors == target`` for everybody, if there are any."""
    if not len(basis) or basis.shape[1] < 1:
        return None
    factors = np.round(np.linalg.lstsq(basis, target, rcond=None)[0])
    if not factors.any() or np.abs(basis @ factors - target).max() > 1e-9:
        return None
    return factors
