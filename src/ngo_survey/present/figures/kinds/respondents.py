"""Who answered: the response flow, and the sample against the register."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import GREY, GROUPS, INK, MAIN, PALE, WIDTH
from ngo_survey.present.figures.text import lines
from ngo_survey.present.table_layout.response_flow import adds_up

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
        left, colour = column / len(counts) + 0.01, GROUPS[column % len(GROUPS)]
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
            axis.plot([left + 0.06, left + 0.09], [y, y], color=GREY, lw=1.0, label=marks.GUIDE)
            said = f"{picture.word(stage)}: {picture.number(rows[stage])}"
            axis.text(left + 0.1, y, said, fontsize=9, va="center")
    axis.set_xlim(0, 1)
    axis.set_ylim(-0.03, height)
    axis.axis("off")
    said_of = [
        picture.word(
            "say_flow",
            who=picture.population(name),
            complete=picture.number(rows["complete"]),
            received=picture.number(rows["received"]),
        )
        for name, rows in counts.items()
    ]
    shown = frame[frame["population"].isin(list(counts))].to_dict("records")
    rounded = "" if adds_up(shown) else picture.word("flow_rounded")
    note = picture.note(picture.word("flow_note"), rounded)
    return Drawn(figure, frame, note, "; ".join(said_of) + ".")


def _box(axis: Any, place: tuple[float, float, float], words: str, count: str, colour: str) -> None:
    x, y, width = place
    axis.add_patch(
        plt.Rectangle((x, y), width, BOX - 0.02, facecolor="white", edgecolor=colour, lw=1.6)
    )
    middle = y + (BOX - 0.02) / 2
    said = "\n".join(lines(words, width * WIDTH - 0.75, 9.5))
    axis.text(x + 0.02, middle, said, va="center", fontsize=9.5, linespacing=1.05)
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
    book = picture.books[spec["population"]]
    said = [book.choice_label(spec["variable"], v, picture.language) for v in frame["level"]]
    labels = marks.wrapped(said)
    figure, axis = plt.subplots(figsize=(WIDTH, 0.5 + marks.row_height(labels, 0.29) * len(frame)))
    shares = {name: 100 * frame[name] for name in ("sample", "weighted", "register")}
    places = range(len(frame))
    axis.hlines(
        places,
        shares["sample"],
        shares["register"],
        color=PALE,
        lw=3,
        label=marks.GUIDE,
        zorder=0.9,
    )
    looks: dict[str, dict[str, Any]] = {
        "sample": {"marker": "o", "mfc": "white", "mec": GREY, "color": GREY, "ms": 7},
        "weighted": {"marker": "o", "color": MAIN, "ms": 7.5},
        "register": {"marker": "|", "color": INK, "ms": 14, "mew": 1.8},
    }
    for name, given in looks.items():
        marks.dots(axis, shares[name], places, frame["key"], **given)
    marks.rows(axis, labels)
    marks.percent_axis(picture, axis, picture.word("percent"))
    handles = [plt.Line2D([], [], ls="", **given | {"ms": 7}) for given in looks.values()]
    key(figure, handles, [picture.word(name) for name in looks])
    far = int((frame["sample"] - frame["register"]).abs().to_numpy().argmax())
    values = {name: picture.percent(frame[name].iloc[far], 1) for name in looks}
    note = picture.word("base", n=picture.number(frame["n"].sum()))
    return Drawn(figure, frame, note, picture.word("say_margin", what=said[far], **values))
