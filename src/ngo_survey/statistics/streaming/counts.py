"""Answers of a file that is read by parts, counted in cells by stratum or PSU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.variance import Codes
from ngo_survey.statistics.estimation.domains import Domains, heads
from ngo_survey.statistics.estimation.means import By
from ngo_survey.statistics.names import name_list
from ngo_survey.statistics.streaming.design import Part, ScannedDesign
from ngo_survey.statistics.streaming.rows import KnownLevels

#: Cells of a table by PSU or stratum that are held at once (80 MB each of a few arrays).
MOST_CELLS = 10_000_000


@dataclass(frozen=True)
class Crossing:
    """Variables whose levels are crossed: the domains of a banner, or the cells of a table."""

    names: tuple[str, ...]
    known: tuple[KnownLevels, ...]

    @classmethod
    def of(cls, design: ScannedDesign, *sides: By) -> list[Crossing]:
        """Return one a side, the levels of all of them read in one pass."""
        named = [name_list(side) for side in sides]
        for names in named:
            for name in names:
                if names.count(name) > 1:
                    raise InputError(
                        "a variable makes domains twice", column=name, hint="name it once"
                    )
        levels = design.rows.levels([name for names in named for name in names])
        return [cls(tuple(names), tuple(levels[name] for name in names)) for names in named]

    @property
    def levels(self) -> tuple[tuple[object, ...], ...]:
        """One tuple of values a crossed level."""
        made: list[tuple[object, ...]] = [()]
        for own in self.known:
            made = [(*above, level) for above in made for level in own.values]
        return tuple(made)

    def __len__(self) -> int:
        return int(np.prod([len(own.values) for own in self.known], dtype=np.int64))

    @property
    def domains(self) -> Domains:
        """The same as the estimators of frames in memory know it, without respondents."""
        return Domains(heads(self.names), np.empty(0, dtype=np.int64), self.levels)

    def codes(self, frame: pd.DataFrame) -> Codes:
        """Return the crossed level of each row, -1 where one of the variables is missing."""
        codes = np.zeros(len(frame), dtype=np.int64)
        for name, own in zip(self.names, self.known, strict=True):
            code = own.codes(frame[name])
            codes = np.where((codes < 0) | (code < 0), -1, codes * len(own.values) + code)
        return codes


class Counts:
    """Answers counted by stratum or PSU: all that shares and tests of a table stand on.

    Attributes
    ----------
    count: (G, C) respondents of each domain and category; silent: (G,) who gave no answer.
    linear, square: (P, G, C) sums of weights and, of designs without PSUs, of their squares.
    """

    def __init__(self, design: ScannedDesign, split: Crossing, answers: Crossing) -> None:
        self.split, self.answers = split, answers
        shape = (design.places, len(split), len(answers))
        if np.prod(shape, dtype=float) > MOST_CELLS:
            raise InputError(
                f"{shape[0]:,} {'PSUs' if design.declared.psu else 'strata'} by {shape[1]:,} "
                f"domains by {shape[2]:,} answers are more than {MOST_CELLS:,} cells",
                file=design.rows.path,
                column=", ".join([*answers.names, *split.names]),
                hint="cross fewer variables, or group their levels first",
            )
        self.count = np.zeros(shape[1:], dtype=np.int64)
        self.silent = np.zeros(shape[1], dtype=np.int64)
        self.linear = np.zeros(shape)
        self.square = None if design.declared.psu else np.zeros(shape)

    def add(self, part: Part) -> None:
        """Count the answers of some rows."""
        group, answer = self.split.codes(part.frame), self.answers.codes(part.frame)
        groups, categories = self.count.shape
        self.silent += np.bincount(group[(group >= 0) & (answer < 0)], minlength=groups)
        inside = (group >= 0) & (answer >= 0)
        cell = group[inside] * categories + answer[inside]
        self.count += np.bincount(cell, minlength=groups * categories).reshape(groups, categories)
        at, weights = part.place[inside] * groups * categories + cell, part.weights[inside]
        shape, most = self.linear.shape, self.linear.size
        self.linear += np.bincount(at, weights, most).reshape(shape)
        if self.square is not None:
            self.square += np.bincount(at, weights**2, most).reshape(shape)


def count_answers(
    design: ScannedDesign, pairs: Sequence[tuple[Crossing, Crossing]]
) -> list[Counts]:
    """Count the answers (second) in the domains (first) of each pair, in one pass."""
    counts = [Counts(design, split, answers) for split, answers in pairs]
    names = [name for split, answers in pairs for name in (*split.names, *answers.names)]
    for part in design.parts(names) if pairs else ():
        for one in counts:
            one.add(part)
    return counts
