"""SPSS, Stata and Parquet: answers as text, with the codes and words behind them.

pyreadstat is written in C, fastparquet in Cython: damaged files bring both down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ngo_survey.reading.text import number_as_text

if TYPE_CHECKING:
    from ngo_survey.reading.limits import Limits

#: Whole numbers from here on are not all different as doubles.
MOST_EXACT = 2.0**53
#: Kinds of column, as pandas tells them, of which equal values are the same text.
ALIKE = frozenset({"string", "floating", "integer", "date", "datetime", "datetime64"})


@dataclass(frozen=True)
class CodedTable:
    """What a file of a statistical package holds.

    Attributes
    ----------
    text: every cell; of a code with a label the label; rows from 1.
    wordings: label of the variable, by column.
    codes: of columns with value labels, the codes as text.
    values: label by code of each such column.
    sets: label of the multiple-response set, by column.
    missing: columns with user-missing values.
    withheld: of these, and of Stata's ``.a`` to ``.z``, the values of labelled columns as text, ""
        in every other cell; they are in none of the above.
    encoding: as the file declares it, "" where it does not.
    lossy: columns with whole numbers of more digits than a double keeps.
    """

    text: pd.DataFrame
    wordings: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, pd.Series] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    withheld: Mapping[str, pd.Series] = field(default_factory=dict)
    encoding: str = ""
    lossy: frozenset[str] = frozenset()


def sav(path: str, encoding: str | None, limits: Limits) -> CodedTable:
    """Read an SPSS file, packed or not."""
    import pyreadstat

    # What counts as missing is given only to who asks to keep it; and the size before it is taken.
    _, head = pyreadstat.read_sav(path, encoding=encoding, metadataonly=True, user_missing=True)
    limits.check(head.number_rows or 0, head.number_columns or 0)
    frame, meta = pyreadstat.read_sav(path, encoding=encoding)
    sets = {
        variable: str(given.get("label") or name.lstrip("$"))
        for name, given in (meta.mr_sets or {}).items()
        for variable in given["variable_list"]
    }
    missing = frozenset(c for c, ranges in (head.missing_ranges or {}).items() if ranges)
    withheld = _withheld(pyreadstat.read_sav, path, encoding, frame, sorted(missing))
    return _coded(frame, meta, limits, sets, missing, withheld)


def dta(path: str, encoding: str | None, limits: Limits) -> CodedTable:
    """Read a Stata file of any release."""
    import pyreadstat

    _, head = pyreadstat.read_dta(path, encoding=encoding, metadataonly=True)
    limits.check(head.number_rows or 0, head.number_columns or 0)
    frame, meta = pyreadstat.read_dta(path, encoding=encoding)
    lettered = [
        name
        for name, listed in meta.variable_value_labels.items()
        if any(isinstance(code, str) for code in listed)
    ]
    withheld = _withheld(pyreadstat.read_dta, path, encoding, frame, lettered)
    return _coded(frame, meta, limits, withheld=withheld)


def parquet(path: str, limits: Limits) -> CodedTable:
    """Read a Parquet file."""
    from fastparquet import ParquetFile

    with open(path, "rb") as file:  # noqa: PTH123 -- as fastparquet hands it on
        found = ParquetFile(file)
        limits.check(found.count(), len(found.columns))
        frame = found.to_pandas().reset_index(drop=True)
        # Read together, row groups would share the words of one of them.
        coded = list(frame.select_dtypes("category"))
        if coded and len(found.row_groups) > 1:
            groups = [found[place : place + 1] for place in range(len(found.row_groups))]
            words = [group.to_pandas(columns=coded).astype(object) for group in groups]
            frame = frame.assign(**pd.concat(words, ignore_index=True))
    limits.check(*frame.shape)
    return CodedTable(as_text(frame), lossy=_lossy(frame))


def _withheld(
    read: Callable[..., Any], path: str, encoding: str | None, frame: pd.DataFrame, names: list[str]
) -> dict[str, pd.Series]:
    """Return the values that a file calls missing in some columns, "" in every other cell."""
    if not names:
        return {}
    kept, _ = read(path, encoding=encoding, user_missing=True, usecols=names)
    shown = as_text(kept)
    gone = {name: frame[name].isna().to_numpy() & (shown[name] != "").to_numpy() for name in names}
    return {name: shown[name].where(gone[name], "") for name in names if gone[name].any()}


def _coded(
    frame: pd.DataFrame,
    meta: Any,
    limits: Limits,
    sets: Mapping[str, str] | None = None,
    missing: frozenset[str] = frozenset(),
    withheld: Mapping[str, pd.Series] | None = None,
) -> CodedTable:
    """Return the text of every cell: the label where a code has one, else the value as written."""
    limits.check(*frame.shape)
    single = [name for name, kind in meta.readstat_variable_types.items() if kind == "float"]
    text = as_text(frame.astype({name: "float32" for name in single if name in frame}))
    values = {
        str(name): {cell_as_text(code): str(label).strip() for code, label in listed.items()}
        for name, listed in meta.variable_value_labels.items()
        if name in frame and listed
    }
    codes = {name: text[name].copy() for name in values}
    for name, named in values.items():
        text[name] = each_once(text[name], partial(_label, named))
    wordings = {c: str(words) for c, words in meta.column_names_to_labels.items() if words}
    encoding = str(meta.file_encoding or "")
    lossy = _lossy(frame)
    held = withheld or {}
    return CodedTable(text, wordings, codes, values, sets or {}, missing, held, encoding, lossy)


def _lossy(frame: pd.DataFrame) -> frozenset[str]:
    doubles = frame.select_dtypes("float")
    return frozenset(str(name) for name in doubles if (doubles[name].abs() >= MOST_EXACT).any())


def _label(named: Mapping[str, str], code: str) -> str:
    return named.get(code, code)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every cell as text, as written.

    Whole numbers lose ``.0``, dates become ISO, missing becomes "". Leading zeros of text survive.
    """
    rows = pd.RangeIndex(1, len(frame) + 1)
    made = {str(name): each_once(_as_meant(frame[name]), cell_as_text) for name in frame.columns}
    return pd.DataFrame(made, index=rows, dtype=str) if made else pd.DataFrame(index=rows)


def _as_meant(column: pd.Series) -> pd.Series:
    """Return numbers of single precision as who wrote them read them: 12.3, not 12.30000019."""
    if column.dtype != np.float32:
        return column
    exact = column.astype("float64")
    return exact.where(exact % 1 == 0, column.astype(str).astype("float64"))


def each_once(column: pd.Series, function: Callable[[Any], str]) -> np.ndarray:
    """Return the text of each value, "" for a missing one; each different value is made once.

    Answers repeat: a column of ten million holds a few texts, not ten million. Only among values of
    one kind are equal ones the same: 1, 1.0 and TRUE are equal to Python.
    """
    if pd.api.types.infer_dtype(column, skipna=True) not in ALIKE:
        texts = column.astype(object).map(function, na_action="ignore")
        return texts.where(texts.notna(), "").to_numpy(dtype=object)
    codes, different = pd.factorize(column)
    # A missing value has the code -1, which is the last place.
    found = np.array([*(function(value) for value in different), ""], dtype=object)
    return found[codes]


def cell_as_text(value: object) -> str:
    """Return one value of a frame as text."""
    if isinstance(value, float | np.floating):
        return number_as_text(float(value))
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)
