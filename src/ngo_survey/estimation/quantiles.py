"""Quantiles with Woodruff limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.estimation.domains import Floats, domains
from ngo_survey.estimation.limits import t_quantile
from ngo_survey.estimation.means import By, numeric
from ngo_survey.sampling import SurveyDesign


def quantile(
    design: SurveyDesign, variable: str, probabilities: float | Sequence[float], by: By = None
) -> pd.DataFrame:
    """Estimate quantiles: the smallest value whose weighted share is at least the probability.

    Limits invert the t limits of the share at or below the estimate (Woodruff 1952, JASA 47,
    635-646), as R ``svyquantile(interval.type = "mean", qrule = "math")``; ``se`` is their length
    over two t. A limit that the data cannot give (the share's limit is below 0 or above 1) is NaN,
    and then ``flag`` says ``limit outside the data``.

    Returns
    -------
    One row a domain and probability: columns of ``by``, ``probability``, ``n``, ``estimate``,
    ``se``, ``ci_low``, ``ci_high``, ``df``, ``flag``.
    """
    asked = np.atleast_1d(np.asarray(probabilities, dtype=float))
    if ((asked <= 0) | (asked >= 1)).any():
        raise InputError("a probability must lie between 0 and 1", value=asked.tolist())
    split = domains(design, by)
    numbers, answered = numeric(design, variable)
    rows = []
    for code, level in enumerate(split.levels):
        inside = design.in_domain & answered & (split.codes == code)
        head = {"variable": variable} | dict(zip(split.names, level, strict=True))
        rows += [head | row for row in _of_domain(design, numbers, inside, asked)]
    frame = pd.DataFrame(rows)
    if not split.names and (frame["n"] == 0).any():
        raise InputError("nobody in this domain answered", column=variable, mend="widen the domain")
    return frame


def _of_domain(design: SurveyDesign, y: Floats, inside: np.ndarray, asked: Floats) -> list[dict]:
    n = int(inside.sum())
    df = int(design.domain_degrees_of_freedom(inside[:, None])[0])
    nothing = {"n": n, "estimate": np.nan, "se": np.nan, "ci_low": np.nan, "ci_high": np.nan}
    if n == 0:
        return [nothing | {"probability": p, "df": df, "flag": "no respondents"} for p in asked]
    order = np.argsort(y[inside], kind="stable")
    values = y[inside][order]
    shares = np.cumsum(design.weights[inside][order])
    weight = shares[-1]
    shares = shares / weight

    def at(p: float) -> float:
        if not 0 <= p <= 1:
            return np.nan
        # A share that equals p but for rounding counts as reached.
        return float(values[min(np.searchsorted(shares, p * (1 - 1e-13)), n - 1)])

    estimates = np.array([at(p) for p in asked])
    below = np.where(inside[:, None], y[:, None] <= estimates[None, :], 0.0)
    share = (np.where(inside, design.weights, 0.0) @ below) / weight
    se = np.sqrt(design.variance(np.where(inside[:, None], below - share, 0.0) / weight))
    t = float(t_quantile(df, 0.95))
    rows = []
    for p, estimate, middle, error in zip(asked, estimates, share, se, strict=True):
        low, high = at(middle - t * error), at(middle + t * error)
        flag = "" if np.isfinite([low, high]).all() else "limit outside the data"
        rows.append(
            {
                "probability": p,
                "n": n,
                "estimate": estimate,
                "se": (high - low) / (2 * t),
                "ci_low": low,
                "ci_high": high,
                "df": df,
                "flag": flag if df > 0 else "no degrees of freedom",
            }
        )
    return rows
