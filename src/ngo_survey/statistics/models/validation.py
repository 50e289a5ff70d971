"""How far a model's probabilities can be trusted: out of fold, scored, and held against answers.

Folds take whole PSUs within strata, so that what is left out is as independent of what is fitted
as one sample is of another (Wieczorek, Guerin & McMahon 2022, Stat 11, e454).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.limits import of_proportion, symmetric
from ngo_survey.statistics.models.fit import Fit, FitError, glm
from ngo_survey.statistics.models.scoring import probabilities, scored

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Refit = Callable[[SurveyDesign], Fit]


def folds(design: SurveyDesign, count: int, rng: np.random.Generator) -> Codes:
    """Return the fold of each respondent: PSUs of a stratum are dealt out one by one.

    Each stratum goes on where the last one stopped, so that folds are of one size whatever the
    sizes of strata.
    """
    if count < 2:
        raise InputError("cross-validation needs two folds or more", value=count)
    stage = design.first_stage
    of_unit = np.empty(len(stage.stratum), dtype=np.int64)
    dealt = 0
    for stratum in range(len(stage.size)):
        units = rng.permutation(np.flatnonzero(stage.stratum == stratum))
        of_unit[units] = (dealt + np.arange(len(units))) % count
        dealt += len(units)
    return of_unit[stage.unit]


def out_of_fold(
    design: SurveyDesign, refit: Refit, count: int, rng: np.random.Generator
) -> tuple[Fit, Floats, Floats]:
    """Return the fit to all, and (n, K) probabilities of the model and of the margin alone.

    Each respondent's come from a fit, and a weighted distribution, that never saw their fold. A
    level that only that fold has is taken as the reference by it.

    Raises
    ------
    FitError: the model cannot be fitted without one of the folds; the message says which.
    """
    whole = refit(design)
    code = whole.y
    rows = whole.design.in_domain
    fold = folds(design, count, rng)
    model = np.full((len(code), probabilities(whole, whole.matrix.X[:1]).shape[1]), np.nan)
    margin = model.copy()
    for left_out in range(count):
        test = rows & (fold == left_out)
        if not test.any():
            continue
        try:
            part = refit(design.subset(fold != left_out))
        except FitError as error:
            raise FitError(
                f"without fold {left_out + 1} of {count}: {error.problem}",
                column=error.column,
                value=error.value,
                hint=error.hint,
            ) from error
        # The columns as the part makes them: its levels, and the knots of its splines.
        own = np.column_stack([b.build(part.matrix.values) for b in part.matrix.blocks])
        model[test] = probabilities(part, own[test])
        train = rows & (fold != left_out)
        shares = np.bincount(code[train].astype(int), design.weights[train], model.shape[1])
        margin[test] = shares / shares.sum()
    return whole, model, margin


def validate(
    design: SurveyDesign, refit: Refit, count: int, groups: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Validate a model out of fold, weighted.

    Parameters
    ----------
    refit: fits the model to a domain of the design.
    count, groups: folds, and groups of the calibration table.

    Returns
    -------
    Scores ``name, value, se, ci_low, ci_high, note``: ``rps`` and ``rps_margin`` (mean scores of
    the model and of the weighted distribution), ``skill`` (``1 - rps / rps_margin``; above 0 the
    model tells more than the distribution), ``skill_apparent`` (in sample: what it claims),
    ``calibration_slope/<level>`` (Cox 1958: 1 is right, below 1 probabilities are too extreme).
    Table ``outcome, group, n, events, predicted, observed, se, ci_low, ci_high``.
    """
    whole, model, margin = out_of_fold(design, refit, count, rng)
    rows = whole.design.in_domain
    code = np.where(rows, whole.y, 0).astype(np.int64)
    scores = scored(whole, np.where(rows[:, None], model, 0.0), code)
    base = scored(whole, np.where(rows[:, None], margin, 0.0), code)
    inside = scored(whole, probabilities(whole, whole.matrix.X), code)
    measures = [
        _mean(whole, scores, "rps", f"ranked probability score, {count} folds of whole PSUs"),
        _mean(whole, base, "rps_margin", "of the weighted distribution alone"),
        _skill(whole, scores, base, "skill", "1 - rps / rps_margin; design-based limits"),
        _skill(whole, inside, base, "skill_apparent", "in the sample that was fitted"),
    ]
    first = 0 if whole.kind != "binomial" else 1
    names = whole.outcomes
    table = []
    for place, name in enumerate(names, start=first):
        event = (code == place).astype(float)
        p = np.where(rows, model[:, place], 0.5)
        measures.append(_slope(whole, event, p, name))
        table.append(_calibration(whole, event, p, groups).assign(outcome=name))
    return pd.DataFrame(measures), pd.concat(table, ignore_index=True)


