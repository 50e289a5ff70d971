"""What results are made from: a hash of everything that may move a figure, by stage.

The lock records it beside the figures, so that a difference between two locks can be traced to its
cause: a raw file, a cleaning rule, the weighting, the spec of a table, a model, the code, a
dependency.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.study import Study
from ngo_survey.workflow.config_parts import compact_json, parts
from ngo_survey.workflow.files import hash_of
from ngo_survey.workflow.installed import installed
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.stages import CAUSES, PAGES, STAGES, before, writer

RAW, CLEANING, WEIGHTS, TABLE, MODEL = (
    "raw data",
    "cleaning rule",
    "weights",
    "table spec",
    "model",
)
CODE, DEPENDENCY, OTHER = "code", "dependency", "study"
#: Kinds of causes, in the order they are named.
KINDS = (RAW, CLEANING, WEIGHTS, TABLE, MODEL, CODE, DEPENDENCY, OTHER)

#: Most letters of a part of the configuration that is recorded as it is, not as its hash.
READABLE = 40


@dataclass(frozen=True, order=True)
class Cause:
    """One thing that results are made from.

    Attributes
    ----------
    kind: one of :data:`KINDS`.
    name: path of a file, dotted path of a key, verb, or package.
    print: hash, or the version of a package.
    stages: the stages that use it themselves.
    """

    kind: str
    name: str
    print: str
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """Causes, and the stages whose products each stage takes."""

    causes: tuple[Cause, ...]
    stages: Mapping[str, tuple[str, ...]]


def record(study: Study) -> Record:
    """Return what the results of a study are made from, as it stands."""
    stages = _stages(study)
    found: dict[tuple[str, str, str], list[str]] = {}
    for stage in stages:
        for cause in _of_stage(study, stage):
            found.setdefault(cause, []).append(stage)
    causes = [Cause(*cause, tuple(used)) for cause, used in found.items()]
    return Record(tuple(sorted(causes)), stages)


def stages_of(study: Study, paths: Iterable[str]) -> dict[str, str]:
    """Return the stage of each product, by its path in the folder of the study.

    A result that was rounded for release is its maker's, not that of the rounding.
    """
    make = Products(study)
    declared = {
        path.as_posix(): f"{stage} {of}".strip()
        for stage in STAGES
        for of in make.runs(stage)
        for path in make.outputs(stage, of)
    }
    made = {path: _before_rounding(path) for path in paths}
    return {path: declared.get(whole) or _by_name(whole) for path, whole in made.items()}


def _before_rounding(path: str) -> str:
    """Return the file of the results store that a released file was rounded from."""
    return re.sub(r"^(data/processed/(?:waves/[^/]+/)?)released/", r"\1results/", path)


def _by_name(path: str) -> str:
    """Return the stage of a product that the study does not declare any more."""
    folder, _, rest = path.partition("/")
    if path.startswith("data/processed/waves/"):
        return "wave"
    if folder == "data":
        file = path.removeprefix("data/processed/results/")
        return writer(file) if "/" in file else ""
    return {"figures": "draw", "reports": "package" if "/" in rest else "report"}.get(folder, "")


def _stages(study: Study) -> dict[str, tuple[str, ...]]:
    """Return every stage with those whose products it takes, one entry for each run."""
    make = Products(study)

    def taken(step: str, groups: Sequence[str], of: str, by: str) -> list[str]:
        if STAGES[step].of == "population":
            return [f"{step} {group}" for group in groups]
        runs = [of] if by == STAGES[step].of else make.runs(step)
        return [f"{step} {run}".strip() for run in runs]

    return {
        f"{name} {of}".strip(): tuple(
            run for step in before(name) for run in taken(step, make.groups(name, of), of, line.of)
        )
        for name, line in STAGES.items()
        for of in make.runs(name)
        if make.outputs(name, of)
    }


def _of_stage(study: Study, stage: str) -> Iterator[tuple[str, str, str]]:
    verb, _, of = stage.partition(" ")
    make = Products(study)
    for path, kind in make.raw_kinds(verb, of).items():
        yield CAUSES.get(kind, OTHER), path, hash_of(study.path(path))
    yield CODE, stage if STAGES[verb].of == "language" else verb, make.code_of(verb, of)
    if verb in PAGES:
        yield OTHER, "config.yaml", _hash(study.raw)
    else:
        for key, tree in parts(study, verb, make.group(verb, of)):
            yield from _each(key, tree)
    for package, version in installed(verb).items():
        yield DEPENDENCY, package, version


def _each(key: str, tree: Any) -> Iterator[tuple[str, str, str]]:
    """Yield a part of the configuration key by key, each with its hash."""
    if key == "populations":
        for group, block in tree.items():
            for name, below in block.items():
                yield from _each(f"{key}.{group}.{name}", below)
        return
    names = key.split(".")
    section = names[2] if names[0] == "populations" else names[0]
    kind = CAUSES.get(section, OTHER)
    if isinstance(tree, Mapping):
        for name, below in tree.items():
            entries = _entries(below) if (section, name) in _DEEP else {}
            for entry, value in entries.items():
                yield kind, f"{key}.{name}.{entry}", _hash(value)
            if not entries and below not in (None, [], {}):
                yield kind, f"{key}.{name}", _hash(below)
    elif section == "indicators":
        for name, value in _entries(tree).items():
            yield kind, f"{key}.{name}", _hash(value)
    elif tree is not None:
        yield kind, key, _hash(tree)


#: Keys whose entries are named one by one.
_DEEP = {
    *(("models", "declared"), ("models", "specifications"), ("trends", "series")),
    *(("tables", "more"), ("tables", "pairs"), ("compare", "ranks")),
}


def _entries(tree: Any) -> dict[str, Any]:
    """Return entries by their name; those of a list by their id, or else by what they are about."""
    if isinstance(tree, Mapping):
        return dict(tree)
    named: dict[str, list[Any]] = {}
    for entry in tree or ():
        about = next((entry[k] for k in ("id", "question", "rows", "variable") if k in entry), "")
        named.setdefault(about if isinstance(about, str) else compact_json(about), []).append(entry)
    return named


def _hash(tree: Any) -> str:
    """Return what stands at a key, when it is short enough to be read, or its hash."""
    text = compact_json(tree)
    return text if len(text) <= READABLE else hashlib.sha256(text.encode()).hexdigest()[:12]
