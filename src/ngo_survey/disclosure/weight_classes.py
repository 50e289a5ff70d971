"""What weighted figures tell, to who knows every weight, of the respondents of a class of weight.

Whoever knows the design, the register and who answered knows the weight of every respondent; those
of one weight, a class, cannot be told apart. A share that is shown, its count and its base leave
some compositions: so many of each class who gave the answer. Rounding (:mod:`.rounding`) leaves
nearly always several numbers for each class. It does not where a respondent weighs far more than
all others, nor where the true composition is the last before the edge of what the printed share
stands for. Here is found where; what is found is hidden.

A class is open when another composition fits what is printed, in which another number of the class
gave the answer: by an exchange with another class, or by choosing anew among all others. Each such
composition is made, so that what is called open is open. Of a share the attacker is taken to know
who answered. Who was asked follows from an answer, where a filter or a skip rule says so: there
the weighted base and the effective base may not tell who is in it either.

Source: Hundepool et al. 2012, Statistical Disclosure Control, sec. 4.2 (what weights reveal).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ngo_survey.disclosure.blocks import Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.rounding_steps import (
    Rounding,
    share_step,
    significant,
    step_above,
    to_step,
)
from ngo_survey.disclosure.routing import asked_of_some
from ngo_survey.tables.estimand import Floats

#: Digits by which weights are told apart, and how far from an edge a share must lie.
DIGITS, SAME = 9, 1e-9


@dataclass(frozen=True)
class Column:
    """Those who answered in one column of a table, by class.

    Attributes
    ----------
    weights: (classes,) ascending.
    sizes: (classes,) respondents of each.
    """

    weights: Floats
    sizes: Floats

    @property
    def total(self) -> float:
        """The weighted base."""
        return float(self.weights @ self.sizes)

    def step(self, rounding: Rounding) -> float:
        """The step of a share on this base, as :func:`.rounding_steps.step_of_figures` has it."""
        effective = self.total**2 / float(self.weights**2 @ self.sizes)
        least = max(rounding.share, rounding.respondents / min(effective, self.sizes.sum()))
        return float(share_step(np.array([least]))[0])

    def told(self, gave: Floats, step: float) -> bool:
        """Say whether the printed share tells of a class how many of it gave the answer.

        What the count alone tells is not told by the share.

        Parameters
        ----------
        gave: (classes,) how many did.
        step: what the share is printed as multiples of.
        """
        n, base = gave.sum(), self.sizes.sum()
        most, least = np.minimum(self.sizes, n), np.maximum(0.0, n - (base - self.sizes))
        doubtful = most > least
        if not doubtful.any():
            return False
        sum_ = float(self.weights @ gave)
        printed = float(to_step(np.array([sum_ / self.total]), np.array([step]))[0])
        low = (printed - step / 2) * self.total + SAME * self.total
        high = (printed + step / 2) * self.total - SAME * self.total
        doubtful &= ~self._exchanged(gave, low - sum_, high - sum_)
        return any(not self._chosen_anew(gave, int(k), low, high) for k in np.flatnonzero(doubtful))

    def _exchanged(self, gave: Floats, down: float, up: float) -> Bools:
        """Say of each class whether one of it can change places with one of another class.

        ``down`` and ``up``: how far the sum of the weights of those who gave the answer may move.
        """
        has, lacks = gave > 0, self.sizes > gave
        loses = has & self._near(lacks, down, up)
        return loses | (lacks & self._near(has, -up, -down))

    def _near(self, partner: Bools, low: float, high: float) -> Bools:
        """Say of each class whether a partner other than itself weighs so much more or less."""
        before = np.concatenate([[0], np.cumsum(partner)])
        first = np.searchsorted(self.weights, self.weights + low)
        last = np.searchsorted(self.weights, self.weights + high, side="right")
        itself = partner & (low <= 0) & (high >= 0)
        return np.maximum(before[last] - before[np.minimum(first, last)] - itself, 0) > 0

    def _chosen_anew(self, gave: Floats, k: int, low: float, high: float) -> bool:
        """Say whether one more or fewer of a class fits, with others chosen anew beside it."""
        sizes = self.sizes.astype(int)
        sizes[k] = 0
        others = np.repeat(self.weights, sizes)
        for step in (-1, 1):
            of_class = gave[k] + step
            left = int(gave.sum() - of_class)
            if 0 <= of_class <= self.sizes[k] and 0 <= left <= len(others):
                own = of_class * self.weights[k]
                if _sum_between(others, left, low - own, high - own):
                    return True
        return False


def _sum_between(weights: Floats, chosen: int, low: float, high: float) -> bool:
    """Say whether so many of some weights (ascending) have a sum between two.

    Looked for on one way from the lightest to the heaviest of them: the heaviest of those chosen
    goes up past its neighbours to the end, then the one below it to the place before that.
    """
    free = len(weights) - chosen
    ends = np.concatenate([[0.0], np.cumsum(weights)])
    moved = np.arange(chosen + 1)
    sums = ends[chosen - moved] + ends[-1] - ends[len(weights) - moved]
    # The last of these sums that is not above the least; the one that moves next passes it.
    gone = int(np.searchsorted(sums, low, side="right")) - 1
    if gone < 0 or gone == chosen:
        return bool(low < sums[0] < high) if gone < 0 else bool(low < sums[-1] < high)
    start = chosen - gone - 1
    way = sums[gone] - weights[start] + weights[start : start + free + 1]
    return bool(((way > low) & (way < high)).any())


def base_told(weights: Floats, sizes: Floats, inside: Floats, rounding: Rounding) -> bool:
    """Say whether weighted and effective base tell of a class how many of it are in a base.

    Parameters
    ----------
    weights, sizes: (classes,) of all respondents of a column, ascending in weight.
    inside: (classes,) how many of them are in the base.
    """
    n, total, squares = inside.sum(), float(weights @ inside), float(weights**2 @ inside)
    open_ = np.minimum(sizes, n) > np.maximum(0.0, n - (sizes.sum() - sizes))
    leaves, enters = weights[:, None], weights[None, :]
    totals = total - leaves + enters
    effectives = totals**2 / (squares - leaves**2 + enters**2)
    effective = total**2 / squares
    step = step_above(np.array([rounding.respondents * total / effective]))
    printed = to_step(np.array([total]), step)
    # A little inside the halves: a composition on the edge may be printed otherwise.
    fits = abs(totals - printed) < (0.5 - SAME) * step
    fits &= significant(effectives, 2) == significant(np.array([effective]), 2)
    fits &= (inside > 0)[:, None] & (sizes > inside)[None, :]
    np.fill_diagonal(fits, False)
    return bool((open_ & ~fits.any(axis=0) & ~fits.any(axis=1)).any())


def told_shares(linked: Linked, weights: Floats, rounding: Rounding, hidden: Bools) -> Ids:
    """Return the cells under banners whose printed share tells of a class of weight.

    Totals are not among them: they are shown for good.

    Parameters
    ----------
    weights: (n,) of the respondents, zero outside the population.
    hidden: (cells,) what is hidden already.
    """
    known, of = _classes(weights)
    found: set[int] = set()
    for block in linked.tables:
        if block.difference or not block.counts:
            continue
        open_ = ~hidden[block.cells] & linked.shows(block)
        open_[:, block.columns == linked.columns.of[""][0]] = False
        if not open_.any():
            continue
        sizes = linked.columns.tally(of, len(known), block.source.valid)
        answers = [
            linked.columns.tally(of, len(known), block.source.valid & (values != 0))
            if open_[member].any()
            else sizes
            for member, values in enumerate(block.source.stored.T[: len(block.cells)])
        ]
        for place in np.flatnonzero(open_.any(axis=0)):
            of_column = sizes[:, block.columns[place]]
            own = np.flatnonzero(of_column)
            if len(own) <= 1:
                # Of one class every composition is the same.
                continue
            column = Column(known[own], of_column[own].astype(float))
            step = column.step(rounding)
            for member in np.flatnonzero(open_[:, place]):
                gave = answers[member][own, block.columns[place]].astype(float)
                if 0 < gave.sum() < of_column.sum() and column.told(gave, step):
                    found.add(int(block.cells[member, place]))
    return np.array(sorted(found), dtype=np.int64)


def told_bases(linked: Linked, weights: Floats, rounding: Rounding) -> Ids:
    """Return the bases of those asked because of an answer, whose weights tell who they are.

    ``weights`` is as for :func:`told_shares`.
    """
    known, of = _classes(weights)
    own = [block for block in linked.tables if not block.difference]
    found: set[int] = set()
    columns = linked.columns
    sizes = columns.tally(of, len(known), np.ones(len(of), dtype=bool))
    for block in asked_of_some(own):
        inside = columns.tally(of, len(known), block.source.valid)
        for place in np.flatnonzero(linked.shows(block)):
            column = block.columns[place]
            classes = np.flatnonzero(sizes[:, column])
            of_base = inside[classes, column].astype(float)
            size = sizes[classes, column].astype(float)
            if of_base.any() and base_told(known[classes], size, of_base, rounding):
                found.add(int(block.base[place]))
    return np.array(sorted(found), dtype=np.int64)


def _classes(weights: Floats) -> tuple[Floats, Ids]:
    """Return the weights that there are, ascending, the largest being 1, and the class of each."""
    return np.unique(np.round(weights / weights.max(), DIGITS), return_inverse=True)
