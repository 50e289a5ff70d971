"""What the rest of a whole tells of a share that is hidden for its weights.

Of a question with one answer the shares of a column add up to one, and so do the counts: of a share
that is the only hidden one its count follows exactly, and its weighted figure to within the
rounding of all others (:mod:`.weight_classes` says why it is hidden). So here another composition
is looked for that leaves all of them as they are printed: one respondent of the hidden answer
changes places with one of another class who gave another answer of the column. The share of that
answer must be printed as before, and so must both answers in every column that holds this one: the
total, and a coarser banner. Where a class has no such partner the smallest answer with which it
has one is hidden too; its share then says nothing of who gave which of the two.

Source: Hundepool et al. 2012, Statistical Disclosure Control, sec. 4.2 (what weights reveal).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.rounding_steps import Rounding, to_step
from ngo_survey.disclosure.weight_classes import SAME, Column, classes_of
from ngo_survey.tables.estimand import Floats


@dataclass(frozen=True)
class Whole:
    """The answers of one column, which add up.

    Attributes
    ----------
    weights: (classes,) ascending.
    gave: (answers, classes) how many of each class gave each answer.
    own: (answers, 2) how far the weight of those who gave it may fall and rise with the share of
        the column printed as it is; endless where it is hidden.
    above: the same for the columns that hold this one.
    """

    weights: Floats
    gave: Floats
    own: Floats
    above: Floats

    def leaves_open(self, answer: int) -> bool:
        """Say whether every class that counts leave open is left open by all shares together."""
        gave, size = self.gave[answer], self.gave.sum(axis=0)
        n, base = gave.sum(), size.sum()
        doubtful = np.minimum(size, n) > np.maximum(0.0, n - (base - size))
        # Answer by class by class: one of the first class leaves the answer, one of the second
        # comes in its place.
        gained = self.weights[:, None] - self.weights[None, :]
        down, up = np.maximum(self.own[..., 0], self.above[..., 0]), self._most()
        fits = (gained >= down[:, None, None]) & (gained <= up[:, None, None])
        fits &= (-gained >= self.above[answer, 0]) & (-gained <= self.above[answer, 1])
        fits &= (gave > 0)[None, :, None] & (self.gave > 0)[:, None, :]
        fits &= ~np.eye(len(gave), dtype=bool)
        fits[answer] = False
        changed: Bools = np.asarray(fits.any(axis=0))
        return not (doubtful & ~changed.any(axis=0) & ~changed.any(axis=1)).any()

    def without(self, answer: int) -> Whole:
        """Return the whole with one more answer hidden."""
        own = self.own.copy()
        own[answer] = -np.inf, np.inf
        return replace(self, own=own)

    def _most(self) -> Floats:
        return np.asarray(np.minimum(self.own[..., 1], self.above[..., 1]))


def hidden_beside(
    linked: Linked, weights: Floats, rounding: Rounding, hidden: Bools, told: Ids, free: Bools
) -> Ids:
    """Return the cells that are hidden so that no whole tells of a share hidden for its weights.

    Parameters
    ----------
    weights: (n,) of the respondents, zero outside the population.
    hidden: (cells,) what is hidden, ``told`` among it.
    told: cells whose share would tell of a class of weight.
    free: (cells,) what may be hidden.
    """
    known, of = classes_of(weights)
    found: list[int] = []
    now = hidden.copy()
    for block in linked.tables:
        if block.difference or not block.source.partition or not block.counts:
            continue
        own = np.isin(block.cells, told) & linked.shows(block)[None, :]
        for answer, place in np.argwhere(own):
            whole = _whole(linked, block, int(place), (known, of), rounding, now)
            if whole.leaves_open(int(answer)):
                continue
            cells = block.cells[:, place]
            for other in np.argsort(linked.value[cells], kind="stable"):
                cell = int(cells[other])
                beside = free[cell] and not now[cell] and linked.value[cell] > 0
                if beside and whole.without(int(other)).leaves_open(int(answer)):
                    now[cell] = True
                    found.append(cell)
                    break
    return np.array(found, dtype=np.int64)


def _whole(
    linked: Linked,
    block: CellBlock,
    place: int,
    classes: tuple[Floats, Ids],
    rounding: Rounding,
    hidden: Bools,
) -> Whole:
    """Return the answers of a column with what their printed shares allow."""
    known, of = classes
    member = linked.columns.member[:, block.columns] & block.source.valid[:, None]
    inside = member[:, place]
    own, class_ = np.unique(of[inside], return_inverse=True)
    values = block.source.values[:, : len(block.cells)]
    gave = np.stack([np.bincount(class_, v, len(own)).astype(float) for v in values[inside].T])
    endless = np.tile([-np.inf, np.inf], (len(block.cells), 1))
    room = {True: endless, False: endless.copy()}
    for other in np.flatnonzero(linked.shows(block)):
        if not (inside <= member[:, other]).all():
            continue
        weight = known[of[member[:, other]]]
        sums = weight @ values[member[:, other]]
        classes_, sizes = np.unique(weight, return_counts=True)
        column = Column(classes_, sizes.astype(float))
        step = column.step(rounding)
        printed = to_step(sums / column.total, np.full(len(sums), step))
        ends = printed[:, None] + (step / 2 - SAME) * np.array([-1.0, 1.0])
        ends = ends * column.total - sums[:, None]
        shown = ~hidden[block.cells[:, other]]
        ends[~shown] = -np.inf, np.inf
        limits = room[bool(other == place)]
        limits[:, 0] = np.maximum(limits[:, 0], ends[:, 0])
        limits[:, 1] = np.minimum(limits[:, 1], ends[:, 1])
    return Whole(known[own], gave, room[True], room[False])
