"""XLSForms as tests write them: sheets of rows, saved as the workbook that a field tool takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

Cells = Mapping[str, Any]
YES_NO = ({"list_name": "yn", "name": "yes", "label": "Yes"}, {"list_name": "yn", "name": "no"})


def write_form(
    path: Path,
    survey: Iterable[Cells],
    choices: Iterable[Cells] = (),
    settings: Cells | None = None,
    **more: Iterable[Cells],
) -> Path:
    """Write a form; each row says its cells by header, and headers come as they are met."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheets = {"survey": survey, "choices": choices, "settings": [settings] if settings else []}
    for name, rows in {**sheets, **more}.items():
        listed = list(rows)
        heads = list(dict.fromkeys(header for row in listed for header in row))
        if heads or name == "survey":
            sheet = book.create_sheet(name)
            sheet.append(heads)
            for row in listed:
                sheet.append([row.get(header) for header in heads])
    book.save(path)
    return path


def accepted(path: Path) -> bool:
    """Whether pyxform, which KoboToolbox and ODK Central run, takes a form.

    It refuses with an error of its own; on a few odd forms it breaks, which is no yes either.
    """
    try:
        convert(xlsform=str(path), validate=False)
    except (PyXFormError, AttributeError, KeyError, TypeError):
        return False
    return True
