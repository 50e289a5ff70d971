"""Secondary suppression: which other cells to hide, so that no small one can be worked out.

Three steps, each cheaper than the next and each correcting the one before. *Exchanges*: inside one
table under one banner a small cell is safe when respondents could change places between two
columns and some rows without anything released noticing; the cheapest exchange is hidden (the
hypercube idea of Repsilber, with bundles of rows). *Attack*: linear programming measures the
interval of each small cell over all relations. *Repair*: for each cell that is still too
narrow, the cheapest change of the whole linked system that moves it (Kelly, Golden & Assad 1992;
Fischetti & Salazar 2001, sec. 4), until the attack finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.disclosure.audit import Attacker, DisclosureError, derived
from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.linear_program import Programme
from ngo_survey.disclosure.thresholds import Decision
from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

#: A change of cells: which, and by how much; it leaves every relation true if it is a real one.
Move = tuple[Ids, Floats]
#: Attack and repair at most this often; more means that the cells cannot be protected.
ATTEMPTS = 12
#: How far a repair may look from the cell it mends, narrow first: steps along relations, and what
#: a cell may cost at most. Every table shares its bases with others, so bases come last.
DEAREST = 1e7
REACHES = ((3, 30.0), (5, 30.0), (4, 100.0), (9, DEAREST))


@dataclass
class Protection:
    """Hidden cells after secondary suppression, and what it took."""

    hidden: Bools
    attacks: int
    programmes: int


def protect(linked: Linked, decision: Decision, rng: np.random.Generator) -> Protection:
    """Hide further cells until every sensitive one keeps its interval.

    Raises
    ------
    DisclosureError: some cell cannot be protected by hiding others.
    """
    matrix = linked.cells.matrix()
    hidden = decision.hidden.copy()
    targets = np.flatnonzero(decision.sensitive)
    moves = exchange(linked, decision, hidden)
    programmes = 0
    for attempt in range(1, ATTEMPTS + 1):
        attacker = Attacker(linked.cells, matrix, hidden)
        attacker.believe(moves)
        safe = attacker.certify(targets, decision.need[targets], rng)
        programmes += attacker.solved
        if safe.all():
            return Protection(_worth_hiding(matrix, decision, hidden), attempt, programmes)
        repair = _Repair(linked, matrix, decision, hidden)
        for cell in targets[~safe]:
            repair.repair(int(cell))
        programmes += repair.solved
        moves += repair.moves
    raise DisclosureError(
        f"{int((~safe).sum())} small cells cannot be protected",
        hint="merge levels of a banner, or leave a table out (config: tables.omit)",
    )


def _worth_hiding(matrix: sparse.csr_matrix, decision: Decision, hidden: Bools) -> Bools:
    """Return what is hidden, less the cells that plain subtraction gives away all the same.

    A reader has what they release already: what is unknown stays as it was audited.
    """
    given = hidden & ~derived(matrix, hidden)
    free = given & decision.published & ~decision.primary & ~decision.dropped
    return hidden & ~free


# -- exchanges -----------------------------------------------------------------------------------


def exchange(linked: Linked, decision: Decision, hidden: Bools) -> list[Move]:
    """Hide the cheapest exchange for each sensitive cell of each table under each banner.

    Returns the changes that the exchanges make; whether the rest of the linked system allows them
    is for the attack to say.
    """
    value = np.array(linked.cells.value)
    moves: list[Move] = []
    for block in linked.tables:
        sums = _answers(linked, block)
        for columns in _column_groups(linked, block):
            for ids in _row_groups(block, columns):
                own = None if sums is None else sums[columns]
                sub = _Exchange(ids, own, value, decision, hidden)
                for row, column in np.argwhere(decision.sensitive[ids]):
                    moves += sub.hide(int(row), int(column))
    return moves


def _column_groups(linked: Linked, block: CellBlock) -> Iterator[Ids]:
    """Columns between which respondents may change places unseen: fine ones inside a coarse one."""
    place = {int(column): position for position, column in enumerate(block.columns)}
    for banner, columns in linked.columns.of.items():
        if not banner or int(columns[0]) not in place:
            continue
        own = np.array([place[int(c)] for c in columns])
        coarse = [
            mapping
            for fine, above, mapping in linked.columns.nests
            if fine == banner and int(linked.columns.of[above][0]) in place
        ]
        if coarse:
            for column in np.unique(coarse[0][coarse[0] >= 0]):
                yield own[coarse[0] == column]
        elif banner not in {above for _, above, _ in linked.columns.nests}:
            yield own


def _row_groups(block: CellBlock, columns: Ids) -> Iterator[Ids]:
    if block.source.partition:
        yield block.cells[:, columns]
    elif block.counts:
        for member in range(len(block.cells)):
            yield np.stack([block.cells[member, columns], block.rest[member, columns]])


def _answers(linked: Linked, block: CellBlock) -> Ids | None:
    """The number of answers of a question with many: it moves with each of them."""
    if block.source.form != "multiple" or not block.counts:
        return None
    for other in linked.by_table[block.table]:
        same = (other.source.variable, other.less) == (block.source.variable, block.less)
        if same and other.source.members[0].statistic == "mean_answers":
            return other.cells[0]
    return None


class _Exchange:
    """One table under one banner: rows (a whole), columns, sums that move with the first row."""

    def __init__(
        self, ids: Ids, sums: Ids | None, value: Floats, decision: Decision, hidden: Bools
    ) -> None:
        self.ids, self.sums, self.value = ids, sums, value
        self.decision, self.hidden = decision, hidden

    def hide(self, row: int, column: int) -> list[Move]:
        """Hide what lets ``ids[row, column]`` move by its need, at the least cost."""
        best: tuple[float, int, Ids, Floats, Floats] | None = None
        for partner in range(self.ids.shape[1]):
            if partner != column:
                found = self._with(row, column, partner)
                if found is not None and (best is None or found[0] < best[0]):
                    best = found
                if best is not None and best[0] == 0:
                    break
        if best is None or best[0] > DEAREST:
            return []
        _, partner, rows, up, down = best
        ids = [self.ids[[row], column], self.ids[[row], partner]]
        ids += [self.ids[rows, column], self.ids[rows, partner]]
        moves: list[Move] = []
        for step, sign in ((up, 1.0), (down, -1.0)):
            total = sign * step.sum()
            amounts = [np.array([total]), np.array([-total]), -sign * step, sign * step]
            cells = list(ids)
            if self.sums is not None:
                cells.append(self.sums[[column, partner]])
                amounts.append(np.array([total, -total]) * (1.0 if row == 0 else -1.0))
            moves.append((np.concatenate(cells), np.concatenate(amounts)))
        for cells_moved, _ in moves:
            self.hidden[cells_moved] = True
        return moves

    def _with(
        self, row: int, column: int, partner: int
    ) -> tuple[float, int, Ids, Floats, Floats] | None:
        """Return cost, partner, rows and their steps up and down, for one partner column."""
        value, hidden, cost = self.value, self.hidden, self.decision.cost
        cell, mirror = self.ids[row, column], self.ids[row, partner]
        if not (hidden[mirror] or value[mirror] > 0):
            return None
        need = float(self.decision.need[cell])
        others = np.delete(np.arange(len(self.ids)), row)
        near, far = self.ids[others, column], self.ids[others, partner]
        fit = np.flatnonzero((hidden[near] | (value[near] > 0)) & (hidden[far] | (value[far] > 0)))
        near, far, others = near[fit], far[fit], others[fit]
        costs = np.where(hidden[near], 0.0, cost[near]) + np.where(hidden[far], 0.0, cost[far])
        room = np.minimum(value[near], value[mirror]) + np.minimum(value[far], value[cell])
        order = np.lexsort((-room, costs))
        up = _steps(value[near[order]], float(value[mirror]))
        down = _steps(value[far[order]], float(value[cell]))
        enough = np.flatnonzero(np.cumsum(up + down) >= need - 1e-9)
        if not len(enough):
            return None
        used = slice(0, enough[0] + 1)
        total = float(costs[order][used].sum()) + (0.0 if hidden[mirror] else float(cost[mirror]))
        if self.sums is not None:
            pair = self.sums[[column, partner]]
            total += float(cost[pair][~hidden[pair]].sum())
        return total, partner, others[order][used], up[used], down[used]


def _steps(room: Floats, limit: float) -> Floats:
    """Fill room after room until the limit is used up."""
    return np.diff(np.minimum(np.cumsum(room), limit), prepend=0.0)


# -- repair --------------------------------------------------------------------------------------


class _Repair:
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

    def repair(self, cell: int) -> None:
        """Hide what it takes; nothing when an earlier repair has moved the cell far enough."""
        need = float(self.decision.need[cell])
        if self.width[cell] >= need - 1e-6:
            return
        for steps, dearest in REACHES:
            moves = self._moves(cell, need, self._near(cell, steps, dearest))
            if moves is not None:
                for cells, amounts in moves:
                    self.hidden[cells] = True
                    self.width[cells] = np.maximum(self.width[cells], np.abs(amounts))
                self.moves += moves
                return
        raise DisclosureError(
            "a small cell cannot be protected by hiding others",
            value=self.linked.place(cell),
            hint="merge levels of a banner, or leave a table out (config: tables.omit)",
        )

    def _near(self, cell: int, steps: int, dearest: float) -> Ids:
        """Cells within some steps along relations that may move: hidden, or not zero nor dear."""
        found = np.array([cell])
        allowed = self.hidden | ((self.value != 0) & (self.decision.cost <= dearest))
        # It may be shown elsewhere as what another question counts.
        allowed[cell] = True
        for _ in range(steps):
            there = np.zeros(len(allowed), dtype=bool)
            there[_entries(self.rows, np.unique(_entries(self.columns, found)))] = True
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
        programme = Programme(
            both,
            right=np.zeros(len(equations)),
            lower=np.zeros(2 * len(near)),
            upper=np.concatenate([np.full(len(near), np.inf), down]),
        )
        place = int(np.searchsorted(near, cell))
        found = self._move(programme, near, place, need)
        if found is not None:
            return [found]
        below = min(need, float(down[place]))
        moves: list[Move] = []
        for amount in (-below, need - below):
            if amount:
                found = self._move(programme, near, place, amount)
                if found is None:
                    return None
                moves.append(found)
        return moves

    def _move(self, programme: Programme, near: Ids, place: int, amount: float) -> Move | None:
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


def _entries(matrix: sparse.csr_matrix | sparse.csc_matrix, lines: Ids) -> Ids:
    """Return the positions of all entries of some rows (or columns, as the matrix is stored)."""
    starts = matrix.indptr[lines]
    sizes = matrix.indptr[lines + 1] - starts
    shifts = np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    entries: Ids = matrix.indices[shifts + np.arange(len(shifts))]
    return entries
