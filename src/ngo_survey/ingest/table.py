"""A table of text as it stands in a file, and what must hold of every one, whatever the format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning import spelling

#: What Qualtrics writes below each header, for programs.
IMPORTED = re.compile(r'\{"ImportId":')
#: A letter lost to a question mark inside a word, as when CP1251 has no such letter.
DAMAGED = re.compile(r"[а-яё]\?+[а-яё]", re.IGNORECASE)
#: What a cell that a spreadsheet would compute looks like in text.
FORMULA = re.compile(r"^=\s*(?:[A-Z]{2,}\(|\$?[A-Z]{1,3}\$?\d)")
#: How a row is headed that sums the rows above it.
TOTALS = {
    spelling.key(word)
    for word in (
        *("total", "totals", "grand total", "sum", "average", "mean", "count"),
        *("итого", "всего", "сумма", "среднее", "барлығы", "жиыны", "жалпы", "қорытынды", "орташа"),
    )
}
#: What a spreadsheet shows where it cannot compute.
ERROR = re.compile(
    r"^#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$|^Err:\d{3}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ExportTable:
    """A table as it stands in a file.

    Attributes
    ----------
    frame: all text, "" for empty; the index is the row as the user's own program shows it, the
        header being row 1 (in files without a header row the first respondent is row 1).
    file: how errors name the file.
    format: name of the format (:data:`ngo_survey.ingest.formats.FORMATS`).
    dialect: what was found, in words.
    labels: wording of the question by column, where the format has one.
    sets: multiple-response sets: label of the set by column.
    codes: the values behind the labels by column, where the format has both.
    values: label by code of each such column.
    lossy: columns with numbers of more digits than the file keeps.
    withheld: values that the file keeps and calls missing, by column; "" in every other cell. They
        are no answers, and in none of the above.
    """

    frame: pd.DataFrame
    file: str
    format: str
    dialect: str
    labels: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, pd.Series] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lossy: frozenset[str] = frozenset()
    withheld: Mapping[str, pd.Series] = field(default_factory=dict)


def check(table: ExportTable, empty: Collection[str] = ()) -> ExportTable:
    """Return the table without empty rows, or refuse it.

    Parameters
    ----------
    empty: what the study declares to be no answer (an error of Excel may be).

    Raises
    ------
    InputError: no rows; rows above the header; a header that is empty or used twice; a header that
        comes again below; a last row of totals; a formula; letters lost before the file was saved.
    """
    frame = table.frame
    headers = list(frame.columns)
    _refuse_title(headers, table.file)
    check_headers(headers, table.file)
    blank = (frame == "").all(axis=1).to_numpy()
    if blank.any():
        frame = frame[~blank]
    if frame.empty:
        raise InputError(
            "the file has a header and no rows", file=table.file, hint="export it again"
        )
    _refuse_second_header(frame, headers, table.file)
    _refuse_totals(frame, table.file)
    _refuse_cells(
        frame.head(2),
        IMPORTED,
        table.file,
        "this row tells programs what the columns are, as Qualtrics writes it below the header",
        "delete the rows between the header and the answers",
    )
    _refuse_cells(
        frame,
        FORMULA,
        table.file,
        "a formula stands in place of an answer",
        "paste the values in its place and save again",
    )
    _refuse_cells(
        frame,
        ERROR,
        table.file,
        "an error of a spreadsheet stands in place of an answer",
        'paste the values in its place, or, if it is no answer: sources.missing: ["{value}"]',
        empty,
    )
    _refuse_cells(
        frame,
        DAMAGED,
        table.file,
        "letters were lost to question marks before this file was saved",
        "export again as UTF-8: CP1251 and KOI8-R have no such letters",
    )
    return replace(table, frame=frame)


def _refuse_title(headers: Sequence[str], file: str) -> None:
    """Refuse a first row that is no header: a title, or nothing, above the table."""
    named = sum(map(bool, headers))
    if len(headers) > 2 and named * 2 < len(headers):
        raise InputError(
            f"the first row is no header: {len(headers) - named} of {len(headers)} columns have "
            "nothing in it",
            file=file,
            row=1,
            value=next(filter(None, headers), None),
            hint="delete the rows above the header, and columns without one",
        )


def check_headers(headers: Sequence[str], file: str) -> None:
    """Refuse a header that is empty or used twice."""
    for place, name in enumerate(headers, start=1):
        if not name:
            raise InputError(
                f"column {place} has no header", file=file, row=1, hint="name or delete it"
            )
    for name, count in Counter(headers).items():
        if count > 1:
            raise InputError(
                f"{count} columns have one header",
                file=file,
                row=1,
                value=name,
                hint="keep one of them if they are one question; if not, export names in place of "
                "labels, or name them apart",
            )


def _refuse_second_header(frame: pd.DataFrame, headers: Sequence[str], file: str) -> None:
    """Refuse exports pasted below each other: the header comes again among the answers."""
    first, wanted = frame.columns[0], [spelling.key(header) for header in headers]
    cases = {headers[0], headers[0].lower(), headers[0].upper(), headers[0].title()}
    again = {
        f"{before}{text}{after}" for text in cases for before in ("", " ") for after in ("", " ")
    }
    for row in frame.index[frame[first].isin(again).to_numpy()]:
        same = sum(spelling.key(a) == b for a, b in zip(frame.loc[row], wanted, strict=True))
        if same > len(headers) / 2:
            raise InputError(
                "the header comes a second time",
                file=file,
                row=int(row),
                value=headers[0],
                hint="delete that row, or read the exports one by one",
            )


def _refuse_totals(frame: pd.DataFrame, file: str) -> None:
    """Refuse a last row that is no interview but says what the rows above it come to.

    It says so in a word beside numbers, or holds nothing but the sums of what stands above.
    """
    if len(frame) < 3:
        return
    last = frame.iloc[-1]
    given = last[(last != "").to_numpy()]
    words = [text for text in given if spelling.key(text).rstrip(" :") in TOTALS]
    amounts = pd.to_numeric(given, errors="coerce").dropna()
    summed = len(given) * 2 <= len(last) and len(amounts) == len(given) > 0 and (amounts > 0).all()
    if summed:
        above = frame.iloc[:-1][list(given.index)].apply(pd.to_numeric, errors="coerce")
        summed = bool(np.isclose(above.sum(), amounts).all() and (above.notna().sum() > 1).all())
    if summed or (words and len(amounts) == len(given) - 1):
        raise InputError(
            "the last row is no interview: it says what the rows above it come to",
            file=file,
            row=int(frame.index[-1]),
            value=words[0] if words else str(given.iloc[0]),
            hint="delete that row",
        )


def _refuse_cells(
    frame: pd.DataFrame,
    pattern: re.Pattern[str],
    file: str,
    problem: str,
    hint: str,
    allowed: Collection[str] = (),
) -> None:
    for column in frame.columns:
        texts = frame[column]
        # Each spelling once: answers repeat. A search of text columns by pandas costs a millisecond
        # a column, whatever it holds: half a minute of a wide file.
        spellings = set(texts.to_numpy(dtype=object)).difference(allowed)
        found = [text for text in spellings if pattern.search(text)]
        if found:
            row = frame.index[texts.isin(found).to_numpy().argmax()]
            # What is wrong alone: the rest of the cell may say who somebody is.
            found_here = pattern.search(str(frame.at[row, column]))
            value = found_here.group() if found_here else ""
            raise InputError(
                problem,
                file=file,
                row=int(row),
                column=str(column),
                value=value,
                hint=hint.format(value=value),
            )
