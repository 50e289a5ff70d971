"""Which verb and which raw files made a row of the results store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The verb that writes a family; ``estimates`` come from two.
VERBS = {
    "estimates": "tabulate",
    "tests": "tabulate",
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
    "model": ("read", "clean", "weight", "model"),
    "impute": ("read", "clean", "weight", "impute"),
    "validate": ("read", "clean", "weight", "validate"),
    "specify": ("read", "clean", "weight", "impute", "specify"),
    "precision": ("read", "clean", "weight", "precision"),
    "trend": ("trend",),
}


def verb(row: Mapping[str, Any]) -> str:
    """Return the verb that wrote a row, by its family and file."""
    family, file = str(row["family"]), str(row["file"])
    if family == "estimates" and file.startswith("estimates/indicators_"):
        return "estimate"
    if file.startswith("diagnostics/families_"):
        return "validate"
    if file.startswith("diagnostics/specification_"):
        return "specify"
    if file.startswith("rates/imputation_"):
        return "impute"
    if family == "rates" and file.startswith("rates/disclosure_"):
        return "tabulate"
    return VERBS[family]
