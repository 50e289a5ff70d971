"""The country in twenty regions: a choropleth in an equal-area projection, and a tile grid."""

from __future__ import annotations

import json
import re
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Circle
from matplotlib.patches import Polygon as Patch

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import GREY, HATCH, INK, SEQUENTIAL, WIDTH, wrap

Drawn = tuple[Any, pd.DataFrame, str]
FOLDER = "data/raw/geo"
#: Cities drawn as circles of their own, with the place of the circle (longitude, latitude).
CITIES = {"KZ-71": (80.5, 55.0), "KZ-75": (83.5, 42.4), "KZ-79": (64.8, 40.9)}
#: Where a region's figure stands, set by hand so that none overlaps (longitude, latitude).
ANCHORS = {
    "KZ-10": (80.3, 48.6),
    "KZ-11": (69.6, 52.0),
    "KZ-15": (58.3, 48.6),
    "KZ-19": (76.6, 44.2),
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
    "KZ-61": (68.3, 43.5),
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
    texts = {c: picture.number(v, int(v < 10)) for c, v in values.dropna().items()}
    text = picture.study.path(f"{FOLDER}/kz_regions.geojson").read_text(encoding="utf-8")
    figure, axis = plt.subplots(figsize=(WIDTH, 4.4))
    for feature in json.loads(text)["features"]:
        code = _code(feature["properties"])
        geometry = feature["geometry"]
        rings = (
            geometry["coordinates"]
            if geometry["type"] == "Polygon"
            else [polygon[0] for polygon in geometry["coordinates"]]
        )
        outer = rings[:1] if geometry["type"] == "Polygon" else rings
        for ring in outer:
            axis.add_patch(
                Patch(
                    albers(np.array(ring)[:, :2]),
                    facecolor=colours.get(code, "white"),
                    edgecolor="white" if code in colours else HATCH,
                    lw=0.7,
                    hatch=None if code in colours else "////",
                )
            )
        if code in CITIES:
            centre = albers(np.array(rings[0])[:, :2]).mean(axis=0)
            place = albers(np.array(CITIES[code]))
            axis.plot(*zip(centre, place, strict=True), color=GREY, lw=0.8, zorder=4)
            axis.add_patch(
                Circle(
                    (float(place[0]), float(place[1])),
                    0.016,
                    facecolor=colours.get(code, "white"),
                    edgecolor=INK,
                    lw=0.9,
                    zorder=5,
                )
            )
            _number(axis, place, texts.get(code), colours.get(code, "#ffffff"))
            name = picture.books["ngo"].choice_label("region", code, picture.language)
            if place[1] > centre[1]:  # the line comes from below: the name stands beside
                axis.text(place[0] + 0.021, place[1], name, va="center", fontsize=8)
            else:
                axis.text(place[0], place[1] - 0.021, name, ha="center", va="top", fontsize=8)
    for code, anchor in ANCHORS.items():
        _number(axis, albers(np.array(anchor)), texts.get(code), colours.get(code, "#ffffff"))
    axis.autoscale_view()
    axis.set_aspect("equal")
    axis.axis("off")
    notice = "UNHCR/OCHA COD-AB KAZ 2023 (CC BY-IGO); (c) OpenStreetMap contributors (ODbL)"
    note = f"{picture.word('percent')}. {picture.base(frame)} {notice}."
    return figure, frame, note + (" " + picture.word("suppressed") if values.isna().any() else "")


def _code(properties: dict[str, Any]) -> str:
    return next(str(v) for v in properties.values() if str(v).startswith("KZ-"))


def _number(axis: Any, place: np.ndarray, text: str | None, colour: str) -> None:
    if text is not None:
        dark = int(colour[1:3], 16) < 130
        axis.text(
            place[0],
            place[1],
            text,
            ha="center",
            va="center",
            fontsize=8,
            color="white" if dark else INK,
            zorder=6,
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
    figure, axis = plt.subplots(figsize=(WIDTH, 5.4))
    names = _short_names(picture, list(layout))
    for code, (row, column) in layout.items():
        shown = code in colours
        axis.add_patch(
            plt.Rectangle(
                (column, -row),
                0.95,
                0.95,
                facecolor=colours.get(code, "white"),
                edgecolor="white" if shown else HATCH,
                hatch=None if shown else "////",
            )
        )
        dark = shown and int(colours[code][1:3], 16) < 130
        ink = "white" if dark else INK
        axis.text(column + 0.06, 0.87 - row, wrap(names[code], 11), va="top", fontsize=8, color=ink)
        if shown:
            axis.text(
                column + 0.88,
                0.08 - row,
                f"{values[code]:.0f}",
                ha="right",
                fontsize=13,
                color=ink,
                weight="bold",
            )
    rows, columns = (max(p[i] for p in layout.values()) + 1 for i in (0, 1))
    axis.set_xlim(0, columns)
    axis.set_ylim(1 - rows, 1)
    axis.set_aspect("equal")
    axis.axis("off")
    note = f"{picture.word('percent')}. {picture.base(frame)}"
    return figure, frame, note + (" " + picture.word("suppressed") if values.isna().any() else "")
