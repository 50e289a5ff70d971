"""The parts of the configuration that a stage reads, as the table of stages names them.

One reading with three uses: the rules have the parts as parameters, so that a change reruns what
it concerns; ``results.lock`` records a hash of each, so that a moved figure can be traced to its
cause; the record beside the results says what each stage was made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ngo_survey.study.kept_answers import kept_answers
from ngo_survey.workflow.stages import EVERYTHING, STAGES, Stage

if TYPE_CHECKING:
    from ngo_survey.study import Study

#: Not a key but what several say together: which words and contact details are read.
KEPT = "kept"
#: Words for readers: no stage before the results store writes them into a figure.
WORDS = frozenset({"labels", "title"})
#: Sections that hold entries of one group of respondents each, by the key that says of which.
_BY_GROUP = ("all_questions", "omit", "totals")


def of_group(section: str, tree: Any, population: str) -> Any:
    """Return what of a section concerns one group of respondents, and what concerns all."""
    if section == "indicators":
        return [entry for entry in tree or () if entry["population"] == population]
    if section != "tables":
        return tree
    kept = {name: part for name, part in tree.items() if name != "languages"}
    for name in _BY_GROUP:
        if name in kept:
            kept[name] = kept[name].get(population, [])
        if not kept.get(name):
            kept.pop(name, None)
    pairs = kept.pop("pairs", {})
    own = {name: pair for name, pair in pairs.items() if pair["population"] == population}
    kept |= {"pairs": own} if own else {}
    if "more" in kept:
        kept["more"] = of_group("indicators", kept["more"], population)
    return kept


def without_words(tree: Any) -> Any:
    """Return a tree without the labels and titles that only readers see."""
    if isinstance(tree, Mapping):
        return {key: without_words(part) for key, part in tree.items() if key not in WORDS}
    return [without_words(part) for part in tree] if isinstance(tree, list) else tree


def parts(study: Study, stage: str, population: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a stage reads: the path of a key of the configuration and what stands there."""
    line = STAGES[stage]
    for name in line.study:
        yield f"study.{name}", study.raw["study"].get(name)
    block = study.population(population).raw if population else {}
    for name in line.block if population else ():
        part = kept_answers(block) if name == KEPT else block.get(name)
        yield f"populations.{population}.{name}", _cut(part, line)
    for name in sorted(study.raw) if line.sections == EVERYTHING else line.sections:
        section, _, key = name.partition(".")
        tree = study.raw.get(section)
        tree = (tree or {}).get(key) if key else tree
        if population:
            tree = of_group(name, tree or {}, population)
        yield name, _cut(tree, line)


def text(study: Study, stage: str, population: str = "") -> str:
    """Return what a stage reads as one text that changes when any of it does."""
    return compact_json(dict(parts(study, stage, population)))


def compact_json(tree: Any) -> str:
    """Return a tree as text: the same however it is laid out in the file.

    The order of keys counts: categories and figures come out in it.
    """
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def _cut(tree: Any, line: Stage) -> Any:
    return tree if line.words else without_words(tree)
