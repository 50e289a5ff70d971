"""The same battery or question put to several groups of respondents, one beside the other."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import DIVERGING, GROUPS, HATCH, INK, PALE, WIDTH
from ngo_survey.present.figures.text import inches, wrap

#: Inches of the drawing of ratings, about.
LIKERT = 3.7


def likert(picture: Picture) -> Drawn:
    """Draw ratings as bars that part at the middle, group above group, their gap beside."""
    names = _tables(picture, picture.spec["battery"])
    table = next(iter(names.values()))
    frames = {side: picture.estimates(name, "proportion") for side, name in names.items()}
    gaps = _gaps(picture, names, "mean").set_index("item")
    items = list(dict.fromkeys(frames[next(iter(names))]["item"]))
    if len(gaps):
        shown = gaps["difference"].reindex(items)
        items = list(shown.sort_values(na_position="first", kind="stable").index)
    said = {item: picture.item(table, item) for item in items}
    labels = marks.wrapped(said.values(), 1.6)
    height = 0.5 + max(0.25 * len(names), marks.row_height(labels)) * len(items)
    figure, axis, beside = _axes(height, 2.6, len(gaps) > 0)
    wide = LIKERT if beside else LIKERT * 3.6 / 2.6
    points = ["1", "2", "3", "4", "5"]
    least, most = _span(frames, items, points)
    bar, colours = 0.68 / len(names), _colours(picture)
    names_wide = max(inches(picture.population(side), 7) for side in names) + 0.1
    inch = (most - least) / (wide - names_wide)
    least -= names_wide * inch
    for y, item in enumerate(items):
        for offset, (side, frame) in zip(_offsets(len(names), 0.8), frames.items(), strict=True):
            shares = frame[frame["item"] == item].set_index("category").reindex(points)
            values = 100 * shares["estimate"].to_numpy()
            name = picture.population(side)
            axis.text(least, y + offset, name, va="center", fontsize=7, color=colours[side])
            if np.isfinite(values).all():
                left = _left(values)
                marks.segments(
                    axis, y + offset, values, DIVERGING, bar, inch, left, keys=shares["key"]
                )
            else:
                marks.hidden_bar(picture, axis, -50, y + offset)
    axis.axvline(0, color=INK, lw=0.6, label=marks.GUIDE, zorder=0.9)
    marks.rows(axis, labels)
    marks.bare(axis)
    axis.set_xlim(least, most)
    words = [picture.category(table, items[0], p) for p in points]
    key(figure, [marks.square(colour) for colour in DIVERGING], words)
    data = pd.concat(frames.values())
    note = picture.note(picture.base(data), picture.hidden(data))
    message = ""
    if len(gaps):
        rows = gaps.reindex(items)
        _differences(picture, beside, rows, 1.0)
        beside.set_xlabel(wrap(picture.word("gap_points"), 1.5))
        note = picture.note(note, picture.word("limits_tested"), picture.word("untold"))
        message = _furthest(picture, rows, said, lambda x: picture.number(x, 1))
        data = pd.concat([data, rows.reset_index()])
    return Drawn(figure, data, note, message)


def _axes(height: float, ratio: float, differences: bool) -> tuple[Figure, Any, Any]:
    """Return a figure, the axes of its groups, and those of differences (None without any)."""
    if not differences:
        figure, axis = plt.subplots(figsize=(WIDTH, height))
        return figure, axis, None
    figure, (axis, beside) = plt.subplots(
        ncols=2, sharey=True, figsize=(WIDTH, height), width_ratios=(ratio, 1)
    )
    return figure, axis, beside


def _tables(picture: Picture, question: str) -> dict[str, str]:
    """Return the table of a question by group: those that the figure names, or the two sides.

    Where the study compares no sides, every group that was asked.
    """
    ids = {name: prefix + question for name, prefix in picture.study.prefixes.items()}
    named = picture.spec.get("groups") or list(picture.study.sides)
    if named:
        return {name: ids[name] for name in named}
    return {
        name: table for name, table in ids.items() if table in picture.results.names("estimates")
    }


def _gaps(picture: Picture, tables: dict[str, str], statistic: str) -> pd.DataFrame:
    """Return the tested differences of the two sides; none where other groups are drawn."""
    gaps = picture.results.family("sides")
    asked = tuple(tables) == picture.study.sides
    first = next(iter(tables.values()))
    return gaps[(gaps["analysis"] == first) & (gaps["statistic"] == statistic) & asked]


def _colours(picture: Picture) -> dict[str, str]:
    """Return the colour of each group: it keeps it wherever it stands."""
    return {name: GROUPS[place % len(GROUPS)] for place, name in enumerate(picture.study.prefixes)}


def _offsets(count: int, band: float) -> list[float]:
    """Return how far each group stands from the middle of its row, the first on top."""
    return [band / count * ((count - 1) / 2 - place) for place in range(count)]


def _left(values: np.ndarray) -> float:
    """Return where a bar begins whose middle answer stands astride of zero."""
    return -float(values[0] + values[1] + values[2] / 2)


def _span(
    frames: dict[str, pd.DataFrame], items: list[str], points: list[str]
) -> tuple[float, float]:
    """Return how far the bars of all items go to the left and to the right."""
    least, most = -50.0, 50.0
    for frame in frames.values():
        table = 100 * frame.pivot(index="item", columns="category", values="estimate")[points]
        for values in table.loc[items].dropna().to_numpy():
            least = min(least, _left(values))
            most = max(most, _left(values) + float(values.sum()))
    return least, most


def gap(picture: Picture) -> Drawn:
    """Draw each group's share for each answer, with limits; beside it the tested difference."""
    names = _tables(picture, picture.spec["table"])
    table = next(iter(names.values()))
    frames = {
        side: picture.estimates(name, "proportion").set_index("category")
        for side, name in names.items()
    }
    first, *_, last = [*frames.values(), *frames.values()] if len(frames) == 1 else frames.values()
    left_out = set(picture.spec.get("leave_out", []))
    distance = (first["estimate"] - last["estimate"]).drop(
        labels=[c for c in left_out if c in first.index]
    )
    order = list(distance.sort_values(na_position="first", kind="stable").index)
    said = {c: picture.category(table, "", c) for c in order}
    labels = marks.wrapped(said.values(), 2.3)
    gaps = _gaps(picture, names, "proportion")
    height = 0.55 + marks.row_height(labels, 0.17 * max(2, len(names))) * len(order)
    figure, axis, beside = _axes(height, 1.7, len(gaps) > 0)
    for y, category in enumerate(order):
        ends = [100 * frames[s].loc[category, "estimate"] for s in frames]
        if np.isfinite(ends).all():
            axis.plot(ends, [y] * len(ends), color=PALE, lw=4, zorder=0.9, label=marks.GUIDE)
    colours = [_colours(picture)[side] for side in frames]
    shapes = [marks.SHAPES[place % len(marks.SHAPES)] for place in range(len(frames))]
    offsets = _offsets(len(frames), 0.26 * len(frames))
    for frame, offset, colour, marker in zip(
        frames.values(), offsets, colours, shapes, strict=True
    ):
        places = np.arange(len(order)) + offset
        marks.intervals(axis, places, frame.loc[order], colour, size=5.5, marker=marker)
    marks.rows(axis, labels)
    marks.percent_axis(picture, axis, picture.word("percent"))
    axis.set_xlim(left=0)
    handles = [marks.dot(c, m) for c, m in zip(colours, shapes, strict=True)]
    key(figure, handles, [picture.population(side) for side in frames])
    data = pd.concat([f.reset_index() for f in frames.values()])
    note = picture.note(picture.base(data), picture.word("limits"), picture.hidden(data))
    message = ""
    if len(gaps):
        rows = gaps.set_index("category").reindex(order)
        _differences(picture, beside, rows, 100.0)
        beside.set_xlabel(wrap(picture.word("gap"), 2.0))
        note = picture.note(note, picture.word("limits_tested"), picture.word("untold"))
        message = _furthest(picture, rows, said, picture.percent)
        data = pd.concat([data, gaps])
    return Drawn(figure, data, note, message)


