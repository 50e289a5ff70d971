"""Kinds of figures: each a function from a picture to a matplotlib figure, its data and a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ngo_survey.figures.kinds import bars, maps, models, official, respondents, sides, trust, waves
from ngo_survey.figures.picture import Picture

Drawn = tuple[Any, Any, str]
KINDS: dict[str, Callable[[Picture], Drawn]] = {
    "bars": bars.bars,
    "stacked": bars.stacked,
    "items": bars.items,
    "ranking": bars.ranking,
    "heat": bars.heat,
    "map": maps.choropleth,
    "tiles": maps.tiles,
    "flow": respondents.flow,
    "margins": respondents.margins,
    "effects": models.effects,
    "predictions": models.predictions,
    "contrasts": models.contrasts,
    "specification": trust.specification,
    "calibration": trust.calibration,
    "series": official.series,
    "series_expected": official.series_expected,
    "slope": waves.slope,
    "likert": sides.likert,
    "gap": sides.gap,
}
