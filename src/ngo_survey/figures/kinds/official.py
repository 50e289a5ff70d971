"""Official series side by side: concepts are never joined, gaps stay gaps."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import CYCLE, WIDTH

Drawn = tuple[Any, pd.DataFrame, str]


def series(picture: Picture) -> Drawn:
    """Draw each series as points of its own colour; a line joins consecutive years alone."""
    names = picture.spec["series"]
    declared = picture.study.section("trends")["series"]
    frame = picture.results.family("series")
    frame = frame[frame["series"].isin(names)]
    figure, axis = plt.subplots(figsize=(WIDTH, 3.6))
    for place, name in enumerate(names):
        rows = frame[(frame["series"] == name) & (frame["kind"] == "observed")]
        colour = CYCLE[place]
        years = rows["year"].astype(int).to_numpy()
        axis.plot(
            years,
            rows["value"],
            "o",
            color=colour,
            ms=7,
            label=picture.said(declared[name]["concept"]),
        )
        for i in range(len(years) - 1):
            if years[i + 1] - years[i] == 1:
                axis.plot(years[i : i + 2], rows["value"].iloc[i : i + 2], color=colour, lw=1.8)
        for year, value in zip(years, rows["value"], strict=True):
            axis.annotate(
                picture.number(value),
                (year, value),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=colour,
            )
        ahead = frame[(frame["series"] == name) & (frame["kind"] == "projected")]
        if len(ahead):
            future = ahead["year"].astype(int)
            axis.fill_between(future, ahead["low95"], ahead["high95"], color=colour, alpha=0.15)
            axis.fill_between(future, ahead["low80"], ahead["high80"], color=colour, alpha=0.25)
            axis.plot(future, ahead["value"], color=colour, ls="--")
    axis.grid(True, axis="y")
    axis.grid(False, axis="x")
    axis.set_ylim(0, float(frame["value"].max()) * 1.18)
    axis.tick_params(axis="y", colors="#5b6773")
    axis.yaxis.set_major_formatter(lambda v, _: picture.number(v))
    years = frame["year"].astype(int)
    axis.set_xticks(range(years.min(), years.max() + 1))
    axis.tick_params(axis="x", labelrotation=0 if years.nunique() < 12 else 45)
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1.0), fontsize=9, ncols=2)
    return figure, frame, picture.word("official")
