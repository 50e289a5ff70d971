"""Which columns of a table differ: letters for every two of them, and each against the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.statistics.estimation import adjust, gatekeep
from ngo_survey.statistics.estimation.comparisons import ColumnComparisons, compare_columns
from ngo_survey.statistics.estimation.domains import Domains
from ngo_survey.tables.estimand import Bools, Estimand, Floats
from ngo_survey.tables.tests import Gates

if TYPE_CHECKING:
    from ngo_survey.statistics.design import SurveyDesign
    from ngo_survey.tables.declared import Standard, TableSpec

HEADS = ("analysis", "population", "item", "category", "statistic", "by", "by_level")


@dataclass(frozen=True)
class _Compared:
    """The comparisons of one estimand under one banner, and which of its figures are shown."""

    rows: np.ndarray  # (members, levels) places in the table's rows
    shown: Bools  # (members, levels)
    made: ColumnComparisons
    pairs: Floats  # (members, levels, levels) p of pairs of shown figures
    rest: Floats  # (members, levels) p of shown figures against the rest
    gate: Floats  # (members,) adjusted p of the tests that stand before these
    family: str


def letter(place: int) -> str:
    """Return the letter of a column: A to Z, AA, AB... as spreadsheets count them."""
    text = ""
    place += 1
    while place:
        place, left = divmod(place - 1, 26)
        text = ascii_uppercase[left] + text
    return text


def compare_table(
    design: SurveyDesign,
    spec: TableSpec,
    estimands: list[Estimand],
    splits: Mapping[str, Domains],
    released: pd.DataFrame,
    standard: Standard,
    gates: Gates,
) -> pd.DataFrame:
    """Compare the columns of a table under each banner; only figures that are shown take part.

    ``released`` is what ``status.release`` gives, with the positions ``estimand``, ``member`` and
    ``level``. Returns rows of the family ``comparisons``: ``above`` names the letters of the
    columns that a figure is higher than at the declared level; ``difference`` is the figure less
    that of everybody in the other columns, where the total is shown too. p-values are Holm's within
    the declared family: the table under one banner, a row of it, or the whole table; pairs are one
    family, comparisons with the rest another. Both lie behind the tests of the question and of the
    row (``gates``, see :func:`~ngo_survey.tables.tests.test_table`): no column stands out where the
    row as a whole does not differ.
    """
    wanted = {"letters", "rest"} & set(spec.tests)
    if not wanted or released.empty:
        return pd.DataFrame(columns=["key", *HEADS, *_FIGURES])
    found = list(_compared(design, spec, estimands, splits, released, gates))
    size = len(released)
    above = np.full(size, "", dtype=object)
    letters = np.full(size, "", dtype=object)
    figures = {key: np.full(size, np.nan) for key in ("difference", "se", "p", "p_adjusted")}
    if "letters" in wanted:
        _letters(found, standard, above)
    for one in found:
        letters[one.rows] = [letter(g) for g in range(one.rows.shape[1])]
        if "rest" in wanted:
            difference = np.where(one.shown, (one.made.estimate - one.made.rest).T, np.nan)
            known = ~np.isnan(one.rest)
            figures["difference"][one.rows] = np.where(known, difference, np.nan)
            figures["se"][one.rows] = np.where(known, one.made.rest_se.T, np.nan)
            figures["p"][one.rows] = one.rest
    for group in _families(found, standard):
        places = np.concatenate([one.rows.ravel() for one in group])
        if standard.family == "row":
            for one in group:
                for row in one.rows:
                    figures["p_adjusted"][row] = adjust(figures["p"][row])
        else:
            figures["p_adjusted"][places] = adjust(figures["p"][places])
        for one in group:
            p = figures["p_adjusted"][one.rows]
            figures["p_adjusted"][one.rows] = gatekeep(one.gate[:, None], p)
    table = released.assign(letter=letters, above=above, **figures)
    table = table[(table["letter"] != "") & (table["status"] == "shown")]
    return table.assign(key="compare/" + table["key"])[["key", *HEADS, *_FIGURES]]


_FIGURES = ("letter", "above", "difference", "se", "p", "p_adjusted")


def _compared(
    design: SurveyDesign,
    spec: TableSpec,
    estimands: list[Estimand],
    splits: Mapping[str, Domains],
    released: pd.DataFrame,
    gates: Gates,
) -> Iterator[_Compared]:
    shown = (released["status"] == "shown").to_numpy()
    groups = released.groupby(["estimand", "by"], sort=False).indices
    for banner in spec.banners:
        for place, estimand in enumerate(estimands):
            rows = groups.get((place, banner))
            if rows is None or estimand.kind not in ("share", "mean"):
                continue
            shape = (len(estimand.members), len(splits[banner].levels))
            if shape[1] < 2:
                continue
            rows = rows.reshape(shape)
            own = shown[rows]
            if not own.any():
                continue
            total = shown[groups[(place, "")]].reshape(shape[0], 1)
            made = compare_columns(
                design, estimand.values, estimand.valid, splits[banner], estimand.kind == "share"
            )
            both = own[:, :, None] & own[:, None, :]
            pairs = np.where(both, made.pair_p, np.nan)
            rest = np.where(own & total, made.rest_p.T, np.nan)
            gate = gates.get((place, banner), np.full(shape[0], np.nan))
            yield _Compared(rows, own, made, pairs, rest, gate, banner)


def _families(found: list[_Compared], standard: Standard) -> Iterator[list[_Compared]]:
    if standard.family == "table":
        yield found
        return
    for banner in dict.fromkeys(one.family for one in found):
        yield [one for one in found if one.family == banner]


def _letters(found: list[_Compared], standard: Standard, above: np.ndarray) -> None:
    """Write the letters of the columns that each figure is higher than."""
    for group in _families(found, standard):
        halves = [np.triu_indices(one.pairs.shape[1], 1) for one in group]
        adjusted = [one.pairs[:, h[0], h[1]] for one, h in zip(group, halves, strict=True)]
        if standard.family == "row":
            adjusted = [np.stack([adjust(row) for row in p]) for p in adjusted]
        else:
            flat = adjust(np.concatenate([p.ravel() for p in adjusted]))
            cuts = np.cumsum([p.size for p in adjusted])[:-1]
            adjusted = [
                part.reshape(p.shape)
                for part, p in zip(np.split(flat, cuts), adjusted, strict=True)
            ]
        for one, (upper, lower), p in zip(group, halves, adjusted, strict=True):
            for member, pair in np.argwhere(gatekeep(one.gate[:, None], p) <= standard.level):
                ends = int(upper[pair]), int(lower[pair])
                values = one.made.estimate[list(ends), member]
                high, low = ends if values[0] > values[1] else ends[::-1]
                place = one.rows[member, high]
                above[place] = " ".join([*above[place].split(), letter(low)])
