"""Answers that are given together: pairs as bars above a grid of dots.

The drawing is that of Lex et al. (2014), "UpSet: Visualization of Intersecting Sets", IEEE TVCG
20(12), for pairs: what three and more share is seldom safe to release.
"""

from __future__ import annotations

import matplotlib.pyplot as plt

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import INK, MAIN, PALE, WIDTH

#: Pairs that are shown, the most frequent.
SHOWN = 16


def together(picture: Picture) -> Drawn:
    """Draw the pairs of answers that most respondents give together, the most frequent first."""
    name = picture.spec["analysis"]
    question = picture.study.section("tables")["pairs"][name]["rows"]
    frame = picture.estimates(name, "proportion")
    left_out = set(picture.spec.get("leave_out", []))
    frame = frame[~frame["item"].isin(left_out) & ~frame["category"].isin(left_out)]
    visible = frame.dropna(subset=["estimate"])
    visible = visible.sort_values("estimate", ascending=False, kind="stable").head(SHOWN)
    alone = picture.estimates(question, "proportion").set_index("category")["estimate"]
    named = alone[alone.index.isin({*visible["item"], *visible["category"]})]
    order = list(named.sort_values(kind="stable").index)
    book = picture.book(name)
    said = {c: book.choice_label(question, c, picture.language) for c in order}
    labels = marks.wrapped((f"{said[c]} ({picture.percent(alone[c])})" for c in order), 2.9)
    below = marks.row_height(labels, 0.27) * len(order)
    figure, (axis, grid) = plt.subplots(
        2, 1, sharex=True, figsize=(WIDTH, 1.9 + below), height_ratios=(1.7, below)
    )
    for x, row in enumerate(visible.itertuples()):
        axis.bar(x, 100 * row.estimate, color=MAIN, width=0.66)
        axis.vlines(x, 100 * row.ci_low, 100 * row.ci_high, color=INK, lw=1.2)
        axis.annotate(
            picture.number(100 * row.estimate), (x, 100 * row.ci_high), xytext=(0, 3),
            textcoords="offset points", ha="center", fontsize=8, color=INK,
        )  # fmt: skip
        ends = sorted((order.index(row.item), order.index(row.category)))
        grid.plot([x, x], ends, "o-", color=INK, ms=6.5, lw=1.6)
    for y in range(len(order)):
        grid.axhline(y, color=PALE, lw=0.7, zorder=0.5, label=marks.GUIDE)
    marks.rows(grid, labels)
    for one in (axis, grid):
        marks.bare(one)
    axis.set_yticks([])
    axis.set_ylim(0, 100 * float(visible["ci_high"].max()) * 1.12)
    first = visible.iloc[0]
    pair = f"{said[first['item']]} + {said[first['category']]}"
    message = picture.word("say_pair", pair=pair, share=picture.percent(first["estimate"]))
    note = picture.note(
        picture.word("pairs_note", n=len(visible)), picture.base(frame), picture.word("limits")
    )
    return Drawn(figure, frame, note, message)
