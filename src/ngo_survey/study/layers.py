"""Settings in layers: the program's defaults, the study's file, what the command line sets."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from ngo_survey.errors import ConfigError
from ngo_survey.study.declared_weighting import from_register

#: The environment variable by which the Snakefile hands its ``--config`` to the verbs it starts.
SETTINGS = "NGO_SURVEY_SETTINGS"
#: Where the path of the configuration stands in ``snakemake --config study=PATH``.
FILE = "study"


def overlay(base: Any, over: Any) -> Any:
    """Lay a tree over another, key by key; a list takes the place of a list."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {**base, **{key: overlay(base.get(key), value) for key, value in over.items()}}
    return over


def with_defaults(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's configuration with the program's defaults under it."""
    default = _defaults()
    base = default["study"] | {k: v for k, v in default["if_given"].items() if k in tree}
    made = named_preset(overlay(base, tree))
    groups = tree.get("populations")
    if isinstance(groups, Mapping):
        made["populations"] = {
            name: overlay(_named(_group_base(default, group), str(name)), group)
            for name, group in groups.items()
        }
    # The order of the study's own file: sections that it leaves out come last.
    return {key: made[key] for key in [*tree, *(k for k in made if k not in tree)]}


def _group_base(default: Mapping[str, Any], group: Any) -> dict[str, Any]:
    """Return the defaults of a group: with sample and register where it is weighted from them."""
    weighting = group.get("weighting", "none") if isinstance(group, Mapping) else "none"
    more = default["weighted_to_register"] if from_register(weighting) else {}
    return {**default["each_group"], **more}


def named_preset(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration whose ``disclosure: small study`` is written out as a section."""
    named = tree.get("disclosure")
    return tree | {"disclosure": {"preset": named}} if isinstance(named, str) else tree


def with_preset(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section ``disclosure`` over the preset that it names; ``public`` unless it does.

    One with ``off`` stands over the preset of that name.
    """
    name = "off" if "off" in section else section.get("preset", "public")
    return {**_defaults()["presets"][name], **section}


def _defaults() -> dict[str, Any]:
    import yaml

    text = (files("ngo_survey.study") / "defaults.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return read


def _named(tree: Any, group: str) -> Any:
    """Return the defaults of a group with its name in the places for it."""
    if isinstance(tree, Mapping):
        return {key: _named(part, group) for key, part in tree.items()}
    return tree.format(group=group) if isinstance(tree, str) else tree


def of_command_line(entries: Iterable[str]) -> dict[str, Any]:
    """Return the settings of ``--set disclosure.threshold=10``, over those of the environment.

    Raises
    ------
    ConfigError: an entry is not KEY=VALUE, or its value is not YAML.
    """
    import yaml

    made = json.loads(os.environ.get(SETTINGS, "{}"))
    for entry in entries:
        key, sign, text = entry.partition("=")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            sign = ""
        if not (key and sign):
            raise ConfigError(
                "this is no setting", value=entry, hint="write --set disclosure.threshold=10"
            )
        for part in reversed(key.split(".")):
            value = {part: value}
        made = overlay(made, value)
    return dict(made)


def of_snakemake(config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the file of the study and the settings over it from ``snakemake --config``.

    ``study=PATH`` names the file; a mapping under ``study`` is the section of this name. The
    settings are left in the environment for the verbs.
    """
    named = config.get(FILE, "config.yaml")
    own = {
        key: _read(value)
        for key, value in config.items()
        if key != FILE or isinstance(value, Mapping)
    }
    if own:
        os.environ[SETTINGS] = json.dumps(own, sort_keys=True)
    return ("config.yaml" if isinstance(named, Mapping) else str(named)), own


def _read(tree: Any) -> Any:
    """Return a tree with its texts read as YAML: snakemake leaves numbers within braces as text."""
    import yaml

    if isinstance(tree, Mapping):
        return {key: _read(part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [_read(part) for part in tree]
    return yaml.safe_load(tree) if isinstance(tree, str) else tree
