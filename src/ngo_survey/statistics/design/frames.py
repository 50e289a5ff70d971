"""Frames of other libraries, as one of pandas: the same answers, gaps and declared categories."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from ngo_survey.errors import InputError

if TYPE_CHECKING:
    import narwhals as nw


def pandas_frame(frame: Any) -> pd.DataFrame:
    """Return a frame of pandas, Polars, Arrow or another library as one of pandas.

    Through narwhals, which knows Polars and Arrow, or the interchange protocol that any frame may
    offer (``__dataframe__``). A pandas frame is returned as it is. Whole numbers and truth values
    with gaps stay what they are (``Int64``, ``boolean``), an ``Enum`` of Polars becomes ordered
    categories; rows count from 0.

    Raises
    ------
    InputError: what is no frame, or one that has not been computed yet; two columns of one name.
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    import narwhals as nw

    try:
        known = nw.from_native(frame, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        raise InputError("two columns have one name", hint="rename or drop one of them") from error
    if isinstance(known, nw.LazyFrame):
        raise InputError(
            "this frame has not been computed yet",
            value=type(frame).__name__,
            hint="give what its collect() makes",
        )
    if isinstance(known, nw.DataFrame):
        if known.implementation.is_pandas_like():
            return known.to_pandas()
        return pd.DataFrame({column.name: _column(column) for column in known.iter_columns()})
    if hasattr(frame, "__dataframe__"):
        with warnings.catch_warnings():
            # What offers nothing else is still read, as long as pandas can.
            warnings.simplefilter("ignore")
            return pd.api.interchange.from_dataframe(frame)
    raise InputError(
        "a design needs a frame: of pandas, Polars, Arrow or with the interchange protocol",
        value=type(frame).__name__,
        hint="pandas.DataFrame(data) makes one of a dict or an array",
    )


def _column(column: nw.Series) -> Any:
    import narwhals as nw

    kind = column.dtype
    if isinstance(kind, nw.Enum):
        return pd.Categorical(column.to_list(), categories=list(kind.categories), ordered=True)
    if isinstance(kind, nw.Categorical):
        # Arrow says whether a dictionary is in order; of Polars' strings the alphabet decides.
        arrow = column.implementation.is_pyarrow()
        return column.to_pandas() if arrow else pd.Categorical(column.to_list())
    if kind.is_decimal():
        return column.cast(nw.Float64()).to_numpy()
    if column.null_count() and kind.is_integer():
        return pd.array(column.to_list(), dtype="Int64")
    if isinstance(kind, nw.Boolean):
        return pd.array(column.to_list(), dtype="boolean" if column.null_count() else bool)
    return column.to_numpy()
