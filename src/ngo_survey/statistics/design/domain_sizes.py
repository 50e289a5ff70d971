"""Sizes of disjoint domains under a design: independent answers and degrees of freedom."""

from __future__ import annotations

import numpy as np

from ngo_survey.statistics.design.variance import Codes, Floats, SelectionStage

#: Cells of stratum by domain are counted in one array of at most this many (32 MB).
BLOCK = 4_000_000


def independent_size(stage: SelectionStage, weights: Floats, codes: Codes, groups: int) -> Floats:
    """Return :meth:`.SurveyDesign.independent_size` of a first stage and (n,) weights."""
    inside = codes >= 0
    cell, where = np.unique(stage.unit[inside] * groups + codes[inside], return_inverse=True)
    totals = np.bincount(where, weights[inside], len(cell))
    left = (1.0 - stage.fraction)[stage.stratum[cell // groups]]
    squares = np.bincount(cell % groups, left * totals**2, groups)
    whole = np.bincount(cell % groups, totals, groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, whole**2 / squares, np.nan)


def counted_degrees_of_freedom(stage: SelectionStage, codes: Codes, groups: int) -> Codes:
    """Return (groups,) PSUs less strata in each of disjoint domains (-1 for none)."""
    inside = codes >= 0
    unit, group = stage.unit[inside], codes[inside]
    if not stage.of_rows:
        cells = np.unique(unit * groups + group)
        unit, group = cells // groups, cells % groups
    cell, most = stage.stratum[unit] * groups + group, len(stage.size) * groups
    if most <= BLOCK:
        there = np.bincount(cell, minlength=most).reshape(-1, groups) > 0
        strata = there.sum(axis=0)
    else:
        strata = np.bincount(np.unique(cell) % groups, minlength=groups)
    return np.asarray(np.bincount(group, minlength=groups) - strata, dtype=np.int64)
