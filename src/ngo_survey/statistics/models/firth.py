"""Penalised likelihood where the plain one has no maximum: Firth's, and its limits.

The log-likelihood gains half the logarithm of the determinant of the expected information: the
invariant prior of Jeffreys (Firth 1993, Biometrika 80, 27-38). For a binary logit that removes
the first-order bias; for an ordered outcome it is the same prior, which keeps estimates finite,
but not the bias-reducing equations (Kosmidis 2014), and is named so. Limits come from the
profile of the penalised likelihood (Heinze & Schemper 2002, Stat. Med. 21, 2409-2419).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ngo_survey.statistics import distributions
from ngo_survey.statistics.models.cumulative import Cumulative
from ngo_survey.statistics.models.likelihood import Floats
from ngo_survey.statistics.models.newton import FitError, Optimum

#: Climbing ends when no step, in standard errors, is longer than this.
ENOUGH = 1e-11
STEPS = 500
HALVINGS = 40
#: Steps by the information alone, before the curvature of the penalty is looked at too.
PATIENCE = 6
#: A step along a profile may start so much of the log-likelihood below where it set out.
FALL = 20.0


@dataclass(frozen=True)
class Penalised:
    """The penalised cumulative likelihood (two levels: the binary logit) of weighted rows.

    Weights enter as they are: scale them to the number of respondents that they are worth.
    """

    likelihood: Cumulative
    X: Floats
    y: Floats
    w: Floats

    @cached_property
    def _edges(self) -> Floats:
        """Derivatives (n, K - 1, q) of every ``cut_k - x'b_k`` with respect to theta."""
        parallel, at, blocks = self.likelihood.places(self.X.shape[1])
        made = np.zeros((len(self.X), len(blocks), len(at) + sum(map(len, blocks))))
        for k, block in enumerate(blocks):
            made[:, k, at] = -self.X[:, parallel]
            made[:, k, block[0]] = 1.0
            made[:, k, block[1:]] = -self.X[:, list(self.likelihood.nominal)]
        return made

    def _curve(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return densities and their slopes at the cuts (n, K - 1), probabilities (n, K)."""
        below, above, density, slope = self.likelihood.link.curve(
            self.likelihood.etas(theta, self.X)
        )
        first, last = below[:, :1], above[:, -1:]
        right = below[:, :-1] > 0.5
        middle = np.where(right, above[:, :-1] - above[:, 1:], below[:, 1:] - below[:, :-1])
        return density, slope, np.maximum(np.concatenate([first, middle, last], axis=1), 1e-300)

    def _expected(self, density: Floats, p: Floats) -> tuple[Floats, Floats]:
        """Return the diagonal (n, K - 1) and next (n, K - 2) of the information about the cuts."""
        diagonal = density**2 * (1 / p[:, :-1] + 1 / p[:, 1:])
        return diagonal, -density[:, :-1] * density[:, 1:] / p[:, 1:-1]

    def information(self, theta: Floats) -> Floats:
        """Return the expected information (q, q)."""
        density, _, p = self._curve(theta)
        diagonal, beside = self._expected(density, p)
        made = np.zeros((len(theta), len(theta)))
        for k in range(diagonal.shape[1]):
            Z = self._edges[:, k]
            made += Z.T @ (Z * (self.w * diagonal[:, k])[:, None])
            if k:
                middle = self._edges[:, k - 1].T @ (Z * (self.w * beside[:, k - 1])[:, None])
                made += middle + middle.T
        return made

    def value(self, theta: Floats) -> float:
        """Return the penalised log-likelihood."""
        plain = self.likelihood.loglik(theta, self.X, self.y, self.w)
        if not np.isfinite(plain):
            return -np.inf
        sign, logarithm = np.linalg.slogdet(self.information(theta))
        return plain + 0.5 * float(logarithm) if sign > 0 else -np.inf

    def scores(self, theta: Floats) -> Floats:
        """Return (n, q) scores with each row's share of the penalty's gradient.

        ``0.5 tr(I^-1 dI / d eta)`` for each cut of each row: the leverage of the row on its cuts
        times how its information moves with them.
        """
        density, slope, p = self._curve(theta)
        inverse = np.linalg.inv(self.information(theta))
        cuts = density.shape[1]
        lever = np.einsum("nkq,qr,nlr->nkl", self._edges, inverse, self._edges, optimize=True)
        # Derivatives of the information about the cuts with respect to each of them.
        before, after = density**2 / p[:, :-1] ** 2, density**2 / p[:, 1:] ** 2
        own = 2 * density * slope * (1 / p[:, :-1] + 1 / p[:, 1:]) + density * (after - before)
        pull = lever[:, range(cuts), range(cuts)] * own
        for k in range(cuts - 1):
            here, there, between = density[:, k], density[:, k + 1], p[:, k + 1]
            pull[:, k] += lever[:, k + 1, k + 1] * there**2 * here / between**2
            pull[:, k + 1] -= lever[:, k, k] * here**2 * there / between**2
            both = 2 * lever[:, k, k + 1]
            pull[:, k] += both * (-slope[:, k] * there / between - here**2 * there / between**2)
            pull[:, k + 1] += both * (
                -here * slope[:, k + 1] / between + here * there**2 / between**2
            )
        plain = self.likelihood.scores(theta, self.X, self.y)
        return plain + 0.5 * np.einsum("nk,nkq->nq", pull, self._edges)

    def _curvature(self, theta: Floats, free: NDArray[np.int64], information: Floats) -> Floats:
        """Return minus the Hessian of the free places where it is positive, else the information.

        Along a direction of separation the penalty bends the likelihood as much as the answers do,
        so that steps by the information alone close in slowly. Differences of the gradient.
        """
        short = 1e-4 / np.sqrt(np.diag(information))
        made = np.empty_like(information)
        for place, h in zip(range(len(free)), short, strict=True):
            step = np.zeros(len(theta))
            step[free[place]] = h
            apart = self.w @ (self.scores(theta - step) - self.scores(theta + step))
            made[place] = apart[free] / (2 * h)
        made = (made + made.T) / 2
        if not np.isfinite(made).all() or np.linalg.eigvalsh(made)[0] <= 0:
            return information
        return made

    def climb(self, theta: Floats, held: int | None = None) -> Optimum:
        """Maximise, with one place of theta held fast where ``held`` says so.

        Raises :class:`FitError` when it does not converge.
        """
        free = np.array([i for i in range(len(theta)) if i != held])
        value = self.value(theta)
        for step in range(1, STEPS + 1):
            gradient = (self.w @ self.scores(theta))[free]
            inside = self.information(theta)[np.ix_(free, free)]
            if step > PATIENCE:
                inside = self._curvature(theta, free, inside)
            # The information of separated answers is nearly singular: scaled to a unit diagonal it
            # is as well behaved as it can be.
            unit = 1.0 / np.sqrt(np.diag(inside))
            scaled = inside * np.outer(unit, unit)
            direction = np.zeros(len(theta))
            direction[free] = unit * np.linalg.lstsq(scaled, unit * gradient, rcond=1e-13)[0]
            length = float(np.sqrt(max(gradient @ direction[free], 0.0)))
            for _ in range(HALVINGS):
                ahead = self.value(theta + direction)
                if ahead >= value - 1e-13 * abs(value):
                    break
                direction = direction / 2
            # The likelihood moves with the square of the step: below a millionth of a standard
            # error only rounding is left of it.
            settled = length < 1e-6 and ahead - value <= 1e-13 * abs(value)
            theta, value = theta + direction, ahead
            if length < ENOUGH or (settled and step > 2 * PATIENCE):
                return Optimum(theta, step, self.information(theta), value)
            if not np.isfinite(value):
                break
        raise FitError("the penalised likelihood does not converge", hint="leave terms out")

    def profile(self, theta: Floats, place: int, to: float) -> Optimum:
        """Maximise with one place of theta held at ``to``, walking there from ``theta``.

        Each step moves the others along with it (to first order as the profile does), so that
        cut-points keep their order, and is halved while the likelihood would fall far.
        """
        for _ in range(STEPS):
            information = self.information(theta)
            free = np.arange(len(theta)) != place
            along = np.zeros(len(theta))
            along[place] = 1.0
            unit = 1.0 / np.sqrt(np.diag(information)[free])
            scaled = information[np.ix_(free, free)] * np.outer(unit, unit)
            pull = unit * information[free, place]
            along[free] = -unit * np.linalg.lstsq(scaled, pull, rcond=1e-13)[0]
            value, left = self.value(theta), to - theta[place]
            for _ in range(HALVINGS):
                ahead = theta + left * along
                if self.value(ahead) >= value - FALL:
                    break
                left = left / 2
            if left == to - theta[place]:
                ahead[place] = to
                return self.climb(ahead, held=place)
            theta = self.climb(ahead, held=place).theta
        raise FitError("the penalised likelihood does not converge", hint="leave terms out")

    def limits(self, optimum: Optimum, place: int, level: float = 0.95) -> tuple[float, float]:
        """Return limits of one parameter: where the profile has fallen by half a chi-square."""
        drop = float(distributions.chi2_quantile(level, 1)) / 2
        se = float(np.sqrt(np.linalg.inv(optimum.information)[place, place]))

        def along(sign: float) -> float:
            path = {"theta": optimum.theta}

            def fall(distance: float) -> float:
                found = self.profile(path["theta"], place, optimum.theta[place] + sign * distance)
                path["theta"] = found.theta
                return optimum.loglik - found.loglik - drop

            far = 2 * se
            for _ in range(12):
                if fall(far) > 0:
                    edge = brentq(fall, 0.0, far, xtol=1e-10 * max(1.0, far))
                    return float(optimum.theta[place] + sign * edge)
                far *= 1.7
            return float(sign * np.inf)

        return along(-1.0), along(1.0)

    def p(self, optimum: Optimum, place: int) -> float:
        """Return p of the penalised likelihood-ratio test that one parameter is zero."""
        fallen = 2 * (optimum.loglik - self.profile(optimum.theta, place, 0.0).loglik)
        return float(distributions.chi2_tail(max(fallen, 0.0), 1))


def effective_weights(w: Floats) -> Floats:
    """Return weights that add up to Kish's effective number of respondents.

    ``sum w = (sum w)^2 / sum w^2`` (Kish 1965): a penalised likelihood needs to know how much the
    answers are worth, which pseudo-likelihood does not say.
    """
    return w * (w.sum() / (w**2).sum())
