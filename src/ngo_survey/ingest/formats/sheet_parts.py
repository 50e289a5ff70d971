"""What a workbook says of its cells beside their values: formulas, errors, percent formats.

`python-calamine` hands out values alone: an error is an empty cell to it and 45 % is 0.45.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from xml.sax.saxutils import unescape

from ngo_survey.errors import InputError

#: Percent formats that every workbook has: 0% and 0.00%.
BUILT_IN = {"9": 0, "10": 2}
CELL = re.compile(r"<(?:\w+:)?c\b([^>]*?)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
FORMULA = re.compile(r"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*))")
VALUE = re.compile(r"<(?:\w+:)?v\b[^>]*>([^<]*)<")
ODS_FORMULA = re.compile(r'table:formula="([^"]*)"')

Place = tuple[int, int]


@dataclass(frozen=True)
class SheetParts:
    """The XML of one sheet and of the formats of its workbook; empty for XLS."""

    xml: str = ""
    styles: str = ""
    ods: str = ""

    @classmethod
    def of(cls, path: Path, sheet: str) -> SheetParts:
        """Read the parts of a sheet by its name, in whatever order the parts lie."""
        if not zipfile.is_zipfile(path):
            return cls()
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())

            def part(name: str) -> str:
                return packed.read(name).decode("utf-8", "replace") if name in names else ""

            if "content.xml" in names:
                return cls(ods=_ods_table(part("content.xml"), sheet))
            target = _target(part("xl/workbook.xml"), part("xl/_rels/workbook.xml.rels"), sheet)
            return cls(part(target), part("xl/styles.xml"))

    def refuse_formulas(self, shown: str, sheet: str) -> None:
        """Refuse computed cells: what they showed last is not what they would show today.

        Raises
        ------
        InputError: a formula, with or without the value it had last; a percent format in ODS.
        """
        hint = "paste the values in its place and save again"
        problem = "a formula stands in place of an answer"
        ods = ODS_FORMULA.search(self.ods)
        if ods:
            raise InputError(problem, file=shown, sheet=sheet, value=ods[1][:40], hint=hint)
        if 'office:value-type="percentage"' in self.ods:
            raise InputError(
                "cells are formatted as percent, which ODS hides from readers",
                file=shown,
                sheet=sheet,
                hint="format them as numbers, or save as XLSX",
            )
        if "f>" not in self.xml and "<f" not in self.xml and ":f" not in self.xml:
            return
        for attributes, inside in self._cells():
            found = FORMULA.search(inside)
            if found:
                letters, row = _reference(attributes)
                raise InputError(
                    problem,
                    file=shown,
                    sheet=sheet,
                    row=row,
                    column=letters,
                    value=f"={unescape(found[1] or '')}"[:40],
                    hint=hint,
                )

    def shown(self) -> dict[Place, str]:
        """Return the cells that show something else than their value: errors and percentages."""
        percent = self._percent
        errors = 't="e"' in self.xml
        if not errors and not percent:
            return {}
        made: dict[Place, str] = {}
        for attributes, inside in self._cells():
            value = VALUE.search(inside)
            if value is None:
                continue
            kind = re.search(r'\bt="(\w+)"', attributes)
            style = re.search(r'\bs="(\d+)"', attributes)
            if kind and kind[1] == "e":
                made[_place(attributes)] = unescape(value[1])
            elif style and style[1] in percent and (kind is None or kind[1] == "n"):
                digits = Decimal(1).scaleb(-percent[style[1]])
                number = (Decimal(value[1]) * 100).quantize(digits, ROUND_HALF_UP)
                made[_place(attributes)] = f"{number}%"
        return made

    def _cells(self) -> Iterator[tuple[str, str]]:
        for match in CELL.finditer(self.xml):
            yield match[1], match[2]

    @cached_property
    def _percent(self) -> dict[str, int]:
        """Return the cell styles that show percent, with their decimals."""
        formats = dict(BUILT_IN)
        for entry in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", self.styles):
            code = unescape(re.findall(r'formatCode="([^"]*)"', entry)[0])
            bare = re.sub(r'"[^"]*"|\\\\.', "", code).partition(";")[0]
            if "%" in bare:
                decimals = re.search(r"\.([0#?]+)", bare)
                formats[re.findall(r'numFmtId="(\d+)"', entry)[0]] = (
                    len(decimals[1]) if decimals else 0
                )
        block = re.search(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", self.styles, re.DOTALL)
        styles = re.findall(r"<(?:\w+:)?xf\b[^>]*>", block[0]) if block else []
        found: dict[str, int] = {}
        for place, entry in enumerate(styles):
            number = re.search(r'numFmtId="(\d+)"', entry)
            if number and number[1] in formats:
                found[str(place)] = formats[number[1]]
        return found


def _target(workbook: str, relations: str, sheet: str) -> str:
    """Return the part that holds a sheet: their numbers need not follow the order of the tabs."""
    for entry in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", workbook):
        name = re.search(r'\bname="([^"]*)"', entry)
        link = re.search(r'\b\w+:id="([^"]*)"', entry)
        if name and link and unescape(name[1], {"&quot;": '"', "&apos;": "'"}) == sheet:
            for relation in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
                if f'Id="{link[1]}"' in relation:
                    target = re.findall(r'Target="([^"]*)"', relation)[0]
                    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _ods_table(content: str, sheet: str) -> str:
    for match in re.finditer(r"<table:table\b([^>]*)>(.*?)</table:table>", content, re.DOTALL):
        name = re.search(r'table:name="([^"]*)"', match[1])
        if name and unescape(name[1], {"&quot;": '"', "&apos;": "'"}) == sheet:
            return match[2]
    return ""


def _reference(attributes: str) -> tuple[str, int]:
    found = re.search(r'\br="([A-Z]+)(\d+)"', attributes)
    return (found[1], int(found[2])) if found else ("", 0)


def _place(attributes: str) -> Place:
    letters, row = _reference(attributes)
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return row - 1, column - 1
