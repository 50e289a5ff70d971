"""Sheets whose texts are fit to be shown, whatever a label or title holds."""

from __future__ import annotations

from typing import Any

from xlsxwriter.worksheet import Worksheet

from ngo_survey.present.clean import clean


class CleanSheet(Worksheet):
    """A sheet that drops control characters and marks of direction from every text."""

    def write_string(self, row: int, col: int, string: str, *more: Any) -> Any:
        """Write a text into a cell (see :meth:`xlsxwriter.worksheet.Worksheet.write_string`)."""
        return super().write_string(row, col, clean(string), *more)

    def write_url(
        self, row: int, col: int, url: str, cell_format: Any = None, string: str | None = None
    ) -> Any:
        """Write a link into a cell (see :meth:`xlsxwriter.worksheet.Worksheet.write_url`)."""
        shown = None if string is None else clean(string)
        return super().write_url(row, col, url, cell_format, shown)
