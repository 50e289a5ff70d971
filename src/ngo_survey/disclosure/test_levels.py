"""Whether the level that a test is below tells of somebody who is hidden in its table.

Of a table with a hidden figure the statistic of a test stays inside, and the level alone leaves
(``rounding.withheld``). Even that is one more fact: of all tables that fit the margins only those
fit it whose test is below the same level. So it is told only where, for every small cell that is
hidden, tables fit that are as far apart in this cell as the protection asks. They are made from the
true one by exchanges: some respondents of one hidden column change from one hidden answer to
another, and as many of another column change back, so that every margin stays as it is. The test
is made anew of each.

Several tests are of one figure: of the question as a whole, of the answer, a trend. Tables must fit
all of them at once that are told. What is proven is what the table's own margins and these levels
say, not what other tables add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.disclosure.cells import Bools
from ngo_survey.disclosure.rounding_steps import LEVELS, level_of

if TYPE_CHECKING:
    from ngo_survey.statistics.estimation.domains import Codes
    from ngo_survey.tables.estimand import Estimand
    from ngo_survey.tables.tests import Again


#: Exchanges that are tried for a cell, the roomiest first.
TRIED = 2
#: Of a table with more small cells nothing is told: to prove each costs more than it gives.
MOST_CELLS = 6


@dataclass(frozen=True)
class HiddenCells:
    """The cells of an estimand under one banner, (members, levels), and who stands behind them.

    Attributes
    ----------
    hidden, small: what is not shown, and what of it must keep an interval.
    codes: (n,) the level of each respondent who is in the table, -1 for others.
    """

    estimand: Estimand
    hidden: Bools
    small: Bools
    codes: Codes

    def gave(self, row: int, column: int, answer: bool = True) -> Codes:
        """Return the respondents of a column who gave an answer, or who did not."""
        own = self.estimand.stored[:, row] == int(answer)
        return np.flatnonzero(own & (self.codes == column))


def tells(
    cells: HiddenCells,
    members: list[int],
    tests: Sequence[Again],
    need: int,
    levels: tuple[float, ...] = LEVELS,
) -> bool:
    """Say whether the levels of tests leave some small hidden cell narrower than ``need``.

    As they are adjusted they tell no more: that follows from the levels of their families
    (``tables.tests``).

    Parameters
    ----------
    members: rows of the answers that the first test is of.
    tests: it, and those of the same answers that are told already.
    levels: what a test may be said to be below.
    """
    if cells.small[members].sum() > MOST_CELLS:
        return True
    told_of = partial(_levels, tests, levels)
    told = told_of(cells.estimand)
    return any(
        not any(
            _wide(cells, exchange, told_of, told, need)
            for exchange in islice(_exchanges(cells, row, int(column)), TRIED)
            if sum(exchange.room) >= need
        )
        for row in members
        for column in np.flatnonzero(cells.small[row])
    )


@dataclass(frozen=True)
class _Swap:
    """Who may change: up in the cell by giving its answer, down by giving the other one.

    ``up`` are respondents of its column who gave the other answer and of the other column who gave
    its answer; ``down`` the other way round. ``row`` is its answer, ``other`` the other one, -1 for
    not giving it.
    """

    row: int
    other: int
    up: tuple[Codes, Codes]
    down: tuple[Codes, Codes]

    @property
    def room(self) -> tuple[int, int]:
        """How far the cell can go up and down."""
        return min(map(len, self.up)), min(map(len, self.down))


def _exchanges(cells: HiddenCells, row: int, column: int) -> Iterator[_Swap]:
    """Yield exchanges of a cell with another hidden column, the roomiest first."""
    found = []
    for far in np.flatnonzero(cells.hidden[row]):
        if far == column:
            continue
        mine = cells.gave(row, column), cells.gave(row, int(far))
        if not cells.estimand.partition:
            others = cells.gave(row, column, False), cells.gave(row, int(far), False)
            found.append(_Swap(row, -1, (others[0], mine[1]), (mine[0], others[1])))
            continue
        for other in np.flatnonzero(cells.hidden[:, column] & cells.hidden[:, far]):
            if other != row:
                theirs = cells.gave(int(other), column), cells.gave(int(other), int(far))
                found.append(_Swap(row, int(other), (theirs[0], mine[1]), (mine[0], theirs[1])))
    yield from sorted(found, key=lambda exchange: -sum(exchange.room))


def _wide(
    cells: HiddenCells,
    exchange: _Swap,
    told_of: Callable[[Estimand], list[float]],
    told: list[float],
    need: int,
) -> bool:
    """Say whether tables fit the levels that are ``need`` apart in the cell."""
    width = 0
    for sign, room in zip((1, -1), exchange.room, strict=True):
        # Furthest first: the ends of what fits are all that counts.
        for steps in range(min(room, need - width), 0, -1):
            if told_of(_after(cells.estimand, exchange, sign * steps)) == told:
                width += steps
                break
    return width >= need


def _after(estimand: Estimand, exchange: _Swap, steps: int) -> Estimand:
    """Return the answers after so many of each column have changed."""
    values = estimand.stored.copy()
    gain, loss = exchange.up if steps > 0 else exchange.down[::-1]
    # Up: those of its column give its answer, those of the other no longer; down: the reverse.
    for people, given in ((gain[: abs(steps)], 1), (loss[: abs(steps)], 0)):
        values[people, exchange.row] = given
        if exchange.other >= 0:
            values[people, exchange.other] = 1 - given
    return replace(estimand, stored=values)


def _levels(tests: Sequence[Again], levels: tuple[float, ...], estimand: Estimand) -> list[float]:
    return level_of(np.array([again(estimand) for again in tests]), levels).tolist()
