"""Sizes of disjoint domains under a design: independent answers and degrees of freedom."""

from __future__ import annotations

import numpy as np

from ngo_survey.statistics.design.variance import Codes, Floats, SelectionStage

#: Cells of stratum or unit by domain are counted in one array of at most this many (32 MB).
BLOCK = 4_000_000


def distinct(cells: Codes, most: int) -> Codes:
    """Return the codes (0 to ``most`` - 1) that there are, ascending."""
    if most <= BLOCK:
        return np.flatnonzero(np.bincount(cells, minlength=most))
    return np.unique(cells)


def independent_size(stage: SelectionStage, weights: Floats, codes: Codes, groups: int) -> Floats:
    """Return :meth:`.SurveyDesign.independent_size` of a first stage and (n,) weights."""
    inside = codes >= 0
    unit, group, totals = stage.unit[inside], codes[inside], weights[inside]
    if not stage.of_rows:
        cell, where = np.unique(unit * groups + group, return_inverse=True)
        unit, group = cell // groups, cell % groups
        totals = np.asarray(np.bincount(where, totals, len(cell)), dtype=float)
    left = (1.0 - stage.fraction)[stage.stratum[unit]]
    squares = np.bincount(group, left * totals**2, groups)
    whole = np.bincount(group, totals, groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, whole**2 / squares, np.nan)


def counted_degrees_of_freedom(stage: SelectionStage, codes: Codes, groups: int) -> Codes:
    """Return (groups,) PSUs less strata in each of disjoint domains (-1 for none)."""
    inside = codes >= 0
    unit, group = stage.unit[inside], codes[inside]
    if not stage.of_rows:
        cells = distinct(unit * groups + group, len(stage.stratum) * groups)
        unit, group = cells // groups, cells % groups
    there = distinct(stage.stratum[unit] * groups + group, len(stage.size) * groups)
    strata = np.bincount(there % groups, minlength=groups)
    return np.asarray(np.bincount(group, minlength=groups) - strata, dtype=np.int64)
