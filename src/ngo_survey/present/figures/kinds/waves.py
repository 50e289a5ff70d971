"""Waves side by side: each figure as a slope from wave to wave, what changed beyond chance dark."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from ngo_survey.errors import nearest
from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.kinds.beside import spread_labels
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import GREY, HATCH, INK, MAIN, PALE, WIDTH
from ngo_survey.present.figures.text import wrap

#: Statistics that are not shares of one.
POINTS = frozenset({"mean", "median", "mean_rank", "mean_answers"})
#: Inches of a line of a label.
LINE = 0.17
#: Label of lines that guide the eye and are no data.
GUIDE = "_guide"
#: Part of a figure's height that is its axis, at least.
AXIS = 0.75
#: Inches of a line of a label.
LABEL = 2.9
#: How far neighbours stand apart at a wave, so that their limits can be distinguished.
ASIDE = 0.016


def slope(picture: Picture) -> Drawn:
    """Draw the figures of one analysis from wave to wave, with limits and the latest change.

    ``analysis`` is a table that ``waves.change`` names, or ``<table>_by_<banner>`` with the
    ``level`` wanted. A figure that a wave withholds is left out of that wave.
    """
    rows = _shown_rows(picture)
    order = [wave for wave in picture.study.waves if wave in set(rows["wave"])]
    share = rows["statistic"].iloc[0] not in POINTS
    scale, decimals = (100.0, 0) if share else (1.0, 2)
    changes = _changes(picture, rows, order)
    figure, axis = plt.subplots(figsize=(WIDTH, _height(rows) / AXIS))
    last = rows[rows["wave"] == order[-1]].sort_values("estimate", kind="stable")
    left, right = [], []
    for place, name in enumerate(last["name"]):
        own = rows[(rows["name"] == name) & (rows["status"] == "shown")].set_index("wave")
        own = own.reindex([wave for wave in order if wave in own.index])
        if own.empty:
            continue
        certain = name in changes.index and changes.loc[name, "p_adjusted"] < picture.alpha
        colour = MAIN if certain else HATCH
        aside = ASIDE * (place % 3 - 1) if len(last) > 3 else 0.0
        waves = [order.index(wave) for wave in own.index]
        places = [wave + aside for wave in waves]
        values = scale * own["estimate"].to_numpy()
        axis.plot(places, values, color=colour, lw=2.2 if certain else 1.4, zorder=3)
        face = colour if certain else "white"
        marks.dots(
            axis, places, values, own["key"], marker="o", color=colour, mfc=face, ms=6, zorder=3
        )
        axis.vlines(
            places, scale * own["ci_low"], scale * own["ci_high"], color=colour, lw=4, alpha=0.3
        )
        ink = INK if certain else GREY
        if waves[0] == 0:
            left.append((places[0], values[0], picture.number(values[0], decimals), ink))
        if waves[-1] == len(order) - 1:
            words = f"{picture.number(values[-1], decimals)}  {_label(picture, own.iloc[-1])}"
            if name in changes.index and pd.notna(changes.loc[name, "difference"]):
                changed = _signed(picture, scale * changes.loc[name, "difference"], decimals)
                words += f"\u00a0({changed})"
            right.append((places[-1], values[-1], wrap(words, LABEL), ink))
    _frame(picture, axis, order, share)
    _labels(axis, left, 0, -1, _height(rows))
    _labels(axis, right, len(order) - 1, 1, _height(rows))
    word = picture.word
    notes = [picture.base(rows), word("limits"), word("change_shown"), word("adjusted")]
    if (rows["status"] != "shown").any():
        notes.append(word("suppressed"))
    data = pd.concat([rows.drop(columns="name"), changes.reset_index(drop=True)])
    message = _message(picture, rows, changes, order[-2] if len(order) > 1 else "")
    return Drawn(figure, data, " ".join(note for note in notes if note), message)


def _message(picture: Picture, rows: pd.DataFrame, changes: pd.DataFrame, against: str) -> str:
    """Say what changed beyond chance since the wave before, the largest change first."""
    if changes.empty:
        return ""
    wave = picture.study.waves[against].label(picture.language)
    clear = changes[changes["p_adjusted"] < picture.alpha]
    if clear.empty:
        return picture.word("nothing_changed", wave=wave)
    share = rows["statistic"].iloc[0] not in POINTS
    scale, decimals = (100.0, 0) if share else (1.0, 2)
    order = clear["difference"].abs().sort_values(ascending=False, kind="stable").index[:3]
    parts = [
        f"{_label(picture, clear.loc[name])} "
        f"({_signed(picture, scale * float(clear.loc[name, 'difference']), decimals)})"
        for name in order
    ]
    return picture.word("changed", wave=wave, listed=picture.listed(parts))


def _shown_rows(picture: Picture) -> pd.DataFrame:
    """Return the rows of the family ``waves`` that are meant, with the name of their member."""
    frame = picture.results.family("waves")
    analysis, level = picture.spec["analysis"], picture.spec.get("level", "total")
    rows = frame[(frame["analysis"] == analysis) & (frame["by_level"] == level)]
    if "category" in picture.spec:
        rows = rows[rows["category"] == picture.spec["category"]]
    left = set(picture.spec.get("leave_out", ()))
    rows = rows[~rows["category"].isin(left) & ~rows["item"].isin(left)]
    if rows.empty:
        raise picture.study.mistake(
            "waves.change compares nothing of this name",
            f"figures.{picture.name}.analysis",
            f"{analysis} ({level})",
            nearest(analysis, frame["analysis"].unique()),
        )
    return rows.assign(name=rows["item"] + "." + rows["category"] + "." + rows["statistic"])


def _changes(picture: Picture, rows: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Return the change of each figure since the latest wave before the present one, by name."""
    frame = picture.results.family("change")
    level = picture.spec.get("level", "total")
    against = order[-2] if len(order) > 1 else ""
    found = frame[
        (frame["analysis"] == picture.spec["analysis"])
        & (frame["by_level"] == level)
        & (frame["against"] == against)
    ]
    found = found.assign(name=found["item"] + "." + found["category"] + "." + found["statistic"])
    return found[found["name"].isin(rows["name"])].set_index("name")


