"""Order: means with the ranks that the data leave open, and heat maps."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.ticker import MaxNLocator

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.sayings import ranks, say_apart, say_ends
from ngo_survey.present.figures.style import GREY, INK, MAIN, SEQUENTIAL, WIDTH, ink_on
from ngo_survey.present.figures.text import wrap

#: From little to much.
RAMP = LinearSegmentedColormap.from_list("much", SEQUENTIAL)


def ranking(picture: Picture) -> Drawn:
    """Draw the means of a battery with limits, highest first, and the ranks that the data leave."""
    name = picture.spec["analysis"]
    frame = picture.estimates(name, "mean").sort_values("estimate", kind="stable")
    order = ranks(picture, name, "mean")
    frame = frame.merge(order[["item", "rank", "rank_low", "rank_high"]], on="item", how="left")
    said = [picture.item(name, item) for item in frame["item"]]
    labels = marks.wrapped(said, 2.9)
    height = 0.55 + marks.row_height(labels) * len(frame)
    figure, (axis, beside) = plt.subplots(
        ncols=2, sharey=True, figsize=(WIDTH, height), width_ratios=(1.6, 1)
    )
    marks.intervals(axis, range(len(frame)), frame, MAIN, scale=1.0)
    for y, row in enumerate(frame.itertuples()):
        marks.value(axis, row.ci_high, y, picture.number(row.estimate, 2))
    axis.xaxis.set_major_formatter(lambda x, _: picture.number(x, 1))
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.margins(x=0.12)
    marks.rows(axis, labels)
    axis.set_xlabel(wrap(picture.word("mean"), 2.2))
    note = picture.note(picture.base(frame), picture.word("limits"))
    if len(order):
        _ranks_left(picture, beside, frame)
        note = picture.note(note, picture.word("ranked"))
    else:
        beside.remove()
    titles = dict(zip(frame["item"], said, strict=True))
    message = say_ends(
        picture, frame.drop(columns=["rank", "rank_low", "rank_high"]), order,
        lambda row: f"{titles[row.item]} ({picture.number(row.estimate, 2)})",
    )  # fmt: skip
    return Drawn(figure, frame, note, message)


def _ranks_left(picture: Picture, axis: Any, frame: pd.DataFrame) -> None:
    """Draw which ranks the data leave each item: a bar from its best to its worst."""
    for y, row in enumerate(frame.itertuples()):
        if not np.isfinite(row.rank_low):
            continue
        low, high = row.rank_low, row.rank_high
        axis.barh(y, high - low + 0.7, left=low - 0.35, height=0.5, color=GREY)
        text = f"{low:.0f}" if low == high else f"{low:.0f}\u2013{high:.0f}"
        marks.value(axis, high + 0.35, y, text, fontsize=8)
    axis.set_xlim(0.4, len(frame) + 2.2)
    axis.set_xticks([1, len(frame)])
    axis.set_xlabel(wrap(picture.word("ranks"), 1.7))


def heat(picture: Picture) -> Drawn:
    """Draw the share of one category of every item of a battery, by the levels of a banner.

    The darker the more; what is hidden is hatched. Seaborn chooses black or white by a rule of its
    own; a third of its numbers would not stand out.
    """
    import seaborn

    spec = picture.spec
    name = f"{spec['analysis']}_by_{spec['banner']}"
    frame = picture.estimates(name, "proportion")
    frame = frame[frame["category"] == spec["category"]]
    table = frame.pivot(index="item", columns="by_level", values="estimate")
    table = table.reindex(
        index=list(dict.fromkeys(frame["item"])), columns=list(dict.fromkeys(frame["by_level"]))
    )
    down = [picture.item(spec["analysis"], item) for item in table.index]
    across = [picture.level(name, spec["banner"], level) for level in table.columns]
    values = 100 * table.to_numpy()
    labels = marks.wrapped(down, 2.4)
    heads = [wrap(word, 0.78, 8) for word in across]
    most = max(head.count("\n") + 1 for head in heads)
    row = marks.row_height(labels, 0.28)
    figure, axis = plt.subplots(figsize=(WIDTH, 0.15 + 0.14 * most + row * len(down)))
    most_shown = float(np.nanmax(values))
    seaborn.heatmap(
        values, ax=axis, cmap=RAMP, vmin=0, vmax=most_shown, linewidths=1, cbar=False,
        annot=True, fmt=".0f", annot_kws={"fontsize": 8}, xticklabels=heads, yticklabels=labels,
    )  # fmt: skip
    keys = frame.pivot(index="item", columns="by_level", values="key")
    keys = keys.reindex(index=table.index, columns=table.columns).to_numpy()
    marks.names(axis.texts, keys[np.isfinite(values)])
    for text, number in zip(axis.texts, values[np.isfinite(values)], strict=True):
        text.set(color=ink_on(to_hex(RAMP(number / most_shown))), in_layout=False)
    for y, x in np.argwhere(np.isnan(values)):
        marks.hatched(axis, x, y, 1, 1)
    axis.xaxis.tick_top()
    axis.tick_params(axis="x", colors=INK, top=False, labelsize=8, rotation=0)
    axis.tick_params(axis="y", rotation=0)
    axis.grid(False)
    axis.spines["bottom"].set_visible(False)
    note = picture.note(picture.word("percent") + ".", picture.base(frame), picture.hidden(frame))
    message = say_apart(
        picture, frame, lambda row: picture.item(spec["analysis"], row.item), picture.percent
    )
    return Drawn(figure, frame, note, message)
