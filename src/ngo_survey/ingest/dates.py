"""Moments of an interview, as each tool writes them, to ISO 8601."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from ngo_survey.errors import InputError

ISO = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|$)"
#: Days since the end of 1899, as Excel counts them: 1954 to 2119.
SERIAL = r"[2-7]\d{4}(?:\.\d+)?"
#: How moments are written, besides ISO. Each with the month first has its twin with the day first.
FORMATS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"),
    *("%d.%m.%Y", "%d.%m.%y %H:%M", "%d.%m.%y"),
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m/%d/%y %H:%M", "%m/%d/%y"),
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%y %I:%M %p"),
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d/%m/%y %H:%M", "%d/%m/%y"),
    *("%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p", "%d/%m/%y %I:%M %p"),
)
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
    InputError: no format fits every row, or several do and give other days; a day or an hour that
        there is not.
    """
    iso = column.str.match(ISO)
    _refuse_impossible(column[iso], file, name)
    written = column[(column != "") & ~iso]
    if written.empty:
        return column
    if written.str.fullmatch(SERIAL).all():
        days = pd.to_timedelta(written.astype(float), unit="D").dt.round("s")
        made = column.copy()
        made[written.index] = (EXCEL_EPOCH + days).dt.strftime("%Y-%m-%dT%H:%M:%S")
        return made
    fitting = readings(written, formats)
    others = {} if fitting else readings(written, FORMATS)
    if len(fitting or others) > 1:
        raise _two_moments(written, fitting or others, file, name)
    if not fitting:
        raise _no_moment(written, [*formats, *others], next(iter(others), ""), file, name)
    (read,) = fitting.values()
    made = column.copy()
    made[written.index] = read.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return made


def _refuse_impossible(iso: pd.Series, file: str, name: str) -> None:
    """Refuse what is written as a moment and is none: the 30th of February, 25 o'clock."""
    starts = iso.str.slice(0, 16).str.replace("T", " ")
    days = starts.str.len() == 10
    wrong = pd.concat(
        [_read(starts[days], "%Y-%m-%d").isna(), _read(starts[~days], "%Y-%m-%d %H:%M").isna()]
    ).reindex(iso.index)
    if not wrong.any():
        return
    row = wrong.index[wrong.to_numpy(dtype=bool).argmax()]
    raise InputError(
        "there is no such moment",
        file=file,
        row=int(row),
        column=name,
        value=iso.at[row],
        hint=f'correct the export, or, if it is no answer: sources.missing: ["{iso.at[row]}"]',
    )


def readings(written: pd.Series, formats: Iterable[str]) -> dict[str, pd.Series]:
    """Return format -> moments of the formats that fit every row, of those that agree the first.

    Two agree where they give every row the same day. More than one is more than anybody can tell.
    """
    fitting: dict[str, pd.Series] = {}
    for form in formats:
        read = _read(written, form)
        if read.isna().any():
            continue
        if all((other.dt.date != read.dt.date).any() for other in fitting.values()):
            fitting[form] = read
    return fitting


def _read(written: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(written, format=form, errors="coerce")


def _two_moments(
    written: pd.Series, fitting: Mapping[str, pd.Series], file: str, name: str
) -> InputError:
    first, *others = fitting.values()
    at = (others[0].dt.date != first.dt.date).to_numpy().argmax()
    said = " or ".join(f"'{form}'" for form in fitting)
    return InputError(
        "this moment can be read in two ways",
        file=file,
        row=int(written.index[at]),
        column=name,
        value=str(written.iloc[at]),
        hint=f"name its format under sources.dates: {said}",
    )


def _no_moment(
    written: pd.Series, formats: Sequence[str], fits: str, file: str, name: str
) -> InputError:
    """Return the refusal of the first row that keeps the best format from fitting.

    ``fits`` is a format that nobody has named and that fits every row, "" for none.
    """
    wrong = [written[_read(written, form).isna()] for form in formats]
    first = written if fits or not wrong else min(wrong, key=len)
    return InputError(
        "this moment cannot be read",
        file=file,
        row=int(first.index[0]),
        column=name,
        value=first.iloc[0],
        hint=f"it fits every row as '{fits}'; if that is it: sources.dates: \"{fits}\""
        if fits
        else "name its format under sources.dates, e.g. '%d.%m.%Y %H:%M'; Excel's serial "
        "numbers (46084.417) are read where every row has one",
    )
