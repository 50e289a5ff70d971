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
LonelyPSU = Literal["fail", "certainty", "adjust", "average"]


@dataclass(frozen=True)
class Stage:
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
        return _run_sums(totals, *self._strata_order)


def _run_sums(values: Floats, order: Codes, starts: Codes) -> Floats:
    if len(starts) == len(order):
        return values[order]
    return np.add.reduceat(values[order], starts, axis=0)


def covariance(
    stages: list[Stage], values: Floats, lonely: LonelyPSU = "fail", diagonal: bool = False
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
        ``average``: what the other strata add on average.
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
        single = (size == 1) & (factor > 0)
        if single.any() and lonely == "fail":
            raise InputError(
                f"{int(single.sum())} strata of stage {level} have a single sampled unit",
                mend="merge each with a like stratum, or declare how single units count",
            )
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
            part = part / (1.0 - single.mean())
        result += part
    return result
