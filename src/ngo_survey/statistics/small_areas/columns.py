"""Auxiliary columns of small areas, from official figures and from a register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError, nearest


def official_column(
    frame: pd.DataFrame,
    where: Mapping[str, Sequence[str]],
    areas: Sequence[str],
    logarithm: bool = False,
) -> pd.Series:
    """Return the official figure of every area, by area.

    Parameters
    ----------
    frame: official figures, one row a figure: ``region`` (the code of the area), ``value`` as a
        number, and the columns that ``where`` names, as text.
    where: by column: values of the rows that are meant.
    areas: codes of the areas.
    logarithm: whether the natural logarithm of the figure is taken.

    Raises
    ------
    InputError: no such column; an area has no figure, or several; a figure has no logarithm.
    """
    rows = frame
    for column, values in where.items():
        if column not in frame:
            raise InputError(
                "the official figures have no such column",
                value=column,
                hint=nearest(column, frame.columns),
            )
        rows = rows[rows[column].isin(list(values))]
    rows = rows[rows["value"].notna()].set_index("region")
    lacking = [area for area in areas if area not in rows.index]
    if lacking:
        raise InputError(
            "an area has no official figure",
            value=lacking[0],
            hint="the model needs one of every area: choose another data set, or mend `where`",
        )
    twice = [area for area in areas if area in set(rows.index[rows.index.duplicated()])]
    if twice:
        raise InputError(
            "an area has several official figures",
            value=twice[0],
            hint="name the measure, year or unit that is meant under `where`",
        )
    found = rows["value"].reindex(list(areas)).astype(float)
    if logarithm and (found <= 0).any():
        raise InputError(
            "a figure that is not above zero has no logarithm",
            value=found.index[found <= 0][0],
            hint="leave out transform: log",
        )
    return np.log(found) if logarithm else found


def register_column(
    register: pd.DataFrame, by: str, variable: str, category: str, areas: Sequence[str]
) -> pd.Series:
    """Return the share of one answer among the units of each area in a register, by area.

    Parameters
    ----------
    register: one row a cell of the register: its variables as text, and ``count``.
    by: the variable that names the areas.
    variable, category: what is counted.

    Raises
    ------
    InputError: the register has no units of an area, or nobody of the category.
    """
    counts = register.pivot_table("count", by, variable, "sum", fill_value=0).reindex(list(areas))
    sizes = counts.sum(axis=1)
    if (sizes <= 0).any():
        raise InputError(
            "the register has nobody in an area",
            value=sizes.index[sizes <= 0][0],
            hint="areas are the answers that the register has",
        )
    if category not in counts:
        raise InputError(
            "nobody in the register is of this category",
            value=category,
            hint=nearest(category, [str(name) for name in counts]),
        )
    made: pd.Series = counts[category] / sizes
    return made.astype(float)
