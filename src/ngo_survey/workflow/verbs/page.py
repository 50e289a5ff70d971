"""The HTML pages of the report and of its key figures, put together from their documents."""

from __future__ import annotations

from collections.abc import Container, Mapping

from ngo_survey.present.document.document import Document
from ngo_survey.present.document.drawing import drawing_words, inline_svg
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language as words_of
from ngo_survey.present.document.number_details import Definition
from ngo_survey.present.html.dashboard.render import Around, render_dashboard
from ngo_survey.present.html.explorer.section import explorer
from ngo_survey.present.html.files import file_list
from ngo_survey.present.html.render import Extras, figures, render, title_of
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.number_origins import origins


def dashboard(study: Study, document: Document, definitions: Mapping[str, Definition]) -> str:
    """Return the page of key figures; its numbers open in the page of the report if there is one.

    ``definitions`` say what stands behind each number of the report.
    """
    code = document.language
    say = words_of(code, study.words)
    known = study.paths.report(code).name if "html" in study.report_formats else ""
    around = Around(
        report=known,
        opened=frozenset(definitions) if known else frozenset(),
        languages={
            language: study.paths.document("dashboard", language, "html").name
            for language in study.languages
        },
        colophon=say.words["colophon"],
    )
    return render_dashboard(document, say, _drawings(study, document), around)


def _drawings(study: Study, document: Document, opened: Container[str] = ()) -> dict[str, str]:
    """Return the SVG element of each figure's anchor; marks open the numbers of ``opened``."""
    return {
        figure.anchor: inline_svg(
            study.paths.figure(figure.name, document.language),
            figure.anchor,
            title_of(figure),
            figure.alternative,
            opened,
        )
        for figure in figures(document)
    }


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
    around = {
        figure.anchor: drawing_words(study.paths.figure(figure.name, code))
        for figure in figures(document)
    }
    extras = Extras(
        colophon=say.words["colophon"],
        origins=origins(study, results, labels, definitions),
        languages={language: study.paths.report(language).name for language in study.languages},
        explorer=explorer(study, results, labels.codebooks, say),
        around=around,
        files=file_list(study, say),
    )
    return render(document, say, definitions, _drawings(study, document, definitions), extras)
