"""The response flow as it is released: rows set aside are rounded, what is left is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def adds_up(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether what is left and what was set aside make what was received, in every group."""
    left: dict[str, float] = {}
    for row in rows:
        group, count = str(row["population"]), float(row["count"])
        sign = 1 if row["stage"] == "received" else -1
        left[group] = left.get(group, 0.0) + sign * count
    return not any(left.values())
