"""What each run of a stage was made from, recorded beside the results by the verb itself.

``verify --update`` compares the record with what stands, so that the lock never holds results
beside a raw file, a setting or code that did not make them. The record holds hashes alone: no
date, no path of the machine.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ngo_survey.results.files import write_text
from ngo_survey.study import Study
from ngo_survey.workflow.config_parts import compact_json, parts
from ngo_survey.workflow.files import hash_of
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import STAGES

#: Folder of the records, within that of the products.
FOLDER = "provenance"
#: What a record says, by the words in which a difference is reported.
CONFIG, CODE, RAW, INPUTS, OUTPUTS = "configuration", "code", "raw files", "inputs", "outputs"

#: Hashes by name, by what they are of.
Record = dict[str, dict[str, str]]


def record(study: Study, stage: str, of: str = "") -> None:
    """Write what a run of a stage was made from, as it stands."""
    text = json.dumps(made_from(study, stage, of), indent=1, ensure_ascii=False)
    write_text(f"{text}\n", record_file(study, stage, of))


def made_from(study: Study, stage: str, of: str = "") -> Record:
    """Return the hashes of all that a run of a stage is made from, and of what it wrote."""
    make = Products(study)
    group = make.group(stage, of)
    return {
        CONFIG: {key: _digest(tree) for key, tree in parts(study, stage, group)},
        CODE: {stage: make.code_of(stage, of)},
        RAW: {name: hash_of(study.path(name)) for name in make.read_by(stage, of)},
        INPUTS: _hashes(study, make.inputs(stage, of)),
        OUTPUTS: _hashes(study, make.outputs(stage, of)),
    }


def record_file(study: Study, stage: str, of: str = "") -> Path:
    """Return where a run of a stage leaves its record."""
    name = f"{stage}_{of}" if of else stage
    return study.paths.processed / FOLDER / f"{name}.json"


def stale(study: Study) -> dict[str, str]:
    """Return each run of a stage that was not made from what stands, with what differs in words."""
    make = Products(study)
    runs = ((stage, of) for stage in STAGES for of in make.runs(stage) if make.outputs(stage, of))
    found = {f"{stage} {of}".strip(): _differences(study, stage, of) for stage, of in runs}
    return {run: said for run, said in found.items() if said}


def _differences(study: Study, stage: str, of: str) -> str:
    try:
        recorded: Any = json.loads(record_file(study, stage, of).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "it left no record"
    now = made_from(study, stage, of)
    parts = []
    for kind, hashes in now.items():
        before = recorded.get(kind, {})
        names = [n for n in {**before, **hashes} if before.get(n) != hashes.get(n)]
        if names:
            parts.append(f"{kind} ({', '.join(names[:3])}{', ...' if names[3:] else ''})")
    return ", ".join(parts)


def _hashes(study: Study, paths: list[Path]) -> dict[str, str]:
    return {path.as_posix(): hash_of(study.root / path) for path in paths}


def _digest(tree: Any) -> str:
    return hashlib.sha256(compact_json(tree).encode()).hexdigest()[:12]
