"""Read ``config.yaml`` and hold it against the JSON Schema before anything runs.

The program's defaults lie under the study's file, and what the command line sets lies over it. A
section may be written in a file of its own (``tables: config/tables.yaml``): its content takes
the place of the name before the schema is applied, so that nobody downstream knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ngo_survey.errors import ConfigError, nearest
from ngo_survey.study.layers import named_preset, overlay, with_defaults, with_preset
from ngo_survey.study.written import Written, locate

SCHEMA_ROOT = "study.json"
#: Blocks of a group of respondents that may be written in files of their own.
BLOCKS = frozenset({"label", "sources", "cleaning", "weighting", "derive", "banners"})
OWN_FILE = re.compile(r".+\.ya?ml")


@dataclass(frozen=True)
class Configuration:
    """The whole configuration as a plain tree, and the files that it is written in."""

    tree: dict[str, Any]
    written: tuple[Written, ...]


def load_config(path: Path, settings: Mapping[str, Any] | None = None) -> Configuration:
    """Return the configuration, with every file of its own in its place.

    ``settings`` are what the command line sets.

    Raises
    ------
    ConfigError: a file is missing, is not YAML, repeats a key, or does not fit the schema; the
        message holds the line and the path of the key, what was found and the nearest right names.
    """
    text = _text(path, "run in the folder of a study or name the file with --config")
    written = [Written("", path, text)]
    tree = _parse(text, path)
    if isinstance(tree, dict):
        for place, key, name, where in list(_own_files(tree)):
            part = _own_file(path, written[0], where, name)
            place[key] = _parse(part.text, part.file)
            written.append(part)
        # What still names a file stands in one that was named.
        for _, _, name, where in _own_files(tree):
            raise _mistake(
                written,
                where,
                "a file of its own names another file",
                name,
                "write it there, or name both in the main file",
            )
    if isinstance(tree, dict):
        tree = with_defaults(tree)
    validate(tree, written)
    if settings:
        tree = named_preset(overlay(tree, settings))
        try:
            validate(tree, ())
        except ConfigError as error:
            raise ConfigError(
                error.problem,
                file="--config or --set",
                column=error.column,
                value=error.value,
                hint=error.hint,
            ) from None
    tree["disclosure"] = _disclosure(tree["disclosure"], written)
    return Configuration(tree, tuple(written))


def _disclosure(section: dict[str, Any], written: Sequence[Written]) -> dict[str, Any]:
    """Return the section over its preset; raises ConfigError where ``off`` does not stand alone."""
    beside = sorted(set(section) - {"off", "rounding"})
    if "off" in section and beside:
        raise _mistake(
            written,
            f"disclosure.{beside[0]}",
            "disclosure control that is off has no such setting",
            section[beside[0]],
            "leave it out, or take off away",
        )
    return with_preset(section)


def _own_files(tree: dict[str, Any]) -> Iterator[tuple[Any, str, str, str]]:
    """Find what is written elsewhere: the block, the key in it, the file, the path of the key.

    These are the sections, the groups of respondents and the blocks of a group.
    """
    for key, value in tree.items():
        if _names_file(value):
            yield tree, key, value, key
    groups = tree.get("populations")
    for name, group in groups.items() if isinstance(groups, dict) else ():
        if _names_file(group):
            yield groups, name, group, f"populations.{name}"
        for key in sorted(BLOCKS & set(group)) if isinstance(group, dict) else ():
            if _names_file(group[key]):
                yield group, key, group[key], f"populations.{name}.{key}"


def _names_file(value: Any) -> bool:
    return isinstance(value, str) and OWN_FILE.fullmatch(value) is not None


def _own_file(main: Path, whole: Written, where: str, name: str) -> Written:
    """Read the file that a section is written in; it may not leave the folder of the study."""
    file = main.parent / name
    root = main.resolve().parent
    leaves = Path(name).is_absolute() or ".." in Path(name).parts
    if leaves or not file.resolve().is_relative_to(root):
        raise _mistake(
            [whole], where, "this file lies outside the folder of the study", name, "move it there"
        )
    if not file.is_file():
        raise _mistake(
            [whole], where, "there is no such file", name, "write it or correct its name"
        )
    return Written(where, file, _text(file, ""))


def _text(path: Path, hint: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("the configuration is missing", file=path, hint=hint) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"the configuration is not UTF-8 (byte {error.start})",
            file=path,
            hint="save it as UTF-8",
        ) from None


def _mistake(
    written: Iterable[Written], where: str, problem: str, value: object, hint: str, at: str = ""
) -> ConfigError:
    """Return an error with the file and the line of ``at``, or else of the key itself."""
    file, row = locate(written, at or where) or (None, None)
    return ConfigError(problem, file=file, row=row, column=where, value=value, hint=hint)


def _parse(text: str, path: Path) -> Any:
    import yaml

    class UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """YAML lets a later key silently replace an earlier one; a study must not."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[Any] = set()
            for key_node, _ in node.value:
                if key_node.tag == "tag:yaml.org,2002:bool":
                    # A key is a name: `off`, which YAML takes for false, as it is written.
                    key_node.tag = "tag:yaml.org,2002:str"
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, str):
                    # YAML reads 5_9 as 59.
                    raise ConfigError(
                        f"this key is not read as text but as {key!r}",
                        file=path,
                        row=key_node.start_mark.line + 1,
                        value=key_node.value,
                        hint="put it in quotes",
                    )
                if key in seen:
                    raise ConfigError(
                        "this key is written twice",
                        file=path,
                        row=key_node.start_mark.line + 1,
                        value=key,
                        hint="keep one of the two",
                    )
                seen.add(key)
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Loader=UniqueKeys)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigError(
            f"this is not YAML: {getattr(error, 'problem', None) or 'cannot be read'}",
            file=path,
            row=None if mark is None else mark.line + 1,
            hint="check indentation, colons and quotes there",
        ) from None


