"""Numbers as people, spreadsheets and locales write them, read only where they can mean one thing.

A comma or a point before exactly three digits parts thousands in one country and decimals in
another: ``1,000`` is refused unless the column or the configuration (``sources.decimal``,
``sources.thousands``) tells which it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ngo_survey.ingest.cleaning.spelling import INVISIBLE

PLAIN = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
POWER = re.compile(r"-?\d+(?:\.\d+)?[eE][+-]?\d{1,2}", re.ASCII)
GROUPED = re.compile(r"-?\d{1,3}([.,' ])\d{3}(?:\1\d{3})*", re.ASCII)
MARKED = re.compile(r"-?(\d+)([.,])(\d+)", re.ASCII)
MARK = re.compile(r"[.,]")
#: Where one of the two marks parts thousands, the other stands before decimals.
OTHER_MARK = {",": ".", ".": ","}
#: SPSS and Stata write no zero before the decimals of a fraction.
BARE = re.compile(r"^(-?)(?=[.,]\d+$)", re.ASCII)
SPACES = str.maketrans(
    dict.fromkeys("\u00a0\u202f\u2009\u200b\u2060\ufeff", " ") | {"\u2019": "'", "\u2212": "-"}
)


class AmbiguousNumberError(ValueError):
    """A number that can be read in two ways; ``args`` are the readings."""


def reader(cells: Iterable[str], whole: bool, options: Mapping[str, Any]) -> Callable[[str], str]:
    """Return the function that reads the numbers of one column.

    Parameters
    ----------
    cells: the spellings of the column: they prove what its point or comma is.
    whole: whether the question takes whole numbers alone.
    options: ``decimal`` and ``thousands``, where the study declares them.
    """
    decimal, thousands = options.get("decimal", ""), options.get("thousands", "")
    decimal = decimal or OTHER_MARK.get(thousands, "")
    proven = decimal or ("" if whole or thousands else _decimal_mark(cells))

    def read(text: str) -> str:
        plain = _digits(_shown(text))
        plain = re.sub(r"\s*%$", "", plain)
        plain = BARE.sub(r"\g<1>0", re.sub(r"^\+(?=[\d.,])", "", plain))
        if thousands and thousands in plain:
            mark = re.escape(thousands)
            grouped = rf"-?[1-9]\d{{0,2}}(?:{mark}\d{{3}})+(?:[.,]\d+)?"
            if not re.fullmatch(grouped, plain, re.ASCII):
                return text
            plain = plain.replace(thousands, "")
            return _tidy(plain.replace(decimal or ",", "."))
        if POWER.fullmatch(plain):
            return _tidy(f"{Decimal(plain):f}")
        return _tidy(_unmarked(plain, proven, thousands))

    return read


def value_of(text: str, read: Callable[[str], str]) -> Decimal | None:
    """Return the number that a cell holds; None where it holds none, or may hold two."""
    try:
        plain = read(text)
    except AmbiguousNumberError:
        return None
    return Decimal(plain) if PLAIN.fullmatch(plain) else None


def is_signed(text: str) -> bool:
    """Whether a cell ends in a percent sign."""
    return text.rstrip().endswith("%")


def unsigned_shares(
    cells: Iterable[str], read: Callable[[str], str], beside: bool = False
) -> set[str]:
    """Return the cells without a percent sign that may be shares of one beside others with one.

    A spreadsheet shows 45% in a formatted cell, and 0.5 in the one below that nobody formatted, or
    1 where it is all of it. Parts of a whole stand in several columns: ``beside`` says that others
    have the sign.
    """
    spellings = set(cells)
    signed = set(filter(is_signed, spellings))
    if not signed and not beside:
        return set()
    values = {text: value_of(text, read) for text in spellings - signed}
    return {text for text, value in values.items() if value and abs(value) <= 1}


def _unmarked(text: str, decimal: str, thousands: str) -> str:
    """Return a number without marks of thousands, a point before its decimals."""
    grouped = GROUPED.fullmatch(text)
    if grouped and grouped[1] in " '":
        return text.replace(grouped[1], "")
    body = re.sub(r"(?<=\d)[ '](?=\d{3}\b)", "", text) if re.search(r"\d[ ']\d", text) else text
    if body != text and not re.fullmatch(r"-?\d{1,3}(?:[ ']\d{3})+[.,]\d+", text, re.ASCII):
        return text  # 12 34 is two numbers, or none
    marks = MARK.findall(body)
    if len(set(marks)) == 2 and re.fullmatch(
        r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:\.\d{3})+,\d+", body, re.ASCII
    ):
        return body.replace(marks[0], "").replace(marks[-1], ".")
    if len(marks) > 1:
        return body.replace(marks[0], "") if grouped and marks[0] != decimal else text
    match = MARKED.fullmatch(body)
    return body if match is None else _one_mark(body, match, decimal, body != text)


def _one_mark(body: str, match: re.Match[str], decimal: str, grouped: bool) -> str:
    """Return a number with one comma or point, ``1,5`` or ``1,000``, its decimals after a point."""
    before, mark, after = match.groups()
    certain = grouped or len(after) != 3 or len(before) > 3 or before.startswith("0")
    if not certain and mark != decimal:
        if decimal:
            return body.replace(mark, "")  # 1.000, where a comma stands before decimals
        raise AmbiguousNumberError(body.replace(mark, ""), body.replace(mark, "."))
    return body if decimal and mark != decimal else body.replace(mark, ".")


def _shown(text: str) -> str:
    """Return a cell as it is seen: one kind of space and minus, no marks that nobody sees."""
    plain = text if text.isascii() else INVISIBLE.sub("", text).translate(SPACES)
    return plain.strip()


def _digits(text: str) -> str:
    """Return a text with the digits of any script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _decimal_mark(cells: Iterable[str]) -> str:
    """Return the mark that a column of decimals proves to stand before decimals, "" where none."""
    proven, seen = set(), set()
    for text in cells:
        body = BARE.sub(r"\g<1>0", _shown(text))
        seen |= set(MARK.findall(body))
        match = MARKED.fullmatch(body)
        if match and (len(match[3]) != 3 or len(match[1]) > 3 or match[1].startswith("0")):
            proven.add(match[2])
    return proven.pop() if len(proven) == 1 and len(seen) == 1 else ""


def _tidy(text: str) -> str:
    """Return 3 for 3.0, the text itself where it is no number."""
    try:
        number = Decimal(text) if PLAIN.fullmatch(text) else None
    except InvalidOperation:  # pragma: no cover - PLAIN has matched
        number = None
    if number is None:
        return text
    return re.sub(r"\.0+$", "", text)
