"""Answers that are given together: how far pairs are from independence, above a grid of dots.

The drawing is that of Lex et al. (2014), "UpSet: Visualization of Intersecting Sets", IEEE TVCG
20(12), for pairs: what three and more share is seldom safe to release. What it shows is not their
share, which two frequent answers have by chance alone, but what it is above or below that.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import GREY, INK, MAIN, PALE, WIDTH
from ngo_survey.present.figures.support import from_independence

#: Pairs that are shown, those furthest from independence.
SHOWN = 16


def together(picture: Picture) -> Drawn:
    """Draw pairs of answers by the points that their share is from independence, with limits."""
    name = picture.spec["analysis"]
    question = picture.study.section("tables")["pairs"][name]["rows"]
    frame = picture.estimates(name, "proportion")
    left_out = set(picture.spec.get("leave_out", []))
    frame = frame[~frame["item"].isin(left_out) & ~frame["category"].isin(left_out)]
    prefix = picture.study.prefixes[str(frame["population"].iloc[0])]
    alone = picture.estimates(prefix + question, "proportion").set_index("category")["estimate"]
    pairs = from_independence(frame, alone, alone, picture.alpha)
    furthest = pairs["difference"].abs().sort_values(ascending=False, kind="stable").index[:SHOWN]
    visible = pairs.loc[furthest].sort_values("difference", ascending=False, kind="stable")
    clear = visible["p_adjusted"] < picture.alpha
    named = alone[alone.index.isin({*visible["item"], *visible["category"]})]
    order = list(named.sort_values(kind="stable").index)
    book = picture.book(name)
    said = {c: book.choice_label(question, c, picture.language) for c in order}
    labels = marks.wrapped((f"{said[c]} ({picture.percent(alone[c])})" for c in order), 2.9)
    below = marks.row_height(labels, 0.27) * len(order)
    figure, (axis, grid) = plt.subplots(
        2, 1, sharex=True, figsize=(WIDTH, 2.1 + below), height_ratios=(1.9, below)
    )
    axis.axhline(0, color=GREY, lw=0.9, label=marks.GUIDE, zorder=0.9)
    for x, (row, certain) in enumerate(zip(visible.itertuples(), clear, strict=True)):
        colour = MAIN if certain else GREY
        axis.vlines(x, 100 * row.low, 100 * row.high, color=colour, lw=1.7)
        dot = axis.plot(
            x, 100 * row.difference, "o", color=colour, mfc=colour if certain else "white", ms=6
        )
        marks.names(dot, [row.key])
        ends = sorted((order.index(row.item), order.index(row.category)))
        grid.plot([x, x], ends, "o-", color=INK, ms=6.5, lw=1.6)
    for y in range(len(order)):
        grid.axhline(y, color=PALE, lw=0.7, zorder=0.5, label=marks.GUIDE)
    marks.rows(grid, labels)
    marks.bare(grid)
    axis.spines["bottom"].set_visible(False)
    axis.tick_params(axis="x", bottom=False, labelbottom=False)
    axis.grid(visible=False)
    axis.yaxis.set_major_formatter(lambda value, _: picture.points(value / 100, 0))
    axis.tick_params(axis="y", colors=GREY)
    axis.set_ylabel(picture.word("excess"), fontsize=9)
    note = picture.note(
        picture.word("pairs_note", n=len(visible)), picture.base(frame),
        picture.word("limits_tested"), picture.word("pairs_chance"),
    )  # fmt: skip
    return Drawn(figure, pairs, note, _message(picture, pairs, said))


def _message(picture: Picture, pairs: pd.DataFrame, said: dict[str, str]) -> str:
    """Say which two answers go together most of those that do beyond chance."""
    clear = pairs[(pairs["p_adjusted"] < picture.alpha) & (pairs["difference"] > 0)]
    if clear.empty:
        return picture.word("say_no_pair", all=len(pairs))
    row = clear.loc[clear["difference"].idxmax()]
    return picture.word(
        "say_pair",
        pair=f"{said[row['item']]} + {said[row['category']]}",
        share=picture.percent(row["estimate"]),
        chance=picture.percent(row["estimate"] - row["difference"]),
    )
