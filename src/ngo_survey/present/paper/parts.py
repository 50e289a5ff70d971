"""The document as two files on paper: the report, and an annex for who checks it.

A page folds away what few readers open; on paper that stands in a file of its own: appendices, and
tables that are folded or too wide for the text. What stands behind each number is in the page and
in the data, under its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ngo_survey.present.document.document import (
    Block,
    Chapter,
    Document,
    Emphasis,
    Inline,
    Link,
    Listing,
    Note,
    Paragraph,
    Slot,
    Strong,
    Table,
    anchors,
)
from ngo_survey.present.paper.columns import Fits
from ngo_survey.present.words.language import Language


def report(document: Document) -> Document:
    """Return the document without its appendices; what it moves is named where it stood.

    A link into an appendix becomes its words with the letter of that appendix: it stands in another
    file.
    """
    moved = {
        anchor: chapter.number
        for chapter in document.chapters
        if chapter.is_appendix
        for anchor in anchors(replace(document, chapters=(chapter,)))
    }
    kept = (chapter for chapter in document.chapters if not chapter.is_appendix)
    return replace(document, chapters=tuple(_lettered(chapter, moved) for chapter in kept))


def _lettered(chapter: Chapter, moved: Mapping[str, str]) -> Chapter:
    """Return a chapter whose links into appendices are words; those stand in running text."""
    return replace(chapter, blocks=tuple(_block(block, moved) for block in chapter.blocks))


def _block(block: Block, moved: Mapping[str, str]) -> Block:
    match block:
        case Paragraph():
            return Paragraph(_words(block.content, moved))
        case Listing():
            items = (tuple(_block(inner, moved) for inner in item) for item in block.items)
            return replace(block, items=tuple(items))
        case Note():
            return Note(tuple(_block(inner, moved) for inner in block.content))
    return block


def _words(content: tuple[Inline, ...], moved: Mapping[str, str]) -> tuple[Inline, ...]:
    made: list[Inline] = []
    for part in content:
        if isinstance(part, Link) and part.target.removeprefix("#") in moved:
            letter = moved[part.target.removeprefix("#")]
            made += [*part.content, Slot(f" ({letter})", "structure")]
        elif isinstance(part, Strong | Emphasis):
            made.append(replace(part, content=_words(part.content, moved)))
        else:
            made.append(part)
    return tuple(made)


def annex(document: Document, fits: Fits, language: Language) -> Document:
    """Return the appendices, and in a chapter of their own the tables that the report moves."""
    tables: tuple[Block, ...] = fits.appendix(report(document))
    chapters = tuple(c for c in document.chapters if c.is_appendix)
    if tables:
        lead = Paragraph((Slot(language.word("paper.tables_lead"), "structure"),))
        title = (Slot(language.word("paper.tables"), "structure"),)
        chapters = (Chapter("moved-tables", "", title, (lead, *tables)), *chapters)
    title_words = f"{document.title}: {language.word('documents.annex')}"
    return replace(document, title=title_words, chapters=_unfolded(chapters))


def _unfolded(chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """Return chapters whose tables stand open wherever they are."""
    return tuple(
        replace(chapter, blocks=tuple(_open(block) for block in chapter.blocks))
        for chapter in chapters
    )


def _open(block: Block) -> Block:
    return replace(block, folded=False) if isinstance(block, Table) else block
