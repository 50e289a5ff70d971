"""Estimates as dots with their limits, of any frame of results; no study is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Columns of an estimate, in one unit.
MEASURES = ("estimate", "se", "ci_low", "ci_high")
#: Height of a row, in inches.
ROW = 0.3
#: Numbers of a result that name no row.
FIGURES = {"n", "count", "missing", "df", "deff", "flag", "statistic", "p", *MEASURES}


def plot(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw one dot a row at its estimate, from limit to limit, in the order of the frame.

    Rows are named by the columns that tell them apart. Where limits lie on both sides of zero,
    zero is drawn. What has no estimate has a name and no dot.

    Parameters
    ----------
    frame: at least the columns ``estimate``, ``ci_low``, ``ci_high``.
    ax: where to draw; by default a figure of its own, as high as the rows need.

    Raises
    ------
    InputError: no rows, or no such columns.
    """
    import matplotlib.pyplot as plt

    absent = [name for name in ("estimate", "ci_low", "ci_high") if name not in frame]
    if absent:
        raise InputError(
            "nothing to draw: a column is absent", column=absent[0], hint="draw estimates"
        )
    if frame.empty:
        raise InputError("nothing to draw: no rows")
    if ax is None:
        size = (7.0, 1.0 + ROW * len(frame))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    place = np.arange(len(frame))
    middle, low, high = (frame[c].to_numpy(dtype=float) for c in ("estimate", "ci_low", "ci_high"))
    ax.hlines(place, low, high, colors="C0", linewidth=2, alpha=0.6)
    ax.plot(middle, place, "o", color="C0")
    if np.nanmin(low, initial=np.inf) < 0 < np.nanmax(high, initial=-np.inf):
        ax.axvline(0.0, color="0.6", linewidth=1, zorder=0)
    ax.set_yticks(place, row_names(frame))
    ax.set_ylim(len(frame) - 0.5, -0.5)
    ax.set_xlabel(str(getattr(frame, "attrs", {}).get("title", "estimate")), wrap=True)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def row_names(frame: pd.DataFrame) -> list[str]:
    """Return a name for each row: of the columns that hold no figures those that differ."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    # The name of a term holds its variable and level.
    less = {"variable", "level"} if "term" in frame else set()
    named = [name for name in frame if name not in FIGURES | less]
    told = [name for name in named if frame[name].astype(str).nunique() > 1] or named[:1]
    return [
        ", ".join(str(value) for value in row if not pd.isna(value) and str(value))
        for row in frame[told].itertuples(index=False, name=None)
    ]
