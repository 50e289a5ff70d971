"""Rows of the results store as they lie in its files: lines of CSV into typed cells.

No library of frames is loaded here: documents are made of rows alone, and start at once.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from itertools import repeat
from typing import Any

#: Columns that hold numbers; every other column is text.
NUMBERS = frozenset(
    {
        *("n", "base", "weighted_base", "estimate", "se", "ci_low", "ci_high", "df", "deff"),
        *("n_effective", "difference", "first", "second", "common", "before", "after"),
        *("rank", "rank_low", "rank_high", "rank_first", "rank_second"),
        *("df1", "df2", "p", "p_adjusted", "effect", "effect_low", "effect_high"),
        *("value", "low80", "high80", "low95", "high95", "count", "cells"),
        *("points", "steps", "origins", "mase", "mase_naive", "smape", "smape_naive"),
        *("coverage80", "coverage95"),
        *("register", "sample", "base_weighted", "weighted"),
        *("direct", "direct_low", "direct_high", "synthetic", "shrinkage", "adjustment"),
        *("number", "increase", "fmi", "predicted", "observed"),
        *("complete", "complete_se", "complete_low", "complete_high", "complete_p"),
    }
)


def is_number(family: str, column: str) -> bool:
    """Say whether a column of a family holds numbers (``statistic`` is a name in estimates)."""
    if family == "registration":
        return column == "count"
    return column in NUMBERS or (column == "statistic" and family in {"tests", "coefficients"})


def read_rows(family: str, file: str, text: str) -> list[dict[str, Any]]:
    """Return the rows of a file as ``store.read`` does, each with ``file`` and ``family``."""
    head, *body = _cells(text)
    columns = (
        [
            [float(cell) if cell else math.nan for cell in cells]
            if is_number(family, name)
            else cells
            for name, cells in zip(head, zip(*body, strict=True), strict=True)
        ]
        if body
        else []
    )
    if not columns:
        return []
    names = (*head, "file", "family")
    # Columns are of one length: that was made sure of above, once and not row by row.
    rows = zip(*columns, repeat(file), repeat(family), strict=False)
    return [dict(zip(names, row, strict=False)) for row in rows]


def _cells(text: str) -> list[list[str]]:
    """Return the cells of a CSV line by line."""
    if '"' in text:
        return list(csv.reader(io.StringIO(text)))
    return [line.split(",") for line in text.removesuffix("\n").split("\n")]


def first_cells(text: str) -> list[str]:
    """Return the first cell of each line of a CSV."""
    if '"' in text:
        return [cells[0] for cells in csv.reader(io.StringIO(text))]
    return [line.partition(",")[0] for line in text.removesuffix("\n").split("\n")]


def by_cell(text: str, place: int) -> Iterator[tuple[str, str]]:
    """Yield each line of a CSV below its heading, and the cell that stands at a place in it."""
    if '"' in text:
        rows = list(csv.reader(io.StringIO(text)))[1:]
        yield from ((cells[place], repr(cells)) for cells in rows)
    else:
        lines = text.removesuffix("\n").split("\n")[1:]
        yield from ((line.split(",", place + 1)[place], line) for line in lines)


def count_rows(body: str) -> int:
    """Count the rows of a CSV without its heading; a quoted cell may hold line ends."""
    if '"' not in body:
        return body.count("\n")
    return sum(1 for _ in csv.reader(io.StringIO(body)))
