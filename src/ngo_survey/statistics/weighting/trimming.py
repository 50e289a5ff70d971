"""Raking and trimming by turns, until both hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.calibration import Margin, rake
from ngo_survey.statistics.design.variance import Floats

#: A unit that counts less than this in a replicate was not drawn.
UNDRAWN = 1e-6
#: So often weights are trimmed and raked again.
ROUNDS = 50


def trimmed(
    weights: Floats,
    margins: list[Margin],
    trim: Mapping[str, float] | None,
    counts: Floats | None = None,
) -> tuple[Floats, Floats, int]:
    """Rake; trim weights outside the bounds (times the median) and rake again until none is.

    Parameters
    ----------
    weights: (n,) adjusted weights; without any margins they are the weights.
    margins: what the weights are raked to.
    trim: ``low`` and ``high``.
    counts: (n,) of a replicate, how often each respondent counts in it, which ``weights`` hold:
        bounds are those of one respondent, whoever was drawn twice. Whoever was not drawn is not
        trimmed, and weights that do not settle keep the margins.

    Returns
    -------
    (n,) adjusted weights after trimming, (n,) weights, and how many are at a bound.

    Raises
    ------
    InputError: the weights of the sample itself do not settle; see :func:`calibration.rake`.
    """
    at_bounds: set[int] = set()
    each = np.ones(len(weights)) if counts is None else counts
    for _ in range(ROUNDS):
        raked = rake(weights, margins) if margins else weights
        if trim is None:
            return weights, raked, 0
        one = raked / each
        drawn = each > UNDRAWN
        low, high = (trim[k] * float(np.median(one[drawn])) for k in ("low", "high"))
        outside = np.flatnonzero(drawn & ((one < low * (1 - 1e-6)) | (one > high * (1 + 1e-6))))
        if not len(outside):
            return weights, raked, len(at_bounds)
        at_bounds |= set(outside.tolist())
        weights = np.where(drawn, np.clip(one, low, high), one) * each
    if counts is not None:
        return weights, raked, len(at_bounds)
    raise InputError(
        "trimming and raking do not settle",
        column="weighting.trim",
        hint="widen the bounds or merge thin levels of the margins",
    )
