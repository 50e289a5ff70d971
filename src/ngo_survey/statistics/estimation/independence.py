"""How much oftener two answers are given together than independence would give."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ngo_survey.statistics.estimation.domains import Floats


def excess(
    both: ArrayLike, first: ArrayLike, second: ArrayLike, se: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the share of both answers less the product of their shares, and its standard error.

    The error is that of the linearised excess, whose value for a respondent is
    (a - P(a)) (b - P(b)): its variance follows from the three shares. It is scaled from simple
    random sampling by what the design does to the share of both (Kish 1965, *Survey Sampling*,
    8.2: near-by statistics have near-by design effects), since the shares alone are released.

    Parameters
    ----------
    both, first, second: shares (0 to 1) of both answers and of each, on one base.
    se: design-based standard error of ``both``.

    Returns
    -------
    Shares and errors of the common shape; an error is not a number where ``both`` is 0 or 1.
    """
    p, a, b, error = (np.asarray(x, dtype=float) for x in (both, first, second, se))
    made = p - a * b
    moment = (
        p * (1 - a) ** 2 * (1 - b) ** 2
        + (a - p) * (1 - a) ** 2 * b**2
        + (b - p) * a**2 * (1 - b) ** 2
        + (1 - a - b + p) * a**2 * b**2
    )
    variance = np.maximum(moment - made**2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = p * (1 - p) / error**2
        return made, np.sqrt(variance / effective)
