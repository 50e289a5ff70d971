"""Who answered: the response flow, and the sample against the register."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import GOVERNMENT, GREY, INK, NGO, PALE, WIDTH, wrap

Drawn = tuple[Any, pd.DataFrame, str]


#: Heights of the flow, in inches: a line of what was lost, a box, the name above.
LINE, BOX, NAME = 0.24, 0.46, 0.36


def flow(picture: Picture) -> Drawn:
    """Draw the flow from rows received to complete cases, one column a group of respondents."""
    frame = picture.results.family("flow")
    counts = {
        name: frame[frame["population"] == name].set_index("stage")["count"]
        for name in picture.books
    }
    lost = {
        name: [s for s in rows.index if s not in {"received", "complete"} and rows[s] > 0]
        for name, rows in counts.items()
    }
    between = LINE * (max(map(len, lost.values())) + 0.8)
    height = NAME + 2 * BOX + between
    figure, axis = plt.subplots(figsize=(WIDTH, height))
    width = 0.94 / len(counts)
    for column, (population, rows) in enumerate(counts.items()):
        left, colour = column / len(counts) + 0.01, (NGO, GOVERNMENT)[column % 2]
        name = picture.population(population)
        axis.text(left, height - NAME * 0.6, name, weight="bold", fontsize=11)
        top = height - NAME - BOX
        received, complete = (picture.number(rows[s]) for s in ("received", "complete"))
        _box(axis, (left, top, width), picture.word("received"), received, colour)
        _box(axis, (left, 0, width), picture.word("complete"), complete, colour)
        axis.annotate(
            "",
            (left + 0.06, BOX + 0.02),
            (left + 0.06, top - 0.02),
            arrowprops={"arrowstyle": "->", "color": GREY},
        )
        for place, stage in enumerate(lost[population]):
            y = top - LINE * (place + 0.9)
            axis.plot([left + 0.06, left + 0.09], [y, y], color=PALE, lw=1.4)
            said = f"{picture.word(stage)}: {picture.number(rows[stage])}"
            axis.text(left + 0.1, y, said, fontsize=9.5, va="center")
    axis.set_xlim(0, 1)
    axis.set_ylim(-0.03, height)
    axis.axis("off")
    return figure, frame, ""


def _box(axis: Any, place: tuple[float, float, float], words: str, count: str, colour: str) -> None:
    x, y, width = place
    axis.add_patch(
        plt.Rectangle((x, y), width, BOX - 0.02, facecolor="white", edgecolor=colour, lw=1.6)
    )
    middle = y + (BOX - 0.02) / 2
    axis.text(x + 0.02, middle, words, va="center", fontsize=10)
    axis.text(
        x + width - 0.02,
        middle,
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
