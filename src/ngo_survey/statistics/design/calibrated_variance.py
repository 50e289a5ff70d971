"""Covariances of sums in disjoint domains of a calibrated sample, without spreading them out.

A banner splits respondents into domains that do not overlap, so that a column of influence values
spread over one column a domain is zero nearly everywhere. For respondents drawn one by one in
strata and calibrated once, the covariance of :func:`variance.covariance` is a quadratic form in
the influence values whose matrix is a diagonal, less one outer product a stratum, seen through the
residuals of the calibration. Sums by stratum and domain, and products with the calibration's
basis, are then all that it takes: nothing is made that grows with respondents times domains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from ngo_survey.statistics.design.calibration import Calibration
from ngo_survey.statistics.design.variance import (
    Codes,
    Floats,
    LonelyPSU,
    SelectionStage,
    single_units,
)

#: A variance below this part of its uncalibrated, uncentred part is none.
ROUNDING = 1e-12


class QuadraticForm:
    """The design covariance of one-stage samples of respondents as a form in influence values.

    With ``x = influence * root`` the covariance of two columns is ``x' K x*`` where
    ``K = R (I - B B') (D - sum_h s_h v_h v_h') (I - B B') R``: ``R`` the ratio of the calibration
    (:meth:`Calibration.residuals`), ``B`` its basis, ``D`` and ``v_h`` from the strata.

    Parameters
    ----------
    stage: the one stage of selection, whose units are the rows.
    weights: final weights.
    calibration: the one calibration, or None.
    """

    def __init__(
        self,
        stage: SelectionStage,
        weights: Floats,
        calibration: Calibration | None,
        lonely: LonelyPSU,
    ) -> None:
        n = len(weights)
        self.stratum: Codes = stage.stratum[stage.unit]
        self.strata = len(stage.size)
        size, factor = stage.size, stage.multiplier * (1.0 - stage.fraction)
        single = single_units(size, factor, 1, lonely)
        scale = factor * np.where(size > 1, size / np.maximum(size - 1, 1), lonely == "adjust")
        # What the mean of a stratum takes away; "adjust" measures single units from zero.
        self.share = np.where(single & (lonely == "adjust"), 0.0, scale / size)
        self.calibration = calibration
        if calibration is None:
            self.root, self.ratio = weights, np.ones(n)
            self.basis: Floats = np.zeros((n, 0))
        else:
            self.root = np.sqrt(calibration.base)
            there = self.root > 0
            self.ratio = np.divide(weights, self.root, out=np.zeros(n), where=there)
            self.basis = calibration.basis
        self.diagonal = scale[self.stratum] * self.ratio**2

    @cached_property
    def through(self) -> Floats:
        """``K`` of the strata times the basis, (n, r)."""
        centred = (self.share[:, None] * self.of_strata)[self.stratum]
        return self.diagonal[:, None] * self.basis - self.ratio[:, None] * centred

    @cached_property
    def inner(self) -> Floats:
        """``B' K B``, (r, r)."""
        return self.basis.T @ self.through

    @cached_property
    def of_strata(self) -> Floats:
        """Sums of the basis times the ratio by stratum, (strata, r)."""
        rows = sparse.csr_array(
            (self.ratio, (self.stratum, np.arange(len(self.ratio)))),
            shape=(self.strata, len(self.ratio)),
        )
        return rows @ self.basis

    def sums(self, influence: Floats, codes: Codes, groups: int) -> DomainSums:
        """Return what the covariances of columns (n, m) in disjoint domains are made of."""
        inside = np.flatnonzero(codes >= 0)
        group, place = codes[inside], np.arange(len(inside))
        x = influence[inside] * self.root[inside, None]
        diagonal, m = self.diagonal[inside], x.shape[1]
        by_stratum = sparse.csr_array(
            (self.ratio[inside], (group * self.strata + self.stratum[inside], place)),
            shape=(groups * self.strata, len(inside)),
        )
        totals = (by_stratum @ x).reshape(groups, self.strata, m)
        seen = moved = np.zeros((groups, 0, m))
        if self.calibration is not None:
            # The basis is made of dummies: sums by level of each margin are all that it sees.
            width = len(self.calibration.turn)
            cells = [group * width + level[inside] for level in self.calibration.levels]
            by_level = sparse.csr_array(
                (
                    np.tile(self.root[inside], len(cells)),
                    (np.concatenate(cells), np.tile(place, len(cells))),
                ),
                shape=(groups * width, len(inside)),
            )
            turn = self.calibration.turn.T
            seen = np.matmul(turn, (by_level @ x).reshape(groups, width, m))
            moved = np.matmul(turn, (by_level @ (diagonal[:, None] * x)).reshape(groups, width, m))
            moved -= np.matmul(self.of_strata.T, self.share[:, None] * totals)
        return DomainSums(self, x, group, diagonal, totals, seen, moved, groups=groups)


@dataclass(frozen=True)
class DomainSums:
    """Sums of columns by domain; arrays lead with the domain (G), columns (m) last."""

    form: QuadraticForm
    x: Floats
    group: Codes
    diagonal: Floats
    totals: Floats
    seen: Floats
    moved: Floats
    groups: int

    def variances(self) -> Floats:
        """Return (G, m) variances of the columns' sums."""
        within = self._within(self.x)
        taken = np.einsum("h,ghm,ghm->gm", self.form.share, self.totals, self.totals)
        calibrated = np.einsum("grm,grm->gm", self.seen, self.moved)
        inner = np.matmul(self.form.inner, self.seen)
        made = within - taken - 2 * calibrated + np.einsum("grm,grm->gm", self.seen, inner)
        # A sum that strata or calibration fix keeps what rounding leaves of its parts.
        return np.where(made < ROUNDING * within, 0.0, made)

    def covariances(self, other: int | None = None) -> Floats:
        """Return (m, G, G): each column with itself, or with the column ``other``, by domain."""
        use = slice(None) if other is None else [other]
        x, totals = self.x[:, use], self.totals[:, :, use]
        seen, moved = self.seen[:, :, use], self.moved[:, :, use]
        within = self._within(x)
        made = -np.matmul(
            (self.totals * self.form.share[:, None]).transpose(2, 0, 1),
            totals.transpose(2, 1, 0),
        )
        made -= np.matmul(self.seen.transpose(2, 0, 1), moved.transpose(2, 1, 0))
        made -= np.matmul(self.moved.transpose(2, 0, 1), seen.transpose(2, 1, 0))
        inner = np.matmul(self.form.inner, seen.transpose(2, 1, 0))
        made += np.matmul(self.seen.transpose(2, 0, 1), inner)
        places = np.arange(self.groups)
        made[:, places, places] += within.T
        if other is None:
            own = made[:, places, places]
            made[:, places, places] = np.where(own < ROUNDING * within.T, 0.0, own)
        return made

    def all_covariances(self) -> Floats:
        """Return (G m, G m): every column in every domain with every other, domains first."""
        size = self.groups * self.x.shape[1]
        totals = self.totals.transpose(1, 0, 2).reshape(-1, size)
        seen = self.seen.transpose(1, 0, 2).reshape(-1, size)
        moved = self.moved.transpose(1, 0, 2).reshape(-1, size)
        cross = seen.T @ moved
        made = seen.T @ (self.form.inner @ seen) - cross - cross.T
        made -= (totals * self.form.share[:, None]).T @ totals
        m = self.x.shape[1]
        for g in range(self.groups):
            mine = self.group == g
            block = slice(g * m, (g + 1) * m)
            own = self.x[mine]
            made[block, block] += own.T @ (self.diagonal[mine, None] * own)
        return made

    def _within(self, x: Floats) -> Floats:
        """Return (G, m) sums of the diagonal's part; domains do not overlap."""
        by_group = sparse.csr_array(
            (self.diagonal, (self.group, np.arange(len(self.group)))),
            shape=(self.groups, len(self.group)),
        )
        return by_group @ (self.x * x)
