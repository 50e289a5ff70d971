"""The names that chapters use, held against those of the study before anything is computed.

What a build would refuse after its statistics have run is refused at once. Held are names that are
written out; names that a loop makes, and what stands under ``{% if known(...) %}``, are left to the
build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes

from ngo_survey.errors import SurveyError, nearest
from ngo_survey.present.document.chapters import ChapterSource, chapter_files, written
from ngo_survey.results.store import FAMILIES
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.name_check import NameCheck

#: Functions whose first argument is a table, an indicator or one of these by a banner.
OF_ANALYSES = frozenset({"table", "top", "bottom", "listed", "rows"})
#: Functions whose first arguments are keys of results.
OF_KEYS = frozenset({"n", "compare", "certainty", "shown", "effect"})
#: First parts of keys that name no analysis: families of results, in the singular as well.
OTHER_KEYS = frozenset(FAMILIES) | {name.removesuffix("s") for name in FAMILIES} | {"compare"}


def check_chapters(study: Study) -> None:
    """Raise for the first name in a chapter of any language that the study does not have.

    Raises
    ------
    SurveyError: a table, indicator, figure or model that there is none of, or a template that
        cannot be read, with the chapter, its line and the nearest names.
    """
    names = _names(study)
    for language in study.languages:
        for document in written(study):
            for source in chapter_files(study, language, document):
                _check(source, names)


@dataclass(frozen=True)
class _Names:
    """What chapters may name."""

    analyses: frozenset[str]
    figures: frozenset[str]
    models: frozenset[str]


def _names(study: Study) -> _Names:
    books = {name: codebook(study, name) for name in study.populations}
    single = {
        name
        for entry in study.section("indicators") or ()
        for name in (entry["id"], f"{entry['id']}_by_{entry.get('by', '')}")
    }
    analyses = {*NameCheck(study, books).analyses(), *single}
    models = study.section("models").get("declared", {})
    return _Names(frozenset(analyses), frozenset(study.section("figures")), frozenset(models))


def _check(source: ChapterSource, names: _Names) -> None:
    file = f"{source.file.parent.name}/{source.file.name}"
    try:
        template = Environment().parse(source.text)
    except TemplateSyntaxError as error:
        raise SurveyError(
            f"the chapter's template is at fault: {error.message}", file=file, row=error.lineno
        ) from None
    for call in _calls(template):
        function = call.node.name if isinstance(call.node, nodes.Name) else ""
        said = [a.value for a in call.args if isinstance(a, nodes.Const)]
        texts = [value for value in said if isinstance(value, str)]
        of = [
            k.value.value
            for k in call.kwargs
            if k.key == "figure" and isinstance(k.value, nodes.Const)
        ]
        _known(of, names.figures, "figure", file, call.lineno)
        if function == "figure":
            _known(texts[:1], names.figures, "figure", file, call.lineno)
        elif function in OF_ANALYSES:
            _known(texts[:1], names.analyses, "table or indicator", file, call.lineno)
        elif function in OF_KEYS:
            steps = [key.split("/") for key in texts[:2] if "/" in key]
            models = [step[1] for step in steps if step[0] == "model"]
            _known(models, names.models, "model", file, call.lineno)
            measured = [s[0] for s in steps if s[0] != "model" and s[0] not in OTHER_KEYS]
            _known(measured, names.analyses, "table or indicator", file, call.lineno)


def _calls(node: nodes.Node) -> Iterator[nodes.Call]:
    """Yield the calls of a template, but for those that a chapter asks about first."""
    if isinstance(node, nodes.If | nodes.CondExpr) and any(
        isinstance(call.node, nodes.Name) and call.node.name == "known"
        for call in [*node.test.find_all(nodes.Call), node.test]
        if isinstance(call, nodes.Call)
    ):
        return
    if isinstance(node, nodes.Call):
        yield node
    for child in node.iter_child_nodes():
        yield from _calls(child)


def _known(used: Iterable[str], known: Iterable[str], what: str, file: str, line: int) -> None:
    for name in used:
        if name not in known:
            raise SurveyError(
                f"the report has no such {what}",
                file=file,
                row=line,
                value=name,
                hint=f"{nearest(name, known)} Declare it in config.yaml, take it out, "
                "or ask first: {% if known('key') %}",
            )
