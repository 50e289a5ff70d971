"""What an XLS says of its cells beside their values: errors and percent formats.

`python-calamine` hands out an error as an empty cell and 45 % as 0.45; `xlrd` knows both.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ngo_survey.reading.text import percent_as_text, percent_decimals

Place = tuple[int, int]


def shown_cells(path: Path, sheet: str) -> dict[Place, str]:
    """Return the cells of a sheet that show something else than their value, counted from 0.

    Raises
    ------
    xlrd.XLRDError: the file is no workbook, or a password keeps it; of a damaged file anything.
    """
    import xlrd

    book = xlrd.open_workbook(str(path), formatting_info=True, on_demand=True, logfile=sys.stderr)
    found = book.sheet_by_name(sheet)
    percent = {
        place: decimals
        for place, cell_format in enumerate(book.xf_list)
        if (entry := book.format_map.get(cell_format.format_key)) is not None
        and (decimals := percent_decimals(entry.format_str)) is not None
    }
    made: dict[Place, str] = {}
    for row in range(found.nrows):
        kinds = found.row_types(row)
        for column, kind in enumerate(kinds):
            if kind == xlrd.XL_CELL_ERROR:
                code = found.cell_value(row, column)
                made[row, column] = xlrd.error_text_from_code.get(code, "#N/A")
            elif kind == xlrd.XL_CELL_NUMBER and found.cell_xf_index(row, column) in percent:
                decimals = percent[found.cell_xf_index(row, column)]
                made[row, column] = percent_as_text(repr(found.cell_value(row, column)), decimals)
    return made
