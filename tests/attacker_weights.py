"""Somebody who knows the weights: reads from a weighted figure who stands behind a cell.

Knows the register, the sample's design and who answered, and so the weight of every class of
respondents (stratum by raking margin) and how many are in each: more than anybody outside can know.
A released share is an equation in the number of each class who gave the answer; its digits are the
width of that equation. Mixed-integer programmes (HiGHS) give the least and the most of each class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding, share_step, step_above
from ngo_survey.disclosure.tabulate import make
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.tables.declared import TableSpec

#: What ten digits leave of a number, and what a solver can tell apart in units of weight.
DIGITS, SOLVER = 5e-10, 1e-6
#: Seconds that one programme may take; one that is not done has not narrowed anything.
PATIENCE = 2.0


@dataclass(frozen=True)
class Column:
    """Those in one column of a table, by class of weight: (classes,)."""

    weights: np.ndarray
    sizes: np.ndarray


@dataclass(frozen=True)
class Found:
    """What is left of a cell: least and most of each class, by counts alone and with digits."""

    key: str
    truth: np.ndarray
    of_counts: np.ndarray
    of_digits: np.ndarray

    def pinned(self, protection: float) -> bool:
        """Whether digits leave less of a class than the protection, and counts alone more."""
        need = np.minimum(protection, self.of_counts[:, 1] - self.of_counts[:, 0])
        return bool((self.of_digits[:, 1] - self.of_digits[:, 0] < need - 1e-6).any())

    @property
    def solved(self) -> bool:
        """Whether the whole composition is known, and was not by counts alone."""
        left = self.of_counts[:, 1] > self.of_counts[:, 0]
        return bool(left.any() and (self.of_digits[:, 1] == self.of_digits[:, 0]).all())


def weighted(codebook: Questionnaire, answers: pd.DataFrame, seed: int) -> SurveyDesign:
    """A sample stratified by region, of forms at unlike rates, raked to the forms of a register."""
    rng = np.random.default_rng(seed)
    typed = codebook.type_frame(answers.drop(columns="money"))
    size = answers["region"].value_counts() * rng.uniform(3, 20, answers["region"].nunique())
    typed["N"] = answers["region"].map(size.round()).astype(float).to_numpy()
    drawn = answers.groupby("region")["region"].transform("size")
    typed["w"] = typed["N"] / drawn.to_numpy()
    by_form = pd.Series(typed["w"].to_numpy()).groupby(answers["form"].to_numpy()).sum()
    totals = by_form * rng.uniform(0.6, 1.6, len(by_form))
    totals *= by_form.sum() / totals.sum()
    design = SurveyDesign(typed, weights="w", strata="region", fpc="N", lonely="adjust")
    return design.rake({"form": totals.to_dict()})


def rows(
    design: SurveyDesign, specs: list[TableSpec], codebook: Questionnaire, rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the shown shares before and after rounding: the same rows of both."""
    tables = make(design, specs, codebook, rules, np.random.default_rng(1))
    of = {spec.id: spec.question for spec in specs}
    parts = [t.assign(question=of[name]) for name, t in tables.estimates.items()]
    before = pd.concat(parts, ignore_index=True)
    chosen = before["status"].eq("shown") & before["statistic"].eq("proportion")
    before = before[chosen].reset_index(drop=True)
    after = released(before, "estimates", Rounding(count=rules.threshold))
    # Where the effective base is hidden, the attacker is told the step of the figures all the same.
    return before, after.assign(step_base=after["n_effective"].fillna(before["n_effective"]))


def columns_of(design: SurveyDesign, classes: pd.Series, by: pd.Series | None) -> dict[str, Column]:
    """Return the classes of each column of a banner that weights are a function of."""
    frame = pd.DataFrame({"class": classes.to_numpy(), "w": design.weights})
    groups = frame.groupby(by.to_numpy() if by is not None else np.full(len(frame), "total"))
    found = {}
    for level, rows_ in groups:
        own = rows_.groupby("class")["w"]
        found[str(level)] = Column(own.first().to_numpy(), own.size().to_numpy(dtype=float))
    return found


