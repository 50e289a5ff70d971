"""Means, proportions, totals and ratios with linearised variance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics import limits as confidence
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.selection import sheet_row
from ngo_survey.statistics.estimation.domains import (
    Codes,
    DomainMeans,
    Domains,
    Floats,
    SimpleSample,
    category_codes,
    column,
    design_effect,
    domain_means,
    domain_shares,
    domains,
    indicators,
    size_if_alike,
    without_replacement,
)
from ngo_survey.statistics.names import name_list

By = str | Sequence[str] | None
Names = str | Sequence[str]


def mean(
    design: SurveyDesign,
    variable: Names,
    by: By = None,
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate means.

    Parameters
    ----------
    variable: a numeric variable, or several; missing answers are left out variable by variable.
    by: a variable, or several, whose levels (crossed) are the domains.
    deff: the simple sample that design effects are held against: one without replacement where
        the design declares finite populations (``declared``), always one with replacement
        (``replace``, as R ``svymean(deff = "replace")``) or never (``finite``, as R ``deff =
        TRUE``).
    level: of the confidence limits, between 0 and 1.

    Returns
    -------
    One row a variable and domain: ``variable``, the columns of ``by``, ``n`` (respondents who
    answered), ``missing`` (who did not), ``estimate``, ``se``, ``ci_low``, ``ci_high`` (t on the
    domain's degrees of freedom), ``df``, ``deff`` (see :func:`domains.design_effect`) and ``flag``:
    "", "no respondents", "no degrees of freedom" or "constant" (everybody gave one answer, so
    that there is no design effect).

    Raises
    ------
    InputError: unknown, infinite or non-numeric variable; without ``by``, nobody in the domain or
        no degrees of freedom.
    """
    split = domains(design, by)
    frames = []
    for name in name_list(variable):
        numbers, answered = numeric(design, name)
        made = domain_means(design, numbers[:, None], answered, split, deff)
        low, high = confidence.symmetric(made.estimate, made.variance, made.df[:, None], level)
        missing = _missing(design, answered, split)
        frames.append(tidy({"variable": [name]}, split, made, missing, low, high))
    return refuse_empty(pd.concat(frames, ignore_index=True), split)


