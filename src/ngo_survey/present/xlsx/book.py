"""All tables as one XLSX workbook: a linked contents sheet, one table a sheet, all tests.

Numbers are numbers with formats; a figure that may not be shown is a mark that the notes explain;
no text can become a formula. The same results give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ngo_survey.present.archive import MADE
from ngo_survey.present.clean import clean
from ngo_survey.present.table_layout.condition import filter_in_words
from ngo_survey.present.table_layout.layout import layout
from ngo_survey.present.table_layout.table_words import table_words
from ngo_survey.present.xlsx.cell_formats import CellFormats
from ngo_survey.present.xlsx.contents import write_contents, write_tests
from ngo_survey.present.xlsx.sheet import Sheet, write_table
from ngo_survey.results.files import write_bytes
from ngo_survey.results.store import Results
from ngo_survey.study.declared_tables import specs
from ngo_survey.study.declared_weighting import kind_of
from ngo_survey.tables.declared import Standard

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study import Study

#: Text stays text: none becomes a formula, a link or a number because of how it begins.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    # Arial has every Cyrillic letter, and a metric equal of it is on every system.
    "default_format_properties": {"font_name": "Arial", "font_size": 10},
}


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
    ConfigError: there are no words in this language.
    """
    import xlsxwriter

    from ngo_survey.present.xlsx.clean_sheet import CleanSheet

    words = table_words(language, study.words)
    marks = [words("simulated")] if study.simulated else []
    if study.unprotected:
        reason = str(study.section("disclosure").get("off", ""))
        marks.append(words(f"unprotected.{study.unprotected}", reason=reason))
    mark = "; ".join(marks)
    sheets = _sheets(study, results, codebooks, language)
    stream = io.BytesIO()
    # xlsxwriter writes into what it is given: a second workbook would have another default font.
    with xlsxwriter.Workbook(stream, deepcopy(OPTIONS)) as book:
        book.worksheet_class = CleanSheet
        book.set_properties(
            {
                "title": clean(study.title(language)),
                "subject": words("contents"),
                "comments": mark,
                "created": MADE.replace(tzinfo=None),
            }
        )
        formats = CellFormats(book)
        write_contents(book, formats, words, study.title(language), sheets, mark)
        for sheet in sheets:
            write_table(book, formats, words, sheet, mark)
        write_tests(book, formats, words, sheets, results, mark)
    return stream.getvalue()


def _sheets(
    study: Study, results: Results, codebooks: Mapping[str, Questionnaire], language: str
) -> list[Sheet]:
    words = table_words(language, study.words)
    standard = Standard.of(study.section("tables"))
    taken = {words("contents").lower(), words("tests").lower()}
    sheets = []
    for population in study.populations:
        book = codebooks[population]
        for spec in specs(study, population, book):
            laid = layout(
                results,
                spec.id,
                book,
                language,
                question=spec.question,
                whole=True,
                alpha=standard.level,
                family=standard.family,
                own=study.words,
                weighting=kind_of(study.population(population).raw.get("weighting")),
                base=spec.base,
            )
            conditions = [laid.asked, filter_in_words(spec.filter, book, language, study.words)]
            sheets.append(
                Sheet(
                    name=_name(spec.id, taken),
                    laid=replace(laid, title=_in(spec.title, language) or laid.title),
                    population=study.population(population).label(language),
                    filter=words("condition.and").join(filter(None, conditions)),
                    note=_in(spec.note, language),
                    show=spec.show,
                )
            )
            taken.add(sheets[-1].name.lower())
    return sheets


def _in(words: Mapping[str, str], language: str) -> str:
    """Return words of the study's own in a language; "" where there are none at all.

    Notes and titles may be written in fewer languages than the workbook has: the first stands in.
    """
    return str(words.get(language) or next(iter(words.values()), ""))


def _name(table: str, taken: Collection[str]) -> str:
    """Return a name that Excel takes: 31 characters, none of ``[]:*?/\\``, no two alike."""
    clean = re.sub(r"[\[\]:*?/\\]", "_", table)[:31]
    name, number = clean, 2
    while name.lower() in taken:
        name = f"{clean[: 30 - len(str(number))]}_{number}"
        number += 1
    return name
