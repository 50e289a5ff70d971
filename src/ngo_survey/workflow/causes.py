"""What results are made from: a hash of everything that may move a figure, by stage.

The lock records it beside the figures, so that a difference between two locks can be told from its
cause: a raw file, a cleaning rule, the weighting, the spec of a table, a model, the code, a
dependency.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.origin import FILES, VERBS
from ngo_survey.workflow.code import code_hash
from ngo_survey.workflow.installed import installed
from ngo_survey.workflow.obeyed import MAKERS, OBEYED, canonical, parts, takes
from ngo_survey.workflow.products import Products
from ngo_survey.study import Study

RAW, CLEANING, WEIGHTS, TABLE, MODEL = (
    "raw data",
    "cleaning rule",
    "weights",
    "table spec",
    "model",
)
CODE, DEPENDENCY, OTHER = "code", "dependency", "study"
#: Kinds of causes, in the order they are told.
KINDS = (RAW, CLEANING, WEIGHTS, TABLE, MODEL, CODE, DEPENDENCY, OTHER)

#: The kind of a part of the configuration, by the name of its section or block.
_KIND = {
    "sources": RAW,
    "cleaning": CLEANING,
    "derive": CLEANING,
    "weighting": WEIGHTS,
    "banners": TABLE,
    "tables": TABLE,
    "indicators": TABLE,
    "disclosure": TABLE,
    "compare": TABLE,
    "waves": TABLE,
    "models": MODEL,
    "official": RAW,
    "trends": MODEL,
}
#: Most letters of a part of the configuration that is recorded as it is, not as its hash.
READABLE = 40
#: Verbs that are called for each group of respondents.
EACH = ("read", "clean", "weight", "estimate", "tabulate", "precision")


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
    """Return the stage of each product, by its path in the folder of the study."""
    declared = _declared(study)
    return {path: declared.get(path) or _told_by_name(study, path) for path in paths}


def _told_by_name(study: Study, path: str) -> str:
    """Return the stage of a page, or of a result that the study does not declare any more."""
    folder, _, rest = path.partition("/")
    if path.startswith("data/processed/waves/"):
        return "wave"
    if folder == "data":
        family, _, name = path.removeprefix("data/processed/results/").rpartition("/")
        return _verb(family, name)
    if folder == "figures":
        return f"draw {rest.partition('/')[0]}"
    if rest.startswith("data/"):
        return "package"
    verb = "workbook" if rest.startswith("tables.") else "report"
    languages = (*study.languages, *study.table_languages)
    language = next((part for part in rest.split(".") if part in languages), "")
    return f"{verb} {language}".strip()


def _declared(study: Study) -> dict[str, str]:
    """Return the stage of every declared product."""
    make = Products(study)
    to = make.paths
    made: dict[str, str] = {}
    for population in make.populations:
        for verb, paths in (
            ("read", (to.responses(population), to.columns(population))),
            ("clean", (to.clean(population), to.changes(population))),
            ("clean", (to.quarantine(population), to.review(population))),
            ("weight", (to.weights(population), to.calibration(population))),
        ):
            made |= {path.as_posix(): f"{verb} {population}" for path in paths}
        made[to.imputed(population).as_posix()] = "impute"
    groups = {
        **{table: name for name, tables in make.tables.items() for table in tables},
        **{name: name for name in make.populations},
        **{file.stem: name for name in make.populations for file in make.pairs(name)},
    }
    for path in make.results():
        verb = _verb(path.parent.name, path.name)
        population = groups.get(path.stem) or groups.get(path.stem.rpartition("_")[2], "")
        made[path.as_posix()] = f"{verb} {population}" if verb in EACH else verb
    return made


def _verb(family: str, file: str) -> str:
    own = [verb for start, verb in FILES.items() if f"{family}/{file}".startswith(start)]
    return own[0] if own else VERBS.get(family, "tabulate")


def _stages(study: Study) -> dict[str, tuple[str, ...]]:
    """Return every stage with those whose products it takes."""
    make = Products(study)
    groups = {
        "compare": make.comparison.populations,
        "change": make.changed_groups,
        "impute": make.imputed,
        **dict.fromkeys(("model", "validate", "specify"), make.modelled),
    }
    stages: dict[str, tuple[str, ...]] = {}
    for verb in OBEYED:
        for population in make.populations if verb in EACH else ("",):
            of = [population] if population else groups.get(verb, ())
            stages[f"{verb} {population}".strip()] = tuple(
                name
                for step in takes(verb)
                for name in ([f"{step} {p}" for p in of] if step in EACH else [step])
            )
    results = tuple(stages)
    for verb, languages in (
        ("draw", make.languages),
        ("workbook", make.table_languages),
        ("package", [""]),
        ("report", make.languages),
    ):
        stages |= {f"{verb} {code}".strip(): results for code in languages}
    return stages


def _of_stage(study: Study, stage: str) -> Iterator[tuple[str, str, str]]:
    verb, _, of = stage.partition(" ")
    population = of if verb in EACH else ""
    for path, kind in _files(study, verb, population):
        yield kind, path, _file_hash(study, path)
    if verb in MAKERS:
        yield CODE, stage, code_hash(verb, of)
        yield OTHER, "config.yaml", _hash(study.raw)
    else:
        yield CODE, verb, code_hash(verb)
        for key, tree in parts(study, verb, population):
            yield from _each(key, tree)
    for package, version in installed(verb).items():
        yield DEPENDENCY, package, version


def _each(key: str, tree: Any) -> Iterator[tuple[str, str, str]]:
    """Yield a part of the configuration key by key, each with its hash."""
    names = key.split(".")
    section = names[2] if names[0] == "populations" else names[0]
    kind = _KIND.get(section, OTHER)
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


#: Keys whose entries are told one by one.
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
        named.setdefault(about if isinstance(about, str) else canonical(about), []).append(entry)
    return named


def _files(study: Study, verb: str, population: str) -> Iterator[tuple[str, str]]:
    make = Products(study)
    if population:
        raw = study.population(population).raw
        for name, verbs in (
            ("questionnaire", ("read",)),
            ("responses", ("read",)),
            ("sample", ("clean",)),
            ("register", ("weight",)),
        ):
            if verb in verbs:
                yield str(raw[name]), RAW
        if verb == "clean":
            yield from ((path, CLEANING) for path in make.aids_of(population))
    elif verb == "trend":
        yield from ((path, RAW) for path in make.official_files)
    elif verb == "wave":
        yield from ((path, RAW) for wave in make.waves for path in make.wave_files(wave))
    elif verb == "specify":
        yield from ((path, MODEL) for path in make.registration)
    elif verb == "draw":
        yield from ((path, RAW) for path in make.geography)


def _file_hash(study: Study, path: str) -> str:
    """Return the SHA-256 of a file; ``-`` for one that is not here."""
    file = study.path(path)
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "-"


def _hash(tree: Any) -> str:
    """Return what stands at a key, when it is short enough to be read, or its hash."""
    text = canonical(tree)
    return text if len(text) <= READABLE else hashlib.sha256(text.encode()).hexdigest()[:12]
