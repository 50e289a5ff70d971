"""Maps and tiles of any country: codes, outlines and places are the study's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.codebook.load import codebook
from ngo_survey.errors import ConfigError, InputError
from ngo_survey.present.figures.drawing import look
from ngo_survey.present.figures.kinds.maps import Albers, choropleth, tiles
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.results import store
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.names import check_names
from small_store import estimate

#: Two regions of an island, of which the questionnaire knows the codes.
NORTH, SOUTH = "KZ-10", "KZ-11"


def square(west: float, south: float) -> list[list[float]]:
    return [[west + x, south + y] for x, y in ((0, 0), (2, 0), (2, 2), (0, 2), (0, 0))]


def outlines(path: Path) -> None:
    features = [
        {
            "properties": {"name": "an island", "code": code},
            "geometry": {"type": "Polygon", "coordinates": [square(-8.0, south)]},
        }
        for code, south in ((NORTH, 54.0), (SOUTH, 52.0))
    ]
    path.write_text(json.dumps({"features": features}), encoding="utf-8")


@pytest.fixture
def island(study: Study, tmp_path: Path) -> Study:
    outlines(tmp_path / "island.geojson")
    geography = {
        "variable": "region",
        "circle": 0.017,
        "outlines": {"file": "island.geojson", "code": "code", "notice": "By hand"},
    }
    return replace(study, root=tmp_path, raw={**study.raw, "geography": geography})


def drawn(study: Study, shipped: Study, kind: Any) -> tuple[Drawn, list[str]]:
    rows = [estimate("region", NORTH, 0.3), estimate("region", SOUTH, 0.7)]
    store.write(pd.DataFrame(rows), "estimates", study.root / "estimates" / "region.csv")
    books = {"ngo": codebook(shipped, "ngo")}
    results = Results.load(study.root)
    picture = Picture("m", {"kind": "map", "analysis": "region"}, study, results, books, "en")
    with look():
        made = kind(picture)
    return made, [text.get_text() for text in made.figure.axes[0].texts]


def test_a_map_of_another_country_needs_its_outlines_alone(study: Study, island: Study) -> None:
    made, words = drawn(island, study, choropleth)
    assert {"30", "70"} <= set(words)
    assert len(made.figure.axes[0].patches) == 2
    assert "By hand." in made.note
    assert "COD-AB" not in made.note


def test_a_figure_stands_in_the_middle_of_its_region(study: Study, island: Study) -> None:
    made, _ = drawn(island, study, choropleth)
    place = {text.get_text(): text.get_position() for text in made.figure.axes[0].texts}
    north, south = place["30"], place["70"]
    assert north[0] == pytest.approx(0, abs=1e-3)
    assert north[1] > south[1]


def test_tiles_are_those_of_the_study(study: Study, island: Study) -> None:
    regions = {NORTH: {"tile": [0, 0]}, SOUTH: {"tile": [1, 0]}}
    tiled = replace(
        island, raw={**island.raw, "geography": {"variable": "region", "regions": regions}}
    )
    made, words = drawn(tiled, study, tiles)
    assert {"30", "70"} <= set(words)
    assert len(made.figure.axes[0].patches) == 2


def test_areas_are_kept() -> None:
    corners = np.array([[-10.0, 35.0], [10.0, 60.0]])
    project = Albers.of(corners)
    for south in (36.0, 47.0, 58.0):
        ring = project(np.array(square(0.0, south)))
        after = np.roll(ring, -1, axis=0)
        area = abs((ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]).sum()) / 2
        sphere = np.radians(2) * (np.sin(np.radians(south + 2)) - np.sin(np.radians(south)))
        assert area == pytest.approx(sphere, rel=2e-3)  # edges are straight, parallels are not


def test_a_property_that_the_outlines_lack_is_named(study: Study, island: Study) -> None:
    source = {"file": "island.geojson", "code": "cod"}
    wrong = replace(
        island, raw={**island.raw, "geography": {"variable": "region", "outlines": source}}
    )
    with pytest.raises(InputError, match="no such property.*did you mean code"):
        drawn(wrong, study, choropleth)


@pytest.mark.parametrize(
    ("geography", "lacks"),
    [({}, "geography.outlines"), ({"country": "XX"}, "geography.outlines")],
)
def test_a_map_without_geography_is_refused(
    study: Study, geography: Mapping[str, Any], lacks: str
) -> None:
    with pytest.raises(ConfigError, match=lacks) as stop:
        check_names(replace(study, raw={**study.raw, "geography": geography}))
    assert "map_regions" in str(stop.value)
