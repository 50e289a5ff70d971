"""The text of ``results.lock``: one line a fact, tab-separated, made to be read in a diff.

Three parts. ``[made from]``: the stages with those before each, then every cause (kind, name, hash,
value or version, stages). ``[outputs]``: path, SHA-256, stage and, of a CSV, the fingerprint.
``[values]``: under the name of its file each key with its figure and standard error; keys that
differ after the ``@`` alone stand indented under what they share, which halves the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from ngo_survey.errors import ResultError
from ngo_survey.results.fingerprint import Fingerprint
from ngo_survey.results.store import FLOAT_FORMAT
from ngo_survey.workflow.causes import Cause, Record
from ngo_survey.workflow.lock import ERROR_DIGITS, VALUE_DIGITS, Lock, Output, Value

HEAD = "# What the results must be. Written by `ngo-survey verify --update`; not by hand.\n"
MADE, OUTPUTS, VALUES = "[made from]", "[outputs]", "[values]"
STAGE = "stage"


def write(lock: Lock) -> str:
    """Return the text of a lock."""
    lines = [MADE]
    for stage, takes in lock.made.stages.items():
        lines.append("\t".join((STAGE, stage, ", ".join(takes))))
    for cause in lock.made.causes:
        lines.append("\t".join((cause.kind, cause.name, cause.print, ", ".join(cause.stages))))
    lines += ["", OUTPUTS]
    for path, output in sorted(lock.outputs.items()):
        cells = [path, output.sha256, output.stage]
        if output.print is not None:
            cells += [output.print.words, _sum(output.print.amount), _sum(output.print.scale)]
        lines.append("\t".join(cells))
    lines += ["", VALUES]
    by_file = sorted(lock.values.items(), key=lambda item: (item[1].file, item[0]))
    for file, figures in groupby(by_file, key=lambda item: item[1].file):
        lines += [file] if file else []
        lines += _figures(figures)
    return HEAD + "\n".join(lines) + "\n"


def _figures(figures: Iterable[tuple[str, Value]]) -> Iterator[str]:
    for front, group in groupby(figures, key=lambda item: item[0].rpartition("@")[0]):
        members = list(group)
        indented = bool(front) and len(members) > 1
        if indented:
            yield f"{front}@"
        for key, value in members:
            cells = ["", key.rpartition("@")[2]] if indented else [key]
            cells.append(f"{value.value:.{VALUE_DIGITS}g}")
            if not math.isnan(value.se):
                cells.append(f"{value.se:.{ERROR_DIGITS}g}")
            yield "\t".join(cells)


def read(path: Path) -> Lock:
    """Read a lock; raises :class:`ResultError` when there is none or a line is not of a lock."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ResultError(
            "there is no record of the results",
            file=path.name,
            hint="make one with `ngo-survey verify --update` and commit it",
        ) from None
    return parse(text, path.name)


def parse(text: str, name: str) -> Lock:
    """Return the lock that a text holds; ``name`` is that of its file, for errors."""
    reader = _LockReader()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            reader.line(line)
        except (ValueError, IndexError):
            raise ResultError(
                "this is no line of a lock",
                file=name,
                row=number,
                value=line[:60],
                hint="take the file from version control, or write it anew with verify --update",
            ) from None
    return reader.lock()


class _LockReader:
    """Reads a lock line by line; of older ones too, which hold neither stages nor files."""

    def __init__(self) -> None:
        self.part = self.file = self.front = ""
        self.outputs: dict[str, Output] = {}
        self.values: dict[str, Value] = {}
        self.causes: list[Cause] = []
        self.stages: dict[str, tuple[str, ...]] = {}

    def lock(self) -> Lock:
        return Lock(self.outputs, self.values, Record(tuple(self.causes), self.stages))

    def line(self, line: str) -> None:
        if line in {MADE, OUTPUTS, VALUES}:
            self.part = line
        elif self.part == MADE:
            self._made(*line.split("\t"))
        elif self.part == OUTPUTS:
            self._output(*line.split("\t"))
        elif self.part == VALUES:
            self._value(line)
        else:
            raise ValueError

    def _made(self, kind: str, name: str, *rest: str) -> None:
        if kind == STAGE:
            self.stages[name] = tuple(filter(None, rest[0].split(", ")))
        else:
            self.causes.append(Cause(kind, name, rest[0], tuple(rest[1].split(", "))))

    def _output(self, path: str, digest: str, *rest: str) -> None:
        stage = rest[0] if len(rest) in {1, 4} else ""
        numbers = rest[-3:] if len(rest) >= 3 else ()
        printed = Fingerprint(numbers[0], float(numbers[1]), float(numbers[2])) if numbers else None
        self.outputs[path] = Output(digest, printed, stage)

    def _value(self, line: str) -> None:
        name, *cells = line.split("\t")
        if not cells:
            if not name.endswith((".csv", "@")):
                raise ValueError
            self.file, self.front = (self.file, name) if name.endswith("@") else (name, "")
            return
        if not name:
            name, cells = f"{self.front}{cells[0]}", cells[1:]
        se = float(cells[1]) if cells[1:] else math.nan
        self.values[name] = Value(float(cells[0]), se, self.file)


def _sum(number: float) -> str:
    return FLOAT_FORMAT % number
