"""The one variance engine: stratified between-PSU variance of weighted totals, stage by stage.

Every estimator hands in the influence of each respondent; nothing here knows what is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ngo_survey.errors import InputError

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
#: From so many units on their totals are not sorted by stratum.
MANY = 100_000
LonelyPSU = Literal["fail", "certainty", "adjust", "average"]


@dataclass(frozen=True)
class SelectionStage:
    """One stage of selection.

    Attributes
    ----------
    unit: code of the sampled unit of each row, 0..U-1, unique over the whole design.
    stratum: code of the stratum of each *unit* (within its parent unit), 0..S-1.
    fraction: sampling fraction of each stratum (0 without a finite population correction).
    multiplier: product of the sampling fractions of the parent units of each stratum.
    """

    unit: Codes
    stratum: Codes
    fraction: Floats
    multiplier: Floats

    @cached_property
    def size(self) -> Floats:
        """Sampled units in each stratum."""
        return np.bincount(self.stratum, minlength=len(self.fraction)).astype(float)

    @cached_property
    def of_rows(self) -> bool:
        """Whether every row is a unit of its own."""
        return len(self.stratum) == len(self.unit)

    @cached_property
    def _order(self) -> tuple[Codes, Codes]:
        order = np.argsort(self.unit, kind="stable")
        return order, np.flatnonzero(np.diff(self.unit[order], prepend=-1))

    def totals(self, values: Floats) -> Floats:
        """Sum rows (n, k) to sampled units (U, k)."""
        return _run_sums(values, *self._order)

    @cached_property
    def _strata_order(self) -> tuple[Codes, Codes]:
        order = np.argsort(self.stratum, kind="stable")
        return order, np.flatnonzero(np.diff(self.stratum[order], prepend=-1))

    def stratum_sums(self, totals: Floats) -> Floats:
        """Sum units (U, k) to strata (S, k); every stratum has a unit."""
        if len(totals) > MANY and totals.shape[1] > 1:
            # The same sums in the same order, without moving the rows of many units.
            sums = [np.bincount(self.stratum, column, len(self.size)) for column in totals.T]
            return np.stack(sums, axis=1)
        return _run_sums(totals, *self._strata_order)


def _run_sums(values: Floats, order: Codes, starts: Codes) -> Floats:
    if len(starts) == len(order):
        # Rows that stand in order already need not be copied.
        return values if (np.diff(order) == 1).all() else values[order]
    return np.add.reduceat(values[order], starts, axis=0)


def covariance(
    stages: list[SelectionStage], values: Floats, lonely: LonelyPSU = "fail", diagonal: bool = False
) -> Floats:
    """Return the design covariance of the column sums of ``values``.

    For each stage and stratum h, ``m_h (1 - f_h) n_h / (n_h - 1) sum_i (t_hi - mean)(...)'``, where
    ``t_hi`` are totals of the stage's units and ``m_h`` is the product of sampling fractions of
    the stages above (Cochran 1977, eq. 11.24; Saerndal, Swensson & Wretman 1992, sec. 4.4).

    Parameters
    ----------
    stages: stages of selection, first stage first.
    values: (n, k) weighted influence values, zero outside the domain.
    lonely: what a stratum with a single unit adds when it is not a certainty. ``certainty``:
        nothing; ``adjust``: its squared deviation from zero, the mean of all influence values;
        ``average``: what the other strata add on average (see :func:`average_factor`).
    diagonal: return the k variances alone.

    Raises
    ------
    InputError: a stratum has a single unit that is no certainty, and ``lonely`` is ``fail``.
    """
    k = values.shape[1]
    result = np.zeros(k) if diagonal else np.zeros((k, k))
    for level, stage in enumerate(stages, start=1):
        totals = stage.totals(values)
        size, factor = stage.size, stage.multiplier * (1.0 - stage.fraction)
        single = single_units(size, factor, level, lonely)
        means = stage.stratum_sums(totals) / size[:, None]
        if lonely == "adjust":
            means[single] = 0.0
        scale = factor * np.where(size > 1, size / np.maximum(size - 1, 1), lonely == "adjust")
        deviations = (totals - means[stage.stratum]) * np.sqrt(scale)[stage.stratum][:, None]
        if diagonal:
            part = np.einsum("ij,ij->j", deviations, deviations)
        else:
            part = deviations.T @ deviations
        if lonely == "average" and single.any():
            size_of = np.abs(totals)
            part_of = size_of > 1e-12 * size_of.max(axis=0)
            there = stage.stratum_sums(part_of.astype(float)) > 0
            # One factor for a covariance, so that it holds for every sum of its columns.
            part = part * average_factor(single, there if diagonal else there.max(axis=1))
        result += part
    return result


def average_factor(single: NDArray[np.bool_], there: NDArray[np.bool_]) -> Floats:
    """Return how many strata an estimate has over how many of them have a variance of their own.

    Strata in which it has no part (a domain without a member there) add nothing and are not
    averaged over: as R, whose ``subset`` drops their rows before ``options(survey.lonely.psu =
    "average")`` counts strata, and as the domain's own design would if it is made of whole strata.
    A calibrated estimate has residuals in every stratum, and R keeps all of them as well.

    Parameters
    ----------
    single: (S,) strata of a single unit that is no certainty.
    there: (S,) or (S, k) whether an estimate has a part in a stratum.

    Returns
    -------
    () or (k,); NaN where every stratum of an estimate has a single unit.
    """
    alone = there & (single if there.ndim == 1 else single[:, None])
    strata, own = there.sum(axis=0), (there & ~alone).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(strata > 0, np.where(own > 0, strata / own, np.nan), 1.0)


def domain_variances(
    stages: list[SelectionStage],
    values: Floats,
    codes: Codes,
    groups: int,
    lonely: LonelyPSU = "fail",
) -> Floats:
    """Return the variances (groups, m) of sums of ``values`` in disjoint domains.

    The same as :func:`covariance` on values spread over one column a domain, without ever making
    those columns: a unit outside a domain adds its squared distance from zero to the mean.

    Parameters
    ----------
    values: (n, m) weighted influence values; what lies in no domain is never looked at.
    codes: domain of each row, -1 for none.
    """
    m = values.shape[1]
    inside = codes >= 0
    result = np.zeros((groups, m))
    for level, stage in enumerate(stages, start=1):
        unit, group, totals = stage.unit[inside], codes[inside], values[inside]
        if not stage.of_rows:
            # Totals of each unit in each domain it has members in.
            cell, where = np.unique(unit * groups + group, return_inverse=True)
            unit, group = cell // groups, cell % groups
            totals = np.stack(
                [np.bincount(where, column, len(cell)) for column in totals.T], axis=1
            )
        size, factor = stage.size, stage.multiplier * (1.0 - stage.fraction)
        single = single_units(size, factor, level, lonely)
        cell, where = _cells(stage.stratum[unit] * groups + group, len(size) * groups)
        h, g = cell // groups, cell % groups
        members = np.bincount(where, minlength=len(cell))
        scale = factor * np.where(size > 1, size / np.maximum(size - 1, 1), lonely == "adjust")
        for column in range(m):
            mean = np.bincount(where, totals[:, column], len(cell)) / size[h]
            if lonely == "adjust":
                mean[single[h]] = 0.0
            squares = np.bincount(where, (totals[:, column] - mean[where]) ** 2, len(cell))
            part = scale[h] * (squares + (size[h] - members) * mean**2)
            added: Floats = np.asarray(np.bincount(g, part, groups), dtype=float)
            if lonely == "average" and single.any():
                there = np.zeros((len(size), groups), dtype=bool)
                there[h, g] = np.bincount(where, totals[:, column] != 0, len(cell)) > 0
                added = added * average_factor(single, there)
            result[:, column] += added
    return result


def _cells(codes: Codes, most: int) -> tuple[Codes, Codes]:
    """Return cells and the place of each code among them: all cells while they are few."""
    if most <= 1_000_000:
        return np.arange(most), codes
    return np.unique(codes, return_inverse=True)


def cell_covariance(
    stages: list[SelectionStage],
    weights: Floats,
    codes: Codes,
    cells: int,
    lonely: LonelyPSU = "fail",
) -> Floats:
    """Return the (cells, cells) covariance of the weighted counts of disjoint cells.

    As :func:`covariance` of weighted indicators, from sparse totals of units by cell.
    """
    from scipy import sparse

    inside = codes >= 0
    result = np.zeros((cells, cells))
    for level, stage in enumerate(stages, start=1):
        size, factor = stage.size, stage.multiplier * (1.0 - stage.fraction)
        single = single_units(size, factor, level, lonely)
        totals = sparse.csr_array(
            (weights[inside], (stage.unit[inside], codes[inside])),
            shape=(len(stage.stratum), cells),
        )
        strata = sparse.csr_array(
            (np.ones(len(stage.stratum)), (stage.stratum, np.arange(len(stage.stratum)))),
            shape=(len(size), len(stage.stratum)),
        )
        scale = factor * np.where(size > 1, size / np.maximum(size - 1, 1), lonely == "adjust")
        sums = (strata @ totals).toarray()
        if lonely == "adjust":
            sums[single] = 0.0
        scaled = totals * np.sqrt(scale[stage.stratum])[:, None]
        part = (scaled.T @ scaled).toarray() - sums.T @ (sums * (scale / size)[:, None])
        if lonely == "average" and single.any():
            there = np.asarray((strata @ abs(totals)).sum(axis=1)).ravel() > 0
            part = part * average_factor(single, there)
        result += part
    return result


def share_variances(
    stage: SelectionStage,
    weights: Floats,
    answers: tuple[Codes, Codes],
    shape: tuple[int, int],
    shares: Floats,
    lonely: LonelyPSU,
) -> Floats:
    """Return variances (groups, categories) of ``sum w (1[category] - share)`` by domain.

    As :func:`domain_variances` of those columns where every row is a unit of one stage, from counts
    by stratum, domain and category.

    Parameters
    ----------
    answers: (n,) code of the domain (-1 for none) and code of the answer of each row.
    shape: numbers of domains and of categories, the shape of ``shares``.
    """
    codes, category = answers
    groups, categories = shape
    inside = codes >= 0
    stratum = stage.stratum[stage.unit[inside]]
    cell = (stratum * groups + codes[inside]) * categories + category[inside]
    full = (len(stage.size), groups, categories)
    length = int(np.prod(full))
    counted = weights[inside]
    linear: Floats = np.asarray(np.bincount(cell, counted, length), dtype=float).reshape(full)
    square: Floats = np.asarray(np.bincount(cell, counted**2, length), dtype=float).reshape(full)
    return summed_share_variances(stage, linear, square, shares, lonely)


def summed_share_variances(
    stage: SelectionStage, linear: Floats, square: Floats, shares: Floats, lonely: LonelyPSU
) -> Floats:
    """Return :func:`share_variances` from what they stand on.

    Parameters
    ----------
    linear, square: (strata, groups, categories) sums of weights and of their squares.
    """
    p = np.nan_to_num(shares)
    rest = square.sum(axis=2, keepdims=True) - square
    squares = square * (1 - p) ** 2 + rest * p**2
    mean = (linear - linear.sum(axis=2, keepdims=True) * p) / stage.size[:, None, None]
    factor = stage.multiplier * (1.0 - stage.fraction)
    size = stage.size
    single = (size == 1) & (factor > 0)
    if lonely == "adjust":
        mean[single] = 0.0
    scale = factor * np.where(size > 1, size / np.maximum(size - 1, 1), lonely == "adjust")
    within = squares - size[:, None, None] * mean**2
    # Rounding alone is left of a stratum where everybody weighs and answers the same.
    within[within < 1e-12 * squares] = 0.0
    made = np.einsum("h,hgc->gc", scale, within)
    if lonely == "average" and single.any():
        there = linear.sum(axis=2) > 0
        made = made * average_factor(single, there)[:, None]
    return made


def single_units(size: Floats, factor: Floats, level: int, lonely: LonelyPSU) -> NDArray[np.bool_]:
    """Return which strata have a single unit that is no certainty; refuse them under ``fail``."""
    single = (size == 1) & (factor > 0)
    if single.any() and lonely == "fail":
        raise InputError(
            f"{int(single.sum())} strata of stage {level} have a single sampled unit",
            hint="merge each with a like stratum, or declare how single units count",
        )
    return single