def _differences(picture: Picture, axis: Any, rows: pd.DataFrame, scale: float) -> None:
    """Draw the difference of the two sides with its limits; pale where no test tells them apart."""
    marks.zero(axis)
    for y, row in enumerate(rows.itertuples()):
        if not np.isfinite(row.difference):
            continue
        colour = INK if row.p_adjusted < picture.alpha else HATCH
        axis.hlines(y, scale * row.ci_low, scale * row.ci_high, color=colour, lw=1.6)
        full = colour if row.p_adjusted < picture.alpha else "white"
        dot = axis.plot(scale * row.difference, y, "o", color=colour, mfc=full, ms=5.5)
        marks.names(dot, [row.key])
    decimals = 0 if scale > 1 else 1
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.xaxis.set_major_formatter(lambda x, _: picture.number(x, decimals))


def _furthest(picture: Picture, rows: pd.DataFrame, said: dict[str, str], form: Any) -> str:
    """Say where the two sides stand furthest apart beyond chance, and on how many they do."""
    shown = rows.dropna(subset=["difference"])
    apart = shown[shown["p_adjusted"] < picture.alpha]
    if apart.empty:
        one, other = (picture.population(side) for side in picture.study.sides)
        return picture.word("say_none_apart", one=one, other=other)
    far = str(apart["difference"].abs().idxmax())
    values = [
        f"{picture.population(side)} {form(shown.loc[far, column])}"
        for side, column in zip(picture.study.sides, ("first", "second"), strict=True)
    ]
    return picture.note(
        picture.word("say_apart", what=said[far], one=values[0], other=values[1]),
        picture.word("say_clear", clear=len(apart), all=len(shown)),
    )
