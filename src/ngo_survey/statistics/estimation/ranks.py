"""Ranks of estimates, with the sets of ranks that their uncertainty leaves.

After Mogstad, Romano, Shaikh & Wilhelm 2024 (Rev. Econ. Stud. 91, 476-518): test every ordered pair
("i lies above j") at once; how many are shown to lie above an item bounds its rank from one end,
how many below it from the other. The true order may hold ties.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import Floats
from ngo_survey.statistics.estimation.means import values_of

Bools = NDArray[np.bool_]
#: Draws behind a critical value: its own standard error is then under 0.01.
DRAWS = 100_000
COLUMNS = ["variable", "n", "estimate", "se", "df", "rank", "rank_low", "rank_high"]


def ranks(estimates: ArrayLike) -> NDArray[np.int64]:
    """Return the rank of each estimate: 1 is the highest, equal ones share the best of theirs."""
    x = np.asarray(estimates, dtype=float)
    return 1 + (x[:, None] > x[None, :]).sum(axis=0)


def rank_sets(
    estimates: ArrayLike,
    spread: ArrayLike,
    rng: np.random.Generator,
    level: float = 0.95,
    simultaneous: bool = True,
    stepdown: bool = True,
    df: float = np.inf,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Return ``rank``, ``rank_low`` and ``rank_high`` of each estimate, as R ``csranks``.

    With probability ``level`` at least (as samples grow) the sets of all ranks hold at once; with
    ``simultaneous=False`` each holds by itself (all pairs that an item is part of are its family).

    Parameters
    ----------
    spread: the (k, k) covariance of the estimates, or their k standard errors when independent.
    stepdown: leave rejected pairs out and test the rest again.
    df: degrees of freedom of the variances; the normal distribution unless given.
    """
    x, covariance = _checked(estimates, spread)
    k = len(x)
    every = ~np.eye(k, dtype=bool)
    if simultaneous:
        above = clearly_above(x, covariance, rng, every, level, stepdown, df, draws)
        low, high = 1 + above.sum(axis=0), k - above.sum(axis=1)
    else:
        low, high = np.ones(k, dtype=np.int64), np.full(k, k)
        for j in range(k):
            mine = every.copy()
            mine[np.arange(k) != j] &= np.arange(k) == j
            above = clearly_above(x, covariance, rng, mine, level, stepdown, df, draws)
            low[j], high[j] = 1 + above[:, j].sum(), k - above[j].sum()
    return pd.DataFrame({"rank": ranks(x), "rank_low": low, "rank_high": high})


def clearly_above(
    estimates: ArrayLike,
    spread: ArrayLike,
    rng: np.random.Generator,
    family: Bools,
    level: float = 0.95,
    stepdown: bool = True,
    df: float = np.inf,
    draws: int = DRAWS,
) -> Bools:
    """Return (k, k) truth values: ``[i, j]`` is true where i is shown to lie above j.

    Of all pairs marked in ``family`` none is ordered wrongly, with probability ``level``: the
    step-down of Romano & Wolf 2005 (Econometrica 73, 1237-1282) with the maximum of standardised
    differences, drawn from the normal distribution of the estimates (from Student's, where ``df``
    is finite: one chi-square a draw).

    A rejected pair leaves the family, its reverse stays: to drop both, as a test of "equal" would,
    leaves the direction unproven. (That is how a trial of the marginal sets differed from R in two
    bounds.) Differences without variance are certain and no part of the family.
    """
    x, covariance = _checked(estimates, spread)
    variance = np.diag(covariance)
    scale = variance[:, None] + variance[None, :] - 2 * covariance
    # What rounding leaves of a difference that a calibration fixes.
    certain = scale <= 1e-12 * np.maximum(variance[:, None] + variance[None, :], 1e-300)
    difference = x[:, None] - x[None, :]
    error = np.sqrt(np.where(certain, 1.0, scale))
    above = family & certain & (difference > 0)
    open_ = family & ~certain
    drawn = _drawn(covariance, df, draws, rng) if open_.any() else np.empty((0, len(x)))
    while open_.any():
        critical = np.quantile(_largest(drawn, error, open_), level)
        new = open_ & (difference > critical * error)
        above |= new
        open_ &= ~new
        if not (stepdown and new.any()):
            break
    return above