def proportion(
    design: SurveyDesign,
    variable: Names,
    by: By = None,
    limits: confidence.Method = "wilson",
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the proportion of each category; limits as :func:`limits.of_proportion`.

    Returns one row a variable, domain and category with the columns of :func:`mean` and
    ``category``; ``n`` counts the respondents that the proportion stands on, ``count`` those who
    gave the answer. Where all or none did, ``flag`` is "constant".
    """
    split = domains(design, by)
    frames = []
    for name in name_list(variable):
        category, categories = category_codes(column(design, name))
        made, count = domain_shares(design, category, len(categories), split, deff)
        low, high = confidence.of_proportion(
            made.estimate,
            made.variance,
            made.df[:, None],
            made.n[:, None],
            limits,
            level,
            alike=size_if_alike(design, category >= 0, split, made)[:, None],
        )
        heads: dict[str, list[Any]] = {
            "variable": [name] * len(categories),
            "category": categories,
        }
        frame = tidy(heads, split, made, _missing(design, category >= 0, split), low, high)
        frame.insert(frame.columns.get_loc("n"), "count", count.ravel())
        frames.append(frame)
    return refuse_empty(pd.concat(frames, ignore_index=True), split)


def total(
    design: SurveyDesign,
    variable: Names,
    by: By = None,
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate totals; columns as :func:`mean`.

    A categorical variable gives the total number in each category (column ``category``). Those
    who did not answer add nothing, as in R ``svytotal(na.rm = TRUE)``: look at ``missing``.
    """
    split = domains(design, by)
    frames = []
    heads: dict[str, list[Any]]
    for name in name_list(variable):
        series = column(design, name)
        if pd.api.types.is_numeric_dtype(series):
            numbers, answered = numeric(design, name)
            values, heads = numbers[:, None], {"variable": [name]}
        else:
            values, answered, categories = indicators(series)
            heads = {"variable": [name] * len(categories), "category": categories}
        for domain, inside in _inside(design, answered, split):
            known = np.where(inside[:, None], np.nan_to_num(values), 0.0)
            made = known, design.weights @ known
            frames.append(_linear(design, heads, split, domain, inside, answered, *made, deff))
    return with_limits(pd.concat(frames, ignore_index=True), split, level)


def ratio(
    design: SurveyDesign,
    numerator: Names,
    denominator: Names,
    by: By = None,
    deff: SimpleSample = "declared",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate ratios of totals; columns as :func:`mean`, with ``variable`` as ``y/x``.

    Several numerators go with one denominator, or with as many. Influence ``(y - R x) / sum w x``
    (Saerndal, Swensson & Wretman 1992, eq. 5.6.10).

    Raises
    ------
    InputError: as :func:`mean`; a denominator whose total is zero; numbers of names that differ.
    """
    over, under = name_list(numerator), name_list(denominator)
    under = under * len(over) if len(under) == 1 else under
    if len(over) != len(under):
        raise InputError(
            f"{len(over)} numerators do not go with {len(under)} denominators",
            hint="name one denominator, or one for each numerator",
        )
    split = domains(design, by)
    frames = []
    for top, bottom in zip(over, under, strict=True):
        above, answered = numeric(design, top)
        below, known = numeric(design, bottom)
        answered = answered & known
        for domain, inside in _inside(design, answered, split):
            y, x = np.where(inside, above, 0.0), np.where(inside, below, 0.0)
            base = float(design.weights @ x)
            if inside.any() and base == 0:
                raise InputError(
                    "the denominator of a ratio adds up to zero",
                    column=bottom,
                    value=" ".join(map(str, domain)) or None,
                    hint="leave out the domains that have none of it",
                )
            estimate = float(design.weights @ y) / base if base else np.nan
            influence = (y - estimate * x) / base if base else np.zeros(len(y))
            made = influence[:, None], np.array([estimate])
            heads = {"variable": [f"{top}/{bottom}"]}
            frames.append(_linear(design, heads, split, domain, inside, answered, *made, deff, x))
    return with_limits(pd.concat(frames, ignore_index=True), split, level)


def numeric(design: SurveyDesign, name: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a variable as numbers, and who answered; raises for a variable that is no number."""
    return as_numbers(column(design, name), name)


def as_numbers(series: pd.Series, name: str, first: int = 0) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a column as :func:`numeric` does; ``first`` is the place of its first row."""
    if series.isna().all():
        series = pd.Series(np.nan, index=series.index)
    if not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series):
        raise InputError("this variable is not a number", column=name, hint="ask for proportions")
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any():
        row = sheet_row(first + np.flatnonzero(np.isinf(numbers))[0])
        raise InputError("a number is infinite", column=name, row=row, hint="correct or blank it")
    return numbers, ~np.isnan(numbers)


def values_of(
    design: SurveyDesign, variable: str, category: object = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a number, or 1 where ``category`` was answered and 0 elsewhere, and who answered."""
    if category is None:
        numbers, answered = numeric(design, variable)
        return np.nan_to_num(numbers), answered
    codes, categories = category_codes(column(design, variable))
    return (codes == known_category(categories, variable, category)).astype(float), codes >= 0


def known_category(categories: Sequence[object], variable: str, category: object) -> int:
    """Return the place of a category; raises :class:`InputError` with the nearest."""
    if category not in categories:
        raise InputError(
            "the variable has no such category",
            column=variable,
            value=category,
            hint=nearest(str(category), map(str, categories)),
        )
    return list(categories).index(category)


def with_limits(frame: pd.DataFrame, split: Domains, level: float = 0.95) -> pd.DataFrame:
    """Add t limits and flags to estimates with their standard errors, and check them."""
    low, high = confidence.symmetric(frame["estimate"], frame["se"] ** 2, frame["df"], level)
    frame.insert(frame.columns.get_loc("se") + 1, "ci_low", low)
    frame.insert(frame.columns.get_loc("se") + 2, "ci_high", high)
    frame["flag"] = _flags(frame)
    return refuse_empty(frame, split)


def refuse_empty(frame: pd.DataFrame, split: Domains) -> pd.DataFrame:
    """Refuse an estimate that was asked for alone and has nobody or no degrees of freedom.

    Among several domains the others stand; there the row says so in ``flag``.
    """
    if not split.names and frame["flag"].isin(["no respondents", "no degrees of freedom"]).any():
        row = frame[frame["flag"].str.startswith("no ")].iloc[0]
        nobody = row["flag"] == "no respondents"
        raise InputError(
            "nobody in this domain answered"
            if nobody
            else f"{row['n']} respondents leave no degrees of freedom",
            column=str(row["variable"]),
            hint="widen the domain",
        )
    return frame


def _missing(design: SurveyDesign, answered: NDArray[np.bool_], split: Domains) -> Codes:
    silent = split.codes[design.in_domain & ~answered & (split.codes >= 0)]
    return np.bincount(silent, minlength=len(split.levels))


def _flags(frame: pd.DataFrame) -> NDArray[Any]:
    deff = frame["deff"] if "deff" in frame else pd.Series(0.0, index=frame.index)
    return np.select(
        [frame["n"] == 0, frame["df"] <= 0, deff.isna()],
        ["no respondents", "no degrees of freedom", "constant"],
        "",
    )


def _inside(
    design: SurveyDesign, answered: NDArray[np.bool_], split: Domains
) -> Iterator[tuple[tuple[object, ...], NDArray[np.bool_]]]:
    """Yield each domain with who is in it and answered."""
    for code, domain in enumerate(split.levels):
        yield domain, design.in_domain & answered & (split.codes == code)


def _linear(
    design: SurveyDesign,
    heads: dict[str, list[Any]],
    split: Domains,
    domain: tuple[object, ...],
    inside: NDArray[np.bool_],
    answered: NDArray[np.bool_],
    influence: Floats,
    estimate: Floats,
    deff: SimpleSample,
    under: Floats | None = None,
) -> pd.DataFrame:
    """One domain of a statistic that has influence values: all but limits and flags.

    ``under`` is the denominator of a ratio.
    """
    frame = pd.DataFrame(heads)
    for place, named in enumerate(split.names):
        frame[named] = domain[place]
    n, w = int(inside.sum()), design.weights[inside]
    group = split.levels.index(domain)
    variance = design.variance(influence, under)
    frame["n"] = n
    frame["missing"] = int(_missing(design, answered, split)[group])
    frame["estimate"] = estimate
    frame["se"] = np.sqrt(variance)
    frame["df"] = int(design.domain_degrees_of_freedom(inside[:, None])[0])
    frame["deff"] = np.nan
    if n:
        values = influence[inside]
        centre = w @ values / w.sum()
        spread = w @ (values - centre) ** 2 / w.sum()
        spread[spread < 1e-24 * centre**2] = 0.0
        frame["deff"] = design_effect(
            variance / w.sum() ** 2, spread, n, w.sum(), without_replacement(design, deff)
        )
    else:
        frame[["estimate", "se"]] = np.nan
    return frame


def tidy(
    heads: dict[str, list[Any]],
    split: Domains,
    made: DomainMeans,
    missing: Codes,
    low: Floats,
    high: Floats,
) -> pd.DataFrame:
    """Return estimates (G, m) and their limits as rows, one a domain and column, with flags.

    Parameters
    ----------
    heads: columns of m values each that name what is estimated; missing: (G,) who did not answer.
    """
    groups, m = made.estimate.shape
    frame = pd.DataFrame({name: values * groups for name, values in heads.items()})
    for place, named in enumerate(split.names):
        frame[named] = [level[place] for level in split.levels for _ in range(m)]
    frame["n"], frame["missing"] = np.repeat(made.n, m), np.repeat(missing, m)
    frame["estimate"] = made.estimate.ravel()
    frame["se"] = np.sqrt(made.variance).ravel()
    frame["ci_low"], frame["ci_high"] = low.ravel(), high.ravel()
    frame["df"] = np.repeat(made.df, m)
    frame["deff"] = made.deff.ravel()
    frame["flag"] = _flags(frame)
    return frame
