"""Read a table of text: CSV in any common dialect, or a workbook. Nothing is interpreted."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ngo_survey.errors import InputError

DELIMITERS = (",", ";", "\t", "|")
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: A Cyrillic letter lost to a question mark, as when Kazakh is saved in CP1251.
DAMAGED = re.compile(r"[а-яё]\?[а-яё]", re.IGNORECASE)
SUFFIXES = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "workbook", ".xls": "workbook",
            ".ods": "workbook"}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table as it stands in a file.

    Attributes
    ----------
    frame: all text, "" for empty; the index is the row in the file, the header being row 1.
    file: how errors name the file.
    dialect: what was found, in words.
    """

    frame: pd.DataFrame
    file: str
    dialect: str


def read_table(
    path: Path, shown: str, encoding: str | None = None, sheet: str | None = None
) -> Table:
    """Read ``path``; errors name it as ``shown``.

    Raises
    ------
    InputError: missing, empty or unreadable file; unknown format; text that is not in its
        encoding or was damaged before; rows of uneven length; a header used twice.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise InputError(
            "this format is not read", file=shown, value=path.suffix, mend="export CSV or XLSX"
        )
    if not path.is_file():
        raise InputError(
            "the responses are missing",
            file=shown,
            mend="put the export there or name another file in config.yaml",
        )
    if path.stat().st_size == 0:
        raise InputError("the file is empty", file=shown, mend="export it again")
    rows, dialect = _csv(path, shown, encoding) if kind == "csv" else _workbook(path, shown, sheet)
    header = [cell.strip() for cell in rows[0]]
    while header and not header[-1]:
        header.pop()
    _check_header(header, shown)
    body, numbers = [], []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        extra = [cell for cell in row[len(header) :] if cell.strip()]
        if extra or (kind == "csv" and len(row) < len(header)):
            raise InputError(
                f"the row has {len(row)} cells, the header {len(header)}",
                file=shown,
                row=number,
                value=(extra or row)[-1][:40],
                mend="quote cells that hold the delimiter and export again",
            )
        body.append((row + [""] * len(header))[: len(header)])
        numbers.append(number)
    if not body:
        raise InputError("the file has a header and no rows", file=shown, mend="export it again")
    frame = pd.DataFrame(body, columns=header, index=numbers, dtype=str)
    _refuse_damaged(frame, shown)
    return Table(frame, shown, dialect)


def _csv(path: Path, shown: str, encoding: str | None) -> tuple[list[list[str]], str]:
    raw = path.read_bytes()
    declared = next((e for bom, e in BOMS.items() if raw.startswith(bom)), encoding or "utf-8")
    try:
        text = raw.decode(declared)
    except (UnicodeDecodeError, LookupError):
        raise InputError(
            f"the file is not {declared}",
            file=shown,
            mend="export it as UTF-8, or name its encoding under sources.encoding (e.g. cp1251)",
        ) from None
    if "\0" in text:
        raise InputError("the file holds NUL bytes, it is no text", file=shown, mend="export CSV")
    first = text.partition("\n")[0]
    counts = Counter({d: first.count(d) for d in DELIMITERS})
    delimiter, found = counts.most_common(1)[0]
    if not found:
        raise InputError(
            "no delimiter is found in the header",
            file=shown,
            row=1,
            value=first.strip()[:60],
            mend="export with commas, semicolons or tabs",
        )
    csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"this is not CSV ({error})", file=shown, mend="export it again") from None
    name = {"\t": "tab"}.get(delimiter, delimiter)
    return rows, f"CSV, delimiter {name}, {declared}"


def _workbook(path: Path, shown: str, sheet: str | None) -> tuple[list[list[str]], str]:
    from python_calamine import CalamineError, CalamineWorkbook

    from ngo_survey.errors import nearest

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = sheet or workbook.sheet_names[0]
        if chosen not in workbook.sheet_names:
            raise InputError(
                "the workbook has no such sheet",
                file=shown,
                value=chosen,
                mend=nearest(chosen, workbook.sheet_names),
            )
        cells = workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InputError(
            f"the workbook cannot be opened ({str(error).splitlines()[0]})",
            file=shown,
            mend="save it again as .xlsx or export CSV",
        ) from None
    if not cells:
        raise InputError("the sheet is empty", file=shown, sheet=chosen)
    return [[_cell(c) for c in row] for row in cells], f"workbook, sheet {chosen}"


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _check_header(header: list[str], shown: str) -> None:
    for place, name in enumerate(header, start=1):
        if not name:
            raise InputError(
                f"column {place} has no header", file=shown, row=1, mend="name or delete it"
            )
    for name, count in Counter(header).items():
        if count > 1:
            raise InputError(
                f"{count} columns have one header",
                file=shown,
                row=1,
                value=name,
                mend="keep one of them",
            )


def _refuse_damaged(frame: pd.DataFrame, shown: str) -> None:
    for column in frame.columns:
        hit = frame[column].str.contains(DAMAGED)
        if int(hit.sum()) >= 1 and not frame[column].str.contains(r"\? ", regex=True).any():
            row = frame.index[hit.to_numpy().argmax()]
            raise InputError(
                "letters were lost to question marks before this file was saved",
                file=shown,
                row=int(row),
                column=column,
                value=frame.loc[row, column][:40],
                mend="export again as UTF-8: CP1251 has no Kazakh letters",
            )
