"""A comparison of columns tells no more of a column's share than the share that is printed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attacker_weights import weighted
from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_comparisons import differences
from ngo_survey.disclosure.rounding_steps import (
    LEVELS,
    Rounding,
    effective_base,
    significant,
    step_above,
    step_of_figures,
    to_step,
)
from ngo_survey.disclosure.tabulate import make
from small_tables import OPEN, spec
from suites import sample
from test_tables_attack import CODEBOOK, answers

ROUNDING = Rounding()


@dataclass(frozen=True)
class Compared:
    """Shares of columns, of everybody and their comparisons, row by row, with ten digits."""

    comparisons: pd.DataFrame
    estimates: pd.DataFrame
    own: pd.DataFrame
    total: pd.DataFrame
    df: float

    @property
    def part(self) -> np.ndarray:
        """(rows,) the weight of the column among everybody: who answered is known."""
        return (self.own["weighted_base"] / self.total["weighted_base"]).to_numpy()


@cache
def compared(seed: int) -> Compared:
    frame = answers(seed, 600)
    design = weighted(CODEBOOK, frame, seed)
    table = spec(CODEBOOK, "score", ["form", "region"], tests=("overall", "rest"))
    tables = make(design, [table], CODEBOOK, OPEN, np.random.default_rng(1))
    estimates = tables.estimates["score"].assign(file="estimates/score.csv").reset_index(drop=True)
    rows = tables.comparisons["score"]
    rows = rows[(rows["statistic"] == "proportion") & (rows["p"] > 0)].reset_index(drop=True)
    own = estimates.set_index("key").loc[rows["key"].str.removeprefix("compare/")]
    whole = estimates[(estimates["by"] == "") & (estimates["statistic"] == "proportion")]
    total = whole.set_index("category").loc[own["category"]].reset_index()
    together = np.zeros(len(frame), dtype=np.int64)
    df = float(design.counted_degrees_of_freedom(together, 1)[0])
    return Compared(rows, estimates, own.reset_index(drop=True), total, df)


def widths(of: Compared, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return how wide what is told of each share is, in steps of it; the truth must lie inside.

    ``low`` and ``high`` bound the share less that of all others.
    """
    share, step = of.own["estimate"].to_numpy(), step_of_figures(of.own, ROUNDING)
    total, of_total = of.total["estimate"].to_numpy(), step_of_figures(of.total, ROUNDING)
    total = to_step(total, of_total)
    least = np.maximum(to_step(share, step) - step / 2, total - of_total / 2 + (1 - of.part) * low)
    most = np.minimum(to_step(share, step) + step / 2, total + of_total / 2 + (1 - of.part) * high)
    assert ((share >= least - 1e-9) & (share <= most + 1e-9)).all()
    return (most - least) / step


def half(printed: np.ndarray, digits: np.ndarray) -> np.ndarray:
    return 10.0 ** (np.floor(np.log10(printed)) - digits + 1) / 2


def by_digits(of: Compared) -> np.ndarray:
    """The attack on p with three decimals and an error with two digits."""
    rows = of.comparisons
    p, se = np.floor(rows["p"].to_numpy() * 1000) / 1000, significant(rows["se"].to_numpy(), 2)
    error = half(se, np.array(2))
    # With p = 1 the figures are the same.
    near = np.nan_to_num(stats.t.isf((p + 0.001) / 2, of.df)) * (se - error)
    far = stats.t.isf(p / 2, of.df) * (se + error)
    up = (rows["difference"] > 0).to_numpy()
    return widths(of, np.where(up, near, -far), np.where(up, far, -near))


