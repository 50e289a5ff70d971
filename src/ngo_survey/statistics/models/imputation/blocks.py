"""What is imputed together: a question, the choices of one, a battery, or the parts of a whole.

A block knows which of its answers are missing, what it tells the models of other blocks
(``features``), and how to draw its missing answers given theirs (``update``). Answers that were
given are never touched.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.statistics.models.imputation import posterior
from ngo_survey.statistics.models.imputation.donors import closest, share_out
from ngo_survey.statistics.models.imputation.variables import Variable

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rng = np.random.Generator


class ImputationBlock(ABC):
    """Columns that are imputed together.

    Attributes
    ----------
    missing: rows without an answer at the start, asked or not.
    asked: rows that are asked now; a skip rule may depend on what another block imputes.
    """

    method = ""

    def __init__(self, variable: Variable, frame: pd.DataFrame) -> None:
        self.variable = variable
        self.name = variable.name
        self.columns = variable.columns
        self.missing: Mask = frame[list(self.columns)].isna().any(axis=1).to_numpy()
        self.asked: Mask = np.ones(len(frame), dtype=bool)
        self.starts: dict[str, Floats] = {}

    @property
    def rows(self) -> Mask:
        """Rows to impute: asked and not answered."""
        return self.missing & self.asked

    @property
    def answered(self) -> Mask:
        """Rows whose answer was given."""
        return ~self.missing

    @abstractmethod
    def begin(self, rng: Rng) -> None:
        """Fill what is missing with the answers of respondents drawn at random."""

    @abstractmethod
    def update(self, X: Floats, rng: Rng) -> None:
        """Draw what is missing given the features of all other blocks."""

    @abstractmethod
    def features(self) -> Floats:
        """Return (n, f) predictors; rows that are not asked hold the mean."""

    @abstractmethod
    def summary(self) -> Floats:
        """Return one number a row, to follow the chain by."""

    @abstractmethod
    def write(self) -> dict[str, pd.Series]:
        """Return the columns with the imputed answers in them."""

    def _lent(self, rng: Rng) -> NDArray[np.int64]:
        """Rows that lend an answer to each missing one."""
        givers = np.flatnonzero(self.answered)
        return givers[rng.integers(0, len(givers), int(self.missing.sum()))]


class ImputedNumber(ImputationBlock):
    """A number by predictive mean matching (Little 1988; Rubin 1986).

    The donor's own number is taken, so that what is imputed was once said. Skew numbers are matched
    on ``log(1 + x)``.
    """

    method = "predictive mean matching"

    def __init__(self, variable: Variable, frame: pd.DataFrame, donors: int) -> None:
        super().__init__(variable, frame)
        self.series = frame[self.columns[0]]
        self.values = self.series.to_numpy(dtype=float, na_value=np.nan, copy=True)
        self.donors = donors
        given = self.values[self.answered]
        self.log = bool(given.min() >= 0 and _skew(given) > 1)

    def begin(self, rng: Rng) -> None:
        """Lend numbers at random."""
        self.values[self.missing] = self.values[self._lent(rng)]

    def _scaled(self) -> Floats:
        return np.log1p(self.values) if self.log else self.values

    def update(self, X: Floats, rng: Rng) -> None:
        """Match drawn means of the missing to fitted means of the given."""
        rows = np.flatnonzero(self.rows)
        if not len(rows):
            return
        given = np.flatnonzero(self.answered)
        fitted, drawn, spread = posterior.draw_linear(
            X[given], self._scaled()[given][:, None], X[rows], rng
        )
        places = closest(fitted, drawn, spread, self.donors, rng)
        self.values[rows] = self.values[given][places]

    def features(self) -> Floats:
        """Return the number, on the logarithm where it is skew."""
        return _asked_only(self._scaled()[:, None], self.asked)

    def summary(self) -> Floats:
        """Return the number as it is matched."""
        return self._scaled()

    def write(self) -> dict[str, pd.Series]:
        """Return the column."""
        kept = np.where(self.answered | self.asked, self.values, np.nan)
        return {self.name: pd.Series(kept, index=self.series.index)}


class ImputedCategories(ImputationBlock):
    """Questions with one answer each: one question, or the items of a battery item by item.

    Ordered answers by proportional odds, two answers by a logit, others by the multinomial logit in
    Begg & Gray's (1984) separate logits. What the same respondent answered to the rest of a battery
    is a predictor of each of its items.
    """

    def __init__(self, variable: Variable, frame: pd.DataFrame) -> None:
        super().__init__(variable, frame)
        self.frame = frame[list(self.columns)]
        self.holes = self.frame.isna().to_numpy()
        self.choices = list(variable.categories)
        codes = {choice: float(place) for place, choice in enumerate(self.choices)}
        self.codes = np.stack(
            [self.frame[c].astype(object).map(codes).to_numpy(dtype=float) for c in self.columns],
            axis=1,
        )
        self.usable = ~np.isnan(self.codes)
        self.ordered = variable.form == "ordered"
        self.method = (
            "logit"
            if len(self.choices) == 2
            else "proportional odds"
            if self.ordered
            else "multinomial"
        )

    def begin(self, rng: Rng) -> None:
        """Lend answers at random, item by item."""
        for item in range(len(self.columns)):
            holes = self.holes[:, item]
            givers = np.flatnonzero(self.usable[:, item])
            self.codes[holes, item] = self.codes[
                givers[rng.integers(0, len(givers), holes.sum())], item
            ]

    def update(self, X: Floats, rng: Rng) -> None:
        """Draw each item given the other blocks and the rest of its battery."""
        for item, name in enumerate(self.columns):
            rows = np.flatnonzero(self.holes[:, item] & self.asked)
            if not len(rows):
                continue
            mine = X
            if len(self.columns) > 1:
                rest = np.delete(self.codes, item, axis=1)
                mine = np.column_stack([X, standardised(_mean_answered(rest)[:, None])])
            given = np.flatnonzero(self.usable[:, item])
            y = self.codes[given, item]
            self.codes[rows, item] = self._drawn(mine[given], y, mine[rows], name, rng)

    def _drawn(self, X: Floats, y: Floats, new: Floats, name: str, rng: Rng) -> Floats:
        present = np.unique(y).astype(int)
        place = np.searchsorted(present, y.astype(int)).astype(float)
        start = self.starts.get(name)
        if len(present) == 1:
            return np.full(len(new), float(present[0]))
        if len(present) == 2:
            share, mode = posterior.draw_binary(X, place, new, rng, start)
            probability = np.column_stack([1 - share, share])
        elif self.ordered:
            probability, mode = posterior.draw_ordered(X, place, len(present), new, rng, start)
        else:
            probability, mode = self._separate(X, place, len(present), new, rng, start)
        self.starts[name] = mode
        return present[posterior.categories(rng, probability)].astype(float)

    @staticmethod
    def _separate(
        X: Floats, y: Floats, levels: int, new: Floats, rng: Rng, start: Floats | None
    ) -> tuple[Floats, Floats]:
        """Draw multinomial probabilities from logits of each level against the commonest."""
        base = int(np.argmax(np.bincount(y.astype(int))))
        odds = np.ones((len(new), levels))
        modes: list[Floats] = []
        for level in (k for k in range(levels) if k != base):
            pair = (y == level) | (y == base)
            old = None if start is None else start[len(modes)]
            share, mode = posterior.draw_binary(
                X[pair], (y[pair] == level).astype(float), new, rng, old
            )
            share = np.clip(share, 1e-12, 1 - 1e-12)
            odds[:, level] = share / (1 - share)
            modes.append(mode)
        return odds / odds.sum(axis=1, keepdims=True), np.stack(modes)

    def features(self) -> Floats:
        """Return dummies of one question; of a battery its mean and the share above the least."""
        if len(self.columns) > 1:
            above = np.where(np.isnan(self.codes), np.nan, self.codes > 0)
            made = np.column_stack([_mean_answered(self.codes), _mean_answered(above)])
            return _asked_only(made, self.asked)
        codes = self.codes[:, 0]
        dummies = (codes[:, None] == np.arange(1, len(self.choices))).astype(float)
        return _asked_only(dummies, self.asked)

    def summary(self) -> Floats:
        """Return the (mean) place of the answer."""
        return _mean_answered(self.codes)

    def write(self) -> dict[str, pd.Series]:
        """Return the columns as categoricals."""
        made = {}
        for item, name in enumerate(self.columns):
            column = self.frame[name].copy()
            fill = self.holes[:, item] & self.asked
            names = np.array(self.choices, dtype=object)
            column[fill] = names[self.codes[fill, item].astype(int)]
            made[name] = column
        return made


class ImputedMultiple(ImputationBlock):
    """A question with many answers, choice by choice by logits; how many others were chosen is a
    predictor of each. ``none`` excludes the rest; who would choose nothing takes the likeliest.
    """

    method = "logit, choice by choice"

    def __init__(self, variable: Variable, frame: pd.DataFrame) -> None:
        super().__init__(variable, frame)
        self.series = frame[self.columns[0]]
        self.choices = list(variable.categories)
        padded = " " + self.series.fillna("").astype(str) + " "
        hits = [padded.str.contains(f" {c} ", regex=False).to_numpy() for c in self.choices]
        answered = self.series.notna().to_numpy()[:, None]
        self.chosen = np.where(answered, np.column_stack(hits).astype(float), np.nan)
        self.none = self.choices.index("none") if "none" in self.choices else -1

    def begin(self, rng: Rng) -> None:
        """Lend whole answers at random."""
        self.chosen[self.missing] = self.chosen[self._lent(rng)]

    def update(self, X: Floats, rng: Rng) -> None:
        """Draw every choice in turn."""
        rows = np.flatnonzero(self.rows)
        if not len(rows):
            return
        given = np.flatnonzero(self.answered)
        probability = np.zeros((len(rows), len(self.choices)))
        kinds = [k for k in range(len(self.choices)) if k != self.none]
        if self.none >= 0:
            self.chosen[rows, self.none] = 0.0
        for place in kinds:
            others = self.chosen[:, [k for k in kinds if k != place]].sum(axis=1)
            mine = np.column_stack([X, standardised(others[:, None])])
            name = self.choices[place]
            probability[:, place], self.starts[name] = posterior.draw_binary(
                mine[given], self.chosen[given, place], mine[rows], rng, self.starts.get(name)
            )
            self.chosen[rows, place] = rng.random(len(rows)) < probability[:, place]
        empty = rows[self.chosen[rows].sum(axis=1) == 0]
        if self.none >= 0:
            self.chosen[empty, self.none] = 1.0
        else:
            likeliest = probability[np.isin(rows, empty)].argmax(axis=1)
            self.chosen[empty, likeliest] = 1.0

    def _count(self) -> Floats:
        kinds = [k for k in range(len(self.choices)) if k != self.none]
        return self.chosen[:, kinds].sum(axis=1)

    def features(self) -> Floats:
        """Return how many choices were made."""
        return _asked_only(self._count()[:, None], self.asked)

    def summary(self) -> Floats:
        """Return how many choices were made."""
        return self._count()

    def write(self) -> dict[str, pd.Series]:
        """Return the answers as text, choices in the questionnaire's order."""
        column = self.series.astype(object).copy()
        for row in np.flatnonzero(self.rows):
            hits = zip(self.choices, self.chosen[row], strict=True)
            column.iloc[row] = " ".join(name for name, hit in hits if hit)
        return {self.name: column}


