"""Calibration to known totals (raking, linear, logit), and what it does to the variance."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError, nearest

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Margins = Mapping[Any, Mapping[Any, float]]
Method = Literal["raking", "linear", "logit"]
#: Totals read from a file agree with each other to about this part of them.
ROUNDED = 1e-8
#: The ratio of calibrated to base weight as a function of x'lambda, and its derivative.
Ratio = Callable[[Floats], tuple[Floats, Floats]]


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
    weights: ``levels`` holds the place of each respondent's level among the columns of all dummies,
    one array a margin, and ``turn`` (columns, r) makes the basis of them. ``error`` is the worst
    relative error of a margin; ``names`` are those of the margins.
    """

    base: Floats
    weights: Floats
    basis: Floats = field(repr=False)
    levels: tuple[Codes, ...] = field(repr=False)
    turn: Floats = field(repr=False)
    method: str = "raking"
    iterations: int = 0
    error: float = 0.0
    bounds: tuple[float, float] | None = None
    names: tuple[str, ...] = ()

    def report(self) -> dict[str, float | str | int]:
        """Return what a reader must know of it: method, worst margin, ratios g, who is at a bound.

        ``iterations`` are Newton's; raking by proportional fitting counts none.
        """
        g = self.weights / self.base
        low, high = self.bounds or (-np.inf, np.inf)
        at = int((np.isclose(g, low) | np.isclose(g, high)).sum())
        return {
            "method": self.method,
            "iterations": self.iterations,
            "worst_margin": self.error,
            "g_min": float(g.min()),
            "g_max": float(g.max()),
            "at_bounds": at,
        }

    def residuals(self, weighted: Floats) -> Floats:
        """Replace weighted influence values by residuals of the base-weighted regression times g.

        Deville & Saerndal 1992, eq. 3.4: the calibrated estimator has, to first order, the
        variance of ``sum w g (z - x'B)``; R ``calibrate`` does the same, R ``rake`` does not.
        """
        root = np.sqrt(self.base)[:, None]
        # A replicate may give a respondent no weight at all.
        there = root > 0
        ratio = np.divide(self.weights[:, None], root, out=np.zeros_like(root), where=there)
        scaled = np.divide(weighted, ratio, out=np.zeros_like(weighted), where=there)
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
                "the margin is not a variable", value=variable, hint=nearest(variable, frame)
            )
        if frame[variable].isna().any():
            raise InputError(
                f"{int(frame[variable].isna().sum())} respondents have no value of a margin",
                column=variable,
                hint="complete them from the sample file or leave the margin out",
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
                hint="take the count from the register",
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
            hint="add its total to the margin or recode it",
        )
    codes = np.array([known[v] for v in levels_of_rows], dtype=np.int64)
    counts = np.bincount(codes, minlength=len(known))
    absent = [str(level) for level, code in known.items() if counts[code] == 0]
    if absent:
        raise InputError(
            "a level of the population has no respondent",
            column=label,
            value=absent[0],
            hint="merge it with a like level in the margin",
        )
    values = np.array(list(totals.values()))
    if not (values > 0).all():
        raise InputError(
            "the sample has a level that nobody of the population has",
            column=label,
            value=list(known)[int(np.argmin(values))],
            hint="correct the total or the answers",
        )
    return Margin(label, codes, tuple(known), values)


def rake(
    base: Floats, margins: list[Margin], tolerance: float = 1e-12, sweeps: int = 5000
) -> Floats:
    """Rake weights to margins by iterative proportional fitting (Deming & Stephan 1940).

    Returns the calibrated weights; all margins hold to ``tolerance`` (relative), or as well as
    totals that were rounded, and so contradict each other in their last digits, let them.

    Raises
    ------
    InputError: the margins have different grand totals, or the sweeps do not converge.
    """
    _same_totals(margins)
    weights = base.copy()
    best, stalled = np.inf, 0
    for _ in range(sweeps):
        worst = 0.0
        for m in margins:
            current = np.bincount(m.codes, weights, minlength=len(m.totals))
            worst = max(worst, float(np.abs(current / m.totals - 1.0).max()))
            weights = weights * (m.totals / current)[m.codes]
        # Held against the best so far: of many respondents the last digits go up and down.
        stalled = stalled + 1 if worst > best * (1 - 1e-6) else 0
        if worst < tolerance or len(margins) == 1 or (worst < ROUNDED and stalled > 2):
            return weights
        best = min(best, worst)
    raise InputError(
        f"raking does not converge after {sweeps} sweeps (worst margin off by {worst:.2g})",
        hint="merge thin levels of the margins",
    )


