"""What a fitted model expects of new respondents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design.frames import pandas_frame
from ngo_survey.statistics.estimation.domains import category_codes
from ngo_survey.statistics.limits import t_quantile
from ngo_survey.statistics.models.blocks import Levels
from ngo_survey.statistics.models.fitted import Fitted
from ngo_survey.statistics.models.likelihood import Floats


def predict(fit: Fitted, new: Any = None, level: float = 0.95) -> pd.DataFrame:
    """Return the expected response of each row: a mean, or the probability of each level.

    Standard errors are those of the expectation (the delta method on the design's covariance), not
    of a single answer. Limits are t limits on the scale on which the response has no end (the logit
    of a probability, the logarithm of a count), so that they stay within its range. A penalised
    fit has none: its covariance is far too narrow.

    Parameters
    ----------
    new: a frame with the predictors, of pandas or another library; by default the respondents
        that the model was fitted to. A row with a missing value has no prediction.

    Returns
    -------
    One row a row of ``new`` and response: ``row`` (its index), ``outcome``, ``estimate``, ``se``,
    ``ci_low``, ``ci_high``.

    Raises
    ------
    InputError: a predictor is absent or no number, or has a level that the model has not; a number
        is infinite, or none that its transform takes.
    """
    if new is None:
        frame = fit.design.frame[fit.design.in_domain]
        X, known = fit.matrix.X[fit.design.in_domain], np.ones(len(frame), dtype=bool)
    else:
        frame = pandas_frame(new)
        X, known = _columns(fit, frame)
    # Equal rows have one prediction, however many there are.
    kinds, where = np.unique(X, axis=0, return_inverse=True)
    estimate = fit.likelihood.response(fit.theta, kinds)
    variance = np.empty_like(estimate)
    for place in range(len(kinds)):
        slope = fit.likelihood.gradient(fit.theta, kinds[place : place + 1], np.ones(1))
        variance[place] = np.einsum("kq,qr,kr->k", slope, fit.covariance, slope)
    se = np.sqrt(np.maximum(variance, 0.0)) if not fit.penalised else np.full_like(variance, np.nan)
    low, high = _limits(fit.kind, estimate, se, float(t_quantile(fit.df, level)))
    made = {"estimate": estimate, "se": se, "ci_low": low, "ci_high": high}
    figures = {
        name: np.where(known[:, None], values[where.ravel()], np.nan).ravel()
        for name, values in made.items()
    }
    rows = np.repeat(frame.index.to_numpy(), len(fit.outcomes))
    return pd.DataFrame({"row": rows, "outcome": list(fit.outcomes) * len(frame), **figures})


def _limits(kind: str, estimate: Floats, se: Floats, t: float) -> tuple[Floats, Floats]:
    if kind == "gaussian":
        return estimate - t * se, estimate + t * se
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "poisson":
            factor = np.exp(t * se / estimate)
            return estimate / factor, estimate * factor
        half, middle = t * se / (estimate * (1 - estimate)), special.logit(estimate)
        return special.expit(middle - half), special.expit(middle + half)


def _columns(fit: Fitted, frame: pd.DataFrame) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the columns of the model for a frame, and which of its rows are complete."""
    levels = {block.variable: block for block in fit.matrix.blocks if isinstance(block, Levels)}
    known = np.ones(len(frame), dtype=bool)
    values: dict[str, NDArray] = {}
    for name in fit.matrix.values:
        if name not in frame:
            raise InputError("a predictor is absent", column=name, hint=nearest(name, frame))
        series = frame[name]
        known &= series.notna().to_numpy()
        if name in levels:
            values[name] = _codes(series, levels[name], category_codes(fit.design.frame[name])[1])
        elif pd.api.types.is_numeric_dtype(series):
            values[name] = series.to_numpy(dtype=float, na_value=np.nan)
        else:
            raise InputError("a predictor is not a number", column=name, value=series.iloc[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = [block.build(values) for block in fit.matrix.blocks]
    X = np.where(known[:, None], np.concatenate(columns, axis=1), 0.0)
    strange = np.argwhere(~np.isfinite(X))
    if len(strange):
        row, place = strange[0]
        raise InputError(
            "a column of the model has no value there",
            column=fit.matrix.names[place],
            row=int(row) + 2,
            hint="an infinite number, or one that its transform does not take",
        )
    return X, known


def _codes(series: pd.Series, block: Levels, categories: list[object]) -> NDArray:
    codes = pd.Index(categories, dtype=object).get_indexer_for(series.astype(object))
    own = [block.reference_code, *block.codes]
    strange = np.flatnonzero(series.notna().to_numpy() & ~np.isin(codes, own))
    if len(strange):
        value = series.iloc[strange[0]]
        raise InputError(
            "the model has no such level",
            column=block.variable,
            value=value,
            hint=nearest(value, [block.reference, *block.levels]),
        )
    return codes
