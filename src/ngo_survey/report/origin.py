"""Which verb and which raw files made a row of the results store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The verb that writes a family; ``estimates`` come from two.
VERBS = {
    "estimates": "tabulate",
    "tests": "tabulate",
    "ranks": "compare",
    "sides": "compare",
    "coefficients": "model",
    "effects": "model",
    "predictions": "model",
    "diagnostics": "model",
    "series": "trend",
    "official": "trend",
    "flow": "clean",
    "changes": "clean",
    "margins": "weight",
    "rates": "weight",
}

#: The verbs that run before a verb, first to last, the verb itself last.
CHAIN = {
    "read": ("read",),
    "clean": ("read", "clean"),
    "weight": ("read", "clean", "weight"),
    "estimate": ("read", "clean", "weight", "estimate"),
    "tabulate": ("read", "clean", "weight", "tabulate"),
    "compare": ("read", "clean", "weight", "tabulate", "compare"),
    "model": ("read", "clean", "weight", "model"),
    "trend": ("trend",),
}


def verb(row: Mapping[str, Any]) -> str:
    """Return the verb that wrote a row, by its family and file."""
    family, file = str(row["family"]), str(row["file"])
    if family == "estimates" and file.startswith("estimates/indicators_"):
        return "estimate"
    if family == "rates" and file.startswith("rates/reliability_"):
        return "estimate"
    if family == "rates" and file.startswith("rates/disclosure_"):
        return "tabulate"
    if file == "tests/rank_correlations.csv":
        return "compare"
    return VERBS[family]
