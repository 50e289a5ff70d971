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

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from ngo_survey.models.likelihood import GLM, CumulativeLogit, Likelihood

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Rng = np.random.Generator

PRIOR = 2.5
#: Newton stops when a step gains less log-likelihood than this: far below what a draw moves.
GAIN = 1e-4


def fit(
    likelihood: Likelihood, X: Floats, y: Floats, slopes: slice, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the penalised mode and information; ``slopes`` are the penalised parameters."""
    ones = np.ones(len(y))
    theta = likelihood.start(X, y, ones) if start is None else start
    ridge = np.zeros(len(theta))
    ridge[slopes] = 1 / PRIOR**2
    value = _value(likelihood, theta, X, y, ones, ridge)
    for _ in range(50):
        gradient = likelihood.scores(theta, X, y).sum(axis=0) - ridge * theta
        information = likelihood.information(theta, X, y, ones) + np.diag(ridge)
        step = np.linalg.solve(information, gradient)
        gain = float(gradient @ step)
        if 0 <= gain < GAIN:
            return theta, information
        for _ in range(30):
            ahead = _value(likelihood, theta + step, X, y, ones, ridge)
            if ahead >= value:
                break
            step = step / 2
        theta, value = theta + step, ahead
    return theta, information


def _value(
    likelihood: Likelihood, theta: Floats, X: Floats, y: Floats, w: Floats, ridge: Floats
) -> float:
    return likelihood.loglik(theta, X, y, w) - 0.5 * float(ridge @ theta**2)


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
    likelihood = GLM("binomial")
    theta, information = fit(likelihood, X, y, slice(1, None), start)
    return likelihood.response(draw(theta, information, rng), new)[:, 0], theta


def draw_ordered(
    X: Floats, y: Floats, levels: int, new: Floats, rng: Rng, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return drawn probabilities of each level under proportional odds, and the mode.

    Cut-points that a draw puts out of order are put in order.
    """
    likelihood = CumulativeLogit(levels)
    slopes = X.shape[1]
    theta, information = fit(likelihood, X, y, slice(0, slopes), start)
    drawn = draw(theta, information, rng)
    drawn[slopes:] = np.sort(drawn[slopes:])
    return likelihood.response(drawn, new), theta


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
