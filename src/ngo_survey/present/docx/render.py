"""The document as one Word file: real styles, numbered captions, headings, marked table headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ngo_survey.present.document.document import Chapter, Document, Heading, plain
from ngo_survey.present.paper.columns import Fits
from ngo_survey.present.paper.language import paper_language
from ngo_survey.present.properties import set_properties
from ngo_survey.present.words.language import Language

if TYPE_CHECKING:
    from ngo_survey.present.docx.blocks import Writer


def sheet(all_stand: bool = False) -> Fits:
    """Return which tables stand in the text of a Word file: all, or those that fit it."""
    from ngo_survey.present.docx.blocks import SHEET

    return Fits(SHEET, all_stand)


def render(
    document: Document,
    language: Language,
    pictures: Mapping[str, Path],
    colophon: Sequence[str],
    fits: Fits | None = None,
) -> bytes:
    """Return the file.

    ``pictures`` holds the PNG file of each figure's anchor, ``fits`` says which tables stand in
    the text.
    """
    import docx

    from ngo_survey.present.docx.package import DocxPackage
    from ngo_survey.present.docx.styles import set_styles

    language = paper_language(language)
    word = docx.Document()
    body = word.element.body
    for old in list(body)[:-1]:
        body.remove(old)
    set_styles(word, language.word("number.locale"))
    package = DocxPackage(word, pictures)
    package.set_pages(document, language)
    set_properties(word.core_properties, document)
    writer = package.writer(document, language, fits or sheet())
    package.append(_all(document, language, writer, colophon))
    return package.save()


def _all(
    document: Document,
    language: Language,
    writer: Writer,
    colophon: Sequence[str],
) -> Iterator[str]:
    from ngo_survey.present.docx.xml import paragraph, run

    say = language.word
    yield paragraph(run(document.subtitle), "Subtitle")
    yield paragraph(run(document.title), "Title")
    if document.warning:
        yield paragraph(run(document.warning), "Banner")
    yield paragraph(run(say("paper.docx")), "Subtitle")
    yield paragraph(run(say("labels.contents")), "TOCHeading")
    yield from _contents(document, writer)
    for chapter in document.chapters:
        yield from _chapter(chapter, language, writer)
    for line in colophon:
        yield paragraph(run(line), "Subtitle")


def _chapter(chapter: Chapter, language: Language, writer: Writer) -> Iterator[str]:
    from ngo_survey.present.docx.xml import paragraph, run

    start = "<w:pageBreakBefore/>"
    if chapter.number:
        over = f"{language.word('labels.chapter')} {chapter.number}"
        yield paragraph(run(over), "OverHeading", start)
        start = ""
    title = writer.marks.mark(chapter.anchor, writer.inlines(chapter.title))
    yield paragraph(title, "Heading1", start)
    for block in chapter.blocks:
        yield from writer.block(block)


def _contents(document: Document, writer: Writer) -> Iterator[str]:
    """Yield the table of contents: a field that Word can update, with links as its result."""
    from ngo_survey.present.docx.xml import inner_link, paragraph, run

    places: list[tuple[str, str, str]] = []
    for chapter in document.chapters:
        number = f"{chapter.number}. " if chapter.number else ""
        places.append(("TOC1", chapter.anchor, number + plain(chapter.title)))
        places += [
            ("TOC2", block.anchor, plain(block.content))
            for block in chapter.blocks
            if isinstance(block, Heading) and block.level == 2
        ]
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">'
        r' TOC \o "1-2" \h \z \u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    for place, (style, anchor, words) in enumerate(places):
        link = inner_link(writer.marks.name(anchor), run(words))
        first, last = place == 0, place == len(places) - 1
        yield paragraph(f"{begin if first else ''}{link}{end if last else ''}", style)
