"""The document as one PDF: tagged (PDF/UA-1), the same bytes on every machine and day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Literal

from ngo_survey.errors import SurveyError
from ngo_survey.present.archive import MADE
from ngo_survey.present.clean import clean
from ngo_survey.present.document.document import Document
from ngo_survey.present.document.panels import refuse_tables
from ngo_survey.present.fonts import fonts
from ngo_survey.present.paper.columns import Fits
from ngo_survey.present.paper.language import paper_language
from ngo_survey.present.pdf.data import COMPACT, DASHBOARD, HIGH, LEGIBLE, SHEET, Encoder
from ngo_survey.present.words.language import Language

#: How the pages are set: chapter by chapter with contents, one after another, or on one page.
Layout = Literal["book", "compact", "dashboard"]
#: Words of the template, as dotted paths of the catalogue.
WORDS = (
    *("labels.table", "labels.figure", "labels.chapter", "labels.contents"),
    *("paper.pdf", "paper.moved", "paper.page"),
)


def sheet(all_stand: bool = False) -> Fits:
    """Return which tables stand in the text of a PDF: all, or those that fit it."""
    return Fits(SHEET, all_stand)


def render(
    document: Document,
    language: Language,
    drawings: Mapping[str, str],
    colophon: Sequence[str],
    fits: Fits | None = None,
    layout: Layout = "book",
) -> bytes:
    """Return the file.

    ``drawings`` holds the SVG of each figure's anchor, ``fits`` says which tables stand in the
    text; ``compact`` documents have no contents, and their chapters follow each other; a
    ``dashboard`` is set as small as one page asks, down to six points. Standard: PDF/UA-1
    (ISO 14289-1), which the compiler checks as far as a program can.

    Raises
    ------
    SurveyError: the document cannot be set, with what the compiler says.
    """
    import typst

    data = json.dumps(
        document_data(document, language, drawings, colophon, fits, layout), ensure_ascii=False
    )
    folder = files("ngo_survey.present.pdf")
    pages = "dashboard.typ" if layout == "dashboard" else "pages.typ"
    template = b"".join((folder / name).read_bytes() for name in ("template.typ", pages))
    try:
        return typst.compile(
            template,
            format="pdf",
            font_paths=fonts(),
            ignore_system_fonts=True,
            sys_inputs={"document": data},
            pdf_standards="ua-1",
            timestamp=int(MADE.timestamp()),
        )
    except typst.TypstError as error:
        raise SurveyError(
            f"the PDF cannot be set: {error.message}", hint="; ".join(error.hints)
        ) from error


def document_data(
    document: Document,
    language: Language,
    drawings: Mapping[str, str],
    colophon: Sequence[str],
    fits: Fits | None = None,
    layout: Layout = "book",
) -> dict[str, Any]:
    """Return everything that the template sets, as plain data."""
    if layout == "dashboard":
        refuse_tables(document)
    language = paper_language(language)
    hyphens = language.words["paper"]["hyphens"]
    high = {"book": HIGH, "compact": COMPACT, "dashboard": DASHBOARD}[layout]
    # The dashboard is one page, whatever its drawings need.
    legible = 0.0 if layout == "dashboard" else LEGIBLE
    encode = Encoder(document, drawings, hyphens, fits or sheet(), high, legible)
    return {
        "language": document.language,
        "layout": layout,
        "title": clean(document.title),
        "subtitle": clean(document.subtitle),
        "banner": clean(document.banner),
        "warning": clean(document.warning),
        "words": {path.replace(".", "_"): clean(language.word(path)) for path in WORDS},
        "chapters": [encode.chapter(chapter) for chapter in document.chapters],
        "colophon": [clean(line) for line in colophon],
    }
