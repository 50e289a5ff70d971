"""The names that chapters use, held against those of the study before anything is computed.

What a build would refuse after its statistics have run is refused at once. Held are names that are
written out, and those that a template makes of written ones: by a loop over a list, ``{% set %}``,
``~`` or a condition (:mod:`.chapter_texts`). Names made of results, and what stands under
``{% if known(...) %}``, are left to the build. Functions, filters and tests are held everywhere:
no study has others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import Faults, SurveyError, nearest
from ngo_survey.present.document.build import chapter_names
from ngo_survey.present.document.chapter_texts import OPEN, ChapterCall, UndeclaredNames, calls
from ngo_survey.present.document.chapters import (
    ChapterSource,
    chapter_files,
    documents_with_chapters,
)
from ngo_survey.results.store import FAMILIES
from ngo_survey.study import Study
from ngo_survey.study.codebooks import sound_codebook
from ngo_survey.study.name_check import NameCheck

#: What the first argument of a function names.
FIRST = {
    **dict.fromkeys(("table", "top", "bottom", "listed", "rows"), "table or indicator"),
    "figure": "figure",
    **dict.fromkeys(("terms", "clear", "effects", "predictions", "contrasts", "shifts"), "model"),
    **dict.fromkeys(("imputed_effects", "moves", "family_tests", "approaches"), "model"),
    **dict.fromkeys(("gaps", "sides", "agreement"), "item of compare.sides"),
    **dict.fromkeys(("ranked", "foremost", "hindmost"), "order of compare.ranks or compare.sides"),
    **dict.fromkeys(("questions", "label", "choice", "questionnaire"), "group of respondents"),
    "config": "key of the configuration",
}
#: Functions whose first arguments are keys of results.
OF_KEYS = frozenset({"n", "compare", "certainty", "shown", "effect", "tested", "fact", "differs"})
#: What the second part of a key names, by the first.
SECOND = {
    "model": "model",
    "sides": "item of compare.sides",
    "rank": "order of compare.ranks or compare.sides",
    "official": "official data set",
    "series": "series",
    **dict.fromkeys(("rates", "flow", "changes", "margins"), "group of respondents"),
    "wave": "wave",
}
#: First parts of keys that name no analysis: families of results, in the singular as well.
OTHER_KEYS = frozenset(FAMILIES) | {name.removesuffix("s") for name in FAMILIES} | {"compare"}


def check_chapters(study: Study) -> None:
    """Raise for every name in a chapter of any language that the study does not have.

    Raises
    ------
    SurveyError: a table, indicator, figure or model that there is none of, a function, filter or
        test that there is none of, or a template that cannot be read, with the chapter, its line
        and the nearest names. Several are a :class:`~ngo_survey.errors.SeveralFaultsError`.
    """
    faults = Faults()
    find_chapter_names(study, faults)
    faults.refuse()


def find_chapter_names(study: Study, faults: Faults) -> None:
    """Keep every name in a chapter that the study does not have."""
    books: dict[str, Questionnaire] = {}
    for name in study.populations:
        with faults.check(name):
            books[name] = sound_codebook(study, name, faults)
    if len(books) < len(study.populations):
        faults.leave("chapters")
        return
    names = _names(study, books, faults)
    functions = chapter_names(study)
    for language in study.languages:
        for document in documents_with_chapters(study):
            with faults.check():
                for source in chapter_files(study, language, document):
                    _check(source, names, functions, faults)


def _names(
    study: Study, books: Mapping[str, Questionnaire], faults: Faults
) -> Mapping[str, frozenset[str]]:
    """Return what chapters may name, by what it is called."""
    single = {
        name
        for entry in study.section("indicators") or ()
        for name in (entry["id"], f"{entry['id']}_by_{entry.get('by', '')}")
    }
    compared = study.section("compare") or {}
    items = [_question(entry) for entry in compared.get("sides", {}).get("items", ())]
    ordered = [
        name
        for entry in compared.get("ranks", ())
        for prefix in ("", study.population(entry["population"]).table_prefix)
        for name in (entry["question"], f"{prefix}{entry['question']}")
    ]
    known = {
        "table or indicator": {*NameCheck(study, books, faults).analyses(), *single},
        "figure": study.section("figures"),
        "model": study.section("models").get("declared", {}),
        "item of compare.sides": items,
        "order of compare.ranks or compare.sides": [*items, *ordered],
        "group of respondents": study.populations,
        "key of the configuration": _paths(study.raw),
        "official data set": study.section("official"),
        "series": study.section("trends").get("series", {}),
        "wave": study.waves,
        "family of results": FAMILIES,
    }
    return {what: frozenset(names) for what, names in known.items()}


def _question(entry: str | Mapping[str, Any]) -> str:
    return entry if isinstance(entry, str) else str(entry["question"])


def _paths(tree: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the dotted key of everything that the configuration holds."""
    for key, value in tree.items():
        yield f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _paths(value, f"{above}{key}.")


