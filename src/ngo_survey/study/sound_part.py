"""What of a configuration with faults can be looked at all the same.

`check` says everything that is wrong at once. So keys that do not fit the schema are left out, till
the rest fits, and the names of what is left out are remembered: that nobody knows them then is no
fault of those who use them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ngo_survey.study.layers import with_defaults
from ngo_survey.study.schema_check import schema_errors, unknown_keys


@dataclass(frozen=True)
class SoundPart:
    """A configuration that fits the schema.

    Attributes
    ----------
    tree: over the program's defaults.
    keys: dotted keys that were left out.
    names: what these had declared.
    """

    tree: dict[str, Any]
    keys: tuple[str, ...]
    names: frozenset[str]


def sound_part(tree: Mapping[str, Any]) -> SoundPart | None:
    """Leave out what does not fit the schema; None where nothing would be left to look at."""
    rest = deepcopy(dict(tree))
    keys: list[str] = []
    names: set[str] = set()
    while True:
        whole = with_defaults(_stood_in(rest))
        errors = schema_errors(whole)
        if not errors:
            return SoundPart(whole, tuple(keys), frozenset(names))
        left = [path for error in errors for path in _paths(error) if _reduced(rest, path)]
        if not left:
            return None
        for path in left:
            place = _reduced(rest, path)
            if place:
                removed = _parent(rest, place).pop(place[-1])
                keys.append(".".join(map(str, place)))
                names |= {str(place[-1]), *_declared(removed)}


def _paths(error: Any) -> Iterator[list[Any]]:
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from ([*path, key] for key in unknown_keys(error))
    elif "propertyNames" in error.absolute_schema_path:
        yield [*path, error.instance]
    else:
        yield path


def _reduced(tree: Any, path: list[Any]) -> list[Any]:
    """Return the deepest key on the way to a place that can be left out; none at the top.

    A list is left out whole: without one entry the numbers of the others would name other lines.
    """
    place: list[Any] = []
    here = tree
    for part in path:
        there = isinstance(here, Mapping) and part in here
        if not there and not (isinstance(here, list) and isinstance(part, int)):
            break
        place.append(part)
        here = here[part]
    while place and isinstance(place[-1], int):
        place.pop()
    return place


def _parent(tree: Any, place: list[Any]) -> Any:
    for part in place[:-1]:
        tree = tree[part]
    return tree


def _declared(tree: Any) -> Iterator[str]:
    """Yield the names that may have been declared there: keys, ids, what stands in a list."""
    if isinstance(tree, Mapping):
        yield from map(str, tree)
        for key, part in tree.items():
            if key in ("id", "rows") and isinstance(part, str):
                yield part
            elif not isinstance(part, str):
                yield from _declared(part)
    elif isinstance(tree, list):
        yield from (part for part in tree if isinstance(part, str))
        for part in (part for part in tree if isinstance(part, Mapping)):
            yield from _declared(part)


def _stood_in(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with something in the place of each compulsory key that is left out.

    Only what no other check reads for its meaning: titles, labels, the seed, the mark of the data.
    """
    study, groups = tree.get("study", {}), tree.get("populations")
    if not isinstance(study, Mapping):
        return dict(tree)
    codes = study.get("languages", ["en"])
    words = dict.fromkeys((str(c) for c in codes) if isinstance(codes, list) else ["en"], "-")
    given = {"id": "study", "title": words, "data": "collected", "seed": 0, "languages": ["en"]}
    made = {**tree, "study": {**given, **study}}
    if isinstance(groups, Mapping):
        made["populations"] = {
            name: {"label": words, **group} if isinstance(group, Mapping) else group
            for name, group in groups.items()
        }
    return made
