"""Repair: the cheapest change of the whole linked system that moves a cell which is too narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.disclosure.audit import Attacker, DisclosureError
from ngo_survey.disclosure.blocks import Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.linear_program import LinearProgramme
from ngo_survey.disclosure.thresholds import Decision
from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

#: A change of cells: which, and by how much; it leaves every relation true if it is a real one.
Move = tuple[Ids, Floats]
#: How far a repair may look from the cell it mends, narrow first: steps along relations, and what
#: a cell may cost at most. Every table shares its bases with others, so bases come last.
DEAREST = 1e7
REACHES = (
    (3, 30.0, False),
    (5, 30.0, False),
    (4, 100.0, False),
    (9, DEAREST, False),
    (9, DEAREST, True),
)
#: What a total costs at most that is shown for good: the reach where nothing under a banner helps.
LAST = (9, 10 * DEAREST, True)


class UnprotectedError(DisclosureError):
    """Small cells that nothing protects which may be hidden: ``cells``, of ``linked.cells``."""

    def __init__(self, linked: Linked, cells: Ids) -> None:
        self.cells = cells
        super().__init__(
            f"{len(cells)} small cells cannot be protected by hiding others",
            value=linked.place(int(cells[0])),
            hint="merge levels of a banner, or leave a table out (config: tables.omit)",
        )


class Repair:
    """Finds, cell by cell, the cheapest change of the linked system that moves it."""

    def __init__(
        self, linked: Linked, matrix: sparse.csr_matrix, decision: Decision, hidden: Bools
    ) -> None:
        self.linked = linked
        self.value = np.array(linked.cells.value)
        self.lower = np.array(linked.cells.lower)
        self.decision, self.hidden = decision, hidden
        self.rows, self.columns = matrix, matrix.tocsc()
        self.width = np.zeros(len(self.value))
        self.solved = 0
        self.moves: list[Move] = []

    def repair(self, cell: int) -> bool:
        """Hide what it takes; nothing when an earlier repair has moved the cell far enough.

        Returns whether anything that may be hidden protects the cell. Totals that are shown for
        good are hidden only here, where nothing under a banner protects the few in it; what all or
        none of a group gave hides no total.
        """
        need = float(self.decision.need[cell])
        if self.width[cell] >= need - 1e-6:
            return True
        few = self.value[cell] < self.decision.threshold and not self.decision.groups[cell]
        for steps, dearest, zeros in (*REACHES, LAST) if few else REACHES:
            moves = self._moves(cell, need, self._near(cell, steps, dearest, zeros))
            if moves is not None:
                for cells, amounts in moves:
                    self.hidden[cells] = True
                    self.width[cells] = np.maximum(self.width[cells], np.abs(amounts))
                self.moves += moves
                return True
        return False

    def accept(self, cell: int) -> None:
        """Ask of a cell no wider interval than the totals leave it that are shown for good.

        Raises
        ------
        UnprotectedError: it would be too narrow without them too.
        """
        need = self.decision.need
        apart = self.hidden | (self.decision.cost <= DEAREST)
        if self._width(cell, apart | self.decision.kept) < need[cell] - 1e-6:
            raise UnprotectedError(self.linked, np.array([cell]))
        # A little less, for the tolerance of the solver.
        need[cell] = max(min(need[cell], self._width(cell, apart) - 1e-4), 0.0)

    def _width(self, cell: int, hidden: Bools) -> float:
        low, high = Attacker(self.linked.cells, self.rows, hidden).intervals(np.array([cell]))
        return float(high[0] - low[0])

    def _near(self, cell: int, steps: int, dearest: float, zeros: bool) -> Ids:
        """Cells within some steps along relations that may move: hidden, or not zero nor dear."""
        found = np.array([cell])
        cheap = self.decision.cost <= dearest
        # Nobody in a cell: hidden only where nothing else helps.
        allowed = self.hidden | (cheap & ((self.value != 0) | zeros))
        # It may be shown elsewhere as what another question counts.
        allowed[cell] = True
        for _ in range(steps):
            there = np.zeros(len(allowed), dtype=bool)
            there[entries(self.rows, np.unique(entries(self.columns, found)))] = True
            nearer = np.flatnonzero(there & allowed)
            if len(nearer) == len(found):
                break
            found = nearer
        return found

    def _moves(self, cell: int, need: float, near: Ids) -> list[Move] | None:
        """Return the cheapest changes that move ``cell`` by ``need``: up, or down and up."""
        from scipy import sparse

        own = self.columns[:, near]
        equations, own.indices = np.unique(own.indices, return_inverse=True)
        down = self.value[near] - self.lower[near]
        # A change is what a cell gains less what it loses: each has a column.
        both = sparse.csc_array(
            (
                np.concatenate([own.data, -own.data]),
                np.concatenate([own.indices, own.indices]),
                np.concatenate([own.indptr, own.indptr[1:] + own.nnz]),
            ),
            shape=(len(equations), 2 * len(near)),
        )
        programme = LinearProgramme(
            both,
            right=np.zeros(len(equations)),
            lower=np.zeros(2 * len(near)),
            upper=np.concatenate([np.full(len(near), np.inf), down]),
        )
        place = int(np.searchsorted(near, cell))
        found = self._move(programme, near, place, need)
        if found is not None:
            return [found]
        above = self._furthest(programme, near, place, need)
        if need - above > down[place] + 1e-6:
            return None
        moves: list[Move] = []
        for amount in (above, above - need):
            if amount:
                found = self._move(programme, near, place, amount)
                if found is None:
                    return None
                moves.append(found)
        return moves

    def _furthest(self, programme: LinearProgramme, near: Ids, place: int, most: float) -> float:
        """Return how far ``near[place]`` can go up, whatever it costs."""
        programme.bound(place, 0.0, most)
        programme.bound(len(near) + place, 0.0, 0.0)
        push = np.zeros(2 * len(near))
        push[place] = -1.0
        self.solved += 1
        found = programme.least(push)
        return 0.0 if found is None else float(found[place])

    def _move(
        self, programme: LinearProgramme, near: Ids, place: int, amount: float
    ) -> Move | None:
        """Return cells and amounts of the cheapest change of ``near[place]`` by ``amount``."""
        up, down = max(amount, 0.0), max(-amount, 0.0)
        programme.bound(place, up, up)
        programme.bound(len(near) + place, down, down)
        price = np.where(self.hidden[near], 1e-4, self.decision.cost[near] + 1e-4)
        self.solved += 1
        found = programme.least(np.concatenate([price, price]))
        if found is None:
            return None
        change = found[: len(near)] - found[len(near) :]
        moved = np.abs(change) > 1e-6
        return near[moved], change[moved]


def entries(matrix: sparse.csr_matrix | sparse.csc_matrix, lines: Ids) -> Ids:
    """Return the positions of all entries of some rows (or columns, as the matrix is stored)."""
    starts = matrix.indptr[lines]
    sizes = matrix.indptr[lines + 1] - starts
    shifts = np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    entries: Ids = matrix.indices[shifts + np.arange(len(shifts))]
    return entries
