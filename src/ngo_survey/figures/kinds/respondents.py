"""Who answered: the response flow, and the sample against the register."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.patches import FancyBboxPatch

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import GOVERNMENT, GREY, INK, NGO, PALE, WIDTH, wrap

Drawn = tuple[Any, pd.DataFrame, str]


def flow(picture: Picture) -> Drawn:
    """Draw the flow from rows received to complete cases, one column a group of respondents."""
    frame = picture.results.family("flow")
    populations = list(picture.books)
    figure, axis = plt.subplots(figsize=(WIDTH, 3.4))
    for column, population in enumerate(populations):
        rows = frame[frame["population"] == population].set_index("stage")["count"]
        left, colour = 0.02 + 0.5 * column, (NGO, GOVERNMENT)[column % 2]
        axis.text(left, 0.97, picture.population(population), weight="bold", fontsize=11)
        _box(axis, left, 0.74, picture.word("received"), picture.number(rows["received"]), colour)
        lost = [s for s in rows.index if s not in {"received", "complete"} and rows[s] > 0]
        axis.annotate(
            "",
            (left + 0.1, 0.2),
            (left + 0.1, 0.72),
            arrowprops={"arrowstyle": "->", "color": GREY},
        )
        for place, stage in enumerate(lost):
            y = 0.64 - 0.09 * place
            axis.plot([left + 0.1, left + 0.14], [y + 0.012, y + 0.012], color=PALE, lw=1.4)
            axis.text(
                left + 0.15,
                y,
                f"{picture.word(stage)}: {picture.number(rows[stage])}",
                fontsize=9.5,
            )
        _box(axis, left, 0.02, picture.word("complete"), picture.number(rows["complete"]), colour)
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1.05)
    axis.axis("off")
    return figure, frame, ""


def _box(axis: Any, x: float, y: float, words: str, count: str, colour: str) -> None:
    style = "round,pad=0.01,rounding_size=0.012"
    axis.add_patch(
        FancyBboxPatch(
            (x, y), 0.4, 0.15, boxstyle=style, facecolor="white", edgecolor=colour, lw=1.6
        )
    )
    axis.text(x + 0.02, y + 0.075, words, va="center", fontsize=10)
    axis.text(
        x + 0.38,
        y + 0.075,
        count,
        va="center",
        ha="right",
        fontsize=13,
        weight="bold",
        color=INK,
    )


def margins(picture: Picture) -> Drawn:
    """Draw shares of the sample before and after weighting beside the register."""
    spec = picture.spec
    frame = picture.results.family("margins")
    frame = frame[
        (frame["population"] == spec["population"]) & (frame["variable"] == spec["variable"])
    ].sort_values("register")
    figure, axis = plt.subplots(figsize=(WIDTH, 1.1 + 0.31 * len(frame)))
    places = range(len(frame))
    axis.hlines(places, 100 * frame["sample"], 100 * frame["register"], color=PALE, lw=3)
    axis.plot(
        100 * frame["sample"],
        places,
        "o",
        mfc="white",
        mec=GREY,
        ms=7,
        ls="",
        label=picture.word("sample"),
    )
    axis.plot(
        100 * frame["weighted"], places, "o", color=NGO, ms=8, ls="", label=picture.word("weighted")
    )
    axis.plot(
        100 * frame["register"],
        places,
        "|",
        color=INK,
        ms=14,
        mew=1.8,
        ls="",
        label=picture.word("register"),
    )
    book = picture.books[spec["population"]]
    labels = [book.choice_label(spec["variable"], v, picture.language) for v in frame["level"]]
    axis.set_yticks(list(places), [wrap(label, 38) for label in labels])
    axis.set_xlabel(picture.word("percent"))
    axis.set_ylim(-0.7, len(frame) - 0.3)
    axis.legend(loc="lower right", fontsize=9)
    return figure, frame, picture.word("base", n=picture.number(frame["n"].sum()))