def halves(row: pd.Series, rounded: bool) -> dict[str, float]:
    """Return how far the true figure may lie from the one that is printed."""
    if not rounded:
        told = ("estimate", "weighted_base", "n_effective")
        return {name: max(abs(float(row[name])), 1e-3) * DIGITS for name in told}
    base, whole, effective = (float(row[c]) for c in ("base", "weighted_base", "step_base"))
    half = 10 ** (np.floor(np.log10(effective)) - 1) / 2
    # The step follows from the effective base, which is told to two digits.
    least = min(base, effective - half)
    share = max(Rounding.share, Rounding.respondents / least)
    weight = Rounding.respondents * whole / least
    return {
        "estimate": float(share_step(np.array([share]))[0]) / 2,
        "weighted_base": float(step_above(np.array([weight]))[0]) / 2,
        "n_effective": half,
    }


class Composition:
    """The programme of one cell: of each class how many gave the answer, and how many another."""

    def __init__(self, row: pd.Series, column: Column) -> None:
        self.row, self.column, self.size = row, column, len(column.sizes)
        one, none = np.ones(self.size), np.zeros(self.size)
        both = np.concatenate([one, one])
        self.lines: list[tuple[np.ndarray, float, float]] = [
            (np.concatenate([one, none]), float(row["n"]), float(row["n"])),
            (both, float(row["base"]), float(row["base"])),
        ]
        for k, most in enumerate(column.sizes):
            line = np.zeros(2 * self.size)
            line[[k, self.size + k]] = 1.0
            self.lines.append((line, 0.0, float(most)))

    def told(self, rounded: bool) -> None:
        """Add what the weighted figures say."""
        half, w = halves(self.row, rounded), self.column.weights
        whole, share = float(self.row["weighted_base"]), float(self.row["estimate"])
        effective = float(self.row["n_effective"])
        base = np.concatenate([w, w])
        if not np.isnan(whole):
            low, high = whole - half["weighted_base"], whole + half["weighted_base"]
            self.lines.append((base, low - SOLVER, high + SOLVER))
            squares = low**2 / (effective + half["n_effective"])
            most = high**2 / (effective - half["n_effective"])
            self.lines.append((base * np.concatenate([w, w]), squares - 1e-3, most + 1e-3))
        gave = np.concatenate([w, np.zeros(self.size)])
        self.lines.append((gave - (share + half["estimate"]) * base, -np.inf, SOLVER))
        self.lines.append((gave - (share - half["estimate"]) * base, -SOLVER, np.inf))

    def ends(self) -> np.ndarray:
        """Return (classes, 2): least and most of each class who gave the answer."""
        matrix = np.stack([line for line, _, _ in self.lines])
        limits = LinearConstraint(matrix, *np.array([ends[1:] for ends in self.lines]).T)
        found = np.zeros((self.size, 2))
        for k in range(self.size):
            for place, sign in ((0, 1.0), (1, -1.0)):
                cost = np.zeros(2 * self.size)
                cost[k] = sign
                made = milp(
                    cost,
                    constraints=limits,
                    integrality=np.ones(2 * self.size),
                    bounds=Bounds(0, np.tile(self.column.sizes, 2)),
                    options={"time_limit": PATIENCE},
                )
                worst = (0.0, float(min(self.column.sizes[k], self.row["n"])))[place]
                found[k, place] = worst if made.x is None else np.round(made.x[k])
        return found


def compositions(
    told: pd.DataFrame,
    columns: dict[str, dict[str, Column]],
    rounded: bool,
    truth: dict[str, np.ndarray] | None = None,
) -> Iterator[Found]:
    """Attack every row of ``told`` whose column is one of ``columns`` (by banner and level)."""
    for _, row in told.iterrows():
        column = columns.get(row["by"], {}).get(row["by_level"])
        if column is None or len(column.sizes) < 2 or row["n"] in (0, row["base"]):
            continue
        programme = Composition(row, column)
        of_counts = programme.ends()
        programme.told(rounded)
        known = truth[row["key"]] if truth else np.zeros(len(column.sizes))
        yield Found(row["key"], known, of_counts, programme.ends())
