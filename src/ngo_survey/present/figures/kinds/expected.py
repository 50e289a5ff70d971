"""What groups of respondents expect: one bar a question about the future, its scale whole."""

from __future__ import annotations

import textwrap

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.sayings import ranks, say_ends
from ngo_survey.present.figures.style import CYCLE, DIVERGING, HATCH, INK, WIDTH, edge_of

#: Width of a letter of a label under a bar, as a share of the axis.
LETTER = 0.0125


def expected(picture: Picture) -> Drawn:
    """Draw the answers to one question a panel as one bar (``analyses``)."""
    names = [named["analysis"] for named in picture.spec["analyses"]]
    figure, axes = plt.subplots(len(names), figsize=(WIDTH, 1.3 * len(names)), squeeze=False)
    parts = [_bar(picture, axis, name) for axis, name in zip(axes[:, 0], names, strict=True)]
    data = pd.concat(parts)
    message = " ".join(_most(picture, rows) for rows in parts)
    note = picture.note(picture.word("rows_of_100"), picture.base(data), picture.hidden(data))
    return Drawn(figure, data, note, message)


def _most(picture: Picture, rows: pd.DataFrame) -> str:
    """Say which answer a group of respondents gives most often, or between which that is open."""
    analysis, group = str(rows["analysis"].iloc[0]), str(rows["population"].iloc[0])
    ends = say_ends(
        picture, rows, ranks(picture, analysis, "proportion"),
        lambda row: f"{picture.category(analysis, '', row.category)} "
        f"({picture.percent(row.estimate)})",
        lowest=False,
    )  # fmt: skip
    return picture.word("say_group", group=picture.population(group), ends=ends) if ends else ""


def _bar(picture: Picture, axis: Axes, analysis: str) -> pd.DataFrame:
    """Draw what respondents expect as one bar of released shares; what is withheld is hatched."""
    rows = picture.estimates(analysis, "proportion")
    rows = rows[rows["by_level"] == "total"]
    colours = DIVERGING if len(rows) == len(DIVERGING) else CYCLE
    left, taken = 0.0, 0.0
    untold = [place for place, status in enumerate(rows["status"]) if status != "shown"]
    together = untold == list(range(untold[0], untold[-1] + 1)) if untold else False
    for place, row in enumerate(rows.itertuples()):
        if together and place == untold[0]:
            rest = 1 - float(rows["estimate"].sum())
            _untold(axis, left, rest)
            left += rest
        if row.status != "shown":
            continue
        share, colour = float(row.estimate), colours[place % len(colours)]
        bar = axis.barh(
            0, share, left=left, color=colour, height=0.5, edgecolor=edge_of(colour), lw=0.7
        )
        marks.names(bar, [row.key])
        label = picture.category(analysis, "", str(row.category))
        words = f"{_wrapped(label, max(12, int(75 * share)))}\n{picture.percent(share)}"
        half = LETTER * max(map(len, words.splitlines())) / 2
        middle = min(max(left + share / 2, half), 1 - half)
        # A label that its neighbour leaves no room stands above the bar.
        above = middle - half < taken
        taken = taken if above else middle + half
        axis.text(
            middle,
            0.3 if above else -0.3,
            words,
            ha="center",
            va="bottom" if above else "top",
            fontsize=8,
            color=INK,
        )
        left += share
    if untold and not together:
        _untold(axis, left, 1 - left)
    axis.set_xlim(0, 1)
    axis.set_ylim(-1.1, 1.1)
    axis.axis("off")
    book = picture.book(analysis)
    question = book.title(picture.table(analysis), picture.language)
    group = picture.population(str(rows["population"].iloc[0]))
    axis.set_title(f"{group}: {question}", fontsize=9, color=INK, loc="left", pad=4)
    return rows


def _untold(axis: Axes, left: float, width: float) -> None:
    """Hatch what is withheld: where it stands on the scale, or behind what is shown."""
    axis.barh(0, width, left=left, color="white", edgecolor=HATCH, hatch="////", height=0.5)


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))
