"""Parts of a whole as coordinates: a funding mix is one thing, not nine free shares."""

from __future__ import annotations

import numpy as np

from ngo_survey.statistics.models.likelihood import Floats


def closed(parts: Floats) -> Floats:
    """Return parts as shares of their sum, row by row (Aitchison 1986, closure)."""
    return parts / parts.sum(axis=1, keepdims=True)


def without_zeros(shares: Floats, zero: float) -> Floats:
    """Replace zeros by ``zero`` and shrink the rest in proportion, so that all adds up to 1.

    Multiplicative replacement (Martin-Fernandez, Barcelo-Vidal & Pawlowsky-Glahn 2003, eq. 3):
    ratios of the parts that are there stay what they were.
    """
    empty = shares <= 0
    rest = 1.0 - zero * empty.sum(axis=1, keepdims=True)
    return np.where(empty, zero, shares * rest)


def pivot_basis(parts: int) -> Floats:
    """Return (D, D - 1): centred log-ratios to pivot coordinates, orthonormal columns.

    Column j holds part j against the geometric mean of those after it (Egozcue et al. 2003;
    Hron, Filzmoser & Thompson 2012, eq. 3).
    """
    basis = np.zeros((parts, parts - 1))
    for j in range(parts - 1):
        after = parts - j - 1
        basis[j, j] = np.sqrt(after / (after + 1))
        basis[j + 1 :, j] = -1.0 / np.sqrt(after * (after + 1))
    return basis


def ilr(shares: Floats) -> Floats:
    """Return (n, D - 1) pivot coordinates of shares without zeros."""
    return np.log(shares) @ pivot_basis(shares.shape[1])


def ilr_inverse(coordinates: Floats) -> Floats:
    """Return the shares of pivot coordinates."""
    logs = coordinates @ pivot_basis(coordinates.shape[1] + 1).T
    return closed(np.exp(logs - logs.max(axis=1, keepdims=True)))


def diversity(parts: Floats) -> Floats:
    """Return ``1 - sum p^2`` of each row (Simpson 1949)."""
    return 1.0 - (closed(parts) ** 2).sum(axis=1)
