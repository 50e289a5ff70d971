"""Means of many columns in many domains in one pass: the work-horse of every table.

For a column y and a domain d the estimate is ``sum w d y / sum w d``; its influence values are
``d (y - estimate) / sum w d`` (Saerndal, Swensson & Wretman 1992, sec. 5.8). All columns share one
pattern of missing answers (the categories of a question do), so that a domain's size, weight and
degrees of freedom are computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.survey_design import BLOCK
from ngo_survey.statistics.names import name_list

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
#: The simple random sample that a design effect is held against; see :func:`without_replacement`.
SimpleSample = Literal["declared", "finite", "replace"]


#: Columns of results beside those of the domains.
FIGURES = frozenset(
    {
        *("variable", "category", "count", "n", "missing", "estimate", "se", "ci_low", "ci_high"),
        *("df", "deff", "flag", "probability", "statistic", "row_variable", "column_variable"),
    }
)


@dataclass(frozen=True)
class Domains:
    """A banner: which domain each respondent is in.

    Attributes
    ----------
    names: the variables that make the domains (empty for the total), as results head them.
    codes: domain of each respondent, -1 for none.
    levels: one tuple of values a domain.
    """

    names: tuple[str, ...]
    codes: Codes
    levels: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class DomainMeans:
    """Means of m columns in G domains: arrays (G, m); ``n``, ``weight``, ``df`` are (G,)."""

    estimate: Floats
    variance: Floats
    deff: Floats  # NaN where everybody gave the same answer: there is nothing to compare with
    n: Codes
    weight: Floats
    df: Codes


def column(design: SurveyDesign, name: str) -> pd.Series:
    """Return a variable of the design, or raise with the nearest names."""
    if name not in design.frame:
        raise InputError("no such variable", value=name, hint=nearest(name, design.frame))
    return design.frame[name]


def levels_of(series: pd.Series) -> list[object]:
    """Return the categories of a variable: in the questionnaire's order, else sorted.

    Raises
    ------
    InputError: no answer and no categories, or answers of several types.
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        return list(series.cat.categories)
    found = series.dropna().unique()
    if not len(found):
        raise InputError(
            "nobody answered, and the categories are not declared",
            column=str(series.name),
            hint="make the column categorical, or leave it out",
        )
    try:
        return sorted(found)
    except TypeError:
        kinds = sorted({type(value).__name__ for value in found})
        raise InputError(
            "answers are of several types, which have no order",
            column=str(series.name),
            value=", ".join(kinds),
            hint="make them all words or all numbers, or declare the categories",
        ) from None


def domains(design: SurveyDesign, by: str | Sequence[str] | None) -> Domains:
    """Return the domains that one variable, or the crossing of several, makes.

    Raises
    ------
    InputError: an unknown variable, or one that stands twice.
    """
    names = name_list(by)
    for name in names:
        if names.count(name) > 1:
            raise InputError("a variable makes domains twice", column=name, hint="name it once")
    codes = np.zeros(len(design.frame), dtype=np.int64)
    levels: list[tuple[object, ...]] = [()]
    for name in names:
        series = column(design, name)
        own = levels_of(series)
        code = category_codes(series)[0]
        codes = np.where((codes < 0) | (code < 0), -1, codes * len(own) + code)
        levels = [(*above, level) for above in levels for level in own]
    return Domains(heads(names), codes, tuple(levels))


