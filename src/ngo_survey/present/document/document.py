"""The document: one model that every format renders.

Chapters hold blocks, blocks hold inlines, and every printed number is a :class:`Slot` that knows
the key it came from. Nothing here knows HTML, PDF or Word; :func:`as_json` gives the same document
as plain data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Text:
    """Words as the chapter's author wrote them; they hold no digit (see ``guard``)."""

    text: str


@dataclass(frozen=True)
class Slot:
    """Words or a number put in by the program.

    ``source`` says where from: ``result`` (the results store; ``key`` and ``field`` name the
    figure), ``fact`` (a text of the store: the number of a law, a source), ``config``, ``label``
    (the questionnaire), ``file`` (an input or the lock file),
    ``rule`` (words chosen by a written rule) or ``structure`` (the number of a table or chapter).
    """

    text: str
    source: str
    key: str = ""
    field: str = ""


@dataclass(frozen=True)
class Code:
    """A name of a file, a key or a command."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words that carry weight."""

    content: tuple[Inline, ...]


@dataclass(frozen=True)
class Emphasis:
    """Words set apart."""

    content: tuple[Inline, ...]


@dataclass(frozen=True)
class Link:
    """A link: ``target`` is an address or ``#anchor``."""

    target: str
    content: tuple[Inline, ...]


Inline = Text | Slot | Code | Strong | Emphasis | Link


@dataclass(frozen=True)
class Heading:
    """A heading below the chapter's own; ``level`` from 2."""

    level: int
    anchor: str
    content: tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    content: tuple[Inline, ...]


@dataclass(frozen=True)
class Listing:
    """A list of items, each made of blocks."""

    ordered: bool
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True)
class Note:
    """A remark set apart from the text: a caution, or how a figure is to be read."""

    content: tuple[Block, ...]


@dataclass(frozen=True)
class Cell:
    """One cell of a table; ``span`` counts columns (in the header only)."""

    content: tuple[Inline, ...]
    number: bool = False
    span: int = 1


@dataclass(frozen=True)
class Row:
    """One row of a table: its label and its cells; ``kind`` is ``body``, ``group`` or ``base``."""

    label: tuple[Inline, ...]
    cells: tuple[Cell, ...]
    kind: str = "body"


@dataclass(frozen=True)
class Table:
    """A table: header rows, body rows, notes below.

    ``stub`` heads the column of row labels. ``folded`` tables open on demand where a format can
    do that; elsewhere they go to an annex.
    """

    anchor: str
    number: str
    caption: tuple[Inline, ...]
    stub: str
    header: tuple[tuple[Cell, ...], ...]
    rows: tuple[Row, ...]
    notes: tuple[tuple[Inline, ...], ...] = ()
    folded: bool = False

    @property
    def width(self) -> int:
        """Columns with that of the row labels."""
        return 1 + max((len(row.cells) for row in self.rows), default=0)


@dataclass(frozen=True)
class Figure:
    """A figure: the name of its drawing, its caption, and words for who does not see it."""

    anchor: str
    number: str
    name: str
    caption: tuple[Inline, ...]
    alternative: str
    notes: tuple[tuple[Inline, ...], ...] = ()


Block = Heading | Paragraph | Listing | Note | Table | Figure


@dataclass(frozen=True)
class Chapter:
    """One chapter; ``number`` is empty for front and back matter."""

    anchor: str
    number: str
    title: tuple[Inline, ...]
    blocks: tuple[Block, ...]

    @property
    def is_appendix(self) -> bool:
        """Whether it is one of the appendices, which carry letters."""
        return self.number.isalpha()


@dataclass(frozen=True)
class Document:
    """The whole report in one language.

    ``banner`` and ``warning`` say on every page, and at length on the first, that data are
    simulated or small groups shown; "" otherwise.
    """

    language: str
    title: str
    subtitle: str
    banner: str
    chapters: tuple[Chapter, ...]
    warning: str = ""


def as_json(part: Any) -> Any:
    """Return a document or any part of it as plain lists and dictionaries, ``kind`` first."""
    if is_dataclass(part) and not isinstance(part, type):
        plain: dict[str, Any] = {"kind": type(part).__name__.lower()}
        return plain | {f.name: as_json(getattr(part, f.name)) for f in fields(part)}
    if isinstance(part, tuple):
        return [as_json(p) for p in part]
    return part


def walk(part: Any) -> Iterator[Any]:
    """Yield every part of a document and every list of parts, itself first, in reading order."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        yield part
        if part.__class__ is tuple:
            waiting += part[::-1]
        else:
            waiting += [getattr(part, name) for name in _holding(part.__class__)]


@cache
def _holding(kind: Any) -> tuple[str, ...]:
    """Return the fields of a kind of part that hold others, the last first."""
    words = ("str", "int", "bool")
    return tuple(f.name for f in fields(kind) if f.type not in words)[::-1]


def placed(document: Document) -> Iterator[Chapter | Block]:
    """Yield the chapters of a document and their blocks, in reading order; words are not looked at.

    Those of a list or a note follow it.
    """
    waiting: list[Chapter | Block] = list(document.chapters[::-1])
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case Chapter(blocks=inner) | Note(content=inner):
                waiting += inner[::-1]
            case Listing(items=items):
                waiting += [block for item in items[::-1] for block in item[::-1]]


def anchors(document: Document) -> frozenset[str]:
    """Return every anchor of a document."""
    anchored = Chapter | Heading | Table | Figure
    return frozenset(part.anchor for part in placed(document) if isinstance(part, anchored))


def plain(content: tuple[Inline, ...]) -> str:
    """Return inlines as bare words."""
    return "".join(
        part.text if isinstance(part, Text | Slot | Code) else plain(part.content)
        for part in content
    )
