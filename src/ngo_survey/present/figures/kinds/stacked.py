"""Whole distributions as stacked bars: by the levels of banners, or by the items of a battery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.sayings import comparisons, ranks, say_ends, say_spread
from ngo_survey.present.figures.style import DIVERGING, GREY, RESTS, SEQUENTIAL, WIDTH, categories
from ngo_survey.present.figures.support import told_apart
from ngo_survey.present.figures.text import inches

#: Inches that the bars have at least: a whole is 100 units wide.
BARS = WIDTH - marks.LABEL - 0.3


def stacked(picture: Picture) -> Drawn:
    """Draw distributions as stacked bars: the total above, then each level of the banners."""
    spec = picture.spec
    statistic = spec.get("statistic", "proportion")
    parts = "item" if statistic == "mean_share" else "category"
    names = [spec["analysis"], *(f"{spec['analysis']}_by_{by}" for by in spec["banners"])]
    left_out = spec.get("leave_out", [])  # levels that another banner shows already
    frames = [picture.estimates(name, statistic) for name in names]
    frames = [frame[~frame["by_level"].isin(left_out)] for frame in frames]
    data = pd.concat(frames)
    shown = list(dict.fromkeys(frames[0][parts]))
    colours = scale_colours(len(shown)) if spec.get("ordered", False) else categories(shown)
    bars = [
        (name, level)
        for name, frame in zip(names, frames, strict=True)
        for level in dict.fromkeys(frame["by_level"])
    ][::-1]
    labels = marks.wrapped(picture.level(n, n.partition("_by_")[2], v) for n, v in bars)
    figure, axis = plt.subplots(figsize=(WIDTH, 0.3 + marks.row_height(labels) * len(bars)))
    middles: list[float] = []
    for y, (name, level) in enumerate(bars):
        if y and bars[y - 1][0] != name:
            axis.axhline(y - 0.5, color=GREY, lw=0.7, label=marks.GUIDE)  # another banner begins
        mine = data[(data["analysis"] == name) & (data["by_level"] == level)].set_index(parts)
        mine = mine.reindex(shown)
        values = 100 * mine["estimate"].to_numpy()
        if not np.isfinite(values).all():
            marks.part_hidden(picture, axis, y, values, colours, 0.72, 100 / BARS, mine["key"])
            continue
        middles = marks.segments(
            axis, y, values, colours, 0.72, 100 / BARS, whole=100, keys=mine["key"]
        )
    marks.rows(axis, labels)
    marks.bare(axis)
    axis.set_xlim(0, 100)
    said = [
        picture.item(spec["analysis"], c)
        if parts == "item"
        else picture.category(spec["analysis"], "", c)
        for c in shown
    ]
    _name_parts(figure, axis, middles, len(bars), said, colours)
    message = _spread(picture, data, frames[0], parts, dict(zip(shown, said, strict=True)))
    note = picture.note(picture.word("rows_of_100"), picture.base(data), picture.hidden(data))
    return Drawn(figure, data, note, message)


def _name_parts(
    figure: Any,
    axis: Any,
    middles: Sequence[float],
    bars: int,
    said: Sequence[str],
    colours: Sequence[str],
) -> None:
    """Name each part above the first bar, where all names find room; else in a key."""
    if middles and _room(middles, said):
        for middle, word in zip(middles, said, strict=True):
            axis.text(middle, bars - 0.5, word, ha="center", va="bottom", fontsize=8.5, color=GREY)
        axis.set_ylim(top=bars - 0.05)
        return
    key(figure, [marks.square(colour) for colour in colours], list(said))


def _room(middles: Sequence[float], said: Sequence[str]) -> bool:
    ends = 0.0
    for middle, word in zip(middles, said, strict=True):
        half = inches(word, 8.5) / 2
        at = middle / 100 * BARS
        if at - half < ends:
            return False
        ends = at + half + 0.1
    return ends - 0.1 <= BARS


def _spread(
    picture: Picture, data: pd.DataFrame, total: pd.DataFrame, parts: str, said: dict[str, str]
) -> str:
    """Say how far one part goes: the last of a scale, else that of the two columns furthest apart.

    Where no two columns are told apart, the part that is the largest of all.
    """
    whole = total.set_index(parts)["estimate"]
    whole = whole[~whole.index.isin(RESTS)].dropna()
    if whole.empty:
        return picture.word("say_all_hidden")
    visible = data[(data["by"] != "") & ~data["by_level"].isin(RESTS)]
    part = str(whole.index[-1])
    if not picture.spec.get("ordered"):
        pairs = told_apart(visible, comparisons(picture, visible))
        pairs = pairs[~pairs[parts].isin(RESTS)]
        part = str(whole.idxmax() if pairs.empty else pairs[parts].iloc[0])
    rows = visible[visible[parts] == part]
    total = picture.percent(whole[part])
    return say_spread(picture, rows, said[part], total, picture.percent)


def scale_colours(count: int) -> list[str]:
    """Return colours of an ordered scale: purple to green about a middle, or light to dark blue."""
    if count == 3:
        return [DIVERGING[0], DIVERGING[2], DIVERGING[4]]
    if count == 5:
        return list(DIVERGING)
    if count == 7:
        about = LinearSegmentedColormap.from_list("about", DIVERGING)
        return [to_hex(about(x)) for x in np.linspace(0, 1, count)]
    ramp = LinearSegmentedColormap.from_list("much", SEQUENTIAL)
    return [to_hex(ramp(x)) for x in np.linspace(0.1, 1, count)]


def items(picture: Picture) -> Drawn:
    """Draw the scale of every item of a battery as a stacked bar."""
    name = picture.spec["analysis"]
    data = picture.estimates(name, "proportion")
    points = list(dict.fromkeys(data["category"]))
    table = data.pivot(index="item", columns="category", values="estimate")[points]
    table = table.sort_values(points[-1], kind="stable", na_position="first")
    keys = data.pivot(index="item", columns="category", values="key").loc[table.index, points]
    colours = scale_colours(len(points))
    said = [picture.item(name, item) for item in table.index]
    labels = marks.wrapped(said, 3.2)
    figure, axis = plt.subplots(figsize=(WIDTH, 0.3 + marks.row_height(labels, 0.36) * len(said)))
    for y, (values, named) in enumerate(zip(100 * table.to_numpy(), keys.to_numpy(), strict=True)):
        if np.isfinite(values).all():
            marks.segments(
                axis, y, values, colours, 0.7, 100 / (WIDTH - 3.5), whole=100, keys=named
            )
        else:
            marks.part_hidden(picture, axis, y, values, colours, 0.7, 100 / (WIDTH - 3.5), named)
    marks.rows(axis, labels)
    marks.bare(axis)
    axis.set_xlim(0, 100)
    words = [picture.category(name, str(table.index[0]), point) for point in points]
    key(figure, [marks.square(colour) for colour in colours], words)
    last = data[data["category"] == points[-1]]
    order = ranks(picture, name, "proportion")
    ends = say_ends(
        picture, last, order[order["category"] == points[-1]],
        lambda row: f"{picture.item(name, row.item)} ({picture.percent(row.estimate)})",
    )  # fmt: skip
    message = picture.word("say_all_hidden")
    if last["estimate"].notna().any():
        message = picture.word("say_item", what=words[-1], ends=ends)
    note = picture.note(picture.word("rows_of_100"), picture.base(data), picture.hidden(data))
    return Drawn(figure, data, note, message)
