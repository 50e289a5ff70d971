"""Donors: respondents who lend their answer to one who gave none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def closest(
    fitted: Floats, wanted: Floats, spread: Floats, donors: int, rng: np.random.Generator
) -> Codes:
    """Return for each row of ``wanted`` the place in ``fitted`` of one of its closest donors.

    Distances are Mahalanobis' in the residual covariance ``spread`` (Little 1988, eq. 4.1); one of
    the ``donors`` nearest is drawn (Heitjan & Little 1991). ``wanted`` holds drawn means,
    ``fitted`` those of the mode: type 1 matching (van Buuren 2018, sec. 3.4.2).
    """
    values, vectors = np.linalg.eigh(spread)
    kept = values > 1e-8 * max(float(values.max()), 1e-300)
    if not kept.any():  # everybody said the same
        return rng.integers(0, len(fitted), len(wanted))
    whiten = vectors[:, kept] / np.sqrt(values[kept])
    ours, theirs = wanted @ whiten, fitted @ whiten
    take = min(donors, len(fitted))
    made = np.empty(len(wanted), dtype=np.int64)
    picked, chance = rng.integers(0, take, len(wanted)), rng.random(len(wanted))
    for row, (point, near) in enumerate(zip(ours, _around(theirs, ours, take), strict=True)):
        # Rounded, so that donors equally far are so on every processor.
        distance = np.round(((theirs[near] - point) ** 2).sum(axis=1), 9)
        last = np.partition(distance, take - 1)[take - 1]
        nearer, as_far = near[distance < last], near[distance == last]
        # Among those equally far chance decides, not their order in the file: where predictors are
        # few, whole groups are.
        made[row] = (
            nearer[picked[row]]
            if picked[row] < len(nearer)
            else as_far[int(chance[row] * len(as_far))]
        )
    return made


def _around(theirs: Floats, ours: Floats, take: int) -> Iterator[Codes]:
    """Yield for each point the places of all that may be among its ``take`` nearest, in order.

    A k-d tree finds how far the last of them is; whoever is as far, but for rounding, is there.
    """
    tree = cKDTree(theirs)
    radius = tree.query(ours, k=[take])[0][:, 0]
    radius = np.sqrt(radius**2 + 4e-9)
    for point, far in zip(ours, radius, strict=True):
        yield np.array(tree.query_ball_point(point, far, return_sorted=True), dtype=np.int64)


def share_out(given: Floats, lent: Floats, total: float) -> Floats:
    """Return compositions that keep what was ``given`` and divide the rest as the donor does.

    Rows of ``given`` hold NaN for the parts to fill; a donor who has nothing there divides evenly.
    Each row adds up to ``total`` exactly unless what was given exceeds it.
    """
    holes = np.isnan(given)
    whole = holes.all(axis=1)
    left = np.maximum(total - np.where(holes, 0.0, given).sum(axis=1), 0.0)
    weight = np.where(holes, lent, 0.0)
    nothing = weight.sum(axis=1) <= 0
    weight[nothing] = holes[nothing].astype(float)
    filled = weight / weight.sum(axis=1, keepdims=True) * left[:, None]
    made = np.where(holes, filled, given)
    made[whole] = lent[whole]
    return made
