"""Every figure of the study as it ships: there, whole, marked, and no wiser than its table."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd

from ngo_survey.present.figures import figure_ids
from ngo_survey.present.figures.picture import words
from ngo_survey.results.store import Results
from ngo_survey.study import Study

SVG = "{http://www.w3.org/2000/svg}"


def drawn(built: Study) -> dict[str, str]:
    return {
        name: built.paths.figure(name, "en").read_text(encoding="utf-8")
        for name in figure_ids(built)
    }


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_there_are_ten_figures_and_more_and_a_map_among_them(built: Study) -> None:
    kinds = [spec["kind"] for spec in built.section("figures").values()]
    assert len(kinds) >= 10
    assert "map" in kinds
    assert all(drawn(built).values())


def test_every_figure_of_the_survey_says_that_it_is_simulated(built: Study) -> None:
    for name, svg in drawn(built).items():
        official = built.section("figures")[name]["kind"] == "series"
        mark = words("en")["official"] if official else words("en")["simulated"]
        assert mark in " ".join(texts(svg)), name


def test_every_figure_has_a_title_and_a_description_for_who_cannot_see_it(built: Study) -> None:
    for name, svg in drawn(built).items():
        root = ElementTree.fromstring(svg)
        assert root.findtext(f"{SVG}title"), name
        assert len(root.findtext(f"{SVG}desc") or "") > 20, name


def test_no_clock_and_no_place_of_this_machine_is_in_a_figure(built: Study) -> None:
    for svg in drawn(built).values():
        assert not re.search(r"<dc:date>|/home/|/tmp/|/Users/", svg)


def test_all_text_lies_inside_the_canvas(built: Study) -> None:
    for name, svg in drawn(built).items():
        root = ElementTree.fromstring(svg)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for node in root.iter(f"{SVG}text"):
            place = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", node.get("transform", ""))
            x, y = (
                map(float, place.groups())
                if place
                else (float(node.get("x", 0)), float(node.get("y", 0)))
            )
            assert -1 <= x <= width + 1, (name, "".join(node.itertext()))
            assert -1 <= y <= height + 1, (name, "".join(node.itertext()))


def test_the_data_behind_a_figure_are_those_of_the_store(built: Study) -> None:
    store = Results.load(built.paths.released)
    estimates = store.family("estimates").set_index("key")
    compared = 0
    for name in figure_ids(built):
        data = pd.read_csv(built.paths.figure(name, "en", "csv"))
        if {"key", "estimate"} <= set(data) and set(data["key"]) <= set(estimates.index):
            same = estimates.loc[data["key"], "estimate"].to_numpy()
            pd.testing.assert_series_equal(
                data["estimate"], pd.Series(same), check_names=False, check_dtype=False
            )
            compared += 1
    assert compared >= 10


def test_what_a_table_hides_its_figure_hides(built: Study) -> None:
    for name in figure_ids(built):
        data = pd.read_csv(built.paths.figure(name, "en", "csv"))
        if "status" in data:
            hidden = data[data["status"] != "shown"]
            numbers = hidden.columns.intersection(["estimate", "se", "ci_low", "ci_high", "n"])
            assert hidden[numbers].isna().all().all(), name
