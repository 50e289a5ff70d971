"""Scores of predicted probabilities of the levels of an outcome."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ngo_survey.statistics.estimation.domains import levels_of
from ngo_survey.statistics.models.fitted import Fitted
from ngo_survey.statistics.models.likelihood import Floats
from ngo_survey.statistics.models.newton import FitError

Codes = NDArray[np.int64]


def ranked_probability(probability: Floats, code: Codes) -> Floats:
    """Return the ranked probability score of each row: 0 is perfect.

    ``sum_k (F_k - 1[y <= k])^2 / (K - 1)`` over the first K - 1 levels (Epstein 1969, J. Appl.
    Meteorol. 8, 985-987, in the form of Murphy 1971); for two levels it is Brier's score.
    """
    levels = probability.shape[1]
    forecast = np.cumsum(probability, axis=1)[:, :-1]
    observed = code[:, None] <= np.arange(levels - 1)
    return ((forecast - observed) ** 2).sum(axis=1) / (levels - 1)


def scored(fit: Fitted, probability: Floats, code: Codes) -> Floats:
    """Return the ranked probability score with the levels in the order of the outcome.

    A multinomial model has its reference first, wherever that stands in the questionnaire.
    """
    if fit.kind == "binomial":
        return ranked_probability(probability, code)
    known = [str(level) for level in levels_of(fit.design.frame[fit.outcome])]
    order = np.argsort([known.index(level) for level in fit.outcomes])
    return ranked_probability(probability[:, order], np.argsort(order)[code])


def probabilities(fit: Fitted, X: Floats) -> Floats:
    """Return (n, K) probabilities of the levels; of a binomial model those of no event and event.

    Raises
    ------
    FitError: the model is not of probabilities.
    """
    response = fit.likelihood.response(fit.theta, X)
    if fit.kind == "binomial":
        return np.column_stack([1 - response[:, 0], response[:, 0]])
    if response.shape[1] < 2:
        raise FitError("a model of a number has no probabilities to validate", column=fit.outcome)
    return response
