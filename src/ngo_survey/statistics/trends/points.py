"""Which figures of a series a projection may stand on: one a year, no gap, no contradiction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: A source that gives a bound gives no point: a fan around it would be about something else.
BOUNDS = frozenset({"more than", "less than", "nearly", "up to"})


@dataclass(frozen=True)
class Run:
    """The last unbroken run of yearly figures.

    Attributes
    ----------
    first: its first year.
    values: one figure a year, (n,).
    broken: what keeps other years out, in words.
    """

    first: int
    values: NDArray[np.float64]
    broken: str

    @property
    def years(self) -> list[int]:
        """Years of the figures."""
        return [self.first + step for step in range(len(self.values))]

    @property
    def last(self) -> int:
        """Last year of the run."""
        return self.first + len(self.values) - 1


def last_run(series: pd.DataFrame) -> Run:
    """Return the last unbroken run of usable years of a series (``year, value, qualifier``).

    A year is usable when its sources give a figure, not a bound, and give the same one.
    """
    usable, reasons = _usable(series)
    if not usable:
        return Run(0, np.array([]), "; ".join(reasons))
    years = sorted(usable)
    start = len(years) - 1
    while start > 0 and years[start - 1] == years[start] - 1:
        start -= 1
    missing = [y for y in range(min(years), max(years)) if y not in set(series["year"].astype(int))]
    if missing:
        reasons.append(f"no figure for {_listed(missing)}")
    run = years[start:]
    return Run(run[0], np.array([usable[y] for y in run]), "; ".join(reasons))


def _usable(series: pd.DataFrame) -> tuple[dict[int, float], list[str]]:
    """Return the figure of each usable year, and why other years have none."""
    qualifier = series["qualifier"].fillna("") if "qualifier" in series else ""
    rows = series.assign(year=series["year"].astype(int), qualifier=qualifier)
    points: dict[int, float] = {}
    bounds: list[int] = []
    contradictions: list[int] = []
    for year, given in rows.groupby("year"):
        values = given.loc[~given["qualifier"].isin(BOUNDS), "value"].unique()
        if len(values) == 1:
            points[int(str(year))] = float(values[0])
        else:
            (bounds if len(values) == 0 else contradictions).append(int(str(year)))
    reasons = []
    if bounds:
        reasons.append(f"a bound alone for {_listed(bounds)}")
    if contradictions:
        reasons.append(f"sources contradict each other for {_listed(contradictions)}")
    return points, reasons


def _listed(years: list[int]) -> str:
    return ", ".join(map(str, years))
