"""The marks of a figure name their numbers; what names none, or is hidden, has no key."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from ngo_survey.present.document.drawing import inline_svg, shown_keys
from ngo_survey.present.figures.drawing import Drawing
from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.kinds.stacked import scale_colours
from ngo_survey.present.figures.style import contrast


def svg(draw, tmp_path):
    """The file of a drawing of one axis, as the figures write it."""
    figure, axis = plt.subplots()
    draw(axis)
    plt.close(figure)
    made = Drawing("a", "en", figure, pd.DataFrame(), "A", "", {})
    file = tmp_path / "a.svg"
    file.write_bytes(made.svg())
    return file


def estimates(values):
    frame = pd.DataFrame({"estimate": values, "key": [f"q/{i}@total" for i in range(len(values))]})
    return frame.assign(ci_low=frame["estimate"] - 0.1, ci_high=frame["estimate"] + 0.1)


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.2], [0.5, np.nan, 0.2], [np.nan], []])
def test_each_dot_of_an_interval_names_its_number_and_what_is_hidden_none(values, tmp_path):
    frame = estimates(values)
    file = svg(lambda axis: marks.intervals(axis, range(len(frame)), frame, "#155e75"), tmp_path)
    assert shown_keys(file) == frame.dropna(subset=["estimate"])["key"].tolist()


def test_each_segment_of_a_bar_names_its_number(tmp_path):
    keys = ["q/a@total", 'q/<b>&"c"@total', None]

    def draw(axis):
        colours = ["#000000", "#ffffff", "#155e75"]
        marks.segments(axis, 0, np.array([50, 30, 20]), colours, 0.7, 20, keys=keys)

    assert shown_keys(svg(draw, tmp_path)) == keys[:2]


@pytest.mark.parametrize("values", [[50, np.nan, 20], [np.nan, 30, np.nan], [60, np.nan, 40]])
def test_a_bar_of_which_a_part_is_hidden_shows_the_others_and_hatches_the_rest(values):
    figure, axis = plt.subplots()
    keys, colours = ["a", "b", "c"], ["#000000", "#ffffff", "#155e75"]
    marks.part_hidden(None, axis, 0, np.array(values), colours, 0.7, 20, keys)
    plt.close(figure)
    drawn = {bar.get_url(): bar.get_width() for bar in axis.patches if not bar.get_hatch()}
    assert drawn == {k: v for k, v in zip(keys, values, strict=True) if np.isfinite(v)}
    rest = [bar.get_width() for bar in axis.patches if bar.get_hatch()]
    assert rest == ([100 - np.nansum(values)] if np.nansum(values) < 100 else [])


@pytest.mark.parametrize("points", [3, 5, 7])
def test_a_scale_with_a_middle_goes_from_one_hue_over_a_pale_middle_to_another(points):
    colours = scale_colours(points)
    assert len(set(colours)) == points
    lightness = [contrast(colour, "#000000") for colour in colours]
    middle = points // 2
    assert lightness[: middle + 1] == sorted(lightness[: middle + 1])
    assert lightness[middle:] == sorted(lightness[middle:], reverse=True)


def test_points_of_a_line_name_their_numbers_one_by_one(tmp_path):
    file = svg(lambda axis: marks.dots(axis, [1, 2], [3, 4], ["a", "b"], marker="o"), tmp_path)
    assert shown_keys(file) == ["a", "b"]


def test_a_mark_at_no_number_is_not_drawn_and_names_none(tmp_path):
    def draw(axis):
        for x, key in ((1.0, "a"), (np.nan, "b")):
            marks.names(axis.plot(x, 0, "o"), [key])

    assert shown_keys(svg(draw, tmp_path)) == ["a"]


def test_a_picture_alone_holds_no_link(tmp_path):
    file = svg(lambda axis: marks.dots(axis, [1], [3], ["a"], marker="o"), tmp_path)
    assert not re.search(r"<a[ >]|href=\"a\"", file.read_text(encoding="utf-8"))


def test_a_page_keeps_the_keys_of_numbers_that_it_opens_alone(tmp_path):
    file = svg(lambda axis: marks.dots(axis, [1, 2], [3, 4], ["a", "b"], marker="o"), tmp_path)
    assert re.findall(r'data-key="(\w+)"', inline_svg(file, "f", "t", "d", {"b"})) == ["b"]
    assert "data-key" not in inline_svg(file, "f", "t", "d")


def test_a_mark_shows_no_number_but_those_of_the_figure_s_data(small_built):
    """What opens at a mark is a released row, and one of those that the figure hands out."""
    folder = small_built.paths.figures / small_built.languages[0]
    seen = 0
    for file in sorted(folder.glob("*.svg")):
        keys = shown_keys(file)
        held = pd.read_csv(file.with_suffix(".csv"), dtype=str)
        if keys:
            rows = held[held["key"].isin(keys)]
            assert set(rows["key"]) == set(keys), file.name
            if "status" in rows:
                assert set(rows["status"].dropna()) <= {"shown"}, file.name
        seen += len(keys)
    assert seen > 20
