"""The names that chapters use, held against those of the study before anything is computed.

What a build would refuse after its statistics have run is refused at once. Held are names that are
written out, and those that a template makes of written ones: by a loop over a list, ``{% set %}``,
``~`` or a condition (:mod:`.chapter_texts`). Names made of results, and what stands under
``{% if known(...) %}``, are left to the build. Functions, filters and tests are held everywhere:
no study has others. So are numbers that an author typed.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import Faults, SurveyError, nearest
from ngo_survey.present.document.build import chapter_functions
from ngo_survey.present.document.chapter_known import (
    ARGUMENTS,
    GROUP,
    MODEL,
    ORDER,
    SIDES,
    TABLE,
    Known,
    known_names,
    refuse_unknown,
)
from ngo_survey.present.document.chapter_texts import OPEN, ChapterCall, UndeclaredNames, calls
from ngo_survey.present.document.chapters import (
    ChapterSource,
    chapter_files,
    documents_with_chapters,
)
from ngo_survey.present.document.guard import typed_numbers
from ngo_survey.present.document.language import language
from ngo_survey.present.words.language import Language
from ngo_survey.results.store import FAMILIES
from ngo_survey.study import Study
from ngo_survey.study.codebooks import sound_codebook

#: Functions whose first arguments are keys of results.
OF_KEYS = frozenset({"n", "compare", "certainty", "shown", "effect", "tested", "fact", "differs"})
#: Functions that go through all models.
OF_ALL_MODELS = frozenset({"model_checks"})
#: What the second part of a key names, by the first.
SECOND = {
    "model": MODEL,
    "sides": SIDES,
    "rank": ORDER,
    "official": "official data set",
    "series": "series",
    **dict.fromkeys(("rates", "flow", "changes", "margins"), GROUP),
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
    try:
        names = known_names(study, books, faults)
    except SurveyError:  # a formula of a model that cannot be read: told by the check of models
        faults.leave("chapters")
        return
    functions: Mapping[str, Any] = {}
    for code in study.languages:
        say = None
        with faults.check():
            say = language(code, study.words)
            functions = functions or chapter_functions(study, code)
        if say is None or not functions:
            # Its words are at fault, and that is told.
            faults.leave(f"chapters in {code}")
            continue
        for document in documents_with_chapters(study):
            with faults.check():
                for source in chapter_files(study, code, document):
                    _check(source, names, functions, say, faults)


def _check(
    source: ChapterSource,
    names: Known,
    functions: Mapping[str, Any],
    say: Language,
    faults: Faults,
) -> None:
    file = source.shown
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
    for typed in typed_numbers(source, say):
        faults.add(typed)
    for name, line in undeclared:
        if name not in functions:
            faults.add(_unknown("function or variable", name, functions, file, line))
    for call in calls(template):
        with faults.check():
            _hold_arguments(call, functions, file)
        if call.function in OF_ALL_MODELS and not names[MODEL]:
            faults.add(
                SurveyError(
                    "this prints something of every model, and the study declares none",
                    file=file,
                    row=call.line,
                    value=call.function,
                    hint="take it out, or declare one under models.declared",
                )
            )
        for what, name in _used(call, functions):
            if OPEN not in name:
                with faults.check():
                    refuse_unknown(name, names, what, file, call.line)


def _hold_filters(template: nodes.Template, environment: Environment, file: str) -> None:
    """Raise for the first filter or test in a template that Jinja does not have."""
    kinds = {nodes.Filter: ("filter", environment.filters), nodes.Test: ("test", environment.tests)}
    for node in template.find_all((nodes.Filter, nodes.Test)):
        what, known = kinds[type(node)]
        if node.name not in known:
            raise _unknown(what, node.name, known, file, node.lineno)


def _hold_arguments(call: ChapterCall, functions: Mapping[str, Any], file: str) -> None:
    """Raise for a call that lacks an argument of its function, or has one that there is none of."""
    function = functions.get(call.function)
    if not callable(function) or call.node.dyn_args or call.node.dyn_kwargs:
        return
    signature = inspect.signature(function)
    try:
        signature.bind(*call.node.args, **{word.key: word.value for word in call.node.kwargs})
    except TypeError as error:
        takes = ", ".join(
            name if one.default is one.empty else f"{name} (may be left out)"
            for name, one in signature.parameters.items()
        )
        raise SurveyError(
            f"the function {call.function} is called otherwise than it can be: {error}",
            file=file,
            row=call.line,
            hint=f"it takes {takes or 'nothing'} (docs/chapters.md)",
        ) from None


def _unknown(what: str, name: str, known: Iterable[str], file: str, line: int) -> SurveyError:
    return SurveyError(
        f"chapters have no such {what}",
        file=file,
        row=line,
        value=name,
        hint=f"{nearest(name, known)} docs/chapters.md lists what a chapter can call",
    )


def _used(call: ChapterCall, functions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a call names, and its name."""
    places = _places(functions.get(call.function))
    for argument, what in ARGUMENTS.get(call.function, {}).items():
        for name in call.named(argument, places.get(argument)):
            if name or what != "wave":
                yield what, name
    if call.function == "table":
        for name, banner in product(call.named("name", 0), call.named("banners", 1)):
            yield TABLE, f"{name}_by_{banner}"
    if call.function in ("entries", "count") and call.argument(0) == ("official",):
        for name in call.named("dataset"):
            yield "official data set", name
    if call.function in OF_KEYS:
        for key in (*call.argument(0), *call.argument(1)):
            yield from _of_key(key)


def _places(function: Any) -> Mapping[str, int]:
    """Return the place of each argument of a function that can be written without its name."""
    if not callable(function):
        return {}
    parameters = inspect.signature(function).parameters.values()
    written = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    return {name: place for place, name in enumerate(written)}


def _of_key(key: str) -> Iterator[tuple[str, str]]:
    """Yield what a key of results names, and its name; words and forms of numbers are no keys."""
    family, slash, rest = key.partition("/")
    second = rest.partition("/")[0]
    if slash and family in SECOND:
        yield SECOND[family], second
    elif slash and family == "test":
        # A test of the two sides is named after their comparison.
        if not second.startswith("sides_"):
            yield TABLE, second
    elif slash and family not in OTHER_KEYS:
        yield TABLE, family
