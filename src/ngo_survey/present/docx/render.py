"""The document as one Word file: real styles, numbered captions, headings, marked table headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.present.clean import clean
from ngo_survey.present.document.document import Chapter, Document, Heading, plain
from ngo_survey.present.paper.language import paper_language
from ngo_survey.present.paper.origins import Definition, Origins, origins
from ngo_survey.present.words.language import Language

if TYPE_CHECKING:
    from docx.document import Document as Word

    from ngo_survey.present.docx.blocks import Writer

#: Nothing in the file tells when it was made.
MADE = datetime(2000, 1, 1, tzinfo=UTC)


def render(
    document: Document,
    language: Language,
    definitions: Mapping[str, Definition],
    pictures: Mapping[str, Path],
    colophon: Sequence[str],
) -> bytes:
    """Return the file.

    ``definitions`` holds what is known of each printed key, ``pictures`` the PNG file of each
    figure's anchor.
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
    _set_properties(word, document)
    writer = package.writer(document, language, definitions)
    groups = origins(definitions, language)
    package.append(_all(document, language, writer, groups, colophon))
    return package.save()


def _all(
    document: Document,
    language: Language,
    writer: Writer,
    groups: Sequence[Origins],
    colophon: Sequence[str],
) -> Iterator[str]:
    from ngo_survey.present.docx.xml import paragraph, run

    say = language.word
    tables = writer.fits.appendix(document)
    yield paragraph(run(document.subtitle), "Subtitle")
    yield paragraph(run(document.title), "Title")
    if document.warning:
        yield paragraph(run(document.warning), "Banner")
    yield paragraph(run(say("paper.docx")), "Subtitle")
    yield paragraph(run(say("labels.contents")), "TOCHeading")
    ends = [(f"end:{name}", say(f"paper.{name}")) for name in ("tables", "origins")]
    yield from _contents(
        document, writer, [end for end in ends if end[0] != "end:tables" or tables]
    )
    for chapter in document.chapters:
        yield from _chapter(chapter, language, writer)
    if tables:
        yield _heading(writer, *ends[0])
        yield paragraph(run(say("paper.tables_lead")), "Normal")
        for table in tables:
            yield from writer.table(table)
    yield _heading(writer, *ends[1])
    yield paragraph(run(say("paper.origins_lead")), "Normal")
    for group in groups:
        yield from _origins(group, language, writer)
    for line in colophon:
        yield paragraph(run(line), "Subtitle")


def _heading(writer: Writer, anchor: str, words: str) -> str:
    from ngo_survey.present.docx.xml import paragraph, run

    return paragraph(writer.marks.mark(anchor, run(words)), "Heading1", "<w:pageBreakBefore/>")


def _chapter(chapter: Chapter, language: Language, writer: Writer) -> Iterator[str]:
    from ngo_survey.present.docx.xml import paragraph, run

    start = "<w:pageBreakBefore/>"
    if chapter.number:
        over = f"{language.word('labels.chapter')} {chapter.number}"
        yield paragraph(run(over), "OverHeading", start)
        start = ""
    title = writer.marks.mark(chapter.anchor, writer.inlines(chapter.title, linked=False))
    yield paragraph(title, "Heading1", start)
    for block in chapter.blocks:
        yield from writer.block(block)


def _contents(document: Document, writer: Writer, ends: Sequence[tuple[str, str]]) -> Iterator[str]:
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
    places += [("TOC1", anchor, words) for anchor, words in ends]
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


def _origins(group: Origins, language: Language, writer: Writer) -> Iterator[str]:
    """Yield the entries of one result file, each key a place that numbers link to."""
    from ngo_survey.present.docx.xml import paragraph, run

    yield paragraph(writer.marks.mark(f"file:{group.file}", run(group.file)), "Heading3")
    if group.common:
        said = "".join(
            f"{run(name + ': ', properties='<w:b/>')}{run(words + '  ')}"
            for name, words in group.common
        )
        yield paragraph(said, "NumberEntry", "<w:keepNext/>")
    columns = " · ".join((language.word("definition.key"), *group.columns))
    yield paragraph(run(columns, properties="<w:i/>"), "NumberEntry", "<w:keepNext/>")
    for entry in group.entries:
        key = writer.marks.mark(f"key:{entry.key}", run(entry.key, "Code"))
        yield paragraph(f"{key}{run('   ' + entry.words)}", "NumberEntry")


def _set_properties(word: Word, document: Document) -> None:
    core: Any = word.core_properties
    core.title, core.subject = clean(document.title), clean(document.subtitle)
    core.author = core.last_modified_by = "ngo-survey"
    core.comments = clean(document.banner)
    core.keywords, core.category = "", ""
    core.language, core.revision = document.language, 1
    core.created = core.modified = MADE.replace(tzinfo=None)