def _row(name: str, value: float, se: float, limits: tuple[Any, Any], note: str) -> dict[str, Any]:
    low, high = (float(x) for x in limits)
    return {"name": name, "value": value, "se": se, "ci_low": low, "ci_high": high, "note": note}


def _mean(fit: Fit, values: Floats, name: str, note: str) -> dict[str, Any]:
    w = fit.weights
    estimate = float(w @ values / w.sum())
    variance = float(fit.design.variance((values - estimate) / w.sum())[0])
    df = fit.design.degrees_of_freedom
    return _row(name, estimate, variance**0.5, symmetric(estimate, variance, df), note)


def _skill(fit: Fit, model: Floats, base: Floats, name: str, note: str) -> dict[str, Any]:
    """One less a ratio, linearised (Saerndal, Swensson & Wretman 1992, sec. 5.6)."""
    w = fit.weights
    ratio = float(w @ model / (w @ base))
    variance = float(fit.design.variance((model - ratio * base) / float(w @ base))[0])
    df = fit.design.degrees_of_freedom
    return _row(name, 1 - ratio, variance**0.5, symmetric(1 - ratio, variance, df), note)


def _slope(fit: Fit, event: Floats, p: Floats, name: str) -> dict[str, Any]:
    bounded = np.clip(p, 1e-9, 1 - 1e-9)
    columns = {"_event": event, "_score": np.log(bounded / (1 - bounded))}
    key = f"calibration_slope/{name}"
    try:
        line = glm(fit.design.assign(**columns), "_event", ["_score"], family="binomial")
    except (FitError, InputError) as error:
        return _row(key, np.nan, np.nan, (np.nan, np.nan), f"not computed: {error.problem}")
    row = line.coefficients.iloc[1]
    limits = (row["ci_low"], row["ci_high"])
    return _row(key, float(row["estimate"]), float(row["se"]), limits, "1 is right")


def _calibration(fit: Fit, event: Floats, p: Floats, groups: int) -> pd.DataFrame:
    """Weighted means of prediction and answer in groups of equal weight of the prediction."""
    design, w = fit.design, fit.weights
    rows = design.in_domain
    order = np.argsort(np.where(rows, np.round(p, 12), np.inf), kind="stable")[: int(rows.sum())]
    shares = (np.cumsum(w[order]) - w[order] / 2) / w.sum()
    group = np.full(len(p), -1)
    group[order] = np.minimum((shares * groups).astype(int), groups - 1)
    found = []
    for place in range(groups):
        mine = rows & (group == place)
        n = int(mine.sum())
        if not n:
            continue
        weight = w[mine].sum()
        share = float(w[mine] @ event[mine] / weight)
        influence = np.where(mine, (event - share) / weight, 0.0)
        variance = float(design.variance(influence)[0])
        df = design.subset(mine).degrees_of_freedom
        low, high = of_proportion(share, variance, df, n)
        found.append(
            {
                "group": place + 1,
                "n": n,
                "events": int(event[mine].sum()),
                "predicted": float(w[mine] @ p[mine] / weight),
                "observed": share,
                "se": variance**0.5,
                "ci_low": float(low),
                "ci_high": float(high),
            }
        )
    return pd.DataFrame(found)
