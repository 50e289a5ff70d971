"""What a reader can write down about the cells of all tables: which add up to which.

Categories add up to their base and levels to their total; points make means and boxes; a coarser
reading of an answer is the sum of finer ones; those asked a question are those who gave some
answers to another; derived numbers add up from what they are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ngo_survey.disclosure.blocks import CellBlock, shared_columns
from ngo_survey.disclosure.cells import Cells, Columns, Ids
from ngo_survey.disclosure.derived import Maker, tie_derived
from ngo_survey.tables.estimand import Floats


@dataclass
class Relations:
    """Adds the equations between blocks to their cells."""

    cells: Cells
    columns: Columns
    make: Maker

    def tie(self, blocks: list[CellBlock]) -> None:
        """Write down every equation."""
        for block in blocks:
            self._margins(block)
        self._answered(blocks)
        self._within(blocks)
        shown = [block for block in blocks if not block.difference]
        self._between(shown)
        tie_derived(self.cells, self.columns, shown, self.make)

    def _margins(self, block: CellBlock) -> None:
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

    def _answered(self, blocks: list[CellBlock]) -> None:
        """Those who answered are some of those in the column: what is left is not below zero."""
        seen: set[tuple] = set()
        everybody = self.columns.member[:, 0]
        for block in blocks:
            within = block.source.within
            people = everybody if within is None else everybody & within
            pattern = (block.source.valid.tobytes(), people.tobytes())
            fresh = [i for i, c in enumerate(block.columns) if (*pattern, int(c)) not in seen]
            if not fresh:
                continue
            columns = block.columns[fresh]
            seen.update((*pattern, int(c)) for c in columns)
            silent = people & ~block.source.valid
            if not silent.any():
                continue
            name = f"{block.source.variable} answered"
            whole = self.make(people, columns, f"asked {name}")
            left = self.make(silent, columns, f"not {name}")
            for place, part, rest in zip(whole, block.base[fresh], left, strict=True):
                self.cells.adds_up(np.array([part, rest]), int(place))

    def _within(self, blocks: list[CellBlock]) -> None:
        """Tie estimands of one variable: points to mean and top-two box, answers to a number."""
        by_variable: dict[tuple, list[CellBlock]] = {}
        for block in blocks:
            key = (block.table, block.source.variable, block.less)
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

    def _made_of(self, whole: CellBlock, named: Mapping[str, CellBlock]) -> None:
        """Write down how each figure of an estimand follows from those of others."""
        made_of = whole.source.made_of
        if made_of is None or any(name not in named for name, _ in made_of.parts):
            return
        places = {name: dict(shared_columns(whole, named[name])) for name, _ in made_of.parts}
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

    def _between(self, blocks: list[CellBlock]) -> None:
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
        patterns: dict[bytes, list[CellBlock]] = {}
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
                        self.asked_of(fine, block, categories)
        # A derived count (how many services) is the sum of the answers it counts.
        numbers = [b for b in blocks if b.source.form == "number" and not b.counts]
        for parts in blocks:
            if parts.counts and parts.source.form == "multiple":
                for whole in numbers:
                    if _same_base(parts, whole):
                        self._combine(parts, whole)

    def _combine(self, parts: CellBlock, whole: CellBlock) -> None:
        """Relate each member of ``whole`` that is a fixed combination of columns of ``parts``."""
        valid = parts.source.valid
        basis = parts.source.values[valid]
        for member in range(len(whole.source.members)):
            factors = _combination(basis, whole.source.of_member(member)[valid])
            if factors is None:
                continue
            used = np.flatnonzero(factors)
            for left, right in shared_columns(parts, whole):
                ids = np.append(parts.cells[used, left], whole.cells[member, right])
                self.cells.relate(ids, np.append(factors[used], -1.0))

    def _nest_rows(self, fine: CellBlock, coarse: CellBlock, crossed: Floats) -> None:
        """Categories of ``fine`` add up to a category of ``coarse``.

        ``crossed`` counts the respondents with each category of both.
        """
        for category in np.flatnonzero(crossed.sum(axis=0)):
            inner = np.flatnonzero(crossed[:, category])
            for left, right in shared_columns(fine, coarse):
                self.cells.adds_up(fine.cells[inner, left], int(coarse.cells[category, right]))

    def asked_of(self, fine: CellBlock, block: CellBlock, asked: Ids) -> None:
        """The base of a question asked only of some: they add up to it and who did not answer.

        ``asked`` are the categories of ``fine`` among those who answered ``block``.
        """
        valid = block.source.valid
        those = np.where(fine.source.valid[:, None], fine.source.values, 0.0)[:, asked]
        silent = (those.sum(axis=1) > 0) & ~valid
        if silent.sum() > valid.sum():
            return
        shared = list(shared_columns(fine, block))
        columns = np.array([block.columns[right] for _, right in shared])
        name = f"{block.source.variable} not answered"
        rest = self.make(silent, columns, name)
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


def _same_base(one: CellBlock, other: CellBlock) -> bool:
    return bool((one.source.valid == other.source.valid).all())


def _combination(basis: Floats, target: Floats) -> Floats | None:
    """Return whole factors with ``basis @ factors == target`` for everybody, if there are any."""
    if not len(basis) or basis.shape[1] < 1:
        return None
    factors = np.round(np.linalg.lstsq(basis, target, rcond=None)[0])
    if not factors.any() or np.abs(basis @ factors - target).max() > 1e-9:
        return None
    return factors
