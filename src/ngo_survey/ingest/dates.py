"""Moments of an interview, as each tool writes them, to ISO 8601."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ngo_survey.errors import InputError

ISO = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|$)"
#: Days since the end of 1899, as Excel counts them: 1954 to 2119.
SERIAL = r"[2-7]\d{4}(?:\.\d+)?"
EXCEL_EPOCH = pd.Timestamp("1899-12-30")


def to_iso(column: pd.Series, formats: Sequence[str], file: str, name: str) -> pd.Series:
    """Return moments as ISO text; what is ISO already stays as it is.

    Numbers of five digits, with a fraction for the hour, are days as Excel counts them. The format
    is the one that fits every row. Where several fit and differ, nobody can say whether
    03/04 is in March or in April.

    Parameters
    ----------
    column: text, "" for missing; the index is the row of the file.
    formats: of the tool, or the one that ``sources.dates`` declares.

    Raises
    ------
    InputError: no format fits every row, or several do and give other days.
    """
    written = column[(column != "") & ~column.str.match(ISO)]
    if written.empty:
        return column
    if written.str.fullmatch(SERIAL).all():
        days = pd.to_timedelta(written.astype(float), unit="D").dt.round("s")
        made = column.copy()
        made[written.index] = (EXCEL_EPOCH + days).dt.strftime("%Y-%m-%dT%H:%M:%S")
        return made
    fitting: dict[str, pd.Series] = {}
    fewest = written
    for form in formats:
        read = pd.to_datetime(written, format=form, errors="coerce")
        wrong = written[read.isna()]
        if wrong.empty:
            fitting[form] = read
        elif len(wrong) < len(fewest) or fewest is written:
            fewest = wrong
    if not fitting:
        raise InputError(
            "this moment cannot be read",
            file=file,
            row=int(fewest.index[0]),
            column=name,
            value=fewest.iloc[0],
            hint="name its format under sources.dates, e.g. '%d.%m.%Y %H:%M'; Excel's serial "
            "numbers (46084.417) are read where every row has one",
        )
    (first, read), *others = fitting.items()
    for form, other in others:
        if (other.dt.date != read.dt.date).any():
            row = int(written.index[(other.dt.date != read.dt.date).to_numpy().argmax()])
            raise InputError(
                "this moment can be read in two ways",
                file=file,
                row=row,
                column=name,
                value=str(written[row]),
                hint=f"name its format under sources.dates: '{first}' or '{form}'",
            )
    made = column.copy()
    made[written.index] = read.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return made
