"""Do two coders mean the same: Krippendorff's alpha with bootstrap limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Metric = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class Alpha:
    """Agreement beyond chance: 1 is perfect, 0 is what chance gives.

    Attributes
    ----------
    units: units that two coders or more judged.
    """

    value: float
    low: float
    high: float
    units: int


def krippendorff_alpha(
    ratings: NDArray[np.object_],
    metric: Metric = "nominal",
    draws: int = 2000,
    rng: np.random.Generator | None = None,
) -> Alpha:
    """Return Krippendorff's alpha with 95 % limits.

    ``alpha = 1 - D_o / D_e`` from the matrix of coincidences (Krippendorff 2011, "Computing
    Krippendorff's alpha-reliability", eq. 1-4; Hayes & Krippendorff 2007, Commun. Methods Meas. 1,
    77-89). Limits are percentiles of alpha over resampled units.

    Parameters
    ----------
    ratings: (coders, units); missing as None or NaN. For other metrics than ``nominal`` numbers.
    draws: bootstrap samples; limits are NaN with 0 draws or no ``rng``.

    Returns
    -------
    :class:`Alpha`; NaN where nobody coded twice, 1 where there is one value alone and no
    disagreement is possible.
    """
    table = pd.DataFrame(ratings)
    values = sorted(pd.unique(table.stack().dropna()), key=lambda v: (str(type(v)), v))
    counts = np.stack([(table == v).sum(axis=0).to_numpy() for v in values], axis=1)
    counts = counts[counts.sum(axis=1) >= 2].astype(float)
    if not len(counts):
        return Alpha(np.nan, np.nan, np.nan, 0)
    value = _alpha(counts, values, metric)
    low = high = np.nan
    if rng is not None and draws:
        picks = rng.integers(0, len(counts), (draws, len(counts)))
        drawn = np.array([_alpha(counts[p], values, metric) for p in picks])
        low, high = np.quantile(drawn[np.isfinite(drawn)], [0.025, 0.975])
    return Alpha(value, float(low), float(high), len(counts))


def _alpha(counts: NDArray[np.float64], values: list[object], metric: Metric) -> float:
    sizes = counts.sum(axis=1)
    weighted = counts / (sizes - 1)[:, None]
    coincidences = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    margins = coincidences.sum(axis=1)
    total = margins.sum()
    distance = _distance(margins, values, metric)
    expected = float((np.outer(margins, margins) * distance).sum() / (total - 1))
    if expected == 0:
        return 1.0
    return 1.0 - float((coincidences * distance).sum()) / expected


def _distance(
    margins: NDArray[np.float64], values: list[object], metric: Metric
) -> NDArray[np.float64]:
    k = len(values)
    if metric == "nominal":
        return 1.0 - np.eye(k)
    if metric == "ordinal":
        below = np.concatenate([[0.0], np.cumsum(margins)])
        gap = np.zeros((k, k))
        for a in range(k):
            for b in range(a + 1, k):
                between = below[b + 1] - below[a] - (margins[a] + margins[b]) / 2
                gap[a, b] = gap[b, a] = between**2
        return gap
    numbers = np.array(values, dtype=float)
    apart = np.subtract.outer(numbers, numbers)
    if metric == "interval":
        return apart**2
    around = np.add.outer(numbers, numbers)
    return np.divide(apart, around, out=np.zeros_like(apart), where=around != 0) ** 2