def _check(
    source: ChapterSource,
    names: Mapping[str, frozenset[str]],
    functions: frozenset[str],
    faults: Faults,
) -> None:
    file = f"{source.file.parent.name}/{source.file.name}"
    environment = Environment()
    try:
        template = environment.parse(source.text)
        # An unknown filter is no name for Jinja's compiler: it stops at one.
        _hold_filters(template, environment, file)
        undeclared = UndeclaredNames(environment, source.text).found
    except TemplateSyntaxError as error:
        faults.add(
            SurveyError(
                f"the chapter's template is at fault: {error.message}",
                file=file,
                row=error.lineno,
                hint="{{ }} and {% %} must be closed, and each if and for be ended "
                "(docs/chapters.md)",
            )
        )
        return
    except SurveyError as error:
        faults.add(error)
        return
    for name, line in undeclared:
        if name not in functions:
            faults.add(_unknown("function or variable", name, functions, file, line))
    for call in calls(template):
        for what, name in _used(call):
            if OPEN not in name:
                with faults.check():
                    _known(name, names[what], what, file, call.line)


def _hold_filters(template: nodes.Template, environment: Environment, file: str) -> None:
    """Raise for the first filter or test in a template that Jinja does not have."""
    kinds = {nodes.Filter: ("filter", environment.filters), nodes.Test: ("test", environment.tests)}
    for node in template.find_all((nodes.Filter, nodes.Test)):
        what, known = kinds[type(node)]
        if node.name not in known:
            raise _unknown(what, node.name, known, file, node.lineno)


def _unknown(what: str, name: str, known: Iterable[str], file: str, line: int) -> SurveyError:
    return SurveyError(
        f"chapters have no such {what}",
        file=file,
        row=line,
        value=name,
        hint=f"{nearest(name, known)} docs/chapters.md lists what a chapter can call",
    )


def _used(call: ChapterCall) -> Iterator[tuple[str, str]]:
    """Yield what a call names, and its name."""
    if call.function in FIRST:
        for name in call.argument(0):
            yield FIRST[call.function], name
    if call.function == "table":
        for name, banner in product(call.argument(0), call.named("banners", 1)):
            yield "table or indicator", f"{name}_by_{banner}"
    if call.function in ("findings", "claim"):
        for name in call.named("figure"):
            yield "figure", name
    if call.function in ("entries", "count"):
        for family in call.argument(0):
            yield "family of results", family
        if call.argument(0) == ("official",):
            for name in call.named("dataset"):
                yield "official data set", name
    if call.function in OF_KEYS:
        for key in (*call.argument(0), *call.argument(1)):
            yield from _of_key(key)


def _of_key(key: str) -> Iterator[tuple[str, str]]:
    """Yield what a key of results names, and its name; words and forms of numbers are no keys."""
    family, slash, rest = key.partition("/")
    second = rest.partition("/")[0]
    if slash and family in SECOND:
        yield SECOND[family], second
    elif slash and family == "test":
        # A test of the two sides is named after their comparison.
        if not second.startswith("sides_"):
            yield "table or indicator", second
    elif slash and family not in OTHER_KEYS:
        yield "table or indicator", family


def _known(name: str, known: Iterable[str], what: str, file: str, line: int) -> None:
    if name not in known:
        raise SurveyError(
            f"the report has no such {what}",
            file=file,
            row=line,
            value=name,
            hint=f"{nearest(name, known)} Declare it in config.yaml, take it out, "
            "or ask first: {% if known('key') %}",
        )
