"""One answer from many imputed data sets: Rubin's rules with the design's degrees of freedom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics import distributions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """Estimates pooled over ``m`` imputed data sets (Rubin 1987, sec. 3.1 and 3.3).

    Attributes
    ----------
    estimate: means over the data sets.
    within, between: mean covariance, and covariance of the estimates over the data sets.
    df_complete: degrees of freedom had nothing been missing: those of the design.
    """

    estimate: Floats
    within: Floats
    between: Floats
    m: int
    df_complete: float

    @property
    def covariance(self) -> Floats:
        """Total covariance ``W + (1 + 1/m) B`` (Rubin 1987, eq. 3.1.5)."""
        return self.within + (1 + 1 / self.m) * self.between

    @property
    def se(self) -> Floats:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def increase(self) -> Floats:
        """Relative increase of the variance for the missing answers, ``(1 + 1/m) b / w``."""
        within = np.diag(self.within)
        extra = (1 + 1 / self.m) * np.diag(self.between)
        # An estimate without variance of its own has nothing to be increased.
        ratio = np.divide(extra, within, out=np.full_like(extra, np.inf), where=within > 0)
        return np.where(extra > 0, ratio, 0.0)

    @property
    def df(self) -> Floats:
        """Degrees of freedom of Barnard & Rubin 1999 (Biometrika 86, eq. 3).

        Never more than the design has, which Rubin's own formula of 1987 ignores: it gives
        millions where little is missing.
        """
        share = self.increase / (1 + self.increase)
        share = np.where(np.isinf(self.increase), 1.0, share)
        complete = self.df_complete
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        with np.errstate(divide="ignore"):
            old = (self.m - 1) / share**2
        both = observed / (1 + observed / old)
        return np.where(share > 0, both, observed)

    @property
    def fmi(self) -> Floats:
        """Fraction of information that is missing, ``(r + 2/(df + 3)) / (1 + r)`` (eq. 3.1.10)."""
        r = self.increase
        made = (r + 2 / (self.df + 3)) / (1 + r)
        return np.where(np.isinf(r), 1.0, made)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """Return ``estimate, se, statistic, df, p, ci_low, ci_high, increase, fmi``."""
        se, df = self.se, self.df
        t = distributions.t_quantile((1 + level) / 2, df)
        with np.errstate(invalid="ignore", divide="ignore"):
            statistic = self.estimate / se
        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "se": se,
                "statistic": statistic,
                "df": df,
                "p": 2 * distributions.t_tail(np.abs(statistic), df),
                "ci_low": self.estimate - t * se,
                "ci_high": self.estimate + t * se,
                "increase": self.increase,
                "fmi": self.fmi,
            }
        )

    def joint(self, places: Sequence[int]) -> tuple[float, int, float, float]:
        """Return F, df1, df2 and p of the test that several estimates are zero (D1).

        Li, Raghunathan & Rubin 1991 (JASA 86, eq. 1.3), with the degrees of freedom of Reiter
        2007 (Biometrika 94, 502-508), which never exceed the design's.
        """
        k = len(places)
        own = np.ix_(list(places), list(places))
        q, within, between = self.estimate[list(places)], self.within[own], self.between[own]
        r = (1 + 1 / self.m) * float(np.trace(np.linalg.solve(within, between))) / k
        statistic = float(q @ np.linalg.solve(within, q)) / (k * (1 + r))
        df2 = _joint_df(k, self.m, r, self.df_complete)
        return statistic, k, df2, float(distributions.f_tail(statistic, k, df2))


def pool(estimates: ArrayLike, covariances: ArrayLike, df_complete: float) -> Pooled:
    """Pool estimates (m, q) and their covariances (m, q, q), or variances (m, q).

    Raises
    ------
    InputError: a single data set, or shapes that do not fit.
    """
    q, spread = np.asarray(estimates, dtype=float), np.asarray(covariances, dtype=float)
    if q.ndim == 1:
        q = q[:, None]
    if spread.ndim == 1:
        spread = spread[:, None]
    if spread.ndim == 2:
        spread = spread[:, :, None] * np.eye(spread.shape[1])
    m = len(q)
    if m < 2:
        raise InputError("pooling needs two imputed data sets or more", value=m)
    if spread.shape != (m, q.shape[1], q.shape[1]):
        raise InputError("estimates and covariances do not fit each other", value=spread.shape)
    between = np.atleast_2d(np.cov(q, rowvar=False, ddof=1))
    return Pooled(q.mean(axis=0), spread.mean(axis=0), between, m, float(df_complete))


def _joint_df(k: int, m: int, r: float, complete: float) -> float:
    """Denominator of D1: Reiter 2007, eq. 5; for four or fewer ``k (m - 1)`` that of 1991."""
    t = k * (m - 1)
    observed = (complete + 1) / (complete + 3) * complete
    if r <= 0:
        return observed
    if t <= 4:
        return min(observed, t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2)
    a = r * t / (t - 2)
    c0, c1, c2 = 1 / (t - 4), observed - 2 * (1 + a), observed - 4 * (1 + a)
    if c2 <= 0:  # the expansion needs more degrees of freedom than the design has
        return min(observed, 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2)
    z = 1 / c2 + c0 * (
        a**2 * c1 / ((1 + a) ** 2 * c2)
        + 8 * a**2 * c1 / ((1 + a) * c2**2)
        + 4 * a**2 / ((1 + a) * c2)
        + 4 * a**2 / (c2 * c1)
        + 16 * a**2 * c1 / c2**3
        + 8 * a**2 / c2**2
    )
    return 4 + 1 / z


def imputations_needed(fmi: float, precision: float = 0.05) -> int:
    """Return how many data sets keep the standard error steady from one run to the next.

    ``1 + (fmi / cv)^2 / 2`` with the coefficient of variation ``precision`` of the standard error
    over repeated imputation (von Hippel 2020, Sociological Methods & Research 49, eq. 2).
    """
    return ceil(1 + (fmi / precision) ** 2 / 2)
