"""Effects that people understand: average marginal effects and predictive margins.

Both are survey-weighted means of model responses, linearised over the respondents and over the
coefficients (Graubard & Korn 1999, Biometrics 55, 652-659; Lumley 2010, ch. 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.statistics import distributions
from ngo_survey.statistics.design.survey_design import BLOCK
from ngo_survey.statistics.models.blocks import (
    Composition,
    Diversity,
    Interaction,
    Levels,
    Number,
    Spline,
)
from ngo_survey.statistics.models.likelihood import Floats

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fitted import Fitted

#: Points of a number at which margins are predicted: shares of the weighted distribution.
POINTS = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


@dataclass(frozen=True)
class Scenario:
    """Columns as they would be (``ahead``) against others (``before``), named by ``heads``.

    ``among``: whose mean is taken; None: everybody in the domain.
    """

    heads: dict[str, str]
    ahead: Floats
    before: Floats | None = None
    among: NDArray[np.bool_] | None = None


def effects(fit: Fitted, linearise: Literal["full", "delta"] = "full") -> pd.DataFrame:
    """Return average marginal effects on each response.

    Categorical: each level against the reference. Number: one more unit of the model's column
    (``per`` units, or a doubling under ``log2p1``). Composition: a part that doubles against all
    others (``level`` is the part). Interactions move with their variables and have no effect of
    their own. ``delta`` leaves out that the respondents are a sample.

    Returns
    -------
    ``term, variable, level, outcome, estimate, se, ci_low, ci_high, p``; the effects of a term on
    the probabilities of a categorical outcome add up to 0.
    """
    made = mean_responses(fit, _steps(fit), linearise)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = made["estimate"] / made["se"]
    made["p"] = 2 * distributions.t_tail(statistic.abs(), fit.df)
    return made


def _steps(fit: Fitted) -> Iterator[Scenario]:
    matrix = fit.matrix
    for start, block in zip(matrix.starts, matrix.blocks, strict=False):
        variable = block.variable
        if isinstance(block, Levels):
            before = matrix.rebuild({variable: everybody(fit, block.reference_code)})
            for name, level, code in zip(block.names, block.levels, block.codes, strict=True):
                ahead = matrix.rebuild({variable: everybody(fit, code)})
                heads = {"term": name, "variable": variable, "level": level}
                yield Scenario(heads, ahead, before)
        elif isinstance(block, Composition):
            for place, part in enumerate(block.parts):
                ahead = matrix.X.copy()
                ahead[:, start : start + len(block.names)] += block.doubled(place)
                heads = {"term": f"{variable}={part}", "variable": variable, "level": part}
                yield Scenario(heads, ahead, matrix.X)
        elif isinstance(block, Number | Spline):
            values = matrix.values[variable]
            ahead = matrix.rebuild({variable: block.step(values)})
            yield Scenario({"term": variable, "variable": variable, "level": ""}, ahead, matrix.X)
        elif isinstance(block, Diversity):
            ahead = matrix.X.copy()
            ahead[:, start] += 1.0
            yield Scenario({"term": variable, "variable": variable, "level": ""}, ahead, matrix.X)
        else:
            assert isinstance(block, Interaction)


def predictions(fit: Fitted) -> pd.DataFrame:
    """Return predictive margins: the mean response if everybody had a level, or a number.

    Returns ``variable, level, outcome, estimate, se, ci_low, ci_high``; levels of a number are
    ``p10``, ``p50`` and ``p90`` of its weighted distribution. What depends on a whole (a
    composition, its diversity) cannot be set alone and has none.
    """
    return mean_responses(fit, _settings(fit))


def _settings(fit: Fitted) -> Iterator[Scenario]:
    for block in fit.matrix.blocks:
        if isinstance(block, Levels):
            yield from level_settings(fit, block)
        elif isinstance(block, Number | Spline):
            rows = fit.design.in_domain
            values, w = fit.matrix.values[block.variable][rows], fit.design.weights[rows]
            order = np.argsort(values, kind="stable")
            shares = np.cumsum(w[order]) / w.sum()
            for name, point in POINTS.items():
                value = values[order][np.searchsorted(shares, point)]
                ahead = fit.matrix.rebuild({block.variable: everybody(fit, value)})
                yield Scenario({"variable": block.variable, "level": name}, ahead)


def level_settings(fit: Fitted, block: Levels) -> Iterator[Scenario]:
    """Yield everybody at each level of a categorical, the reference first."""
    codes = {block.reference: block.reference_code}
    codes |= dict(zip(block.levels, block.codes, strict=True))
    for level, code in codes.items():
        ahead = fit.matrix.rebuild({block.variable: everybody(fit, code)})
        yield Scenario({"variable": block.variable, "level": level}, ahead)


def everybody(fit: Fitted, value: float) -> NDArray:
    """Return one value for every row."""
    return np.full(len(fit.y), value)


def influences(
    fit: Fitted, scenario: Scenario, linearise: Literal["full", "delta"] = "full"
) -> tuple[Floats, Floats]:
    """Return the weighted mean response (K,) of a scenario and its influence values (n, K)."""
    w = fit.weights
    if scenario.among is not None:
        w = np.where(scenario.among, w, 0.0)
    total = w.sum()
    response = fit.likelihood.response(fit.theta, scenario.ahead)
    slope = fit.likelihood.gradient(fit.theta, scenario.ahead, w) / total
    if scenario.before is not None:
        response = response - fit.likelihood.response(fit.theta, scenario.before)
        slope = slope - fit.likelihood.gradient(fit.theta, scenario.before, w) / total
    estimate = (w @ response) / total
    influence = fit.influence @ slope.T
    if linearise == "full":
        influence += np.where((w > 0)[:, None], (response - estimate) / total, 0.0)
    return estimate, influence


def mean_responses(
    fit: Fitted, scenarios: Iterator[Scenario], linearise: Literal["full", "delta"] = "full"
) -> pd.DataFrame:
    """Return one row a scenario and outcome: heads, ``outcome, estimate, se, ci_low, ci_high``.

    Variances of many scenarios are taken together, as many as memory allows.
    """
    heads: list[dict[str, str]] = []
    estimates: list[Floats] = []
    variances: list[Floats] = []
    waiting: list[Floats] = []
    for scenario in scenarios:
        estimate, influence = influences(fit, scenario, linearise)
        heads += [scenario.heads | {"outcome": outcome} for outcome in fit.outcomes]
        estimates.append(estimate)
        waiting.append(influence)
        if len(waiting) * influence.size > BLOCK:
            variances.append(_variances(fit, waiting))
            waiting = []
    if waiting:
        variances.append(_variances(fit, waiting))
    if not heads:
        return pd.DataFrame(columns=["variable", "level", "outcome", *_NUMBERS])
    return with_limits(
        fit, pd.DataFrame(heads), np.concatenate(estimates), np.concatenate(variances)
    )


_NUMBERS = ("estimate", "se", "ci_low", "ci_high")


def _variances(fit: Fitted, influence: Sequence[Floats]) -> Floats:
    return fit.design.variance(np.concatenate(influence, axis=1))


def with_limits(
    fit: Fitted, frame: pd.DataFrame, estimate: Floats, variance: Floats
) -> pd.DataFrame:
    """Return a frame with ``estimate, se, ci_low, ci_high``: t on the fit's degrees of freedom."""
    se = np.sqrt(np.maximum(variance, 0.0))
    t = distributions.t_quantile(0.975, fit.df)
    return frame.assign(
        estimate=estimate, se=se, ci_low=estimate - t * se, ci_high=estimate + t * se
    )
