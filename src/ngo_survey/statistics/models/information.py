"""Akaike's criterion for pseudo-likelihoods."""

from __future__ import annotations

import numpy as np

from ngo_survey.errors import InputError
from ngo_survey.statistics.models.fitted import Fitted
from ngo_survey.statistics.models.likelihood import GLM


def aic(fit: Fitted) -> float:
    """Return the design-based AIC of a fit (Lumley & Scott 2015, J. Surv. Stat. Methodol. 3, 1-18).

    ``-2 l + 2 tr(I V)``: l and I are the log-likelihood and information with weights that add up to
    the respondents, V is the design's covariance of the estimates. Weights make a
    pseudo-likelihood, whose maximum rises by more than one half a parameter where the design effect
    is above 1; the trace is what takes the place of the number of parameters, and is that number
    where respondents are a simple sample and the model is right. All parameters count, intercepts,
    cut-points and the variance of a Gaussian outcome too. Smaller is better, and only between
    models of one outcome on the same respondents.

    Raises
    ------
    InputError: a penalised fit, which is not at the maximum of its likelihood.
    """
    if fit.penalised:
        raise InputError(
            "a penalised fit has no AIC",
            column=fit.outcome,
            hint="it is not at the maximum of its likelihood: merge levels that nobody tells apart",
        )
    rows = fit.design.in_domain
    X, y, w = fit.matrix.X[rows], fit.y[rows], fit.design.weights[rows]
    scaled = w * (len(w) / w.sum())
    loglik, _, information = fit.likelihood.derivatives(fit.theta, X, y, scaled)
    if not (isinstance(fit.likelihood, GLM) and fit.likelihood.family == "gaussian"):
        return float(-2 * loglik + 2 * np.trace(information @ fit.covariance))
    squares = np.zeros(len(rows))
    squares[rows] = (y - fit.likelihood.response(fit.theta, X)[:, 0]) ** 2
    variance = float(scaled @ squares[rows]) / len(w)
    around = fit.design.variance(np.where(rows, squares - variance, 0.0) / w.sum())[0]
    worth = np.trace(information @ fit.covariance) / variance + around * len(w) / (2 * variance**2)
    return float(len(w) * (np.log(2 * np.pi * variance) + 1) + 2 * worth)