def _label(picture: Picture, row: pd.Series) -> str:
    """Return the words of a figure: an answer, an item, or both."""
    table = str(row["analysis"]).split("_by_", maxsplit=1)[0]
    parts = []
    if row["item"]:
        parts.append(picture.item(table, str(row["item"])))
    if row["category"]:
        parts.append(picture.category(table, str(row["item"]), str(row["category"])))
    return ": ".join(parts) or picture.title


def _signed(picture: Picture, value: float, decimals: int) -> str:
    """Return a change with its sign; one that is zero as printed has none."""
    if round(value, decimals) == 0:
        return picture.number(0.0, decimals)
    return ("+" if value > 0 else "") + picture.number(value, decimals)


def _height(rows: pd.DataFrame) -> float:
    """Return the inches of the axis: room for each label, and for slopes to be seen."""
    return max(2.2, 1.7 * LINE * rows["name"].nunique() + 0.4)


def _frame(picture: Picture, axis: Axes, order: list[str], share: bool) -> None:
    waves = picture.study.waves
    axis.set_xticks(range(len(order)), [waves[w].label(picture.language) for w in order])
    axis.set_xlim(-0.25, len(order) - 1 + 0.05)
    axis.tick_params(axis="x", labelsize=10, colors=INK)
    axis.grid(False)
    axis.set_yticks([])
    for place in range(len(order)):
        axis.axvline(place, color=PALE, lw=0.8, zorder=0, label=GUIDE)
    unit = picture.word("percent" if share else "mean_axis")
    axis.set_title(unit, fontsize=9, color=GREY, loc="left")


def _labels(
    axis: Axes, labels: list[tuple[float, float, str, str]], end: int, side: int, inches: float
) -> None:
    """Write labels beside the ends of the lines, left (-1) or right (1), none on another.

    A thin line leads from each end to its label.
    """
    low, high = axis.get_ylim()
    step = LINE * (high - low) / inches
    heights = [step * (words.count("\n") + 1) for *_, words, _ in labels]
    places = spread_labels([value for _, value, *_ in labels], heights, (low, high))
    for (dot, value, words, ink), at in zip(labels, places, strict=True):
        axis.plot(
            [dot, end + 0.07 * side],
            [value, at],
            color=PALE,
            lw=0.8,
            clip_on=False,
            zorder=0.9,
            label=GUIDE,
        )
        axis.text(
            end + 0.08 * side,
            at,
            words,
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=9,
            color=ink,
            clip_on=False,
        )
    axis.set_ylim(low, high)
