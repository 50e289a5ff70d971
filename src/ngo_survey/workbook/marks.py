"""What stands beside a figure: letters of the columns it exceeds, how it differs from the rest.

Read from the family ``comparisons`` of the store: a row a figure under a banner, whose key is
``compare/`` and the key of the figure. Without such rows nothing was compared and nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ngo_survey.store import Results

#: Flags of the store that are said of a figure.
FLAGS = ("small-base", "imprecise")


class Comparisons:
    """The comparisons of one table."""

    def __init__(self, results: Results, table_id: str, alpha: float) -> None:
        self.alpha = alpha
        self.rows: dict[str, dict[str, Any]] = {
            str(row["key"]): row for row in results.rows("comparisons", table_id)
        }
        self.letters = {
            (str(r["by"]), str(r["by_level"])): str(r["letter"]) for r in self.rows.values()
        }

    def letter(self, by: str, level: str) -> str:
        """Return what a column is called, "" where nothing was compared."""
        return self.letters.get((by, level), "")

    def above(self, key: str) -> str:
        """Return the letters of the columns that a figure is significantly higher than."""
        row = self.rows.get(f"compare/{key}")
        return str(row["above"]) if row else ""

    def signs(self, key: str, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the signs of a figure (see ``layout.SIGNS``)."""
        said = []
        row = self.rows.get(f"compare/{key}")
        if row and float(row["p_adjusted"]) < self.alpha:
            said.append("higher" if float(row["difference"]) > 0 else "lower")
        flags = str(record.get("flag", "")).split()
        return (*said, *(flag for flag in FLAGS if flag in flags))
