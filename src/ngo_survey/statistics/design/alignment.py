"""Data handed to a design: its frame, columns added later, the mask of a domain.

What carries an index is aligned by it, as everywhere in pandas, and refused where the index does
not say which respondent a value is of; what has none must be as long as the design.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.frames import pandas_frame


def checked_frame(frame: object) -> pd.DataFrame:
    """Return a frame that a design can stand on, with the caller's own index.

    Raises
    ------
    InputError: as :func:`frames.pandas_frame`, or two columns of one name.
    """
    made = pandas_frame(frame)
    twice = made.columns[made.columns.duplicated()]
    if len(twice):
        raise InputError(
            "two columns have one name", column=str(twice[0]), hint="rename or drop one of them"
        )
    return made.copy(deep=False)


def aligned(values: object, frame: pd.DataFrame, what: str) -> Any:
    """Return values for the rows of ``frame``: a scalar as it is, else one value a row, in order.

    Parameters
    ----------
    values: a scalar, a flat sequence of as many values as rows, a function of the frame, or a
        Series, which is brought into order by its index.
    what: the name of the column, or what the values are.

    Raises
    ------
    InputError: a mapping or a table; a length that differs; a Series whose index lacks rows of
        the frame, or has one twice.
    """
    if callable(values):
        values = values(frame)
    if isinstance(values, pd.Series):
        return _by_index(values, frame.index, what)
    if isinstance(values, dict | set | frozenset | pd.DataFrame) or np.ndim(values) > 1:  # type: ignore[arg-type]
        raise InputError(
            "this is no column",
            column=what,
            value=type(values).__name__,
            hint="give one value a respondent: a Series, a list or a flat array",
        )
    if np.ndim(values) and len(values) != len(frame):  # type: ignore[arg-type]
        raise InputError(
            f"{len(frame)} respondents need as many values",
            column=what,
            value=len(values),  # type: ignore[arg-type]
            hint="give a Series with the index of the data, which is aligned",
        )
    return values


def _by_index(values: pd.Series, index: pd.Index, what: str) -> pd.Series:
    if values.index.equals(index):
        return values
    hint = "give it the index of the data, or .to_numpy() where the order is the same"
    for labels, whose in ((values.index, "of the column"), (index, "of the data")):
        if labels.has_duplicates:
            raise InputError(
                f"a row stands twice in the index {whose}, so that they cannot be aligned",
                column=what,
                value=labels[labels.duplicated()][0],
                hint=hint,
            )
    lost = ~index.isin(values.index)
    if lost.any():
        raise InputError(
            f"{int(lost.sum())} of {len(index)} respondents have no value by the index",
            column=what,
            value=index[lost][0],
            hint=hint,
        )
    return values.reindex(index)


def truth(mask: object, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return a mask as one truth value a row of ``frame``; missing counts as false.

    Truth values, or numbers that are 0 and 1. Aligned as :func:`aligned`.

    Raises
    ------
    InputError: words or other numbers, or as :func:`aligned`.
    """
    given = aligned(mask, frame, "domain")
    if np.ndim(given) == 0:
        raise InputError(
            f"a domain needs {len(frame)} truth values",
            value=given,
            hint='compare a column, e.g. design.frame["region"] == "north"',
        )
    # A list of a truth value and a gap would otherwise become numbers or words.
    values = given if isinstance(given, pd.Series | np.ndarray) else pd.Series(given, dtype=object)
    values = pd.Series(values).reset_index(drop=True)
    known = values.notna().to_numpy()
    if pd.api.types.is_bool_dtype(values.dtype):
        fits = known
    elif pd.api.types.is_numeric_dtype(values.dtype):
        fits = values.isin((0, 1)).to_numpy()
    else:
        fits = values.map(_is_truth).to_numpy(dtype=bool)
    strange = np.flatnonzero(known & ~fits)
    if len(strange):
        raise InputError(
            "the mask of a domain holds something that is neither true nor false",
            row=int(strange[0]) + 2,
            value=values.iloc[strange[0]],
            hint='compare the column with what is meant, e.g. column == "yes"',
        )
    made = np.zeros(len(frame), dtype=bool)
    made[known] = values[known].astype(bool).to_numpy()
    return made


def _is_truth(value: object) -> bool:
    return isinstance(value, bool | np.bool_ | int | float | np.number) and value in (0, 1)
