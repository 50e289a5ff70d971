"""Draws from what a small regression knows: each imputation takes a new set of parameters.

Categorical targets are fitted by penalised maximum likelihood. The penalty is a normal prior with
standard deviation ``PRIOR`` on the slopes of standardised predictors (Gelman, Jakulin, Pittau & Su
2008, Annals of Applied Statistics 2, take such a scale for logits): it is a hundredth of the
information of a hundred respondents, and keeps slopes finite where a predictor separates the
answers, the case that breaks plain logits in chained equations (White, Daniel & Royston 2010).
Parameters are drawn from the normal around the mode with the inverse penalised information
(Rubin 1987, sec. 5.2): the approximate posterior that makes imputations proper.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import expit, logit

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Rng = np.random.Generator
#: Log-likelihood, its gradient and the observed information at a vector of parameters.
Curve = Callable[[Floats], tuple[float, Floats, Floats]]

PRIOR = 2.5
#: Newton stops when a step gains less log-likelihood than this: far below what a draw moves.
GAIN = 1e-4


def mode(curve: Curve, start: Floats, slopes: slice) -> tuple[Floats, Floats]:
    """Return the penalised mode and information; ``slopes`` are the penalised parameters."""
    ridge = np.zeros(len(start))
    ridge[slopes] = 1 / PRIOR**2
    theta = start
    value, gradient, information = curve(theta)
    value -= 0.5 * float(ridge @ theta**2)
    for _ in range(50):
        around = information + np.diag(ridge)
        step = np.linalg.solve(around, gradient - ridge * theta)
        gain = float((gradient - ridge * theta) @ step)
        if 0 <= gain < GAIN:
            break
        for _ in range(30):
            ahead, gradient, information = curve(theta + step)
            ahead -= 0.5 * float(ridge @ (theta + step) ** 2)
            if ahead >= value:
                break
            step = step / 2
        theta, value = theta + step, ahead
    return theta, around


def logit_curve(X: Floats, y: Floats) -> Curve:
    """Return the curve of a logit; theta = (intercept, slopes)."""
    Z = np.column_stack([np.ones(len(X)), X])

    def curve(theta: Floats) -> tuple[float, Floats, Floats]:
        eta = Z @ theta
        p = expit(eta)
        value = float(y @ eta - np.logaddexp(0, eta).sum())
        return value, (y - p) @ Z, Z.T @ (Z * (p * (1 - p))[:, None])

    return curve


def ordered_curve(X: Floats, code: Codes, levels: int) -> Curve:
    """Return the curve of proportional odds (McCullagh 1980); theta = (slopes, cut-points)."""
    slopes, rows = X.shape[1], np.arange(len(code))

    def curve(theta: Floats) -> tuple[float, Floats, Floats]:
        cuts = theta[slopes:]
        if (np.diff(cuts) <= 0).any():
            return -np.inf, np.zeros(len(theta)), np.eye(len(theta))
        eta = X @ theta[:slopes]
        above = expit(np.append(cuts, np.inf)[code] - eta)
        below = expit(np.append(-np.inf, cuts)[code] - eta)
        p = np.maximum(above - below, 1e-300)
        f, g = above * (1 - above), below * (1 - below)
        a, b = f / p, g / p
        upper, lower = a**2 - a * (1 - 2 * above), b**2 + b * (1 - 2 * below)
        # Columns 0 and K stand for the infinite edges and are cut off.
        first = np.zeros((len(code), levels + 1))
        first[rows, code + 1], first[rows, code] = a, -b
        cross = np.zeros((len(code), levels + 1))
        cross[rows, code + 1], cross[rows, code] = upper - a * b, lower - a * b
        inner = slice(1, levels)
        middle = np.zeros((levels + 1, levels + 1))
        np.add.at(middle, (code + 1, code + 1), upper)
        np.add.at(middle, (code, code), lower)
        np.add.at(middle, (code + 1, code), -a * b)
        np.add.at(middle, (code, code + 1), -a * b)
        information = np.empty((len(theta), len(theta)))
        information[:slopes, :slopes] = X.T @ (X * (upper + lower - 2 * a * b)[:, None])
        information[:slopes, slopes:] = -(X.T @ cross[:, inner])
        information[slopes:, :slopes] = information[:slopes, slopes:].T
        information[slopes:, slopes:] = middle[inner, inner]
        gradient = np.concatenate([(b - a) @ X, first[:, inner].sum(axis=0)])
        return float(np.log(p).sum()), gradient, information

    return curve


def draw(theta: Floats, information: Floats, rng: Rng) -> Floats:
    """Draw parameters from the normal around the mode."""
    root = np.linalg.cholesky(information)
    noise = rng.standard_normal(len(theta))
    return theta + solve_triangular(root, noise, lower=True, trans="T", check_finite=False)


def draw_binary(
    X: Floats, y: Floats, new: Floats, rng: Rng, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return drawn probabilities of 1 for the rows of ``new``, and the mode to start from."""
    if np.ptp(y) == 0:  # nobody, or everybody: one answer more on either side (Laplace)
        share = rng.beta(y.sum() + 0.5, len(y) - y.sum() + 0.5)
        return np.full(len(new), share), np.zeros(X.shape[1] + 1)
    if start is None:
        start = np.zeros(X.shape[1] + 1)
        start[0] = logit(y.mean())
    theta, information = mode(logit_curve(X, y), start, slice(1, None))
    drawn = draw(theta, information, rng)
    return expit(drawn[0] + new @ drawn[1:]), theta


