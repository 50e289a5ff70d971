"""Two sides: the same items put to two independent samples, side by side and in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.overlap import Overlap
from ngo_survey.statistics.estimation.contrasts import between
from ngo_survey.statistics.estimation.families import adjust, limits_of_tests
from ngo_survey.statistics.estimation.ranks import DRAWS, Bools, clearly_above, ranks
from ngo_survey.statistics.limits import Method

#: Fewer items have no order to speak of.
FEWEST = 3
COLUMNS = ["variable", "first", "second", "difference", "se", "ci_low", "ci_high"]


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's rank correlation of two orders of the same items, with its limits."""

    estimate: float
    low: float
    high: float
    items: int


def gaps(
    first: SurveyDesign,
    second: SurveyDesign,
    variables: Sequence[str],
    category: object = None,
    limits: Method = "wilson",
    level: float = 0.95,
    overlap: Overlap | None = None,
) -> pd.DataFrame:
    """Compare two samples on several variables, or on their shares of ``category``.

    They are independent unless ``overlap`` says which units they share. ``limits`` are for what
    cannot be tested, where neither side varies.

    Returns
    -------
    One row a variable: ``variable``, ``first``, ``second``, ``difference``, ``se``, ``ci_low``,
    ``ci_high``, ``statistic``, ``df``, ``p`` as :func:`contrasts.between`, and ``p_adjusted``:
    Holm's within these variables (Holm 1979), which the limits match
    (:func:`families.limits_of_tests`).
    """
    rows = [between(first, second, name, category, limits, level, overlap) for name in variables]
    made = pd.DataFrame(rows).rename(columns={"estimate": "difference"})
    made.insert(0, "variable", list(variables))
    made["p_adjusted"] = adjust(made["p"])
    made = limits_of_tests(made, made["df"], level=level)
    return made[[*COLUMNS, "statistic", "df", "p", "p_adjusted"]].reset_index(drop=True)


