"""Quantiles with Woodruff limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import Floats, domains
from ngo_survey.statistics.estimation.means import By, Names, numeric, refuse_empty
from ngo_survey.statistics.limits import t_quantile
from ngo_survey.statistics.names import name_list


def quantile(
    design: SurveyDesign,
    variable: Names,
    probabilities: float | Sequence[float],
    by: By = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate quantiles: the smallest value whose weighted share is at least the probability.

    Limits invert the t limits of the share at or below the estimate (Woodruff 1952, JASA 47,
    635-646), as R ``svyquantile(interval.type = "mean", qrule = "math")``; ``se`` is their length
    over two t. A limit that the data cannot give (the share's limit is below 0 or above 1) is NaN,
    and then ``flag`` says ``limit outside the data``.

    Returns
    -------
    One row a variable, domain and probability: ``variable``, columns of ``by``, ``probability``,
    ``n``, ``missing``, ``estimate``, ``se``, ``ci_low``, ``ci_high``, ``df``, ``flag``.

    Raises
    ------
    InputError: a probability outside 0..1, negative weights, a jackknife (which is not consistent
        for quantiles: Shao & Wu 1989, Ann. Stat. 17, 1176-1197), and as :func:`means.mean`.
    """
    asked = np.atleast_1d(np.asarray(probabilities, dtype=float))
    if ((asked <= 0) | (asked >= 1)).any():
        raise InputError("a probability must lie between 0 and 1", value=asked.tolist())
    design.refuse_negative_weights("a quantile")
    if design.leaves_out:
        raise InputError(
            "the jackknife of a quantile does not come near its variance, however large the sample",
            hint='take quantile(...) with its own limits, or replicates "BRR", "Fay", "bootstrap"',
        )
    split = domains(design, by)
    rows = []
    for name in name_list(variable):
        numbers, answered = numeric(design, name)
        for code, domain in enumerate(split.levels):
            member = design.in_domain & (split.codes == code)
            head = {"variable": name} | dict(zip(split.names, domain, strict=True))
            missing = {"missing": int((member & ~answered).sum())}
            made = _of_domain(design, numbers, member & answered, asked, level)
            rows += [head | {"probability": p} | missing | row for p, row in made]
    frame = pd.DataFrame(rows)
    heads = ["variable", *split.names, "probability", "n", "missing"]
    return refuse_empty(frame[[*heads, *(c for c in frame if c not in heads)]], split)


def _of_domain(
    design: SurveyDesign, y: Floats, inside: NDArray[np.bool_], asked: Floats, level: float
) -> list[tuple[float, dict[str, Any]]]:
    n = int(inside.sum())
    df = int(design.domain_degrees_of_freedom(inside[:, None])[0])
    nothing = {"n": n, "estimate": np.nan, "se": np.nan, "ci_low": np.nan, "ci_high": np.nan}
    if n == 0:
        return [(float(p), nothing | {"df": df, "flag": "no respondents"}) for p in asked]
    order = np.argsort(y[inside], kind="stable")
    values = y[inside][order]
    shares = np.cumsum(design.weights[inside][order])
    weight = shares[-1]
    shares = shares / weight

    def at(p: float) -> float:
        if not 0 <= p <= 1:
            return np.nan
        # A share that equals p but for rounding counts as reached.
        return float(values[min(int(np.searchsorted(shares, p * (1 - 1e-13))), n - 1)])

    estimates = np.array([at(p) for p in asked])
    below = np.where(inside[:, None], y[:, None] <= estimates[None, :], 0.0)
    share = (np.where(inside, design.weights, 0.0) @ below) / weight
    se = np.sqrt(design.variance(np.where(inside[:, None], below - share, 0.0) / weight))
    t = float(t_quantile(df, level))
    rows = []
    for p, estimate, middle, error in zip(asked, estimates, share, se, strict=True):
        low, high = at(middle - t * error), at(middle + t * error)
        flag = "" if np.isfinite([low, high]).all() else "limit outside the data"
        row = {
            "n": n,
            "estimate": estimate,
            "se": (high - low) / (2 * t),
            "ci_low": low,
            "ci_high": high,
            "df": df,
            "flag": flag if df > 0 else "no degrees of freedom",
        }
        rows.append((float(p), row))
    return rows
