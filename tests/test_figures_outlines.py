"""Outlines of regions: what is no GeoJSON of polygons is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ngo_survey.errors import InputError
from ngo_survey.present.figures.outlines import read_outlines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested beyond reading"),
        ('{"features": [{"properties": {"code": "A"}, "geometry": {"type": "Polygon"', "be read"),
        ('{"features": 5}', "no features"),
        ("[]", "no features"),
        ('{"features": [{"properties": null}]}', "no such property"),
        ('{"features": [{"properties": {"code": "A"}, "geometry": null}]}', "no polygon"),
        *(
            (f'{{"features": [{{"properties": {{"code": "A"}}, "geometry": {shape}}}]}}', words)
            for shape, words in [
                ('{"type": "Point", "coordinates": [1, 2]}', "it is a Point"),
                ('{"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}', "a ring of 2 points"),
                ('{"type": "Polygon", "coordinates": [[[1], [1], [1], [1]]]}', "no polygon"),
                ('{"type": "Polygon", "coordinates": []}', "no polygon"),
                (
                    '{"type": "Polygon", "coordinates": [[[1, NaN], [1, 2], [1, 2], [1, 2]]]}',
                    "beyond",
                ),
                ('{"type": "MultiPolygon", "coordinates": [[[["a", 1], [1, 2]]]]}', "no polygon"),
            ]
        ),
    ],
)
def test_outlines_that_are_none_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.geojson").write_text(text)
    with pytest.raises(InputError, match=said):
        read_outlines(tmp_path / "a.geojson", "code")


def test_outlines_of_a_gigabyte_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.geojson").open("wb") as file:
        file.truncate(1_000_000_000)
    with pytest.raises(InputError, match="simplify"):
        read_outlines(tmp_path / "a.geojson", "code")
