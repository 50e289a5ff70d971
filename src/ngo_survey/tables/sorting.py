"""The order of a table's rows: the questionnaire's, or by what the total column shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from ngo_survey.tables.declared import Standard, TableSpec

#: Where a figure stands in its table; the store needs none of it.
PLACES = ("estimand", "member", "level")


def ordered(
    table: pd.DataFrame, spec: TableSpec, standard: Standard, printed: Floats
) -> pd.DataFrame:
    """Return the released estimates of a table in the order that it declares, without places.

    Rows are sorted by the first statistic in the total column: items of a battery, or the choices
    of a question; of a group the choices inside each question. What the total hides, and the
    choices that the study keeps last, come last in the questionnaire's order: the place of a hidden
    figure would tell about it. So do figures that are printed alike: which of them is larger is
    one of the digits that rounding takes away.

    ``printed``: (rows,) the estimates as they are rounded for release.
    """
    plain = table.drop(columns=list(PLACES))
    if not spec.sort:
        return plain
    total = table.assign(estimate=printed)[table["by"] == ""]
    first = total["statistic"].iloc[0]
    battery = spec.form != "group" and total["item"].ne("").any()
    rows = total[total["statistic"] == first]
    if battery:
        # An item of several figures is placed by its first.
        rows = rows.drop_duplicates("item")
    label = "item" if battery else "category"
    value = rows["estimate"].where(rows["status"] == "shown")
    value = value.mask(rows[label].isin(standard.last))
    value = -value if spec.sort == "descending" else value
    place = dict(zip(rows[label], value.fillna(np.inf), strict=True))
    key = table[label].map(place).fillna(np.inf).to_numpy()
    # Banners stay together, and in them the figures of an estimand (and the question of a group).
    within = table.groupby(
        ["by", "item" if spec.form == "group" else "estimand"], sort=False
    ).ngroup()
    order = np.lexsort((np.arange(len(table)), key, within if not battery else _banner(table)))
    return plain.iloc[order].reset_index(drop=True)


def _banner(table: pd.DataFrame) -> np.ndarray:
    return table.groupby("by", sort=False).ngroup().to_numpy()
