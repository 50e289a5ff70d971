"""The two sides: the same battery or question put to NGOs and to government."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import DIVERGING, GOVERNMENT, HATCH, INK, NGO, PALE, WIDTH, wrap

Drawn = tuple[Any, pd.DataFrame, str]


def likert(picture: Picture) -> Drawn:
    """Draw ratings of a battery as bars that part at the middle, NGOs above government."""
    table = picture.spec["battery"]
    sides = {"ngo": table, "government": f"gov_{table}"}
    frames = {side: picture.estimates(name, "proportion") for side, name in sides.items()}
    items = list(dict.fromkeys(frames["ngo"]["item"]))
    figure, axis = plt.subplots(figsize=(WIDTH, 1.2 + 0.62 * len(items)))
    points = ["1", "2", "3", "4", "5"]
    for place, item in enumerate(items):
        for offset, (side, frame) in zip((0.2, -0.2), frames.items(), strict=True):
            y = offset - place
            shares = frame[frame["item"] == item].set_index("category")["estimate"]
            values = 100 * shares.reindex(points).to_numpy()
            if np.isnan(values).any():
                axis.barh(
                    y, 100, left=-50, height=0.34, color="white", edgecolor=HATCH, hatch="////"
                )
                continue
            left = -(values[0] + values[1] + values[2] / 2)
            for value, colour in zip(values, DIVERGING, strict=True):
                axis.barh(y, value, left=left, height=0.34, color=colour, edgecolor="white", lw=0.5)
                left += value
            colour = NGO if side == "ngo" else GOVERNMENT
            axis.text(-103, y, picture.population(side), va="center", fontsize=7.5, color=colour)
            axis.text(left + 1.5, y, f"{values[3] + values[4]:.0f}", va="center", fontsize=8)
    labels = [wrap(picture.item(table, i), 26) for i in items]
    axis.set_yticks([-p for p in range(len(items))], labels)
    axis.axvline(0, color=INK, lw=0.6)
    axis.set_xlim(-105, 105)
    axis.set_xticks([])
    axis.grid(False)
    axis.spines["bottom"].set_visible(False)
    handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in DIVERGING]
    words = [picture.category(table, items[0], p) for p in points]
    axis.legend(
        handles,
        words,
        ncols=5,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        fontsize=8,
        handlelength=1,
    )
    data = pd.concat(frames.values())
    return figure, data, picture.base(data)


def gap(picture: Picture) -> Drawn:
    """Draw both sides' share for each answer, with limits, and the tested difference beside it."""
    table = picture.spec["table"]
    frames = {
        "ngo": picture.estimates(table, "proportion").set_index("category"),
        "government": picture.estimates(f"gov_{table}", "proportion").set_index("category"),
    }
    left_out = set(picture.spec.get("leave_out", []))
    distance = (frames["ngo"]["estimate"] - frames["government"]["estimate"]).drop(
        labels=[c for c in left_out if c in frames["ngo"].index]
    )
    order = distance.sort_values(na_position="first").index
    sides = picture.results.family("sides")
    sides = sides[(sides["analysis"] == table) & (sides["statistic"] == "proportion")]
    height = 1.1 + 0.37 * len(order)
    if len(sides):
        figure, (axis, beside) = plt.subplots(
            ncols=2, sharey=True, figsize=(WIDTH, height), width_ratios=(1.7, 1)
        )
        _differences(picture, beside, sides.set_index("category").reindex(order))
    else:
        figure, axis = plt.subplots(figsize=(WIDTH, height))
    for y, category in enumerate(order):
        ends = [100 * frames[s].loc[category, "estimate"] for s in frames]
        if np.isfinite(ends).all():
            axis.plot(ends, [y, y], color=PALE, lw=4, zorder=1)
    for side, offset, colour in (("ngo", 0.1, NGO), ("government", -0.1, GOVERNMENT)):
        rows = frames[side].loc[order]
        at = np.arange(len(order)) + offset
        axis.hlines(
            at, 100 * rows["ci_low"], 100 * rows["ci_high"], color=colour, lw=1.6, alpha=0.6
        )
        axis.plot(
            100 * rows["estimate"],
            at,
            "o",
            color=colour,
            ms=6.5,
            ls="",
            label=picture.population(side),
        )
    labels = [wrap(picture.category(table, "", c), 40) for c in order]
    axis.set_yticks(range(len(order)), labels)
    axis.set_xlabel(picture.word("percent"))
    axis.set_xlim(left=0)
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, fontsize=9)
    data = pd.concat([f.reset_index() for f in frames.values()])
    if len(sides):
        data = pd.concat([data, sides])
    note = f"{picture.base(data)} {picture.word('limits')}"
    return figure, data, f"{note} {picture.word('untold')}" if len(sides) else note


def _differences(picture: Picture, axis: Any, rows: pd.DataFrame) -> None:
    """Draw the difference of the two sides with its limits; pale where no test tells them apart."""
    for y, row in enumerate(rows.to_dict("records")):
        colour = INK if row["p_adjusted"] < picture.alpha else HATCH
        axis.hlines(y, 100 * row["ci_low"], 100 * row["ci_high"], color=colour, lw=1.6)
        axis.plot(100 * row["difference"], y, "o", color=colour, ms=5.5)
    axis.axvline(0, color=INK, lw=0.6)
    axis.set_xlabel(picture.word("gap"))
