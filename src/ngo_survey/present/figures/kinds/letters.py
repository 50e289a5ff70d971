"""Many answers by a banner: bars side by side, each with the letters of the columns it exceeds."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import INK, MAIN, WIDTH
from ngo_survey.present.figures.text import wrap


def letters(picture: Picture) -> Drawn:
    """Draw one panel a level of a banner, one bar an answer; letters are those of the tables."""
    spec = picture.spec
    name, by = f"{spec['analysis']}_by_{spec['banner']}", spec["banner"]
    whole = picture.estimates(spec["analysis"], "proportion").set_index("category")["estimate"]
    whole = whole.drop([c for c in spec.get("leave_out", []) if c in whole.index])
    order = list(whole.sort_values(kind="stable").index)
    frame = picture.estimates(name, "proportion")
    frame = frame[frame["category"].isin(order)]
    above = picture.results.comparisons(name)
    above = above[above["statistic"] == "proportion"]
    frame = frame.merge(
        above[["category", "by_level", "letter", "above"]], on=["category", "by_level"], how="left"
    )
    levels = list(dict.fromkeys(frame["by_level"]))
    said = {c: picture.category(name, "", c) for c in order}
    labels = marks.wrapped(said.values(), 2.2, 8.5)
    wide = (WIDTH - 2.5) / len(levels) - 0.05
    heads = [wrap(_head(picture, frame, name, by, level), wide, 8) for level in levels]
    most = max(head.count("\n") + 1 for head in heads)
    height = 0.2 + 0.15 * most + marks.row_height(labels, 0.27) * len(order)
    figure, axes = plt.subplots(
        ncols=len(levels), sharey=True, sharex=True, figsize=(WIDTH, height), squeeze=False
    )
    for axis, level, head in zip(axes[0], levels, heads, strict=True):
        mine = frame[frame["by_level"] == level].set_index("category").reindex(order)
        _panel(picture, axis, mine)
        axis.set_title(head, fontsize=8, color=INK, linespacing=1.05)
        marks.bare(axis)
    marks.rows(axes[0][0], labels, 8.5)
    axes[0][0].set_xlim(0, 100 * float(frame["estimate"].max()) * 1.75)
    count = int((frame["above"].fillna("") != "").sum())
    shown = frame.dropna(subset=["estimate"])
    spread = shown.groupby("category", sort=False)["estimate"].agg(lambda x: x.max() - x.min())
    far = str(spread.idxmax())
    ends = shown[shown["category"] == far].sort_values("estimate", kind="stable").iloc[[-1, 0]]
    values = [
        f"{picture.level(name, by, row.by_level)} {picture.percent(row.estimate)}"
        for row in ends.itertuples()
    ]
    message = picture.note(
        picture.word("say_apart", what=said[far], one=values[0], other=values[1]),
        picture.word("say_letters", n=count),
    )
    note = picture.note(
        picture.word("percent") + ".", picture.word("letters_note"), picture.base(frame),
        picture.hidden(frame),
    )  # fmt: skip
    return Drawn(figure, frame, note, message)


def _head(picture: Picture, frame: Any, name: str, by: str, level: str) -> str:
    letter = frame.loc[frame["by_level"] == level, "letter"].dropna()
    mark = f"{letter.iloc[0]}  " if len(letter) and letter.iloc[0] else ""
    return mark + picture.level(name, by, level)


def _panel(picture: Picture, axis: Any, rows: Any) -> None:
    axis.barh(range(len(rows)), 100 * rows["estimate"], color=MAIN, height=0.62)
    for y, row in enumerate(rows.itertuples()):
        if not np.isfinite(row.estimate):
            marks.hatched(axis, 0, y - 0.3, 8, 0.6)
            continue
        above = row.above if isinstance(row.above, str) else ""
        text = f"{picture.number(100 * row.estimate)}  {above}".rstrip()
        marks.value(axis, 100 * row.estimate, y, text, fontsize=8, color=INK)
