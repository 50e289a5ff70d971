"""Formats of files, each a small reader behind one interface: a path in, a table of text out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.cleaning.spelling import INVISIBLE
from ngo_survey.ingest.formats import delimited, parquet, spss, stata, workbook
from ngo_survey.ingest.table import ExportTable

Options = Mapping[str, Any]
Reader = Callable[[Path, str, Options], ExportTable]
#: Readers by the name that ``sources.format`` may give.
FORMATS: dict[str, Reader] = {
    "csv": delimited.read,
    "xlsx": workbook.read,
    "ods": workbook.read,
    "sav": spss.read,
    "dta": stata.read,
    "parquet": parquet.read,
}
SUFFIXES = {
    **{".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx"},
    **{".xls": "xlsx", ".ods": "ods", ".sav": "sav", ".zsav": "sav", ".dta": "dta"},
    **{".parquet": "parquet", ".pq": "parquet"},
}
MAXIMUM_MEGABYTES = 300


def read_table(path: Path, shown: str, options: Options | None = None) -> ExportTable:
    """Read a file of answers as text; nothing of it is checked yet (:func:`table.check`).

    Parameters
    ----------
    path: the file; errors name it as ``shown``.
    options: the section ``sources`` of a group of respondents: ``format`` (found from the content
        unless given), ``encoding``, ``sheet``, ``maximum_megabytes`` and what
        :class:`~ngo_survey.reading.limits.Limits` takes.

    Raises
    ------
    InputError: missing, empty, too large, unknown or broken file.
    """
    options = options or {}
    if not path.is_file():
        raise InputError(
            "the responses are missing",
            file=shown,
            hint="put the export there or name another file in config.yaml",
        )
    size = path.stat().st_size
    if size == 0:
        raise InputError("the file is empty", file=shown, hint="export it again")
    most = float(options.get("maximum_megabytes", MAXIMUM_MEGABYTES))
    if size > most * 1e6:
        raise InputError(
            f"the file has {size / 1e6:,.0f} MB, more than the {most:,.0f} MB that are read",
            file=shown,
            hint="leave out attachments, or raise sources.maximum_megabytes if it is answers alone",
        )
    found = str(options.get("format") or detect(path, shown))
    if found not in FORMATS:
        raise InputError("no such format", value=found, hint=nearest(found, FORMATS))
    return _named(FORMATS[found](path, shown, options))


#: Programs that pack files, by the first bytes of what they write; no data are read from inside.
PACKED_BY = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
}
PACKED = frozenset(PACKED_BY.values())
#: A byte order mark that a program before took for letters.
MARK = re.compile("^(?:\ufeff|\u00ef\u00bb\u00bf|X\\.U\\.FEFF\\.)")
#: White space without width, and marks that nobody sees, at the ends of a text.
ENDS = rf"(?:[\s\u200b\u2060]|{INVISIBLE.pattern})+"
UNSEEN = re.compile(rf"^{ENDS}|{ENDS}$")
ROW_NUMBER = "(row number)"


def _named(table: ExportTable) -> ExportTable:
    """Take a broken byte order mark off the first header, and name a column of row numbers.

    Statistical packages write row numbers without a header before the answers.
    """
    headers = [_seen(str(header)) for header in table.frame.columns]
    first = MARK.sub("", headers[0])
    if not first:
        numbers = pd.to_numeric(table.frame.iloc[:, 0], errors="coerce")
        if numbers.is_monotonic_increasing and numbers.is_unique and numbers.notna().all():
            first = ROW_NUMBER
    frame = table.frame.set_axis([first, *headers[1:]], axis=1)
    return replace(table, frame=frame)


def _seen(header: str) -> str:
    """Take marks that nobody sees off the ends of a header: somebody has to write it down."""
    return header if header.isascii() else UNSEEN.sub("", header).strip()


def detect(path: Path, shown: str) -> str:
    """Return the format of a file by its first bytes; a suffix that says another is refused."""
    with path.open("rb") as file:
        head = file.read(4096)
    found = _by_content(head)
    if found in PACKED:
        raise InputError(
            f"the file is packed ({found})", file=shown, hint="unpack it and name what was inside"
        )
    said = SUFFIXES.get(path.suffix.lower())
    if found in NO_TABLE:
        raise InputError(
            f"this is {found.upper()}, not a table of answers",
            file=shown,
            hint="export CSV or XLSX, or open it in a spreadsheet program and save it as .xlsx",
        )
    if said is None and found == "csv":
        raise InputError(
            "this format is not read",
            file=shown,
            value=path.suffix or path.name,
            hint="export CSV, XLSX, ODS, SAV, DTA or Parquet, or name it under sources.format",
        )
    if found == "zip":
        _refuse_no_workbook(path, shown)
    if found == "zip" and said in ("xlsx", "ods", None):
        return said or "xlsx"
    if said is not None and found != said and not (found == "xls" and said == "xlsx"):
        raise InputError(
            f"the file is named {path.suffix} and is {found.upper()} inside",
            file=shown,
            hint="give it its right suffix, or name the format under sources.format",
        )
    return "xlsx" if found == "xls" else found


def _refuse_no_workbook(path: Path, shown: str) -> None:
    """Refuse a ZIP that is no workbook, and workbooks of which values alone can be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # who reads it says what is broken
    if "xl/workbook.bin" in names:
        raise InputError(
            "this is a binary workbook (.xlsb), which shows neither percent signs nor formulas",
            file=shown,
            hint="save it as .xlsx",
        )
    if any(name.endswith(".iwa") for name in names):
        raise InputError(
            "this is a document of Apple Numbers", file=shown, hint="export it as .xlsx or CSV"
        )
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise InputError(
            "the file is packed (zip)", file=shown, hint="unpack it and name what was inside"
        )


#: What is no table and is often named like one.
NO_TABLE = ("html", "xml", "json")


def _by_content(head: bytes) -> str:
    signs = {
        b"PK\x03\x04": "zip",
        b"\xd0\xcf\x11\xe0": "xls",
        b"$FL2": "sav",
        b"$FL3": "sav",
        b"PAR1": "parquet",
        **PACKED_BY,
        b"<stata_dta>": "dta",
    }
    for sign, name in signs.items():
        if head.startswith(sign):
            return name
    # Stata before 13: release, byte order, file type 1, unused.
    if len(head) > 4 and head[0] in range(102, 116) and head[1] in (1, 2) and head[2] == 1:
        return "dta"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if re.match(rb"<(?:!doctype html|html|head|body|table|meta|style)\b", start):
        return "html"
    if start.startswith(b"<?xml"):
        return "xml"
    return "json" if re.match(rb"\[\s*\{|\{\s*\"", start) else "csv"
