"""Does the outcome separate along some direction, so that a coefficient is infinite?

The likelihood has no maximum if and only if there is a direction along which it never falls
(Albert & Anderson 1984, Biometrika 71, 1-10). A linear programme finds the one that gains most
(Konis 2007, ch. 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from ngo_survey.statistics.models.likelihood import Floats, Likelihood

#: A step of the linear programme's solution that is no rounding.
FOUND = 1e-6


@dataclass(frozen=True)
class Separation:
    """A direction of theta along which the likelihood never falls, and whether all rows gain."""

    direction: Floats
    complete: bool


def separation(likelihood: Likelihood, X: Floats, y: Floats) -> Separation | None:
    """Return how the outcome is separated, or None when every coefficient is finite.

    Maximise ``sum A d`` under ``A d >= 0`` and ``-1 <= d <= 1``: a positive maximum is separation.
    It is complete when the least gain of a row, maximised, is positive too.
    """
    scale = np.maximum(np.abs(X).max(axis=0, initial=0.0), 1e-12)
    rows = likelihood.recession(X / scale, y)
    if rows is None:
        return None
    rows = np.unique(rows.round(12), axis=0)
    solved = linprog(
        -rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs"
    )
    if solved.x is None or -solved.fun < FOUND:
        return None
    least = linprog(
        np.append(np.zeros(rows.shape[1]), -1.0),
        A_ub=np.column_stack([-rows, np.ones(len(rows))]),
        b_ub=np.zeros(len(rows)),
        bounds=[(-1, 1)] * rows.shape[1] + [(None, 1)],
        method="highs",
    )
    complete = least.x is not None and -least.fun > FOUND
    return Separation(np.asarray(solved.x, dtype=float), complete)
