"""Sizes on the sheet and on paper: widths of columns, heights of wrapped text, page set-up."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from textwrap import wrap
from typing import Any

STUB, NARROWEST, WIDEST, BLANK_WIDTH = 44.0, 9.0, 21.0, 8.43
#: Characters that a line of words beside or under a table takes at most, and at least.
LINE, SHORTEST = 110.0, 60.0
LINE_HEIGHT, TITLE_HEIGHT, FINE_HEIGHT = 13.5, 17.0, 11.5
#: Dots across the page (A4 on its side) at full size, and the smallest size that is still read.
PAGE, SMALLEST = 960.0, 0.7
#: Dots of a digit and of the empty edge of a cell; how wide letters are against digits: bold ones,
#: plain ones, and the small ones beside a figure.
DOT, EDGE, BOLD, PLAIN, FINE = 7.0, 5.0, 1.05, 0.92, 0.8
#: A4 in Excel's list of papers; a column beyond any of a sheet.
A4, NO_COLUMN = 9, 1 << 14


def width_of(labels: Iterable[str]) -> float:
    """Return a width that breaks no word of some labels."""
    longest = max((len(word) for label in labels for word in label.split()), default=0)
    return min(max(NARROWEST, longest * 1.15 + 2), WIDEST)


@cache
def lines(text: str, width: float, letter: float = PLAIN) -> int:
    """Return how many lines a text takes in a cell of some width."""
    return max(1, len(wrap(text, max(4, math.floor(width / letter)))))


def dots(widths: Sequence[float]) -> float:
    """Return the width of some columns on paper."""
    return sum(DOT * width + EDGE for width in widths)


def last_of_line(widths: Sequence[float], breaks: Sequence[int]) -> tuple[int, float]:
    """Return the last column of a line of words that begins in B, and how wide the line is.

    The line ends on the first page (see :func:`fit`).
    """
    page = breaks[0] if breaks else NO_COLUMN
    total, last = 0.0, 0
    while total < LINE and (last + 1 < page or total < SHORTEST):
        last += 1
        total += widths[last] if last < len(widths) else BLANK_WIDTH
    return last, total


def write_line(
    sheet: Any, row: int, text: str, look: Any, widths: Sequence[float], breaks: Sequence[int]
) -> int:
    """Write a line of words from column B on, wrapped; return how many lines it takes.

    Column A is on every page of a wide table: words that began there would be cut on all but one.
    """
    last, total = last_of_line(widths, breaks)
    if last > 1:
        sheet.merge_range(row, 1, row, last, "", look)
    sheet.write_string(row, 1, text, look)
    return lines(text, total)


def set_up(sheet: Any, mark: str, first: int, last: int) -> None:
    """Print on A4 on its side, with the rows ``first`` to ``last`` on every page."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(first, last)
    # In a footer & begins a code; doubled it is itself.
    sheet.set_footer(f"&L{mark.replace('&', '&&')}&C&A&R&P / &N")


def fit(
    sheet: Any, widths: Sequence[float], columns: Sequence[int], banners: Collection[int]
) -> list[int]:
    """Fit a table on the width of a page; a wide one on several.

    A page ends before a banner that would fit on a page of its own, or else before a column of
    figures, never between a figure and what stands beside it; the total is never alone on one.

    Parameters
    ----------
    columns: where columns of figures start. banners: which of these start a banner.

    Returns
    -------
    The first column of each page after the first.
    """
    room = PAGE / SMALLEST
    if dots(widths) <= room:
        sheet.fit_to_pages(1, 0)
        return []
    sheet.set_print_scale(round(SMALLEST * 100))
    sheet.repeat_columns(0)
    stub = dots(widths[:1])
    ends = [*columns[1:], len(widths)]
    breaks, used = [], stub
    for start, end in zip(columns, ends, strict=True):
        wide = dots(widths[start:end])
        whole = wide
        if start in banners:
            after = min((b for b in banners if b > start), default=len(widths))
            whole = dots(widths[start:after])
            if stub + whole > room or start == min(banners):
                whole = wide
        if used + whole > room and used > stub:
            breaks.append(start)
            used = stub
        used += wide
    sheet.set_v_pagebreaks(breaks)
    return breaks