def rank_correlation(
    first: ArrayLike,
    second: ArrayLike,
    first_spread: ArrayLike,
    second_spread: ArrayLike,
    rng: np.random.Generator,
    level: float = 0.95,
    df: float = np.inf,
    draws: int = DRAWS,
) -> RankCorrelation:
    """Return Spearman's rank correlation of the true orders of the two sides, with limits.

    The correlation of the estimated orders is drawn to 0 by their noise, and draws around the
    estimates are drawn to 0 once more: an interval of such draws misses a high correlation of
    items that lie close (``benchmarks/rank_sets.py``: it held 0 and 15 % there). No bootstrap
    helps, because ranks jump where means tie (Hall & Miller 2009, Ann. Stat. 37, 3929-3959; Xie,
    Singh & Zhang 2009, JASA 104, 775-788).

    The limits here are the least and the greatest correlation of any two orders that the data
    leave: within each side all ordered pairs are tested, both sides as one family
    (:func:`ranks.clearly_above`), and an order is left if it breaks no pair that is clearly
    ordered. The pairs hold at ``level``, so what follows from the order does (projection, as
    Mogstad, Romano, Shaikh & Wilhelm 2024 pass from pairs to ranks). The limits are wide: with
    few items, or few respondents, they say that little is known. The true order is taken to hold
    no ties.

    Parameters
    ----------
    first_spread, second_spread: covariances, or standard errors of independent estimates.
    df: degrees of freedom, the smaller of the two sides.

    Raises
    ------
    InputError: fewer than three items, or sides that differ in length.
    """
    x, y = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    k = len(x)
    if len(y) != k or k < FEWEST:
        raise InputError(
            "a rank correlation needs the same items on both sides, three at least",
            value=f"{k} and {len(y)}",
        )
    spread = np.zeros((2 * k, 2 * k))
    for place, given in ((slice(0, k), first_spread), (slice(k, 2 * k), second_spread)):
        own = np.asarray(given, dtype=float)
        spread[place, place] = np.diag(own**2) if own.ndim == 1 else own
    family = np.kron(np.eye(2), ~np.eye(k, dtype=bool)).astype(bool)
    above = clearly_above(np.concatenate([x, y]), spread, rng, family, level, df=df, draws=draws)
    sides = above[:k, :k], above[k:, k:]
    low, high = (_extreme(*sides, sign) for sign in (1, -1))
    return RankCorrelation(spearman(x, y), low, high, k)


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Return Spearman's rank correlation; equal values share the mean of their ranks.

    Undefined (NaN) where one side puts all items level.
    """
    a, b = (ranks(v) - ranks(-np.asarray(v, dtype=float)) for v in (first, second))
    size = np.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0 else np.nan


def _extreme(first: Bools, second: Bools, sign: int) -> float:
    """Return the least (sign 1) or greatest (-1) correlation of two orders that keep the pairs.

    A linear programme over ``y[i, a, b]``: item i has rank a on the first side and b on the second.
    Its optimum over fractions lies at, or a little beyond, that over orders: never inside.
    """
    from scipy.optimize import linprog

    k = len(first)
    rank = np.arange(1, k + 1)
    size = k**3
    marginals, bounds = [], np.ones(size)
    for axis, above in ((2, first), (1, second)):
        allowed = _allowed(above)
        marginals.append(_marginal(k, axis))
        # An item is never at a rank that its pairs rule out.
        bounds[marginals[-1].T @ (~allowed).ravel().astype(float) > 0] = 0.0
    once = sparse.vstack([sparse.kron(np.ones((1, k)), sparse.eye(k)) @ m for m in marginals])
    item = sparse.kron(sparse.eye(k), np.ones((1, k))) @ marginals[0]
    equal = sparse.vstack([item, once])
    order = [_before(above) @ m for above, m in zip((first, second), marginals, strict=True)]
    ordered = sparse.vstack(order)
    found = linprog(
        sign * np.tile(np.multiply.outer(rank, rank).ravel(), k).astype(float),
        A_eq=equal.tocsr(),
        b_eq=np.ones(equal.shape[0]),
        A_ub=ordered.tocsr() if ordered.shape[0] else None,
        b_ub=np.zeros(ordered.shape[0]) if ordered.shape[0] else None,
        bounds=np.column_stack([np.zeros(size), bounds]),
        method="highs",
    )
    if found.status != 0:
        raise InputError("the limits of a rank correlation are not found", value=found.message)
    product = sign * found.fun - k * ((k + 1) / 2) ** 2
    return float(np.clip(product / ((k**3 - k) / 12), -1.0, 1.0))


def _allowed(above: Bools) -> Bools:
    """Return (items, ranks): the ranks that an item's pairs leave it."""
    k = len(above)
    low, high = 1 + above.sum(axis=0), k - above.sum(axis=1)
    rank = np.arange(1, k + 1)
    return (rank >= low[:, None]) & (rank <= high[:, None])


def _marginal(k: int, axis: int) -> sparse.csr_matrix:
    """Return the sum of ``y`` over one axis as a matrix: rows (item, rank of the other axis)."""
    one, ones = sparse.eye(k), np.ones((1, k))
    parts = [one, one, ones] if axis == 2 else [one, ones, one]
    return sparse.csr_matrix(sparse.kron(sparse.kron(parts[0], parts[1]), parts[2]))


def _before(above: Bools) -> sparse.csr_matrix:
    """Return rows that are at most 0 where an item comes before another that clearly lies below it.

    For every t: P(lower among the first t + 1) <= P(upper among the first t).
    """
    k = len(above)
    pairs: NDArray[np.int64] = np.argwhere(above)
    rows = np.zeros((len(pairs) * (k - 1), k * k))
    for place, (upper, lower) in enumerate(pairs):
        for t in range(1, k):
            row = rows[place * (k - 1) + t - 1]
            row[lower * k : lower * k + t + 1] = 1.0
            row[upper * k : upper * k + t] = -1.0
    return sparse.csr_matrix(rows)
