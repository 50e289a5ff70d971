"""Bounds of hidden cells that follow from one equation at a time.

In an equation the smallest and largest values of all other terms bound the one that is left; what
it gives, the next equation uses (Savelsbergh 1994, ORSA J. Comput. 6, 445-454, sec. 1.1). No
linear programme is solved: whatever fits all equations lies inside, though not every value inside
fits. A cell whose bounds are too close is exposed for certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

#: Bounds hardly move after as many passes over all equations.
PASSES = 10
#: What moves by less has not moved.
STILL = 1e-7


def outer(matrix: sparse.csr_matrix, right: Floats, lower: Floats) -> tuple[Floats, Floats]:
    """Return lowest and highest values of ``x`` with ``matrix @ x == right`` and ``x >= lower``.

    Every row of ``matrix`` has an entry. The bounds are outer ones.
    """
    low, high = lower.astype(float), np.full(matrix.shape[1], np.inf)
    factor, cell, starts = matrix.data, matrix.indices, matrix.indptr[:-1]
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    up = factor > 0
    for _ in range(PASSES if len(factor) else 0):
        at_least = factor * np.where(up, low[cell], high[cell])
        at_most = factor * np.where(up, high[cell], low[cell])
        most = (right[row] - _others(at_least, row, starts, -np.inf)) / factor
        least = (right[row] - _others(at_most, row, starts, np.inf)) / factor
        before = low.copy(), high.copy()
        np.maximum.at(low, cell, np.where(up, least, most))
        np.minimum.at(high, cell, np.where(up, most, least))
        with np.errstate(invalid="ignore"):  # what had no bound may still have none
            moved = (low - before[0] > STILL) | (before[1] - high > STILL)
        if not moved.any():
            break
    return low, high


def _others(term: Floats, row: np.ndarray, starts: np.ndarray, endless: float) -> Floats:
    """Return of each term the sum of the others in its row; ``endless`` when one of them is."""
    without = np.isinf(term)
    finite = np.where(without, 0.0, term)
    number = np.add.reduceat(without.astype(np.int64), starts)[row] - without
    sums = np.add.reduceat(finite, starts)[row] - finite
    return np.where(number > 0, endless, sums)
