"""XLSX, XLS and ODS as a table: the first row of a sheet is the header."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.ingest.table import ExportTable
from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits
from ngo_survey.reading.workbook import answers


def read(path: Path, shown: str, options: Mapping[str, Any]) -> ExportTable:
    """Read one sheet of a workbook.

    Raises
    ------
    InputError: a file that is no workbook, unpacks to a multiple of what a survey needs, lacks
        the sheet, holds data on several sheets, has merged cells or formulas, or is above the
        limits.
    """
    sheet = run_apart(
        answers,
        str(path),
        options.get("sheet"),
        what="workbook",
        shown=shown,
        hint="save it again as .xlsx with the answers alone, or export CSV",
        limits=Limits.of(options),
        libraries=("python_calamine",),
    )
    text = sheet.rows
    headers = [h.strip() for h in text[0]]
    width = len(headers)
    while width and not headers[width - 1] and not any(r[width - 1] for r in text[1:]):
        width -= 1
    frame = pd.DataFrame([r[:width] for r in text[1:]], columns=headers[:width], dtype=str)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    lossy = frozenset(headers[place] for place in sheet.lossy if place < width)
    return ExportTable(frame, shown, "xlsx", f"workbook, sheet {sheet.name}", lossy=lossy)
