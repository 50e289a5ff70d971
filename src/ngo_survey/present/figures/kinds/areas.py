"""Small areas: model-based estimates with their limits, beside the figures of areas themselves."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import GREY, MAIN, WIDTH


def areas(picture: Picture) -> Drawn:
    """Draw each area in a row, the highest on top: the estimate as a dot on its limits, the figure
    of the area itself, where it is released, open and without limits.
    """
    name = picture.spec["areas"]
    rows = picture.results.family("areas")
    frame = rows[rows["name"] == name].sort_values(
        ["estimate", "by_level"], ascending=[True, False], kind="stable"
    )
    declared = picture.study.section("small_areas")[name]
    whole = _of(picture, str(declared["table"]), frame)
    share = frame["statistic"].iloc[0] != "mean"
    scale = 100.0 if share else 1.0
    book = picture.books[str(frame["population"].iloc[0])]
    labels = marks.wrapped(
        book.choice_label(by, level, picture.language)
        for by, level in zip(frame["by"], frame["by_level"], strict=True)
    )
    figure, axis = plt.subplots(figsize=(WIDTH, 0.6 + marks.row_height(labels, 0.25) * len(frame)))
    total = scale * float(whole["estimate"].iloc[0])
    axis.axvline(total, color=GREY, lw=0.9, ls=(0, (4, 3)), label=marks.GUIDE)
    places = np.arange(len(frame))
    own = _of(picture, str(frame["analysis"].iloc[0]), frame)
    own = own.set_index("by_level").reindex(frame["by_level"])
    axis.scatter(
        scale * own["estimate"], places, s=30, facecolors="white", edgecolors=GREY,
        marker=marks.SHAPES[1], zorder=2, linewidths=1.0, urls=own["key"].tolist(),
    )  # fmt: skip
    marks.intervals(axis, places, frame, MAIN, scale=scale)
    marks.rows(axis, labels)
    if share:
        marks.percent_axis(picture, axis, picture.word("percent"))
    else:
        axis.set_xlabel(picture.word("mean_axis"))
        axis.xaxis.set_major_formatter(lambda x, _: picture.number(x, 1))
    handles = [marks.dot(), marks.dot(GREY, marks.SHAPES[1], mfc="white")]
    key(figure, handles, [picture.word("model_based"), picture.word("own_figure")])

    def said(value: float) -> str:
        return picture.percent(value) if share else picture.number(value, 1)

    ends = {
        "low": frame["estimate"].min(),
        "high": frame["estimate"].max(),
        "own_low": frame["direct"].min(),
        "own_high": frame["direct"].max(),
    }
    message = picture.word("say_areas", **{end: said(value) for end, value in ends.items()})
    note = picture.note(
        picture.word("areas_note"), picture.base(frame), picture.word("broken_total")
    )
    return Drawn(figure, frame, note, message)


def _of(picture: Picture, analysis: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an analysis that hold the figure of areas itself."""
    rows = picture.estimates(analysis, str(frame["statistic"].iloc[0]))
    alike = (rows[name] == frame[name].iloc[0] for name in ("item", "category"))
    return rows[np.logical_and(*alike)]
