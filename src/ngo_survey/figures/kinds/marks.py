"""The marks that several kinds share: rows with labels, intervals, hatching, values, segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import GREY, HATCH, NGO, edge_of, ink_on
from ngo_survey.figures.text import inches, wrap

#: Inches of the widest label of a row.
LABEL = 2.7
#: Label of lines that guide the eye and are no data.
GUIDE = "_guide"


def row_height(labels: Iterable[str], lowest: float = 0.3) -> float:
    """Return the inches that a row needs for the label with the most lines."""
    return max(lowest, 0.16 * max(label.count("\n") + 1 for label in labels) + 0.06)


def rows(axis: Any, labels: Sequence[str], size: float = 9) -> None:
    """Label rows from the lowest up, with half a row of air at both ends."""
    axis.set_yticks(range(len(labels)), labels, fontsize=size, linespacing=1.05)
    axis.set_ylim(-0.6, len(labels) - 0.4)


def wrapped(labels: Iterable[str], width: float = LABEL, size: float = 9) -> list[str]:
    """Break labels of rows by their true width."""
    return [wrap(label, width, size) for label in labels]


def interval(
    axis: Any, y: float, row: Any, colour: str, *, scale: float = 100.0, size: float = 6.5
) -> None:
    """Draw an estimate as a dot on the line between its limits."""
    axis.hlines(y, scale * row.ci_low, scale * row.ci_high, color=colour, lw=1.7)
    axis.plot(scale * row.estimate, y, "o", color=colour, ms=size, mec="white", mew=0.5)


def percent_axis(picture: Picture, axis: Any, words: str) -> None:
    """Number an axis in whole percent or points, as the language writes numbers."""
    from matplotlib.ticker import MaxNLocator

    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.xaxis.set_major_formatter(lambda x, _: picture.number(x))
    axis.set_xlabel(words)


def value(axis: Any, x: float, y: float, text: str, **options: Any) -> None:
    """Write a number a little to the right of a place."""
    axis.annotate(
        text, (x, y), xytext=(5, 0), textcoords="offset points", va="center",
        **{"fontsize": 8.5, "color": GREY} | options,
    )  # fmt: skip


def hatched(axis: Any, left: float, bottom: float, width: float, height: float) -> None:
    """Draw the place of what is not told."""
    axis.add_patch(
        Rectangle((left, bottom), width, height, fc="white", ec=HATCH, hatch="////", lw=0.8)
    )


def zero(axis: Any) -> None:
    """Draw the line of no difference."""
    axis.axvline(0, color=GREY, lw=0.9, label=GUIDE, zorder=0.9)


def bare(axis: Any) -> None:
    """Take away the scale below: the bars say their own figures."""
    axis.set_xticks([])
    axis.grid(False)
    axis.spines["bottom"].set_visible(False)


def segments(
    axis: Any,
    y: float,
    values: np.ndarray,
    colours: Sequence[str],
    height: float,
    wide: float,
    left: float = 0.0,
    numbers: Sequence[str] | None = None,
) -> list[float]:
    """Draw one stacked bar; a segment that its figure fits into says it.

    Parameters
    ----------
    wide: units of the axis in an inch, so that what fits is known before anything is drawn.

    Returns
    -------
    The middle of each segment.
    """
    middles = []
    texts = numbers or [f"{number:.0f}" for number in values]
    for number, colour, text in zip(values, colours, texts, strict=True):
        axis.barh(
            y, number, left=left, color=colour, height=height, edgecolor=edge_of(colour), lw=0.7
        )
        middles.append(left + number / 2)
        if number / wide > inches(text, 8) + 0.08:
            axis.text(
                middles[-1], y, text, ha="center", va="center", fontsize=8, color=ink_on(colour)
            )
        left += number
    return middles


def square(colour: str) -> Rectangle:
    """Return the mark of a colour in a key."""
    return Rectangle((0, 0), 1, 1, facecolor=colour, edgecolor=edge_of(colour), lw=0.7)


def dot(colour: str = NGO, marker: str = "o", **options: Any) -> Line2D:
    """Return the mark of a dot in a key."""
    return Line2D([], [], marker=marker, ls="", color=colour, **{"ms": 6.5} | options)
