"""Means, proportions, totals and ratios with linearised variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.estimation import limits as confidence
from ngo_survey.estimation.domains import (
    DomainMeans,
    Domains,
    Floats,
    column,
    domain_means,
    domains,
    indicators,
)
from ngo_survey.sampling import SurveyDesign

By = str | Sequence[str] | None


def mean(design: SurveyDesign, variable: str | Sequence[str], by: By = None) -> pd.DataFrame:
    """Estimate means.

    Parameters
    ----------
    variable: a numeric variable, or several; missing answers are left out variable by variable.
    by: a variable, or several, whose levels are the domains.

    Returns
    -------
    One row a variable and domain: ``variable``, the columns of ``by``, ``n`` (respondents who
    answered), ``estimate``, ``se``, ``ci_low``, ``ci_high`` (t on the domain's degrees of freedom),
    ``df``, ``deff`` (as R ``svymean(deff = TRUE)``), ``flag`` ("", "no respondents" or "no degrees
    of freedom").

    Raises
    ------
    InputError: unknown or non-numeric variable; without ``by``, nobody in the domain.
    """
    split = domains(design, by)
    frames = []
    for name in _names(variable):
        numbers, answered = numeric(design, name)
        made = domain_means(design, numbers[:, None], answered, split)
        low, high = confidence.symmetric(made.estimate, made.variance, made.df[:, None])
        frames.append(_tidy({"variable": [name]}, split, made, low, high))
    return _checked(pd.concat(frames, ignore_index=True), split, variable)


def proportion(
    design: SurveyDesign,
    variable: str | Sequence[str],
    by: By = None,
    limits: confidence.Method = "wilson",
) -> pd.DataFrame:
    """Estimate the proportion of each category; limits as :func:`limits.of_proportion`.

    Returns one row a variable, domain and category with the columns of :func:`mean` and
    ``category``; ``n`` counts the respondents that the proportion stands on.
    """
    split = domains(design, by)
    frames = []
    for name in _names(variable):
        dummies, answered, categories = indicators(column(design, name))
        made = domain_means(design, dummies, answered, split)
        low, high = confidence.of_proportion(
            made.estimate, made.variance, made.df[:, None], made.n[:, None], limits
        )
        heads: dict[str, list[Any]] = {
            "variable": [name] * len(categories),
            "category": categories,
        }
        frames.append(_tidy(heads, split, made, low, high))
    return _checked(pd.concat(frames, ignore_index=True), split, variable)


def total(design: SurveyDesign, variable: str | Sequence[str], by: By = None) -> pd.DataFrame:
    """Estimate totals; columns as :func:`mean` without ``deff``.

    A categorical variable gives the total number in each category (column ``category``).
    """
    split = domains(design, by)
    frames = []
    heads: dict[str, list[Any]]
    for name in _names(variable):
        series = column(design, name)
        if pd.api.types.is_numeric_dtype(series):
            numbers, answered = numeric(design, name)
            values, heads = numbers[:, None], {"variable": [name]}
        else:
            values, answered, categories = indicators(series)
            heads = {"variable": [name] * len(categories), "category": categories}
        rows = []
        for code, level in enumerate(split.levels):
            inside = design.in_domain & answered & (split.codes == code)
            known = np.where(inside[:, None], np.nan_to_num(values), 0.0)
            row = pd.DataFrame(heads)
            for place, named in enumerate(split.names):
                row[named] = level[place]
            row["n"] = int(inside.sum())
            row["estimate"] = design.weights @ known
            row["se"] = np.sqrt(design.variance(known))
            row["df"] = int(design.domain_degrees_of_freedom(inside[:, None])[0])
            rows.append(row)
        frames.append(pd.concat(rows, ignore_index=True))
    frame = pd.concat(frames, ignore_index=True)
    frame["ci_low"], frame["ci_high"] = confidence.symmetric(
        frame["estimate"], frame["se"] ** 2, frame["df"]
    )
    frame["flag"] = _flags(frame["n"].to_numpy(), frame["df"].to_numpy())
    return _checked(frame, split, variable)


def ratio(design: SurveyDesign, numerator: str, denominator: str, by: By = None) -> pd.DataFrame:
    """Estimate ratios of totals; columns as :func:`mean` without ``deff``.

    Influence ``(y - R x) / sum w x`` (Saerndal, Swensson & Wretman 1992, eq. 5.6.10).
    """
    split = domains(design, by)
    over, answered = numeric(design, numerator)
    under, known = numeric(design, denominator)
    rows = []
    for code, level in enumerate(split.levels):
        inside = design.in_domain & answered & known & (split.codes == code)
        w = np.where(inside, design.weights, 0.0)
        y, x = np.where(inside, over, 0.0), np.where(inside, under, 0.0)
        base = float(w @ x)
        if inside.any() and base == 0:
            raise InputError("the denominator of a ratio is zero", column=denominator)
        estimate = float(w @ y) / base if base else np.nan
        variance = design.variance((y - estimate * x) / base)[0] if base else np.nan
        rows.append(
            {"variable": f"{numerator}/{denominator}"}
            | dict(zip(split.names, level, strict=True))
            | {
                "n": int(inside.sum()),
                "estimate": estimate,
                "se": np.sqrt(variance),
                "df": int(design.domain_degrees_of_freedom(inside[:, None])[0]),
            }
        )
    frame = pd.DataFrame(rows)
    frame["ci_low"], frame["ci_high"] = confidence.symmetric(
        frame["estimate"], frame["se"] ** 2, frame["df"]
    )
    frame["flag"] = _flags(frame["n"].to_numpy(), frame["df"].to_numpy())
    return _checked(frame, split, numerator)


def numeric(design: SurveyDesign, name: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a variable as numbers, and who answered; raises for a variable that is no number."""
    series = column(design, name)
    if not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series):
        raise InputError("this variable is not a number", column=name, mend="ask for proportions")
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    return numbers, ~np.isnan(numbers)


def _names(variable: str | Sequence[str]) -> list[str]:
    return [variable] if isinstance(variable, str) else list(variable)


def _flags(n: NDArray, df: NDArray) -> NDArray:
    return np.where(n == 0, "no respondents", np.where(df <= 0, "no degrees of freedom", ""))


def _tidy(
    heads: dict[str, list], split: Domains, made: DomainMeans, low: Floats, high: Floats
) -> pd.DataFrame:
    groups, m = made.estimate.shape
    frame = pd.DataFrame({name: values * groups for name, values in heads.items()})
    for place, named in enumerate(split.names):
        frame[named] = [level[place] for level in split.levels for _ in range(m)]
    frame["n"] = np.repeat(made.n, m)
    frame["estimate"] = made.estimate.ravel()
    frame["se"] = np.sqrt(made.variance).ravel()
    frame["ci_low"], frame["ci_high"] = low.ravel(), high.ravel()
    frame["df"] = np.repeat(made.df, m)
    frame["deff"] = made.deff.ravel()
    frame["flag"] = _flags(frame["n"].to_numpy(), frame["df"].to_numpy())
    return frame


def _checked(frame: pd.DataFrame, split: Domains, variable: str | Sequence[str]) -> pd.DataFrame:
    if not split.names and (frame["n"] == 0).any():
        empty = frame["variable"][frame["n"] == 0].iloc[0]
        raise InputError(
            "nobody in this domain answered", column=str(empty), mend="widen the domain"
        )
    return frame