def calibrate(
    base: Floats,
    margins: list[Margin],
    method: Method = "raking",
    bounds: tuple[float, float] | None = None,
) -> Calibration:
    """Calibrate and keep what the variance needs (see :class:`Calibration`).

    Parameters
    ----------
    method: the distance of calibrated from base weights (Deville & Saerndal 1992, table 1):
        ``raking`` (weights stay positive), ``linear`` (the generalised regression estimator),
        ``logit`` (ratios stay within ``bounds`` by its own shape).
    bounds: least and largest ratio of a calibrated to its base weight. For ``raking`` and
        ``linear`` ratios are cut off there, as R ``calibrate(bounds = )``.

    Raises
    ------
    InputError: as :func:`rake`; bounds that do not enclose 1, a logit without bounds; margins that
        no weights within the bounds meet.
    """
    dummies = np.concatenate([np.eye(len(m.totals))[m.codes] for m in margins], axis=1)
    if method == "raking" and bounds is None:
        weights, iterations = rake(base, margins), 0
    else:
        ratio = distance(method, bounds)
        _same_totals(margins)
        totals = np.concatenate([m.totals for m in margins])
        weights, iterations = _solve(base, dummies, totals, ratio)
    error = max(
        float(np.abs(np.bincount(m.codes, weights, len(m.totals)) / m.totals - 1).max())
        for m in margins
    )
    left, singular, right = np.linalg.svd(dummies * np.sqrt(base)[:, None], full_matrices=False)
    rank = int((singular > singular[0] * 1e-10).sum())
    turn = right[:rank].T / singular[:rank]
    starts = np.cumsum([0, *(len(m.totals) for m in margins)])
    levels = tuple(m.codes + start for m, start in zip(margins, starts, strict=False))
    names = tuple(m.name for m in margins)
    return Calibration(
        base, weights, left[:, :rank], levels, turn, method, iterations, error, bounds, names
    )


def distance(method: Method, bounds: tuple[float, float] | None) -> Ratio:
    """Return the ratio g(u) and its derivative for a distance (Deville & Saerndal 1992, sec. 2)."""
    if bounds is not None and not 0 <= bounds[0] < 1 < bounds[1]:
        raise InputError(
            "bounds of a calibration must enclose 1",
            value=f"{bounds[0]:g} to {bounds[1]:g}",
            hint="e.g. 0.3 to 3",
        )
    if method == "logit":
        if bounds is None or not np.isfinite(bounds[1]):
            raise InputError("a logit calibration needs bounds", hint="e.g. bounds=(0.3, 3)")
        from scipy import special

        low, high = bounds
        slope = (high - low) / ((1 - low) * (high - 1))

        def logit(u: Floats) -> tuple[Floats, Floats]:
            share = special.expit(slope * u + np.log((1 - low) / (high - 1)))
            return low + (high - low) * share, (high - low) * slope * share * (1 - share)

        return logit
    if method not in ("raking", "linear"):
        raise InputError("no such calibration", value=method, hint="raking, linear or logit")
    low, high = bounds or (-np.inf, np.inf)

    def cut(u: Floats) -> tuple[Floats, Floats]:
        free, change = (np.exp(u), np.exp(u)) if method == "raking" else (1 + u, np.ones_like(u))
        return np.clip(free, low, high), np.where((free > low) & (free < high), change, 0.0)

    return cut


def _solve(
    base: Floats, dummies: Floats, totals: Floats, ratio: Ratio, most: int = 200
) -> tuple[Floats, int]:
    """Solve the calibration equations by Newton's method with halved steps."""

    def missed(at: Floats) -> tuple[Floats, Floats, Floats]:
        g, change = ratio(dummies @ at)
        return totals - dummies.T @ (base * g), g, change

    place = np.zeros(dummies.shape[1])
    short, g, change = missed(place)
    for iteration in range(most):
        worst = float(np.abs(short / totals).max())
        if worst < 1e-12:
            return base * g, iteration
        slope = dummies.T @ (dummies * (base * change)[:, None])
        # Margins overlap in their grand total: the shortest of all steps that solve it.
        step = np.linalg.lstsq(slope, short, rcond=1e-10)[0]
        for _ in range(30):
            tried = missed(place + step)
            if np.abs(tried[0] / totals).max() < worst:
                break
            step = step / 2
        else:
            if worst < 1e-9:
                return base * g, iteration
            break
        place, (short, g, change) = place + step, tried
    raise InputError(
        f"no weights within the bounds meet the margins (worst margin off by {worst:.2g})",
        hint="widen the bounds or merge thin levels of the margins",
    )


def _same_totals(margins: list[Margin]) -> None:
    sums = {m.name: m.totals.sum() for m in margins}
    if max(sums.values()) - min(sums.values()) > 1e-6 * max(sums.values()):
        said = ", ".join(f"{name}: {total:.10g}" for name, total in sums.items())
        raise InputError(
            f"the margins have different grand totals ({said})",
            hint="take all margins from one edition of the register",
        )
