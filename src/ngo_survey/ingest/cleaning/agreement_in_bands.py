"""Interviews that contradict each other in no question of a band; no answer contradicts nothing.

Answers are put into a few classes, so that interviews of two classes of a question are surely
different there. Question by question, interviews are parted by class; one without an answer goes
on in every class, since it contradicts none. So two interviews that contradict each other in no
question of the band are together to the end. A group of few is not parted further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.unsignedinteger[Any]]
Places = NDArray[np.intp]
Pairs = tuple[Places, Places]
#: Code of a question that was not answered, and its class.
NO_ANSWER = 0
#: Classes of a question: more tell more apart, and cost more where an answer is not there.
CLASSES = 4
#: A group of as many is not parted further; more than ``CROWD`` may be copies of one.
SMALL, CROWD = 4, 64
#: An interview stands in up to one group for so many interviews, and all in so many on average.
SHARE, ON_AVERAGE = 64, 16
#: Pairs that are made at once.
SLICE = 1 << 18


@dataclass(frozen=True)
class Classes:
    """Answers in classes.

    Attributes
    ----------
    of: class of each answer, from 1 on, 0 for none; questions x interviews, and those questions
        come first that tell most pairs of interviews apart.
    counts: number of classes of each question.
    apart: share of the pairs of interviews that each question tells apart.
    order: places of the questions in the codes that were given.
    """

    of: NDArray[np.uint8]
    counts: Places
    apart: NDArray[np.float64]
    order: Places

    @classmethod
    def of_codes(cls, codes: Codes) -> Classes:
        """Put answers (interviews x questions) into classes of about equal size."""
        made = np.empty((codes.shape[1], len(codes)), dtype=np.uint8)
        apart = np.empty(len(made))
        for question, answers in enumerate(np.ascontiguousarray(codes.T)):
            said = np.bincount(answers)
            said[NO_ANSWER] = 0
            place = np.empty(len(said), dtype=np.intp)
            place[np.argsort(-said, kind="stable")] = np.arange(len(said))
            turn, step = np.divmod(place, CLASSES)
            # There and back again: the most frequent answers stand with the least frequent ones.
            classes = np.where(turn % 2, CLASSES - 1 - step, step).astype(np.uint8) + 1
            classes[NO_ANSWER] = NO_ANSWER
            made[question] = classes[answers]
            size = np.bincount(made[question], minlength=CLASSES + 1)[1:] / len(codes)
            apart[question] = size.sum() ** 2 - (size**2).sum()
        order = np.argsort(-apart, kind="stable")
        return cls(made[order], made[order].max(axis=1).astype(np.intp), apart[order], order)

    def bands(self, count: int) -> list[Places]:
        """Deal the questions into bands that tell about equally much apart."""
        return [np.arange(i, len(self.of), count) for i in range(count)]

    def differences(self, rows: Places, others: Places, most: int) -> NDArray[np.float32]:
        """Return in how many questions two interviews are surely different, rows x others.

        Only so many questions are looked at as tell almost all pairs apart by more than ``most``.
        The counts are sums of ones: exact as floats.
        """
        enough = int(np.searchsorted(np.cumsum(self.apart), 2 * most + 12)) + 1
        return np.asarray(self._marks(rows, enough, 1) @ self._marks(others, enough, -1).T)

    def _marks(self, rows: Places, enough: int, sign: int) -> NDArray[np.float32]:
        """Return a mark for each question that was answered, and (of a sign) for its class."""
        of = self.of[:enough, rows]
        levels = np.arange(1, CLASSES + 1, dtype=np.uint8)[:, None, None]
        marks = np.concatenate([(of != NO_ANSWER)[None], of == levels]).astype(np.float32)
        marks[1:] *= sign
        return np.ascontiguousarray(marks.reshape(marks.shape[0] * marks.shape[1], len(rows)).T)


@dataclass(frozen=True)
class AgreeingGroups:
    """Interviews in groups: those of each group after each other, where it begins, its size."""

    rows: Places
    starts: Places
    sizes: Places

    @classmethod
    def of(cls, group: Places, rows: Places) -> AgreeingGroups:
        """Return the groups of interviews, each in order of the interviews."""
        order = np.lexsort((rows, group))
        group = group[order]
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        return cls(rows[order], starts, np.diff(starts, append=len(group)))

    def pairs(self) -> Iterator[Pairs]:
        """Yield all pairs of interviews of a group, but for those of crowds."""
        for size in np.unique(self.sizes[self.sizes <= CROWD]):
            one, other = np.triu_indices(size, 1)
            starts = self.starts[self.sizes == size]
            at_once = max(SLICE // max(len(one), 1), 1)
            for first in range(0, len(starts), at_once):
                members = self.rows[starts[first : first + at_once, None] + np.arange(size)]
                yield members[:, one].ravel(), members[:, other].ravel()

    def crowds(self) -> Iterator[Places]:
        """Yield the interviews of each large group, in order."""
        large = self.sizes > CROWD
        for start, size in zip(self.starts[large], self.sizes[large], strict=True):
            yield self.rows[start : start + size]


@dataclass(frozen=True)
class Joined:
    """What agrees in a band.

    Attributes
    ----------
    small, large: groups that hold every pair that agrees; the large ones agree in the whole band,
        or in as much of it as could be looked at.
    costly: interviews that are to be compared with all others, since they answered so little that
        they would stand in too many groups.
    """

    small: AgreeingGroups
    large: AgreeingGroups
    costly: Places


def join(classes: Classes, band: Places, rows: Places, left: NDArray[np.bool_]) -> Joined:
    """Return which of some interviews contradict each other in no question of a band.

    Parameters
    ----------
    left: of every interview whether it may still be kept: a pair has one of these.
    """
    everybody, count = len(left), len(rows)
    group = np.zeros(count, dtype=np.intp)
    none = np.empty(0, dtype=np.intp)
    costly, small, made = [none], [(none, none)], 0
    for question in band:
        spread = int(classes.counts[question])
        if spread < 2 or not len(rows):
            continue
        answer = classes.of[question, rows]
        without = answer == NO_ANSWER
        if without.any():
            often = np.bincount(rows[without], minlength=everybody) * spread
            many = often > max(CROWD, count // SHARE)
            costly.append(np.flatnonzero(many))
            stay = ~many[rows]
            rows, group, answer, without = (x[stay] for x in (rows, group, answer, without))
            if len(rows) + without.sum() * (spread - 1) > ON_AVERAGE * count:
                break
            rows, group = (
                np.concatenate([x[~without], np.repeat(x[without], spread)]) for x in (rows, group)
            )
            every = np.tile(np.arange(1, spread + 1, dtype=np.uint8), int(without.sum()))
            answer = np.concatenate([answer[~without], every])
        key = group * spread + (answer - 1)
        size = np.bincount(key)
        size[np.bincount(key[left[rows]], minlength=len(size)) == 0] = 0
        few = (size > 1) & (size <= SMALL)
        chosen = few[key]
        small.append((key[chosen] + made, rows[chosen]))
        made += len(size)
        on = size > SMALL
        further = on[key]
        group, rows = (np.cumsum(on) - 1)[key[further]], rows[further]
    together = AgreeingGroups.of(*(np.concatenate([x[side] for x in small]) for side in (0, 1)))
    return Joined(together, AgreeingGroups.of(group, rows), np.unique(np.concatenate(costly)))
