"""The regions of a study: a choropleth in an equal-area projection, and a tile grid.

Codes, outlines, places of words and tiles are the study's (section ``geography``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.patches import Polygon as Patch

from ngo_survey.present.figures.kinds import marks
from ngo_survey.present.figures.layout import key
from ngo_survey.present.figures.outlines import read_outlines
from ngo_survey.present.figures.picture import Drawn, Picture
from ngo_survey.present.figures.sayings import ranks, say_apart, say_ends
from ngo_survey.present.figures.style import GREY, HATCH, INK, SEQUENTIAL, WIDTH, ink_on
from ngo_survey.present.figures.text import wrap

#: How far from the middle of a city's circle its name stands, and the room that names need beside
#: the map, in radii.
NAME, ROOM = 22 / 17, 70 / 17
#: Points and inches of a region's name on the map.
SMALL, NAMED = 6.5, 0.8
#: Inches of a map whose height the study does not give.
HEIGHTS = (2.5, 8.0)


@dataclass(frozen=True)
class Albers:
    """Albers' equal-area conic projection of the sphere (Snyder 1987, section 14).

    Attributes
    ----------
    parallels: the two standard parallels, in degrees.
    origin: longitude and latitude of the middle, in degrees.
    """

    parallels: tuple[float, float]
    origin: tuple[float, float]

    @classmethod
    def of(cls, corners: np.ndarray) -> Albers:
        """Return the projection for what lies within two corners (longitude, latitude).

        The parallels lie a sixth of the height from the lower and the upper edge.
        """
        (west, south), (east, north) = corners
        sixth = (north - south) / 6
        return cls((south + sixth, north - sixth), ((west + east) / 2, (south + north) / 2))

    def __call__(self, lonlat: np.ndarray) -> np.ndarray:
        """Return the place of degrees on a sphere of radius one."""
        lon, lat = np.radians(lonlat[..., 0]), np.radians(lonlat[..., 1])
        one, two = np.radians(self.parallels)
        centre, origin = np.radians(self.origin)
        n = (np.sin(one) + np.sin(two)) / 2
        c = np.cos(one) ** 2 + 2 * n * np.sin(one)
        rho = np.sqrt(c - 2 * n * np.sin(lat)) / n
        rho0 = np.sqrt(c - 2 * n * np.sin(origin)) / n
        theta = n * (lon - centre)
        return np.stack([rho * np.sin(theta), rho0 - rho * np.cos(theta)], axis=-1)


def _values(picture: Picture) -> pd.DataFrame:
    spec = picture.spec
    frame = picture.estimates(spec["analysis"], spec.get("statistic", "proportion"))
    if frame["by"].iloc[0] == picture.study.section("geography")["variable"]:
        frame = frame[frame["category"] == spec["category"]]
        return frame.assign(region=frame["by_level"])
    return frame.assign(region=frame["category"])


def _colours(values: pd.Series) -> dict[str, str]:
    ramp = LinearSegmentedColormap.from_list("much", SEQUENTIAL)
    low, high = values.min(), values.max()
    scaled = (values - low) / (high - low if high > low else 1.0)
    return {region: to_hex(ramp(0.08 + 0.92 * v)) for region, v in scaled.dropna().items()}


def _legend(picture: Picture, figure: Figure, values: pd.Series) -> None:
    """Set the key of the shades: the lowest figure, the middle of the range and the highest."""
    low, high = float(values.min()), float(values.max())
    steps = pd.Series({"low": low, "middle": (low + high) / 2, "high": high})
    words = [picture.percent(v / 100, int(v < 10)) for v in steps]
    key(figure, [marks.square(colour) for colour in _colours(steps).values()], words)


def choropleth(picture: Picture) -> Drawn:
    """Draw the map; regions without a releasable figure are hatched."""
    frame = _values(picture)
    values = 100 * frame.set_index("region")["estimate"]
    colours = _colours(values)
    texts = {code: picture.number(v, int(v < 10)) for code, v in values.dropna().items()}
    keys = frame.dropna(subset=["estimate"]).set_index("region")["key"]
    declared = picture.study.section("geography")
    regions: Mapping[str, Any] = declared.get("regions", {})
    source = declared["outlines"]
    degrees = read_outlines(picture.study.path(source["file"]), source["code"])
    project = _projection(declared, degrees)
    outlines = {code: [project(ring) for ring in rings] for code, rings in degrees.items()}
    figure, axis = plt.subplots(figsize=(WIDTH, declared.get("height", _height(outlines))))
    for code, rings in outlines.items():
        shown = code in colours
        for ring in rings:
            land = Patch(
                ring,
                facecolor=colours.get(code, "white"),
                edgecolor=GREY if shown else HATCH,
                lw=0.6,
                hatch=None if shown else "////",
            )
            marks.names([axis.add_patch(land)], [keys.get(code)])
        if "circle" in regions.get(code, {}):
            centre = rings[0].mean(axis=0)
            circle = _city(picture, axis, code, (centre, project), colours, texts.get(code))
            marks.names([circle], [keys.get(code)])
    places = {
        code: _place(regions.get(code, {}), rings, project)
        for code, rings in sorted(outlines.items())
        if "circle" not in regions.get(code, {})
    }
    names = _short_names(picture, list(places))
    for code, place in places.items():
        colour = colours.get(code, "#ffffff")
        _number(axis, place, texts.get(code), colour)
        axis.annotate(
            wrap(names[code], NAMED, SMALL), place, xytext=(0, 6), textcoords="offset points",
            ha="center", fontsize=SMALL, color=ink_on(colour), linespacing=1.0,
        )  # fmt: skip
    axis.autoscale_view()
    if len(places) < len(outlines):
        axis.set_xlim(axis.get_xlim()[0], axis.get_xlim()[1] + ROOM * _radius(picture))
    axis.set_aspect("equal")
    axis.axis("off")
    _legend(picture, figure, values)
    notice = f"{source['notice'].rstrip('.')}." if "notice" in source else ""
    note = picture.note(
        picture.word("percent") + ".", picture.base(frame), picture.hidden(frame), notice
    )
    return Drawn(figure, frame, note, _message(picture, frame))


def _projection(declared: Mapping[str, Any], degrees: Mapping[str, Sequence[np.ndarray]]) -> Albers:
    """Return the projection that the study declares, or one that fits its outlines."""
    if "projection" in declared:
        said = declared["projection"]
        return Albers(tuple(said["parallels"]), tuple(said["origin"]))
    points = np.concatenate([ring for rings in degrees.values() for ring in rings])
    return Albers.of(np.stack([points.min(axis=0), points.max(axis=0)]))


def _height(outlines: Mapping[str, Sequence[np.ndarray]]) -> float:
    """Return the inches of a map as wide as a figure."""
    points = np.concatenate([ring for rings in outlines.values() for ring in rings])
    wide, high = points.max(axis=0) - points.min(axis=0)
    return float(np.clip(WIDTH * high / wide, *HEIGHTS))


def _place(region: Mapping[str, Any], rings: Sequence[np.ndarray], project: Albers) -> np.ndarray:
    """Return where a region's figure stands: where the study says, or in its middle."""
    return project(np.array(region["at"])) if "at" in region else _middle(rings)


