"""The document as two files on paper: the report, and an annex for who checks it.

A page folds away what few readers open; on paper that stands in a file of its own: appendices, and
tables that are folded or too wide for the text. What stands behind each number is in the page and
in the data, under its key.
"""

from __future__ import annotations

from dataclasses import replace

from ngo_survey.present.document.document import (
    Block,
    Chapter,
    Document,
    Paragraph,
    Slot,
    Table,
)
from ngo_survey.present.paper.columns import Fits
from ngo_survey.present.words.language import Language


def report(document: Document) -> Document:
    """Return the document without its appendices; what it moves is named where it stood."""
    return replace(document, chapters=tuple(c for c in document.chapters if not c.is_appendix))


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
