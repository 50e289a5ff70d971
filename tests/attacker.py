"""Somebody who knows every released figure and the questionnaire, and tries to find small groups.

Built on the released rows alone, not on the program's own linear system: a cell is a set of
conditions ("form is a, region is r1, named reason x"), and what adds up is written down from what
the questionnaire and the configuration say. The truth is only used to see whom to look for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

Condition = tuple[str, str]
Cell = frozenset[Condition]
#: Rounds in which all groups are pushed at once, before one by one.
ROUNDS = 6
#: More respondents than any study of the tests has.
MOST = 1e4


@dataclass
class Knowledge:
    """What anybody can read in the questionnaire and the configuration.

    Attributes
    ----------
    single: choices of each question with one answer (banners too).
    multiple: choices of each question with many.
    whole: questions that everybody answered, so that their levels add up to all.
    coarser: fine question: (coarse question, {fine choice: coarse choice}).
    asked: question: (question, choices) that it was asked of.
    filters: table: condition that its respondents meet.
    same: answers that say what others do ("named x: yes" is "named reason x").
    """

    single: Mapping[str, list[str]]
    multiple: Mapping[str, list[str]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    coarser: Mapping[str, list[tuple[str, Mapping[str, str]]]] = field(default_factory=dict)
    asked: Mapping[str, tuple[str, list[str]]] = field(default_factory=dict)
    filters: Mapping[str, Condition] = field(default_factory=dict)
    same: Mapping[Condition, Condition] = field(default_factory=dict)


class Attacker:
    """Writes down all that is known, and solves for the rest."""

    def __init__(
        self, rows: pd.DataFrame, knowledge: Knowledge, pairs: pd.DataFrame | None = None
    ) -> None:
        """``rows``: released shares with ``table, question, category, by, by_level, n, base``.

        ``pairs``: released pairs of answers with ``question, answer, question2, answer2, of_rows,
        n, base``.
        """
        self.know = knowledge
        self.place: dict[Cell, int] = {}
        self.known: dict[int, float] = {}
        self.equations: list[dict[int, float]] = []
        self.seen: set[tuple] = set()
        contexts: dict[str, dict[Cell, None]] = {}
        for row in rows.itertuples():
            context = self.context(str(row.table), str(row.by), str(row.by_level))
            contexts.setdefault(str(row.question), {})[context] = None
            if row.statistic == "row_percent":
                self._row(row)
                continue
            base = self.at(context | {self.answered(str(row.question))})
            if not np.isnan(row.base):
                self.known[base] = float(row.base)
            cell = self.at(context | {(str(row.question), str(row.category))})
            if not np.isnan(row.n):
                self.known[cell] = float(row.n)
        for row in () if pairs is None else pairs.itertuples():
            self._pair(row)
        for question, own in contexts.items():
            for context in list(own):
                self._question(question, context)
        # What adds up may bring in cells that add up themselves.
        self._columns()
        self._columns()
        self._relations()
        self._columns()

    # -- cells -----------------------------------------------------------------------------------

    def at(self, conditions: Iterable[Condition]) -> int:
        told = {self.know.same.get(one, one) for one in conditions} - {("", "")}
        # Who gave an answer has answered.
        answers = {name for name, level in told if not level.startswith("(")}
        told -= {(name, "(answered)") for name in answers}
        return self.place.setdefault(frozenset(told), len(self.place))

    def answered(self, question: str) -> Condition:
        return ("", "") if question in self.know.whole else (question, "(answered)")

    def context(self, table: str, by: str, level: str) -> Cell:
        found = {self.know.filters[table]} if table in self.know.filters else set()
        if by:
            names = [by] if by in self.know.single else by.split(".")
            parts = [level] if len(names) == 1 else level.split(".")
            found |= set(zip(names, parts, strict=True))
        return frozenset(found)

    def _row(self, row) -> None:
        """The base of a percentage of a row: who gave the answer and is in a level."""
        names = [row.by] if row.by in self.know.single else row.by.split(".")
        answered = {self.answered(name) for name in names}
        answer = (str(row.question), str(row.category))
        base = self.at({answer, *answered} | self.context(str(row.table), "", ""))
        if not np.isnan(row.base):
            self.known[base] = float(row.base)

    def _pair(self, row) -> None:
        """Who gave both of two answers, and whom the share is of."""
        one, other = (str(row.question), str(row.answer)), (str(row.question2), str(row.answer2))
        first = one if row.of_rows else self.answered(one[0])
        base = self.at({first, self.answered(other[0])})
        if not np.isnan(row.base):
            self.known[base] = float(row.base)
        both = self.at({one, other})
        if not np.isnan(row.n):
            self.known[both] = float(row.n)

    # -- equations -------------------------------------------------------------------------------

    def adds(self, parts: Iterable[int], whole: int) -> None:
        equation = {whole: -1.0}
        for part in parts:
            equation[part] = equation.get(part, 0.0) + 1.0
        self.equations.append(equation)

    def _question(self, question: str, context: Cell) -> None:
        base = self.at(context | {self.answered(question)})
        if question in self.know.single:
            cells = [self.at(context | {(question, c)}) for c in self.know.single[question]]
            self.adds(cells, base)
        for choice in self.know.multiple.get(question, ()):
            cell = self.at(context | {(question, choice)})
            self.adds([cell, self.at(context | {(question, f"not {choice}")})], base)

    def _columns(self) -> None:
        """The levels of every variable add up, inside whatever else is asked."""
        seen = self.seen
        for cell in list(self.place):
            for name, level in cell:
                rest = cell - {(name, level)}
                levels = self._levels(name, level)
                if levels and (name, rest, levels) not in seen:
                    seen.add((name, rest, levels))
                    answered = self.at(rest | {self.answered(name)})
                    self.adds([self.at(rest | {(name, c)}) for c in levels], answered)
                    if name not in self.know.whole and (name, rest) not in seen:
                        # Who is in no level stands between.
                        seen.add((name, rest))
                        gap = self.at(rest | {(name, "(missing)")})
                        self.adds([answered, gap], self.at(rest))

    def _levels(self, name: str, level: str) -> tuple[str, ...]:
        """What stands beside a level and adds up with it: the others, or not having chosen it."""
        if level in self.know.single.get(name, ()):
            return tuple(self.know.single[name])
        choice = level.removeprefix("not ")
        if choice in self.know.multiple.get(name, ()):
            return (choice, f"not {choice}")
        return ()

    def _relations(self) -> None:
        for fine, readings in self.know.coarser.items():
            for coarse, reading in readings:
                for cell in list(self.place):
                    for name, level in cell:
                        if name == coarse and level in reading.values():
                            rest = cell - {(name, level)}
                            inner = [f for f, c in reading.items() if c == level]
                            parts = [self.at(rest | {(fine, f)}) for f in inner]
                            self.adds(parts, self.place[cell])
        for question, (of, choices) in self.know.asked.items():
            for cell in list(self.place):
                if self.answered(question) in cell:
                    rest = cell - {self.answered(question)}
                    silent = self.at(rest | {(question, "(silent)")})
                    parts = [self.at(rest | {(of, c)}) for c in choices]
                    equation = dict.fromkeys(parts, 1.0)
                    self.equations.append(equation | {self.place[cell]: -1.0, silent: -1.0})

    # -- the attack ------------------------------------------------------------------------------

    def truth(self, frame: pd.DataFrame) -> np.ndarray:
        """Count the respondents behind every cell, NaN for those that are no group of answers.

        ``frame``: single answers as text (None for no answer), many as texts of choices.
        """
        masks: dict[Condition, np.ndarray] = {}
        found = np.full(len(self.place), np.nan)
        for cell, place in self.place.items():
            if any(level in ("(missing)", "(silent)") for _, level in cell):
                continue
            inside = np.ones(len(frame), dtype=bool)
            for condition in cell:
                if condition not in masks:
                    masks[condition] = self._meets(frame, *condition)
                inside &= masks[condition]
            found[place] = inside.sum()
        return found

    def _meets(self, frame: pd.DataFrame, name: str, level: str) -> np.ndarray:
        """Which respondents meet a condition."""
        answers = frame[name]
        if level == "(answered)":
            return answers.notna().to_numpy()
        if name not in self.know.multiple:
            return (answers == level).to_numpy(dtype=bool)
        wanted = level.removeprefix("not ")
        chosen = (" " + answers.fillna("") + " ").str.contains(f" {wanted} ")
        chosen = chosen if wanted == level else ~chosen
        return (chosen & answers.notna()).to_numpy(dtype=bool)

    def solve(self, known: pd.DataFrame | None = None, least: np.ndarray | None = None) -> Solver:
        """``known``: records of respondents whom the attacker knows, as ``truth`` has them.

        ``least``: the least that each cell can be, zero unless given; none is more than ``MOST``.
        """
        return Solver(self, least if known is None else np.nan_to_num(self.truth(known)))


class Solver:
    """The unknown cells and their equations, in parts that have nothing to do with each other."""

    def __init__(self, attacker: Attacker, least: np.ndarray | None = None) -> None:
        size = len(attacker.place)
        places = [list(equation) for equation in attacker.equations]
        rows = np.repeat(np.arange(len(places)), [len(p) for p in places])
        factors = [factor for equation in attacker.equations for factor in equation.values()]
        matrix = sparse.csr_array(
            (factors, (rows, np.concatenate(places))), shape=(len(places), size)
        )
        value = np.zeros(size)
        fixed = np.zeros(size, dtype=bool)
        for place, known in attacker.known.items():
            value[place], fixed[place] = known, True
        self.unknown = np.flatnonzero(~fixed)
        self.least = (np.zeros(size) if least is None else least)[self.unknown]
        self.right = -(matrix @ value)
        self.matrix = matrix[:, self.unknown]
        pattern = abs(self.matrix)
        _, self.part = connected_components(pattern.T @ pattern, directed=False)
        self.local = np.full(size, -1)
        self.local[self.unknown] = np.arange(len(self.unknown))
        self.low, self.high = np.full(size, np.inf), np.full(size, -np.inf)
        self.low[fixed] = self.high[fixed] = value[fixed]

    def widths(self, targets: np.ndarray, enough: float) -> np.ndarray:
        """Return for each cell how far apart two tables are that fit what is released.

        Stops at ``enough``; each solution serves all cells of its part.
        """
        for part in np.unique(self.part[self.local[targets[self.local[targets] >= 0]]]):
            inside = np.flatnonzero(self.part == part)
            own = self.matrix[:, inside]
            used = np.flatnonzero(abs(own).sum(axis=1))
            own, right = own[used], self.right[used]
            mine = [t for t in targets if self.local[t] >= 0 and self.part[self.local[t]] == part]
            here = {t: int(np.searchsorted(inside, self.local[t])) for t in mine}
            rng = np.random.default_rng(0)
            for turn in range(ROUNDS + len(mine)):
                open_ = [t for t in mine if self.high[t] - self.low[t] < enough - 1e-6]
                if not open_:
                    break
                # All at once, some up and some down; then one by one those still narrow.
                alone = mine[turn - ROUNDS : turn - ROUNDS + 1] if turn >= ROUNDS else open_
                chosen = [t for t in alone if t in open_]
                push = np.zeros(len(inside))
                for t in chosen:
                    push[here[t]] = rng.choice([-1.0, 1.0])
                for sign in (1.0, -1.0) if chosen else ():
                    self._push(sign * push, own, right, inside)
        return self.high[targets] - self.low[targets]

    def _push(self, push, own, right, inside) -> None:
        found = linprog(push, A_eq=own, b_eq=right, bounds=self._bounds(inside), method="highs")
        assert found.status == 0, found.message
        cells = self.unknown[inside]
        self.low[cells] = np.minimum(self.low[cells], found.x)
        self.high[cells] = np.maximum(self.high[cells], found.x)

    def _bounds(self, inside) -> np.ndarray:
        """No cell holds fewer than the attacker knows to be in it."""
        return np.stack([self.least[inside], np.full(len(inside), MOST)], axis=1)
