"""What an XLSX says of its cells beside their values: formulas, errors, formats of numbers.

`python-calamine` hands out values alone: an error is an empty cell to it and 45 % is 0.45.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from ngo_survey.reading.limits import Limits
from ngo_survey.reading.text import digits_shown, padded, percent_as_text, percent_decimals

#: Percent formats that every workbook has: 0% and 0.00%.
BUILT_IN = {"9": 0, "10": 2}
CELL = re.compile(r"<(?:\w+:)?c\b([^>]*?)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
FORMULA = re.compile(r"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*))")
VALUE = re.compile(r"<(?:\w+:)?v\b[^>]*>([^<]*)<")

#: Where a cell that is not empty says that it stands; bytes of a part that are looked at together.
PLACED = re.compile(
    rb"""<(?:\w+:)?c\b[^>]{0,99}?\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["'][^>]{0,99}(?<!/)>"""
)
PORTION = 1 << 24
OVERLAP = 256

Place = tuple[int, int]


def refuse_far_cells(path: Path, limits: Limits) -> None:
    """Refuse a workbook of which one cell lies so far out that the sheet has too many cells.

    Every sheet is looked at, a portion at a time: a reader asks for all cells up to the last one.

    Raises
    ------
    InputError: naming the cell.
    """
    with zipfile.ZipFile(path) as packed:
        for part in packed.namelist():
            if "/worksheets/" not in f"/{part}" or not part.endswith(".xml"):
                continue
            last, widest = 0, ""
            with packed.open(part) as file:
                before = b""
                while portion := file.read(PORTION):
                    places = PLACED.findall(before + portion)
                    before = portion[-OVERLAP:]
                    for letters in {letters.decode() for letters, _ in places}:
                        widest = max(widest, letters, key=lambda at: (len(at), at))
                    last = max([last, *{int(row) for _, row in places}])
            width = column_number(widest)
            if last * width > limits.cells:
                limits.check(last, width, row=last, column=widest)


@dataclass(frozen=True)
class SheetParts:
    """The XML of one sheet and of the formats of its workbook."""

    xml: str
    styles: str

    @classmethod
    def of(cls, path: Path, sheet: str) -> SheetParts:
        """Read the parts of a sheet by its name, in whatever order the parts lie."""
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())

            def part(name: str) -> str:
                return packed.read(name).decode("utf-8", "replace") if name in names else ""

            target = _target(part("xl/workbook.xml"), part("xl/_rels/workbook.xml.rels"), sheet)
            return cls(part(target), part("xl/styles.xml"))

    def formula(self) -> tuple[Place, str] | None:
        """Return the first computed cell, with or without the value it had last."""
        if "f>" not in self.xml and "<f" not in self.xml and ":f" not in self.xml:
            return None
        for attributes, inside in self._cells():
            if found := FORMULA.search(inside):
                return _place(attributes), f"={unescape(found[1] or '')}"
        return None

    def shown(self) -> dict[Place, str]:
        """Return the cells that show something else than their value.

        Errors, percentages, whole numbers under a format of zeros.
        """
        percent, digits = self._styles(percent_decimals, BUILT_IN), self._styles(digits_shown, {})
        errors = 't="e"' in self.xml
        if not errors and not percent and not digits:
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
            elif style is None or (kind and kind[1] != "n"):
                continue
            elif style[1] in percent:
                made[_place(attributes)] = percent_as_text(value[1], percent[style[1]])
            elif style[1] in digits:
                made[_place(attributes)] = padded(value[1], digits[style[1]])
        return made

    def _cells(self) -> Iterator[tuple[str, str]]:
        for match in CELL.finditer(self.xml):
            yield match[1], match[2]

    def _styles(
        self, measure: Callable[[str], int | None], built_in: Mapping[str, int]
    ) -> dict[str, int]:
        """Return the cell styles whose format of numbers has a measure, with it."""
        formats = dict(built_in)
        for entry in re.findall(r"<(?:\w+:)?numFmt\b[^>]*>", self.styles):
            code = unescape(re.findall(r'formatCode="([^"]*)"', entry)[0])
            measured = measure(code)
            if measured is not None:
                formats[re.findall(r'numFmtId="(\d+)"', entry)[0]] = measured
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
        if name and link and unescape(name[1]) == sheet:
            for relation in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
                if f'Id="{link[1]}"' in relation:
                    target = re.findall(r'Target="([^"]*)"', relation)[0]
                    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _place(attributes: str) -> Place:
    found = re.search(r'\br="([A-Z]+)(\d+)"', attributes)
    return (int(found[2]) - 1, column_number(found[1]) - 1) if found else (-1, -1)


def column_number(letters: str) -> int:
    """Return the number of a column from its letters: A is 1."""
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return column
