"""Two sides: differences are those of `between`, and the rank correlation's limits hold."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.estimation.ranks import clearly_above
from ngo_survey.statistics.estimation.sides import spearman
from suites import sample

from reference import design


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def brute(x: np.ndarray, y: np.ndarray, sx: np.ndarray, sy: np.ndarray) -> tuple[float, float]:
    """Least and greatest correlation over every pair of orders, gone through one by one."""
    k = len(x)
    spread = np.diag(np.concatenate([sx, sy]) ** 2)
    family = np.kron(np.eye(2), 1 - np.eye(k)).astype(bool)
    above = clearly_above(np.concatenate([x, y]), spread, rng(), family)

    def left(pairs: np.ndarray) -> np.ndarray:
        kept = [o for o in permutations(range(k)) if all(o[i] < o[j] for i, j in pairs)]
        return np.array(kept)

    one, other = left(np.argwhere(above[:k, :k])), left(np.argwhere(above[k:, k:]))
    products = (one - (k - 1) / 2) @ (other - (k - 1) / 2).T / ((k**3 - k) / 12)
    return float(products.min()), float(products.max())


def test_differences_are_those_of_between_with_holm_over_the_items() -> None:
    first, second = design("strat"), design("clus1")
    made = estimation.gaps(first, second, ["awards", "comp.imp", "sch.wide"], "Yes")
    for row in made.to_dict("records"):
        alone = estimation.between(first, second, row["variable"], "Yes")
        assert row["difference"] == alone["estimate"]
        assert [row[c] for c in ("first", "second", "se", "df", "p")] == [
            alone[c] for c in ("first", "second", "se", "df", "p")
        ]
    np.testing.assert_allclose(made["p_adjusted"], estimation.adjust(made["p"]))


def test_spearman_is_scipys_ties_included() -> None:
    x, y = [1.0, 2.0, 2.0, 5.0, 0.3], [0.1, 0.5, 0.2, 0.2, 0.0]
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)


def test_an_order_that_is_level_on_one_side_has_no_correlation() -> None:
    assert np.isnan(spearman([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]))


def test_orders_without_doubt_have_limits_at_their_correlation() -> None:
    x, y = np.array([9.0, 6, 3, 0]), np.array([6.0, 9, 3, 0])
    made = estimation.rank_correlation(x, y, np.full(4, 0.01), np.full(4, 0.01), rng())
    assert made.estimate == pytest.approx(0.8)
    assert (made.low, made.high) == (pytest.approx(0.8), pytest.approx(0.8))


def test_without_any_knowledge_the_limits_are_all_there_is() -> None:
    made = estimation.rank_correlation(
        [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], np.ones(4), np.ones(4), rng()
    )
    assert made.estimate == pytest.approx(-1)
    assert (made.low, made.high) == (pytest.approx(-1), pytest.approx(1))


def test_one_pair_known_on_each_side_of_three_leaves_what_can_be_counted_by_hand() -> None:
    """First: a before c. Second: c before a. Orders left: 3 each; correlations from -1 to 1/2."""
    x, y = np.array([4.2, 2.1, 0.0]), np.array([0.0, 2.1, 4.2])
    made = estimation.rank_correlation(x, y, np.ones(3), np.ones(3), rng())
    assert made.low == pytest.approx(-1)
    assert made.high == pytest.approx(0.5)


@pytest.mark.parametrize("seed", sample(range(6)))
def test_limits_never_lie_inside_those_of_every_order_gone_through(seed: int) -> None:
    draw = rng(seed)
    x, y = draw.normal(0, 3, 5), draw.normal(0, 3, 5)
    errors = draw.uniform(0.3, 1.2, 5), draw.uniform(0.3, 1.2, 5)
    made = estimation.rank_correlation(x, y, *errors, rng())
    low, high = brute(x, y, *errors)
    assert low - 0.1 <= made.low <= low + 1e-9
    assert high - 1e-9 <= made.high <= high + 0.1


@pytest.mark.parametrize("apart", [0.3, 2.0])
@pytest.mark.parametrize("same", [True, False])
@pytest.mark.thorough
def test_limits_hold_the_true_correlation_as_often_as_they_say(apart: float, same: bool) -> None:
    """120 samples of two sides whose orders are the same, or unrelated; items lie close or far."""
    draw = rng(9)
    first = apart * np.arange(6.0)
    second = first if same else apart * np.array([2.0, 5, 0, 4, 1, 3])
    truth, held = spearman(first, second), 0
    for _ in range(120):
        x, y = draw.normal(first, 1.0), draw.normal(second, 2.0)
        made = estimation.rank_correlation(x, y, np.ones(6), np.full(6, 2.0), draw, draws=1500)
        held += bool(made.low - 1e-9 <= truth <= made.high + 1e-9)
    assert held / 120 > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 120)


def test_two_items_or_unequal_sides_are_refused() -> None:
    for x, y in (([1.0, 2.0], [1.0, 2.0]), ([1.0, 2.0, 3.0], [1.0, 2.0])):
        with pytest.raises(InputError, match="three at least"):
            estimation.rank_correlation(x, y, np.ones(len(x)), np.ones(len(y)), rng())


def test_the_same_stream_gives_the_same_limits() -> None:
    x, y = np.arange(5.0), np.array([2.0, 0, 1, 4, 3])
    made = [estimation.rank_correlation(x, y, np.ones(5), np.ones(5), rng(4)) for _ in range(2)]
    assert made[0] == made[1]
    assert pd.notna(made[0].estimate)
