"""Two likelihoods behind every model: generalised linear, and cumulative logit.

Each gives fitted means or probabilities, their gradients, scores and the observed information.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, xlogy

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class Likelihood(Protocol):
    """What fitting and effects need. theta is the vector of all parameters."""

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Return starting values."""

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Return the weighted log-likelihood (-inf outside the parameter space)."""

    def scores(self, theta: Floats, X: Floats, y: Floats) -> Floats:
        """Return (n, q) unweighted scores."""

    def information(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> Floats:
        """Return the (q, q) weighted observed information."""

    def response(self, theta: Floats, X: Floats) -> Floats:
        """Return (n, K) means or probabilities."""

    def gradient(self, theta: Floats, X: Floats, w: Floats) -> Floats:
        """Return (K, q): the weighted sum over rows of the derivative of each response."""


@dataclass(frozen=True)
class GLM:
    """Gaussian, binomial or Poisson with canonical link (McCullagh & Nelder 1989).

    theta = (intercept, slopes). One response a row: the mean.
    """

    family: str

    def _mean(self, eta: Floats) -> Floats:
        if self.family == "binomial":
            return expit(eta)
        return np.exp(eta) if self.family == "poisson" else eta

    def _variance(self, mean: Floats) -> Floats:
        if self.family == "binomial":
            return mean * (1 - mean)
        return mean if self.family == "poisson" else np.ones_like(mean)

    @staticmethod
    def _with_intercept(X: Floats) -> Floats:
        return np.column_stack([np.ones(len(X)), X])

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Start at the overall mean."""
        theta = np.zeros(X.shape[1] + 1)
        mean = float(w @ y) / float(w.sum())
        if self.family == "binomial":
            theta[0] = np.log(mean / (1 - mean))
        else:
            theta[0] = np.log(max(mean, 1e-8)) if self.family == "poisson" else mean
        return theta

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Log-likelihood; for the Gaussian minus half the residual sum of squares."""
        eta = self._with_intercept(X) @ theta
        if self.family == "binomial":
            return float(w @ (y * eta - np.logaddexp(0, eta)))
        if self.family == "poisson":
            return float(w @ (y * eta - np.exp(eta) - gammaln(y + 1)))
        return -0.5 * float(w @ (y - eta) ** 2)

    def scores(self, theta: Floats, X: Floats, y: Floats) -> Floats:
        """``x (y - mu)``: the links are canonical."""
        Z = self._with_intercept(X)
        return Z * (y - self._mean(Z @ theta))[:, None]

    def information(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> Floats:
        """``X' diag(w v) X``: observed and expected agree under canonical links."""
        Z = self._with_intercept(X)
        return Z.T @ (Z * (w * self._variance(self._mean(Z @ theta)))[:, None])

    def response(self, theta: Floats, X: Floats) -> Floats:
        """Means."""
        return self._mean(self._with_intercept(X) @ theta)[:, None]

    def gradient(self, theta: Floats, X: Floats, w: Floats) -> Floats:
        """Derivative of the weighted sum of means."""
        Z = self._with_intercept(X)
        return (w * self._variance(self._mean(Z @ theta)))[None, :] @ Z


@dataclass(frozen=True)
class CumulativeLogit:
    """Proportional odds (McCullagh 1980): ``logit P(y <= k) = cut_k - x'beta``.

    theta = (beta, cut-points); y holds codes 0..K-1.
    """

    levels: int

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Start at no slope and the cut-points of the margin."""
        share = np.bincount(y.astype(int), w, minlength=self.levels) / w.sum()
        below = np.cumsum(share)[:-1]
        return np.concatenate([np.zeros(X.shape[1]), np.log(below / (1 - below))])

    def _split(self, theta: Floats) -> tuple[Floats, Floats]:
        slopes = len(theta) - (self.levels - 1)
        return theta[:slopes], theta[slopes:]

    def _edges(self, theta: Floats, X: Floats, code: Codes) -> tuple[Floats, Floats]:
        beta, cuts = self._split(theta)
        bounds = np.concatenate([[-np.inf], cuts, [np.inf]])
        eta = X @ beta
        return bounds[code + 1] - eta, bounds[code] - eta

    def _directions(self, theta: Floats, X: Floats, code: Codes) -> tuple[Floats, Floats]:
        """Derivatives of the upper and lower edge of each row with respect to theta."""
        rows, p = X.shape
        upper = np.zeros((rows, p + self.levels + 1))
        upper[:, :p] = -X
        lower = upper.copy()
        at = np.arange(rows)
        # Columns p and p + K stand for the infinite bounds and are cut off.
        upper[at, p + code + 1] = 1.0
        lower[at, p + code] = 1.0
        keep = [*range(p), *range(p + 1, p + self.levels)]
        return upper[:, keep], lower[:, keep]

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Log-likelihood; -inf where cut-points are out of order."""
        if (np.diff(self._split(theta)[1]) <= 0).any():
            return -np.inf
        upper, lower = self._edges(theta, X, y.astype(np.int64))
        p = _between(upper, lower)
        if (p[w > 0] <= 0).any():
            return -np.inf
        return float(xlogy(w, p).sum())

    def scores(self, theta: Floats, X: Floats, y: Floats) -> Floats:
        """``(f(a) A - f(b) B) / p`` with a, b the edges of the observed category."""
        code = y.astype(np.int64)
        upper, lower = self._edges(theta, X, code)
        A, B = self._directions(theta, X, code)
        p = _between(upper, lower)
        return (_density(upper) / p)[:, None] * A - (_density(lower) / p)[:, None] * B

    def information(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> Floats:
        """Minus the analytic Hessian (observed, as R ``svyolr`` and Stata)."""
        code = y.astype(np.int64)
        upper, lower = self._edges(theta, X, code)
        A, B = self._directions(theta, X, code)
        p = _between(upper, lower)
        scores = (_density(upper) / p)[:, None] * A - (_density(lower) / p)[:, None] * B
        hessian = A.T @ (A * (w * _slope(upper) / p)[:, None])
        hessian -= B.T @ (B * (w * _slope(lower) / p)[:, None])
        return scores.T @ (scores * w[:, None]) - hessian

    def response(self, theta: Floats, X: Floats) -> Floats:
        """Probability of each level."""
        beta, cuts = self._split(theta)
        below = expit(cuts[None, :] - (X @ beta)[:, None])
        edges = np.column_stack([np.zeros(len(X)), below, np.ones(len(X))])
        return np.diff(edges, axis=1)

    def gradient(self, theta: Floats, X: Floats, w: Floats) -> Floats:
        """Derivatives of the weighted sums of the probabilities."""
        beta, cuts = self._split(theta)
        density = _density(cuts[None, :] - (X @ beta)[:, None])
        edges = np.column_stack([np.zeros(len(X)), density, np.zeros(len(X))])
        slopes = -(np.diff(edges, axis=1) * w[:, None]).T @ X
        at_cuts = np.zeros((self.levels, self.levels - 1))
        total = w @ density
        for cut in range(self.levels - 1):
            at_cuts[cut, cut] = total[cut]
            at_cuts[cut + 1, cut] = -total[cut]
        return np.column_stack([slopes, at_cuts])


def _density(x: Floats) -> Floats:
    below = expit(x)
    return below * (1 - below)


def _slope(x: Floats) -> Floats:
    below = expit(x)
    return below * (1 - below) * (1 - 2 * below)


def _between(upper: Floats, lower: Floats) -> Floats:
    """``F(upper) - F(lower)`` without cancellation in the right tail."""
    flip = lower > 0
    return np.where(flip, expit(-lower) - expit(-upper), expit(upper) - expit(lower))