def by_level(of: Compared) -> np.ndarray:
    """The same attack on what is released: the difference, its error and the level of p."""
    rows = of.comparisons
    out = released(rows, "comparisons", ROUNDING)
    printed = differences(rows, of.estimates, ROUNDING)
    # What the difference says of all others, and that of the share: their steps are known.
    step, base = step_of_figures(of.own, ROUNDING), effective_base(of.own)
    beside = base / (effective_base(of.total) - base)
    rest = step_above(np.maximum(step * beside, ROUNDING.share)) / 2
    least, most = printed - step / 2 - rest, printed + step / 2 + rest
    edges = np.array([0.0, *LEVELS, 1.0])
    place = np.searchsorted(LEVELS, out["p"].to_numpy(), side="right")
    se = out["se"].to_numpy()
    error = half(se, np.where(se >= 0.03, 1, 2))
    near = stats.t.isf(edges[place + 1] / 2, of.df) * (se - error)
    far = stats.t.isf(edges[place] / 2, of.df) * (se + error)
    # Of a difference that is not clear not even the sign is sure.
    near = np.where(place == len(LEVELS), -far, near)
    up = printed > 0
    low = np.maximum(least, np.where(up, near, -far))
    return widths(of, low, np.minimum(most, np.where(up, far, -near)))


@pytest.mark.parametrize("seed", sample(range(10), 2))
def test_a_p_value_with_its_error_would_tell_a_share_to_a_part_of_a_respondent(seed: int) -> None:
    """The attack is no formality: this is what was released."""
    left = by_digits(compared(seed))
    assert np.median(left) < 0.5
    assert (left < 0.25).mean() > 0.4


@pytest.mark.parametrize("seed", sample(range(10), 2))
def test_levels_leave_nearly_all_of_what_a_printed_share_leaves(seed: int) -> None:
    left = by_level(compared(seed))
    assert np.median(left) > 0.9
    assert (left < 0.4).mean() < 0.1


@pytest.mark.parametrize("seed", sample(range(10), 2))
def test_a_difference_is_that_of_two_printed_figures(seed: int) -> None:
    of = compared(seed)
    printed = differences(of.comparisons, of.estimates, ROUNDING)
    step = step_of_figures(of.own, ROUNDING)
    share = to_step(of.own["estimate"].to_numpy(), step)
    rest = (of.own["estimate"] - of.comparisons["difference"]).to_numpy()
    base = of.own["base"].to_numpy()
    fewer = np.maximum(1.0, base / (of.total["base"].to_numpy() - base))
    assert (abs(share - printed - rest) <= 2.5 * fewer * step).all()


@pytest.mark.parametrize("seed", sample(range(10), 2))
def test_who_stands_out_stands_out_as_before(seed: int) -> None:
    of = compared(seed)
    out = released(of.comparisons, "comparisons", ROUNDING)
    printed = differences(of.comparisons, of.estimates, ROUNDING)
    for level in LEVELS:
        for column in ("p", "p_adjusted"):
            assert ((out[column] < level) == (of.comparisons[column] < level)).all()
    clear = (of.comparisons["p"] < 0.01).to_numpy()
    assert (np.sign(printed) == np.sign(of.comparisons["difference"]))[clear].all()


def test_a_level_that_the_study_tests_at_is_kept() -> None:
    rounding = Rounding.of({"threshold": 5, "minimum_base": 10}, (0.02, 0.05))
    rows = compared(0).comparisons.iloc[:3].assign(p=[0.015, 0.03, 0.3], p_adjusted=np.nan)
    assert (released(rows, "comparisons", rounding)["p"] < 0.02).tolist() == [True, False, False]


def test_a_mean_is_compared_in_its_own_steps() -> None:
    """Two respondents change a mean by twice its error over the root of its base."""
    of = compared(0)
    mean = of.own.iloc[:1].assign(key="m@a", statistic="mean", estimate=3.2468, se=0.1, by="form")
    mean = mean.assign(base=100.0, n_effective=100.0, file="f", item="", category="")
    total = mean.assign(key="m@total", by="", base=300.0, n_effective=300.0)
    row = pd.DataFrame({"key": ["compare/m@a"], "difference": [0.4321]})
    told = differences(row, pd.concat([mean, total]), ROUNDING)
    # 3.2468 in steps of 0.02 less 2.8147 in steps of 0.01.
    assert told.tolist() == pytest.approx([3.24 - 2.81])


def test_no_comparison_is_none() -> None:
    of = compared(0)
    assert len(differences(of.comparisons.iloc[:0], of.estimates, ROUNDING)) == 0
