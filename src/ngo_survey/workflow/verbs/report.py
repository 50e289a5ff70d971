"""``ngo-survey report``: chapters as HTML, PDF and Word, from one document.

Reads the results store, the figures, the questionnaires and the chapters; writes
``reports/report.<language>.<format>`` for each format that the configuration names.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ngo_survey.present.document.build import Builder
from ngo_survey.present.document.definition import define
from ngo_survey.present.document.document import Document
from ngo_survey.present.document.drawing import read_svg
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language as words_of
from ngo_survey.present.document.method import Method
from ngo_survey.present.document.origin import File
from ngo_survey.present.document.software import declared, packages
from ngo_survey.present.html.render import figures, printed_keys
from ngo_survey.present.paper.origins import Definition
from ngo_survey.present.words.language import Language
from ngo_survey.results.files import write_bytes
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.files import raw_hashes, sha256
from ngo_survey.workflow.stages import writer
from ngo_survey.workflow.verbs.counts import listed
from ngo_survey.workflow.verbs.page import page
from ngo_survey.workflow.verbs.uncollected import uncollected


@dataclass(frozen=True)
class Report:
    """What every format is made of: the document, its words, and what stands behind its numbers."""

    study: Study
    results: Results
    labels: Labels
    document: Document
    language: Language
    definitions: dict[str, Definition]

    @property
    def colophon(self) -> list[str]:
        """The last words."""
        return list(self.language.words["colophon"])

    def html(self) -> bytes:
        """Return the page."""
        made = page(self.study, self.results, self.labels, self.document, self.definitions)
        return made.encode("utf-8")

    def pdf(self) -> bytes:
        """Return the PDF."""
        from ngo_survey.present.pdf.render import render

        drawings = {
            figure.anchor: read_svg(self.study.paths.figure(figure.name, self.language.code))
            for figure in figures(self.document)
        }
        return render(self.document, self.language, self.definitions, drawings, self.colophon)

    def docx(self) -> bytes:
        """Return the Word file."""
        from ngo_survey.present.docx.render import render

        pictures = {
            figure.anchor: self.study.paths.figure(figure.name, self.language.code, "png")
            for figure in figures(self.document)
        }
        return render(self.document, self.language, self.definitions, pictures, self.colophon)


def run(study: Study, language: str) -> str:
    """Write the report in one language, in every format that the configuration names."""
    # The compiler of the PDF leaves the interpreter free: the others are made meanwhile.
    with uncollected(), ThreadPoolExecutor(2) as pool:
        report = load(study, language)
        makers: dict[str, Callable[[], bytes]] = {
            "pdf": report.pdf,
            "html": report.html,
            "docx": report.docx,
        }
        made = {
            name: pool.submit(make) for name, make in makers.items() if name in study.report_formats
        }
        for name, content in made.items():
            write_bytes(content.result(), study.paths.report(language, name))
    first = study.paths.report(language, study.report_formats[0])
    return listed(
        first.relative_to(study.root).as_posix(),
        *(f".{form}" for form in study.report_formats[1:]),
    )


def load(study: Study, language: str) -> Report:
    """Read everything and write the document that all formats render."""
    say = words_of(language, study.words)
    results = Results.load(study.paths.released)
    labels = Labels.load(study, language)
    document = Builder(study, results, labels, _method(study)).document()
    definitions: dict[str, Definition] = {
        key: define(row, labels, say, writer(str(row["file"])))
        for key, row in ((key, results.row(key)) for key in printed_keys(document))
    }
    return Report(study, results, labels, document, say, definitions)


def _method(study: Study) -> Method:
    lock = study.root / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    return Method(
        files=tuple(File(path, digest) for path, digest in raw_hashes(study).items()),
        packages=packages(text, declared()),
        lock=sha256(lock) if text else "",
    )
