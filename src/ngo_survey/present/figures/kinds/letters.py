"""Many answers by banners: bars side by side, each with the letters of the columns it exceeds."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.sayings import say_apart
from ngo_survey.present.figures.style import INK, MAIN, RESTS, WIDTH
from ngo_survey.present.figures.text import wrap


def letters(picture: Picture) -> Drawn:
    """Draw one panel a level of a banner, one bar an answer, a row of panels a banner.

    Letters are those of the tables; a line through a bar marks the figure of all.
    """
    spec = picture.spec
    statistic = spec.get("statistic", "proportion")
    parts = "item" if statistic == "mean_share" else "category"
    banners = spec.get("banners") or [spec["banner"]]
    whole = picture.estimates(spec["analysis"], statistic).set_index(parts)["estimate"]
    whole = whole.drop([c for c in spec.get("leave_out", []) if c in whole.index])
    order = list(whole.sort_values(kind="stable").index)
    order = [c for c in order if c in RESTS] + [c for c in order if c not in RESTS]
    frames = [_lettered(picture, f"{spec['analysis']}_by_{by}", statistic) for by in banners]
    frames = [frame[frame[parts].isin(order)] for frame in frames]
    said = {
        c: picture.item(spec["analysis"], c)
        if parts == "item"
        else picture.category(spec["analysis"], "", c)
        for c in order
    }
    labels = marks.wrapped(said.values(), 2.2, 8.5)
    most = max(frame["by_level"].nunique() for frame in frames)
    wide = (WIDTH - 2.5) / most - 0.05
    heads = [_heads(picture, frame, wide) for frame in frames]
    lines = sum(max(head.count("\n") + 1 for head in row.values()) for row in heads)
    height = 0.15 * lines + (0.2 + marks.row_height(labels, 0.27) * len(order)) * len(frames)
    figure, axes = plt.subplots(
        nrows=len(frames), ncols=most, sharey=True, sharex=True, figsize=(WIDTH, height),
        squeeze=False,
    )  # fmt: skip
    for row, frame, head in zip(axes, frames, heads, strict=True):
        for axis in row[len(head) :]:
            axis.set_visible(False)
        for axis, (level, words) in zip(row, head.items(), strict=False):
            mine = frame[frame["by_level"] == level].set_index(parts).reindex(order)
            _panel(picture, axis, mine, whole[order])
            axis.set_title(words, fontsize=8, color=INK, linespacing=1.05)
            marks.bare(axis)
        marks.rows(row[0], labels, 8.5)
    data = pd.concat(frames)
    # Where every figure is hidden there are hatched bars alone, which need a width as well.
    largest = data["estimate"].max()
    axes[0][0].set_xlim(0, 175 * (float(largest) if largest > 0 else 1.0))
    key(figure, [marks.line()], [picture.word("all_together")])
    told = data[~data[parts].isin(RESTS)]
    message = say_apart(picture, told, lambda row: said[getattr(row, parts)], picture.percent)
    count = int((data["above"].fillna("") != "").sum())
    if count:
        message = picture.note(message, picture.word("say_letters", n=count))
    note = picture.note(
        picture.word("percent") + ".", picture.word("letters_note"), picture.base(data),
        picture.hidden(data),
    )  # fmt: skip
    return Drawn(figure, data, note, message)


def _lettered(picture: Picture, name: str, statistic: str) -> pd.DataFrame:
    """Return the estimates of an analysis with the letters of their columns."""
    frame = picture.estimates(name, statistic)
    above = picture.results.comparisons(name)
    above = above[above["statistic"] == statistic]
    on = ["item", "category", "by_level"]
    return frame.merge(above[[*on, "letter", "above"]], on=on, how="left")


def _heads(picture: Picture, frame: pd.DataFrame, wide: float) -> dict[str, str]:
    """Return the head of the panel of each level: its letter and its name."""
    heads = {}
    for level, rows in frame.groupby("by_level", sort=False):
        first = rows.iloc[0]
        letter = rows["letter"].dropna()
        mark = f"{letter.iloc[0]}  " if len(letter) and letter.iloc[0] else ""
        words = picture.level(str(first["analysis"]), str(first["by"]), str(level))
        heads[str(level)] = wrap(mark + words, wide, 8)
    return heads


def _panel(picture: Picture, axis: Any, rows: pd.DataFrame, whole: pd.Series) -> None:
    bars = axis.barh(range(len(rows)), 100 * rows["estimate"], color=MAIN, height=0.62)
    marks.names(bars, rows["key"].where(rows["estimate"].notna()))
    for y, (row, all_of) in enumerate(zip(rows.itertuples(), whole, strict=True)):
        if not np.isfinite(row.estimate):
            marks.hatched(axis, 0, y - 0.3, 8, 0.6)
            continue
        axis.vlines(100 * all_of, y - 0.4, y + 0.4, color=INK, lw=1.4, label=marks.GUIDE)
        above = row.above if isinstance(row.above, str) else ""
        text = f"{picture.number(100 * row.estimate)}  {above}".rstrip()
        end = 100 * max(row.estimate, all_of)
        marks.value(axis, end, y, text, fontsize=8, color=INK)
