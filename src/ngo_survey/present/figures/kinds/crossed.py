"""Answers of one question by those of another: how far each cell is from the share of all."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import DIVERGING, GREY, INK, WIDTH, edge_of, ink_on
from ngo_survey.present.figures.support import from_independence, from_total
from ngo_survey.present.figures.text import wrap

#: From below to above.
AROUND = LinearSegmentedColormap.from_list("around", DIVERGING)


def crossing(picture: Picture) -> Drawn:
    """Draw how far the answers of one question go with those of another (a pair analysis).

    Each cell is the difference of its share from that of all; coloured where it is beyond chance.
    The row above holds the shares of all.
    """
    name = picture.spec["analysis"]
    declared = picture.study.section("tables")["pairs"][name]
    frame = picture.estimates(name, "proportion")
    columns = list(dict.fromkeys(frame["category"]))
    across = _alone(picture, frame, declared, declared.get("with", declared["rows"]))
    if declared.get("of", "all") == "rows":
        cells = from_total(frame, across)
    else:
        rows = _alone(picture, frame, declared, declared["rows"])
        cells = from_independence(frame, rows, across, picture.alpha)
    known = cells.set_index(["item", "category"])
    items = list(dict.fromkeys(frame["item"]))
    down = [_answer(picture, name, declared["rows"], item) for item in items]
    heads = [_answer(picture, name, declared.get("with", declared["rows"]), c) for c in columns]
    labels = marks.wrapped([picture.word("total"), *down], 2.9)
    height = 2.0 + marks.row_height(labels, 0.26) * len(labels)
    figure, axis = plt.subplots(figsize=(WIDTH, height))
    most = max(float(cells["difference"].abs().max()), 1e-9) if len(cells) else 1.0
    for x, column in enumerate(columns):
        if pd.isna(across.get(column)):
            marks.hatched(axis, x, 0, 1, 1)
            continue
        share = picture.number(100 * float(across[column]))
        axis.text(x + 0.5, 0.5, share, ha="center", va="center", fontsize=8, weight="bold")
    for y, item in enumerate(items, start=1):
        for x, column in enumerate(columns):
            if (item, column) in known.index:
                row = known.loc[(item, column)]
                _cell(picture, axis, (x, y), row, most)
            else:
                marks.hatched(axis, x, y, 1, 1)
    axis.set_xlim(0, len(columns))
    axis.set_ylim(len(labels), 0)
    axis.set_yticks(np.arange(len(labels)) + 0.5, labels, linespacing=1.05)
    wrapped = [wrap(word, 1.75, 7.5) for word in heads]
    axis.set_xticks(np.arange(len(columns)) + 0.5, wrapped, rotation=90)
    axis.xaxis.tick_top()
    axis.tick_params(axis="x", colors=INK, top=False, labelsize=7.5)
    axis.grid(False)
    axis.axhline(1, color=GREY, lw=0.8, label=marks.GUIDE)
    axis.spines["bottom"].set_visible(False)
    note = picture.note(picture.word("crossed_note"), picture.base(frame), picture.hidden(frame))
    titles = dict(zip(items, down, strict=True)), dict(zip(columns, heads, strict=True))
    return Drawn(figure, cells, note, _furthest(picture, cells, *titles))


def _cell(picture: Picture, axis: Any, place: tuple[int, int], row: pd.Series, most: float) -> None:
    """Draw a difference: coloured by its size where it is beyond chance, grey where not."""
    clear = row["p_adjusted"] < picture.alpha
    colour = to_hex(AROUND(0.5 + row["difference"] / most / 2)) if clear else "#ffffff"
    if clear:
        axis.add_patch(plt.Rectangle(place, 1, 1, fc=colour, ec=edge_of(colour), lw=0.8))
    words = axis.text(
        place[0] + 0.5, place[1] + 0.5, picture.points(row["difference"], 0), ha="center",
        va="center", fontsize=8 if clear else 7, color=ink_on(colour) if clear else GREY,
        weight="bold" if clear else "normal",
    )  # fmt: skip
    marks.names([words], [row["key"]])


def _alone(picture: Picture, frame: pd.DataFrame, declared: Any, question: str) -> pd.Series:
    """Return the share of all who gave each answer, or one that counts to an item."""
    prefix = picture.study.prefixes[str(frame["population"].iloc[0])]
    shares = picture.estimates(prefix + question, "proportion")
    if shares["item"].iloc[0]:
        counted = shares[shares["category"].isin(declared["categories"])]
        return counted.groupby("item", sort=False)["estimate"].sum(min_count=1)
    return shares.set_index("category")["estimate"]


def _answer(picture: Picture, analysis: str, question: str, name: str) -> str:
    """Return the words of an answer to a question, or of an item of a battery."""
    book = picture.book(analysis)
    if question in book:
        return book.choice_label(question, name, picture.language)
    return book.title(book.item(question, name).name, picture.language)


def _furthest(
    picture: Picture, cells: pd.DataFrame, down: dict[str, str], across: dict[str, str]
) -> str:
    """Say which cell is furthest above the share of all, of those beyond chance."""
    clear = cells[(cells["p_adjusted"] < picture.alpha) & (cells["difference"] > 0)]
    if clear.empty:
        return picture.word("say_no_cell", all=len(cells))
    row = clear.loc[clear["difference"].idxmax()]
    return picture.word(
        "say_cell",
        row=down[row["item"]],
        column=across[row["category"]],
        share=picture.percent(row["estimate"]),
        total=picture.percent(row["estimate"] - row["difference"]),
    )
