"""What stands beside a figure: letters of the columns it exceeds, how it differs from the rest.

Read from the family ``comparisons`` of the store: a row a figure under a banner, whose key is
``compare/`` and the key of the figure. Without such rows nothing was compared and nothing is said.
"""

from __future__ import annotations

from typing import Any

from ngo_survey.results.store import Results

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

    def beside(self, key: str, flag: str) -> tuple[str, tuple[str, ...]]:
        """Return the letters of the columns that a figure exceeds, and its signs.

        ``flag``: what the store says of the figure. For the signs see ``layout.SIGNS``.
        """
        row = self.rows.get(f"compare/{key}")
        flags = flag.split()
        signs = tuple(name for name in FLAGS if name in flags)
        if row is None:
            return "", signs
        if float(row["p_adjusted"]) < self.alpha:
            signs = ("higher" if float(row["difference"]) > 0 else "lower", *signs)
        return str(row["above"]), signs
