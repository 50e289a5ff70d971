"""How far models can be trusted: a specification curve, and probabilities against answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import FuncFormatter

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import DIVERGING, GREY, INK, MAIN, PALE, WIDTH

#: Choices in the order in which the rows below the curve stand.
CHOICES = ("coding", "weights", "missing", "covariates", "link")


def specification(picture: Picture) -> Drawn:
    """Draw one effect under every declared choice, smallest first, and below which choice it is.

    Specifications that failed, or whose covariates lack the term, are counted in the note.
    """
    model, term = picture.spec["model"], picture.spec["term"]
    frame = picture.results.family("specifications")
    frame = frame[(frame["model"] == model) & (frame["term"] == term)]
    visible = frame.dropna(subset=["estimate"]).sort_values(["estimate", "number"], kind="stable")
    if visible.empty:
        raise picture.study.mistake(
            "no specification has this effect",
            f"figures.{picture.name}.term",
            term,
            f"the stage specify says why none of {model} could be fitted; mend the model, or take "
            "the figure out",
        )
    rows = _rows(picture, visible)
    labels = marks.wrapped((label for *_, label in rows), 3.0, 8)
    below_height = marks.row_height(labels, 0.21) * len(rows)
    figure, (above, below) = plt.subplots(
        2,
        1,
        figsize=(WIDTH, 2.8 + below_height),
        sharex=True,
        height_ratios=[2.6, below_height],
    )
    places = range(len(visible))
    above.axhline(0, color=INK, lw=0.9, label=marks.GUIDE)
    clear = (visible["ci_low"] > 0) | (visible["ci_high"] < 0)
    colours = [MAIN if certain else GREY for certain in clear]
    above.vlines(places, 100 * visible["ci_low"], 100 * visible["ci_high"], colors=colours, lw=1.3)
    above.scatter(
        places, 100 * visible["estimate"], c=colours, s=16, zorder=3, urls=visible["key"].tolist()
    )
    first = int((visible["number"].to_numpy() == frame["number"].min()).argmax())
    above.annotate(
        picture.word("main_model"),
        (first, 100 * visible["ci_high"].iloc[first]),
        xytext=(first, 1.02),
        textcoords=("data", "axes fraction"),
        ha="left" if first < len(visible) / 2 else "right",
        va="bottom",
        fontsize=8.5,
        color=INK,
        arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.7},
    )
    above.set_ylabel(picture.word("effect_axis"), fontsize=9)
    above.grid(axis="x", visible=False)
    above.grid(axis="y", color="#e8ebee")
    above.yaxis.set_major_formatter(
        FuncFormatter(
            lambda value, _: picture.number(value, 0 if abs(value) >= 1 or not value else 1)
        )
    )
    _choices(below, rows, visible, labels)
    for axis in (above, below):
        axis.set_xlim(-0.8, len(visible) - 0.2)
        axis.set_xticks([])
    lost = len(frame) - len(visible)
    notes = [picture.word("limits"), picture.word("specifications", n=picture.number(len(visible)))]
    notes += [picture.word("specifications_lost", n=picture.number(lost))] if lost else []
    ends = visible["estimate"].iloc[[0, -1]]
    message = picture.word(
        "say_specifications",
        clear=int(clear.sum()),
        all=len(visible),
        low=picture.points(float(ends.iloc[0])),
        high=picture.points(float(ends.iloc[1])),
    )
    return Drawn(figure, frame, " ".join(notes), message)


def _rows(picture: Picture, visible: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return (choice, option, label) for every choice that was made in two ways or more."""
    curve = picture.study.section("models")["specifications"][picture.spec["model"]]
    made = []
    for choice in CHOICES:
        options = list(dict.fromkeys(visible.sort_values("number", kind="stable")[choice]))
        for option in options if len(options) > 1 else []:
            declared = curve.get(choice)
            label = (
                picture.said(declared[option]["title"])
                if isinstance(declared, Mapping)
                else picture.word(f"choice_{option}")
            )
            made.append((choice, option, label))
    return made