def ranking(
    design: SurveyDesign,
    variables: Sequence[str],
    rng: np.random.Generator,
    category: object = None,
    level: float = 0.95,
    simultaneous: bool = True,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Rank the means of several variables (or their shares of ``category``), each on its base.

    Returns
    -------
    One row a variable: ``variable``, ``n``, ``estimate``, ``se``, ``df``, ``rank`` (1 is the
    highest), ``rank_low``, ``rank_high``. The order is weighed with the covariance of the items:
    the same people answered them.
    """
    means, spread, n, df = means_together(design, variables, category)
    sets = rank_sets(means, spread, rng, level, simultaneous, df=float(df.min()), draws=draws)
    made = pd.DataFrame({"variable": list(variables), "n": n, "estimate": means, "df": df})
    made["se"] = np.sqrt(np.diag(spread))
    return pd.concat([made, sets], axis=1)[COLUMNS]


def means_together(
    design: SurveyDesign, variables: Sequence[str], category: object = None
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return means of several variables, their covariance, bases and degrees of freedom.

    Influence values ``(y - mean) / sum w`` of each variable on its own base (Saerndal, Swensson &
    Wretman 1992, sec. 5.8); their covariance is the design's.

    Raises
    ------
    InputError: nobody answered one of them, or there are no degrees of freedom.
    """
    columns, bases = zip(*(values_of(design, name, category) for name in variables), strict=True)
    inside = design.in_domain[:, None] & np.stack(bases, axis=1)
    df = design.domain_degrees_of_freedom(inside)
    for name, freedom in zip(variables, df, strict=True):
        if freedom <= 0:
            raise InputError(
                "too few respondents answered to rank this",
                column=name,
                hint="leave it out of the ranking",
            )
    values = np.where(inside, np.stack(columns, axis=1), 0.0)
    weights = np.where(inside, design.weights[:, None], 0.0)
    size = weights.sum(axis=0)
    means = (weights * values).sum(axis=0) / size
    influence = np.where(inside, (values - means) / size, 0.0)
    return means, design.covariance(influence), inside.sum(axis=0), df


def _checked(estimates: ArrayLike, spread: ArrayLike) -> tuple[Floats, Floats]:
    x, given = np.asarray(estimates, dtype=float), np.asarray(spread, dtype=float)
    covariance = np.diag(given**2) if given.ndim == 1 else given
    if covariance.shape != (len(x), len(x)):
        raise InputError(
            f"{len(x)} estimates need as many standard errors, or their covariance",
            value=given.shape,
        )
    if not (np.isfinite(x).all() and np.isfinite(covariance).all()):
        raise InputError("a missing estimate cannot be ranked", hint="leave it out of the ranking")
    return x, covariance


def _drawn(covariance: Floats, df: float, draws: int, rng: np.random.Generator) -> Floats:
    """Draw deviations of the estimates, (draws, k)."""
    values, vectors = np.linalg.eigh(covariance)
    # The symmetric root is one, whatever signs a library gives to eigenvectors.
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    drawn = rng.standard_normal((draws, len(covariance))) @ root
    if np.isfinite(df):
        drawn /= np.sqrt(rng.chisquare(df, (draws, 1)) / df)
    return drawn


def _largest(drawn: Floats, error: Floats, family: Bools) -> Floats:
    """Return the largest standardised difference of the family in each draw.

    Pair by pair: a table of all draws by all pairs is large, and slow to gather.
    """
    found = np.full(len(drawn), -np.inf)
    across = np.ascontiguousarray(drawn.T)
    for i, j in zip(*np.nonzero(family), strict=True):
        np.maximum(found, (across[i] - across[j]) / error[i, j], out=found)
    return found
