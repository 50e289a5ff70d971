"""From codes with labels, as statistical packages keep answers, to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError


def read_coded(
    reader: Callable[..., tuple[pd.DataFrame, Any]], path: Path, shown: str, what: str, **how: Any
) -> tuple[pd.DataFrame, Any]:
    """Run a reader of `pyreadstat`; what it cannot read is one clear error.

    Raises
    ------
    InputError: a file that is broken or breaks off, or whose encoding does not fit.
    """
    import pyreadstat

    try:
        return reader(path, **how)
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"the {what} file cannot be read ({str(error).strip().splitlines()[0]})",
            file=shown,
            hint=f"save it again in {what}; if its letters are at fault name sources.encoding",
        ) from None


def wordings(meta: Any) -> dict[str, str]:
    """Return the label of each variable that has one."""
    return {c: str(text) for c, text in meta.column_names_to_labels.items() if text}


def as_text(frame: pd.DataFrame, labels: Mapping[str, Mapping[Any, str]]) -> pd.DataFrame:
    """Return every cell as text: the label where a code has one, else the value as written.

    Whole numbers lose ``.0``, dates become ISO, missing becomes "". Leading zeros of text survive.
    """
    made = {}
    for name in frame.columns:
        column = frame[name]
        named = {_plain(code): label.strip() for code, label in labels.get(str(name), {}).items()}
        text = column.map(_plain, na_action="ignore")
        made[str(name)] = text.map(lambda v, named=named: named.get(v, v), na_action="ignore")
    out = pd.DataFrame(made).astype(object)
    return out.where(out.notna(), "").astype(str).set_axis(pd.RangeIndex(1, len(out) + 1))


def _plain(value: object) -> str:
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)
