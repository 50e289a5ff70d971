"""XLSX, XLS and ODS. Cells come as the text a reader of the sheet would copy; 007 stays 007."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ngo_survey.errors import InputError, nearest
from ngo_survey.reading import ods, xls, xlsx
from ngo_survey.reading.limits import Limits
from ngo_survey.reading.text import value_as_text

#: A workbook may unpack to so many times its size; XML of answers packs 10 to 30 times.
MOST_UNPACKED = 200
MOST_MEGABYTES = 2000
#: Excel keeps fifteen digits of a number.
MOST_EXACT = 1e15
#: Bytes of a part before its first element.
HEAD = 4096
#: How the standard of agile encryption names what it keeps, in the directory of the file.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class SheetText:
    """One sheet as text, the header among the rows.

    Attributes
    ----------
    rows: cells by row, "" for empty.
    lossy: places of columns with numbers of more digits than the file keeps.
    """

    name: str
    rows: list[list[str]]
    lossy: frozenset[int]


def answers(path: str, named: str | None, limits: Limits) -> SheetText:
    """Read the sheet of a workbook that holds the answers.

    Raises
    ------
    InputError: a workbook that unpacks to a multiple of what a survey needs or keeps a password,
        lacks the sheet, holds data on several sheets, has merged cells or formulas.
    """
    workbook, sheets = _opened(Path(path), limits)
    name = _chosen(workbook, named)
    sheet = workbook.get_sheet_by_name(name)
    cells = sheet.to_python(skip_empty_area=False)
    if not cells:
        raise InputError("the sheet is empty", sheet=name, hint="name another sheet")
    limits.check(len(cells), len(cells[0]), sheet=name)
    if merged := sheet.merged_cell_ranges:
        (row, column), _ = merged[0]
        raise InputError(
            "cells are merged, so that nobody can say whose answer it is",
            sheet=name,
            row=row + 1,
            column=_letters(column),
            hint="unmerge them and fill each cell",
        )
    shown, formula = _beside(Path(path), name, sheets)
    if formula:
        (row, column), text = formula
        raise InputError(
            "a formula stands in place of an answer",
            sheet=name,
            row=row + 1,
            column=_letters(column),
            value=text[:40],
            hint="paste the values in its place and save again",
        )
    rows = [[value_as_text(value) for value in row] for row in cells]
    for (row, column), text in shown.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    lossy = frozenset(
        place
        for place in range(len(rows[0]))
        if any(isinstance(r[place], float) and abs(r[place]) >= MOST_EXACT for r in cells[1:])
    )
    return SheetText(name, rows, lossy)


def values(path: str, limits: Limits) -> dict[str, list[list[Any]]]:
    """Read the values of every sheet, by name."""
    workbook, _ = _opened(Path(path), limits)
    return {
        name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in workbook.sheet_names
    }


def _opened(path: Path, limits: Limits) -> tuple[Any, dict[str, ods.OdsSheet]]:
    """Open a workbook whose size is that of answers; of ODS with what stands beside its values."""
    from python_calamine import CalamineWorkbook, PasswordError

    sheets: dict[str, ods.OdsSheet] = {}
    if zipfile.is_zipfile(path):
        _refuse_unsound(path)
        with zipfile.ZipFile(path) as packed:
            is_ods = "content.xml" in packed.namelist()
        if is_ods and not _is_encrypted(path):
            sheets = ods.read_sheets(path, limits)
        elif not is_ods:
            xlsx.refuse_far_cells(path, limits)
    try:
        if _is_encrypted(path):
            raise PasswordError
        return CalamineWorkbook.from_path(str(path)), sheets
    except PasswordError:
        raise InputError(
            "a password keeps the workbook closed", hint="save it again without a password"
        ) from None


def _is_encrypted(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return ENCRYPTED in path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        manifest = "META-INF/manifest.xml"
        return manifest in packed.namelist() and b"encryption-data" in packed.read(manifest)


def _beside(
    path: Path, sheet: str, sheets: dict[str, ods.OdsSheet]
) -> tuple[dict[tuple[int, int], str], tuple[tuple[int, int], str] | None]:
    """Return which cells show something else than their value, and the first formula."""
    if sheet in sheets:
        return sheets[sheet].shown, sheets[sheet].formula
    if not zipfile.is_zipfile(path):
        place = xls.first_empty_formula(path, sheet)
        return xls.shown_cells(path, sheet), place and (place, "=")
    parts = xlsx.SheetParts.of(path, sheet)
    return parts.shown(), parts.formula()


def _chosen(workbook: Any, named: str | None) -> str:
    """Return the sheet that is named, or the one visible sheet that holds data.

    Raises
    ------
    InputError: there is no such sheet; several visible sheets hold data, or none does.
    """
    names: Sequence[str] = workbook.sheet_names
    if named:
        if named not in names:
            raise InputError(
                "the workbook has no such sheet", value=named, hint=nearest(named, names)
            )
        return named
    visible = [m.name for m in workbook.sheets_metadata if str(m.visible).endswith("Visible")]
    filled = [n for n in names if workbook.get_sheet_by_name(n).height > 1]
    wanted = [n for n in visible if n in filled]
    if len(wanted) > 1:
        raise InputError(
            f"{len(wanted)} sheets hold data: {', '.join(wanted)}",
            hint=f"name the one with the answers: sources.sheet: {wanted[0]}",
        )
    if not wanted and filled:
        raise InputError(
            f"only hidden sheets hold data: {', '.join(filled)}",
            hint=f"show the sheet, or name it: sources.sheet: {filled[0]}",
        )
    return str((wanted or visible or names)[0])


def _letters(column: int) -> str:
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _refuse_unsound(path: Path) -> None:
    """Refuse what unpacks to a multiple of answers, and XML with entities."""
    with zipfile.ZipFile(path) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
        for part in packed.infolist():
            with packed.open(part) as file:
                head = file.read(HEAD)
            # To what is declared here one parser gives a value, another nothing.
            if part.filename.endswith(".xml") and (b"<!DOCTYPE" in head or b"<!ENTITY" in head):
                raise InputError(
                    "the workbook declares words of its own in XML, as no spreadsheet program does",
                    value=part.filename,
                    hint="save it again, or export CSV",
                )
    size = max(path.stat().st_size, 1)
    if unpacked > MOST_MEGABYTES * 1e6 or (unpacked > 1e8 and unpacked / size > MOST_UNPACKED):
        raise InputError(
            f"the workbook of {size / 1e6:.1f} MB unpacks to {unpacked / 1e6:,.0f} MB: "
            "this is no export of answers",
            hint="export it again, or export CSV",
        )