def _choices(
    axis: Any, rows: list[tuple[str, str, str]], visible: pd.DataFrame, labels: list[str]
) -> None:
    """Mark under each specification the options that it takes."""
    for y, (choice, option, _) in enumerate(reversed(rows)):
        mine = [place for place, taken in enumerate(visible[choice]) if taken == option]
        axis.hlines(y, -0.8, len(visible) - 0.2, color="#f1f3f5", lw=6, zorder=0, label=marks.GUIDE)
        axis.vlines(mine, y - 0.32, y + 0.32, color=INK, lw=2.2)
        before = rows[len(rows) - 2 - y][0] if y + 1 < len(rows) else choice
        if before != choice:
            axis.axhline(y + 0.5, color=PALE, lw=1, label=marks.GUIDE)
    marks.rows(axis, labels[::-1], 8)
    axis.grid(visible=False)


def calibration(picture: Picture) -> Drawn:
    """Draw what was observed against what was predicted out of fold, one line an outcome."""
    model = picture.spec["model"]
    frame = picture.results.family("calibration")
    frame = frame[frame["model"] == model]
    shown = frame.dropna(subset=["observed"])
    if shown.empty:
        raise picture.study.mistake(
            "nothing can be told of how far the model is to be trusted: it could not be validated, "
            "or too few stand behind each group",
            f"figures.{picture.name}.model",
            model,
            "mend the model (the stage validate says why), declare fewer models.validation.groups, "
            "or take the figure out",
        )
    declared = picture.study.section("models")["declared"][model]
    book = picture.books[declared["population"]]
    outcomes = list(dict.fromkeys(frame["outcome"]))
    figure, axis = plt.subplots(figsize=(WIDTH, 4.6))
    most = 100 * max(float(shown["ci_high"].max()), float(frame["predicted"].max()))
    axis.plot([0, most], [0, most], color=GREY, lw=1, ls=(0, (4, 3)), label=marks.GUIDE)
    colours = {outcomes[0]: DIVERGING[0], outcomes[-1]: DIVERGING[-1]}
    said = {}
    for place, outcome in enumerate(outcomes):
        mine = shown[shown["outcome"] == outcome]
        colour = colours.get(outcome, GREY)
        axis.vlines(
            100 * mine["predicted"],
            100 * mine["ci_low"],
            100 * mine["ci_high"],
            color=colour,
            lw=1.3,
        )
        words = [
            book.choice_label(declared["outcome"], o, picture.language) for o in outcome.split("+")
        ]
        said[" + ".join(words)] = marks.dot(colour, marks.SHAPES[place % len(marks.SHAPES)])
        shape = marks.SHAPES[place % len(marks.SHAPES)]
        predicted, observed = 100 * mine["predicted"], 100 * mine["observed"]
        axis.plot(predicted, observed, color=colour, lw=1)
        marks.dots(axis, predicted, observed, mine["key"], marker=shape, color=colour, ms=6)
    axis.grid(axis="both")
    marks.percent_axis(picture, axis, picture.word("predicted"))
    axis.set_ylabel(picture.word("observed"))
    axis.set_xlim(0, most * 1.02)
    axis.set_ylim(0, most * 1.02)
    axis.set_aspect("equal")
    key(figure, list(said.values()), list(said))
    far = shown.loc[(shown["observed"] - shown["predicted"]).abs().idxmax()]
    message = picture.word(
        "say_calibration",
        what=list(said)[outcomes.index(far["outcome"])],
        predicted=picture.percent(far["predicted"]),
        observed=picture.percent(far["observed"]),
    )
    n = int(frame.loc[frame["outcome"] == outcomes[0], "n"].sum())
    notes = [picture.word("base", n=picture.number(n)), picture.word("limits")]
    return Drawn(figure, frame, " ".join([*notes, picture.word("diagonal")]), message)
