"""What an XLS says of its cells beside their values: errors, formats of numbers, formulas.

`python-calamine` hands out an error as an empty cell and 45 % as 0.45; `xlrd` knows both. Neither
tells that a cell is a formula: the records of the file do.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from ngo_survey.reading.text import (
    digits_shown,
    number_as_text,
    padded,
    percent_as_text,
    percent_decimals,
)

Place = tuple[int, int]
#: Records of a formula in Excel 97 and later, 3 and 4; of the begin and end of a sheet.
FORMULA, BEGIN, END = (0x0006, 0x0206, 0x0406), (0x0809, 0x0409, 0x0209, 0x0009), 0x000A


def shown_cells(path: Path, sheet: str) -> dict[Place, str]:
    """Return the cells of a sheet that show something else than their value, counted from 0.

    Raises
    ------
    xlrd.XLRDError: the file is no workbook, or a password keeps it; of a damaged file anything.
    """
    import xlrd

    book = xlrd.open_workbook(str(path), formatting_info=True, on_demand=True, logfile=sys.stderr)
    found = book.sheet_by_name(sheet)
    formats = {
        place: entry.format_str
        for place, cell_format in enumerate(book.xf_list)
        if (entry := book.format_map.get(cell_format.format_key)) is not None
    }
    percent = {at: n for at, code in formats.items() if (n := percent_decimals(code)) is not None}
    digits = {at: n for at, code in formats.items() if (n := digits_shown(code)) is not None}
    made: dict[Place, str] = {}
    for row in range(found.nrows):
        kinds = found.row_types(row)
        for column, kind in enumerate(kinds):
            if kind == xlrd.XL_CELL_ERROR:
                code = found.cell_value(row, column)
                made[row, column] = xlrd.error_text_from_code.get(code, "#N/A")
            elif kind == xlrd.XL_CELL_NUMBER and (percent or digits):
                number, style = found.cell_value(row, column), found.cell_xf_index(row, column)
                if style in percent:
                    made[row, column] = percent_as_text(repr(number), percent[style])
                elif style in digits:
                    made[row, column] = padded(number_as_text(number), digits[style])
    return made


def first_empty_formula(path: Path, sheet: str) -> Place | None:
    """Return the place of the first formula whose result is stored as the empty text.

    A program that writes a formula and does not reckon stores that, or 0, which cannot be told from
    a result ([MS-XLS] 2.4.127, FormulaValue).

    Raises
    ------
    xlrd.XLRDError: the file is no workbook, or a password keeps it; of a damaged file anything.
    """
    import xlrd

    book = xlrd.open_workbook(str(path), on_demand=True, logfile=sys.stderr)
    # xlrd has no interface to formulas; its reader of records begins where it is told.
    book._position = book._sh_abs_posn[book.sheet_names().index(sheet)]
    depth = 0  # a chart is a sheet within the sheet
    while True:
        code, length, data = book.get_record_parts()
        depth += (code in BEGIN) - (code == END)
        if depth == 0:
            return None
        if code in FORMULA and length >= 14 and data[6] == 3 and data[12:14] == b"\xff\xff":
            row, column = struct.unpack("<HH", data[:4])
            return row, column
