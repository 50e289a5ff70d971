"""Effects that people understand: average marginal effects and predictive margins.

Both are survey-weighted means of model responses, linearised over the respondents and over the
coefficients (Graubard & Korn 1999, Biometrics 55, 652-659; Lumley 2010, ch. 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ngo_survey.models.likelihood import Floats

if TYPE_CHECKING:
    from ngo_survey.models.fit import Fit

#: Points of a number at which margins are predicted: shares of the weighted distribution.
POINTS = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


def effects(fit: Fit, linearise: Literal["full", "delta"] = "full") -> pd.DataFrame:
    """Return average marginal effects on each response.

    Categorical: each level against the reference. Number: one more unit of the model's column
    (``per`` units, or a doubling under ``log2p1``). ``delta`` leaves out that the respondents are
    a sample.

    Returns
    -------
    ``term, variable, level, outcome, estimate, se, ci_low, ci_high, p``; the effects of a term on
    the probabilities of an ordered outcome add up to 0.
    """
    frames = []
    for place, name in enumerate(fit.matrix.names):
        variable, level = fit.matrix.variables[place], fit.matrix.levels[place]
        ahead, before = fit.matrix.X.copy(), fit.matrix.X.copy()
        if level:
            own = fit.matrix.columns(variable)
            ahead[:, own] = before[:, own] = 0.0
            ahead[:, place] = 1.0
        else:
            ahead[:, place] += 1.0
        estimate, se = _mean_response(fit, ahead, before, linearise)
        frames.append(_rows(fit, estimate, se, term=name, variable=variable, level=level))
    made = pd.concat(frames, ignore_index=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = made["estimate"] / made["se"]
    made["p"] = 2 * stats.t.sf(statistic.abs(), fit.df)
    return made


def predictions(fit: Fit) -> pd.DataFrame:
    """Return predictive margins: the mean response if everybody had a level, or a number.

    Returns ``variable, level, outcome, estimate, se, ci_low, ci_high``; levels of a number are
    ``p10``, ``p50`` and ``p90`` of its weighted distribution.
    """
    frames = []
    for variable, level, matrix in _scenarios(fit):
        estimate, se = _mean_response(fit, matrix, None, "full")
        frames.append(_rows(fit, estimate, se, variable=variable, level=level))
    return pd.concat(frames, ignore_index=True)


def _scenarios(fit: Fit) -> Iterator[tuple[str, str, Floats]]:
    for variable in dict.fromkeys(fit.matrix.variables):
        own = fit.matrix.columns(variable)
        if variable in fit.matrix.references:
            settings = {fit.matrix.references[variable]: -1} | {
                fit.matrix.levels[place]: place for place in own
            }
            for level, place in settings.items():
                matrix = fit.matrix.X.copy()
                matrix[:, own] = 0.0
                if place >= 0:
                    matrix[:, place] = 1.0
                yield variable, level, matrix
        else:
            rows = fit.design.in_domain
            values, w = fit.matrix.X[rows, own[0]], fit.design.weights[rows]
            order = np.argsort(values, kind="stable")
            shares = np.cumsum(w[order]) / w.sum()
            for name, point in POINTS.items():
                matrix = fit.matrix.X.copy()
                matrix[:, own[0]] = values[order][np.searchsorted(shares, point)]
                yield variable, name, matrix


def _mean_response(
    fit: Fit, ahead: Floats, before: Floats | None, linearise: Literal["full", "delta"]
) -> tuple[Floats, Floats]:
    """Return the weighted mean of the response (or of a difference) and its standard error."""
    w = fit.weights
    total = w.sum()
    response = fit.likelihood.response(fit.theta, ahead)
    slope = fit.likelihood.gradient(fit.theta, ahead, w) / total
    if before is not None:
        response = response - fit.likelihood.response(fit.theta, before)
        slope = slope - fit.likelihood.gradient(fit.theta, before, w) / total
    estimate = (w @ response) / total
    influence = fit.influence @ slope.T
    if linearise == "full":
        own = (response - estimate) / total
        influence = influence + np.where(fit.design.in_domain[:, None], own, 0.0)
    return estimate, np.sqrt(fit.design.variance(influence))


def _rows(fit: Fit, estimate: Floats, se: Floats, **heads: str) -> pd.DataFrame:
    t = stats.t.ppf(0.975, fit.df)
    frame = pd.DataFrame({"outcome": fit.outcomes, "estimate": estimate, "se": se})
    frame["ci_low"], frame["ci_high"] = estimate - t * se, estimate + t * se
    for place, (name, value) in enumerate(heads.items()):
        frame.insert(place, name, value)
    return frame
