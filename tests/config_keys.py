"""Every key of `config.yaml` with what it takes, its default and its meaning, from the schema.

`python tests/config_keys.py` prints the tables of `docs/config-keys.md`; a test holds them equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml_text
from ngo_survey.study.config import BLOCKS
from ngo_survey.study.published_schema import IN_A_FILE, published_schema

NAME, ENTRY = "<name>", "[]"
GROUP = ("populations", NAME)
#: Where a schema asks more of a key than another place has said: no keys of their own.
CONDITIONS = ("then", "else")


@dataclass(frozen=True)
class Key:
    """A key of the configuration: where it stands, its schema, and whether it must be given."""

    path: tuple[str, ...]
    schema: Mapping[str, Any]
    needed: bool

    @property
    def description(self) -> str:
        """What the key is, or what its definition is; empty where neither says so."""
        return next((str(s["description"]) for s in led(self.schema) if "description" in s), "")


@cache
def whole() -> dict[str, Any]:
    """Return the published schema."""
    return published_schema()


def led(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and the definitions that it leads to."""
    yield schema
    if "$ref" in schema:
        found = whole()
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[part]
        yield from led(found)


def choices(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the schemas one of which holds, without references; the name of a file is left out."""
    *_, plain = led(schema)
    if plain == IN_A_FILE:
        return []
    parts = plain.get("anyOf", [])
    if not parts and "properties" not in plain:
        parts = [plain[name] for name in CONDITIONS if name in plain]
    return [each for part in parts for each in choices(part)] if parts else [plain]


def keys(schema: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[Key]:
    """Yield every key below a schema, each before those below it."""
    for one in choices(schema):
        for name, below in one.get("properties", {}).items():
            yield Key((*path, name), below, name in one.get("required", ()))
            yield from keys(below, (*path, name))
        for part, name in (("additionalProperties", NAME), ("items", ENTRY)):
            if isinstance(one.get(part), Mapping):
                yield from keys(one[part], (*path, name))


def kind(schema: Mapping[str, Any]) -> str:
    """Return in words what a key takes."""
    return " or ".join(dict.fromkeys(_kind(one) for one in choices(schema)))


def _kind(schema: Mapping[str, Any]) -> str:
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if "title" in schema and not any(keys(schema)):
        return str(schema["title"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_of_type(each, schema) for each in kinds)


def _of_type(named: str, schema: Mapping[str, Any]) -> str:
    if named == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        size = f" of {most}" if least == most else f", {most} at most" if most else ""
        return f"list{size}: {_one(kind(schema['items']))}"
    if named == "object":
        each = schema.get("additionalProperties")
        return f"by name: {_one(kind(each))}" if isinstance(each, Mapping) else "keys"
    words = {"string": "text", "integer": "whole number", "boolean": "`true`, `false`"}
    return " ".join([words.get(named, "`null`" if named == "null" else named), *_bounds(schema)])


def _one(said: str) -> str:
    return f"({said})" if " or " in said else said


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    words = {
        "minimum": "from {}",
        "exclusiveMinimum": "above {}",
        "maximum": "up to {}",
        "exclusiveMaximum": "below {}",
    }
    yield from (text.format(schema[key]) for key, text in words.items() if key in schema)


@cache
def defaults() -> dict[str, Any]:
    """Return what holds for a study that says nothing, laid out as a configuration."""
    shipped = yaml_text.load((files("ngo_survey.study") / "defaults.yaml").read_text("utf-8"))
    group = {**shipped["weighted_to_register"], **shipped["each_group"]}
    group["weighting"] = {"": group["weighting"], **shipped["weighted_to_register"]["weighting"]}
    disclosure = {"disclosure": shipped["presets"]["public"]}
    return {
        **shipped["study"],
        **shipped["if_given"],
        **disclosure,
        "populations": {NAME: group},
    }


def default(path: Sequence[str]) -> str:
    """Return the default of a key as it would be written; empty where there is none."""
    found: Any = defaults()
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping) and found:
        found = found.get("")
    if found is None:
        return ""
    written = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return f"`{written.replace('{group}', NAME).replace(chr(34), '')}`"


def _section(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the section, or the block of a group, that a key stands in."""
    size = len(GROUP)
    if path[:size] == GROUP and path[size:] and path[size] in BLOCKS and path[size + 1 :]:
        return path[: size + 1]
    return path[:1]


def _written(path: Sequence[str]) -> str:
    return ".".join(path).replace(f".{ENTRY}", ENTRY)


def tables() -> str:
    """Return a table of each section, in Markdown."""
    rows: dict[tuple[str, ...], list[str]] = {}
    every = list(keys(whole()))
    for key in every:
        place = _section(key.path)
        if key.path == place:
            continue
        cells = (
            f"`{_written(key.path[len(place) :])}`",
            kind(key.schema),
            "needed" if key.needed else default(key.path),
            key.description,
        )
        row = "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        if row not in rows.setdefault(place, []):
            rows[place].append(row)
    said = {key.path: key.description for key in every}
    lines: list[str] = []
    for place, each in rows.items():
        told = f"{said[place][0].upper()}{said[place][1:]}: [more](config.md#{place[-1]})."
        lines += ["", f"## `{_written(place)}`", "", told, ""]
        lines += ["| key | takes | default | |", "|---|---|---|---|", *each]
    return "\n".join([*lines[1:], ""])


if __name__ == "__main__":
    print(tables(), end="")
