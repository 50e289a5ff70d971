"""Kinds of figures: each a function from a picture to a matplotlib figure, its data and a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ngo_survey.present.figures.kinds import (
    areas,
    bars,
    crossed,
    expected,
    letters,
    maps,
    models,
    official,
    order,
    respondents,
    scatter,
    sides,
    stacked,
    together,
    trust,
    waves,
)
from ngo_survey.present.figures.picture import Picture

#: Each gives a figure, the rows it shows, a note and, where it has one, its message
#: (:class:`ngo_survey.present.figures.picture.Drawn`).
KINDS: dict[str, Callable[[Picture], tuple[Any, ...]]] = {
    "bars": bars.bars,
    "intervals": bars.intervals,
    "letters": letters.letters,
    "stacked": stacked.stacked,
    "items": stacked.items,
    "ranking": order.ranking,
    "heat": order.heat,
    "scatter": scatter.scatter,
    "crossing": crossed.crossing,
    "together": together.together,
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
    "expected": expected.expected,
    "slope": waves.slope,
    "likert": sides.likert,
    "gap": sides.gap,
    "areas": areas.areas,
}
