"""The JSON Schema of `config.yaml` in one document, as editors read it.

The program lays its defaults under a configuration before it holds it against the schema
(:mod:`.schema_check`); an editor sees the file as it is written. So here a key that has a default
may be left out, and a section may be the name of a file of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ngo_survey.study.config import BLOCKS, OWN_FILE
from ngo_survey.study.schema_check import SCHEMA_ROOT, parts

#: What a study carries beside its configuration, and the line that points editors to it.
FILE = "config.schema.json"
MODELINE = f"# yaml-language-server: $schema={FILE}\n"
#: What may stand in the place of a section.
IN_A_FILE = {
    "type": "string",
    "pattern": f"^{OWN_FILE.pattern}$",
    "description": "name of a file, .yaml or .yml, that holds what would stand here",
}
#: Keys of a group of respondents that the program's defaults say.
DEFAULTS = frozenset({"questionnaire", "responses", "weighting"})


def published_schema() -> dict[str, Any]:
    """Return the schema with all its parts under ``$defs``, without references to other files."""
    whole = parts()
    root = whole.pop(SCHEMA_ROOT)
    group = root["properties"]["populations"]["additionalProperties"]
    group["required"] = [key for key in group["required"] if key not in DEFAULTS]
    group["properties"] |= {k: _or_file(v) for k, v in group["properties"].items() if k in BLOCKS}
    root["properties"]["populations"]["additionalProperties"] = _or_file(group)
    for name, section in root["properties"].items():
        root["properties"][name] = _or_file(section)
    presets = whole["disclosure.json"]["properties"]["preset"]
    root["properties"]["disclosure"]["anyOf"].append(presets)
    made = _inlined(root, "")
    made["$defs"] |= {
        name.removesuffix(".json"): _inlined(part, name.removesuffix(".json"))
        for name, part in whole.items()
    }
    return {key: value for key, value in made.items() if key != "$id"}


def schema_text() -> str:
    """Return the published schema as it is written into a file."""
    return json.dumps(published_schema(), ensure_ascii=False, indent=1) + "\n"


def _or_file(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a schema allows, or the name of a file that it is written in."""
    said = {k: v for k, v in schema.items() if k == "description"}
    return {**said, "anyOf": [{k: v for k, v in schema.items() if k not in said}, IN_A_FILE]}


def _inlined(tree: Any, part: str) -> Any:
    """Return a schema with its references led to ``$defs``; ``part`` is where it is put."""
    if isinstance(tree, list):
        return [_inlined(each, part) for each in tree]
    if not isinstance(tree, Mapping):
        return tree
    made = {k: _inlined(v, part) for k, v in tree.items() if not (part and k in ("$schema", "$id"))}
    if isinstance(tree.get("$ref"), str):
        file, _, place = tree["$ref"].partition("#")
        target = file.removesuffix(".json") if file else part
        inside = f"/$defs/{target}" if target not in ("", "study") else ""
        made["$ref"] = f"#{inside}{place}"
    return made
