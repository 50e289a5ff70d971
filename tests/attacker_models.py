"""Somebody who knows the bases of a table, and reads its hidden shares in a model of one term."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def read_levels(made: Mapping[str, pd.DataFrame], levels: list[str]) -> set[str]:
    """Return the levels whose share of the event follows from what a model prints.

    Every printed figure is taken for exact: a prediction is a share; an effect, a contrast and a
    coefficient carry it from one level to another; the intercept is the reference; and all but one
    with the total give the last.
    """
    reference = levels[0]
    told = {row.level for row in _printed(made["predictions"])}
    pairs = [(row.level, reference) for row in _printed(made["effects"])]
    pairs += [(row.level, row.against) for row in _printed(made["contrasts"])]
    for row in _printed(made["coefficients"]):
        if row.term == "(intercept)":
            told.add(reference)
        else:
            pairs.append((row.term.partition("=")[2], reference))
    for _ in levels:
        for one, other in pairs:
            if {one, other} & told:
                told |= {one, other}
        if len(set(levels) - told) == 1:
            told = set(levels)
    return told


def _printed(frame: pd.DataFrame) -> list:
    return list(frame[frame["estimate"].notna()].itertuples())


def width(gave: pd.Series, n: pd.Series, told: set[str], level: str) -> int:
    """Return how many counts of a level fit: its own is known, or what is left of the total."""
    if level in told:
        return 0
    open_ = [name for name in n.index if name not in told]
    left = int(gave[open_].sum())
    most = min(int(n[level]), left)
    return most - max(0, left - int(n[open_].sum() - n[level]))


def counts(frame: pd.DataFrame, by: str, event: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """Return how many of each level have the event, and how many there are."""
    grouped = pd.Series(event, index=frame.index).groupby(frame[by])
    return grouped.sum(), grouped.size()