def _middle(rings: Sequence[np.ndarray]) -> np.ndarray:
    """Return the centroid of the largest part of a region."""
    middles, areas = [], []
    for ring in rings:
        after = np.roll(ring, -1, axis=0)
        cross = ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]
        areas.append(abs(cross.sum()) / 2)
        middles.append(((ring + after) * cross[:, None]).sum(axis=0) / (3 * cross.sum()))
    return np.asarray(middles[int(np.argmax(areas))])


def _radius(picture: Picture) -> float:
    return float(picture.study.section("geography")["circle"])


def _city(
    picture: Picture,
    axis: Any,
    code: str,
    lies: tuple[np.ndarray, Albers],
    colours: dict[str, str],
    text: str | None,
) -> Circle:
    """Draw a city as a circle of its own, with a line to where it lies and its name."""
    (centre, project), radius = lies, _radius(picture)
    declared = picture.study.section("geography")["regions"][code]
    place = project(np.array(declared["circle"]))
    edge = place + radius * (centre - place) / np.hypot(*(centre - place))
    axis.plot(*zip(centre, edge, strict=True), color=INK, lw=0.8, zorder=4, label=marks.GUIDE)
    axis.plot(*centre, "o", ms=2.5, color=INK, zorder=4)
    circle = Circle(
        (float(place[0]), float(place[1])),
        radius,
        facecolor=colours.get(code, "white"),
        edgecolor=INK,
        hatch=None if code in colours else "////",
        lw=0.9,
        zorder=5,
    )
    axis.add_patch(circle)
    _number(axis, place, text, colours.get(code, "#ffffff"))
    name = _short_names(picture, [code])[code]
    side = declared.get("name", "right" if place[1] > centre[1] else "left")
    if side == "right":
        axis.text(place[0] + NAME * radius, place[1], name, va="center", fontsize=8.5)
    else:
        axis.text(place[0] - NAME * radius, place[1], name, ha="right", va="center", fontsize=8.5)
    return circle


def _message(picture: Picture, frame: pd.DataFrame) -> str:
    """Say which regions a test tells apart; of regions as answers, which is the most frequent."""
    names = _short_names(picture, [str(code) for code in frame["region"]])

    def share(value: float) -> str:
        return picture.percent(value, int(value < 0.1))

    if frame["by"].iloc[0]:
        what = picture.category(picture.spec["analysis"], "", picture.spec["category"])
        return say_apart(picture, frame, lambda _: what, share, names)
    return say_ends(
        picture, frame, ranks(picture, picture.spec["analysis"], str(frame["statistic"].iloc[0])),
        lambda row: f"{names[row.region]} ({share(row.estimate)})",
    )  # fmt: skip


def _number(axis: Any, place: np.ndarray, text: str | None, colour: str) -> None:
    if text is not None:
        axis.text(
            *place, text, ha="center", va="center", fontsize=8, color=ink_on(colour), zorder=6
        )


def _short_names(picture: Picture, codes: list[str]) -> dict[str, str]:
    """Return names without the word for a region, in full where two would be the same."""
    book, language = picture.book(picture.spec["analysis"]), picture.language
    variable = picture.study.section("geography")["variable"]
    full = {code: book.choice_label(variable, code, language) for code in codes}
    short = {code: re.sub(picture.word("region_words"), "", name) for code, name in full.items()}
    listed = list(short.values())
    return {c: full[c] if listed.count(short[c]) > 1 else short[c] for c in codes}


def tiles(picture: Picture) -> Drawn:
    """Draw the regions as equal tiles: small regions count as much as large ones."""
    frame = _values(picture)
    values = 100 * frame.set_index("region")["estimate"]
    keys = frame.set_index("region")["key"]
    colours = _colours(values)
    regions = picture.study.section("geography")["regions"]
    layout = {code: place["tile"] for code, place in regions.items() if "tile" in place}
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
            marks.names([tile], [keys[code]])
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
    _legend(picture, figure, values)
    note = picture.note(picture.word("percent") + ".", picture.base(frame), picture.hidden(frame))
    return Drawn(figure, frame, note, _message(picture, frame))


#: A tile's height, of its width.
TALL = 0.72
