"""Natural cubic splines in a basis whose first column is the number itself."""

from __future__ import annotations

import numpy as np

from ngo_survey.errors import InputError
from ngo_survey.statistics.models.likelihood import Floats

#: Shares of the weighted distribution at which knots are set, by degrees of freedom
#: (Harrell 2015, Regression Modeling Strategies, table 2.3).
KNOTS = {
    2: (0.10, 0.50, 0.90),
    3: (0.05, 0.35, 0.65, 0.95),
    4: (0.05, 0.275, 0.5, 0.725, 0.95),
    5: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
    6: (0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975),
}


def knots_of(values: Floats, weights: Floats, df: int, variable: str = "") -> Floats:
    """Return the knots of a spline: weighted quantiles, all different.

    Raises :class:`InputError` when the number has too few values for that many knots.
    """
    order = np.argsort(values, kind="stable")
    shares = np.cumsum(weights[order]) / weights.sum()
    at = np.minimum(np.searchsorted(shares, KNOTS[df]), len(values) - 1)
    knots = values[order][at]
    if len(np.unique(knots)) < len(knots):
        raise InputError(
            "a number has too few values for its spline",
            column=variable,
            value=f"{df} degrees of freedom",
            hint="take fewer degrees of freedom or the number as it is",
        )
    return knots


def natural_spline(x: Floats, knots: Floats) -> Floats:
    """Return (n, df): the number, then the curved columns of a natural cubic spline.

    Truncated powers that are linear beyond the outer knots (Stone & Koo 1985; Harrell 2015,
    eq. 2.25), over the squared distance of the outer knots, so that all are in the units of x.
    """
    last, before = knots[-1], knots[-2]

    def cubed(knot: float) -> Floats:
        return np.maximum(x - knot, 0.0) ** 3

    columns = [x]
    for knot in knots[:-2]:
        outer = cubed(before) * (last - knot) / (last - before)
        beyond = cubed(last) * (before - knot) / (last - before)
        columns.append((cubed(knot) - outer + beyond) / (last - knots[0]) ** 2)
    return np.column_stack(columns)
