"""Do the predicted probabilities fit the answers, group by group? A test that knows the design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ngo_survey.statistics.models.likelihood import Floats
from ngo_survey.statistics.models.parallel import diagnostic_row, wald_f

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fitted import Fitted


def grouped_fit(fit: Fitted, groups: int = 10) -> list[dict[str, Any]]:
    """Test each outcome's mean residual in groups of like predictions against zero.

    As Archer, Lemeshow & Hosmer 2007 (Comput. Stat. Data Anal. 51, 4450-4464): groups of equal
    weight of the predicted probability, an F-adjusted Wald test of all but one of them. Their
    covariance is linearised over the respondents and, unlike theirs, over the coefficients too.

    Returns rows ``grouped_fit/<outcome>``; none for an outcome that is a number.
    """
    if fit.kind in {"gaussian", "poisson"}:
        return []
    rows = np.flatnonzero(fit.design.in_domain)
    X, w = fit.matrix.X[rows], fit.design.weights[rows]
    response = fit.likelihood.response(fit.theta, X)
    made = []
    for place, outcome in enumerate(fit.outcomes):
        code = 1 if fit.kind == "binomial" else place
        residual = (fit.y[rows] == code) - response[:, place]
        members = _groups(response[:, place], w, groups)
        means = np.zeros(len(members) - 1)
        influence = np.zeros((len(fit.y), len(means)))
        for g in range(len(means)):
            own = members[g]
            weight = w[own].sum()
            means[g] = w[own] @ residual[own] / weight
            slope = fit.likelihood.gradient(fit.theta, X[own], w[own])[place] / weight
            influence[:, g] = -fit.influence @ slope
            influence[rows[own], g] += (residual[own] - means[g]) / weight
        made.append(_tested(fit, outcome, means, influence, len(members)))
    return made


def _tested(
    fit: Fitted, outcome: str, means: Floats, influence: Floats, groups: int
) -> dict[str, Any]:
    name = f"grouped_fit/{outcome}"
    spread = fit.design.covariance(influence)
    if not len(means) or np.linalg.cond(spread) > 1e10:
        return diagnostic_row(name, np.nan, "not computed: too few different predictions")
    value, df1, df2, p = wald_f(means, spread, fit.design.degrees_of_freedom)
    return diagnostic_row(
        name, value, f"design-based, mean residuals of {groups} groups", df1, df2, p
    )


def _groups(predicted: Floats, w: Floats, groups: int) -> list[np.ndarray]:
    """Return members of groups of about equal weight; like predictions stay together."""
    order = np.argsort(predicted, kind="stable")
    shares = np.cumsum(w[order]) / w.sum()
    edges = predicted[order][np.searchsorted(shares, np.arange(1, groups) / groups)]
    place = np.searchsorted(np.unique(edges), predicted, side="left")
    return [np.flatnonzero(place == g) for g in np.unique(place)]
