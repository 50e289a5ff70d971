"""Estimates of areas made to add up to the design-based estimate of the whole."""

from __future__ import annotations

from numbers import Real
from typing import Literal, get_args

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.small_areas.inputs import by_area

Kind = Literal["difference", "ratio"]


def benchmark(
    estimates: pd.DataFrame,
    weights: pd.Series,
    target: float,
    method: Kind = "difference",
    shares: bool = False,
) -> pd.DataFrame:
    """Return estimates of areas whose weighted mean is the estimate of the whole.

    ``difference`` gives each area a part of the gap, in proportion to its weight times its mean
    squared error: the least change in the metric of these errors (Wang, Fuller & Qu 2008, Surv.
    Methodol. 34, 29-36; Datta et al. 2011, TEST 20, 574-588). ``ratio`` multiplies all by one
    number. Limits move with their estimate. The square of the move is added to the mean squared
    error, as for a Bayes estimator that is bound to a total (You, Rao & Dick 2004, Stat. Transit.
    6, 631-640). That the target is itself estimated is not in it.

    Parameters
    ----------
    estimates: as :meth:`fay_herriot.AreaFit.estimates`: ``area, estimate, se, ci_low, ci_high``.
    weights: by area, of every area; counts or shares of the population, scaled to one.
    target: the whole, on the scale of the estimates.
    shares: whether estimates and limits lie between 0 and 1.

    Returns
    -------
    The frame with ``adjustment`` (what was added), ``estimate``, ``se`` and limits moved.

    Raises
    ------
    InputError: an area without a weight, or a negative one; a target that is no number; an estimate
        of a share that leaves 0 to 1; no such method.
    """
    if method not in get_args(Kind):
        raise InputError("no such method", value=method, hint=nearest(method, get_args(Kind)))
    if not isinstance(target, Real) or not np.isfinite(float(target)):
        raise InputError(
            "the estimate of the whole is no number", value=target, hint="e.g. its mean over all"
        )
    given = by_area(weights, "weights").reindex(estimates["area"]).to_numpy(dtype=float)
    wrong = ~(np.isfinite(given) & (given >= 0))
    if wrong.any() or given.sum() <= 0:
        raise InputError(
            "an area has no weight in the whole",
            column=str(estimates["area"][wrong].iloc[0]) if wrong.any() else None,
            hint="give the population of every area that is estimated, from a register",
        )
    w = given / given.sum()
    middle = estimates["estimate"].to_numpy(dtype=float)
    mse = estimates["se"].to_numpy(dtype=float) ** 2
    whole = float(w @ middle)
    if method == "ratio":
        if whole == 0:
            raise InputError(
                "no ratio makes nought the estimate of the whole",
                value=target,
                hint='method="difference"',
            )
        move = middle * (target / whole - 1)
    else:
        move = (target - whole) * w * mse / float(w**2 @ mse)
    moved = middle + move
    if shares and ((moved < 0) | (moved > 1)).any():
        raise InputError(
            "a share leaves 0 to 1 where the areas are made to add up",
            column=str(estimates["area"][(moved < 0) | (moved > 1)].iloc[0]),
            hint='method="ratio", or another' if method == "difference" else 'method="difference"',
        )
    widened = np.sqrt(mse + move**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        wider = np.nan_to_num(widened / np.sqrt(mse), nan=1.0)
    low, high = (
        moved + (estimates[limit].to_numpy(dtype=float) - middle) * wider
        for limit in ("ci_low", "ci_high")
    )
    if shares:
        low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    return estimates.assign(estimate=moved, se=widened, ci_low=low, ci_high=high, adjustment=move)
