"""Two questions about the same items: a dot an item, by the share of an answer and by a mean."""

from __future__ import annotations

from itertools import product
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.sayings import ranks, say_ends
from ngo_survey.present.figures.style import HATCH, INK, MAIN, WIDTH
from ngo_survey.present.figures.text import inches, wrap

#: Inches of the drawing, and of the names beside it.
HIGH, PLOT, NAMES = 4.4, 3.8, 3.0
#: Size of the numbers at the dots and of the names, in points; inches of a line of names. On one
#: page of key figures the drawing is half as large.
SIZE, LINE = 9.5, 0.168
#: Inches around the middle of a dot that are its own; how far a number may stand from it.
DOT, NEAR = 0.06, (0.13, 0.17, 0.22, 0.28, 0.35)
#: Where a number is tried, as directions across and up: right, left, then between and above.
AROUND = ((1, 0), (-1, 0), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7), (0, 1), (0, -1))

Box = tuple[float, float, float, float]


def scatter(picture: Picture) -> Drawn:
    """Draw each item of two batteries at the share of an answer (across) and its mean (up).

    Items are numbered from the highest mean down and named beside the drawing. Thin lines are the
    limits of both figures. Items of which one figure is hidden, or which one battery lacks, are
    not drawn.
    """
    across, up = (entry["analysis"] for entry in picture.spec["analyses"])
    shares, means = picture.estimates(across, "proportion"), picture.estimates(up, "mean")
    shares = shares[shares["category"] == picture.spec["category"]]
    data = pd.concat([shares, means], ignore_index=True)
    both = means.merge(shares, on="item", suffixes=("", "_across"))
    shown = both.dropna(subset=["estimate", "estimate_across"])
    shown = shown.sort_values("estimate", ascending=False, kind="stable", ignore_index=True)
    figure, (axis, beside) = plt.subplots(
        ncols=2, figsize=(WIDTH, HIGH), width_ratios=(PLOT, NAMES)
    )
    x, y = 100 * shown["estimate_across"], shown["estimate"]
    axis.hlines(y, 100 * shown["ci_low_across"], 100 * shown["ci_high_across"], HATCH, lw=0.8)
    axis.vlines(x, shown["ci_low"], shown["ci_high"], HATCH, lw=0.8)
    marks.dots(axis, x, y, shown["key"], marker="o", color=MAIN, ms=6, zorder=3)
    axis.margins(0.06)
    _number(axis, shown)
    _name(beside, [picture.item(up, item) for item in shown["item"]])
    answer = picture.category(across, str(shares["item"].iloc[0]), picture.spec["category"])
    titles = {name: picture.book(name).battery_title(picture.table(name), picture.language)
              for name in (across, up)}  # fmt: skip
    marks.percent_axis(picture, axis, wrap(f"{titles[across]}: {answer}, %", PLOT - 0.5))
    axis.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.yaxis.set_major_formatter(lambda value, _: picture.number(value, 1))
    axis.set_ylabel(wrap(f"{titles[up]}: {picture.word('mean')}", HIGH - 1))
    axis.grid(axis="both")
    said = [
        _first(picture, shares, across, f"{titles[across]}: {answer}"),
        _first(picture, means, up, titles[up]),
    ]
    note = picture.note(picture.base(data), picture.word("limits"), picture.hidden(data))
    return Drawn(figure, data, note, picture.note(*said))


def _first(picture: Picture, rows: pd.DataFrame, analysis: str, what: str) -> str:
    """Say which item is the highest by one of the two figures, or between which that is open."""
    statistic = str(rows["statistic"].iloc[0])
    order = ranks(picture, analysis, statistic)
    order = order[order["category"].isin(set(rows["category"]))]

    def said(row: Any) -> str:
        mean = statistic == "mean"
        figure = picture.number(row.estimate, 2) if mean else picture.percent(row.estimate)
        return f"{picture.item(analysis, row.item)} ({figure})"

    return picture.word("say_item", what=what, ends=say_ends(picture, rows, order, said, False))


def _number(axis: Any, shown: pd.DataFrame) -> None:
    """Number the dots, each number where it lies on no dot, no line and no other number."""
    width, height = PLOT - 0.7, HIGH - 0.7
    low_x, high_x = axis.get_xlim()
    low_y, high_y = axis.get_ylim()

    def placed(across: pd.Series, up: pd.Series) -> np.ndarray:
        right = (100 * across - low_x) / (high_x - low_x) * width
        return np.column_stack([right, (up - low_y) / (high_y - low_y) * height])

    middles = placed(shown["estimate_across"], shown["estimate"])
    taken: list[Box] = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in middles]
    starts = placed(shown["ci_low_across"], shown["ci_low"])
    ends = placed(shown["ci_high_across"], shown["ci_high"])
    for (x, y), (left, bottom), (right, top) in zip(middles, starts, ends, strict=True):
        taken += [(left, y, right, y), (x, bottom, x, top)]
    for place, (x, y) in enumerate(middles, start=1):
        half = inches(str(place), SIZE) / 2 + 0.015, SIZE / 72 * 0.42
        box = _free(x, y, half, taken)
        taken.append(box)
        axis.annotate(
            str(place), (100 * shown["estimate_across"][place - 1], shown["estimate"][place - 1]),
            xytext=(72 * ((box[0] + box[2]) / 2 - x), 72 * ((box[1] + box[3]) / 2 - y)),
            textcoords="offset points", ha="center", va="center", fontsize=SIZE, color=INK,
        )  # fmt: skip


def _free(x: float, y: float, half: tuple[float, float], taken: list[Box]) -> Box:
    """Return the nearest box for a number that touches nothing; the nearest of all without any."""
    boxes = [
        (x + far * right - half[0], y + far * above - half[1],
         x + far * right + half[0], y + far * above + half[1])
        for far, (right, above) in product(NEAR, AROUND)
    ]  # fmt: skip
    return next((box for box in boxes if not any(_touch(box, other) for other in taken)), boxes[0])


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _name(axis: Any, names: list[str]) -> None:
    """Name the numbers in a column, from the top."""
    axis.axis("off")
    axis.set_xlim(0, NAMES)
    axis.set_ylim(HIGH - 0.4, 0)
    top = 0.0
    for place, name in enumerate(names, start=1):
        words = wrap(name, NAMES - 0.4, SIZE)
        axis.text(0.22, top, str(place), ha="right", va="top", fontsize=SIZE, color=INK)
        axis.text(0.3, top, words, va="top", fontsize=SIZE, color=INK, linespacing=1.05)
        top += LINE * (words.count("\n") + 1) + 0.06
