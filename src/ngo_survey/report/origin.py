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
    "waves": "change",
    "change": "change",
    "coefficients": "model",
    "effects": "model",
    "predictions": "model",
    "contrasts": "model",
    "diagnostics": "model",
    "imputed": "impute",
    "validation": "validate",
    "calibration": "validate",
    "specifications": "specify",
    "registration": "specify",
    "precision": "precision",
    "series": "trend",
    "backtests": "trend",
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
    "change": ("read", "clean", "weight", "tabulate", "wave", "change"),
    "model": ("read", "clean", "weight", "model"),
    "impute": ("read", "clean", "weight", "impute"),
    "validate": ("read", "clean", "weight", "validate"),
    "specify": ("read", "clean", "weight", "impute", "specify"),
    "precision": ("read", "clean", "weight", "precision"),
    "trend": ("trend",),
}


#: Files that another verb writes than the one of their family, by how their names begin.
FILES = {
    "estimates/indicators_": "estimate",
    "estimates/pairs_": "compare",
    "rates/reliability_": "estimate",
    "rates/disclosure_": "tabulate",
    "rates/imputation_": "impute",
    "diagnostics/families_": "validate",
    "diagnostics/specification_": "specify",
    "tests/rank_correlations.": "compare",
}


def verb(row: Mapping[str, Any]) -> str:
    """Return the verb that wrote a row, by its family and file."""
    file = str(row["file"])
    own = [name for start, name in FILES.items() if file.startswith(start)]
    return own[0] if own else VERBS[str(row["family"])]
