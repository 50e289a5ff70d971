"""Check official figures: every row has a source, a known region and a number that is one."""

from __future__ import annotations

import re
from collections.abc import Collection

import pandas as pd

from ngo_survey.errors import InputError, nearest

COLUMNS = [
    *("id", "label", "region", "year", "measure", "value", "unit"),
    *("qualifier", "certainty", "source", "note"),
]
#: A word that a program would open as an address, and how one may begin that people open.
ADDRESS = re.compile(r"(?i)(?<!\S)[a-z][a-z0-9+.-]*:(?=\S)")
OPENED = ("https://", "http://", "mailto:")
CERTAINTY = ("high", "medium", "low")


def check(frame: pd.DataFrame, file: str, regions: Collection[str] = ()) -> pd.DataFrame:
    """Return a data set of official figures, ``value`` as a number.

    Parameters
    ----------
    frame: text, missing as NaN; the index counts rows of the file from 2.
    regions: codes that the column ``region`` may hold, several joined by ``+``; any, where none
        are given.

    Raises
    ------
    InputError: a column is missing, an id is used twice, a source is missing, a region or certainty
        is unknown, a source has an address that is neither of the web nor of mail, a value is no
        number.
    """
    for column in COLUMNS:
        if column not in frame:
            raise InputError(
                "a column is missing", file=file, value=column, hint=nearest(column, frame.columns)
            )
    _refuse(frame, frame["id"].isna(), "id", "a row has no id", "give it one", file)
    _refuse(frame, frame["id"].duplicated(), "id", "an id is used twice", "make it unique", file)
    _refuse(frame, frame["source"].isna(), "source", "a figure has no source", "name it", file)
    strange = ~frame["source"].map(_opened)
    hint = f"write an address that begins with {', '.join(OPENED)}, or words alone"
    _refuse(frame, strange, "source", "a source has an address of an unknown kind", hint, file)
    if regions:
        codes = frame["region"].fillna("").str.split("+")
        unknown = codes.map(lambda parts: not set(parts) <= set(regions))
        found = frame.loc[unknown, "region"].head(1).fillna("").sum()
        hint = nearest(found, regions)
        _refuse(frame, unknown, "region", "no region of the study has this code", hint, file)
    certain = ~frame["certainty"].isin(CERTAINTY)
    _refuse(frame, certain, "certainty", "no such certainty", ", ".join(CERTAINTY), file)
    value = pd.to_numeric(frame["value"], errors="coerce")
    wrong = frame["value"].notna() & value.isna()
    _refuse(frame, wrong, "value", "this is not a number", "write digits with a point", file)
    return frame[COLUMNS].assign(value=value)


def _opened(source: str) -> bool:
    """Say whether every address in a source is one that people open."""
    return all(source.startswith(OPENED, found.start()) for found in ADDRESS.finditer(source))


def _refuse(
    frame: pd.DataFrame, rows: pd.Series, column: str, problem: str, hint: str, file: str
) -> None:
    if rows.any():
        row = rows.idxmax()
        found = frame.at[row, column]
        raise InputError(
            problem,
            file=file,
            row=int(row),
            column=column,
            value=None if pd.isna(found) else found,
            hint=hint,
        )
