"""What each verb obeys: the parts of the configuration it reads, and the stages before it.

One declaration with three readers: the Snakefile makes it the parameters of its rules, so that a
change reruns what it concerns; ``results.lock`` records a hash of each part, so that a moved figure
can be told from its cause; ``explain`` names the parts. A *stage* is a verb for one group of
respondents or one language (``clean visitors``, ``draw en``), or a verb alone (``model``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.present.document.origin import CHAIN

if TYPE_CHECKING:
    from ngo_survey.study import Study

#: Words for readers: no stage before the results store writes them into a figure.
WORDS = frozenset({"labels", "title"})
#: Verbs that make pages and pictures from the results.
MAKERS = ("draw", "workbook", "package", "report")


@dataclass(frozen=True)
class Obeyed:
    """Parts of the configuration that one verb reads.

    Attributes
    ----------
    block: keys of the block of a group of respondents.
    sections: sections, those that concern one group cut down to it.
    study: keys of the section ``study``.
    words: whether labels and titles count: they do where readers see them, and where what was
        registered is held against what is.
    """

    block: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    study: tuple[str, ...] = ()
    words: bool = False


OBEYED = {
    "read": Obeyed(block=("sources",)),
    "clean": Obeyed(block=("cleaning", "derive"), study=("fieldwork", "seed")),
    "weight": Obeyed(block=("weighting", "derive"), sections=("disclosure",)),
    "estimate": Obeyed(block=("derive",), sections=("indicators", "disclosure")),
    "tabulate": Obeyed(
        block=("banners", "derive", "table_prefix", "weighting"),
        sections=("tables", "disclosure", "indicators"),
        study=("seed",),
    ),
    "compare": Obeyed(sections=("compare", "disclosure"), study=("seed",)),
    "wave": Obeyed(sections=("waves", "tables", "disclosure", "indicators"), study=("seed",)),
    "change": Obeyed(sections=("waves", "disclosure")),
    "model": Obeyed(sections=("models", "disclosure")),
    "impute": Obeyed(sections=("models", "disclosure"), study=("seed",)),
    "validate": Obeyed(sections=("models", "disclosure"), study=("seed",)),
    "specify": Obeyed(sections=("models", "disclosure"), study=("seed",), words=True),
    "precision": Obeyed(sections=("models", "disclosure")),
    "trend": Obeyed(sections=("official", "trends", "geography"), words=True),
}

#: Sections that hold entries of one group of respondents each, by the key that says of which.
_LISTS = ("indicators", "more")
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


def parts(study: Study, verb: str, population: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a verb obeys: the path of a key of the configuration and what stands there."""
    obeyed = OBEYED[verb]
    for name in obeyed.study:
        yield f"study.{name}", study.raw["study"].get(name)
    block = study.population(population).raw if population else {}
    for name in obeyed.block if population else ():
        yield f"populations.{population}.{name}", _cut(block.get(name), obeyed)
    for name in obeyed.sections:
        tree = study.section(name)
        if population:
            tree = of_group(name, tree, population)
        yield name, _cut(tree, obeyed)


def text(study: Study, verb: str, population: str = "") -> str:
    """Return what a verb obeys as one text that changes when any of it does."""
    return canonical(dict(parts(study, verb, population)))


def canonical(tree: Any) -> str:
    """Return a tree as text: the same however it is laid out in the file."""
    return json.dumps(tree, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def takes(verb: str) -> tuple[str, ...]:
    """Return the verbs whose products a verb takes itself; a maker takes those of all."""
    if verb in MAKERS:
        return tuple(OBEYED)
    # An earlier wave is taken through its steps by itself.
    earlier = CHAIN.get(verb, (verb,))[:-1]
    # The answers as they came are for cleaning alone.
    return earlier if verb == "clean" else tuple(step for step in earlier if step != "read")


def _cut(tree: Any, obeyed: Obeyed) -> Any:
    return tree if obeyed.words else without_words(tree)
