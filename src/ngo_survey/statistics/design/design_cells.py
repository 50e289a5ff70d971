"""Counts of answers by design cell: all that shares and their variances need of respondents.

A weight is made by cells: a base weight and nonresponse by stratum, raking by levels of margins. So
the respondents of one stratum, one level of each margin and one weight are alike to every variance,
and counts of them by domain and answer hold what the variance of a share is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class DesignCells:
    """Respondents whom a design cannot tell apart.

    Attributes
    ----------
    of: (n,) the cell of each respondent, 0..Z-1.
    first: (Z,) a respondent of each cell.
    """

    of: Codes
    first: Codes

    @classmethod
    def make(cls, codes: Sequence[Codes], numbers: Sequence[Floats]) -> DesignCells:
        """Return the cells of (n,) codes and of (n,) numbers that are equal to the last bit."""
        place = np.zeros(len(codes[0]), dtype=np.int64)
        for code in (*codes, *(np.unique(part, return_inverse=True)[1] for part in numbers)):
            # Made dense again each time, so that a product of many levels never overflows.
            place = np.unique(place * (int(code.max()) + 1) + code, return_inverse=True)[1]
        return cls(place, np.unique(place, return_index=True)[1])

    def tally(self, weights: Floats, chosen: ArrayLike, codes: Codes, groups: int) -> Tally:
        """Count who is in each domain and who gave each answer there.

        Parameters
        ----------
        weights: (n,) the weight of each respondent, the same for all of a cell.
        chosen: (n, m) 0/1 columns; rows outside every domain are never looked at.
        codes: (n,) domain of each respondent, -1 for none.
        """
        columns, inside = np.asarray(chosen), codes >= 0
        size, shape = len(self.first), (len(self.first), groups)
        cell = self.of * groups + codes
        base = np.bincount(cell[inside], minlength=size * groups)
        gave = [
            np.bincount(cell[inside & (column != 0)], minlength=size * groups).reshape(shape)
            for column in columns.T
        ]
        return Tally(weights[self.first], base.reshape(shape), np.stack(gave, axis=2))


@dataclass(frozen=True)
class Tally:
    """Respondents by design cell (Z), domain (G) and answer (m).

    Attributes
    ----------
    weights: (Z,) of each respondent of a cell.
    base: (Z, G) respondents in each domain.
    gave: (Z, G, m) those of them who gave each answer.
    """

    weights: Floats
    base: Codes
    gave: Codes

    @cached_property
    def n(self) -> Codes:
        """Respondents in each domain, (G,)."""
        return np.asarray(self.base.sum(axis=0))

    @cached_property
    def count(self) -> Codes:
        """Respondents who gave each answer, (G, m)."""
        return np.asarray(self.gave.sum(axis=0))

    @cached_property
    def weight(self) -> Floats:
        """Sum of weights of each domain, (G,)."""
        return np.asarray(self.weights @ self.base)

    @cached_property
    def weighted(self) -> Floats:
        """Sum of weights of those who gave each answer, (G, m)."""
        return np.asarray(np.tensordot(self.weights, self.gave, axes=1))

    @cached_property
    def shares(self) -> Floats:
        """Weighted share of each answer, (G, m); NaN in a domain with nobody in it."""
        with np.errstate(invalid="ignore", divide="ignore"):
            made = self.weighted / self.weight[:, None]
        # All or none to the last bit: sums in another order leave 1 - 1e-16.
        made[self.count == self.n[:, None]] = 1.0
        made[self.count == 0] = 0.0
        made[self.n == 0] = np.nan
        return made

    @cached_property
    def influence(self) -> Floats:
        """Sums of the shares' influence values ``(y - p) / sum w`` by cell, (Z, G, m)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            made = (self.gave - self.base[:, :, None] * self.shares) / self.weight[:, None]
        return np.nan_to_num(made, posinf=0.0, neginf=0.0)

    @cached_property
    def squares(self) -> Floats:
        """Sums of squares of the influence values by cell, (Z, G, m)."""
        p = self.shares
        gave, others = self.gave, self.base[:, :, None] - self.gave
        with np.errstate(invalid="ignore", divide="ignore"):
            made = (gave * (1 - p) ** 2 + others * p**2) / self.weight[:, None] ** 2
        return np.nan_to_num(made, posinf=0.0, neginf=0.0)
