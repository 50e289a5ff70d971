"""A value of a file as text, as who made the file would write it."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal


def value_as_text(value: object) -> str:
    """Return a value of a workbook as text: days and moments in ISO 8601."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number_as_text(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def number_as_text(number: float) -> str:
    """Return a number that a file holds as a number.

    Three decimals get a fourth, so that nobody takes 1.125 for a thousand and more.
    """
    if not math.isfinite(number):
        return "" if math.isnan(number) else repr(number)
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = format(Decimal(repr(number)), "f")
    return f"{text}0" if re.search(r"\.\d{3}$", text) else text


def percent_decimals(code: str) -> int | None:
    """Return the decimals of a number format that shows percent, None for any other format."""
    bare = re.sub(r'"[^"]*"|\\.', "", code).partition(";")[0]
    if "%" not in bare:
        return None
    decimals = re.search(r"\.([0#?]+)", bare)
    return len(decimals[1]) if decimals else 0


def digits_shown(code: str) -> int | None:
    """Return how many digits a format of zeros alone shows (``0000``), None for any other."""
    bare = re.sub(r'"[^"]*"|\\.', "", code).partition(";")[0]
    return len(bare) if re.fullmatch("0{2,}", bare) else None


def padded(number: str, digits: int) -> str:
    """Return a whole number as the cell shows it: ``7`` in four digits is ``0007``."""
    return number.zfill(digits) if number.isdecimal() else number


def percent_as_text(share: str, decimals: int) -> str:
    """Return a share of one as the cell shows it: ``0.45`` with no decimals is ``45%``."""
    number = (Decimal(share) * 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{number}%"
