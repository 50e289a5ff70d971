"""Confidence limits from an estimate, its variance and the design's degrees of freedom."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from ngo_survey.errors import InputError
from ngo_survey.statistics import distributions

Floats = NDArray[np.float64]
Method = Literal["wilson", "logit", "beta", "likelihood", "wald"]


def t_quantile(df: ArrayLike, level: float) -> Floats:
    """Return the two-sided t quantile; NaN where there are no degrees of freedom.

    Raises
    ------
    InputError: a level that does not lie between 0 and 1.
    """
    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", value=level, hint="e.g. level=0.95")
    freedom = np.asarray(df, dtype=float)
    with np.errstate(invalid="ignore"):
        return np.where(
            freedom > 0, distributions.t_quantile(0.5 + level / 2, np.maximum(freedom, 1)), np.nan
        )


def symmetric(
    estimate: ArrayLike, variance: ArrayLike, df: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return ``estimate -+ t se``."""
    middle = np.asarray(estimate, dtype=float)
    half = t_quantile(df, level) * np.sqrt(variance)
    return middle - half, middle + half


def of_proportion(
    p: ArrayLike,
    variance: ArrayLike,
    df: ArrayLike,
    n: ArrayLike,
    method: Method = "wilson",
    level: float = 0.95,
    alike: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Return confidence limits of proportions.

    ``wilson`` (default): Wilson's score limits on the effective sample size ``p(1-p)/variance``
    with t for z (Dean & Pagano 2015, J. Surv. Stat. Methodol. 3, 484-503). ``beta``: Korn &
    Graubard 1998 (Surv. Methodol. 24, 193-201), as R ``svyciprop(method = "beta")``. ``logit``:
    t limits on the logit. ``likelihood``: where twice the loss of log-likelihood on the effective
    size reaches t squared (Rao & Scott 1984; R ``svyciprop(method = "likelihood")``, whose
    dispersion takes one respondent off). ``wald``: t limits on p.

    Where p is 0 or 1 the variance does not tell the effective size: Korn & Graubard's limits on
    ``alike`` respondents are given whatever the method (:func:`domains.size_if_alike`; n unless
    given), corrected for degrees of freedom as ``beta``. In a census both limits are p. Where the
    variance is 0 otherwise (a calibrated margin) both are p too.
    """
    p, variance, df, n = np.broadcast_arrays(
        *(np.asarray(a, dtype=float) for a in (p, variance, df, n))
    )
    outside = (p < -1e-9) | (p > 1 + 1e-9)
    if outside.any():
        raise InputError(
            "a share lies outside 0 to 1",
            value=float(p[outside][0]),
            hint='negative weights of a linear calibration do that: calibrate by "raking" or '
            "with bounds",
        )
    t = t_quantile(df, level)
    inner = p * (1 - p)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = inner / variance
        if method == "wilson":
            middle = (p + t**2 / (2 * effective)) / (1 + t**2 / effective)
            half = t * np.sqrt(inner / effective + t**2 / (4 * effective**2))
            half /= 1 + t**2 / effective
            low, high = middle - half, middle + half
        elif method == "logit":
            half = t * np.sqrt(variance) / inner
            low, high = (
                special.expit(special.logit(p) - half),
                special.expit(special.logit(p) + half),
            )
        elif method == "beta":
            low, high = _korn_graubard(p, effective * (t_quantile(n - 1, level) / t) ** 2, level)
        elif method == "likelihood":
            low, high = _likelihood(p, effective * (n - 1) / n, t)
        elif method == "wald":
            low, high = symmetric(p, variance, df, level)
        else:
            raise InputError(
                "no such method of limits",
                value=method,
                hint="wilson, logit, beta, likelihood or wald",
            )
        # Sums of weights leave 1 - 2e-16 where everybody answered yes.
        all_or_none = inner < 1e-12
        certain = (variance == 0) & ~all_or_none
        low, high = np.where(certain, p, low), np.where(certain, p, high)
        extreme = all_or_none & (n > 0) & (df > 0)
        stands_on = np.broadcast_to(n if alike is None else np.asarray(alike, dtype=float), p.shape)
        stands_on = stands_on * (t_quantile(np.maximum(n - 1, 1), level) / t) ** 2
        on_all = _korn_graubard(np.round(p), stands_on, level)
        whole = np.isinf(stands_on)
        on_low, on_high = (np.where(whole, np.round(p), limit) for limit in on_all)
    return np.where(extreme, on_low, low), np.where(extreme, on_high, high)


def _korn_graubard(p: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    tail = (1 - level) / 2
    low = distributions.beta_quantile(tail, n * p, n * (1 - p) + 1)
    high = distributions.beta_quantile(1 - tail, n * p + 1, n * (1 - p))
    return np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)


def _likelihood(p: Floats, n: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Solve ``2 n KL(p, q) = t^2`` for q below and above p, element by element."""
    from scipy.optimize import brentq

    low, high = np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    for at in np.ndindex(p.shape):
        share, size, limit = float(p[at]), float(n[at]), float(t[at]) ** 2
        if not (0 < share < 1 and np.isfinite(size * limit)):
            continue

        def loss(q: float, share: float = share, size: float = size, limit: float = limit) -> float:
            apart = share * np.log(share / q) + (1 - share) * np.log((1 - share) / (1 - q))
            return float(2 * size * apart - limit)

        tiny = 1e-300
        low[at] = brentq(loss, tiny, share, xtol=1e-15, rtol=1e-14)
        high[at] = brentq(loss, share, 1 - 1e-16, xtol=1e-15, rtol=1e-14)
    return low, high
