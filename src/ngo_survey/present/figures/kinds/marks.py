"""The marks that several kinds share: rows with labels, intervals, hatching, values, segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ngo_survey.present.figures.picture import Picture
from ngo_survey.present.figures.style import GREY, HATCH, INK, MAIN, edge_of, ink_on
from ngo_survey.present.figures.text import inches, wrap

#: Marks of groups that stand side by side.
SHAPES = ("o", "D", "s", "^")
#: Inches of the widest label of a row.
LABEL = 2.7
#: Label of lines that guide the eye and are no data.
GUIDE = "_guide"


def row_height(labels: Iterable[str], lowest: float = 0.3) -> float:
    """Return the inches that a row needs for the label with the most lines."""
    return max(lowest, 0.16 * max((label.count("\n") + 1 for label in labels), default=1) + 0.06)


def rows(axis: Any, labels: Sequence[str], size: float = 9) -> None:
    """Label rows from the lowest up, with half a row of air at both ends."""
    axis.set_yticks(range(len(labels)), labels, fontsize=size, linespacing=1.05)
    axis.set_ylim(-0.6, len(labels) - 0.4)


def wrapped(labels: Iterable[str], width: float = LABEL, size: float = 9) -> list[str]:
    """Break labels of rows by their true width."""
    return [wrap(label, width, size) for label in labels]


def intervals(
    axis: Any,
    places: Sequence[float] | np.ndarray,
    frame: Any,
    colours: str | Sequence[str],
    *,
    scale: float = 100.0,
    size: float = 6.5,
    marker: str = "o",
    open_at: Sequence[bool] | None = None,
) -> None:
    """Draw each estimate of a frame as a dot on the line between its limits, one row a place.

    Each dot names its number, so that a page can say it. A second group has another ``marker``,
    so that grey print tells the two apart. ``open_at`` says which dots are open: what is not
    beyond chance.
    """
    # What is hidden has no place, and no mark.
    shown = np.isfinite(frame["estimate"].to_numpy(dtype=float))
    given = list(compress([colours] * len(frame) if isinstance(colours, str) else colours, shown))
    places, frame = np.asarray(places, dtype=float)[shown], frame[shown]
    value, low, high = (
        scale * frame[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high")
    )
    keys = frame["key"].tolist() if "key" in frame else [None]
    hollow = [False] * len(frame) if open_at is None else list(compress(open_at, shown))
    faces = ["white" if is_open else c for c, is_open in zip(given, hollow, strict=True)]
    edges = [c if is_open else "white" for c, is_open in zip(given, hollow, strict=True)]
    axis.hlines(places, low, high, colors=given, lw=1.7)
    axis.scatter(
        value, places, s=size**2, c=faces, edgecolors=edges, zorder=3, marker=marker,
        linewidths=[1.1 if is_open else 0.5 for is_open in hollow], urls=keys,
    )  # fmt: skip


def names(marks: Iterable[Any], keys: Iterable[object]) -> None:
    """Name the number that each mark shows by its key; a mark of none keeps silent.

    The address of a mark is matplotlib's own means for that (``Artist.set_url``); the drawing
    turns it into ``data-key``.
    """
    for mark, key in zip(marks, keys, strict=True):
        if isinstance(key, str):
            mark.set_url(key)


def dots(
    axis: Any, xs: Iterable[float], ys: Iterable[float], keys: Iterable[object], **look: Any
) -> None:
    """Draw points one by one, each of which names the number that it shows (:func:`names`)."""
    for x, y, key in zip(xs, ys, keys, strict=True):
        names(axis.plot([x], [y], ls="", **look), [key])


def percent_axis(picture: Picture, axis: Any, words: str) -> None:
    """Number an axis in whole percent or points, as the language writes numbers."""
    from matplotlib.ticker import MaxNLocator

    axis.xaxis.set_major_locator(MaxNLocator(7, integer=True, steps=[1, 2, 5, 10]))
    axis.xaxis.set_major_formatter(lambda x, _: picture.number(x))
    axis.set_xlabel(words)


def value(axis: Any, x: float, y: float, text: str, **options: Any) -> None:
    """Write a number a little to the right of a place."""
    axis.annotate(
        text, (x, y), xytext=(5, 0), textcoords="offset points", va="center",
        **{"fontsize": 8.5, "color": GREY} | options,
    )  # fmt: skip


def hatched(axis: Any, left: float, bottom: float, width: float, height: float) -> None:
    """Draw the place of what is hidden."""
    axis.add_patch(
        Rectangle((left, bottom), width, height, fc="white", ec=HATCH, hatch="////", lw=0.8)
    )


def hidden_bar(picture: Picture, axis: Any, x: float, y: float, **options: Any) -> None:
    """Say in the place of a bar that it is hidden: a hatched bar would look like a figure."""
    axis.annotate(
        picture.word("few"), (x, y), xytext=(4, 0), textcoords="offset points", va="center",
        **{"fontsize": 7.5, "color": GREY, "style": "italic"} | options,
    )  # fmt: skip


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
    whole: float | None = None,
    keys: Iterable[object] = (),
) -> list[float]:
    """Draw one stacked bar; a segment that its figure fits into says it.

    Parameters
    ----------
    wide: units of the axis in an inch, so that what fits is known before anything is drawn.
    whole: what the segments are drawn to add up to: parts that were rounded need not.
    keys: the key of each segment's number, if it has one.

    Returns
    -------
    The middle of each segment.
    """
    widths = np.asarray(values, dtype=float)
    if whole is not None and widths.sum() > 0:
        widths = widths * whole / widths.sum()
    lefts = left + np.concatenate([[0.0], np.cumsum(widths)[:-1]])
    middles = lefts + widths / 2
    bars = axis.barh(
        [y] * len(widths), widths, left=lefts, color=list(colours), height=height,
        edgecolor=[edge_of(colour) for colour in colours], lw=0.7,
    )  # fmt: skip
    names(bars, list(keys) or [None] * len(bars))
    for number, width, middle, colour in zip(values, widths, middles, colours, strict=True):
        text = f"{number:.0f}"
        if width / wide > inches(text, 8) + 0.08:
            axis.text(
                middle, y, text, ha="center", va="center", fontsize=8, color=ink_on(colour),
                in_layout=False,
            )  # fmt: skip
    return [float(middle) for middle in middles]


def part_hidden(
    picture: Picture,
    axis: Any,
    y: float,
    values: np.ndarray,
    colours: Sequence[str],
    height: float,
    wide: float,
    keys: Iterable[object] = (),
) -> None:
    """Draw what is shown of a whole of 100, and the rest hatched; words alone where nothing is.

    The shown parts stand first, in their order: where a hidden one would begin is not known.
    """
    shown = np.isfinite(values)
    if not shown.any():
        hidden_bar(picture, axis, 0, y)
        return
    named = list(compress(list(keys) or [None] * len(values), shown))
    segments(axis, y, values[shown], list(compress(colours, shown)), height, wide, keys=named)
    end = float(values[shown].sum())
    if end < 100:
        hatched(axis, end, y - height / 2, 100 - end, height)


def square(colour: str) -> Rectangle:
    """Return the mark of a colour in a key."""
    return Rectangle((0, 0), 1, 1, facecolor=colour, edgecolor=edge_of(colour), lw=0.7)


def line(colour: str = INK) -> Line2D:
    """Return the mark of an upright line in a key."""
    return Line2D([], [], marker="|", ls="", color=colour, ms=10, mew=1.4)


def dot(colour: str = MAIN, marker: str = "o", **options: Any) -> Line2D:
    """Return the mark of a dot in a key."""
    return Line2D([], [], marker=marker, ls="", color=colour, **{"ms": 6.5} | options)
