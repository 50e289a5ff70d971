"""One figure a category: bars with limits, dots of two groups, intervals by several banners."""

from __future__ import annotations

from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.sayings import ranks, say_apart, say_ends, say_spread
from ngo_survey.present.figures.style import GREY, INK, LEVELS, MAIN, PALE, RESTS, WIDTH

#: The ground of a number that a line may pass.
GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


def bars(picture: Picture) -> Drawn:
    """Draw one bar a category, largest first, with limits; two levels of a banner as dots."""
    spec = picture.spec
    statistic = spec.get("statistic", "proportion")
    frames, groups = [], []
    for named in spec["analyses"]:
        frame = picture.estimates(named["analysis"], statistic)
        if "level" in named:
            frame = frame[frame["by_level"] == named["level"]]
        groups.append(_group(picture, named))
        frames.append(frame.assign(group=groups[-1]))
    first = frames[0].dropna(subset=["estimate"]).sort_values("estimate", kind="stable")
    order = [c for c in first["category"] if c not in spec.get("leave_out", [])]
    named = spec["analyses"][0]["analysis"]
    said = {c: picture.category(named, "", c) for c in order}
    labels = marks.wrapped(said.values(), 3.0)
    figure, axis = plt.subplots(figsize=(WIDTH, 0.5 + marks.row_height(labels) * len(order)))
    tables = [frame.set_index("category").reindex(order) for frame in frames]
    if len(tables) == 1:
        message = _one(picture, axis, tables[0], said, frames[0])
    else:
        message = _two(picture, axis, tables, said, groups)
    marks.rows(axis, labels)
    marks.percent_axis(picture, axis, picture.word("percent"))
    axis.set_xlim(left=0)
    data = pd.concat(frames)
    note = picture.note(
        picture.base(data), picture.word("limits"),
        picture.hidden(data[data["category"].isin(order)]),
    )  # fmt: skip
    return Drawn(figure, data, note, message)


def _one(
    picture: Picture, axis: Any, table: pd.DataFrame, said: dict[str, str], every: pd.DataFrame
) -> str:
    """Draw the bars of one group; ``every`` holds what is hidden as well."""
    places = range(len(table))
    drawn = axis.barh(places, 100 * table["estimate"], color=MAIN, height=0.62)
    marks.names(drawn, table["key"])
    axis.hlines(places, 100 * table["ci_low"], 100 * table["ci_high"], color=INK, lw=1.3)
    for y, row in enumerate(table.itertuples()):
        marks.value(axis, 100 * row.ci_high, y, picture.number(100 * row.estimate))
    left_out = {*RESTS, *picture.spec.get("leave_out", [])}
    rows = every[~every["category"].isin(left_out)]
    if rows["estimate"].isna().all():
        return picture.word("say_all_hidden")
    whole = rows["by"].eq("").all()  # ranks are those of everybody
    ranked = ranks(picture, str(rows["analysis"].iloc[0]), str(rows["statistic"].iloc[0]))
    return say_ends(
        picture, rows, ranked if whole else ranked.iloc[:0],
        lambda row: f"{said[row.category]} ({picture.percent(row.estimate)})",
    )  # fmt: skip


def _two(
    picture: Picture,
    axis: Any,
    tables: list[pd.DataFrame],
    said: dict[str, str],
    groups: list[str],
) -> str:
    colours = LEVELS
    places = np.arange(len(said))
    one, other = (100 * table["estimate"].to_numpy() for table in tables)
    both = np.isfinite(one) & np.isfinite(other)
    between = {"color": PALE, "lw": 3, "label": marks.GUIDE, "zorder": 0.9}
    axis.hlines(places[both], one[both], other[both], **between)
    for place, (table, colour) in enumerate(zip(tables, colours, strict=True)):
        marks.intervals(
            axis, places + 0.14 - 0.28 * place, table, colour, size=6, marker=marks.SHAPES[place]
        )
    handles = [marks.dot(c, m) for c, m in zip(colours, marks.SHAPES, strict=False)]
    key(axis.figure, handles, groups)
    rows = pd.concat([table.reset_index() for table in tables]).dropna(subset=["by_level"])
    if rows["estimate"].isna().all():
        return picture.word("say_all_hidden")
    return say_apart(picture, rows, lambda row: said[row.category], picture.percent)


def _group(picture: Picture, named: dict[str, str]) -> str:
    rows = picture.results.analysis(named["analysis"])
    if "level" not in named:
        return picture.population(str(rows["population"].iloc[0]))
    return picture.level(named["analysis"], str(rows["by"].iloc[0]), named["level"])


def intervals(picture: Picture) -> Drawn:
    """Draw one statistic as a dot with limits for everybody and for each level of the banners."""
    spec = picture.spec
    name, statistic = spec["analysis"], spec.get("statistic", "proportion")
    shares = statistic in {"proportion", "mean_share", "any", "top_two", "top_three", "first"}
    scale = 100.0 if shares else 1.0
    parts = []
    for analysis in [name, *(f"{name}_by_{by}" for by in spec["banners"])]:
        frame = picture.estimates(analysis, statistic)
        for column in ("item", "category"):
            if column in spec:
                frame = frame[frame[column] == spec[column]]
        parts.append(frame)
    data = pd.concat(parts)
    found = list(data.itertuples())[::-1]
    labels = marks.wrapped(picture.level(r.analysis, r.by, r.by_level) for r in found)
    figure, axis = plt.subplots(figsize=(WIDTH, 0.5 + marks.row_height(labels) * len(found)))
    total = parts[0].iloc[0]
    axis.axvline(scale * total["estimate"], color=GREY, lw=0.9, ls=(0, (4, 3)), label=marks.GUIDE)
    colours = [MAIN if row.by else INK for row in found]
    marks.intervals(axis, range(len(found)), data.iloc[::-1], colours, scale=scale)
    for y, row in enumerate(found):
        if np.isfinite(row.estimate):
            text = picture.number(scale * row.estimate, 0 if shares else 1)
            marks.value(axis, scale * row.ci_high, y, text, bbox=GROUND)
        if y and found[y - 1].by != row.by:
            axis.axhline(y - 0.5, color=PALE, lw=1, label=marks.GUIDE)
    marks.rows(axis, labels)
    if shares:
        marks.percent_axis(picture, axis, picture.word("percent"))
    else:
        axis.set_xlabel(picture.word("mean_axis"))
        axis.xaxis.set_major_formatter(lambda x, _: picture.number(x, 1))
    shown = data[(data["by"] != "") & ~data["by_level"].isin(RESTS)]
    what = picture.title
    if "category" in spec:
        what = picture.category(name, spec.get("item", ""), spec["category"])
    form = picture.percent if shares else partial(picture.number, decimals=1)
    message = say_spread(picture, shown, what, form(total["estimate"]), form)
    note = picture.note(
        picture.base(data), picture.word("limits"), picture.word("broken_total"),
        picture.hidden(data),
    )  # fmt: skip
    return Drawn(figure, data, note, message)
