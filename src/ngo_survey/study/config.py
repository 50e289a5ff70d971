"""Read ``config.yaml`` and hold it against the JSON Schema before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from ngo_survey.errors import ConfigError, nearest

SCHEMA_ROOT = "study.json"


def load_config(path: Path) -> dict[str, Any]:
    """Return the configuration as a plain tree.

    Raises
    ------
    ConfigError: the file is missing, is not YAML, repeats a key, or does not fit the schema; the
        message holds the path of the key, what was found and the nearest right names.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            "the configuration is missing",
            file=path,
            mend="run in the folder of a study or name the file with --config",
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"the configuration is not UTF-8 (byte {error.start})",
            file=path,
            mend="save it as UTF-8",
        ) from None
    tree = _parse(text, path)
    _validate(tree, path)
    return tree


def _parse(text: str, path: Path) -> Any:
    import yaml

    class UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """YAML lets a later key silently replace an earlier one; a study must not."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[Any] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, str):
                    # YAML reads 5_9 as 59 and `no` as false.
                    raise ConfigError(
                        f"this key is not read as text but as {key!r}",
                        file=path,
                        row=key_node.start_mark.line + 1,
                        value=key_node.value,
                        mend="put it in quotes",
                    )
                if key in seen:
                    raise ConfigError(
                        "this key is written twice",
                        file=path,
                        row=key_node.start_mark.line + 1,
                        value=key,
                        mend="keep one of the two",
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
            mend="check indentation, colons and quotes there",
        ) from None


def _validate(tree: Any, path: Path) -> None:
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    folder = files("ngo_survey.study") / "schema"
    schemas = {
        entry.name: json.loads(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    }
    registry: Any = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in sorted(schemas.items())
    )
    validator = Draft202012Validator(schemas[SCHEMA_ROOT], registry=registry)
    errors = sorted(_leaves(validator.iter_errors(tree)), key=lambda e: list(map(str, e.path)))
    if errors:
        raise _explain(errors[0], path)


def _leaves(errors: Any) -> Iterator[Any]:
    """Unfold ``anyOf``/``oneOf`` to the branch that came nearest to fitting."""
    from jsonschema.exceptions import best_match

    for error in errors:
        yield best_match([error]) or error


def _explain(error: Any, path: Path) -> ConfigError:
    where = ".".join(str(part) for part in error.absolute_path) or "(top level)"
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        extra = sorted(str(k) for k in error.instance if k not in known)[0]
        return ConfigError(
            f"unknown key {extra!r}", file=path, column=where, mend=nearest(extra, known)
        )
    if error.validator == "required":
        missing = [k for k in error.validator_value if k not in error.instance]
        return ConfigError(
            f"the key {missing[0]!r} is missing", file=path, column=where, mend="add it"
        )
    if error.validator == "enum":
        return ConfigError(
            "this value is not allowed",
            file=path,
            column=where,
            value=error.instance,
            mend=nearest(error.instance, error.validator_value),
        )
    found = error.instance if isinstance(error.instance, str | int | float | bool) else None
    return ConfigError(
        error.message, file=path, column=where, value=found, mend="see docs/config.md"
    )
