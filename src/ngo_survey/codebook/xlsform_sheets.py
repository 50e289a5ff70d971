"""The sheets of an XLSForm workbook as rows of text, its columns under one name each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ngo_survey.errors import InputError, nearest
from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits
from ngo_survey.reading.workbook import values

#: Columns that say how answers are analysed; field tools ignore them.
ANALYSIS = ("analysis_form", "analysis_battery", "analysis_role", "analysis_disclosure")
TITLE = "analysis_title_"
#: Other names of a column, as pyxform takes them.
ALIASES = {
    "caption": "label",
    "command": "type",
    "tag": "name",
    "value": "name",
    "relevance": "relevant",
    "calculate": "calculation",
    "list": "list_name",
}
IN_WORDS = ("label", "hint")
CODE = re.compile(r"\((?P<code>[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")
SHEETS = ("survey", "choices", "external_choices", "settings")
YES = frozenset({"yes", "true", "true()"})
#: Rules may be a word alone; field tools read it as a truth.
TRUTHS = {"yes": "true()", "true": "true()", "no": "false()", "false": "false()"}
RULES = ("relevant", "constraint")
#: Letters that the name of a language must share with a header that only begins so (Қазақша).
SHARED = 4


@dataclass(frozen=True)
class SheetRow:
    """One row: its number as a spreadsheet shows it, its cells, its words by language."""

    number: int
    cells: Mapping[str, str]
    label: Mapping[str, str]
    hint: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class FormSheets:
    """The sheets of a form.

    Attributes
    ----------
    languages: codes of the languages that have labels, in the order of the columns.
    headers: (sheet, column) -> the header as it is written.
    faults: what no field tool takes, or nobody can read.
    notes: what is not read, in words.
    """

    file: str
    rows: dict[str, list[SheetRow]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    headers: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[InputError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def setting(self, name: str) -> str:
        """Return a setting of the form; "" where it has none."""
        settings = self.rows.get("settings", [])
        return settings[0][name] if settings else ""


def read_sheets(path: Path, file: str, language: str) -> FormSheets:
    """Read the workbook ``path``; errors name it as ``file``.

    Parameters
    ----------
    language: the language of words of which the form does not say it.

    Raises
    ------
    InputError: the file or the sheet ``survey`` is missing, empty or cannot be opened.
    """
    tables = _tables(path, file)
    sheets = FormSheets(file)
    settings = _rows(sheets, "settings", tables.get("settings", []), {}, "")
    sheets.rows["settings"] = settings
    said = sheets.setting("default_language")
    language = (language_code(said) if said else "") or language or "und"
    codes = _codes(sheets, [_split(t[0]) for n, t in tables.items() if n in SHEETS[:2]], language)
    for name in SHEETS[:3]:
        if name in tables:
            sheets.rows[name] = _rows(sheets, name, tables[name], codes, language)
    spoken = (code for row in sheets.rows["survey"] for code in row.label)
    in_order = dict.fromkeys([*codes.values(), *spoken])
    sheets.languages = tuple(code for code in in_order if code) or (language,)
    if not sheets.rows["survey"]:
        raise InputError("the sheet has no rows", file=file, sheet="survey")
    if not any(header == "type" for sheet, header in sheets.headers if sheet == "survey"):
        raise InputError(
            "the sheet lacks a column",
            file=file,
            sheet="survey",
            row=1,
            value="type",
            hint=nearest("type", [h for (s, _), h in sheets.headers.items() if s == "survey"]),
        )
    return sheets


def sheet_texts(path: Path, file: str) -> dict[str, list[list[str]]]:
    """Return the sheets of a form as rows of text, as they are read; errors name it as ``file``."""
    tables = _tables(path, file)
    return {name: [[_text(cell) for cell in row] for row in rows] for name, rows in tables.items()}


def _tables(path: Path, file: str) -> dict[str, list[list[Any]]]:
    if not path.is_file():
        raise InputError(
            "the questionnaire is missing",
            file=file,
            hint="put the XLSForm there or name it in config.yaml",
        )
    workbook = _workbook(str(path), file, hashlib.sha256(path.read_bytes()).digest())
    names = {name.strip().casefold(): name for name in workbook}
    found = {sheet: workbook[names[sheet]] for sheet in SHEETS if sheet in names}
    if "survey" not in found:
        raise InputError(
            "the questionnaire lacks a sheet",
            file=file,
            value="survey",
            hint=nearest("survey", workbook),
        )
    if not found["survey"]:
        raise InputError("the sheet is empty", file=file, sheet="survey")
    return {sheet: rows for sheet, rows in found.items() if rows}


@lru_cache(maxsize=16)
def _workbook(path: str, file: str, content: bytes) -> dict[str, list[list[Any]]]:
    """Read the values of every sheet; a file of the same content is read once by a process.

    A plan of a study asks for its questionnaires a dozen times.
    """
    # A form has no setting of limits: ten thousand questions are within them.
    return run_apart(
        values,
        path,
        what="questionnaire",
        shown=file,
        hint="save it again as .xlsx",
        limits=Limits(),
        libraries=("python_calamine",),
    )


def _split(headers: Iterable[Any]) -> list[tuple[str, str, str]]:
    """Return (header, column, language) of each header; column "" where there is none.

    One colon parts a column from its language only where no header has two.
    """
    written = [_text(h) for h in headers]
    mark = "::" if any("::" in h for h in written) else ":"
    made = []
    for header in written:
        first, _, rest = header.partition(mark)
        name = "_".join(first.split()).casefold()
        if name in ("bind", "control", "instance") and rest:
            name, rest = rest.strip().casefold(), ""
        name = ALIASES.get(name, name)
        if rest and name not in IN_WORDS:
            name = f"{name}::{rest.strip()}"
        made.append((header, name, rest.strip() if name in IN_WORDS else ""))
    return made


def _codes(
    sheets: FormSheets, headers: Sequence[list[tuple[str, str, str]]], language: str
) -> dict[str, str]:
    """Return the code of each language of labels; "" for words that nobody can place."""
    by_sheet = [{said for _, column, said in heads if column == "label"} for heads in headers]
    listed = [said for heads in headers for _, column, said in heads if column == "label"]
    codes = {said: language_code(said) for said in dict.fromkeys(listed) if said}
    strange = [said for said, code in codes.items() if not code]
    # One that nobody can place is that of the words without any, unless a sheet has both.
    both = any({"", *strange} <= said for said in by_sheet)
    if len(strange) == 1 and not both and language not in codes.values():
        codes[strange.pop()] = language
    for said in strange:
        sheets.notes.append(
            f"the words of label::{said}: nobody can tell its language; "
            f"head it label::{said} (code), as label::English (en)"
        )
    return codes


@lru_cache
def language_code(said: str) -> str:
    """Return the code of a language as a form names it; "" where nobody can tell.

    ``English (en)`` names its own; ``English``, ``Русский``, ``Казахский`` and ``kk`` are looked up
    in the CLDR, in English, Russian and the language itself.
    """
    from babel import Locale, UnknownLocaleError, localedata

    if found := CODE.search(said):
        return found["code"]
    plain = said.strip().casefold()
    if localedata.exists(plain.replace("-", "_")):
        return plain
    begun: list[tuple[int, str]] = []
    for code in sorted(localedata.locale_identifiers(), key=lambda c: (len(c), c)):
        if "_" in code:
            continue
        try:
            names = [Locale(code).get_language_name(speaker) for speaker in ("en", "ru", code)]
        except UnknownLocaleError:
            continue
        for name in (n.casefold() for n in names if n):
            if name == plain:
                return code
            word = name.split()[0]
            if len(word) > SHARED and plain.startswith(word):
                begun.append((len(word), code))
    return max(begun)[1] if begun else ""


def _rows(
    sheets: FormSheets,
    sheet: str,
    table: list[list[Any]],
    codes: Mapping[str, str],
    language: str,
) -> list[SheetRow]:
    """Return the rows of a sheet that hold anything."""
    if not table:
        return []
    heads = _split(table[0])
    _columns(sheets, sheet, heads, [*codes.values(), language])
    made = []
    for number, row in enumerate(table[1:], start=2):
        cells: dict[str, str] = {}
        words: dict[str, dict[str, str]] = {kind: {} for kind in IN_WORDS}
        for (_, column, said), value in zip(heads, map(_text, row), strict=False):
            if not column or not value:
                continue
            if column not in IN_WORDS:
                truth = TRUTHS.get(value.casefold()) if column in RULES else None
                cells.setdefault(column, truth or value)
            elif said and (code := codes.get(said) or (CODE.search(said) and language_code(said))):
                words[column][code] = value
            elif not said:
                words[column].setdefault(language, value)
        if cells or any(words.values()):
            made.append(SheetRow(number, cells, words["label"], words["hint"]))
    return made


def _columns(
    sheets: FormSheets, sheet: str, heads: list[tuple[str, str, str]], codes: Iterable[str]
) -> None:
    """Note how each column is headed; a header twice, or nearly one of ours, is a fault."""
    known = [*ANALYSIS, *(TITLE + code.casefold() for code in dict.fromkeys(codes) if code)]
    for place, (header, column, said) in enumerate(heads):
        if not column:
            continue
        if (column, said) in [(c, s) for _, c, s in heads[:place]]:
            sheets.faults.append(
                InputError(
                    "two columns have one header",
                    file=sheets.file,
                    sheet=sheet,
                    row=1,
                    column=column,
                    value=header,
                    hint="rename one or take it out",
                )
            )
        if column.startswith("analysis_") and column not in known:
            sheets.faults.append(
                InputError(
                    "there is no such column",
                    file=sheets.file,
                    sheet=sheet,
                    row=1,
                    value=header,
                    hint=nearest(column, known),
                )
            )
        sheets.headers.setdefault((sheet, column), header)


def _text(value: Any) -> str:
    """Return a cell as its own program shows it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
