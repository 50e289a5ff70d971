"""A document cut into slides: each heading of the second level begins one.

What stands before the first of them in a chapter is a slide under the chapter's own title. The
figure of a slide is its picture, paragraphs and lists are its text, a note is for the speaker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ngo_survey.errors import SurveyError
from ngo_survey.present.document.document import (
    Block,
    Chapter,
    Document,
    Figure,
    Heading,
    Inline,
    Listing,
    Note,
    Paragraph,
    plain,
)
from ngo_survey.present.document.panels import panels


@dataclass
class Slide:
    """One slide.

    Attributes
    ----------
    over: the title of its chapter, "" where that is the slide's own.
    title: what it says, as a sentence.
    text: its lines, each with its level: 0 a paragraph, 1 an item of a list, 2 one below it.
    figure: its picture.
    notes: what the speaker reads.
    """

    over: str
    title: tuple[Inline, ...]
    text: list[tuple[int, tuple[Inline, ...]]] = field(default_factory=list)
    figure: Figure | None = None
    notes: list[str] = field(default_factory=list)


def slides(document: Document) -> list[Slide]:
    """Return the slides of a document, without that of its title.

    Raises
    ------
    SurveyError: a slide holds a table, or more figures than one.
    """
    return [slide for chapter in document.chapters for slide in _of_chapter(chapter)]


def _of_chapter(chapter: Chapter) -> Iterator[Slide]:
    for blocks in panels(chapter):
        match blocks:
            case (Heading(level=2) as heading, *rest):
                yield _filled(Slide(plain(chapter.title), heading.content), rest)
            case (_, *_):
                yield _filled(Slide("", chapter.title), blocks)


def _filled(slide: Slide, blocks: Sequence[Block]) -> Slide:
    for block in blocks:
        _put(slide, block)
    return slide


def _put(slide: Slide, block: Block) -> None:
    match block:
        case Figure() if slide.figure is None:
            slide.figure = block
        case Paragraph() | Heading():
            slide.text.append((0, block.content))
        case Listing():
            slide.text += _lines(block.items, 1)
        case Note():
            slide.notes += [plain(content) for _, content in _lines((block.content,), 0)]
        case _:
            raise SurveyError(
                "a slide holds no table and one figure at most",
                value=plain(block.caption),
                hint=f"give it a heading of its own below {plain(slide.title)!r}, or take it out",
            )


def _lines(
    items: Sequence[tuple[Block, ...]], level: int
) -> Iterator[tuple[int, tuple[Inline, ...]]]:
    for item in items:
        for block in item:
            if isinstance(block, Paragraph):
                yield level, block.content
            elif isinstance(block, Listing):
                yield from _lines(block.items, level + 1)
