"""Covariances of sums in disjoint domains of a calibrated sample, without spreading them out.

A banner splits respondents into domains that do not overlap, so that a column of influence values
spread over one column a domain is zero nearly everywhere. For respondents drawn one by one in
strata and calibrated once, the covariance of :func:`variance.covariance` is a quadratic form in
the influence values whose matrix is a diagonal, less one outer product a stratum, seen through the
residuals of the calibration. Sums by stratum and domain, and products with the calibration's
basis, are then all that it takes: nothing is made that grows with respondents times domains. Of
shares not even a column a respondent is made: counts by design cell hold those sums
(:mod:`.design_cells`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from ngo_survey.statistics.design.calibration import Calibration
from ngo_survey.statistics.design.design_cells import DesignCells, Tally
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
        self.weights = weights
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

    @cached_property
    def cells(self) -> DesignCells:
        """Respondents whom neither strata, weights nor calibration tell apart."""
        if self.calibration is None:
            return DesignCells.make([self.stratum], [self.weights])
        codes = [self.stratum, *self.calibration.levels]
        return DesignCells.make(codes, [self.calibration.base, self.weights])

    def sums(self, influence: Floats, codes: Codes, groups: int) -> DomainSums:
        """Return what the covariances of columns (n, m) in disjoint domains are made of."""
        x, inside = self._scaled(influence, codes)
        mine, diagonal = codes[inside], self.diagonal[inside]
        own = _sums(mine, diagonal, x * x, groups)
        last = _sums(mine, diagonal, x * x[:, -1:], groups)
        return DomainSums(self, own, last, *self._seen(x, inside, codes[inside], groups))

    def all_covariances(self, influence: Floats, codes: Codes, groups: int) -> Floats:
        """Return (G m, G m): every column in every domain with every other, domains first."""
        x, inside = self._scaled(influence, codes)
        totals, seen, moved = (
            part.transpose(1, 0, 2).reshape(part.shape[1], groups * x.shape[1])
            for part in self._seen(x, inside, codes[inside], groups)
        )
        cross = seen.T @ moved
        made = seen.T @ (self.inner @ seen) - cross - cross.T
        made -= (totals * self.share[:, None]).T @ totals
        m = x.shape[1]
        for g in range(groups):
            mine = codes[inside] == g
            block, own = slice(g * m, (g + 1) * m), x[mine]
            made[block, block] += own.T @ (self.diagonal[inside][mine, None] * own)
        return made

    def _scaled(self, influence: Floats, codes: Codes) -> tuple[Floats, Codes]:
        """Return influence values times ``root`` of those in a domain, and who these are."""
        inside = np.flatnonzero(codes >= 0)
        return influence[inside] * self.root[inside, None], inside

    def sums_of_counts(self, codes: Codes, groups: int) -> DomainSums:
        """Return the same of the size of each domain, from counts by design cell."""
        inside, first = codes >= 0, self.cells.first
        place = self.cells.of[inside] * groups + codes[inside]
        count = np.bincount(place, minlength=len(first) * groups)
        there = np.flatnonzero(count)
        n, cell, domain = count[there].astype(float), first[there // groups], there % groups
        x = (n * self.root[cell])[:, None]
        own = _sums(domain, self.diagonal[cell], x * self.root[cell, None], groups)
        return DomainSums(self, own, own, *self._seen(x, cell, domain, groups))

    def sums_of_shares(self, tally: Tally) -> DomainSums:
        """Return the same of the influence values of shares, from counts by design cell.

        A last column is added: the size of the domain, ``1 / sum w`` for all in it.
        """
        size, groups, m = tally.gave.shape
        first = self.cells.first
        with np.errstate(divide="ignore"):
            each = np.where(tally.n > 0, 1.0 / tally.weight, 0.0)
        of_size = (tally.base * each)[:, :, None]
        sums = np.concatenate([tally.influence, of_size], axis=2)
        x = (sums * self.root[first][:, None, None]).reshape(size * groups, m + 1)
        cell, domain = np.repeat(first, groups), np.tile(np.arange(groups), size)
        factor = self.diagonal[first] * self.root[first] ** 2
        squares = np.concatenate([tally.squares, of_size * each[:, None]], axis=2)
        own = np.tensordot(factor, squares, axes=1)
        last = np.tensordot(factor, sums * each[:, None], axes=1)
        return DomainSums(self, own, last, *self._seen(x, cell, domain, groups))

    def _seen(
        self, x: Floats, rows: Codes, group: Codes, groups: int
    ) -> tuple[Floats, Floats, Floats]:
        """Return sums of ``x`` (K, m) by stratum, and what the basis sees of them, by domain.

        ``rows`` are respondents of whom each line of ``x`` is, or is a sum over those like them.
        """
        m = x.shape[1]
        strata = group * self.strata + self.stratum[rows]
        totals = _sums(strata, self.ratio[rows], x, groups * self.strata)
        totals = totals.reshape(groups, self.strata, m)
        seen = moved = np.zeros((groups, 0, m))
        if self.calibration is not None:
            # The basis is made of dummies: sums by level of each margin are all that it sees.
            width = len(self.calibration.turn)
            levels = [group * width + level[rows] for level in self.calibration.levels]
            root, moving = self.root[rows], self.diagonal[rows, None] * x

            def by_level(values: Floats) -> Floats:
                # Each margin has levels of its own.
                made = sum(_sums(level, root, values, groups * width) for level in levels)
                return np.asarray(made).reshape(groups, width, m)

            turn = self.calibration.turn.T
            seen = np.matmul(turn, by_level(x))
            moved = np.matmul(turn, by_level(moving))
            moved -= np.matmul(self.of_strata.T, self.share[:, None] * totals)
        return totals, seen, moved


def _sums(codes: Codes, factors: Floats, values: Floats, size: int) -> Floats:
    """Return (size, m) sums of factors (n,) times values (n, m) by code."""
    return np.stack([np.bincount(codes, factors * column, size) for column in values.T], axis=1)


@dataclass(frozen=True)
class DomainSums:
    """Sums of columns by domain; arrays lead with the domain (G), columns (m) last.

    Attributes
    ----------
    own, last: (G, m) the diagonal's part of each column with itself, and with the last one.
    totals: (G, strata, m); seen, moved: (G, r, m) what the basis sees of the columns.
    """

    form: QuadraticForm
    own: Floats
    last: Floats
    totals: Floats
    seen: Floats
    moved: Floats

    def variances(self) -> Floats:
        """Return (G, m) variances of the columns' sums."""
        taken = np.einsum("h,ghm,ghm->gm", self.form.share, self.totals, self.totals)
        calibrated = np.einsum("grm,grm->gm", self.seen, self.moved)
        inner = np.matmul(self.form.inner, self.seen)
        made = self.own - taken - 2 * calibrated + np.einsum("grm,grm->gm", self.seen, inner)
        # A sum that strata or calibration fix keeps what rounding leaves of its parts.
        return np.where(made < ROUNDING * self.own, 0.0, made)

    def covariances(self) -> Floats:
        """Return (m, G, G): each column with itself, by domain."""
        made = self._between(slice(None), self.own)
        places = np.arange(len(self.own))
        own = made[:, places, places]
        made[:, places, places] = np.where(own < ROUNDING * self.own.T, 0.0, own)
        return made

    def with_last(self) -> Floats:
        """Return (m, G, G): each column with the last one, by domain."""
        return self._between(slice(-1, None), self.last)

    def _between(self, use: slice, within: Floats) -> Floats:
        """Return (m, G, G): each column with itself or the one used; ``within`` on the diagonal."""
        totals = self.totals[:, :, use]
        seen, moved = self.seen[:, :, use], self.moved[:, :, use]
        made = -np.matmul(
            (self.totals * self.form.share[:, None]).transpose(2, 0, 1),
            totals.transpose(2, 1, 0),
        )
        made -= np.matmul(self.seen.transpose(2, 0, 1), moved.transpose(2, 1, 0))
        made -= np.matmul(self.moved.transpose(2, 0, 1), seen.transpose(2, 1, 0))
        inner = np.matmul(self.form.inner, seen.transpose(2, 1, 0))
        made += np.matmul(self.seen.transpose(2, 0, 1), inner)
        places = np.arange(len(within))
        made[:, places, places] += within.T
        return made
