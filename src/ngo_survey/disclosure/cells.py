"""The linear system of everything that a set of tables tells: counts, sums, and what ties them.

A *cell* is the number of respondents in a set ("public foundations that grew"), or the sum of their
values ("points given by public foundations"). Two figures on the same set of people are one cell,
whichever table they stand in: legal form by region and region by legal form, the base of the
reasons for growth and those who grew. A *relation* is a linear equation that a reader can write
down: levels of a banner add up to the total, categories to the base, regions to their
macro-region, the points of a scale to their mean. Who hides a cell hides it in every table, and an
attacker who knows all relations is what :mod:`ngo_survey.disclosure.audit` plays.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ngo_survey.statistics.estimation.domains import Domains, level_name
from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass
class Cells:
    """Cells and relations; ``value[relation.cells] @ relation.factors`` is 0 for each relation.

    Attributes
    ----------
    value: count or sum of each cell.
    is_count: counts, as against sums of values (behind a mean).
    lower: what everybody knows a cell cannot be below.
    relations: (cells, factors) of each equation.
    """

    value: list[float] = field(default_factory=list)
    is_count: list[bool] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    relations: list[tuple[Ids, Floats]] = field(default_factory=list)
    _known: dict[object, int] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.value)

    def cell(self, people: object, value: float, count: bool = True, lower: float = 0.0) -> int:
        """Return the cell of a set of people, made when it is new."""
        found = self._known.setdefault((people, count), len(self.value))
        if found == len(self.value):
            self.value.append(value)
            self.is_count.append(count)
            self.lower.append(lower)
        return found

    def relate(self, cells: Ids, factors: Floats) -> None:
        """Add one equation; an equation that says nothing (one term twice) is left out."""
        if len(cells) == 2 and cells[0] == cells[1]:
            return
        self.relations.append((cells, factors))

    def adds_up(self, parts: Ids, whole: int) -> None:
        """Say that parts add up to a whole."""
        factors = np.ones(len(parts) + 1)
        factors[-1] = -1.0
        self.relate(np.append(parts, whole), factors)

    def matrix(self) -> sparse.csr_matrix:
        """Return the relations as a sparse matrix (relations, cells)."""
        from scipy import sparse

        sizes = [len(cells) for cells, _ in self.relations]
        rows = np.repeat(np.arange(len(sizes)), sizes)
        columns = np.concatenate([c for c, _ in self.relations] or [np.zeros(0, dtype=int)])
        factors = np.concatenate([f for _, f in self.relations] or [np.zeros(0)])
        shape = (len(sizes), len(self))
        matrix = sparse.coo_matrix((factors, (rows, columns)), shape=shape).tocsr()
        # One cell on both sides of an equation has cancelled itself out.
        matrix.eliminate_zeros()
        return matrix


@dataclass(frozen=True)
class Columns:
    """All columns that a population is split into: the total, each banner's levels, and whom no
    level holds.

    Attributes
    ----------
    member: (n, columns) who is in which.
    names: banner and level of each column; the level is "" for those whom no level holds.
    of: columns of each banner ("" for the total).
    nests: pairs of banners (fine, coarse) with, for each column of ``fine``, its column in
        ``coarse``.
    """

    member: Bools
    names: tuple[tuple[str, str], ...]
    of: dict[str, Ids]
    nests: tuple[tuple[str, str, Ids], ...]

    def sums(self, values: Floats, columns: Ids) -> Floats:
        """Return (m, columns) sums of (n, m) numbers over the respondents of some columns.

        As ``values.T @ member[:, columns]``, from one pass a banner: its columns do not overlap.
        """
        found = np.zeros((values.shape[1], len(self.names)))
        asked = np.zeros(len(self.names), dtype=bool)
        asked[columns] = True
        wanted = [own for own in self.of.values() if asked[own].any()]
        for row, column in enumerate(values.T):
            some = np.flatnonzero(column)
            numbers = column[some]
            # Counts are whole numbers, which are quicker to add up.
            weights = None if (numbers == 1).all() else numbers
            for own in wanted:
                code = self._codes[int(own[0])][some]
                made = np.bincount(code, weights, len(own) + 1)
                found[row, own] = made[: len(own)]
        return found[:, columns]

    def tally(self, classes: Ids, groups: int, chosen: Bools) -> Ids:
        """Return (groups, columns) how many of the chosen are of each class in each column.

        Parameters
        ----------
        classes: (n,) the class of each respondent, 0 to ``groups`` - 1.
        chosen: (n,) who is counted.
        """
        found = np.zeros((groups, len(self.names)), dtype=np.int64)
        some = np.flatnonzero(chosen)
        for own in self.of.values():
            wide = len(own) + 1
            cell = classes[some] * wide + self._codes[int(own[0])][some]
            made = np.bincount(cell, minlength=groups * wide)
            found[:, own] = made.reshape(groups, wide)[:, : len(own)]
        return found

    @cached_property
    def _codes(self) -> dict[int, Ids]:
        """Which of its columns each respondent is in, by the first of a banner; last: in none."""
        found = {}
        for own in self.of.values():
            member = self.member[:, own]
            found[int(own[0])] = np.where(member.any(axis=1), member.argmax(axis=1), len(own))
        return found

    def under(self, banners: Container[str]) -> Bools:
        """Say which columns belong to some banners ("" for the total) and hold a level."""
        return np.array([banner in banners and level != "" for banner, level in self.names])

    @classmethod
    def make(cls, splits: Mapping[str, Domains], inside: Bools) -> Columns:
        """Gather the columns of every banner (the total is the banner "")."""
        parts: list[Bools] = []
        names: list[tuple[str, str]] = []
        of: dict[str, Ids] = {}
        place: dict[str, Ids] = {}
        for banner, split in splits.items():
            start = len(names)
            levels = [level_name(level) for level in split.levels]
            own = split.codes.copy()
            if (inside & (own < 0)).any():
                own[own < 0] = len(levels)
                levels.append("")
            parts.append(inside[:, None] & (own[:, None] == np.arange(len(levels))))
            names += [(banner, level) for level in levels]
            of[banner] = np.arange(start, len(names))
            place[banner] = own + start
        nests = []
        for fine in splits:
            for coarse in splits:
                if fine and coarse and fine != coarse:
                    mapping = _function(place[fine][inside], place[coarse][inside], of[fine])
                    if mapping is not None:
                        nests.append((fine, coarse, mapping))
        return cls(np.hstack(parts), tuple(names), of, tuple(nests))


def _function(fine: Ids, coarse: Ids, levels: Ids) -> Ids | None:
    """Return the one coarse value of each fine level (-1 for a level nobody has), if there is."""
    pairs = np.unique(np.stack([fine, coarse], axis=1), axis=0)
    if len(np.unique(pairs[:, 0])) < len(pairs):
        return None
    mapping = np.full(len(levels), -1)
    mapping[pairs[:, 0] - levels[0]] = pairs[:, 1]
    return mapping