def heads(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a result that hold the levels of variables.

    Each is the name of its variable, unless a figure or another of the variables has that name.
    """
    made: list[str] = []
    for name in names:
        column = name
        while column in FIGURES or (column != name and column in names):
            column = f"{column} (domain)"
        made.append(column)
    return tuple(made)


def level_name(level: tuple[object, ...]) -> str:
    """Return what a domain is called in keys: the levels it crosses, joined by a dot."""
    return ".".join(str(part) for part in level) if level else "total"


def domain_means(
    design: SurveyDesign,
    values: Floats,
    valid: NDArray[np.bool_],
    split: Domains,
    simple: SimpleSample = "declared",
) -> DomainMeans:
    """Estimate the mean of each column in each domain.

    Parameters
    ----------
    values: (n, m) numbers; rows that are not ``valid`` are never looked at.
    valid: (n,) respondents who answered.
    split: the domains.
    simple: what design effects are held against (see :func:`design_effect`).

    Returns
    -------
    Domains without a respondent have NaN estimates and n = 0; a domain whose respondents give no
    degrees of freedom has df = 0. Whoever prints must look at both.
    """
    groups, m = len(split.levels), values.shape[1]
    codes = np.where(design.in_domain & valid, split.codes, -1)
    inside = codes >= 0
    mine = codes[inside]
    n = np.bincount(mine, minlength=groups)
    weights = design.weights[inside]
    weight = np.bincount(mine, weights, groups)
    estimate, variance, spread = np.full((3, groups, m), np.nan)
    filled = n > 0
    step = max(1, BLOCK // max(len(codes), 1))
    for start in range(0, m, step):
        block = slice(start, min(start + step, m))
        known = values[inside, block]
        sums = [np.bincount(mine, weights * column, groups) for column in known.T]
        with np.errstate(invalid="ignore", divide="ignore"):
            estimate[:, block] = np.stack(sums, axis=1) / weight[:, None]
        deviation = known - estimate[mine, block]
        squares = [np.bincount(mine, weights * column**2, groups) for column in deviation.T]
        spread[filled, block] = (np.stack(squares, axis=1)[filled].T / weight[filled]).T
        influence = np.zeros((len(codes), known.shape[1]))
        influence[inside] = deviation / weight[mine][:, None]
        made = design.domain_variances(influence, codes, groups, under=1.0)
        variance[filled, block] = made[filled]
    # Rounding leaves 1e-34 where a calibrated margin has no variance at all.
    variance[variance < 1e-24 * np.maximum(estimate**2, 1e-300)] = 0.0
    spread[spread < 1e-24 * estimate**2] = 0.0
    deff = design_effect(
        variance, spread, n[:, None], weight[:, None], without_replacement(design, simple)
    )
    df = design.counted_degrees_of_freedom(codes, groups)
    return DomainMeans(estimate, variance, deff, n, np.asarray(weight, dtype=float), df)


def domain_proportions(
    design: SurveyDesign,
    chosen: Floats,
    valid: NDArray[np.bool_],
    split: Domains,
    simple: SimpleSample = "declared",
) -> DomainMeans:
    """Estimate the share of respondents with a 1 in each column, in each domain.

    As :func:`domain_means` of 0/1 columns, from counts by design cell where the design has fewer of
    these than respondents (:meth:`SurveyDesign.tally`).
    """
    groups = len(split.levels)
    codes = np.where(design.in_domain & valid, split.codes, -1)
    tally = design.tally(chosen, codes, groups)
    if tally is None:
        return domain_means(design, chosen, valid, split, simple)
    p = tally.shares
    variance, spread = design.tallied_variances(tally), p * (1 - p)
    # Rounding leaves 1e-34 where a calibrated margin has no variance at all.
    variance[(variance < 1e-24 * np.maximum(p**2, 1e-300)) | (spread == 0)] = 0.0
    variance[tally.n == 0] = np.nan
    finite = without_replacement(design, simple)
    deff = design_effect(variance, spread, tally.n[:, None], tally.weight[:, None], finite)
    df = design.counted_degrees_of_freedom(codes, groups)
    return DomainMeans(p, variance, deff, tally.n, tally.weight, df)


def domain_ratios(
    design: SurveyDesign, over: Floats, under: Floats, valid: NDArray[np.bool_], split: Domains
) -> DomainMeans:
    """Estimate the ratio of each column's total to one column's total in each domain.

    Influence ``(y - R x) / sum w x`` (Saerndal, Swensson & Wretman 1992, eq. 5.6.10).

    Parameters
    ----------
    over: (n, m) numerators; under: (n,) the denominator; rows that are not ``valid`` are never
        looked at.

    Returns
    -------
    As :func:`domain_means`; a domain whose denominators add up to zero has NaN estimates, and a
    ratio has no design effect (NaN).
    """
    groups = len(split.levels)
    codes = np.where(design.in_domain & valid, split.codes, -1)
    inside = codes >= 0
    mine = codes[inside]
    n = np.bincount(mine, minlength=groups)
    weights = design.weights[inside]
    whole = np.bincount(mine, weights * under[inside], groups)
    sums = [np.bincount(mine, weights * column, groups) for column in over[inside].T]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.stack(sums, axis=1) / whole[:, None]
    ratio[whole == 0] = np.nan
    influence = np.zeros((len(codes), over.shape[1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = over[inside] - ratio[mine] * under[inside, None]
        influence[inside] = np.where(whole[mine, None] != 0, rest / whole[mine, None], 0.0)
    variance = design.domain_variances(influence, codes, groups, under)
    variance[np.isnan(ratio)] = np.nan
    weight = np.asarray(np.bincount(mine, weights, groups), dtype=float)
    df = design.counted_degrees_of_freedom(codes, groups)
    return DomainMeans(ratio, variance, np.full(ratio.shape, np.nan), n, weight, df)


def domain_shares(
    design: SurveyDesign,
    category: Codes,
    categories: int,
    split: Domains,
    simple: SimpleSample = "declared",
) -> tuple[DomainMeans, Codes]:
    """Estimate the share of each category in each domain, and count who gave it.

    As :func:`domain_means` of 0/1 columns. Where respondents were drawn one by one in strata,
    counts by stratum, domain and category hold all that the variance needs: nothing is made that
    grows with respondents times categories.

    Parameters
    ----------
    category: (n,) code of the answer, -1 for none.
    """
    groups = len(split.levels)
    codes = np.where(design.in_domain & (category >= 0), split.codes, -1)
    inside = codes >= 0
    cell = codes[inside] * categories + category[inside]
    count = np.bincount(cell, minlength=groups * categories).reshape(groups, categories)
    # Counts by stratum are few unless strata are: then the columns cost less.
    if not design.of_rows or len(design.first_stage.size) * groups * categories > BLOCK:
        dummies = np.zeros((len(category), categories))
        dummies[np.flatnonzero(category >= 0), category[category >= 0]] = 1.0
        return domain_means(design, dummies, category >= 0, split, simple), count
    weights = design.weights[inside]
    shape = (groups, categories)
    by_cell = np.bincount(cell, weights, groups * categories).reshape(shape)
    n, weight = count.sum(axis=1), by_cell.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = by_cell / weight[:, None]
        variance = design.share_variances(codes, category, shape, p) / weight[:, None] ** 2
    spread = p * (1 - p)
    spread[(count == 0) | (count == n[:, None])] = 0.0
    variance[spread == 0] = 0.0
    variance[n == 0] = np.nan
    deff = design_effect(
        variance, spread, n[:, None], weight[:, None], without_replacement(design, simple)
    )
    df = design.counted_degrees_of_freedom(codes, groups)
    return DomainMeans(p, variance, deff, n, weight, df), count


def category_codes(series: pd.Series) -> tuple[Codes, list[object]]:
    """Return the code of each answer (-1 for none) and the categories."""
    own = levels_of(series)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.cat.codes.to_numpy().astype(np.int64), own
    return pd.Categorical(series, categories=own).codes.astype(np.int64), own


def size_if_alike(
    design: SurveyDesign, valid: NDArray[np.bool_], split: Domains, made: DomainMeans
) -> Floats:
    """Return (G,) the independent answers that a share of none or all of a domain stands on.

    Where respondents were drawn one by one that follows from their weights and the finite
    population. In clusters it is n over the average design effect of the answers that vary, in all
    domains of the question (Korn & Graubard 1998, Surv. Methodol. 24, 193-201, sec. 2); where none
    does, the number of PSUs that the weights leave
    (:meth:`SurveyDesign.independent_size`): how alike the members of a PSU are is not known then.

    Parameters
    ----------
    made: the shares (G, m) of the answers of one question.
    """
    codes = np.where(design.in_domain & valid, split.codes, -1)
    alone = design.independent_size(codes, len(split.levels))
    return worth_if_alike(alone, design.first_stage.of_rows, made)


def worth_if_alike(alone: Floats, of_rows: bool, made: DomainMeans) -> Floats:
    """Return :func:`size_if_alike` from the independent answers (G,) of each domain.

    ``of_rows``: respondents were drawn one by one.
    """
    spread = made.estimate * (1 - made.estimate)
    varied = (spread > 1e-12) & (made.n > 1)[:, None]
    if of_rows or not varied.any():
        return alone
    simple = spread / np.maximum(made.n - 1, 1)[:, None]
    average = float((made.variance[varied] / simple[varied]).mean())
    # A whole population has no variance to speak of; nor can one answer be worth less than a PSU.
    with np.errstate(divide="ignore"):
        return np.fmax(alone, np.where(made.n > 0, made.n / np.float64(average), np.nan))


def without_replacement(design: SurveyDesign, simple: SimpleSample) -> bool:
    """Return whether design effects are held against a simple sample without replacement.

    ``declared``: where the design declares finite populations; ``finite``: always, from as many
    units as the weights add up to; ``replace``: never.
    """
    return held_without_replacement(design.finite, simple)


def held_without_replacement(finite: bool, simple: SimpleSample) -> bool:
    """Return :func:`without_replacement` of a design that declares finite populations or not."""
    known = {"declared": finite, "finite": True, "replace": False}
    if simple not in known:
        raise InputError("no such design effect", value=simple, hint=nearest(simple, known))
    return known[simple]


def design_effect(
    variance: Floats, spread: Floats, n: ArrayLike, weight: ArrayLike, finite: bool
) -> Floats:
    """Return variances over those of a simple random sample of as many respondents.

    The weighted variance times n / (n - 1) over n (Kish 1965, sec. 8.2): the simple sample is one
    with replacement, as R ``svymean(deff = "replace")``, since sums of weights are counts of a
    population only by chance. Where the design declares finite populations it is one without
    replacement from ``weight`` units, as R ``svymean(deff = TRUE)``; weights that do not add up
    to more than n are no counts there either.

    Parameters
    ----------
    variance: of means (or of totals over their weight).
    spread: weighted mean of squared deviations, of the same shape.
    n, weight: respondents and sums of weights, broadcast to that shape.
    finite: whether the simple sample is one without replacement (see :func:`without_replacement`).

    Returns
    -------
    NaN where ``spread`` is zero or there is one respondent: nothing to compare with.
    """
    n, weight = np.asarray(n, dtype=float), np.asarray(weight, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        counts = finite & (weight > n * (1 + 1e-9))
        left = np.where(counts, 1 - n / weight, 1.0)
        simple = spread / (n - 1) * left
        return np.where((n > 1) & (spread > 0), variance / simple, np.nan)


def indicators(series: pd.Series) -> tuple[Floats, NDArray[np.bool_], list[object]]:
    """Return 0/1 columns of a categorical variable, who answered, and the categories."""
    own = levels_of(series)
    codes = pd.Categorical(series, categories=own).codes.astype(np.int64)
    dummies = np.zeros((len(series), len(own)))
    answered = codes >= 0
    dummies[np.flatnonzero(answered), codes[answered]] = 1.0
    return dummies, answered, own
