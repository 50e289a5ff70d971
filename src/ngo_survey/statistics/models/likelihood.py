"""What every likelihood gives to fitting and to effects, and the generalised linear one.

The cumulative one is in :mod:`cumulative`, the multinomial one in :mod:`nominal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from ngo_survey.statistics.models.links import LINKS, LinkFunction

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class Parameter(NamedTuple):
    """What a place of theta is: a column of the design matrix, -1 for an intercept or cut-point.

    ``tag`` is the cut-point or the level that it is for, "" when it is for all of them.
    """

    column: int
    tag: str


class Derivatives(NamedTuple):
    """Weighted log-likelihood with its gradient (q,) and information (q, q) at one theta."""

    loglik: float
    gradient: Floats
    information: Floats


class Likelihood(Protocol):
    """What fitting and effects need. theta is the vector of all parameters."""

    @property
    def quadratic(self) -> bool:
        """Whether :meth:`derivatives` gives the Hessian itself, not its expectation."""

    def parameters(self, columns: int, outcomes: Sequence[str]) -> list[Parameter]:
        """Return what each place of theta is."""

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Return starting values: no predictor counts."""

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Return the weighted log-likelihood (-inf outside the parameter space)."""

    def derivatives(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> Derivatives:
        """Return the weighted log-likelihood, gradient (q,) and information (q, q)."""

    def scores(self, theta: Floats, X: Floats, y: Floats) -> Floats:
        """Return (n, q) unweighted scores."""

    def response(self, theta: Floats, X: Floats) -> Floats:
        """Return (n, K) means or probabilities."""

    def gradient(self, theta: Floats, X: Floats, w: Floats) -> Floats:
        """Return (K, q): the weighted sum over rows of the derivative of each response."""

    def recession(self, X: Floats, y: Floats) -> Floats | None:
        """Return rows A: the likelihood never falls along d where ``A d >= 0``; None: it does."""


@dataclass(frozen=True)
class GLM:
    """Gaussian, binomial or Poisson (McCullagh & Nelder 1989).

    theta = (intercept, slopes). One response a row: the mean. Canonical links but for a binomial
    with probit or cloglog, whose information is the expected one, as R ``svyglm``.
    """

    family: str
    link: LinkFunction = LINKS["logit"]

    @property
    def quadratic(self) -> bool:
        """Observed and expected information agree under canonical links."""
        return self.family != "binomial" or self.link.name == "logit"

    def parameters(self, columns: int, outcomes: Sequence[str]) -> list[Parameter]:
        """Intercept, slopes."""
        return [Parameter(-1, ""), *(Parameter(j, "") for j in range(columns))]

    def _mean(self, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the mean, its derivative and the variance."""
        if self.family == "binomial":
            below, above, density, _ = self.link.curve(eta)
            return below, density, np.maximum(below * above, 1e-300)
        if self.family == "poisson":
            mean = np.exp(eta)
            return mean, mean, mean
        one = np.ones_like(eta)
        return eta, one, one

    @staticmethod
    def _with_intercept(X: Floats) -> Floats:
        return np.column_stack([np.ones(len(X)), X])

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Start at the overall mean."""
        theta = np.zeros(X.shape[1] + 1)
        mean = float(w @ y) / float(w.sum())
        if self.family == "binomial":
            theta[0] = self.link.quantile(np.array(mean))
        else:
            theta[0] = np.log(max(mean, 1e-8)) if self.family == "poisson" else mean
        return theta

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Log-likelihood; for the Gaussian minus half the residual sum of squares."""
        eta = theta[0] + X @ theta[1:]
        if self.family == "binomial":
            if self.link.name == "logit":
                return float(w @ (y * eta - np.logaddexp(0, eta)))
            below, above, _, _ = self.link.curve(eta)
            return float(w @ (xlogy(y, below) + xlogy(1 - y, above)))
        if self.family == "poisson":
            return float(w @ (y * eta - np.exp(eta) - gammaln(y + 1)))
        return -0.5 * float(w @ (y - eta) ** 2)

    def derivatives(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> Derivatives:
        """``Z' w d (y - mu) / v`` and ``Z' diag(w d^2 / v) Z``, d the derivative of the mean."""
        Z = self._with_intercept(X)
        mean, slope, variance = self._mean(Z @ theta)
        gradient = (w * (y - mean) * slope / variance) @ Z
        information = Z.T @ (Z * (w * slope**2 / variance)[:, None])
        return Derivatives(self.loglik(theta, X, y, w), gradient, information)

    def scores(self, theta: Floats, X: Floats, y: Floats) -> Floats:
        """``z d (y - mu) / v``."""
        Z = self._with_intercept(X)
        mean, slope, variance = self._mean(Z @ theta)
        return Z * ((y - mean) * slope / variance)[:, None]

    def response(self, theta: Floats, X: Floats) -> Floats:
        """Means."""
        return self._mean(theta[0] + X @ theta[1:])[0][:, None]

    def gradient(self, theta: Floats, X: Floats, w: Floats) -> Floats:
        """Derivative of the weighted sum of means."""
        weighted = w * self._mean(theta[0] + X @ theta[1:])[1]
        return np.concatenate([[weighted.sum()], weighted @ X])[None, :]

    def recession(self, X: Floats, y: Floats) -> Floats | None:
        """Binomial: towards the answer given; Poisson: counts fixed, zeros downwards."""
        Z = self._with_intercept(X)
        if self.family == "binomial":
            return Z * np.where(y > 0, 1.0, -1.0)[:, None]
        if self.family == "poisson":
            return np.concatenate([-Z, Z[y > 0]])
        return None
