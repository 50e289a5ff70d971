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
from numpy.typing import NDArray

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
    deff: Floats
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
        squares = (member.T @ (weights[:, None] * known**2)) / weight[:, None] - estimate**2
        # As R svymean(deff = TRUE): against simple random sampling without replacement.
        simple = (
            np.maximum(squares, 0.0)
            * (n / np.maximum(n - 1, 1))[:, None]
            * ((weight - n) / (weight * n))[:, None]
        )
    variance = np.full((groups, m), np.nan)
    step = max(1, BLOCK // max(rows * m, 1))
    filled = np.flatnonzero(n)
    for start in range(0, len(filled), step):
        block = filled[start : start + step]
        influence = np.zeros((rows, len(block), m))
        for place, group in enumerate(block):
            chosen = np.flatnonzero(member[:, group])
            influence[chosen, place] = (known[chosen] - estimate[group]) / weight[group]
        variance[block] = design.variance(influence.reshape(rows, -1)).reshape(len(block), m)
    # Rounding leaves 1e-34 where a calibrated margin has no variance at all.
    variance[variance < 1e-24 * np.maximum(estimate**2, 1e-300)] = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = np.where(simple > 1e-24, variance / simple, np.nan)
    return DomainMeans(
        estimate, variance, deff, n, weight, design.domain_degrees_of_freedom(member)
    )


def indicators(series: pd.Series) -> tuple[Floats, NDArray[np.bool_], list[object]]:
    """Return 0/1 columns of a categorical variable, who answered, and the categories."""
    own = levels_of(series)
    codes = pd.Categorical(series, categories=own).codes.astype(np.int64)
    dummies = np.zeros((len(series), len(own)))
    answered = codes >= 0
    dummies[np.flatnonzero(answered), codes[answered]] = 1.0
    return dummies, answered, own
