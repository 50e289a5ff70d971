"""Raking and post-stratification to known totals, and what they do to the variance."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError, nearest

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Margins = Mapping[Any, Mapping[Any, float]]


@dataclass(frozen=True)
class Margin:
    """One calibration margin: the level code of each respondent and the level totals."""

    name: str
    codes: Codes
    levels: tuple[Hashable, ...]
    totals: Floats


@dataclass(frozen=True)
class Calibration:
    """Base weights, calibrated weights and the space that calibration has explained.

    ``basis`` is an orthonormal basis (n, r) of the calibration dummies times the root of the base
    weights.
    """

    base: Floats
    weights: Floats
    basis: Floats = field(repr=False)

    def residuals(self, weighted: Floats) -> Floats:
        """Replace weighted influence values by residuals of the base-weighted regression times g.

        Deville & Saerndal 1992, eq. 3.4: the calibrated estimator has, to first order, the
        variance of ``sum w g (z - x'B)``; R ``calibrate`` does the same, R ``rake`` does not.
        """
        root = np.sqrt(self.base)[:, None]
        ratio = (self.weights[:, None]) / root
        scaled = weighted / ratio
        return (scaled - self.basis @ (self.basis.T @ scaled)) * ratio


def margin(frame: pd.DataFrame, name: str | tuple[str, ...], totals: Mapping) -> Margin:
    """Hold a margin of the population against the sample.

    Parameters
    ----------
    frame: respondents.
    name: a variable, or a tuple of variables whose crossing is the margin; the levels of a crossed
        margin are tuples.
    totals: population total of each level.

    Raises
    ------
    InputError: unknown variable, missing value, a level that the population or the sample lacks,
        a total that is not positive.
    """
    names = (name,) if isinstance(name, str) else tuple(name)
    label = " x ".join(names)
    for variable in names:
        if variable not in frame:
            raise InputError(
                "the margin is not a variable", value=variable, mend=nearest(variable, frame)
            )
        if frame[variable].isna().any():
            raise InputError(
                f"{int(frame[variable].isna().sum())} respondents have no value of a margin",
                column=variable,
                mend="complete them from the sample file or leave the margin out",
            )
    if len(names) == 1:
        levels_of_rows = frame[names[0]].astype(object).to_numpy()
    else:
        levels_of_rows = np.empty(len(frame), dtype=object)
        levels_of_rows[:] = list(zip(*(frame[v].astype(object) for v in names), strict=True))
    for level, total in totals.items():
        if not (np.isfinite(total) and total >= 0):
            raise InputError(
                "a margin total is missing or negative",
                column=label,
                value=f"{level}: {total}",
                mend="take the count from the register",
            )
    # A level that nobody of the population has and nobody of the sample needs no weight.
    present = set(levels_of_rows)
    totals = {k: float(v) for k, v in totals.items() if v > 0 or k in present}
    known = {level: code for code, level in enumerate(totals)}
    strange = sorted({str(v) for v in levels_of_rows if v not in known})
    if strange:
        raise InputError(
            "a level of the sample has no total in the population",
            column=label,
            value=strange[0],
            mend="add its total to the margin or recode it",
        )
    codes = np.array([known[v] for v in levels_of_rows], dtype=np.int64)
    counts = np.bincount(codes, minlength=len(known))
    absent = [str(level) for level, code in known.items() if counts[code] == 0]
    if absent:
        raise InputError(
            "a level of the population has no respondent",
            column=label,
            value=absent[0],
            mend="merge it with a like level in the margin",
        )
    values = np.array(list(totals.values()))
    if not (values > 0).all():
        raise InputError(
            "the sample has a level that nobody of the population has",
            column=label,
            value=list(known)[int(np.argmin(values))],
            mend="correct the total or the answers",
        )
    return Margin(label, codes, tuple(known), values)


def rake(
    base: Floats, margins: list[Margin], tolerance: float = 1e-12, sweeps: int = 5000
) -> Floats:
    """Rake weights to margins by iterative proportional fitting (Deming & Stephan 1940).

    Returns the calibrated weights; all margins hold to ``tolerance`` (relative).

    Raises
    ------
    InputError: the margins have different grand totals, or the sweeps do not converge.
    """
    sums = {m.name: m.totals.sum() for m in margins}
    if max(sums.values()) - min(sums.values()) > 1e-6 * max(sums.values()):
        said = ", ".join(f"{name}: {total:.10g}" for name, total in sums.items())
        raise InputError(
            f"the margins have different grand totals ({said})",
            mend="take all margins from one edition of the register",
        )
    weights = base.copy()
    for _ in range(sweeps):
        worst = 0.0
        for m in margins:
            current = np.bincount(m.codes, weights, minlength=len(m.totals))
            worst = max(worst, float(np.abs(current / m.totals - 1.0).max()))
            weights = weights * (m.totals / current)[m.codes]
        if worst < tolerance or len(margins) == 1:
            return weights
    raise InputError(
        f"raking does not converge after {sweeps} sweeps (worst margin off by {worst:.2g})",
        mend="merge thin levels of the margins",
    )


def calibrate(base: Floats, margins: list[Margin]) -> Calibration:
    """Rake and keep what the variance needs (see :class:`Calibration`)."""
    weights = rake(base, margins)
    dummies = (
        np.concatenate([np.eye(len(m.totals))[m.codes] for m in margins], axis=1)
        * np.sqrt(base)[:, None]
    )
    left, singular, _ = np.linalg.svd(dummies, full_matrices=False)
    rank = int((singular > singular[0] * 1e-10).sum())
    return Calibration(base, weights, left[:, :rank])
