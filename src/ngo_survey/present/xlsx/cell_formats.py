"""How cells of the workbook look: fonts, rules and number formats, in one place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

#: Number formats of Excel; digits and marks follow the reader's locale.
COUNT, MEAN, PERCENT, YEAR = "#,##0", "0.00", "0%", "0"
TEST, DF = "0.000", "#,##0.0"
#: A share that is not none is never printed as none.
SHARE = f'[=0]{PERCENT};[<0.005]"<1%";{PERCENT}'
#: Number formats of standard errors and limits, which are smaller than what they belong to.
FINE = {
    **{"percent": "0.0%", "mean": "0.00", "plain": "#,##0.00", "count": COUNT},
    **{"year": YEAR, "year2": "0.00"},
}

RULE = {"bottom": 1, "bottom_color": "#888888"}
TOP = {"top": 1, "top_color": "#888888"}
SMALL = {"font_size": 8, "font_color": "#666666"}
FIGURE: dict[str, Any] = {"align": "right", "valign": "top"}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 13, "text_wrap": True, "valign": "top"},
    "note": {"font_color": "#555555", "text_wrap": True, "valign": "top"},
    "question": {"text_wrap": True, "valign": "top"},
    "mark": {"bold": True, "font_color": "#A61B1B", "text_wrap": True, "valign": "top"},
    "link": {"font_color": "#0B5394", "underline": 1, "valign": "top"},
    "spanner": {"bold": True, "align": "left", "valign": "bottom", "text_wrap": True} | RULE,
    "open_spanner": {"bold": True, "align": "left", "valign": "bottom", "text_wrap": True},
    "head": {"bold": True, "align": "right", "valign": "bottom", "text_wrap": True},
    "last_head": {"bold": True, "align": "right", "valign": "bottom", "text_wrap": True} | RULE,
    "letter": {"align": "right"} | SMALL | RULE,
    "letter_name": SMALL | RULE,
    "list_head": {"bold": True, "text_wrap": True, "valign": "bottom", "indent": 2} | RULE,
    "stub": {"text_wrap": True, "valign": "top"},
    "shown_name": {"indent": 1} | SMALL,
    "group": {"bold": True, "valign": "top", "text_wrap": True},
    "hidden": {"align": "right", "valign": "top", "font_color": "#888888"},
    "beside": {"font_size": 8, "font_color": "#0B5394", "valign": "top", "text_wrap": True},
    "base": {"italic": True, "valign": "top", "text_wrap": True},
    "base_text": {"italic": True, "align": "right", "valign": "top"},
    "text": {"text_wrap": True, "valign": "top", "indent": 2},
    "right": FIGURE,
}


class CellFormats:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.asked: dict[tuple[Any, ...], Any] = {}

    def text(self, name: str, **more: Any) -> Any:
        """Return the format of words; ``quote_prefix`` keeps them words when a cell is edited."""
        asked = (name, *more.items())
        return self._once(asked, lambda: LOOKS[name] | {"quote_prefix": True} | more)

    def number(self, form: str, value: float, statistic: str, doubtful: bool) -> Any:
        """Return the format of a figure; a doubtful one is in grey italics."""
        if form == "percent":
            shown = PERCENT if statistic.startswith("net") else SHARE
        else:
            shown = {
                **{"mean": MEAN, "count": COUNT, "plain": plain(value)},
                **{"year": YEAR, "year2": MEAN},
            }[form]
        grey = {"italic": True, "font_color": "#777777"} if doubtful else {}
        return self._once((shown, doubtful), lambda: FIGURE | {"num_format": shown} | grey)

    def base(self, first: bool) -> Any:
        """Return the format of the number of a base."""
        rule = TOP if first else {}
        return self._once(
            ("number of a base", first), lambda: LOOKS["base_text"] | {"num_format": COUNT} | rule
        )

    def fine(self, form: str) -> Any:
        """Return the format of a standard error or a limit."""
        return self._once(
            ("fine number", form), lambda: {"align": "right", "num_format": FINE[form]} | SMALL
        )

    def test(self, field: str, said: str = "") -> Any:
        """Return the format of a number of a test; ``said`` is shown in place of a p-value.

        A number stands there for the level that a p-value is below, so that it sorts and filters.
        """
        form = f'"{said}"' if said else DF if field.startswith("df") else TEST
        return self._once(("number of a test", form), lambda: FIGURE | {"num_format": form})

    def _once(self, asked: tuple[Any, ...], look: Callable[[], dict[str, Any]]) -> Any:
        """Return a format, made when it is first asked for: a sheet asks thousands of times."""
        if asked not in self.asked:
            self.asked[asked] = self._make(look())
        return self.asked[asked]

    def _make(self, look: dict[str, Any]) -> Any:
        """Return the format of a look; looks that are alike share one."""
        key = tuple(sorted(look.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(look)
        return self.made[key]


def plain(value: float) -> str:
    """Return the format of a number with as many decimals as it needs (as the report prints it)."""
    if math.isnan(value) or value == round(value) or abs(value) >= 1000:
        return COUNT
    return "0.0" if abs(value) >= 100 else "0.00" if abs(value) >= 1 else "0.000"