def validate(tree: Any, written: Sequence[Written]) -> None:
    """Hold a configuration against the schema; raises :class:`ConfigError` for the first fault."""
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    folder = files("ngo_survey.study") / "schema"
    schemas = {
        entry.name: json.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    }
    # A schema that names its dialect is held against by the validator of the library.
    plain = {name: {k: v for k, v in s.items() if k != "$schema"} for name, s in schemas.items()}
    registry: Any = Registry().with_resources(
        (name, DRAFT202012.create_resource(schema)) for name, schema in sorted(plain.items())
    )
    extended: Any = validators
    strict = extended.extend(Draft202012Validator, {"pattern": _pattern})
    validator = strict(plain[SCHEMA_ROOT], registry=registry)
    errors = sorted(_leaves(validator.iter_errors(tree)), key=lambda e: list(map(str, e.path)))
    if errors:
        raise _explain(errors[0], written)


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


def _explain(error: Any, written: Sequence[Written]) -> ConfigError:
    path = ".".join(str(part) for part in error.absolute_path)
    where = path or "(top level)"
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        extra = sorted(str(k) for k in error.instance if k not in known)[0]
        at = f"{path}.{extra}".lstrip(".")
        hint = nearest(extra, known)
        return _mistake(written, where, f"unknown key {extra!r}", None, hint, at=at)
    if error.validator == "required":
        missing = [k for k in error.validator_value if k not in error.instance]
        return _mistake(written, where, f"the key {missing[0]!r} is missing", None, "add it")
    if error.validator == "enum":
        hint = nearest(error.instance, error.validator_value)
        return _mistake(written, where, "this value is not allowed", error.instance, hint)
    if error.validator == "contains" and "enum" in error.validator_value:
        hint = f"name one of {', '.join(map(str, error.validator_value['enum']))} at least"
        return _mistake(written, where, "the list lacks a value", error.instance, hint)
    found = error.instance if isinstance(error.instance, str | int | float | bool) else None
    return _mistake(written, where, error.message, found, "see docs/config.md")
