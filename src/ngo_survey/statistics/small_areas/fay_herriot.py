"""The area-level model of Fay and Herriot, its EBLUPs and their mean squared errors.

``y_d = theta_d + e_d``, ``theta_d = x_d' beta + u_d``: direct estimates y of areas d, with
sampling variances ``psi_d`` taken as known, ``u_d`` of variance A between areas (Fay & Herriot
1979, JASA 74, 269-277; Rao & Molina 2015, *Small Area Estimation*, ch. 6). The EBLUP is
``gamma_d y_d + (1 - gamma_d) x_d' b`` with the shrinkage factor ``gamma_d = A / (A + psi_d)``.

Shares are modelled on the arcsine scale, ``z = asin(sqrt(p))``, whose sampling variance
``1 / (4 n_effective)`` does not depend on the share, and comes back as the expectation of
``sin(theta)^2`` (Casas-Cordero, Encina & Lahiri 2016; Hadam, Würz & Kreutzmann 2020). A share of
none or all has a place on that scale, which it has not on the logit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics import distributions
from ngo_survey.statistics.limits import Floats, t_quantile
from ngo_survey.statistics.small_areas.inputs import Areas, areas

Method = Literal["reml", "ml", "moments", "adjusted"]
Scale = Literal["identity", "arcsine"]
#: Where the likelihood is looked at before it is climbed, over the possible values of A.
PLACES = 50
COLUMNS = ["area", "kind", "estimate", "se", "ci_low", "ci_high", "synthetic", "shrinkage"]


@dataclass(frozen=True)
class AreaFit:
    """A fitted Fay-Herriot model, on the scale that it was fitted on.

    Attributes
    ----------
    areas: what it was fitted to.
    method: how A was estimated.
    scale: ``identity``, or ``arcsine`` for shares.
    variance: A, the variance between areas that the columns leave.
    beta, covariance: (columns,) and (columns, columns).
    mse: mean squared error of each area's predictor, on the scale of the model.
    """

    areas: Areas
    method: Method
    scale: Scale
    variance: float
    beta: Floats
    covariance: Floats
    mse: Floats

    @property
    def shrinkage(self) -> Floats:
        """The weight of each area's own sample in its estimate; 0 where it has none."""
        psi = np.where(self.areas.sampled, self.areas.variance, np.inf)
        return self.variance / (self.variance + psi)

    @property
    def df(self) -> int:
        """Areas with a sample less columns: what limits stand on."""
        return int(self.areas.sampled.sum()) - len(self.beta)

    def estimates(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row an area, in the order of the auxiliary columns.

        ``area``; ``kind`` (``eblup``, or ``synthetic`` where the area has no sample and the columns
        alone tell); ``estimate, se, ci_low, ci_high`` (the root of the mean squared error, and t
        limits on areas less columns); ``synthetic`` (what the columns alone say); ``shrinkage``
        (the weight of the area's own sample). Shares as shares, between 0 and 1.
        """
        gamma, fixed = self.shrinkage, self.areas.X @ self.beta
        own = np.where(self.areas.sampled, self.areas.direct, 0.0)
        middle = gamma * own + (1 - gamma) * fixed
        half = t_quantile(self.df, level) * np.sqrt(self.mse)
        made = pd.DataFrame(
            {
                "area": self.areas.index,
                "kind": np.where(self.areas.sampled, "eblup", "synthetic"),
                "estimate": middle,
                "se": np.sqrt(self.mse),
                "ci_low": middle - half,
                "ci_high": middle + half,
                "synthetic": fixed,
                "shrinkage": gamma,
            }
        )
        if self.scale == "identity":
            return made
        # Of theta, given the direct estimate, remains the variance A (1 - gamma): that is g1.
        left = self.variance * (1 - gamma)
        made["estimate"], made["synthetic"] = _share(middle, left), _share(fixed, self.variance)
        made["se"] = _share_error(middle, self.mse)
        for limit in ("ci_low", "ci_high"):
            made[limit] = np.sin(np.clip(made[limit], 0, np.pi / 2)) ** 2
        return made

    def coefficients(self, level: float = 0.95) -> pd.DataFrame:
        """Return ``term, estimate, se, statistic, df, p, ci_low, ci_high`` of the columns."""
        se = np.sqrt(np.diag(self.covariance))
        half = t_quantile(self.df, level) * se
        return pd.DataFrame(
            {
                "term": self.areas.columns,
                "estimate": self.beta,
                "se": se,
                "statistic": self.beta / se,
                "df": self.df,
                "p": 2 * distributions.t_tail(np.abs(self.beta / se), self.df),
                "ci_low": self.beta - half,
                "ci_high": self.beta + half,
            }
        )


def fay_herriot(
    direct: pd.Series,
    variance: pd.Series | None = None,
    X: pd.DataFrame | pd.Series | None = None,
    *,
    effective_size: pd.Series | None = None,
    method: Method = "reml",
) -> AreaFit:
    """Fit the Fay-Herriot model to direct estimates of areas.

    Parameters
    ----------
    direct: direct estimates by area (the index); NaN, or absent while X has the area: no sample.
    variance: sampling variances by area. Those of few respondents are noise: smooth them first
        (:func:`variances.smoothed`).
    X: auxiliary columns by area, numbers known without error; an intercept is added. By default
        the intercept alone, which draws every area to the common mean.
    effective_size: in place of ``variance``: ``direct`` are shares, modelled on the arcsine scale;
        the number of respondents by area over the design effect.
    method: how the variance between areas is estimated. ``reml`` (default), ``ml``, ``moments``
        (Fay and Herriot's own), or ``adjusted``: REML whose likelihood is multiplied by
        ``arctan(sum gamma)^(1/m)``, never zero and of the same order of bias (Yoshimori & Lahiri
        2014, J. Multivar. Anal. 124, 281-294). With twenty areas the others are often zero, which
        gives the columns alone all the weight.

    The mean squared error is ``g1 + g2 + 2 g3`` of Prasad & Rao (1990, JASA 85, 163-171), less the
    bias of A under ``ml`` and ``moments`` (Datta & Lahiri 2000, Stat. Sin. 10, 613-627; Datta, Rao
    & Smith 2005, Biometrika 92, 183-196); of an area without a sample ``A + x' V(b) x``.

    Raises
    ------
    InputError: as :func:`inputs.areas`; both or neither of ``variance`` and ``effective_size``;
        shares outside 0 to 1; no such method.
    """
    if method not in get_args(Method):
        raise InputError("no such method", value=method, hint=nearest(method, get_args(Method)))
    scale: Scale = "identity" if effective_size is None else "arcsine"
    if effective_size is not None and variance is None:
        given = _shares(direct, effective_size, X)
    elif variance is not None and effective_size is None:
        given = areas(direct, variance, X)
    else:
        raise InputError(
            "the model needs one of variance and effective_size",
            hint="variance= of means or totals, effective_size= of shares",
        )
    sampled = given.sampled
    y, psi, design = given.direct[sampled], given.variance[sampled], given.X[sampled]
    between = _between(y, psi, design, method)
    weights = 1 / (between + psi)
    information = design.T @ (design * weights[:, None])
    covariance: Floats = np.linalg.inv(information).astype(np.float64)
    beta: Floats = covariance @ (design.T @ (weights * y))
    made = _mse(given, between, covariance, method)
    return AreaFit(given, method, scale, between, beta, covariance, made)


def _shares(direct: pd.Series, size: pd.Series, X: pd.DataFrame | pd.Series | None) -> Areas:
    """Return areas on the arcsine scale."""
    given = areas(direct, size, X, "effective size")
    outside = given.sampled & ~((given.direct >= 0) & (given.direct <= 1))
    if outside.any():
        raise InputError(
            "a share lies outside 0 to 1",
            column=str(given.index[outside][0]),
            value=float(given.direct[outside][0]),
            hint="give shares, not per cent; of a mean or a total give variance=",
        )
    turned = np.arcsin(np.sqrt(given.direct))
    return Areas(
        given.index, given.columns, given.X, turned, 1 / (4 * given.variance), given.sampled
    )


def _share(theta: Floats, variance: Floats | float) -> Floats:
    """Return the expectation of ``sin(t)^2`` of a normal t."""
    return 0.5 * (1 - np.exp(-2 * variance) * np.cos(2 * theta))


def _share_error(theta: Floats, variance: Floats) -> Floats:
    """Return the standard deviation of ``sin(t)^2`` of a normal t."""
    shrunk = np.exp(-4 * variance)
    return np.sqrt((1 - shrunk) * (1 - shrunk * np.cos(4 * theta)) / 8)


def _between(y: Floats, psi: Floats, X: Floats, method: Method) -> float:
    """Return the variance between areas: where its equation is solved, or zero.

    The likelihood may have several maxima, so it is looked at on a grid before the score is solved
    beside the best place; the equation of moments falls all the way.
    """
    objective, score = _equations(y, psi, X, method)
    leftover = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    top = 4 * (float(leftover @ leftover) + float(psi.max()))
    while score(top) > 0:
        top *= 2
    # Fine near zero, where the maximum of few areas lies.
    grid = top * np.linspace(0, 1, PLACES) ** 3
    if method == "adjusted":
        grid = grid[1:]
    best = int(np.argmax([objective(a) for a in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    if method == "adjusted" and best == 0:
        low = 1e-12 * high  # the factor is nought at zero, and rises from there
    if score(low) <= 0:
        return 0.0
    return float(brentq(score, low, high, xtol=1e-15 * top, rtol=1e-13))


def _equations(
    y: Floats, psi: Floats, X: Floats, method: Method
) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """Return what is maximised over A, up to a constant, and its derivative, which is solved."""
    m, p = X.shape

    def parts(a: float) -> tuple[Floats, Floats, NDArray, float]:
        w = 1 / (a + psi)
        information = X.T @ (X * w[:, None])
        beta = np.linalg.solve(information, X.T @ (w * y))
        left = y - X @ beta
        return w, left, information, float(w @ left**2)

    def moments(a: float) -> float:
        return parts(a)[3] - (m - p)

    def loglik(a: float) -> float:
        w, _, information, squares = parts(a)
        made = 0.5 * (float(np.log(w).sum()) - squares)
        if method != "ml":
            made -= 0.5 * float(np.linalg.slogdet(information)[1])
        if method == "adjusted":
            made += float(np.log(np.arctan((a * w).sum()))) / m
        return made

    def score(a: float) -> float:
        w, left, information, _ = parts(a)
        trace = float(w.sum())
        if method != "ml":
            trace -= float(np.trace(np.linalg.solve(information, X.T @ (X * (w**2)[:, None]))))
        made = 0.5 * (float(w**2 @ left**2) - trace)
        if method == "adjusted":
            total = float((a * w).sum())
            slope = float((psi * w**2).sum())
            made += slope / ((1 + total**2) * float(np.arctan(total)) * m)
        return made

    if method == "moments":
        return lambda a: -abs(moments(a)), moments
    return loglik, score


def _mse(given: Areas, between: float, covariance: Floats, method: Method) -> Floats:
    """Return the mean squared error of every area's predictor."""
    sampled = given.sampled
    X, psi = given.X, np.where(sampled, given.variance, np.inf)
    w = 1 / (between + psi)
    own = 1 - between * w  # B, the weight of the columns
    of_beta = np.einsum("dk,kl,dl->d", X, covariance, X)
    used, squares, m = X[sampled], float((w**2).sum()), int(sampled.sum())
    if method == "moments":
        of_between = 2 * m / float(w.sum()) ** 2
        bias = 2 * (m * squares - float(w.sum()) ** 2) / float(w.sum()) ** 3
    else:
        of_between, bias = 2 / squares, 0.0
    if method == "ml":
        inner = used.T @ (used * (w[sampled] ** 2)[:, None])
        bias = -float(np.trace(covariance @ inner)) / squares
    g1 = between * own
    g2 = own**2 * of_beta
    g3 = own**2 * w * of_between
    made: Floats = g1 + g2 + 2 * g3 - bias * own**2 * sampled
    return made
