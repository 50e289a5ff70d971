"""Declared before the data, and shown when it was not: the hash of a section of the configuration.

The section is registered with its date in a small file that is committed. The hash is SHA-256 of
its canonical JSON (sorted keys, no spaces, UTF-8; after RFC 8785), so that comments, order and
layout do not count and every value does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ngo_survey.errors import InputError


@dataclass(frozen=True)
class ModelChange:
    """One key that is not as registered: ``added``, ``removed`` or ``changed``."""

    key: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True)
class Registration:
    """A section as registered, and what became of it.

    Attributes
    ----------
    date: when it was registered, as written in the file; "" when nothing is registered.
    registered, current: hashes.
    """

    date: str
    registered: str
    current: str
    changes: tuple[ModelChange, ...]

    @property
    def status(self) -> str:
        """``unregistered``, ``kept`` or ``changed``."""
        if not self.registered:
            return "unregistered"
        return "kept" if self.registered == self.current else "changed"


def canonical_json(section: Any) -> str:
    """Return the canonical JSON of a section: whole numbers written alike as 1 and 1.0."""
    return json.dumps(
        _plain(section), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def section_hash(section: Any) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(canonical_json(section).encode("utf-8")).hexdigest()


def compare(current: Any, record: Mapping[str, Any] | None, file: str = "") -> Registration:
    """Hold a section against its record ``{date, hash, section}``.

    Raises
    ------
    InputError: the record lacks a key, or its section does not have its hash: it was edited.
    """
    now = section_hash(current)
    if record is None:
        return Registration("", "", now, ())
    for key in ("date", "hash", "section"):
        if key not in record:
            raise InputError("the registration lacks a key", file=file or None, value=key)
    if section_hash(record["section"]) != record["hash"]:
        raise InputError(
            "the registered section does not have the hash beside it",
            file=file or None,
            value=record["hash"],
            hint="restore the file from the history; a registration is never edited",
        )
    changes = tuple(_changes("", record["section"], current))
    return Registration(str(record["date"]), str(record["hash"]), now, changes)


def record_of(section: Any, date: str) -> dict[str, Any]:
    """Return what is written to register a section."""
    return {"date": date, "hash": section_hash(section), "section": _plain(section)}


def _changes(path: str, before: Any, after: Any) -> Iterator[ModelChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}, key=str):
            here = f"{path}.{key}" if path else str(key)
            if key not in after:
                yield ModelChange(here, "removed", canonical_json(before[key]), "")
            elif key not in before:
                yield ModelChange(here, "added", "", canonical_json(after[key]))
            else:
                yield from _changes(here, before[key], after[key])
    elif canonical_json(before) != canonical_json(after):
        yield ModelChange(path, "changed", canonical_json(before), canonical_json(after))


def _plain(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {str(key): _plain(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_plain(value) for value in tree]
    if isinstance(tree, float) and tree.is_integer():
        return int(tree)
    return tree
