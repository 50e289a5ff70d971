"""Official series side by side: concepts are never joined, gaps stay gaps, fans are pale."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from urllib.parse import urlsplit

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.kinds.beside import spread_labels
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import CYCLE, GREY, INK, WIDTH
from ngo_survey.statistics.trends.points import BOUNDS
from ngo_survey.statistics.trends.rule import ProjectionRule

#: Least distance of two direct labels, as a share of the height of the axis.
APART = 0.075


def series(picture: Picture) -> Drawn:
    """Draw each series in its own colour, named beside its last figure.

    A line joins consecutive years alone; a hollow point is a bound. A projection is a broken line
    in fans of 80 and 95 %, by the model that the configuration names first.
    """
    names: Sequence[str] = picture.spec["series"]
    trends = picture.study.section("trends")
    rule = ProjectionRule.of(trends)
    frame = picture.results.family("series")
    frame = frame[frame["series"].isin(names)]
    model = rule.models[0]
    drawn = frame[
        (frame["kind"] == "observed") | ((frame["kind"] == "projected") & (frame["model"] == model))
    ]
    figure, axis = plt.subplots(figsize=(WIDTH, 3.6))
    for place, name in enumerate(names):
        _one(picture, axis, drawn[drawn["series"] == name], CYCLE[place])
    _scale(picture, axis, drawn)
    said = {name: picture.said(trends["series"][name]["concept"]) for name in names}
    ends = [drawn[drawn["series"] == name].iloc[-1] for name in names]
    places = [(int(end["year"]), float(end["value"])) for end in ends]
    _named(axis, places, [_wrap(words, 22) for words in said.values()])
    notes = [
        picture.word("official"),
        _sources(picture, drawn),
        *_hollow(picture, drawn),
        *_refused(picture, frame, rule),
    ]
    if (drawn["kind"] == "projected").any():
        notes.append(picture.word("fan", model=picture.word(f"model_{model}")))
    message = _latest(picture, drawn[drawn["kind"] == "observed"], said)
    return Drawn(figure, frame.reset_index(drop=True), " ".join(notes), message)


def _latest(picture: Picture, seen: pd.DataFrame, said: dict[str, str]) -> str:
    """Say the first and last figure of a series; of several the last of each."""
    by_name = {name: seen[seen["series"] == name] for name in said}
    if len(said) == 1:
        name, words = next(iter(said.items()))
        first, last = (by_name[name].iloc[place] for place in (0, -1))
        figures = {"first": _figure(picture, first), "last": _figure(picture, last)}
        return picture.word(
            "say_series", what=words, start=first["year"], end=last["year"], **figures
        )
    listed = []
    for name, words in said.items():
        last = by_name[name].iloc[-1]
        value = _figure(picture, last)
        listed.append(picture.word("say_one", what=words, value=value, year=last["year"]))
    return picture.word("say_latest", listed="; ".join(listed))


def _figure(picture: Picture, row: pd.Series) -> str:
    """Return a figure in words, with what its source says of it where that is a bound."""
    number = picture.number(float(row["value"]))
    if row["qualifier"] not in BOUNDS:
        return number
    qualifier = picture.word(f"qualifier_{row['qualifier']}".replace(" ", "_"))
    return picture.word("say_bound", qualifier=qualifier, value=number)


def _sources(picture: Picture, drawn: pd.DataFrame) -> str:
    """Return the sites of the sources with the years of their figures, in order of the years."""
    seen = drawn[drawn["kind"] == "observed"].sort_values("year", kind="stable")
    years: dict[str, list[int]] = {}
    for row in seen.itertuples():
        for address in str(row.source).split(" ; "):
            site = (urlsplit(address).hostname or address).removeprefix("www.")
            years.setdefault(site, []).append(int(row.year))
    listed = [f"{site} ({_spans(of)})" for site, of in years.items()]
    return picture.word("sources", listed="; ".join(listed))


def _spans(years: Sequence[int]) -> str:
    """Return years in order, those in a row by the first and the last: 2014, 2016-2021."""
    spans: list[list[int]] = []
    for year in dict.fromkeys(years):
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join("\u2013".join(map(str, dict.fromkeys((s[0], s[-1])))) for s in spans)


def _one(picture: Picture, axis: Axes, rows: pd.DataFrame, colour: str) -> None:
    seen = rows[rows["kind"] == "observed"]
    years = seen["year"].astype(int).to_numpy()
    values = seen["value"].to_numpy()
    solid = ~seen["qualifier"].isin(BOUNDS).to_numpy()
    for first in range(len(years) - 1):
        if years[first + 1] - years[first] == 1:
            axis.plot(years[first : first + 2], values[first : first + 2], color=colour, lw=1.8)
    keys = seen["key"].to_numpy()
    dot = {"marker": "o", "color": colour, "ms": 7, "zorder": 3}
    marks.dots(axis, years[solid], values[solid], keys[solid], **dot)
    hollow = dot | {"mfc": "white", "mew": 1.6}
    marks.dots(axis, years[~solid], values[~solid], keys[~solid], **hollow)
    joined = dict(zip(years.tolist(), values.tolist(), strict=True))
    for year, value in dict.fromkeys(zip(years.tolist(), values.tolist(), strict=True)):
        sides = [joined.get(year + step, value) - value for step in (-1, 1)]
        place, across = _beside_lines(*sides)
        axis.annotate(
            picture.number(value),
            (year, value),
            xytext=place,
            textcoords="offset points",
            ha=across,
            va="bottom" if place[1] > 0 else "top",
            fontsize=8,
            color=INK,
        )
    ahead = rows[rows["kind"] == "projected"]
    if len(ahead):
        future = ahead["year"].astype(int).to_numpy()
        axis.fill_between(future, ahead["low95"], ahead["high95"], color=colour, alpha=0.15, lw=0)
        axis.fill_between(future, ahead["low80"], ahead["high80"], color=colour, alpha=0.25, lw=0)
        axis.plot(future, ahead["value"], color=colour, ls="--", lw=1.6)


def _beside_lines(before: float, after: float) -> tuple[tuple[int, int], str]:
    """Return where a number stands by its point, clear of the lines to the years around it.

    Parameters
    ----------
    before, after: how much higher the figures of those years are; 0 where no line leads there.
    """
    if before <= 0 and after <= 0:
        return (0, 6), "center"
    if before >= 0 and after >= 0:
        return (0, -6), "center"
    return ((4, 4), "left") if before > 0 else ((-4, 4), "right")


def _scale(picture: Picture, axis: Axes, drawn: pd.DataFrame) -> None:
    years = drawn["year"].astype(int)
    top = float(drawn[["value", "high95"]].max().max())
    low = float(drawn[["value", "low95"]].min().min())
    axis.set_ylim(min(0.0, low * 1.1), top * 1.18)
    axis.set_xlim(years.min() - 0.5, years.max() + 0.5)
    step = max(1, (years.max() - years.min()) // 12 + 1)
    axis.set_xticks(range(years.min(), years.max() + 1, step))
    axis.grid(True, axis="y")
    axis.grid(False, axis="x")
    axis.tick_params(axis="y", colors=GREY)
    axis.yaxis.set_major_formatter(lambda v, _: picture.number(v))


def _named(axis: Axes, ends: Sequence[tuple[int, float]], names: Sequence[str]) -> None:
    """Write each name at the right of the axis, at the height of its last figure, none on another.

    A thin line leads to the name from that figure (its year and value).
    """
    low, high = axis.get_ylim()
    right = axis.get_xlim()[1]
    heights = [APART * (high - low) * (words.count("\n") + 1) for words in names]
    places = spread_labels([value for _, value in ends], heights, (low, high))
    for i, (end, words, at) in enumerate(zip(ends, names, places, strict=True)):
        axis.annotate(
            words,
            end,
            xytext=(right + 0.02 * (right - axis.get_xlim()[0]), at),
            annotation_clip=False,
            va="center",
            fontsize=9,
            color=INK,
            fontweight="bold",
            bbox={"facecolor": CYCLE[i], "alpha": 0.18, "lw": 0, "boxstyle": "square,pad=0.2"},
            arrowprops={"arrowstyle": "-", "color": CYCLE[i], "lw": 0.8, "ls": ":", "shrinkA": 6},
        )


def _hollow(picture: Picture, drawn: pd.DataFrame) -> list[str]:
    return [picture.word("bound")] if drawn["qualifier"].isin(BOUNDS).any() else []


def _refused(picture: Picture, frame: pd.DataFrame, rule: ProjectionRule) -> list[str]:
    """Say which series are not continued; one sentence where it is all of them."""
    refused = frame[frame["kind"] == "not_projected"]["series"].unique()
    if not len(refused):
        return []
    if len(refused) == frame["series"].nunique():
        return [picture.word("not_projected", needed=rule.minimum_points)]
    declared = picture.study.section("trends")["series"]
    names = "; ".join(picture.said(declared[name]["concept"]) for name in refused)
    return [picture.word("some_not_projected", names=names, needed=rule.minimum_points)]


def _wrap(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))
