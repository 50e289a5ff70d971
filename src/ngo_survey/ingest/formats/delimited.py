"""CSV in any common dialect: delimiter and encoding are found and said, never just assumed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.ingest.table import ExportTable
from ngo_survey.reading.limits import Limits

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: Encodings that ask for a byte order mark, by what they are without one.
MARKED = {name: "utf-16-le" for name in ("utf-16", "utf16", "utf_16", "u16")} | {
    name: "utf-32-le" for name in ("utf-32", "utf32", "utf_32", "u32")
}
#: Encodings that exports in Latin and Cyrillic letters come in.
KNOWN = ("utf-8", "utf-16", "cp1251", "koi8-r", "cp866", "cp1252", "iso8859-5", "mac-cyrillic")
#: Letters of the first row and of a cell: more than any export has.
LONGEST_HEADER = 4_000_000
LONGEST_CELL = 10_000_000
PORTION = 1 << 22
#: A first line that tells Excel the delimiter; Excel shows the header in row 1 all the same.
TOLD = re.compile(r'\A\ufeff?"?sep=([,;\t|])"?(?:\r\n|\n|\r)', re.IGNORECASE)


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read delimited text.

    Rows count as a spreadsheet shows them: a cell with line breaks is one row.

    Raises
    ------
    InputError: an encoding that cannot be recognised or does not fit, no delimiter, rows of uneven
        length, a quote that is never closed or not doubled within a cell, NUL bytes, more columns
        or cells than may be read.
    """
    encoding, how = find_encoding(path, shown, options.get("encoding"))
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(LONGEST_HEADER)
    csv.field_size_limit(LONGEST_CELL)
    told = TOLD.match(start)
    start = start[told.end() :] if told else start
    delimiter = told[1] if told else _delimiter(start[:200_000], shown)
    limits = Limits.of(options)
    _refuse_wide(start, delimiter, limits, shown)
    _refuse_size(path, encoding, delimiter, limits, shown)
    _refuse_quotes(path, encoding, delimiter, shown, told is not None)
    try:
        cells = pd.read_csv(
            path,
            sep=delimiter,
            encoding=encoding,
            dtype=str,
            header=None,
            skiprows=1 if told else 0,
            na_filter=False,
            skip_blank_lines=False,
            engine="c",
            low_memory=False,
            compression=None,
        )
    except UnicodeDecodeError:
        raise _undecodable(encoding, shown) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _uneven(path, encoding, delimiter, shown, told is not None) or InputError(
            f"this is not CSV ({str(error).strip().splitlines()[-1]})",
            file=shown,
            hint="export it again",
        ) from None
    headers = [str(h).strip() for h in cells.iloc[0]]
    width = len(headers)
    while width and not headers[width - 1] and (cells.iloc[1:, width - 1] == "").all():
        width -= 1
    if width < len(headers) or (cells.iloc[1:, width - 1] == "").any():
        # An empty last cell may be a row that breaks off.
        problem = _uneven(path, encoding, delimiter, shown, told is not None)
        if problem:
            raise problem
    frame = cells.iloc[1:, :width].set_axis(headers[:width], axis=1)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    dialect = f"CSV, {DELIMITERS[delimiter]}, {encoding}{how}"
    return ExportTable(frame, shown, "csv", dialect)


def _refuse_wide(start: str, delimiter: str, limits: Limits, shown: str) -> None:
    """Refuse a header of too many columns before anything is made of them."""
    header = re.sub(r'"[^"]*"', "", start)
    first, end, _ = header.partition("\n" if "\n" in header else "\r")
    if not end and len(start) == LONGEST_HEADER:
        raise InputError(
            f"the first row has more than {LONGEST_HEADER:,} letters: it is no header",
            file=shown,
            row=1,
            hint="export again; lines end in a line break",
        )
    limits.check(0, first.count(delimiter) + 1, file=shown)


def _refuse_size(path: Path, encoding: str, delimiter: str, limits: Limits, shown: str) -> None:
    """Refuse NUL bytes, which readers drop or stop at, and more cells than may be read."""
    row, cells = 1, 0
    with path.open(encoding=encoding, newline="") as file:
        while portion := file.read(PORTION):
            if "\0" in portion:
                raise InputError(
                    "the file holds NUL bytes, it is no text or damaged",
                    file=shown,
                    row=row + portion.partition("\0")[0].count("\n"),
                    hint="export it again as CSV",
                )
            row += portion.count("\n")
            cells += portion.count(delimiter)
            if cells + row > limits.cells:
                raise InputError(
                    f"the file has more than the {limits.cells:,} cells that are read",
                    file=shown,
                    hint=f"export answers alone{limits.above('cells')}",
                )


