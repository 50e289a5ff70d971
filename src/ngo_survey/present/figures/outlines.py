"""Outlines of regions from GeoJSON (RFC 7946): a polygon or several for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ngo_survey.errors import InputError, nearest

#: Outlines of a page are simplified: those of a country have a hundredth of it.
MOST_MEGABYTES = 50
HINT = "export the outlines again as GeoJSON in degrees, polygons alone"


@cache
def read_outlines(file: Path, key: str) -> dict[str, list[np.ndarray]]:
    """Return the outer rings of each region in degrees; they are the same in every language.

    Parameters
    ----------
    key: the property that holds the code of a region.

    Returns
    -------
    By code the rings, each an array of points by longitude and latitude.

    Raises
    ------
    InputError: the file is missing, too large, no GeoJSON or nested beyond reading; a feature has
        no code, is no polygon, or holds what is no point on the earth.
    """
    outlines: dict[str, list[np.ndarray]] = {}
    for number, feature in enumerate(_features(file), start=1):
        properties = feature.get("properties")
        if not isinstance(properties, dict) or key not in properties:
            raise InputError(
                "a feature of the outlines has no such property",
                file=file,
                value=key,
                hint=nearest(key, properties if isinstance(properties, dict) else ()),
            )
        try:
            rings = [_ring(points) for points in _outer(feature.get("geometry"))]
        except (ValueError, TypeError, IndexError, KeyError, RecursionError) as error:
            raise InputError(
                f"feature {number} of the outlines is no polygon ({str(error).splitlines()[0]})",
                file=file,
                value=properties[key],
                hint=HINT,
            ) from None
        outlines.setdefault(str(properties[key]), []).extend(rings)
    return outlines


def _features(file: Path) -> list[dict[str, Any]]:
    try:
        size = file.stat().st_size
        if size > MOST_MEGABYTES * 1e6:
            raise InputError(
                f"the outlines have {size / 1e6:,.0f} MB, more than the {MOST_MEGABYTES} MB that "
                "are read",
                file=file,
                hint="simplify them: a page shows a thousand points of a region at most",
            )
        read = json.loads(file.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(
            "the outlines are missing", file=file, hint="correct geography.outlines.file"
        ) from None
    except RecursionError:
        raise InputError("the outlines are nested beyond reading", file=file, hint=HINT) from None
    except ValueError as error:  # no JSON, no UTF-8
        raise InputError(
            f"the outlines cannot be read ({str(error).splitlines()[0]})", file=file, hint=HINT
        ) from None
    features = read.get("features") if isinstance(read, dict) else None
    if not (isinstance(features, list) and features and all(isinstance(f, dict) for f in features)):
        raise InputError("the outlines hold no features", file=file, hint=HINT)
    return features


def _outer(geometry: Any) -> Iterator[Any]:
    """Yield the outer ring of each polygon of a geometry."""
    kind = geometry["type"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"it is a {str(kind)[:40]}")
    polygons = geometry["coordinates"]
    for polygon in [polygons] if kind == "Polygon" else polygons:
        yield polygon[0]


def _ring(points: Any) -> np.ndarray:
    ring = np.array([(float(point[0]), float(point[1])) for point in points])
    if len(ring) < 4:
        raise ValueError(f"a ring of {len(ring)} points closes nothing")
    if not (np.isfinite(ring) & (np.abs(ring) <= [360, 90])).all():
        raise ValueError("a point lies beyond 360 degrees of longitude or 90 of latitude")
    return ring
