"""``results.lock``: what the results of a study must be, small, sorted and readable.

Two parts, tab-separated. ``[outputs]`` holds each product with its SHA-256 and, for a CSV, its
fingerprint; ``[values]`` the headline figures by key, each with its standard error where it has
one. The lock is committed; a change of results shows in it as a change of lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ngo_survey.errors import ResultError
from ngo_survey.reproduce.files import sha256
from ngo_survey.reproduce.fingerprint import Fingerprint, fingerprint
from ngo_survey.store import FLOAT_FORMAT, HEADLINE, Results
from ngo_survey.study import Study

HEAD = "# What the results must be. Written by `ngo-survey verify --update`; not by hand.\n"
#: Families whose headline figures the lock holds; of estimates the column of the total.
FAMILIES = (
    *("estimates", "ranks", "sides", "coefficients", "effects", "series", "official", "flow"),
    *("rates", "waves", "change"),
)
#: Folders of products, relative to the study.
PRODUCTS = ("data/processed", "figures", "reports")


@dataclass(frozen=True)
class Output:
    """One product: its hash and, for a CSV, its fingerprint."""

    sha256: str
    print: Fingerprint | None


@dataclass(frozen=True)
class Value:
    """One figure and its standard error (NaN where it has none, or may not be shown)."""

    value: float
    se: float


@dataclass(frozen=True)
class Lock:
    """Outputs by path and figures by key."""

    outputs: dict[str, Output]
    values: dict[str, Value]


def take(study: Study) -> Lock:
    """Return the lock of what stands in the folder of a study."""
    outputs = {
        path.relative_to(study.root).as_posix(): Output(
            sha256(path), fingerprint(path) if path.suffix == ".csv" else None
        )
        for path in products(study)
    }
    return Lock(outputs, headline(Results.load(study.paths.results)))


def products(study: Study) -> list[Path]:
    """Return every product that stands, sorted; not what ``verify`` itself writes."""
    found = [
        path
        for folder in PRODUCTS
        for path in (study.root / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".") and path != study.paths.verification
    ]
    return sorted(found, key=lambda path: path.relative_to(study.root).as_posix())


def headline(results: Results) -> dict[str, Value]:
    """Return the figures that the lock holds, by key."""
    return {
        key: value
        for family in FAMILIES
        for key, value in figures(results, family, only_total=True).items()
    }


def figures(results: Results, family: str, only_total: bool = False) -> dict[str, Value]:
    """Return the headline figure of every row of a family, by key."""
    frame = results.family(family)
    if only_total and family == "estimates":
        frame = frame[frame["by_level"] == "total"]
    column = HEADLINE.get(family, "estimate")
    # A rank has no standard error: the column is that of the estimate it ranks.
    errors = frame["se"] if "se" in frame and column != "rank" else [math.nan] * len(frame)
    return {
        str(key): Value(float(value), float(se))
        for key, value, se in zip(frame["key"], frame[column], errors, strict=True)
    }


def write(lock: Lock) -> str:
    """Return the text of a lock."""
    lines = ["[outputs]"]
    for path, output in sorted(lock.outputs.items()):
        cells = [path, output.sha256]
        if output.print is not None:
            cells += [output.print.words, _text(output.print.amount), _text(output.print.scale)]
        lines.append("\t".join(cells))
    lines += ["", "[values]"]
    for key, value in sorted(lock.values.items()):
        cells = [key, _text(value.value)]
        if not math.isnan(value.se):
            cells.append(_text(value.se))
        lines.append("\t".join(cells))
    return HEAD + "\n".join(lines) + "\n"


def read(path: Path) -> Lock:
    """Read a lock; raises :class:`ResultError` when there is none or a line is not of a lock."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ResultError(
            "there is no record of the results",
            file=path.name,
            mend="make one with `ngo-survey verify --update` and commit it",
        ) from None
    outputs: dict[str, Output] = {}
    values: dict[str, Value] = {}
    part = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        if line in {"[outputs]", "[values]"}:
            part = line
            continue
        name, *cells = line.split("\t")
        try:
            if part == "[outputs]":
                outputs[name] = _output(cells)
            elif part == "[values]":
                values[name] = Value(float(cells[0]), float(cells[1]) if cells[1:] else math.nan)
            else:
                raise ValueError
        except (ValueError, IndexError):
            raise ResultError(
                "this is no line of a lock",
                file=path.name,
                row=number,
                value=line[:60],
                mend="take the file from version control, or write it anew with verify --update",
            ) from None
    return Lock(outputs, values)


def _output(cells: list[str]) -> Output:
    if len(cells) == 1:
        return Output(cells[0], None)
    digest, words, amount, scale = cells
    return Output(digest, Fingerprint(words, float(amount), float(scale)))


def _text(number: float) -> str:
    return FLOAT_FORMAT % number