def _refuse_quotes(path: Path, encoding: str, delimiter: str, shown: str, told: bool) -> None:
    """Refuse a quote within a quoted cell that is not written twice: pandas would drop it.

    ``told`` as for :func:`_uneven`. Blanks behind a quoted cell are let be.
    """
    row = 1
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for row, _ in enumerate(islice(rows, 1 if told else 0, None), 2):  # noqa: B007
                pass
        except csv.Error as error:
            problem = error
        else:
            return
    ends = f"\r\n{re.escape(delimiter)}"
    sound = re.compile(f'(?:\\A|(?<=[{ends}]))"(?:[^"]|"")*+"[ \t]*(?=[{ends}]|\\Z)')
    text = path.read_bytes().decode(encoding)
    if re.search(f'(?:\\A|[{ends}])"', sound.sub("", text)):
        raise InputError(
            f"this is not CSV ({problem})",
            file=shown,
            row=row,
            hint='a quoted cell holds its own quotes doubled (""): export again, or as XLSX',
        )


def find_encoding(path: Path, shown: str, declared: str | None) -> tuple[str, str]:
    """Return the encoding and, where it was guessed, a word that says so.

    A byte order mark decides; then what ``sources.encoding`` declares; then UTF-8, where it fits;
    then the guess of `chardet` among :data:`KNOWN`. Its confidence is not asked: it is low
    wherever few letters are not English, and the guess right nonetheless.
    """
    raw = path.read_bytes()
    for mark, name in BOMS.items():
        if raw.startswith(mark):
            return _fits(raw, name, shown), ""
    if declared:
        return _fits(raw, MARKED.get(declared.lower(), declared), shown), " (declared)"
    try:
        raw.decode("utf-8")
        if b"\0" not in raw[:2000]:
            return "utf-8", ""
    except UnicodeDecodeError:
        pass
    import chardet

    guess = chardet.detect(raw[:200_000])
    name = str(guess["encoding"] or "").lower().replace("windows-", "cp").replace("ibm", "cp")
    # UTF-16 has NUL bytes in every comma and line break; a lone one is damage, refused by row.
    nul, start = raw[:2000].count(0), len(raw[:2000])
    if name.startswith("utf-16") or (nul * 20 > start and len(raw) % 2 == 0):
        name = name if name.startswith("utf-16") else "utf-16-le"
    elif nul:
        return "latin-1", ""
    if name not in (*KNOWN, "utf-16-le", "utf-16-be"):
        raise InputError(
            "the file is not UTF-8 and its encoding cannot be recognised",
            file=shown,
            value=name or None,
            hint="export it as UTF-8, or name its encoding under sources.encoding (e.g. cp1251)",
        )
    return _fits(raw, name, shown), " (guessed)"


def _fits(raw: bytes, encoding: str, shown: str) -> str:
    try:
        raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise _undecodable(encoding, shown) from None
    return encoding


def _undecodable(encoding: str, shown: str) -> InputError:
    return InputError(
        f"the file is not {encoding}",
        file=shown,
        hint="export it as UTF-8, or name its encoding under sources.encoding (e.g. cp1251)",
    )


def _delimiter(start: str, shown: str) -> str:
    """Return the delimiter that splits the first records into the same number of cells, most."""
    best, most = "", (0.0, 1)
    for delimiter in DELIMITERS:
        try:
            records = list(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter))[:40]
        except csv.Error:
            continue
        lengths = Counter(len(r) for r in records[: max(1, len(records) - 1)] if any(r))
        header = len(records[0]) if records else 0
        steady = lengths[header] / max(1, sum(lengths.values()))
        # A quote that one delimiter alone understands makes rows of one length for it alone.
        if header > 1 and (round(steady, 1), header) > most:
            best, most = delimiter, (round(steady, 1), header)
    if not best:
        raise InputError(
            "no delimiter is found in the header",
            file=shown,
            row=1,
            value=start.partition("\n")[0].strip()[:60],
            hint="the first row must be the header; delete what stands above it, or export with "
            "commas, semicolons or tabs",
        )
    return best


def _uneven(path: Path, encoding: str, delimiter: str, shown: str, told: bool) -> InputError | None:
    """Find the first row that has not as many cells as the header.

    With ``told`` the header is the second line.
    """
    width, number = 0, 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            rows = csv.reader(file, delimiter=delimiter, strict=True)
            for number, row in enumerate(islice(rows, 1 if told else 0, None), 1):
                width = width or len(row)
                extra = [cell for cell in row[width:] if cell.strip()]
                if any(cell.strip() for cell in row) and (extra or len(row) < width):
                    return InputError(
                        f"the row has {len(row)} cells, the header {width}",
                        file=shown,
                        row=number,
                        hint="quote cells that hold the delimiter and export again",
                    )
    except csv.Error as error:
        return InputError(
            f"this is not CSV ({error})", file=shown, row=number + 1, hint="export it again"
        )
    return None
