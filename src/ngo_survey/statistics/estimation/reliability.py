"""How far the items of an index measure one thing: Cronbach's alpha and McDonald's omega.

Both are functions of the weighted covariance matrix S of the items, so that their variance follows
from the influence of each respondent on S, ``(d d' - S) / sum w`` with ``d`` the deviations from
the means: the distribution-free standard error of Maydeu-Olivares, Coffman & Hartmann (2007), with
the design's variance in the place of that of independent observations. Limits are symmetric on
``log(1 - coefficient)`` (Bonett 2002), so that they never pass one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.means import numeric
from ngo_survey.statistics.limits import t_quantile

Floats = NDArray[np.float64]
COLUMNS = ["statistic", "item", "n", "estimate", "se", "ci_low", "ci_high", "df"]


def reliability(design: SurveyDesign, items: Sequence[str], level: float = 0.95) -> pd.DataFrame:
    """Estimate the reliability of the sum, or mean, of items.

    Parameters
    ----------
    items: columns of numbers, all turned the same way. Only respondents who answered every one
        count.

    Returns
    -------
    Rows with ``statistic``, ``item``, ``n`` (respondents with complete items), ``estimate``,
    ``se``, ``ci_low``, ``ci_high`` and ``df``:

    ``alpha``: ``k / (k - 1) (1 - tr S / 1'S1)`` (Cronbach 1951, eq. 2); a lower bound of
    reliability if the items share one factor, equal to it if they load on it alike.

    ``omega``: ``(sum l)^2 / ((sum l)^2 + sum (s_ii - l_i^2))`` with the loadings ``l`` of one
    factor (McDonald 1999, eq. 6.20b) fitted by least squares off the diagonal, the "minres" of
    Harman & Jones (1966). From three items on; NaN where the factor explains more than all of an
    item's variance (a Heywood case).

    ``item_rest``: correlation of each item with the sum of the others; ``alpha_without``: alpha
    of the others (from three items on). Neither has limits.

    Raises
    ------
    InputError: fewer than two items, nobody who answered all, or a sum that does not vary.
    """
    if len(items) < 2:
        raise InputError("reliability needs two items", value=len(items))
    columns = [numeric(design, name) for name in items]
    complete = design.in_domain & np.all([answered for _, answered in columns], axis=0)
    n = int(complete.sum())
    if n < 2:
        raise InputError("fewer than two respondents answered every item", value=n)
    values = np.stack([np.where(complete, numbers, 0.0) for numbers, _ in columns], axis=1)
    weights = np.where(complete, design.weights, 0.0)
    size = float(weights.sum())
    deviations = np.where(complete[:, None], values - weights @ values / size, 0.0)
    spread = (deviations * weights[:, None]).T @ deviations / size
    if spread.sum() <= 1e-12 * np.trace(spread) or not (np.diag(spread) > 0).all():
        raise InputError(
            "an item, or the sum of the items, does not vary",
            column=str(items[int(np.argmin(np.diag(spread)))]),
            hint="leave it out, or turn items that run the other way",
        )
    df = int(design.domain_degrees_of_freedom(complete[:, None])[0])

    def row(statistic: str, estimate: float, influence: Floats | None, item: str = "") -> Any:
        se = low = high = np.nan
        if influence is not None and not np.isnan(estimate):
            inside = np.where(complete, influence / size, 0.0)
            se = float(np.sqrt(design.variance(inside)[0]))
            half = float(t_quantile(df, level)) * se / (1.0 - estimate)
            low, high = (1.0 - (1.0 - estimate) * np.exp(side * half) for side in (1, -1))
        return dict(zip(COLUMNS, (statistic, item, n, estimate, se, low, high, df), strict=True))

    rows = [row("alpha", *_alpha(spread, deviations))]
    if len(items) > 2:
        rows.append(row("omega", *_omega(spread, deviations)))
    rest = spread.sum(axis=1) - np.diag(spread)
    others = spread.sum() - 2 * spread.sum(axis=1) + np.diag(spread)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = rest / np.sqrt(np.diag(spread) * np.where(others > 0, others, np.nan))
    for place, name in enumerate(items):
        rows.append(row("item_rest", float(correlations[place]), None, str(name)))
        if len(items) > 2:
            kept = np.arange(len(items)) != place
            dropped = _alpha(spread[np.ix_(kept, kept)], deviations[:, kept])[0]
            rows.append(row("alpha_without", dropped, None, str(name)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _alpha(spread: Floats, deviations: Floats) -> tuple[float, Floats]:
    """Return alpha and the influence of each respondent on it, times the sum of weights."""
    k = len(spread)
    own, whole = float(np.trace(spread)), float(spread.sum())
    if whole <= 0:
        return np.nan, np.full(len(deviations), np.nan)
    on_own = (deviations**2).sum(axis=1) - own
    on_whole = deviations.sum(axis=1) ** 2 - whole
    influence = -(on_own / whole - own * on_whole / whole**2) * k / (k - 1)
    return (1.0 - own / whole) * k / (k - 1), influence


def _omega(spread: Floats, deviations: Floats) -> tuple[float, Floats]:
    """Return omega and its influence values, times the sum of weights.

    Loadings solve ``f_i = sum_j!=i (s_ij - l_i l_j) l_j = 0``; their change with S follows from
    the theorem of implicit functions.
    """
    loadings = one_factor(spread)
    own = np.diag(spread) - loadings**2
    nothing = np.nan, np.full(len(deviations), np.nan)
    if (own < 0).any():
        return nothing
    common, unique = float(loadings.sum()), float(own.sum())
    whole = common**2 + unique
    slope = spread - 2.0 * np.outer(loadings, loadings)
    np.fill_diagonal(slope, loadings**2 - (loadings**2).sum())
    projected = deviations @ loadings
    moved = deviations * (projected[:, None] - deviations * loadings)
    moved -= spread @ loadings - np.diag(spread) * loadings
    on_loadings = 2.0 * common * (unique + common * loadings) / whole**2
    try:
        change = -np.linalg.solve(slope.T, on_loadings)
    except np.linalg.LinAlgError:
        return nothing
    on_own = ((deviations**2) - np.diag(spread)).sum(axis=1)
    return common**2 / whole, moved @ change - on_own * common**2 / whole**2


def one_factor(spread: Floats) -> Floats:
    """Return the loadings of one factor: least squares of the covariances, sum above zero.

    Raises
    ------
    InputError: the fit does not converge.
    """
    from scipy.optimize import least_squares

    k = len(spread)
    upper = np.triu_indices(k, 1)
    scale = np.sqrt(np.diag(spread))
    wanted = spread[upper] / np.outer(scale, scale)[upper].mean()
    unit = np.sqrt(np.outer(scale, scale)[upper].mean())

    def misfit(loadings: Floats) -> Floats:
        return wanted - np.outer(loadings, loadings)[upper]

    def slope(loadings: Floats) -> Floats:
        made = np.zeros((len(wanted), k))
        pairs = np.arange(len(wanted))
        made[pairs, upper[0]] = -loadings[upper[1]]
        made[pairs, upper[1]] = -loadings[upper[0]]
        return made

    roots, vectors = np.linalg.eigh(spread / unit**2)
    start = vectors[:, -1] * np.sqrt(roots[-1])
    done = least_squares(misfit, start, slope, method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14)
    if not done.success:
        raise InputError("the model of one factor does not converge", hint="look at the items")
    found = np.asarray(done.x, dtype=float) * unit
    return found if found.sum() >= 0 else -found
