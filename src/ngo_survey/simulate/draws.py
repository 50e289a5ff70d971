"""Random draws built on uniform numbers alone, so that they are the same on every version of numpy.

``Generator.random`` has a fixed stream; ``choice``, ``normal`` and the like may change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def logit(p: ArrayLike) -> Floats:
    """Return log-odds; 0 and 1 become very unlikely and very likely."""
    bounded = np.clip(np.asarray(p, dtype=float), 1e-6, 1 - 1e-6)
    return np.log(bounded / (1 - bounded))


def expit(x: ArrayLike) -> Floats:
    """Return the probability of log-odds."""
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=float)))


def logistic(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Floats:
    """Draw from the standard logistic distribution."""
    return logit(rng.random(shape))


def scaled_logistic(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Floats:
    """Draw from a bell of mean 0 and variance 1 (a scaled logistic)."""
    return logistic(rng, shape) * np.sqrt(3.0) / np.pi


def categories(rng: np.random.Generator, weights: Floats) -> Codes:
    """Draw one category a row from (n, k) unnormalised weights."""
    cumulative = np.cumsum(weights, axis=1)
    u = rng.random(len(weights)) * cumulative[:, -1]
    return (u[:, None] >= cumulative[:, :-1]).sum(axis=1)


def allocate(shares: Floats, total: int, minimum: int | Codes = 0) -> Codes:
    """Allocate ``total`` to shares in whole numbers, by largest remainders."""
    floor = np.broadcast_to(np.asarray(minimum, dtype=np.int64), shares.shape).copy()
    exact = shares / shares.sum() * total
    fixed = exact < floor
    while True:
        free = ~fixed
        left = total - floor[fixed].sum()
        exact[free] = shares[free] / shares[free].sum() * left
        again = free & (exact < floor)
        if not again.any():
            break
        fixed |= again
    whole = np.where(fixed, floor, np.floor(exact)).astype(np.int64)
    remainder = np.where(fixed, -1.0, exact - whole)
    # Rounded so that equal remainders stay equal on every processor; ties go to the earlier.
    order = np.argsort(-np.round(remainder, 9), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole
