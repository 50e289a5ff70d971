"""Somebody who knows the margins: picks the split whose test is the one that is printed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from ngo_survey.disclosure.rounding_steps import level_of
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.crosstabs import independence_of


@dataclass(frozen=True)
class Splits:
    """The tables of an answer (yes or no) by columns that fit the margins and what is shown.

    Attributes
    ----------
    every: (tables, columns) how many of each column said yes.
    statistics, p: (tables,) of the test of independence.
    truth: position of the true one.
    """

    every: np.ndarray
    statistics: np.ndarray
    p: np.ndarray
    truth: int

    def fit(self, test: pd.Series) -> np.ndarray:
        """Say which tables have the test that is printed: its statistic, or the level it keeps."""
        told = float(test["statistic"])
        if np.isfinite(told):
            return np.abs(self.statistics - told) <= 1e-6 * max(abs(told), 1e-3)
        if np.isnan(float(test["p"])):
            return np.ones(len(self.p), dtype=bool)
        return level_of(self.p) == level_of(np.array([float(test["p"])]))


def splits(design: SurveyDesign, base: np.ndarray, yes: np.ndarray, hidden: np.ndarray) -> Splits:
    """Enumerate what the hidden columns can hold; weights are equal, so counts are all there is."""
    free = np.flatnonzero(hidden)
    rest = int(yes[free].sum())
    found = []
    for some in product(*(range(int(base[j]) + 1) for j in free[:-1])):
        last = rest - sum(some)
        if 0 <= last <= base[free[-1]]:
            table = yes.copy()
            table[free] = [*some, last]
            found.append(table)
    every = np.array(found)
    column = np.repeat(np.arange(len(base)), base.astype(int))
    made = []
    for table in every:
        answers = np.concatenate(
            [np.arange(int(b)) < t for b, t in zip(base, table, strict=True)]
        ).astype(np.int64)
        made.append(independence_of(design, answers, column))
    truth = int(np.flatnonzero((every == yes).all(axis=1))[0])
    statistics = np.array([test.statistic for test in made])
    return Splits(every, statistics, np.array([test.p for test in made]), truth)
