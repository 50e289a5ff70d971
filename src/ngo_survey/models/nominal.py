"""The multinomial logit: no order of the outcome is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from ngo_survey.models.likelihood import Derivatives, Floats, Parameter


@dataclass(frozen=True)
class Multinomial:
    """``log(P(y = k) / P(y = 0)) = a_k + x'b_k`` (Begg & Gray 1984): against the first level.

    theta = (a_1, b_1, a_2, b_2, ...); y holds codes 0..K-1.
    """

    levels: int
    quadratic = True

    def parameters(self, columns: int, outcomes: Sequence[str]) -> list[Parameter]:
        """Intercept and slopes of each level but the first; tags are the levels."""
        return [Parameter(j, level) for level in outcomes[1:] for j in range(-1, columns)]

    def _log_probabilities(self, theta: Floats, X: Floats) -> Floats:
        blocks = theta.reshape(self.levels - 1, -1)
        etas = np.zeros((len(X), self.levels))
        etas[:, 1:] = blocks[:, 0] + X @ blocks[:, 1:].T
        return etas - logsumexp(etas, axis=1, keepdims=True)

    @staticmethod
    def _with_intercept(X: Floats) -> Floats:
        return np.column_stack([np.ones(len(X)), X])

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Start at the shares of the margin."""
        share = np.bincount(y.astype(np.int64), w, minlength=self.levels)
        theta = np.zeros((self.levels - 1, X.shape[1] + 1))
        theta[:, 0] = np.log(share[1:] / share[0])
        return theta.ravel()

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Log-likelihood."""
        logs = self._log_probabilities(theta, X)
        return float(w @ logs[np.arange(len(y)), y.astype(np.int64)])

    def _residuals(self, theta: Floats, X: Floats, y: Floats) -> tuple[Floats, Floats]:
        p = np.exp(self._log_probabilities(theta, X))[:, 1:]
        return (y.astype(np.int64)[:, None] == np.arange(1, self.levels)) - p, p

    def derivatives(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> Derivatives:
        """Gradient and information: ``p_j (1[j = k] - p_k)`` between the blocks j and k."""
        Z = self._with_intercept(X)
        rest, p = self._residuals(theta, X, y)
        size, q = Z.shape[1], len(theta)
        information = np.zeros((q, q))
        for j in range(self.levels - 1):
            for k in range(j, self.levels - 1):
                weight = w * p[:, j] * ((j == k) - p[:, k])
                block = Z.T @ (Z * weight[:, None])
                here, there = slice(j * size, (j + 1) * size), slice(k * size, (k + 1) * size)
                information[here, there] = block
                information[there, here] = block.T
        gradient = ((rest * w[:, None]).T @ Z).ravel()
        return Derivatives(self.loglik(theta, X, y, w), gradient, information)

    def scores(self, theta: Floats, X: Floats, y: Floats) -> Floats:
        """``(1[y = k] - p_k) z`` in the block of each level."""
        rest, _ = self._residuals(theta, X, y)
        return (rest[:, :, None] * self._with_intercept(X)[:, None, :]).reshape(len(X), -1)

    def response(self, theta: Floats, X: Floats) -> Floats:
        """Probability of each level."""
        return np.exp(self._log_probabilities(theta, X))

    def gradient(self, theta: Floats, X: Floats, w: Floats) -> Floats:
        """Derivatives of the weighted sums of the probabilities."""
        Z = self._with_intercept(X)
        p = self.response(theta, X)
        made = np.empty((self.levels, len(theta)))
        for k in range(self.levels):
            weight = w[:, None] * p[:, [k]] * ((np.arange(1, self.levels) == k) - p[:, 1:])
            made[k] = (weight.T @ Z).ravel()
        return made

    def recession(self, X: Floats, y: Floats) -> Floats | None:
        """The level that was given may gain on every other one."""
        Z = self._with_intercept(X)
        code, size = y.astype(np.int64), Z.shape[1]
        made = []
        for k in range(self.levels):
            mine = Z[code == k]
            for j in range(self.levels):
                if j == k:
                    continue
                rows = np.zeros((len(mine), (self.levels - 1) * size))
                if k:
                    rows[:, (k - 1) * size : k * size] = mine
                if j:
                    rows[:, (j - 1) * size : j * size] = -mine
                made.append(rows)
        return np.concatenate(made)
