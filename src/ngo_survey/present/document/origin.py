"""Which verb, code and raw files made a row of the results store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    "estimates/pairs_": "tabulate",
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


@dataclass(frozen=True)
class File:
    """A file the study reads: its path within the study and its SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Origin:
    """What made some rows of the store; the same for every row of one verb and group.

    Attributes
    ----------
    verb, after: the verb of ``ngo-survey``, and those that run before it.
    code: the Python files that the verb uses.
    code_hash: twelve digits that change when any of these files changes.
    tree: git's name of the source tree. A commit's hash would make the page differ between two
        commits of the same code, and a page cannot hold the hash of the commit that holds it;
        ``git log -t --find-object=TREE`` names the commits.
    inputs: the raw files behind the rows.
    """

    verb: str
    after: tuple[str, ...]
    code: tuple[str, ...]
    code_hash: str
    tree: str
    inputs: tuple[File, ...]
