"""Means of many columns in many domains in one pass: the work-horse of every table.

For a column y and a domain d the estimate is ``sum w d y / sum w d``; its influence values are
``d (y - estimate) / sum w d`` (Saerndal, Swensson & Wretman 1992, sec. 5.8). All columns share one
pattern of missing answers (the categories of a question do), so that a domain's size, weight and
degrees of freedom are computed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ngo_survey.errors import InputError, nearest
from ngo_survey.sampling import SurveyDesign

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

#: Influence matrices are made in blocks of at most this many numbers (32 MB).
BLOCK = 4_000_000


@dataclass(frozen=True)
class Domains:
    """A banner: which domain each respondent is in.

    Attributes
    ----------
    names: the variables that make the domains (empty for the total).
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
        raise InputError("no such variable", value=name, mend=nearest(name, design.frame))
    return design.frame[name]


def levels_of(series: pd.Series) -> list[object]:
    """Return the categories of a variable: in the questionnaire's order, else sorted."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return list(series.cat.categories)
    return sorted(series.dropna().unique())


def domains(design: SurveyDesign, by: str | Sequence[str] | None) -> Domains:
    """Return the domains that one variable, or the crossing of several, makes."""
    names = () if by is None else (by,) if isinstance(by, str) else tuple(by)
    codes = np.zeros(len(design.frame), dtype=np.int64)
    levels: list[tuple[object, ...]] = [()]
    for name in names:
        series = column(design, name)
        own = levels_of(series)
        code = pd.Categorical(series, categories=own).codes.astype(np.int64)
        codes = np.where((codes < 0) | (code < 0), -1, codes * len(own) + code)
        levels = [(*above, level) for above in levels for level in own]
    return Domains(names, codes, tuple(levels))


def domain_means(
    design: SurveyDesign, values: Floats, valid: NDArray[np.bool_], split: Domains
) -> DomainMeans:
    """Estimate the mean of each column in each domain.

    Parameters
    ----------
    values: (n, m) numbers; rows that are not ``valid`` are never looked at.
    valid: (n,) respondents who answered.
    split: the domains.

    Returns
    -------
    Domains without a respondent have NaN estimates and n = 0; a domain whose respondents give no
    degrees of freedom has df = 0. Whoever prints must look at both.
    """
    groups, (rows, m) = len(split.levels), values.shape
    inside = design.in_domain & valid & (split.codes >= 0)
    member = np.zeros((rows, groups), dtype=bool)
    member[np.flatnonzero(inside), split.codes[inside]] = True
    n = member.sum(axis=0)
    weights = np.where(inside, design.weights, 0.0)
    weight = member.T @ weights
    known = np.where(inside[:, None], np.nan_to_num(values), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = (member.T @ (weights[:, None] * known)) / weight[:, None]
    variance, spread = np.full((2, groups, m), np.nan)
    step = max(1, BLOCK // max(rows * m, 1))
    filled = np.flatnonzero(n)
    for start in range(0, len(filled), step):
        block = filled[start : start + step]
        influence = np.zeros((rows, len(block), m))
        for place, group in enumerate(block):
            chosen = np.flatnonzero(member[:, group])
            deviation = known[chosen] - estimate[group]
            spread[group] = weights[chosen] @ deviation**2 / weight[group]
            influence[chosen, place] = deviation / weight[group]
        variance[block] = design.variance(influence.reshape(rows, -1)).reshape(len(block), m)
    # Rounding leaves 1e-34 where a calibrated margin has no variance at all.
    variance[variance < 1e-24 * np.maximum(estimate**2, 1e-300)] = 0.0
    spread[spread < 1e-24 * estimate**2] = 0.0
    deff = design_effect(variance, spread, n[:, None], weight[:, None])
    return DomainMeans(
        estimate, variance, deff, n, weight, design.domain_degrees_of_freedom(member)
    )


def design_effect(variance: Floats, spread: Floats, n: ArrayLike, weight: ArrayLike) -> Floats:
    """Return variances over those of a simple random sample of as many respondents.

    As R ``svymean(deff = TRUE)``: without replacement from a population of ``weight``, the
    weighted variance times n / (n - 1) (Kish 1965, sec. 8.2). Weights that do not add up to more
    than n are no counts of a population: the simple sample is then one with replacement.

    Parameters
    ----------
    variance: of means (or of totals over their weight).
    spread: weighted mean of squared deviations, of the same shape.
    n, weight: respondents and sums of weights, broadcast to that shape.

    Returns
    -------
    NaN where ``spread`` is zero or there is one respondent: nothing to compare with.
    """
    n, weight = np.asarray(n, dtype=float), np.asarray(weight, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.where(weight > n * (1 + 1e-9), 1 - n / weight, 1.0)
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
