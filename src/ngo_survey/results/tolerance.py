"""How close is equal: the tolerance of each kind of figure, read from ``tolerances.yaml``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

#: Where a file of the results store lies, as the patterns of the kinds name it.
STORE = "data/processed/results/"


@dataclass(frozen=True)
class Tolerance:
    """A kind of figures, and how far two of it may differ: relative to the larger, or absolute."""

    kind: str
    relative: float
    absolute: float

    def same(self, a: float, b: float) -> bool:
        """Say whether two figures are equal within the tolerance; what is not shown is itself."""
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return abs(a - b) <= max(self.relative * max(abs(a), abs(b)), self.absolute)


@cache
def of_file(path: str) -> Tolerance:
    """Return the tolerance of an output, by its path in the folder of the study."""
    for kind, declared in _declared()["kinds"].items():
        if any(fnmatchcase(path, pattern) for pattern in declared["files"]):
            return Tolerance(kind, float(declared["relative"]), float(declared["absolute"]))
    raise AssertionError("the last kind fits every path")


def of_figure(key: str, file: str) -> Tolerance:
    """Return the tolerance of a figure, by its file in the results store or else by its key."""
    if file:
        return of_file(STORE + file)
    return of_file(f"{STORE}effects/-" if key.startswith("model/") else "-")


@cache
def errors() -> Tolerance:
    """Return the tolerance of standard errors."""
    declared = _declared()["errors"]
    return Tolerance("errors", float(declared["relative"]), float(declared["absolute"]))


def kinds() -> Mapping[str, Mapping[str, Any]]:
    """Return every kind as it is declared."""
    return _declared()["kinds"]


@cache
def _declared() -> Mapping[str, Any]:
    import yaml

    text = (files("ngo_survey.workflow") / "tolerances.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)
