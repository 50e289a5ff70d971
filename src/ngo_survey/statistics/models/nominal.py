"""The multinomial logit: no order of the outcome is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from ngo_survey.statistics.models.likelihood import Derivatives, Floats, Parameter


@dataclass(frozen=True)
class Multinomial:
    """``log(P(y = k) / P(y = r)) = a_k + x'b_k`` (Begg & Gray 1984), r the ``reference``.

    theta = (a, b) of each level but the reference, in their order; y holds codes 0..K-1.
    """

    levels: int
    reference: int = 0
    quadratic = True

    @property
    def others(self) -> list[int]:
        """Codes of the levels that have coefficients."""
        return [k for k in range(self.levels) if k != self.reference]

    def parameters(self, columns: int, outcomes: Sequence[str]) -> list[Parameter]:
        """Intercept and slopes of each level but the reference; tags are the levels."""
        return [Parameter(j, outcomes[k]) for k in self.others for j in range(-1, columns)]

    def _log_probabilities(self, theta: Floats, X: Floats) -> Floats:
        blocks = theta.reshape(self.levels - 1, -1)
        etas = np.zeros((len(X), self.levels))
        etas[:, self.others] = blocks[:, 0] + X @ blocks[:, 1:].T
        return etas - logsumexp(etas, axis=1, keepdims=True)

    @staticmethod
    def _with_intercept(X: Floats) -> Floats:
        return np.column_stack([np.ones(len(X)), X])

    def start(self, X: Floats, y: Floats, w: Floats) -> Floats:
        """Start at the shares of the margin."""
        share = np.bincount(y.astype(np.int64), w, minlength=self.levels)
        theta = np.zeros((self.levels - 1, X.shape[1] + 1))
        theta[:, 0] = np.log(share[self.others] / share[self.reference])
        return theta.ravel()

    def loglik(self, theta: Floats, X: Floats, y: Floats, w: Floats) -> float:
        """Log-likelihood."""
        logs = self._log_probabilities(theta, X)
        return float(w @ logs[np.arange(len(y)), y.astype(np.int64)])

    def _residuals(self, theta: Floats, X: Floats, y: Floats) -> tuple[Floats, Floats]:
        p = np.exp(self._log_probabilities(theta, X))[:, self.others]
        return (y.astype(np.int64)[:, None] == np.array(self.others)) - p, p

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
            gain = (np.array(self.others) == k) - p[:, self.others]
            weight = w[:, None] * p[:, [k]] * gain
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
                for level, sign in ((k, 1.0), (j, -1.0)):
                    if level != self.reference:
                        place = self.others.index(level) * size
                        rows[:, place : place + size] = sign * mine
                made.append(rows)
        return np.concatenate(made)
