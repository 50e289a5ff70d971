"""``results.lock``: what the results of a study must be, sorted and readable.

It holds every output with its hash, every result key with its value, and what they were made from.
:mod:`ngo_survey.workflow.lock_text` writes it as text and reads it back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from ngo_survey.results.fingerprint import Fingerprint, fingerprint
from ngo_survey.results.store import FAMILIES, HEADLINE, Results
from ngo_survey.study import Study
from ngo_survey.workflow.causes import Record, record, stages_of
from ngo_survey.workflow.files import sha256
from ngo_survey.workflow.provenance import FOLDER

#: Folders of products, relative to the study.
PRODUCTS = ("data/processed", "figures", "reports")
#: Significant digits of a figure and of its standard error. Eight show any difference above the
#: smallest tolerance; four measure a move. The hash of the file sees all ten that it is printed in.
VALUE_DIGITS, ERROR_DIGITS = 8, 4


@dataclass(frozen=True)
class Output:
    """One product: its hash, the stage that made it and, for a CSV, its fingerprint."""

    sha256: str
    print: Fingerprint | None
    stage: str = ""


@dataclass(frozen=True)
class Value:
    """One figure, its standard error (NaN where it has none, or may not be shown), its file."""

    value: float
    se: float
    file: str = ""


@dataclass(frozen=True)
class Lock:
    """Outputs by path, figures by key, and what they were made from."""

    outputs: dict[str, Output]
    values: dict[str, Value]
    made: Record = field(default_factory=lambda: Record((), {}))

    @property
    def whole(self) -> bool:
        """Whether every figure is here: older locks hold headlines alone, and name no files."""
        return any(value.file for value in self.values.values())

    def stage(self, key: str) -> str:
        """Return the stage that made a figure ("" when that is not recorded)."""
        output = self.outputs.get(f"data/processed/released/{self.values[key].file}")
        return output.stage if output else ""


def take(study: Study) -> Lock:
    """Return the lock of what stands in the folder of a study."""
    found = {path.relative_to(study.root).as_posix(): path for path in products(study)}
    stages = stages_of(study, found)
    outputs = {
        name: Output(
            sha256(path), fingerprint(path) if path.suffix == ".csv" else None, stages[name]
        )
        for name, path in found.items()
    }
    return Lock(outputs, values(Results.load(study.paths.released)), record(study))


def products(study: Study) -> list[Path]:
    """Return every product that stands, sorted; not what ``verify`` itself writes.

    Of collected data those that are made for release alone.
    """
    found = [
        path
        for folder in PRODUCTS
        for path in (study.root / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".") and path != study.paths.verification
        if study.paths.processed / FOLDER != path.parent
    ]
    if not study.simulated:
        # The hash of a file of answers lets anybody check a guess of them.
        inside, out = study.paths.processed, study.paths.released
        found = [p for p in found if not p.is_relative_to(inside) or p.is_relative_to(out)]
    return sorted(found, key=lambda path: path.relative_to(study.root).as_posix())


def values(results: Results) -> dict[str, Value]:
    """Return the headline figure of every row of the results store, by key."""
    found: dict[str, Value] = {}
    for family in FAMILIES:
        frame = results.family(family)
        column = HEADLINE.get(family, "estimate")
        # A rank has no standard error: the column is that of the estimate it ranks.
        errors = frame["se"] if "se" in frame and column != "rank" else [math.nan] * len(frame)
        for key, value, se, file in zip(
            frame["key"], frame[column], errors, frame["file"], strict=True
        ):
            found[str(key)] = Value(
                rounded(value, VALUE_DIGITS), rounded(se, ERROR_DIGITS), str(file)
            )
    return found


def rounded(number: float, digits: int) -> float:
    """Return a number as the lock holds it, so that what stands is compared as what is written."""
    return float(f"{number:.{digits}g}")
