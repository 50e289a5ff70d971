"""Derived numbers in the linear system: the sum of an index is made of the sums of its items.

Whoever gave all the answers that a number is made of has ``v = c + sum of f * x``
(``codebook/derivation_dependencies.py`` says with which factors, from the rule alone), and so have
sums over any people of whom all did. Where some did not, the two sides differ by what these gave,
which is never released: a cell of its own, L, of which a reader knows no more than that nobody
gives less than the low end of a scale or more than its high one:

    sum of v - sum of f * (sum of x) - c * (base of v) + L = 0,

with L = sum of f * x - (v - c) over those who gave a part. A reader is taken to know where there
are none of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ngo_survey.codebook.question import Linear, LinearTerm
from ngo_survey.disclosure.blocks import CellBlock
from ngo_survey.disclosure.cells import Bools, Cells, Columns, Ids
from ngo_survey.tables.estimand import Floats

#: Makes the cells of a set of people in some columns of the population.
Maker = Callable[[Bools, Ids, str], Ids]

#: Parts of a hundred that add up to something else would make an equation false.
SAME = 1e-6
#: A cell with its factor.
Entry = tuple[int, float]


def tie_derived(cells: Cells, columns: Columns, blocks: list[CellBlock], make: Maker) -> None:
    """Write down how each derived number follows from the answers that it is made of."""
    seen: set[int] = set()
    for block in blocks:
        linear = block.source.linear
        if linear is None or block.counts:
            continue
        readings = [_reading(term, block, blocks) for term in linear.terms]
        found = [reading for reading in readings if reading is not None]
        if len(found) == len(readings):
            _Tie(cells, columns.member, make, block, linear, found).write(seen)


@dataclass(frozen=True)
class _Reading:
    """Where one answer stands in the system.

    Attributes
    ----------
    term: the answer.
    blocks: those that hold it, of the same people.
    members: rows of the blocks.
    factors: of each row, so that their sum is the answer.
    """

    term: LinearTerm
    blocks: list[CellBlock]
    members: Ids
    factors: Floats

    @property
    def valid(self) -> Bools:
        return self.blocks[0].source.valid

    @property
    def values(self) -> Floats:
        """The answer of each respondent, times its factor; zero where not valid."""
        chosen = self.blocks[0].source.values[:, self.members] @ self.factors
        return np.where(self.valid, self.term.factor * chosen, 0.0)

    @property
    def ends(self) -> tuple[float, float]:
        """Least and most of the answer times its factor."""
        low, high = self.term.ends or (-np.inf, np.inf)
        if self.term.ends is None and (self.blocks[0].source.values[self.valid] >= 0).all():
            low = 0.0
        ends = sorted((self.term.factor * low, self.term.factor * high))
        return ends[0], ends[1]

    def at(self, column: int) -> tuple[list[Entry], int] | None:
        """Return the cells of a column with their factors, and its base."""
        for block in self.blocks:
            place = np.flatnonzero(block.columns == column)
            if len(place):
                ids = block.cells[self.members, place[0]]
                factors = self.term.factor * self.factors
                return list(zip(ids.tolist(), factors, strict=True)), int(block.base[place[0]])
        return None


def _reading(term: LinearTerm, whole: CellBlock, blocks: list[CellBlock]) -> _Reading | None:
    """Find an answer among blocks with the same filter as ``whole``."""
    found: list[tuple[CellBlock, Ids, Floats]] = []
    for block in blocks:
        rows = _rows(term, block)
        if rows is None or not _same(block.source.within, whole.source.within):
            continue
        if not found or (block.source.valid == found[0][0].source.valid).all():
            found.append((block, *rows))
    if not found:
        return None
    _, members, factors = found[0]
    alike = [b for b, m, f in found if np.array_equal(m, members) and np.array_equal(f, factors)]
    return _Reading(term, alike, members, factors)


def _rows(term: LinearTerm, block: CellBlock) -> tuple[Ids, Floats] | None:
    """Return the rows of a block that make the answer, with the factors of their cells."""
    source = block.source
    if term.values is not None:
        if source.variable != term.variable or not (block.counts and source.partition):
            return None
        factors = np.array([term.values.get(m.category, 0.0) for m in source.members])
        return np.flatnonzero(factors), factors[factors != 0]
    if block.counts:
        return None
    for row, member in enumerate(source.members):
        if member.statistic == "mean" and source.variable == term.variable:
            return np.array([row]), np.ones(1)
        names = (member.item, f"{source.variable}_{member.item}")
        if member.statistic == "mean_share" and term.variable in names:
            return np.array([row]), np.array([100.0])
    return None


def _same(one: Bools | None, other: Bools | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool((one == other).all())


@dataclass(frozen=True)
class _Tie:
    """The equations of one derived number in the columns of its block."""

    cells: Cells
    member: Bools
    make: Maker
    block: CellBlock
    linear: Linear
    readings: list[_Reading]

    def write(self, seen: set[int]) -> None:
        """Write an equation for every column whose sum is not among those that have one."""
        source, constant = self.block.source, self.linear.constant
        answers = [reading.values for reading in self.readings]
        complete = np.logical_and.reduce([source.valid, *(r.valid for r in self.readings)])
        anything = np.logical_or.reduce([source.valid, *(r.valid for r in self.readings)])
        own = np.where(source.valid, source.values[:, 0] - constant, 0.0)
        beyond = np.add.reduce(answers) - own
        if (np.abs(beyond) > SAME * np.maximum(1.0, np.abs(own)))[complete].any():
            return
        rest = anything & ~complete
        places = [p for p in range(len(self.block.columns)) if int(self._sum(p)) not in seen]
        columns = self.block.columns[places]
        every = bool((complete == source.valid).all())
        name = f"{source.variable} of all items"
        gave_all = self.block.base[places] if every else self.make(complete, columns, name)
        for place, column, n in zip(places, columns, gave_all, strict=True):
            held = [reading.at(int(column)) for reading in self.readings]
            known = [h for h in held if h is not None]
            if len(known) < len(held):
                continue
            seen.add(self._sum(place))
            terms = [(self._sum(place), 1.0), (int(self.block.base[place]), -constant)]
            terms += [(cell, -factor) for entries, _ in known for cell, factor in entries]
            inside = rest & self.member[:, column]
            if inside.any():
                left = self._cell("beyond", place, float(beyond[inside].sum()), -np.inf)
                terms.append((left, 1.0))
                self._bounds(place, left, int(n), [base for _, base in known])
            self._relate(terms)

    def _bounds(self, place: int, left: int, n: int, bases: list[int]) -> None:
        """Say that nobody of those beyond the n gives less, or more, than can be given."""
        base, constant = int(self.block.base[place]), self.linear.constant
        reach = self.linear.ends or (-np.inf, np.inf)
        for side, sign in ((0, 1.0), (1, -1.0)):
            # Ends per head of those who gave this answer, or have the number, and are not of the n.
            heads = [(b, r.ends[side]) for b, r in zip(bases, self.readings, strict=True)]
            if base != n:
                heads.append((base, constant - reach[1 - side]))
            heads = [(b, end) for b, end in heads if self.cells.value[b] != self.cells.value[n]]
            if not all(np.isfinite(end) for _, end in heads):
                continue
            terms = [(left, sign)]
            for cell, end in heads:
                terms += [(cell, -sign * end), (n, sign * end)]
            value = sum(self.cells.value[cell] * factor for cell, factor in terms)
            terms.append((self._cell(f"room {side}", place, max(value, 0.0), 0.0), -1.0))
            self._relate(terms)

    def _sum(self, place: int) -> int:
        return int(self.block.cells[0, place])

    def _cell(self, what: str, place: int, value: float, lower: float) -> int:
        return self.cells.cell((what, self._sum(place)), value, count=False, lower=lower)

    def _relate(self, terms: list[Entry]) -> None:
        kept = [(cell, factor) for cell, factor in terms if factor]
        ids, factors = (np.array(part) for part in zip(*kept, strict=True))
        self.cells.relate(ids, factors)
