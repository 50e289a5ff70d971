"""All tables as one XLSX workbook: a linked contents sheet, one table a sheet.

Numbers are numbers with formats; a figure that may not be shown is a mark that the notes explain;
no text can become a formula. The same results give the same bytes.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.report.language import language as words_of
from ngo_survey.report.layout import LayoutCell, TableLayout, layout
from ngo_survey.report.table_words import TableWords, table_words
from ngo_survey.store import Results, write_bytes
from ngo_survey.tables.declared import TableSpec
from ngo_survey.tables.spec import specs

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.questionnaire import Questionnaire
    from ngo_survey.study import Study

#: Number formats of Excel by form of the number; digits and marks follow the reader's locale.
NUMBER_FORMATS: dict[str, str] = {
    "percent": "0%",
    "mean": "0.00",
    "plain": "#,##0.##",
    "count": "#,##0",
}
#: Nothing in the file tells when it was made.
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
HEAD_ROWS, STUB_WIDTH, COLUMN_WIDTH = 6, 44, 13


def write_workbook(
    study: Study,
    results: Results,
    codebooks: Mapping[str, Questionnaire],
    language: str,
    path: Path | None = None,
) -> None:
    """Write the workbook of every table in one language, to its place unless ``path`` is given."""
    write_bytes(
        workbook(study, results, codebooks, language), path or study.paths.workbook(language)
    )


def workbook(
    study: Study, results: Results, codebooks: Mapping[str, Questionnaire], language: str
) -> bytes:
    """Return the bytes of the workbook.

    Raises
    ------
    ResultError: a declared table is not in the store.
    """
    import xlsxwriter

    words = table_words(language)
    tables = [
        _Sheet(
            spec,
            layout(results, spec.id, codebooks[name], language, question=spec.question),
            study.population(name).label(language),
        )
        for name in study.populations
        for spec in specs(study, name, codebooks[name])
    ]
    taken: dict[str, str] = {}
    for table in tables:
        taken[table.spec.id] = _sheet_name(table.spec.id, taken.values())
    tests = results.family("tests")
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        mark = words("simulated") if study.simulated else ""
        book.set_properties(
            {
                "title": study.title(language),
                "subject": words("contents"),
                "comments": mark,
                "created": MADE,
            }
        )
        writer = _Writer(book, words, words_of(language).code, mark)
        writer.contents(study.title(language), tables, taken)
        for table in tables:
            own = tests[tests["file"] == f"tests/{table.spec.id}.csv"]
            writer.table(taken[table.spec.id], table, own)
    return stream.getvalue()


@dataclass(frozen=True)
class _Sheet:
    """One table with what its sheet says beside it."""

    spec: TableSpec
    laid: TableLayout
    population: str


def _sheet_name(table: str, taken: Any) -> str:
    """Return a name that Excel takes: 31 characters, none of ``[]:*?/\\``, no two alike."""
    clean = re.sub(r"[\[\]:*?/\\]", "_", table)[:31]
    name, number = clean, 2
    while name.lower() in {str(t).lower() for t in taken}:
        name = f"{clean[: 30 - len(str(number))]}_{number}"
        number += 1
    return name


class _Writer:
    """Writes sheets in one look."""

    def __init__(self, book: Any, words: TableWords, code: str, mark: str) -> None:
        self.book, self.words, self.code, self.mark = book, words, code, mark
        rule = {"bottom": 1, "bottom_color": "#888888"}
        look = {
            "title": {"bold": True, "font_size": 14},
            "note": {"font_color": "#555555", "text_wrap": False},
            "mark": {"bold": True, "font_color": "#A61B1B"},
            "link": {"font_color": "#0B5394", "underline": 1},
            "spanner": {"bold": True, "align": "center", "valign": "bottom", "text_wrap": True}
            | rule,
            "head": {"bold": True, "align": "right", "valign": "bottom", "text_wrap": True} | rule,
            "stub": {"text_wrap": True, "valign": "top"},
            "group": {"bold": True, "valign": "top"},
            "hidden": {"align": "right", "font_color": "#888888"},
            "base": {"italic": True, "top": 1, "top_color": "#888888"},
            "base_cell": {"italic": True, "align": "right", "num_format": "#,##0"}
            | {"top": 1, "top_color": "#888888"},
            "number": {"align": "right", "num_format": "0.000"},
            "text": {},
        }
        self.look = {name: book.add_format(form) for name, form in look.items()}
        self.forms = {
            form: book.add_format({"align": "right", "num_format": number})
            for form, number in NUMBER_FORMATS.items()
        }

    def contents(self, title: str, tables: list[_Sheet], names: Mapping[str, str]) -> None:
        """Write the first sheet: every table with a link to it."""
        sheet = self.book.add_worksheet(self.words("contents")[:31])
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 46)
        sheet.set_column(2, 2, 24)
        sheet.set_column(3, 3, 90)
        sheet.write_string(0, 0, title, self.look["title"])
        self._mark(sheet, 1)
        heads = ("table", "title", "respondents", "question")
        for column, head in enumerate(heads):
            sheet.write_string(3, column, self.words(head), self.look["group"])
        sheet.freeze_panes(4, 1)
        for row, table in enumerate(tables, start=4):
            name = names[table.spec.id]
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.look["link"], table.spec.id)
            sheet.write_string(row, 1, table.laid.title, self.look["text"])
            sheet.write_string(row, 2, table.population, self.look["text"])
            sheet.write_string(row, 3, table.laid.question, self.look["text"])

    def table(self, name: str, table: _Sheet, tests: pd.DataFrame) -> None:
        """Write one table, its notes and its tests."""
        laid = table.laid
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, STUB_WIDTH)
        sheet.set_column(1, len(laid.columns), COLUMN_WIDTH)
        sheet.write_string(0, 0, f"{laid.title} ({table.population})", self.look["title"])
        sheet.write_string(1, 0, laid.question, self.look["note"])
        contents = self.words("contents")[:31]
        sheet.write_url(2, 0, f"internal:'{contents}'!A1", self.look["link"], self.words("back"))
        self._mark(sheet, 3)
        self._heads(sheet, laid)
        sheet.freeze_panes(HEAD_ROWS, 1)
        row = HEAD_ROWS
        for line in laid.rows:
            look = {"group": "group", "base": "base"}.get(line.kind, "stub")
            sheet.write_string(row, 0, line.label, self.look[look])
            for column, cell in enumerate(line.cells, start=1):
                self._cell(sheet, row, column, cell, line.kind)
            row += 1
        row += 1
        for note in laid.notes:
            sheet.write_string(row, 0, note, self.look["note"])
            row += 1
        if len(tests):
            self._tests(sheet, row + 1, tests)

    def _mark(self, sheet: Any, row: int) -> None:
        if self.mark:
            sheet.write_string(row, 0, self.mark, self.look["mark"])
            sheet.set_footer(f"&L{self.mark}")

    def _heads(self, sheet: Any, laid: TableLayout) -> None:
        column = 1
        for words, span in laid.spanners:
            if span > 1:
                sheet.merge_range(
                    HEAD_ROWS - 2,
                    column,
                    HEAD_ROWS - 2,
                    column + span - 1,
                    "",
                    self.look["spanner"],
                )
            sheet.write_string(HEAD_ROWS - 2, column, words, self.look["spanner"])
            column += span
        sheet.write_string(HEAD_ROWS - 1, 0, "", self.look["head"])
        for place, head in enumerate(laid.columns, start=1):
            sheet.write_string(HEAD_ROWS - 1, place, head.label, self.look["head"])

    def _cell(self, sheet: Any, row: int, column: int, cell: LayoutCell, kind: str) -> None:
        if not cell.key:
            return
        if math.isnan(cell.value):
            look = "base_cell" if kind == "base" else "hidden"
            sheet.write_string(row, column, cell.text, self.look[look])
        else:
            look = self.look["base_cell"] if kind == "base" else self.forms[cell.form]
            sheet.write_number(row, column, cell.value, look)

    def _tests(self, sheet: Any, row: int, tests: pd.DataFrame) -> None:
        """Write the tests of a table as they stand in the store."""
        sheet.write_string(row, 0, self.words("tests"), self.look["group"])
        fields = ("test", "statistic", "df1", "df2", "p", "p_adjusted", "effect")
        for column, field in enumerate(fields, start=1):
            sheet.write_string(row, column, self.words(f"test_field.{field}"), self.look["head"])
        for record in tests.to_dict("records"):
            row += 1
            sheet.write_string(row, 0, str(record["analysis"]), self.look["stub"])
            sheet.write_string(row, 1, str(record["test"]), self.look["text"])
            for column, field in enumerate(fields[1:], start=2):
                value = float(record[field])
                if not math.isnan(value):
                    sheet.write_number(row, column, value, self.look["number"])
