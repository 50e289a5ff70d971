"""The country in twenty regions: a choropleth in an equal-area projection, and a tile grid."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Circle
from matplotlib.patches import Polygon as Patch

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.style import GREY, HATCH, INK, SEQUENTIAL, WIDTH, ink_on
from ngo_survey.present.figures.text import wrap

FOLDER = "data/raw/geo"
#: As the notice of the outlines asks for, in its own words.
NOTICE = "UNHCR/OCHA COD-AB KAZ 2023 (CC BY-IGO); (c) OpenStreetMap contributors (ODbL)"
#: Cities drawn as circles of their own, with the place of the circle (longitude, latitude).
CITIES = {"KZ-71": (80.5, 55.0), "KZ-75": (83.5, 42.4), "KZ-79": (64.8, 40.9)}
#: Radius of the circles, of the earth's.
CIRCLE = 0.017
#: Where a region's figure stands, set by hand so that none overlaps (longitude, latitude).
ANCHORS = {
    "KZ-10": (80.3, 48.6),
    "KZ-11": (69.6, 52.0),
    "KZ-15": (58.3, 48.6),
    "KZ-19": (75.4, 44.75),
    "KZ-23": (52.6, 47.5),
    "KZ-27": (50.4, 49.6),
    "KZ-31": (71.6, 44.2),
    "KZ-33": (79.0, 45.6),
    "KZ-35": (74.0, 48.9),
    "KZ-39": (63.7, 51.6),
    "KZ-43": (63.6, 45.2),
    "KZ-47": (53.6, 43.9),
    "KZ-55": (76.4, 52.2),
    "KZ-59": (69.2, 54.5),
    "KZ-61": (68.8, 43.4),
    "KZ-62": (67.3, 48.1),
    "KZ-63": (84.3, 49.3),
}


def albers(lonlat: np.ndarray) -> np.ndarray:
    """Project degrees to Albers equal-area conic, parallels 43 and 53 N (Snyder 1987, sec. 14)."""
    lon, lat = np.radians(lonlat[..., 0]), np.radians(lonlat[..., 1])
    one, two, origin, centre = np.radians([43.0, 53.0, 48.0, 67.0])
    n = (np.sin(one) + np.sin(two)) / 2
    c = np.cos(one) ** 2 + 2 * n * np.sin(one)
    rho = np.sqrt(c - 2 * n * np.sin(lat)) / n
    rho0 = np.sqrt(c - 2 * n * np.sin(origin)) / n
    theta = n * (lon - centre)
    return np.stack([rho * np.sin(theta), rho0 - rho * np.cos(theta)], axis=-1)


def _values(picture: Picture) -> pd.DataFrame:
    spec = picture.spec
    frame = picture.estimates(spec["analysis"], spec.get("statistic", "proportion"))
    if frame["by"].iloc[0] == "region":
        frame = frame[frame["category"] == spec["category"]]
        return frame.assign(region=frame["by_level"])
    return frame.assign(region=frame["category"])


def _colours(values: pd.Series) -> dict[str, str]:
    ramp = LinearSegmentedColormap.from_list("much", SEQUENTIAL)
    low, high = values.min(), values.max()
    scaled = (values - low) / (high - low if high > low else 1.0)
    return {region: to_hex(ramp(0.08 + 0.92 * v)) for region, v in scaled.dropna().items()}


def choropleth(picture: Picture) -> Drawn:
    """Draw the map; regions without a releasable figure are hatched."""
    frame = _values(picture)
    values = 100 * frame.set_index("region")["estimate"]
    colours = _colours(values)
    texts = {code: picture.number(v, int(v < 10)) for code, v in values.dropna().items()}
    figure, axis = plt.subplots(figsize=(WIDTH, 4.3))
    for code, rings in _outlines(picture.study.path(f"{FOLDER}/kz_regions.geojson")).items():
        shown = code in colours
        for ring in rings:
            axis.add_patch(
                Patch(
                    ring,
                    facecolor=colours.get(code, "white"),
                    edgecolor=GREY if shown else HATCH,
                    lw=0.6,
                    hatch=None if shown else "////",
                )
            )
        if code in CITIES:
            _city(picture, axis, code, rings[0].mean(axis=0), colours, texts.get(code))
    for code, anchor in ANCHORS.items():
        colour = colours.get(code, "#ffffff")
        _number(axis, albers(np.array(anchor)), texts.get(code), colour)
        if code in (values.idxmax(), values.idxmin()):  # the message names them
            axis.annotate(
                wrap(_short_names(picture, list(ANCHORS))[code], 0.8, 7),
                albers(np.array(anchor)), xytext=(0, 7), textcoords="offset points", ha="center",
                fontsize=7, color=ink_on(colour), linespacing=1.0,
            )  # fmt: skip
    axis.autoscale_view()
    axis.set_xlim(axis.get_xlim()[0], axis.get_xlim()[1] + 0.07)
    axis.set_aspect("equal")
    axis.axis("off")
    note = picture.note(
        picture.word("percent") + ".", picture.base(frame), picture.hidden(frame), f"{NOTICE}."
    )
    return Drawn(figure, frame, note, _ends(picture, values))


@cache
def _outlines(file: Path) -> dict[str, list[np.ndarray]]:
    """Return the projected outlines of each region; they are the same in every language."""
    outlines = {}
    for feature in json.loads(file.read_text(encoding="utf-8"))["features"]:
        geometry = feature["geometry"]
        one = geometry["type"] == "Polygon"
        polygons = [geometry["coordinates"]] if one else geometry["coordinates"]
        outlines[_code(feature["properties"])] = [
            albers(np.array(polygon[0])[:, :2]) for polygon in polygons
        ]
    return outlines


def _city(
    picture: Picture,
    axis: Any,
    code: str,
    centre: np.ndarray,
    colours: dict[str, str],
    text: str | None,
) -> None:
    """Draw a city as a circle of its own, with a line to where it lies and its name."""
    place = albers(np.array(CITIES[code]))
    edge = place + CIRCLE * (centre - place) / np.hypot(*(centre - place))
    axis.plot(*zip(centre, edge, strict=True), color=INK, lw=0.8, zorder=4, label=marks.GUIDE)
    axis.plot(*centre, "o", ms=2.5, color=INK, zorder=4)
    axis.add_patch(
        Circle(
            (float(place[0]), float(place[1])),
            CIRCLE,
            facecolor=colours.get(code, "white"),
            edgecolor=INK,
            hatch=None if code in colours else "////",
            lw=0.9,
            zorder=5,
        )
    )
    _number(axis, place, text, colours.get(code, "#ffffff"))
    name = _short_names(picture, [code])[code]
    if place[1] > centre[1] or code == "KZ-75":  # room beside the circle
        axis.text(place[0] + 0.022, place[1], name, va="center", fontsize=8.5)
    else:
        axis.text(place[0] - 0.022, place[1], name, ha="right", va="center", fontsize=8.5)


def _ends(picture: Picture, values: pd.Series) -> str:
    """Say where the figure is highest and where lowest."""
    names = _short_names(picture, [str(code) for code in values.index])
    said = [
        f"{names[str(code)]} ({picture.percent(values[code] / 100, int(values[code] < 10))})"
        for code in (values.idxmax(), values.idxmin())
    ]
    return picture.word("say_ends", high=said[0], low=said[1])


def _code(properties: dict[str, Any]) -> str:
    return next(str(v) for v in properties.values() if str(v).startswith("KZ-"))


def _number(axis: Any, place: np.ndarray, text: str | None, colour: str) -> None:
    if text is not None:
        axis.text(
            *place, text, ha="center", va="center", fontsize=8, color=ink_on(colour), zorder=6
        )


def _short_names(picture: Picture, codes: list[str]) -> dict[str, str]:
    """Return names without the word for a region, in full where two would be the same."""
    book, language = picture.books["ngo"], picture.language
    full = {code: book.choice_label("region", code, language) for code in codes}
    short = {code: re.sub(picture.word("region_words"), "", name) for code, name in full.items()}
    listed = list(short.values())
    return {c: full[c] if listed.count(short[c]) > 1 else short[c] for c in codes}


def tiles(picture: Picture) -> Drawn:
    """Draw the regions as equal tiles: small regions count as much as large ones."""
    frame = _values(picture)
    values = 100 * frame.set_index("region")["estimate"]
    colours = _colours(values)
    layout = json.loads(picture.study.path(f"{FOLDER}/tile_layout.json").read_text("utf-8"))
    names = _short_names(picture, list(layout))
    rows, columns = (max(place[i] for place in layout.values()) + 1 for i in (0, 1))
    side = (WIDTH - 0.2) / columns
    figure, axis = plt.subplots(figsize=(WIDTH, side * rows * TALL + 0.1))
    for code, (row, column) in layout.items():
        top = -row * TALL
        ink = INK
        if code in colours:
            ink = ink_on(colours[code])
            tile = plt.Rectangle(
                (column, top - 0.96 * TALL), 0.96, 0.96 * TALL, fc=colours[code], ec=GREY, lw=0.6
            )
            axis.add_patch(tile)
            number = picture.number(values[code], int(values[code] < 10))
            axis.text(
                column + 0.9, top - 0.91 * TALL, number, ha="right", fontsize=12, color=ink,
                weight="bold",
            )  # fmt: skip
        else:
            marks.hatched(axis, column, top - 0.96 * TALL, 0.96, 0.96 * TALL)
        name = wrap(names[code], side * 0.9, 7)
        ground = None if code in colours else {"fc": "white", "ec": "none", "pad": 0.6}
        axis.text(
            column + 0.05, top - 0.05, name, va="top", fontsize=7, color=ink, linespacing=1.05,
            bbox=ground,
        )  # fmt: skip
    axis.set_xlim(0, columns)
    axis.set_ylim(-rows * TALL, 0)
    axis.set_aspect("equal")
    axis.axis("off")
    note = picture.note(picture.word("percent") + ".", picture.base(frame), picture.hidden(frame))
    return Drawn(figure, frame, note, _ends(picture, values))


#: A tile's height, of its width.
TALL = 0.72
