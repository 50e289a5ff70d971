"""``ngo-survey report``: chapters as HTML, PDF, Word and PowerPoint, from one document each.

Reads the results store, the figures, the questionnaires and the chapters; writes
``reports/<document>.<language>.<format>`` for the report and what ``report.documents`` names beside
it, each in those of its formats that the configuration names.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ngo_survey.present.document.build import Builder
from ngo_survey.present.document.chapters import REPORT, documents_with_chapters
from ngo_survey.present.document.definition import define
from ngo_survey.present.document.document import Document, Figure
from ngo_survey.present.document.drawing import description, read_svg, shown_keys, with_messages
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language as words_of
from ngo_survey.present.document.method import Method
from ngo_survey.present.document.number_details import Definition
from ngo_survey.present.document.origin import File
from ngo_survey.present.document.software import declared, packages
from ngo_survey.present.html.render import figures, printed_keys
from ngo_survey.present.pdf.render import Layout
from ngo_survey.present.words.language import Language
from ngo_survey.results.files import write_bytes
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.files import raw_hashes, sha256
from ngo_survey.workflow.stages import writer
from ngo_survey.workflow.verbs.counts import join_parts
from ngo_survey.workflow.verbs.garbage_collection import garbage_collection_paused
from ngo_survey.workflow.verbs.page import dashboard, page

#: How a document is set as PDF; one that is not named has contents and chapters set apart.
LAYOUTS: dict[str, Layout] = {"brief": "compact", "dashboard": "dashboard"}


@dataclass(frozen=True)
class Report:
    """What every format is made of: the document, its words, and what stands behind its numbers."""

    study: Study
    results: Results
    labels: Labels
    document: Document
    documents: dict[str, Document]
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

    def written(self, name: str, form: str) -> bytes:
        """Return a document as ``html``, ``pdf``, ``docx`` or ``pptx``."""
        if form == "html":
            return self.html() if name == REPORT else self.dashboard()
        return self.slides(name) if form == "pptx" else self.on_paper(name, form)

    def dashboard(self) -> bytes:
        """Return the page of key figures."""
        made = dashboard(self.study, self.documents["dashboard"], self.definitions)
        return made.encode("utf-8")

    def slides(self, name: str) -> bytes:
        """Return a document as slides; each drawing says its message beside what a chapter says."""
        from ngo_survey.present.pptx import render as pptx

        document = self.documents[name]
        drawn = figures(document)
        pictures = {figure.anchor: self._figure(figure, "png") for figure in drawn}
        said = {figure.anchor: description(self._figure(figure, "svg")) for figure in drawn}
        return pptx.render(document, self.language, pictures, said)

    def on_paper(self, name: str, form: str) -> bytes:
        """Return the report, or a document beside it, as ``pdf`` or ``docx``."""
        from ngo_survey.present.docx import render as docx
        from ngo_survey.present.paper import parts
        from ngo_survey.present.paper.language import paper_language
        from ngo_survey.present.pdf import render as pdf

        sheet = pdf.sheet if form == "pdf" else docx.sheet
        document = self.documents.get(name, self.document)
        if name == REPORT:
            document = parts.report(document)
        elif name == "annex":
            document = parts.annex(document, sheet(), paper_language(self.language))
        drawn, fits = figures(document), sheet(all_stand=name != REPORT)
        if form == "pdf":
            drawings = {figure.anchor: read_svg(self._figure(figure, "svg")) for figure in drawn}
            layout = LAYOUTS.get(name, "book")
            return pdf.render(document, self.language, drawings, self.colophon, fits, layout)
        pictures = {figure.anchor: self._figure(figure, "png") for figure in drawn}
        return docx.render(document, self.language, pictures, self.colophon, fits)

    def _figure(self, figure: Figure, suffix: str) -> Path:
        return self.study.paths.figure(figure.name, self.language.code, suffix)


def run(study: Study, language: str) -> str:
    """Write the report and what goes beside it in one language, in every declared format."""
    # The compiler of the PDF leaves the interpreter free: the others are made meanwhile.
    with garbage_collection_paused(), ThreadPoolExecutor(2) as pool:
        report = load(study, language)
        made = {
            (name, form): pool.submit(report.written, name, form)
            for name, form in sorted(study.documents, key=lambda each: each[1] != "pdf")
        }
        for (name, form), content in made.items():
            write_bytes(content.result(), study.paths.document(name, language, form))
    first = study.paths.report(language, study.report_formats[0])
    beside = dict.fromkeys(name for name, _ in study.documents if name != REPORT)
    return join_parts(
        first.relative_to(study.root).as_posix(),
        *(f".{form}" for form in study.report_formats[1:]),
        *beside,
    )


def load(study: Study, language: str) -> Report:
    """Read everything and write the document that all formats render."""
    say = words_of(language, study.words)
    results = Results.load(study.paths.released)
    labels = Labels.load(study, language)
    builder = Builder(study, results, labels, _method(study))

    def drawn(figure: Figure) -> Path:
        return study.paths.figure(figure.name, language)

    document = with_messages(builder.document(), drawn)
    documents = {
        name: with_messages(builder.document(name), drawn)
        for name in documents_with_chapters(study)
        if name != REPORT
    }
    # A document can be read before its figures are drawn.
    drawings = [path for path in map(drawn, figures(document)) if path.is_file()]
    keys = {*printed_keys(document), *(key for path in drawings for key in shown_keys(path))}
    definitions: dict[str, Definition] = {
        key: define(row, labels, say, writer(str(row["file"])))
        for key, row in ((key, results.row(key)) for key in sorted(keys))
    }
    return Report(study, results, labels, document, documents, say, definitions)


def _method(study: Study) -> Method:
    lock = study.root / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    return Method(
        files=tuple(File(path, digest) for path, digest in raw_hashes(study).items()),
        packages=packages(text, declared()),
        lock=sha256(lock) if text else "",
    )
