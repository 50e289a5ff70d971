"""Replicate weights of the data's producer, as the variance of a design.

Archives that may not tell strata and sampling units give replicate weights instead. Here they take
the place of the between-unit variance: every estimator hands in its influence values, and totals of
these are taken over the replicates (Yung & Rao 1996, Surv. Methodol. 22, 23-31). Of totals, means,
shares and ratios that is what estimating anew on every replicate gives (Wolter 2007, ch. 3-5); of
what is no ratio of totals (a contrast, a test, a coefficient) and of calibrated estimates it is the
linear part, which differs from that by terms of the second order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design.variance import Codes, Floats

ReplicateType = Literal["JK1", "JK2", "JKn", "BRR", "Fay", "bootstrap", "SDR", "other"]
Centre = Literal["mean", "estimate"]
#: How replicates are made, as producers call it.
TYPES: tuple[ReplicateType, ...] = ("JK1", "JK2", "JKn", "BRR", "Fay", "bootstrap", "SDR", "other")
#: Replicates of which the producer must give the scale.
SCALED_BY_PRODUCER = ("JKn", "other")
#: As R ``degf``: what a pivot may be against the largest before it counts as none.
RANK_TOLERANCE = 1e-5
#: Sums of replicate weights lie within this factor of the sum of the weights.
FACTOR = 2.0


@dataclass(frozen=True)
class Replication:
    """What replicates say of a variance.

    Attributes
    ----------
    factors: (n, R) each replicate weight over the full-sample weight.
    scales: (R,) factor of each squared deviation.
    around: what deviations are from: the ``mean`` of the replicates whose scale is not zero, or the
        full-sample ``estimate`` (R ``mse = TRUE``).
    degrees_of_freedom: of the design; a domain has these or its sampling units less its strata,
        whichever are fewer.
    """

    factors: Floats
    scales: Floats
    around: Centre
    degrees_of_freedom: int

    def covariance(self, values: Floats, diagonal: bool = False) -> Floats:
        """Return the (k, k) covariance of the column sums of weighted influence values (n, k)."""
        moved = self._deviations(self.factors.T @ values, values.sum(axis=0))
        return np.einsum("rk,rk->k", moved, moved) if diagonal else moved.T @ moved

    def domain_variances(
        self, values: Floats, codes: Codes, groups: int, under: Floats | None = None
    ) -> Floats:
        """Return the variances (groups, m) of sums of ``values`` in disjoint domains (-1: none).

        ``under`` are the (n,) weighted denominators of ratios whose influence the values are: each
        replicate is then divided by its own. A domain that a replicate leaves nobody in adds there
        what it moves by, nothing.
        """
        made = np.zeros((groups, values.shape[1]))
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(groups + 1))
        for group in range(groups):
            mine = order[bounds[group] : bounds[group + 1]]
            moved = self.factors[mine].T @ values[mine]
            if under is not None and (whole := under[mine].sum()) != 0:
                own = self.factors[mine].T @ under[mine] / whole
                moved /= np.where(own > 0, own, 1.0)[:, None]
            moved = self._deviations(moved, values[mine].sum(axis=0))
            made[group] = np.einsum("rk,rk->k", moved, moved)
        return made

    def _deviations(self, moved: Floats, whole: Floats) -> Floats:
        """Return (R, k) deviations of the replicates' sums, times the root of their scale."""
        centre = moved[self.scales > 0].mean(axis=0) if self.around == "mean" else whole
        return (moved - centre) * np.sqrt(self.scales)[:, None]


def scales_of(
    kind: str,
    replicates: int,
    scale: float | None = None,
    rscales: list[float] | None = None,
    rho: float | None = None,
) -> Floats:
    """Return (R,) the factor of each replicate's squared deviation.

    ``JK1``: (R - 1) / R; ``JK2`` (one replicate a pair of units): 1; ``BRR``: 1 / R; ``Fay``:
    1 / (R (1 - rho)^2) (Judkins 1990); ``bootstrap``: 1 / (R - 1) (Rao & Wu 1988); ``SDR``,
    successive differences, as the American Community Survey: 4 / R (Fay & Train 1995); as R
    ``svrepdesign`` of these types. ``JKn`` and ``other`` are what the producer says. ``scale``
    replaces the first, ``rscales`` multiplies it replicate by replicate.

    Raises
    ------
    InputError: no such type; a scale that only the producer knows is not given; Fay's without
        ``rho``; another number of ``rscales``.
    """
    if kind not in TYPES:
        raise InputError("no such replicates", value=kind, hint=nearest(kind, TYPES))
    if replicates < 2:
        raise InputError("a variance needs two replicates", value=replicates, hint="name them all")
    if kind in SCALED_BY_PRODUCER and scale is None and rscales is None:
        raise InputError(
            f"replicates {kind} have the scales that their producer gives",
            hint="write scale, or rscales with a number for each replicate",
        )
    if (kind == "Fay") != (rho is not None):
        raise InputError(
            "Fay's replicates, and no others, have a rho",
            value="" if rho is None else rho,
            hint="write rho as the producer gives it, e.g. 0.5" if rho is None else "take it out",
        )
    if rscales is not None and len(rscales) != replicates:
        raise InputError(
            f"{len(rscales)} rscales for {replicates} replicates",
            hint="give one for each, in the order of the columns",
        )
    known = {
        "JK1": (replicates - 1) / replicates,
        "BRR": 1 / replicates,
        "Fay": 1 / (replicates * (1 - (rho or 0.0)) ** 2),
        "bootstrap": 1 / (replicates - 1),
        "SDR": 4 / replicates,
    }
    whole = known.get(kind, 1.0) if scale is None else scale
    return whole * np.asarray([1.0] * replicates if rscales is None else rscales, dtype=float)


def replication_of(
    weights: Floats,
    replicates: pd.DataFrame,
    scales: Floats,
    around: Centre = "mean",
    degrees_of_freedom: int | None = None,
) -> Replication:
    """Return what full replicate weights say of a variance.

    Parameters
    ----------
    weights: (n,) positive full-sample weights.
    replicates: (n, R) the weights of each replicate, the sampling weight in them. They may be zero,
        and below it, as those of the American Community Survey.
    scales: (R,) as :func:`scales_of`.
    around: as :attr:`Replication.around`, as the producer says.
    degrees_of_freedom: by default the rank of the replicate weights less one (R ``degf``).

    Raises
    ------
    InputError: replicates that add up to something else than the weights, or do not vary.
    """
    varied = replicates.to_numpy(dtype=float)
    ratio = varied.sum(axis=0) / weights.sum()
    odd = ~((ratio > 1 / FACTOR) & (ratio < FACTOR))
    if odd.any():
        place = int(odd.argmax())
        raise InputError(
            "a replicate does not add up to what the weights do",
            column=str(replicates.columns[place]),
            value=f"{ratio[place]:.3g} of the weights",
            hint="give full replicate weights, the weight multiplied in",
        )
    factors = varied / weights[:, None]
    if np.allclose(factors, 1.0, rtol=0, atol=RANK_TOLERANCE):
        raise InputError(
            "no replicate differs from the weights",
            column=str(replicates.columns[0]),
            hint="name the columns of the replicates, not the weight again",
        )
    if degrees_of_freedom is None:
        values = np.linalg.svd(varied, compute_uv=False)
        degrees_of_freedom = max(int((values > RANK_TOLERANCE * values[0]).sum()) - 1, 1)
    return Replication(factors, scales, around, degrees_of_freedom)
