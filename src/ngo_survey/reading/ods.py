"""What an ODS says of its cells beside their values: repeats, formulas, errors, formats of numbers.

Part 3 of OpenDocument 1.3 (OASIS), 9.1: a row or a cell is written once and says how often it
comes. Python's own parser of XML reads it, which refuses entities that blow up.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ngo_survey.reading.limits import Limits
from ngo_survey.reading.text import number_as_text, percent_as_text

if TYPE_CHECKING:
    from xml.etree import ElementTree

SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TABLE, OFFICE, TEXT = SPACE % "table", SPACE % "office", SPACE % "text"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
#: How LibreOffice marks an error: to the standard it is a text.
KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"

Place = tuple[int, int]


@dataclass
class OdsSheet:
    """One sheet, places counted from 0.

    Attributes
    ----------
    formula: the first computed cell and its text.
    shown: cells that show something else than their value.
    """

    name: str
    formula: tuple[Place, str] | None = None
    shown: dict[Place, str] = field(default_factory=dict)


def read_sheets(path: Path, limits: Limits) -> dict[str, OdsSheet]:
    """Return the sheets by name.

    Raises
    ------
    InputError: a sheet has more cells than may be read, once its repeats are written out.
    xml.etree.ElementTree.ParseError: the content is no XML, or its entities blow up.
    """
    from xml.etree import ElementTree

    found: dict[str, OdsSheet] = {}
    with zipfile.ZipFile(path) as packed, packed.open("content.xml") as file:
        sheet, row, width = OdsSheet(""), 0, 0
        for event, element in ElementTree.iterparse(file, ("start", "end")):
            if event == "start" and element.tag == f"{TABLE}table":
                sheet, row, width = OdsSheet(element.get(f"{TABLE}name", "")), 0, 0
                found[sheet.name] = sheet
            elif event == "end" and element.tag == f"{TABLE}table-row":
                times = int(element.get(f"{TABLE}number-rows-repeated", 1))
                filled = list(_filled(element))
                if filled:
                    width = max(width, filled[-1][0] + filled[-1][1])
                    place = {"sheet": sheet.name, "row": row + times}
                    limits.check(row + times, width, **place)
                for column, repeated, cell in filled:
                    _note(sheet, cell, (row, column), (times, repeated))
                row += times
                element.clear()
    return found


def _filled(row: ElementTree.Element) -> Iterator[tuple[int, int, ElementTree.Element]]:
    """Yield column, repeats and element of every cell of a row that holds something."""
    column = 0
    for cell in row:
        if cell.tag in CELLS:
            times = int(cell.get(f"{TABLE}number-columns-repeated", 1))
            if cell.get(f"{OFFICE}value-type") or cell.get(f"{TABLE}formula") or len(cell):
                yield column, times, cell
            column += times


def _note(sheet: OdsSheet, cell: ElementTree.Element, place: Place, times: Place) -> None:
    formula = cell.get(f"{TABLE}formula")
    if formula and sheet.formula is None:
        sheet.formula = place, formula
    words = "\n".join("".join(p.itertext()) for p in cell.findall(f"{TEXT}p"))
    if cell.get(KIND) == "error":
        shown = words
    elif cell.get(f"{OFFICE}value-type") == "percentage":
        # As many decimals as the cell shows; where it says nothing, those of the number.
        share = cell.get(f"{OFFICE}value", "")
        decimals = re.search(r"[.,](\d+)\D*$", words)
        if words.strip():
            shown = percent_as_text(share, len(decimals[1]) if decimals else 0)
        else:
            shown = f"{number_as_text(float(Decimal(share) * 100))}%"
    elif re.fullmatch(r"0\d+", words) and cell.get(f"{OFFICE}value-type") == "float":
        shown = words  # a format of zeros
    else:
        return
    for down in range(times[0]):
        for right in range(times[1]):
            sheet.shown[place[0] + down, place[1] + right] = shown
