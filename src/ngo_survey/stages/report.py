"""``ngo-survey report``: thirteen chapters as one HTML file.

Reads the results store, the figures, the questionnaires and the chapters; writes
``reports/report.<language>.html``.
"""

from __future__ import annotations

from ngo_survey.report.build import Builder
from ngo_survey.report.definition import define
from ngo_survey.report.drawing import inline_svg
from ngo_survey.report.html import figures, printed_keys, render, title_of
from ngo_survey.report.labels import Labels
from ngo_survey.report.language import language as words_of
from ngo_survey.report.method import File, Method
from ngo_survey.report.software import declared, packages
from ngo_survey.reproduce.files import raw_hashes, sha256
from ngo_survey.store import Results, write_text
from ngo_survey.study import Study


def run(study: Study, language: str = "en") -> None:
    """Write the report in one language."""
    say = words_of(language)
    results = Results.load(study.paths.results)
    labels = Labels.load(study, language)
    document = Builder(study, results, labels, _method(study)).document()
    drawings = {
        figure.anchor: inline_svg(
            study.paths.figure(figure.name, language),
            figure.anchor,
            title_of(figure),
            figure.alternative,
        )
        for figure in figures(document)
    }
    definitions = {key: define(results.row(key), labels, say) for key in printed_keys(document)}
    page = render(document, say, definitions, drawings, say.words["colophon"])
    write_text(page, study.paths.report(language))


def _method(study: Study) -> Method:
    lock = study.root / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    return Method(
        files=tuple(File(path, digest) for path, digest in raw_hashes(study).items()),
        packages=packages(text, declared()),
        lock=sha256(lock) if text else "",
    )
