"""Which interviews are copies of earlier ones, found without comparing every pair.

The questions are divided into parts. Two interviews that disagree in fewer than twice as many
answers as there are parts have a part in which they disagree once at most (pigeonhole): they are
equal there, or equal there but for one question. So only interviews that share a part, or a part
but for one question, are compared; the comparison itself is of all answers. Questions under one
skip rule stand for one question here: one answer turns all of them on or off. There are as many
parts as can be without comparing many interviews that share one by chance. Crowds of copies of one
interview are taken out first: each is compared with that one alone. Of as many interviews as most
studies have, every pair is compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.unsignedinteger[Any]]
Places = NDArray[np.intp]
Pairs = tuple[Places, Places]
#: Questions that one answer turns on or off, or one that is asked of everybody.
Block = tuple[int, ...]
#: Code of a question that was not answered.
NO_ANSWER = 0
#: Interviews of which every pair is compared: 1 s for 90 questions.
EVERY = 10_000
#: Interviews of which every pair is compared although there are crowds among them.
FEW = 2_000
#: Pairs that may share a part by chance, for each interview.
BY_CHANCE = 2
#: More interviews than this that share a part may be a crowd of copies.
CROWD = 64
#: For so many questions, one may be answered in one of two copies alone: they are found for sure.
BLANKS = 8
#: Pairs that are compared at once; questions that tell most pairs apart.
SLICE, FIRST = 1 << 16, 32


@dataclass(frozen=True)
class Copies:
    """Interviews that say what an earlier one says, in the order of their submission.

    Attributes
    ----------
    copy, of: place of the copy, and of the interview that is kept.
    share: equal answers, of those that both gave.
    """

    copy: Places
    of: Places
    share: NDArray[np.float64]


def copies(
    codes: Codes, share: float, answers: int, blocks: Sequence[Block] | None = None
) -> Copies:
    """Return the copies of earlier interviews.

    Of the answers that a copy and an earlier interview both gave, at least ``answers``, a share of
    ``share`` or more are equal; what is itself a copy has no copies. Of up to 10,000 interviews all
    copies are found. Of more, all that disagree with the earlier one (another answer, or an answer
    where the other gave none) in no more blocks than :func:`disagreements` says, and most that
    disagree in more.

    Parameters
    ----------
    codes: answers, interviews in the order of their submission x questions; 0 is no answer.
    blocks: the questions, those under one skip rule together; each one alone unless given.
    """
    enough = np.flatnonzero(np.count_nonzero(codes, axis=1) >= max(answers, 1))
    if len(enough) < 2:
        return Copies(enough[:0], enough[:0], np.zeros(0))
    first, group = _distinct(codes[enough])
    blocks = [(question,) for question in range(codes.shape[1])] if blocks is None else blocks
    rule = _Rule(np.ascontiguousarray(codes[enough[first]]), share, answers, blocks)
    # Of each distinct interview the one that is kept: itself, until it is found to be a copy.
    kept = _keep_of_crowds(rule)
    left = np.flatnonzero(kept == np.arange(len(kept)))
    found = list(rule.every(left)) if len(left) <= EVERY else _search(rule, left, rule.blocks)
    for a, b in _in_order(found):
        if kept[a] == a and kept[b] == b:
            kept[b] = a
    of = first[kept[group]]
    copy = np.flatnonzero(of != np.arange(len(enough)))
    same, both = _counts(codes[enough[copy]], codes[enough[of[copy]]])
    return Copies(enough[copy], enough[of[copy]], same / both)


def disagreements(questions: int, share: float) -> int:
    """Return in how many blocks two copies may disagree and be found, however many there are."""
    return int((1 - share) * questions + 1e-9) + questions // BLANKS


@dataclass(frozen=True)
class _Rule:
    """What makes two of the distinct interviews copies."""

    codes: Codes
    share: float
    answers: int
    blocks: Sequence[Block]

    def meets(self, same: Places, both: Places) -> NDArray[np.bool_]:
        return (both >= self.answers) & (same >= self.share * both)

    def check(self, a: Places, b: Places) -> Pairs:
        """Return those of many pairs that are copies."""
        most = (1 - self.share) * self.codes.shape[1] + 1e-9
        sure = np.zeros(len(a), dtype=bool)
        for start in range(0, len(a), SLICE):
            rows = np.arange(start, min(start + SLICE, len(a)))
            same, both = _counts(self.codes[a[rows], :FIRST], self.codes[b[rows], :FIRST])
            rows = rows[both - same <= most]
            sure[rows] = self.meets(*_counts(self.codes[a[rows]], self.codes[b[rows]]))
        return a[sure], b[sure]

    def like(self, row: int, columns: Codes) -> NDArray[np.bool_]:
        """Return which of some interviews, as questions x interviews, are copies of one or it."""
        said = np.flatnonzero(self.codes[row])
        others = columns[said]
        size = np.uint8 if len(said) < 256 else np.uint32
        same = (others == self.codes[row, said, None]).sum(axis=0, dtype=size)
        both = (others != NO_ANSWER).sum(axis=0, dtype=size)
        return self.meets(same.astype(np.intp), both.astype(np.intp))

    def against(self, some: Places, rows: Places) -> Iterator[Pairs]:
        """Compare each of some interviews with all of others, which are in order."""
        columns = np.ascontiguousarray(self.codes[rows].T)
        for row in some:
            others = rows[self.like(row, columns)]
            yield np.full(len(others) - 1, row), others[others != row]

    def every(self, rows: Places) -> Iterator[Pairs]:
        """Compare every pair of interviews, which are in order."""
        codes = self.codes[rows]
        told = sorted(range(codes.shape[1]), key=lambda q: _alike(codes[:, q]))[:FIRST]
        columns = np.ascontiguousarray(codes[:, told].T)
        most = (1 - self.share) * codes.shape[1] + 1e-9
        for place, row in enumerate(codes[:-1, told], start=1):
            said = np.flatnonzero(row)
            others = columns[said, place:]
            differ = ((others != row[said, None]) & (others != NO_ANSWER)).sum(0, dtype=np.uint8)
            near = np.flatnonzero(differ <= most) + place
            if len(near):
                same, both = _counts(codes[place - 1], codes[near])
                near = near[self.meets(same, both)]
                yield np.full(len(near), rows[place - 1]), rows[near]


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


def _keep_of_crowds(rule: _Rule) -> Places:
    """Return of each interview the one that is kept: another one for copies that come in crowds.

    What has no earlier interview like it is kept, and every later one like it is a copy, whatever
    else that is like: so much is sure before any other pair is known.
    """
    kept = np.arange(len(rule.codes))
    if len(kept) <= FEW:
        return kept
    columns = np.ascontiguousarray(rule.codes.T)
    for part in _parts(rule, kept, rule.blocks):
        for crowd in _Groups.of(_key(rule.codes, sum(part, ()))).crowds():
            left = crowd
            while len(left) > CROWD:
                near = rule.like(left[0], columns[:, left])
                if np.count_nonzero(near) <= CROWD:
                    break
                like = _earliest(rule, int(left[0]), columns, kept == np.arange(len(kept)))
                kept[like] = like[0]
                left = left[(kept[left] == left) & (left != like[0])]
    return kept


def _earliest(rule: _Rule, row: int, columns: Codes, left: NDArray[np.bool_]) -> Places:
    """Return an interview that has no earlier one like it, and all that are like it.

    It is the one given, or one that is like it, like one that is like it, and so on.
    """
    while True:
        like = np.flatnonzero(rule.like(row, columns) & left)
        if like[0] == row:
            return like
        row = int(like[0])


def _search(rule: _Rule, rows: Places, blocks: Sequence[Block]) -> list[Pairs]:
    """Return the pairs of copies among interviews that may disagree in some blocks alone."""
    if len(rows) <= FEW:
        return list(rule.every(rows))
    parts = _parts(rule, rows, blocks)
    codes = rule.codes[rows]
    keys = [_key(codes, sum(part, ())) for part in parts]
    wholes = [_Groups.of(key) for key in keys]
    if sum(groups.pairs for groups in wholes) >= len(rows) ** 2 / 2:
        return list(rule.every(rows))  # the parts tell nobody apart
    found: list[Pairs] = []
    for part, key, whole in zip(parts, keys, wholes, strict=True):
        found += [rule.check(rows[a], rows[b]) for a, b in whole.small()]
        rest = [block for block in blocks if block not in part]
        for crowd in whole.crowds():
            found += _search(rule, rows[crowd], rest)
        for block in part:
            own = _key(codes, block)
            groups = _Groups.of(key - own)
            for a, b in groups.small():
                # Where they agree in the block too, the whole part has found them.
                differ = own[a] != own[b]
                found.append(rule.check(rows[a[differ]], rows[b[differ]]))
            for crowd in groups.crowds():
                said, count = np.unique(own[crowd], return_counts=True)
                odd = crowd[own[crowd] != said[count.argmax()]]
                found += rule.against(rows[odd], rows[crowd])
    return found


def _alike(column: Codes) -> float:
    """Return the share of pairs that give one answer to a question: the less, the more it tells."""
    return float(((np.bincount(column) / max(len(column), 1)) ** 2).sum())


def _block_alike(codes: Codes, block: Block) -> float:
    """Return the share of pairs that agree in a block: all skipped it, or gave the same answers."""
    if len(block) == 1:
        return _alike(codes[:, block[0]])
    _, count = np.unique(_key(codes, block), return_counts=True)
    return float(((count / len(codes)) ** 2).sum())


def _parts(rule: _Rule, rows: Places, blocks: Iterable[Block]) -> list[list[Block]]:
    """Divide blocks into parts that tell interviews apart about equally well."""
    codes = rule.codes[rows]
    alike = {block: _block_alike(codes, block) for block in blocks}
    dealt = sorted(alike, key=lambda block: (alike[block], block))
    needed = disagreements(rule.codes.shape[1], rule.share) // 2 + 1
    # Of what both answered so much may differ; of the rest one may be without an answer.
    questions = sum(map(len, dealt))
    differing = questions - int(rule.share * min(rule.answers, questions))
    sufficient = min(len(dealt), differing) // 2 + 1
    count = needed
    while count < sufficient and _by_chance(len(rows), count + 1, dealt, alike) <= BY_CHANCE * len(
        rows
    ):
        count += 1
    return [part for i in range(count) if (part := dealt[i::count])]


def _by_chance(rows: int, count: int, dealt: list[Block], alike: dict[Block, float]) -> float:
    """Return how many pairs agree in one of some parts, but for one block at most, by chance."""
    pairs = 0.0
    for part in (dealt[i::count] for i in range(count)):
        whole = math.prod(alike[block] for block in part)
        pairs += whole + sum(whole / alike[block] for block in part)
    return pairs * rows * (rows - 1) / 2


def _words(column: Codes, question: int) -> NDArray[np.uint64]:
    """Return a random number for each answer to a question, the same for equal answers.

    Sums of them stand for several answers (Zobrist 1970, A new hashing method); two sums that are
    equal by chance cost a comparison and change no result.
    """
    return _drawn(question, int(column.max()) + 1).take(column)


@cache
def _drawn(question: int, size: int) -> NDArray[np.uint64]:
    return np.random.default_rng(question).integers(2**64, size=size, dtype="u8")


def _key(codes: Codes, part: Iterable[int]) -> NDArray[np.uint64]:
    """Return a number of each interview that is the same for equal answers to some questions."""
    return sum((_words(codes[:, q], q) for q in part), np.zeros(len(codes), dtype=np.uint64))


@dataclass(frozen=True)
class _Groups:
    """Interviews that have one key: where each group begins in an order of them, and its size."""

    order: Places
    starts: Places
    sizes: Places

    @classmethod
    def of(cls, keys: NDArray[np.uint64]) -> _Groups:
        """Return the groups of two interviews or more."""
        order = np.argsort(keys)
        ordered = keys[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        sizes = np.diff(starts, append=len(keys))
        return cls(order, starts[sizes > 1], sizes[sizes > 1])

    @property
    def pairs(self) -> float:
        """How many pairs have one key."""
        return float((self.sizes * (self.sizes - 1.0)).sum() / 2)

    def crowds(self) -> list[Places]:
        """Return the rows of each large group, in order."""
        large = self.sizes > CROWD
        groups = zip(self.starts[large], self.sizes[large], strict=True)
        return [np.sort(self.order[start : start + size]) for start, size in groups]

    def small(self) -> Iterator[Pairs]:
        """Yield all pairs of rows of the other groups."""
        for size in np.unique(self.sizes[self.sizes <= CROWD]):
            members = self.order[self.starts[self.sizes == size, None] + np.arange(size)]
            one, other = np.triu_indices(size, 1)
            yield members[:, one].ravel(), members[:, other].ravel()


def _in_order(found: list[Pairs]) -> Iterator[tuple[int, int]]:
    """Yield pairs as (earlier, later), by the earlier, then by the later."""
    if not found:
        return
    one, other = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    earlier, later = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((later, earlier))
    yield from zip(earlier[order].tolist(), later[order].tolist(), strict=True)
