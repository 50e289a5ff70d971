"""Put the panels of every table of a population into one linear system of cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from ngo_survey.tables.cells import Bools, Cells, Columns, Ids
from ngo_survey.tables.panel import Floats, Panel
from ngo_survey.tables.declared import NESTED, TableSpec

#: Sets of respondents are told apart by two sums of random whole numbers, one a respondent; sums
#: of 2^40 over any number of respondents we shall meet are exact in a double.
HASH_BITS = 40
#: Cells of the same people are one cell, however they come about, only from this size on: below it,
#: the same few people meet in two places by chance, which no reader knows.
CHANCE = 30

Mark = tuple[float, float] | str
#: A block's cells before they are made.
NO_CELLS = (np.zeros((0, 0), dtype=np.int64),) * 2 + (np.zeros(0, dtype=np.int64),)
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
    rows_told: row percentages are told, and with them how many of a row no level holds.
    difference: nobody tells it, but it is what one table leaves of another.
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
    rows_told: bool = False
    difference: bool = False

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

    @cached_property
    def tables(self) -> list[Block]:
        """Blocks of tables, without what other results tell."""
        return [block for block in self.blocks if not block.told]

    @cached_property
    def by_place(self) -> dict[tuple[int, int], Block]:
        """Blocks of tables by the positions of their table and panel."""
        return {(b.table, b.panel): b for b in self.tables if not b.difference}

    @cached_property
    def by_table(self) -> dict[int, list[Block]]:
        """Blocks by the position of their table."""
        found: dict[int, list[Block]] = {}
        for block in self.blocks:
            found.setdefault(block.table, []).append(block)
        return found

    def shows(self, block: Block) -> Bools:
        """Say which columns of a block its table tells."""
        told = block.source.columns
        banners = {"all": ("", *block.spec.banners), "total": ("",), "none": ()}[told]
        if block.difference:
            banners = ()
        return self.columns.told(banners)[block.columns]


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
        self.column_parts = self._parts()

    def build(self, tables: Sources, told: Sources) -> Linked:
        blocks = [
            self._block(t, p, spec, panel, told=t >= len(tables), rows=_rows_told(panel, panels))
            for t, (spec, panels) in enumerate([*tables, *told])
            for p, panel in enumerate(panels)
            if panel.kind in ("share", "mean")
        ]
        blocks += self._differences(blocks)
        for block in blocks:
            self._margins(block)
        self._within(blocks)
        self._between([block for block in blocks if not block.difference])
        return Linked(self.cells, self.columns, tuple(blocks))

    # -- cells -----------------------------------------------------------------------------------

    def _block(
        self, t: int, p: int, spec: TableSpec, panel: Panel, told: bool, rows: bool = False
    ) -> Block:
        of = self.columns.of
        banners = [b for b in spec.banners if panel.columns == "all" or panel.name]
        if told:
            # Finer banners beside it, so that their levels add up to its own.
            banners += [f for f, coarse, _ in self.columns.nests if coarse in banners]
            banners = list(dict.fromkeys(banners))
        columns = np.concatenate([of[""], *(of[b] for b in banners)])
        return self._of_columns(Block(t, p, spec, panel, columns, *NO_CELLS, told, rows))

    def _of_columns(self, block: Block) -> Block:
        """Return the block with its cells."""
        panel, columns = block.source, block.columns
        values = np.where(panel.valid[:, None], panel.values[:, : len(panel.members)], 0.0)
        valid = panel.valid.astype(float)[:, None]
        names = [f"{panel.variable}={m.item}.{m.category}.{m.statistic}" for m in panel.members]
        counts = panel.kind == "share"
        base = self._cells(valid, columns, [f"{panel.variable} answered"], panel)[0]
        rest = np.full((len(names), len(columns)), -1)
        if counts:
            cells = self._cells(values, columns, names, panel)
            if not panel.partition:
                others = [f"not {name}" for name in names]
                rest = self._cells(valid - values, columns, others, panel)
        else:
            lower = -np.inf if values.min(initial=0.0) < 0 else 0.0
            cells = self._sums(values, columns, names, panel, lower)
        return replace(block, cells=cells, rest=rest, base=base)

    def _cells(self, values: Floats, columns: Ids, names: list[str], panel: Panel) -> Ids:
        """Return the cells of 0/1 columns (n, m) in the given columns of the population."""
        count = values.T @ self.member[:, columns]
        keys = self._people(values, count, columns, names, panel)
        found = [self.cells.cell(key, float(n)) for key, n in zip(keys, count.flat, strict=True)]
        return np.array(found, dtype=np.int64).reshape(count.shape)

    def _sums(
        self, values: Floats, columns: Ids, names: list[str], panel: Panel, lower: float
    ) -> Ids:
        """Return the cells of sums of values; the same values of the same people are one cell."""
        member = self.member[:, columns]
        total = values.T @ member
        people = np.broadcast_to(panel.valid.astype(float) @ member, total.shape)
        keys = self._people(np.round(values * 1000.0), people, columns, names, panel)
        found = [
            self.cells.cell(key, float(sum_), count=False, lower=lower)
            for key, sum_ in zip(keys, total.flat, strict=True)
        ]
        return np.array(found, dtype=np.int64).reshape(total.shape)

    def _people(
        self, values: Floats, size: Floats, columns: Ids, names: list[str], panel: Panel
    ) -> Iterator[object]:
        """Yield what tells each cell (row by row) from every other: its people, or how it is made.

        ``size`` says how many people are behind a cell. Few are told by the row, the column and the
        filter that they belong to: the same as under a banner that the filter is a level of.
        """
        member = self.member[:, columns]
        hashed = [(values * mark[:, None]).T @ member for mark in self.marks]
        inside: set[Mark] = set()
        whole = values
        if panel.within is not None and panel.answered is not None:
            inside = set(self._marked(panel.within.astype(float)[:, None], ["filter"]))
            if values.shape[1] == 1 and (values[:, 0] == panel.valid).all():
                whole = panel.answered.astype(float)[:, None]
            else:
                own = panel.values[:, : values.shape[1]]
                whole = np.where(panel.answered[:, None], own, 0.0)
        rows = self._marked(whole, names)
        everybody = self.column_marks[0]
        for row, column in np.ndindex(size.shape):
            if size[row, column] >= CHANCE:
                yield tuple(f"{h[row, column]:.10g}" for h in hashed)
                continue
            sets = {rows[row], *self.column_parts[columns[column]], *inside}
            yield frozenset(sets - {everybody}) if len(sets) > 1 else frozenset(sets)

    def _differences(self, blocks: list[Block]) -> list[Block]:
        """Return what a table leaves of another on the same variable with more people in it.

        Who reads a filtered table beside the plain one can subtract: those cells must keep their
        intervals too.
        """
        by_figures: dict[tuple, list[Block]] = {}
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

    def _difference(self, part: Block, whole: Block, left: Bools) -> Block:
        shared = list(_shared_columns(part, whole))
        columns = np.array([part.columns[one] for one, _ in shared])
        outside = ~np.array(part.source.within)
        if whole.source.within is not None:
            outside &= whole.source.within
        source = replace(part.source, valid=left, within=outside)
        made = self._of_columns(
            Block(part.table, part.panel, part.spec, source, columns, *NO_CELLS, difference=True)
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
        marks: list[Mark] = []
        for one, other, name in zip(first, second, names, strict=True):
            # Ten digits: sums of large values are no longer exact, yet the same to that many.
            marks.append((float(f"{one:.10g}"), float(f"{other:.10g}")) if one else name)
        return marks

    def _parts(self) -> list[tuple[Mark, ...]]:
        """Return what each column is the crossing of: itself, or the parts of a nested banner."""
        place = {name: mark for name, mark in zip(self.columns.names, self.column_marks, strict=True)}
        found = []
        for (banner, level), mark in zip(self.columns.names, self.column_marks, strict=True):
            names = tuple(zip(banner.split(NESTED), level.split(NESTED), strict=False))
            parts = tuple(place[name] for name in names if name in place)
            found.append(parts if len(parts) > 1 and len(parts) == len(names) else (mark,))
        return found

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
        by_variable: dict[tuple, list[Block]] = {}
        for block in blocks:
            key = (block.table, block.source.variable, block.difference)
            by_variable.setdefault(key, []).append(block)
        for group in by_variable.values():
            named = {b.source.name: b for b in group if b.source.name}
            for whole in group:
                if whole.source.made_of is not None:
                    self._made_of(whole, named)
                    continue
                for parts in group:
                    if parts.counts and whole is not parts and _same_base(parts, whole):
                        self._combine(parts, whole)

    def _made_of(self, whole: Block, named: Mapping[str, Block]) -> None:
        """Write down how each figure of a panel follows from those of others."""
        made_of = whole.source.made_of
        if made_of is None or any(name not in named for name, _ in made_of.parts):
            return
        places = {name: dict(_shared_columns(whole, named[name])) for name, _ in made_of.parts}
        for column in range(len(whole.columns)):
            if any(column not in place for place in places.values()):
                continue
            for member in range(len(whole.source.members)):
                ids: list[int] = [int(whole.cells[member, column]), int(whole.base[column])]
                factors = [-1.0, float(made_of.constant[member])]
                for name, weights in made_of.parts:
                    used = np.flatnonzero(weights[:, member])
                    ids += named[name].cells[used, places[name][column]].tolist()
                    factors += weights[used, member].tolist()
                self.cells.relate(np.array(ids), np.array(factors))

    def _between(self, blocks: list[Block]) -> None:
        """Tie tables of different variables: a coarser reading of an answer, and its followers."""
        singles = [b for b in blocks if b.counts and b.source.partition]
        if not singles:
            return
        # All answers beside all answers, in one product: who gave both.
        everything = sparse.hstack(
            [sparse.csr_array(b.source.values * b.source.valid[:, None]) for b in singles]
        ).tocsr()
        starts = np.cumsum([0, *(b.source.values.shape[1] for b in singles)])[:-1]
        both = (everything.T @ everything).toarray()
        chosen = np.diag(both)
        variables = np.array([b.source.variable for b in singles], dtype=object)
        for one, other in zip(*_coarser(both, starts), strict=True):
            if variables[one] != variables[other]:
                fine, coarse = singles[one], singles[other]
                rows = slice(starts[one], starts[one] + len(fine.cells))
                place = slice(starts[other], starts[other] + len(coarse.cells))
                self._nest_rows(fine, coarse, both[rows, place])
        patterns: dict[bytes, list[Block]] = {}
        for block in blocks:
            patterns.setdefault(block.source.valid.tobytes(), []).append(block)
        for same in patterns.values():
            valid = same[0].source.valid
            answered = everything.T @ valid.astype(float)
            # Only of some answers, and of nobody without one of them.
            asked = np.add.reduceat(answered > 0, starts)
            some = (asked > 0) & (asked < np.add.reduceat(chosen > 0, starts))
            some &= np.add.reduceat(answered, starts) >= valid.sum()
            for one in np.flatnonzero(some):
                fine = singles[one]
                categories = np.flatnonzero(answered[starts[one] :][: len(fine.cells)])
                for block in same:
                    if block.source.variable != fine.source.variable:
                        self._asked_of(fine, block, categories)
        # A derived count (how many services) is the sum of the answers it counts.
        numbers = [b for b in blocks if b.source.form == "number" and not b.counts]
        for parts in blocks:
            if parts.counts and parts.source.form == "multiple":
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
        """Categories of ``fine`` add up to a category of ``coarse``.

        ``crossed`` counts the respondents with each category of both.
        """
        for category in np.flatnonzero(crossed.sum(axis=0)):
            inner = np.flatnonzero(crossed[:, category])
            for left, right in _shared_columns(fine, coarse):
                self.cells.adds_up(fine.cells[inner, left], int(coarse.cells[category, right]))

    def _asked_of(self, fine: Block, block: Block, asked: Ids) -> None:
        """The base of a question asked only of some: they add up to it and who did not answer.

        ``asked`` are the categories of ``fine`` among those who answered ``block``.
        """
        valid = block.source.valid
        those = np.where(fine.source.valid[:, None], fine.source.values, 0.0)[:, asked]
        silent = (those.sum(axis=1) > 0) & ~valid
        if silent.sum() > valid.sum():
            return
        shared = list(_shared_columns(fine, block))
        columns = np.array([block.columns[right] for _, right in shared])
        name = f"{block.source.variable} not answered"
        source = replace(block.source, valid=silent, within=None)
        rest = self._cells(silent.astype(float)[:, None], columns, [name], source)[0]
        for (left, right), cell in zip(shared, rest, strict=True):
            ids = np.append(fine.cells[asked, left], [block.base[right], cell])
            factors = np.ones(len(ids))
            factors[-2:] = -1.0
            self.cells.relate(ids, factors)


def _coarser(both: Floats, starts: Ids) -> tuple[Ids, Ids]:
    """Return pairs of answers (fine, coarse) of which one is a coarser reading of the other.

    ``both`` counts the respondents with each category of each of two answers. Every category of the
    fine one lies whole in one of the coarse one or outside it, and nobody is in the coarse one
    alone.
    """
    chosen = np.diag(both)
    inside = np.add.reduceat(both, starts, axis=1)
    places = np.add.reduceat(both > 0, starts, axis=1)
    whole = (places <= 1) & ((inside == 0) | (inside == chosen[:, None]))
    fits = np.logical_and.reduceat(whole, starts, axis=0)
    alone = chosen[None, :] > np.add.reduceat(both, starts, axis=0)
    found = np.nonzero(fits & ~np.logical_or.reduceat(alone, starts, axis=1))
    return found[0], found[1]


def _rows_told(panel: Panel, panels: list[Panel]) -> bool:
    """Whether a table tells row percentages of the answers that a panel holds."""
    return panel.kind == "share" and any(
        other.kind == "row_share" and other.variable == panel.variable for other in panels
    )


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
