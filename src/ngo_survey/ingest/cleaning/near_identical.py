"""Which interviews are copies of earlier ones: what comparing every pair finds, in less time.

Of two copies at most ``most`` answers differ. So of ``most`` + 1 sets of questions that have none
in common, the two contradict each other in no question of one set at least (pigeonhole; Arasu,
Ganti & Kaushik 2006, VLDB, 918-929: PartEnum). Only pairs that agree so are compared, in all their
answers. A question that one of the two did not answer contradicts nothing, wherever it lies:
:mod:`.agreement_in_bands` finds the pairs. Where that would take longer than comparing every
pair, every pair is compared. What is found is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ngo_survey.ingest.cleaning.agreement_in_bands import (
    CROWD,
    NO_ANSWER,
    Classes,
    join,
)

Codes = NDArray[np.unsignedinteger[Any]]
Places = NDArray[np.intp]
Pairs = tuple[Places, Places]
#: Interviews of which every pair is compared at once: a tenth of a second.
FEW = 2_000
#: Pairs of which all answers are compared at once; questions that tell most pairs apart.
SLICE, FIRST = 1 << 16, 32
#: Interviews of which all pairs are compared at once, on one side and on the other.
BLOCK, ACROSS = 512, 4096
#: Comparing a pair by itself, and beginning to compare a crowd, each costs as much as comparing so
#: many pairs in blocks.
DEAR, BEGIN = 10, 50_000
#: Pairs that bands may leave to compare, over the square of the number of interviews: all pairs.
BUDGET = 0.5


@dataclass(frozen=True)
class Copies:
    """Interviews that say what an earlier one says, in the order of their submission.

    Attributes
    ----------
    copy, of: place of the copy, and of the first interview that is kept and that it is a copy of.
    share: equal answers, of those that both gave.
    """

    copy: Places
    of: Places
    share: NDArray[np.float64]


def copies(codes: Codes, share: float, answers: int, few: int = FEW) -> Copies:
    """Return all copies of earlier interviews.

    Of the answers that a copy and an earlier interview both gave, at least ``answers``, a share of
    ``share`` or more are equal; what is itself a copy has no copies.

    Parameters
    ----------
    codes: answers, interviews in the order of their submission x questions; 0 is no answer.
    few: of as many interviews every pair is compared; it changes the time and no result.
    """
    enough = np.flatnonzero(np.count_nonzero(codes, axis=1) >= max(answers, 1))
    if len(enough) < 2:
        return Copies(enough[:0], enough[:0], np.zeros(0))
    first, group = _distinct(codes[enough])
    kept = _Search(codes[enough[first]], share, answers).run(few)
    of = first[kept[group]]
    copy = np.flatnonzero(of != np.arange(len(enough)))
    same, both = _counts(codes[enough[copy]], codes[enough[of[copy]]])
    return Copies(enough[copy], enough[of[copy]], same / both)


@dataclass
class _Search:
    """Distinct interviews on their way to be told apart from their copies.

    Attributes
    ----------
    most: answers in which two copies can differ.
    kept: of each interview the one that is kept: itself, until it is found to be a copy.
    found: pairs of copies, (earlier, later).
    """

    codes: Codes
    share: float
    answers: int
    most: int = field(init=False)
    classes: Classes = field(init=False)
    kept: Places = field(init=False)
    found: list[Pairs] = field(default_factory=list)

    def __post_init__(self) -> None:
        longest = int(np.count_nonzero(self.codes, axis=1).max())
        self.most = int((1 - self.share) * longest + 1e-9)
        self.classes = Classes.of_codes(self.codes)
        # The questions that tell most apart come first: a few of them decide about most pairs.
        self.codes = np.ascontiguousarray(self.codes[:, self.classes.order])
        self.kept = np.arange(len(self.codes))

    def run(self, few: int) -> Places:
        """Return of each interview the one that is kept."""
        every = np.arange(len(self.codes))
        if len(every) <= few or not self._in_bands():
            self._compare(every, every)
        self._resolve()
        return self.kept

    def _in_bands(self) -> bool:
        """Compare pairs that agree in a band; False where comparing every pair is quicker."""
        rows = np.arange(len(self.codes))
        budget = BUDGET * len(rows) ** 2
        costly = np.zeros(len(rows), dtype=bool)
        for band in self.classes.bands(self.most + 1):
            left = self.kept == rows
            joined = join(self.classes, band, np.flatnonzero(~costly), left)
            size = joined.large.sizes.astype(float)
            crowded = size > CROWD
            budget -= DEAR * (size[~crowded] ** 2).sum() / 2
            budget -= (size[crowded] ** 2 + BEGIN).sum()
            budget -= len(rows) * len(joined.costly)
            if budget < 0:
                return False
            # What is compared with everybody needs no band.
            costly[joined.costly] = True
            for groups in (joined.small, joined.large):
                for a, b in groups.pairs():
                    self._keep(*self.check(a, b))
            for crowd in joined.large.crowds():
                self._compare(crowd[self.kept[crowd] == crowd], crowd)
        self._compare(np.flatnonzero(costly), rows, also_copies=True)
        return True

    def _meets(self, same: Places, both: Places) -> NDArray[np.bool_]:
        return (both >= self.answers) & (same >= self.share * both)

    def check(self, a: Places, b: Places) -> Pairs:
        """Return those of many pairs that are copies."""
        sure = np.zeros(len(a), dtype=bool)
        for start in range(0, len(a), SLICE):
            rows = np.arange(start, min(start + SLICE, len(a)))
            same, both = _counts(self.codes[a[rows], :FIRST], self.codes[b[rows], :FIRST])
            rows = rows[both - same <= self.most]
            sure[rows] = self._meets(*_counts(self.codes[a[rows]], self.codes[b[rows]]))
        return a[sure], b[sure]

    def _keep(self, a: Places, b: Places) -> None:
        """Take down pairs of copies, but for those that say nothing new."""
        earlier, later = np.minimum(a, b), np.maximum(a, b)
        new = (self.kept[earlier] == earlier) & (self.kept[later] > earlier)
        if new.any():
            self.found.append((earlier[new], later[new]))

    def _compare(self, some: Places, others: Places, also_copies: bool = False) -> None:
        """Compare each of some interviews with all of others, in order, that hold them too.

        A crowd of copies of one interview is taken out as soon as it is seen. What is known to be
        a copy has an earlier one among ``some``, unless ``also_copies`` says that it may not.
        """
        mine = np.zeros(len(self.codes), dtype=bool)
        mine[some] = True
        for start in range(0, len(some), BLOCK):
            block = some[start : start + BLOCK]
            block = block[also_copies | (self.kept[block] == block)]
            near = [self._near(block, part) for part in self._across(block, others, mine)]
            if not near:
                continue
            a, b = (np.concatenate([pairs[side] for pairs in near]) for side in (0, 1))
            for row in np.flatnonzero(np.bincount(a) > CROWD):
                self._take_out_crowd(int(row))
            self._keep(a, b)

    def _across(self, block: Places, others: Places, mine: NDArray[np.bool_]) -> Iterator[Places]:
        """Yield the interviews that a block is compared with, a slice at a time."""
        for start in range(0, len(others) if len(block) else 0, ACROSS):
            part = others[start : start + ACROSS]
            # A pair of two of ``some`` is compared from the side of the earlier.
            yield part[~mine[part] | (part > block[0])]

    def _near(self, block: Places, part: Places) -> Pairs:
        """Return the copies among all pairs of some interviews with others."""
        differ = self.classes.differences(block, part, self.most)
        # Of a flat array the few places are found ten times as fast.
        one, other = np.divmod(np.flatnonzero(differ <= self.most), max(len(part), 1))
        a, b = block[one], part[other]
        return self.check(a[a != b], b[a != b])

    def _like(self, row: int) -> Places:
        """Return the interviews, of those that are left, that are copies of one or it."""
        left = np.flatnonzero(self.kept == np.arange(len(self.kept)))
        return self.check(np.full(len(left), row), left)[1]

    def _take_out_crowd(self, row: int) -> None:
        """Find the one that is kept of a crowd of interviews that are like a given one.

        It is the one given, or one that is like it, like one that is like it, and so on. What has
        no earlier interview like it is kept, and every later one like it is a copy, whatever else
        that is like: so much is sure before any other pair is known.
        """
        while self.kept[row] == row and len(like := self._like(row)) > CROWD:
            first = row
            while like[0] != first:
                first = int(like[0])
                like = self._like(first)
            self.kept[like] = first
            if first == row:
                return

    def _resolve(self) -> None:
        """Decide which interview of each pair is kept, from the first submitted on."""
        if not self.found:
            return
        earlier, later = (np.concatenate([pair[side] for pair in self.found]) for side in (0, 1))
        order = np.lexsort((later, earlier))
        for a, b in zip(earlier[order].tolist(), later[order].tolist(), strict=True):
            if self.kept[a] == a and self.kept[b] > a:
                self.kept[b] = a


def _counts(a: Codes, b: Codes) -> tuple[Places, Places]:
    """Return equal answers, and answers that both gave, row by row."""
    given = (a != NO_ANSWER) & (b != NO_ANSWER)
    return np.count_nonzero((a == b) & given, axis=1), np.count_nonzero(given, axis=1)


def _distinct(codes: Codes) -> tuple[Places, Places]:
    """Return the first of all equal interviews, in order, and which of these each one is."""
    whole = np.ascontiguousarray(codes).view(np.dtype((np.void, codes.itemsize * codes.shape[1])))
    _, first, group = np.unique(whole.ravel(), return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order], place[group.ravel()]