def draw_ordered(
    X: Floats, y: Floats, levels: int, new: Floats, rng: Rng, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return drawn probabilities of each level under proportional odds, and the mode.

    Cut-points that a draw puts out of order are put in order.
    """
    slopes, code = X.shape[1], y.astype(np.int64)
    if start is None:
        below = np.cumsum(np.bincount(code, minlength=levels))[:-1] / len(code)
        start = np.concatenate([np.zeros(slopes), logit(below)])
    theta, information = mode(ordered_curve(X, code, levels), start, slice(0, slopes))
    drawn = draw(theta, information, rng)
    cuts = np.sort(drawn[slopes:])
    edges = expit(cuts[None, :] - (new @ drawn[:slopes])[:, None])
    rows = len(new)
    return np.diff(np.column_stack([np.zeros(rows), edges, np.ones(rows)]), axis=1), theta


def draw_linear(X: Floats, Y: Floats, new: Floats, rng: Rng) -> tuple[Floats, Floats, Floats]:
    """Return fitted values at the mode, drawn fitted values of ``new``, and residual covariance.

    ``Y`` is (n, k). Parameters are drawn as in Rubin 1987, example 5.1 (van Buuren 2018,
    algorithm 3.1), the slopes with a slight ridge against aliased predictors; the residual
    covariance of several columns is drawn up to its scale.
    """
    Z = np.column_stack([np.ones(len(X)), X])
    Z_new = np.column_stack([np.ones(len(new)), new])
    ridge = np.full(Z.shape[1], 1e-5 * len(X))
    ridge[0] = 0.0
    root = np.linalg.cholesky(Z.T @ Z + np.diag(ridge))
    half = solve_triangular(root, Z.T @ Y, lower=True, check_finite=False)
    beta = solve_triangular(root, half, lower=True, trans="T", check_finite=False)
    residual = Y - Z @ beta
    free = max(len(X) - Z.shape[1], 1)
    spread = residual.T @ residual
    scale = spread / rng.chisquare(free)
    values, vectors = np.linalg.eigh(scale)
    half_scale = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = rng.standard_normal((Z.shape[1], Y.shape[1])) @ half_scale.T
    drawn = beta + solve_triangular(root, noise, lower=True, trans="T", check_finite=False)
    return Z @ beta, Z_new @ drawn, spread / free


def categories(rng: Rng, probability: Floats) -> Codes:
    """Draw one category a row from (n, k) probabilities."""
    edges = np.cumsum(probability, axis=1)
    u = rng.random(len(probability)) * edges[:, -1]
    return (u[:, None] >= edges[:, :-1]).sum(axis=1)
