"""The first sheet, which links to every table, and the last, which holds every test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ngo_survey.present.table_layout.table_words import TableWords
from ngo_survey.present.words.language import numbers
from ngo_survey.present.xlsx.cell_formats import CellFormats
from ngo_survey.present.xlsx.paper import BOLD, LINE_HEIGHT, lines, set_up
from ngo_survey.present.xlsx.sheet import Sheet
from ngo_survey.results.store import Results

#: Columns of the contents and their widths.
LISTED = {"table": 30.0, "title": 40.0, "base": 18.0, "filter": 34.0, "question": 70.0}
#: Columns of the tests and their widths; those after ``test`` are numbers of the store.
TESTED = {
    "table": 26.0,
    "banner": 26.0,
    "figure": 38.0,
    "test": 38.0,
    "statistic": 11.0,
    "df1": 10.0,
    "df2": 10.0,
    "p": 9.0,
    "p_adjusted": 9.0,
    "effect": 10.0,
    "effect_low": 11.0,
    "effect_high": 11.0,
}
#: Row of the heads of both sheets.
HEAD = 3


def write_contents(
    book: Any,
    formats: CellFormats,
    words: TableWords,
    title: str,
    sheets: Sequence[Sheet],
    mark: str,
) -> None:
    """Write the first sheet: every table by group of respondents, with a link to it."""
    sheet = _start(book, formats, words, "contents", title, mark)
    _heads(sheet, formats, {words(name): width for name, width in LISTED.items()}, len(LISTED))
    row = HEAD + 1
    for population, tables in groupby(sheets, lambda table: table.population):
        listed = list(tables)
        heading = f"{population}: {words.counted('line.sheets', len(listed))}"
        sheet.write_string(row, 0, heading, formats.text("group"))
        row += 1
        for table in listed:
            laid, base = table.laid, table.laid.base()
            link = f"internal:'{table.name}'!A1"
            sheet.write_url(row, 0, link, formats.text("link"), laid.id)
            sheet.write_string(row, 1, laid.title, formats.text("text"))
            if math.isnan(base.value):
                sheet.write_string(row, 2, base.text, formats.text("right"))
            else:
                sheet.write_number(
                    row, 2, base.value, formats.number("count", base.value, "", False)
                )
            texts = (table.filter, laid.question)
            for column, text in enumerate(texts, start=3):
                sheet.write_string(row, column, text, formats.text("text"))
            widths = [LISTED[name] for name in ("title", "filter", "question")]
            height = max(map(lines, (laid.title, *texts), widths))
            sheet.set_row(row, LINE_HEIGHT * height)
            row += 1
    sheet.write_url(
        row + 1, 0, f"internal:'{words('tests')[:31]}'!A1", formats.text("link"), words("tests")
    )


def write_tests(
    book: Any,
    formats: CellFormats,
    words: TableWords,
    sheets: Sequence[Sheet],
    results: Results,
    mark: str,
) -> None:
    """Write the last sheet: every test of every table, one a row, as the store holds it."""
    sheet = _start(book, formats, words, "tests", words("tests"), mark)
    heads = {
        words(name if name == "table" else f"test_field.{name}"): width
        for name, width in TESTED.items()
    }
    fields = list(TESTED)[4:]
    say = numbers(words.code, words.own)
    _heads(sheet, formats, heads, len(TESTED) - len(fields))
    row = HEAD + 1
    for table in sheets:
        records = {str(record["key"]): record for record in results.rows("tests", table.laid.id)}
        for test in table.laid.tests:
            record = records[test.key]
            link = f"internal:'{table.name}'!A1"
            sheet.write_url(row, 0, link, formats.text("link"), table.laid.id)
            for column, text in enumerate((test.banner, test.figure, test.test), start=1):
                sheet.write_string(row, column, text, formats.text("text"))
            for column, field in enumerate(fields, start=4):
                value = float(record[field])
                if not math.isnan(value):
                    said = say.format(value, "p") if field.startswith("p") else ""
                    sheet.write_number(row, column, value, formats.test(field, said))
            height = max(
                lines(text, TESTED[name])
                for name, text in zip(
                    ("banner", "figure", "test"),
                    (test.banner, test.figure, test.test),
                    strict=True,
                )
            )
            sheet.set_row(row, LINE_HEIGHT * height)
            row += 1
    sheet.autofilter(HEAD, 0, max(row - 1, HEAD), len(TESTED) - 1)


def _start(
    book: Any, formats: CellFormats, words: TableWords, name: str, title: str, mark: str
) -> Any:
    sheet = book.add_worksheet(words(name)[:31])
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, title, formats.text("title", text_wrap=False))
    if mark:
        sheet.write_string(1, 0, mark, formats.text("mark", text_wrap=False))
    if name != "contents":
        back = f"internal:'{words('contents')[:31]}'!A1"
        sheet.write_url(2, 0, back, formats.text("link"), words("back"))
    sheet.freeze_panes(HEAD + 1, 1)
    set_up(sheet, mark, HEAD, HEAD)
    sheet.fit_to_pages(1, 0)
    return sheet


def _heads(sheet: Any, formats: CellFormats, heads: dict[str, float], numbers: int) -> None:
    """Write the heads; those from the column ``numbers`` on stand over numbers."""
    for column, (head, width) in enumerate(heads.items()):
        sheet.set_column(column, column, width)
        look = formats.text("list_head" if column < numbers else "last_head")
        sheet.write_string(HEAD, column, head, look)
    height = max(lines(head, width, BOLD) for head, width in heads.items())
    sheet.set_row(HEAD, LINE_HEIGHT * height)
