"""XLSX, XLS and ODS. Cells come as the text a reader of the sheet would copy; 007 stays 007."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.ingest.formats.coded import number_as_text
from ngo_survey.ingest.formats.sheet_parts import SheetParts
from ngo_survey.ingest.table import ExportTable

#: A workbook may unpack to so many times its size; XML of answers packs 10 to 30 times.
MOST_UNPACKED = 200
MOST_MEGABYTES = 2000
#: Excel keeps fifteen digits of a number.
MOST_EXACT = 1e15


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read one sheet of a workbook.

    Raises
    ------
    InputError: a file that is no workbook, unpacks to a multiple of what a survey needs, lacks
        the sheet, holds data on several sheets, has merged cells or formulas.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_bomb(path, shown)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = _sheet(workbook, options.get("sheet"), shown)
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
    parts = SheetParts.of(path, chosen)
    parts.refuse_formulas(shown, chosen)
    text = [[_cell(value) for value in row] for row in cells]
    for (row, column), shown_text in parts.shown().items():
        if row < len(text) and column < len(text[row]):
            text[row][column] = shown_text
    headers = [h.strip() for h in text[0]]
    width = len(headers)
    while width and not headers[width - 1] and not any(r[width - 1] for r in text[1:]):
        width -= 1
    frame = pd.DataFrame([r[:width] for r in text[1:]], columns=headers[:width], dtype=str)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    lossy = frozenset(
        header
        for place, header in enumerate(headers[:width])
        if any(isinstance(r[place], float) and abs(r[place]) >= MOST_EXACT for r in cells[1:])
    )
    return ExportTable(frame, shown, "xlsx", f"workbook, sheet {chosen}", lossy=lossy)


def _sheet(workbook: Any, named: str | None, shown: str) -> str:
    """Return the sheet that is named, or the one visible sheet that holds data.

    Raises
    ------
    InputError: there is no such sheet; several visible sheets hold data, or none does.
    """
    names = workbook.sheet_names
    if named:
        if named not in names:
            raise InputError(
                "the workbook has no such sheet",
                file=shown,
                value=named,
                hint=nearest(named, names),
            )
        return named
    visible = [m.name for m in workbook.sheets_metadata if str(m.visible).endswith("Visible")]
    filled = [n for n in names if workbook.get_sheet_by_name(n).height > 1]
    wanted = [n for n in visible if n in filled]
    if len(wanted) > 1:
        raise InputError(
            f"{len(wanted)} sheets hold data: {', '.join(wanted)}",
            file=shown,
            hint=f"name the one with the answers: sources.sheet: {wanted[0]}",
        )
    if not wanted and filled:
        raise InputError(
            f"only hidden sheets hold data: {', '.join(filled)}",
            file=shown,
            hint=f"show the sheet, or name it: sources.sheet: {filled[0]}",
        )
    return str((wanted or visible or names)[0])


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number_as_text(value)
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
