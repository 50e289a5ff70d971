"""Totals and means: what their rounding leaves to who knows every weight.

No rule hides a total share for its weights; of means there is one (`disclosure/weight_means.py`).
Here each is attacked by itself: of every class of weight another composition is looked for that is
printed alike. One that is found is proof that the class is open; where none is found an integer
programme looks for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from attacker_weights import weighted
from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding, step_of_figures, to_step
from ngo_survey.disclosure.tabulate import make
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.disclosure.weight_classes import Column
from ngo_survey.disclosure.weight_means import PointsByClass, withhold_indicator
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.indicators import Indicator, estimate, withhold
from small_tables import OPEN, spec
from suites import sample
from test_tables_attack import CODEBOOK, answers

ROUNDING = Rounding()
ASKED = ("change", "score", "rural", "work_u")


@dataclass(frozen=True)
class Cell:
    """What is printed of a mean in one column, and who is in it.

    Attributes
    ----------
    weights: (classes,) ascending.
    gave: (points, classes) how many of each class gave each point.
    ends: how far the sum of weight times point may move with the mean printed as it is.
    """

    weights: np.ndarray
    gave: np.ndarray
    ends: tuple[float, float]

    def open(self) -> np.ndarray:
        """(points, classes): where two who change places leave counts and mean as they are."""
        points, classes = self.gave.shape
        point = np.arange(1, points + 1)
        # One of class k from point a to b, one of class l from b to a.
        moved = (point[None, :] - point[:, None])[:, :, None, None] * (
            self.weights[:, None] - self.weights[None, :]
        )
        fits = (moved >= self.ends[0]) & (moved <= self.ends[1])
        fits &= (self.gave > 0)[:, None, :, None] & (self.gave > 0)[None, :, None, :]
        fits &= ~np.eye(points, dtype=bool)[:, :, None, None] & ~np.eye(classes, dtype=bool)
        left, came = fits.any(axis=(1, 3)), fits.any(axis=(0, 3))
        return left | came | fits.any(axis=(1, 2)) | fits.any(axis=(0, 2))

    def doubtful(self) -> np.ndarray:
        """(points, classes): where counts alone leave more than one number."""
        n, sizes = self.gave.sum(axis=1)[:, None], self.gave.sum(axis=0)[None, :]
        return np.minimum(n, sizes) > np.maximum(0.0, n + sizes - self.gave.sum())

    def pinned(self, chosen: np.ndarray) -> bool:
        """Whether the mean leaves one number in a (point, class) of those chosen."""
        points, classes = self.gave.shape
        place = np.arange(points * classes).reshape(points, classes)
        lines = [np.isin(place.ravel(), row).astype(float) for row in (*place, *place.T)]
        sums = [*self.gave.sum(axis=1), *self.gave.sum(axis=0)]
        factor = np.outer(np.arange(1, points + 1), self.weights).ravel()
        true = float(factor @ self.gave.ravel())
        limits = [
            LinearConstraint(np.array(lines), sums, sums),
            LinearConstraint(factor[None, :], *(true + np.array(self.ends))),
        ]
        for cell in np.flatnonzero(chosen):
            cost = (np.arange(place.size) == cell).astype(float)
            ends = [
                milp(
                    sign * cost,
                    constraints=limits,
                    integrality=np.ones(place.size),
                    bounds=Bounds(0, np.inf),
                    options={"time_limit": 2.0},
                ).x
                for sign in (1.0, -1.0)
            ]
            # What is not solved in time has not narrowed anything.
            if all(x is not None for x in ends) and round(ends[0][cell]) == round(ends[1][cell]):
                return True
        return False


def study(seed: int, n: int) -> tuple[SurveyDesign, pd.DataFrame]:
    frame = answers(seed)
    frame = frame.sample(n, replace=True, random_state=seed).reset_index(drop=True) if n else frame
    return weighted(CODEBOOK, frame, seed), frame


STUDIES = [(seed, n) for n in (150, 0) for seed in range(25)]


@pytest.mark.parametrize(("seed", "n"), sample(STUDIES, 3))
def test_no_total_tells_of_a_class_of_weight(seed: int, n: int) -> None:
    """Shares of what no register tells, of questions that everybody was asked."""
    design, frame = study(seed, n)
    tried = 0
    for name in ASKED:
        valid = frame[name].notna().to_numpy()
        classes, class_ = np.unique(design.weights[valid].round(9), return_inverse=True)
        column = Column(classes, np.bincount(class_).astype(float))
        for category in CODEBOOK.question(name).choice_names:
            gave = (frame[name] == category).to_numpy(dtype=float)[valid]
            if 5 <= gave.sum() <= len(gave) - 5:
                own = np.bincount(class_, gave, len(classes))
                assert not column.told(own, column.step(ROUNDING)), (name, category)
                tried += 1
    assert tried > 3


def means(seed: int, n: int, rules: Rules = OPEN, hidden: bool = False) -> list[Cell]:
    """The means of a rating that a table shows, each with the counts of its points.

    ``hidden``: those in place of them that are the only hidden ones of their banner, with what the
    total leaves to who knows all others.
    """
    design, frame = study(seed, n)
    specs = [spec(CODEBOOK, "score", ["form", "macro"])]
    made = make(design, specs, CODEBOOK, rules, np.random.default_rng(1)).estimates["score"]
    every = make(design, specs, CODEBOOK, OPEN, np.random.default_rng(1)).estimates["score"]
    every = every[(every["statistic"] == "mean") & (every["base"].astype(float) >= 10)]
    gone = made[(made["statistic"] == "mean") & made["estimate"].isna()]
    rows = every[~every["key"].isin(gone["key"])]
    if hidden:
        alone = gone[~gone["by"].duplicated(keep=False)]
        rows = every[every["key"].isin(alone["key"])]
    printed = released(every, "estimates", ROUNDING)["estimate"]
    steps = pd.Series(step_of_figures(every, ROUNDING), index=every.index)
    found = []
    for row in rows.itertuples():
        inside = (frame[row.by] == row.by_level).to_numpy() if row.by else np.ones(len(frame), bool)
        of = every.index[every["by"] == ""][0] if hidden else row.Index
        known = np.ones(len(frame), bool) if hidden else inside
        classes, class_ = np.unique(design.weights[inside].round(9), return_inverse=True)
        given = frame.loc[inside, "score"].astype(int).to_numpy()
        gave = np.stack(
            [np.bincount(class_[given == p], minlength=len(classes)) for p in range(1, 6)]
        )
        total = design.weights[known].sum()
        off = (float(printed[of]) - float(every.at[of, "estimate"])) * total
        half = steps[of] / 2 * total - 1e-9
        assert off == pytest.approx(0, abs=half + 1e-6)
        assert to_step(every.loc[[of], "estimate"], steps[[of]])[0] == pytest.approx(printed[of])
        found.append(Cell(classes, gave.astype(float), (off - half, off + half)))
    return found


def told(cell: Cell) -> bool:
    return cell.pinned(cell.doubtful() & ~cell.open())


#: Thresholds, each with the study that it is tried on.
TRIED = [(rule, *one) for one in STUDIES for rule in (3, 5, 10)]


@pytest.mark.parametrize(("threshold", "seed", "n"), sample(TRIED, 3))
def test_no_mean_of_points_tells_of_a_class_of_weight(threshold: int, seed: int, n: int) -> None:
    """Beside the counts of all points, whether they are shown or not."""
    rules = Rules(threshold, minimum_base=10, protection=threshold, thin_share=0.25)
    assert not any(told(cell) for cell in means(seed, n, rules))
    assert not any(told(cell) for cell in means(seed, n, rules, hidden=True))


@pytest.mark.parametrize(
    ("seed", "n"), sample([(9, 150), (14, 150), (19, 150), (2, 0), (23, 0)], 2)
)
def test_a_mean_that_would_tell_is_withheld_and_no_other(seed: int, n: int) -> None:
    rules = Rules(threshold=1, minimum_base=1, protection=2, thin_share=1.0)
    before, after = means(seed, n), means(seed, n, rules)
    assert sum(map(told, before)) == 1
    assert len(after) == len(before) - 1


@pytest.mark.parametrize(
    ("seed", "n"), sample([(9, 150), (14, 150), (19, 150), (2, 0), (23, 0)], 2)
)
def test_an_indicator_that_would_tell_is_withheld_with_all_levels(seed: int, n: int) -> None:
    design, frame = study(seed, n)
    score = frame["score"].astype(float)
    found = []
    for by in ("form", "macro"):
        asked = Indicator("points", "mean", "score", by=by)
        rows = withhold(estimate(design.assign(score=score), asked, None), 1, 10)
        levels = frame[by].astype(str).to_numpy()
        out = withhold_indicator(rows, design.weights, score.to_numpy(), levels, ROUNDING)
        assert (out["estimate"].isna() == (out["status"] != "shown")).all()
        under = out[(out["by"] == by) & (out["base"].fillna(0) > 0)]
        assert under["status"].nunique() <= 1
        found.append(len(under) == 0)
    assert any(found)


@pytest.mark.parametrize(("seed", "n"), sample(STUDIES, 3))
def test_the_rule_finds_what_an_integer_programme_finds(seed: int, n: int) -> None:
    for cell in means(seed, n):
        assert PointsByClass(cell.weights, np.arange(1.0, 6.0), cell.gave).told(*cell.ends) == told(
            cell
        )


@pytest.mark.thorough
def test_ten_digits_of_a_mean_give_classes_away() -> None:
    """The attack is no formality."""
    found = []
    for seed in range(6):
        cell = min(means(seed, 150), key=lambda cell: cell.gave.sum())
        exact = Cell(cell.weights, cell.gave, (-1e-6, 1e-6))
        if cell.gave.sum() <= 40 and exact.doubtful().any():
            found.append(exact.pinned(exact.doubtful() & (np.arange(cell.gave.shape[1]) < 2)))
    assert any(found)
