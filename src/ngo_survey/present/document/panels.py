"""A chapter cut at its headings of the second level: slides, and the panels of one page."""

from __future__ import annotations

from ngo_survey.errors import SurveyError
from ngo_survey.present.document.document import (
    Block,
    Chapter,
    Document,
    Heading,
    Table,
    placed,
    plain,
)


def panels(chapter: Chapter) -> list[tuple[Block, ...]]:
    """Return the blocks before the first heading, which may be none, then those from each on."""
    made: list[list[Block]] = [[]]
    for block in chapter.blocks:
        if isinstance(block, Heading) and block.level == 2:
            made.append([])
        made[-1].append(block)
    return [tuple(blocks) for blocks in made]


def refuse_tables(document: Document) -> None:
    """Raise :class:`SurveyError` for a table: one page has no room for what grows by the row."""
    for part in placed(document):
        if isinstance(part, Table):
            raise SurveyError(
                "a dashboard holds no table",
                value=plain(part.caption),
                hint="print its figures with {{ n() }} or {{ top() }}, or show them as a figure",
            )
