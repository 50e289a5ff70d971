"""Where a key of the configuration is written: which file, which line.

Only an error asks; the text is parsed again then, because the plain tree has no lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Written:
    """One file of the configuration: ``key`` is where its content stands, "" for the whole."""

    key: str
    file: Path
    text: str


def locate(parts: Iterable[Written], where: str) -> tuple[Path, int] | None:
    """Return the file and the line (from 1) of a dotted path, numbers standing for list entries.

    A key that is not there gives the nearest of its parents that is. The file that lies deepest
    counts, so a key of a section with a file of its own is found there. None without any file.
    """
    within = [p for p in parts if not p.key or where == p.key or where.startswith(f"{p.key}.")]
    if not within:
        return None
    deepest = max(within, key=lambda part: len(part.key))
    rest = where[len(deepest.key) :].lstrip(".") if deepest.key else where
    return deepest.file, _line(deepest.text, rest)


def _line(text: str, where: str) -> int:
    import yaml

    node: Any = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    line = 0 if node is None else node.start_mark.line
    while where and node is not None:
        if isinstance(node, yaml.MappingNode):
            # A key may hold dots of its own, as the header of a column: the longest one wins.
            fitting = [
                (str(key.value), key, value)
                for key, value in node.value
                if where == str(key.value) or where.startswith(f"{key.value}.")
            ]
            if not fitting:
                break
            name, key, node = max(fitting, key=lambda entry: len(entry[0]))
            line = key.start_mark.line
        elif isinstance(node, yaml.SequenceNode):
            name = where.partition(".")[0]
            if not name.isdigit() or int(name) >= len(node.value):
                break
            node = node.value[int(name)]
            line = node.start_mark.line
        else:
            break
        where = where[len(name) :].lstrip(".")
    return line + 1
