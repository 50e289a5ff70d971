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

from ngo_survey.disclosure.audit import Attacker, derived
from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.repair import DEAREST, Move, Repair, UnprotectedError
from ngo_survey.disclosure.thresholds import Decision
from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

#: Attack and repair at most this often; more means that the cells cannot be protected.
ATTEMPTS = 12


@dataclass
class Protection:
    """Hidden cells after secondary suppression, what it took, and what it could not do.

    Attributes
    ----------
    given_up: cells of groups of whom it can be worked out that all or none gave an answer.
    """

    hidden: Bools
    attacks: int
    programmes: int
    given_up: Ids


def protect(linked: Linked, decision: Decision, rng: np.random.Generator) -> Protection:
    """Hide further cells until every sensitive one keeps its interval.

    Many beside whom few are left keep what totals that are shown for good leave them, which is
    written into the needs of the decision; the few are protected as such. What all or none of a
    group gave is given up where hiding does not protect it: the system may leave no other table
    (the filter of a table and an answer to it), and no few are told by it.

    Raises
    ------
    UnprotectedError: some small cell cannot be protected by hiding others.
    """
    matrix = linked.cells.matrix()
    hidden = decision.hidden.copy()
    targets = np.flatnonzero(decision.sensitive)
    given_up: list[int] = []
    moves = exchange(linked, decision, hidden)
    programmes = 0
    for attempt in range(1, ATTEMPTS + 1):
        attacker = Attacker(linked.cells, matrix, hidden)
        attacker.believe(moves)
        safe = attacker.certify(targets, decision.need[targets], rng)
        programmes += attacker.solved
        if safe.all():
            hidden = _worth_hiding(matrix, decision, hidden)
            return Protection(hidden, attempt, programmes, np.array(given_up, dtype=np.int64))
        repair = Repair(linked, matrix, decision, hidden)
        for cell in map(int, targets[~safe]):
            if repair.repair(cell):
                continue
            if decision.groups[cell]:
                given_up.append(cell)
            else:
                repair.accept(cell)
                repair.repair(cell)
        narrow = np.setdiff1d(targets[~safe], given_up)
        targets = np.setdiff1d(targets, given_up)
        programmes += repair.solved
        moves += repair.moves
    raise UnprotectedError(linked, narrow)


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
    # How far each cell can fall: a count to zero.
    value = np.maximum(linked.value - np.array(linked.cells.lower), 0.0)
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
