"""The attacker: what everything that is released still says about what is hidden.

Knows every released cell, every relation, and that counts are not negative. For each hidden cell,
linear programming gives the smallest and the largest value that fits (Fischetti & Salazar 2001;
Hundepool et al. 2012, ch. 4); the true value is one of those that fit, so a cell is safe when
the interval is wide enough.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.disclosure.bounds import outer
from ngo_survey.disclosure.cells import Bools, Cells, Ids
from ngo_survey.disclosure.linear_program import LinearProgramme, UnboundedError, UnsolvedError
from ngo_survey.errors import ResultError
from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

#: Rounds in which all doubtful cells of a component are pushed at once, before one by one.
ROUNDS = 4


class DisclosureError(ResultError):
    """A hidden figure could be worked out from what is released."""


def derived(matrix: sparse.csr_matrix, hidden: Bools) -> Bools:
    """Return which hidden cells stay hidden after plain subtraction, carried on to its end."""
    pattern = matrix.copy()
    pattern.data = np.ones_like(pattern.data)
    unknown = hidden.copy()
    while True:
        single = np.flatnonzero(pattern @ unknown.astype(float) == 1)
        if not len(single):
            return unknown
        solved = pattern[single].multiply(unknown[None, :]).tocoo().col
        unknown[solved] = False


class Attacker:
    """One set of hidden cells, held against all relations."""

    def __init__(self, cells: Cells, matrix: sparse.csr_matrix, hidden: Bools) -> None:
        from scipy.sparse.csgraph import connected_components

        self.matrix = matrix
        self.value = np.array(cells.value)
        self.lower = np.array(cells.lower)
        self.unknown = np.flatnonzero(derived(matrix, hidden))
        self.low, self.high = self.value.copy(), self.value.copy()
        own = matrix[:, self.unknown]
        own = own[own.getnnz(axis=1) > 0].tocsr()
        self.system = own
        count, self.component = connected_components(own.T @ own, directed=False)
        order = np.argsort(self.component, kind="stable")
        bounds = np.searchsorted(self.component[order], np.arange(count + 1))
        self.members = [order[bounds[c] : bounds[c + 1]] for c in range(count)]
        self.place = np.full(len(self.value), -1)
        self.place[self.unknown] = np.arange(len(self.unknown))
        self.solved = 0

    def believe(self, moves: list[tuple[Ids, Floats]]) -> None:
        """Take changes that somebody proposes as further tables that fit, after checking each.

        A change counts only if it touches hidden cells alone, takes none below what it can be, and
        leaves every relation true.
        """
        from scipy import sparse

        if not moves:
            return
        sizes = [len(cells) for cells, _ in moves]
        cells = np.concatenate([c for c, _ in moves])
        amounts = np.concatenate([a for _, a in moves])
        number = np.repeat(np.arange(len(sizes)), sizes)
        after = self.value[cells] + amounts
        wrong = (self.place[cells] < 0) & (amounts != 0) | (after < self.lower[cells] - 1e-6)
        shape = (len(self.value), len(sizes))
        changes = sparse.coo_matrix((amounts, (cells, number)), shape=shape).tocsc()
        left = abs(self.matrix @ changes).max(axis=0).toarray().ravel()
        fits = left < 1e-6
        fits[number[wrong]] = False
        kept = fits[number]
        np.minimum.at(self.low, cells[kept], after[kept])
        np.maximum.at(self.high, cells[kept], after[kept])

    def certify(self, targets: Ids, need: Floats, rng: np.random.Generator) -> Bools:
        """Say which targets have an interval of at least ``need``; stops as soon as that is known.

        Each solution is a whole set of tables that fits what is released; the spread of a cell over
        the solutions found is a lower bound of its interval, so a cell found wide is wide; a cell
        whose outer bounds are narrow is narrow, and no programme is solved for it.
        """
        places = self.place[targets]
        open_ = (places >= 0) & (self.high[targets] - self.low[targets] < need - 1e-6)
        open_[open_] = self._most[places[open_]] >= need[open_] - 1e-6
        for component in np.unique(self.component[places[open_]]):
            chosen = np.flatnonzero(open_ & (self.component[places] == component))
            self._certify(int(component), targets[chosen], need[chosen], rng)
        return self.high[targets] - self.low[targets] >= need - 1e-6

    @cached_property
    def _most(self) -> Floats:
        """How wide the interval of each unknown cell can be at most."""
        right = self.system @ self.value[self.unknown]
        low, high = outer(self.system, right, self.lower[self.unknown])
        return high - low

    def _certify(self, component: int, cells: Ids, need: Floats, rng: np.random.Generator) -> None:
        inside = self.members[component]
        program = _Program(self, inside)
        for _ in range(ROUNDS):
            doubtful = cells[self.high[cells] - self.low[cells] < need - 1e-6]
            if not len(doubtful):
                return
            push = np.zeros(len(inside))
            push[program.local(doubtful)] = rng.choice([-1.0, 1.0], size=len(doubtful))
            for direction in (push, -push):
                program.solve(direction)
        for cell in cells:
            for sign in (1.0, -1.0):
                if self.high[cell] - self.low[cell] < need[cells == cell][0] - 1e-6:
                    program.reach(int(cell), sign)

    def intervals(self, targets: Ids) -> tuple[Floats, Floats]:
        """Return the exact smallest and largest value of each target that fits."""
        places = self.place[targets]
        for component in np.unique(self.component[places[places >= 0]]):
            program = _Program(self, self.members[component])
            for cell in targets[(places >= 0) & (self.component[places] == component)]:
                for sign in (1.0, -1.0):
                    program.reach(int(cell), sign)
        return self.low[targets], self.high[targets]


class _Program:
    """The linear programme of one component."""

    def __init__(self, attacker: Attacker, inside: Ids) -> None:
        self.attacker = attacker
        self.cells = attacker.unknown[inside]
        own = attacker.system[:, inside]
        own = own[own.getnnz(axis=1) > 0]
        self.programme = LinearProgramme(
            own,
            right=own @ attacker.value[self.cells],
            lower=attacker.lower[self.cells],
            upper=np.full(len(self.cells), np.inf),
        )

    def local(self, cells: Ids) -> Ids:
        """Return positions of cells in the programme."""
        return np.searchsorted(self.cells, cells)

    def solve(self, push: Floats) -> None:
        """Find the tables that maximise ``push @ cells`` and widen what is known to fit."""
        attacker = self.attacker
        attacker.solved += 1
        try:
            found = self.programme.least(-push)
        except UnboundedError:
            # No relation bounds it: an attacker knows nothing of these cells.
            pushed = self.cells[push != 0]
            if len(pushed) == 1:
                side = attacker.high if push.max() > 0 else attacker.low
                side[pushed] = np.inf if push.max() > 0 else -np.inf
            return
        except UnsolvedError as error:
            raise DisclosureError(f"the audit could not be solved: {error}") from None
        if found is None:  # the true values fit, so this is the solver's own rounding
            raise DisclosureError("the audit could not be solved: nothing fits what is released")
        attacker.low[self.cells] = np.minimum(attacker.low[self.cells], found)
        attacker.high[self.cells] = np.maximum(attacker.high[self.cells], found)

    def reach(self, cell: int, sign: float) -> None:
        """Push one cell as far as it goes."""
        push = np.zeros(len(self.cells))
        push[self.local(np.array([cell]))] = sign
        self.solve(push)
