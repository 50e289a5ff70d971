"""Read ``config.yaml`` and hold it against the JSON Schema before anything runs.

The program's defaults lie under the study's file, and what the command line sets lies over it. A
section may be written in a file of its own (``tables: config/tables.yaml``): its content takes
the place of the name before the schema is applied, so that nobody downstream knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ngo_survey.errors import ConfigError, Faults, SurveyError, refuse
from ngo_survey.study.layers import named_preset, overlay, with_defaults, with_preset
from ngo_survey.study.schema_check import mistake, schema_faults
from ngo_survey.study.sound_part import sound_part
from ngo_survey.study.written import Written

#: Blocks of a group of respondents that may be written in files of their own.
BLOCKS = frozenset({"label", "sources", "cleaning", "weighting", "derive", "banners"})
OWN_FILE = re.compile(r".+\.ya?ml")


@dataclass(frozen=True)
class Configuration:
    """The whole configuration as a plain tree, and the files that it is written in.

    Attributes
    ----------
    faults: what is wrong in it, where it was read all the same.
    keys, names: what was left out for that, and what this had declared.
    """

    tree: dict[str, Any]
    written: tuple[Written, ...]
    faults: tuple[SurveyError, ...] = ()
    keys: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


def load_config(
    path: Path, settings: Mapping[str, Any] | None = None, sound: bool = False
) -> Configuration:
    """Return the configuration, with every file of its own in its place.

    ``settings`` are what the command line sets. With ``sound`` the part without faults is returned,
    and the faults beside it, unless nothing is left.

    Raises
    ------
    ConfigError: a file is missing, is not YAML, repeats a key, or does not fit the schema; the
        message holds the line and the path of the key, what was found and the nearest right names.
        Several are a :class:`~ngo_survey.errors.SeveralFaultsError`.
    """
    text = _text(path, "run in the folder of a study or name the file with --config")
    tree = _parse(text, path)
    found = Faults()
    lacking: list[str] = []
    written = [Written("", path, text)]
    if isinstance(tree, dict):
        written += _put_in_place(tree, written[0], found, lacking)
        whole: Any = with_defaults(tree)
    else:
        whole = tree
    for fault in schema_faults(whole, written):
        found.add(fault)
    if isinstance(whole, dict):
        with found.check():
            _refuse_beside_off(whole.get("disclosure"), written)
    part = sound_part(tree) if found.errors and sound and isinstance(tree, dict) else None
    if part is None:
        found.refuse()
    else:
        whole = part.tree
    if settings:
        whole = named_preset(overlay(whole, settings))
        refuse([_set(fault) for fault in schema_faults(whole, ())])
        _refuse_beside_off(whole["disclosure"], written)
    whole["disclosure"] = with_preset(whole["disclosure"])
    keys = (*lacking, *part.keys) if part else ()
    names = part.names if part else frozenset()
    return Configuration(whole, tuple(written), tuple(found.errors), keys, names)


def _set(fault: ConfigError) -> ConfigError:
    """Return a fault of what the command line sets."""
    return ConfigError(
        fault.problem,
        file="--config or --set",
        column=fault.column,
        value=fault.value,
        hint=fault.hint,
    )


def _put_in_place(
    tree: dict[str, Any], main: Written, found: Faults, lacking: list[str]
) -> list[Written]:
    """Put what is written in files of its own into its place; returns these files.

    A block whose file is at fault is taken out, and its key added to ``lacking``.
    """
    written: list[Written] = []
    for place, key, name, where in list(_own_files(tree)):
        before = len(found.errors)
        with found.check():
            part = _own_file(main.file, main, where, name)
            place[key] = _parse(part.text, part.file)
            written.append(part)
        if len(found.errors) > before:
            del place[key]
            lacking.append(where)
    # What still names a file stands in one that was named.
    for place, key, name, where in list(_own_files(tree)):
        found.add(
            mistake(
                [main, *written],
                where,
                "a file of its own names another file",
                name,
                "write it there, or name both in the main file",
            )
        )
        del place[key]
        lacking.append(where)
    return written


def _refuse_beside_off(section: Any, written: Sequence[Written]) -> None:
    """Raise ConfigError where ``disclosure: {off: ...}`` does not stand alone."""
    beside = sorted(set(section) - {"off", "rounding"}) if isinstance(section, dict) else []
    if beside and "off" in section:
        raise mistake(
            written,
            f"disclosure.{beside[0]}",
            "disclosure control that is off has no such setting",
            section[beside[0]],
            "leave it out, or take off away",
        )


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
        raise mistake(
            [whole], where, "this file lies outside the folder of the study", name, "move it there"
        )
    if not file.is_file():
        raise mistake([whole], where, "there is no such file", name, "write it or correct its name")
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
