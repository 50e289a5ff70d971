"""Hold a configuration against the JSON Schema: every fault at once, with its line and a hint."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from ngo_survey.errors import ConfigError, nearest, refuse
from ngo_survey.study.written import Written, locate

SCHEMA_ROOT = "study.json"


def validate(tree: Any, written: Sequence[Written]) -> None:
    """Raise for everything in a configuration that does not fit the schema.

    Raises
    ------
    ConfigError: one fault; several are a :class:`~ngo_survey.errors.SeveralFaultsError`.
    """
    refuse(schema_faults(tree, written))


def schema_faults(tree: Any, written: Sequence[Written]) -> list[ConfigError]:
    """Return every fault against the schema, in the order of their keys."""
    errors = schema_errors(tree)
    # A key that is mistyped is not missing as well.
    meant = {
        (*error.absolute_path, key)
        for error in errors
        if error.validator == "additionalProperties"
        for unknown in unknown_keys(error)
        for key in get_close_matches(unknown, error.schema.get("properties", {}), 1, cutoff=0.5)
    }
    found = [fault for error in errors for fault in _explained(error, written, meant)]
    # Several errors of the library may be one fault, told from two sides.
    return list({str(fault): fault for fault in found}.values())


def schema_errors(tree: Any) -> list[Any]:
    """Return the errors of the library ``jsonschema``, ordered by the path of their keys."""
    found = sorted(_leaves(_validator().iter_errors(tree)), key=lambda e: list(map(str, e.path)))
    missing = [error for error in found if error.validator == "required"]
    plain = {tuple(error.path) for error in missing if not _conditional(error)}
    # What a value asks for cannot be said while the value is missing.
    return [e for e in found if not (e in missing and _conditional(e) and tuple(e.path) in plain)]


def _conditional(error: Any) -> bool:
    return not {"then", "else"}.isdisjoint(error.absolute_schema_path)


def unknown_keys(error: Any) -> list[str]:
    """Return the keys that an error about additional properties is about."""
    known = error.schema.get("properties", {})
    return sorted(str(key) for key in error.instance if key not in known)


def parts() -> dict[str, dict[str, Any]]:
    """Return the schemas that ship, by the name of their file."""
    folder = files("ngo_survey.study") / "schema"
    return {
        entry.name: json.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".json")
    }


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    # A schema that names its dialect is held against by the validator of the library.
    plain = {name: {k: v for k, v in s.items() if k != "$schema"} for name, s in parts().items()}
    registry: Any = Registry().with_resources(
        (name, DRAFT202012.create_resource(schema)) for name, schema in sorted(plain.items())
    )
    extended: Any = validators
    strict = extended.extend(Draft202012Validator, {"pattern": _pattern})
    return strict(plain[SCHEMA_ROOT], registry=registry)


def _pattern(_: Any, pattern: str, found: Any, __: Any) -> Iterator[Any]:
    """Hold a text against a pattern to its end: to Python, ``$`` leaves a line break behind it."""
    from jsonschema.exceptions import ValidationError

    if isinstance(found, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), found):
        yield ValidationError(f"{found!r} does not match {pattern!r}")


def _leaves(errors: Any) -> Iterator[Any]:
    """Unfold ``anyOf``/``oneOf`` to the branch that came nearest to fitting."""
    from jsonschema.exceptions import best_match

    for error in errors:
        yield best_match([error]) or error


def _explained(
    error: Any, written: Sequence[Written], meant: Collection[tuple[Any, ...]]
) -> Iterator[ConfigError]:
    path = ".".join(str(part) for part in error.absolute_path)
    where = path or "(top level)"
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for extra in unknown_keys(error):
            at = f"{path}.{extra}".lstrip(".")
            problem = f"unknown key {extra!r}"
            yield mistake(written, where, problem, None, nearest(extra, known), at=at)
    elif error.validator == "required":
        lacking = [key for key in error.validator_value if key not in error.instance]
        for key in (k for k in lacking if (*error.absolute_path, k) not in meant):
            yield mistake(written, where, f"the key {key!r} is missing", None, "add it")
    elif error.validator == "enum":
        hint = nearest(error.instance, error.validator_value)
        yield mistake(written, where, "this value is not allowed", error.instance, hint)
    elif error.validator == "contains" and "enum" in error.validator_value:
        hint = f"name one of {', '.join(map(str, error.validator_value['enum']))} at least"
        yield mistake(written, where, "the list lacks a value", error.instance, hint)
    else:
        found = error.instance if isinstance(error.instance, str | int | float | bool) else None
        yield mistake(written, where, error.message, found, "see docs/config.md")


def mistake(
    written: Sequence[Written], where: str, problem: str, value: object, hint: str, at: str = ""
) -> ConfigError:
    """Return an error with the file and the line of ``at``, or else of the key itself."""
    file, row = locate(written, at or where) or (None, None)
    return ConfigError(problem, file=file, row=row, column=where, value=value, hint=hint)
