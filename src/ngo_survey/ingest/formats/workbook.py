"""XLSX, XLS and ODS. Cells come as the text a reader of the sheet would copy; 007 stays 007."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.table import Table

#: A workbook may unpack to so many times its size; XML of answers packs 10 to 30 times.
MOST_UNPACKED = 200
MOST_MEGABYTES = 2000


def read(path: Path, shown: str, options: Mapping[str, Any]) -> Table:
    """Read one sheet of a workbook.

    Raises
    ------
    InputError: a file that is no workbook, unpacks to a multiple of what a survey needs, lacks
        the sheet, has merged cells or formulas.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_bomb(path, shown)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = options.get("sheet") or workbook.sheet_names[0]
        if chosen not in workbook.sheet_names:
            raise InputError(
                "the workbook has no such sheet",
                file=shown,
                value=chosen,
                hint=nearest(chosen, workbook.sheet_names),
            )
        sheet = workbook.get_sheet_by_name(chosen)
        cells = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges
    except (CalamineError, OSError, zipfile.BadZipFile) as error:
        raise InputError(
            f"the workbook cannot be opened ({str(error).splitlines()[0]})",
            file=shown,
            hint="save it again as .xlsx or export CSV",
        ) from None
    if not cells:
        raise InputError("the sheet is empty", file=shown, sheet=chosen, hint="name another sheet")
    if merged:
        (row, column), _ = merged[0]
        raise InputError(
            "cells are merged, so that nobody can say whose answer it is",
            file=shown,
            sheet=chosen,
            row=row + 1,
            column=_letters(column),
            hint="unmerge them and fill each cell",
        )
    _refuse_formulas(path, shown, chosen, workbook.sheet_names.index(chosen))
    text = [[_cell(value) for value in row] for row in cells]
    headers = [h.strip() for h in text[0]]
    width = len(headers)
    while width and not headers[width - 1] and not any(r[width - 1] for r in text[1:]):
        width -= 1
    frame = pd.DataFrame([r[:width] for r in text[1:]], columns=headers[:width], dtype=str)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return Table(frame, shown, "xlsx", f"workbook, sheet {chosen}")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _letters(column: int) -> str:
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _refuse_bomb(path: Path, shown: str) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
    size = max(path.stat().st_size, 1)
    if unpacked > MOST_MEGABYTES * 1e6 or (unpacked > 1e8 and unpacked / size > MOST_UNPACKED):
        raise InputError(
            f"the workbook of {size / 1e6:.1f} MB unpacks to {unpacked / 1e6:,.0f} MB: "
            "this is no export of answers",
            file=shown,
            hint="export it again, or export CSV",
        )


def _refuse_formulas(path: Path, shown: str, sheet: str, place: int) -> None:
    """Refuse computed cells: what they showed last is not what they would show today."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        parts = sorted(
            (n for n in packed.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)),
            key=lambda n: int(re.sub(r"\D", "", n)),
        )
        if place >= len(parts):
            return
        xml = packed.read(parts[place]).decode("utf-8", errors="replace")
    found = re.search(r'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f[^>]*>([^<]*)', xml)
    if found:
        raise InputError(
            "a formula stands in place of an answer",
            file=shown,
            sheet=sheet,
            row=int(found[2]),
            column=found[1],
            value=f"={found[3]}"[:40],
            hint="paste the values in its place and save again",
        )