class ImputedParts(ImputationBlock):
    """Parts of a whole: the composition of one of the closest donors, so that sums are exact.

    Predictive mean matching of the whole vector (Little 1988, sec. 4) in square roots of the parts,
    which take the many zeros that logarithms of ratios do not. Parts that were given stay, and the
    donor divides what they leave.
    """

    method = "composition of a close donor"

    def __init__(self, variable: Variable, frame: pd.DataFrame, donors: int) -> None:
        super().__init__(variable, frame)
        self.frame = frame[list(self.columns)]
        self.given = self.frame.to_numpy(dtype=float, na_value=np.nan)
        self.values = self.given.copy()
        self.donors = donors
        self.total = float(np.median(self.given[self.answered].sum(axis=1)))

    def begin(self, rng: Rng) -> None:
        """Lend whole compositions at random."""
        lent = self.values[self._lent(rng)]
        self.values[self.missing] = share_out(self.given[self.missing], lent, self.total)

    def update(self, X: Floats, rng: Rng) -> None:
        """Take the composition of one of the closest donors."""
        rows = np.flatnonzero(self.rows)
        if not len(rows):
            return
        answered = np.flatnonzero(self.answered)
        roots = np.sqrt(self.values[answered] / self.total)
        fitted, drawn, spread = posterior.draw_linear(X[answered], roots, X[rows], rng)
        lent = self.values[answered][closest(fitted, drawn, spread, self.donors, rng)]
        self.values[rows] = share_out(self.given[rows], lent, self.total)

    def features(self) -> Floats:
        """Return the parts but the last, and their diversity."""
        shares = self.values / self.total
        made = np.column_stack([shares[:, :-1], 1 - (shares**2).sum(axis=1)])
        return _asked_only(made, self.asked)

    def summary(self) -> Floats:
        """Return the diversity of the parts."""
        return 1 - ((self.values / self.total) ** 2).sum(axis=1)

    def write(self) -> dict[str, pd.Series]:
        """Return the columns."""
        kept = np.where((self.answered | self.asked)[:, None], self.values, np.nan)
        return {
            name: pd.Series(kept[:, place], index=self.frame.index)
            for place, name in enumerate(self.columns)
        }


def standardised(columns: Floats) -> Floats:
    """Return columns with mean 0 and variance 1; a constant one becomes 0."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)


def _skew(values: Floats) -> float:
    centred = values - values.mean()
    spread = float((centred**2).mean()) ** 1.5
    return float((centred**3).mean()) / spread if spread > 0 else 0.0


def _mean_answered(codes: Floats) -> Floats:
    """Return the mean of each row over what was answered, the overall mean where nothing was."""
    answered = ~np.isnan(codes)
    count = answered.sum(axis=1)
    total = np.where(answered, codes, 0.0).sum(axis=1)
    overall = total.sum() / max(count.sum(), 1)
    return np.divide(total, count, out=np.full(len(codes), overall), where=count > 0)


def _asked_only(columns: Floats, asked: Mask) -> Floats:
    """Let rows that were not asked hold the mean, and say in a column of its own who was."""
    if asked.all():
        return columns
    means = np.nan_to_num(columns[asked]).mean(axis=0)
    return np.column_stack([np.where(asked[:, None], columns, means), asked.astype(float)])
