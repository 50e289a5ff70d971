"""The HTML page of the report, put together from its document and the results."""

from __future__ import annotations

from collections.abc import Mapping

from ngo_survey.present.document.document import Document
from ngo_survey.present.document.drawing import inline_svg, told
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language as words_of
from ngo_survey.present.document.number_details import Definition
from ngo_survey.present.html.explorer.section import explorer
from ngo_survey.present.html.render import Extras, figures, printed_keys, render, title_of
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.number_origins import origins


def page(
    study: Study,
    results: Results,
    labels: Labels,
    document: Document,
    definitions: Mapping[str, Definition],
) -> str:
    """Return the page of a document; ``definitions`` say what stands behind each number."""
    code = document.language
    say = words_of(code, study.words)
    drawings = {
        figure.anchor: inline_svg(
            study.paths.figure(figure.name, code),
            figure.anchor,
            title_of(figure),
            figure.alternative,
        )
        for figure in figures(document)
    }
    around = {
        figure.anchor: told(study.paths.figure(figure.name, code)) for figure in figures(document)
    }
    keys = printed_keys(document)
    extras = Extras(
        colophon=say.words["colophon"],
        origins=origins(study, results, labels, keys),
        languages={language: study.paths.report(language).name for language in study.languages},
        explorer=explorer(study, results, labels.codebooks, say),
        around=around,
    )
    return render(document, say, definitions, drawings, extras)
