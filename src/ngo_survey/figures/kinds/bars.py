"""Bars with limits, stacked bars by banner, rankings and heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn
from matplotlib.colors import LinearSegmentedColormap

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import (
    CYCLE,
    DIVERGING,
    GREY,
    HATCH,
    INK,
    NGO,
    SEQUENTIAL,
    WIDTH,
    wrap,
)

Drawn = tuple[Any, pd.DataFrame, str]


def bars(picture: Picture) -> Drawn:
    """Draw one bar a category, largest first, with limits; a second level of a banner as a dot."""
    spec = picture.spec
    statistic = spec.get("statistic", "proportion")
    frames = []
    for name in spec["analyses"]:
        frame = picture.estimates(name["analysis"], statistic)
        if "level" in name:
            frame = frame[frame["by_level"] == name["level"]]
        frames.append(frame.assign(group=_group(picture, name)))
    first = frames[0].dropna(subset=["estimate"]).sort_values("estimate")
    order = [c for c in first["category"] if c not in spec.get("leave_out", [])]
    figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.36 * len(order)))
    places = np.arange(len(order))
    for place, frame in enumerate(frames):
        rows = frame.set_index("category").reindex(order)
        value, low, high = (100 * rows[c].to_numpy() for c in ("estimate", "ci_low", "ci_high"))
        offset = 0.0 if len(frames) == 1 else 0.18 - 0.36 * place
        colour = CYCLE[place]
        if len(frames) == 1:
            axis.barh(places, value, color=colour, height=0.62, alpha=0.85)
        axis.hlines(places + offset, low, high, color=INK if len(frames) == 1 else colour, lw=1.4)
        if len(frames) > 1:
            axis.plot(value, places + offset, "o", color=colour, label=frame["group"].iloc[0], ms=6)
        for y, v, h in zip(places + offset, value, high, strict=True):
            if np.isfinite(v) and len(frames) == 1:
                axis.text(h + 0.8, y, f"{v:.0f}", va="center", fontsize=9, color=GREY)
    labels = [picture.category(spec["analyses"][0]["analysis"], "", c) for c in order]
    axis.set_yticks(places, [wrap(label, 40) for label in labels])
    axis.set_xlabel(picture.word("percent"))
    axis.set_xlim(left=0)
    axis.set_ylim(-0.6, len(order) - 0.4)
    if len(frames) > 1:
        axis.legend(loc="lower right", fontsize=9)
    data = pd.concat(frames)
    note = f"{picture.base(data)} {picture.word('limits')}"
    shown = data[data["category"].isin(order)]
    hidden = shown["estimate"].isna().any()
    return figure, data, note + (" " + picture.word("suppressed") if hidden else "")


def _group(picture: Picture, name: dict[str, str]) -> str:
    if "level" not in name:
        return picture.population(
            str(picture.results.analysis(name["analysis"])["population"].iloc[0])
        )
    by = str(picture.results.analysis(name["analysis"])["by"].iloc[0])
    return picture.level(name["analysis"], by, name["level"])


def stacked(picture: Picture) -> Drawn:
    """Draw distributions as stacked bars: the total above, then each level of a banner."""
    spec = picture.spec
    statistic = spec.get("statistic", "proportion")
    parts = "item" if statistic == "mean_share" else "category"
    names = [spec["analysis"], *(f"{spec['analysis']}_by_{by}" for by in spec["banners"])]
    frames = [picture.estimates(name, statistic) for name in names]
    categories = list(dict.fromkeys(frames[0][parts]))
    ordered = spec.get("ordered", False)
    colours = _scale(len(categories)) if ordered else CYCLE
    rows = [
        (name, level)
        for name, f in zip(names, frames, strict=True)
        for level in dict.fromkeys(f["by_level"])
    ]
    figure, axis = plt.subplots(figsize=(WIDTH, 1.3 + 0.34 * len(rows)))
    data = pd.concat(frames)
    hidden = False
    for place, (name, level) in enumerate(rows):
        if place and rows[place - 1][0] != name:
            axis.axhline(0.5 - place, color=GREY, lw=0.7)  # another banner begins
        mine = data[(data["analysis"] == name) & (data["by_level"] == level)].set_index(parts)
        values = 100 * mine["estimate"].reindex(categories).to_numpy()
        if not np.isfinite(values).all():
            axis.barh(-place, 100, color="white", edgecolor=HATCH, hatch="////", height=0.72)
            hidden = True
            continue
        _segments(axis, -place, values, colours, 0.72, [c not in PALE_ENOUGH for c in colours])
    labels = []
    for name, level in rows:
        by = name.partition("_by_")[2]
        labels.append(wrap(picture.level(name, by, level), 36))
    axis.set_yticks([-p for p in range(len(rows))], labels)
    axis.set_ylim(0.4 - len(rows), 0.6)
    axis.set_xlim(0, 100)
    axis.grid(False)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    words = [
        picture.item(spec["analysis"], c)
        if parts == "item"
        else picture.category(spec["analysis"], "", c)
        for c in categories
    ]
    handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in list(colours)[: len(words)]]
    axis.legend(
        handles,
        [wrap(w, 30) for w in words],
        ncols=3,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        fontsize=8.5,
        handlelength=1,
        borderaxespad=0.2,
    )
    note = picture.base(data) + (" " + picture.word("suppressed") if hidden else "")
    return figure, data, note


#: Colours that dark figures stand on.
PALE_ENOUGH = {DIVERGING[2], "#e8a05c", "#6baed6", "#56b4e9", "#e69f00", "#b8bfc6"}


def _segments(
    axis: Any,
    y: float,
    values: np.ndarray,
    colours: Sequence[str],
    height: float,
    dark: Sequence[bool],
) -> None:
    """Draw one stacked bar; a segment wide enough says its figure."""
    left = 0.0
    for value, colour, deep in zip(values, colours, dark, strict=False):
        axis.barh(y, value, left=left, color=colour, height=height, edgecolor="white", lw=0.6)
        if value >= 6:
            axis.text(
                left + value / 2,
                y,
                f"{value:.0f}",
                ha="center",
                va="center",
                fontsize=8.5,
                color="white" if deep else INK,
            )
        left += value


def _scale(count: int) -> list[str]:
    if count == 3:
        return [DIVERGING[0], DIVERGING[2], DIVERGING[4]]
    if count == 5:
        return list(DIVERGING)
    ramp = LinearSegmentedColormap.from_list("much", SEQUENTIAL)
    return [
        "#{:02x}{:02x}{:02x}".format(*tuple(int(255 * v) for v in ramp(x)[:3]))
        for x in np.linspace(0.25, 1, count)
    ]


def items(picture: Picture) -> Drawn:
    """Draw the scale of every item of a battery as a stacked bar."""
    name = picture.spec["analysis"]
    data = picture.estimates(name, "proportion")
    listed, points = list(dict.fromkeys(data["item"])), list(dict.fromkeys(data["category"]))
    colours = _scale(len(points))
    figure, axis = plt.subplots(figsize=(WIDTH, 1.2 + 0.44 * len(listed)))
    for place, item in enumerate(listed):
        shares = data[data["item"] == item].set_index("category")["estimate"].reindex(points)
        dark = [place >= len(points) // 2 for place in range(len(points))]
        _segments(axis, -place, 100 * shares.to_numpy(), colours, 0.7, dark)
    axis.set_yticks(
        [-p for p in range(len(listed))], [wrap(picture.item(name, i), 40) for i in listed]
    )
    axis.set_ylim(0.4 - len(listed), 0.6)
    axis.set_xlim(0, 100)
    axis.set_xticks([])
    axis.grid(False)
    axis.spines["bottom"].set_visible(False)
    handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in colours]
    words = [picture.category(name, listed[0], p) for p in points]
    axis.legend(
        handles,
        words,
        ncols=4,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        fontsize=8.5,
        handlelength=1,
    )
    return figure, data, picture.base(data)


def ranking(picture: Picture) -> Drawn:
    """Draw the means of a battery with limits, highest first, and the ranks that the data leave."""
    frame = picture.estimates(picture.spec["analysis"], "mean").sort_values("estimate")
    ranks = picture.results.family("ranks")
    ranks = ranks[(ranks["analysis"] == picture.spec["analysis"]) & (ranks["statistic"] == "mean")]
    figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.36 * len(frame)))
    places = np.arange(len(frame))
    axis.hlines(places, frame["ci_low"], frame["ci_high"], color=NGO, lw=2.2, alpha=0.55)
    axis.plot(frame["estimate"], places, "o", color=NGO, ms=7)
    for y, value, high in zip(places, frame["estimate"], frame["ci_high"], strict=True):
        axis.text(high + 0.02, y, picture.number(value, 2), va="center", fontsize=9, color=GREY)
    labels = [wrap(picture.item(picture.spec["analysis"], i), 44) for i in frame["item"]]
    axis.set_yticks(places, labels)
    axis.set_xlabel(picture.word("mean"))
    note = f"{picture.base(frame)} {picture.word('limits')}"
    if len(ranks):
        frame = frame.merge(ranks[["item", "rank", "rank_low", "rank_high"]], on="item", how="left")
        _ranks_left(picture, axis, frame)
        note += f" {picture.word('ranked')}"
    return figure, frame, note


def _ranks_left(picture: Picture, axis: Any, frame: pd.DataFrame) -> None:
    """Write the ranks that the data leave each item in a column at the right edge."""
    column = axis.get_yaxis_transform()
    for y, (low, high) in enumerate(zip(frame["rank_low"], frame["rank_high"], strict=True)):
        if np.isfinite(low):
            text = f"{low:.0f}" if low == high else f"{low:.0f}\u2013{high:.0f}"
            axis.text(1.08, y, text, transform=column, ha="center", va="center", fontsize=9)
    head = wrap(picture.word("ranks"), 12)
    axis.text(1.08, len(frame) - 0.4, head, transform=column, ha="center", fontsize=8, color=GREY)


def heat(picture: Picture) -> Drawn:
    """Draw the share of one category of every item of a battery, by the levels of a banner."""
    spec = picture.spec
    name = f"{spec['analysis']}_by_{spec['banner']}"
    frame = picture.estimates(name, "proportion")
    frame = frame[frame["category"] == spec["category"]]
    table = frame.pivot(index="item", columns="by_level", values="estimate")
    items, levels = list(dict.fromkeys(frame["item"])), list(dict.fromkeys(frame["by_level"]))
    values = 100 * table.reindex(index=items, columns=levels).to_numpy()
    figure, axis = plt.subplots(figsize=(WIDTH, 1.2 + 0.36 * len(items)))
    hidden = np.isnan(values)
    axis.add_patch(
        plt.Rectangle((0, 0), len(levels), len(items), fc="white", ec=HATCH, hatch="////", lw=0)
    )
    seaborn.heatmap(
        values,
        mask=hidden,
        ax=axis,
        cmap=LinearSegmentedColormap.from_list("much", SEQUENTIAL),
        vmin=0,
        annot=True,
        fmt=".0f",
        annot_kws={"fontsize": 9},
        linewidths=1.2,
        cbar=False,
        yticklabels=[wrap(picture.item(spec["analysis"], i), 46) for i in items],
        xticklabels=[wrap(picture.level(name, spec["banner"], v), 12) for v in levels],
    )
    axis.xaxis.tick_top()
    axis.tick_params(axis="x", colors=INK)
    axis.grid(False)
    axis.spines["bottom"].set_visible(False)
    note = f"{picture.word('percent')}. {picture.base(frame)}"
    return (
        figure,
        frame,
        note + (" " + picture.word("suppressed") if hidden.any() else ""),
    )
