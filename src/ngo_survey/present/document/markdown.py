"""Markdown, as chapters are written in it, to blocks of the document.

CommonMark without raw HTML. A quotation becomes a note; a mark alone in its paragraph becomes the
table or figure it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ngo_survey.errors import SurveyError
from ngo_survey.present.clean import address
from ngo_survey.present.document.document import (
    Block,
    Code,
    Emphasis,
    Figure,
    Heading,
    Inline,
    Link,
    Listing,
    Note,
    Paragraph,
    Slot,
    Strong,
    Table,
    Text,
    plain,
)
from ngo_survey.present.document.placeholders import Placeholders

_PARSER = MarkdownIt("commonmark", {"html": False})
#: An anchor written after a heading: the same place has the same anchor in every language.
ANCHOR = re.compile(r"\s*\{:\s*#([a-z0-9-]+)\s*\}$")
#: The same in a template, where slots may make a part of it.
ANCHOR_WRITTEN = re.compile(r"\s*\{:\s*#[^}]*\}$")


def blocks(text: str, slots: Placeholders, file: str) -> tuple[Block, ...]:
    """Parse a rendered chapter; raises :class:`SurveyError` for markup a report cannot hold.

    ``file`` is the name of the chapter; headings are anchored below it.
    """
    return _blocks(SyntaxTreeNode(_PARSER.parse(text)).children, slots, file)


def inlines(text: str, slots: Placeholders) -> tuple[Inline, ...]:
    """Return bare text (no Markdown) with its marks resolved: captions, notes, cells."""
    return tuple(_cut(text, slots))


def _blocks(nodes: Sequence[SyntaxTreeNode], slots: Placeholders, file: str) -> tuple[Block, ...]:
    made: list[Block] = []
    for node in nodes:
        match node.type:
            case "paragraph":
                made += _paragraph(node, slots, file)
            case "heading":
                content, place = _anchored(_inline(node.children[0], slots, file))
                made.append(Heading(int(node.tag[1:]), place, content))
            case "bullet_list" | "ordered_list":
                items = tuple(_blocks(item.children, slots, file) for item in node.children)
                made.append(Listing(node.type == "ordered_list", items))
            case "blockquote":
                made.append(Note(_blocks(node.children, slots, file)))
            case other:
                line = (node.map or (0, 0))[0] + 1
                raise SurveyError(
                    f"a chapter cannot hold Markdown's {other.replace('_', ' ')}",
                    file=file,
                    row=line,
                    hint="use headings, paragraphs, lists, quotations and {{ table() }}",
                )
    return tuple(made)


def _paragraph(node: SyntaxTreeNode, slots: Placeholders, file: str) -> list[Block]:
    content = _inline(node.children[0], slots, file, allow_blocks=True)
    if any(isinstance(part, Table | Figure) for part in content):
        # Tables and figures stand on lines of their own; what is between them is white space.
        loose = [p for p in content if not isinstance(p, Table | Figure)]
        if plain(tuple(loose)).strip():
            raise SurveyError(
                "a table or figure stands inside a paragraph",
                file=file,
                hint="put {{ table() }} or {{ figure() }} on a line of its own, blank lines around",
            )
        return [part for part in content if isinstance(part, Table | Figure)]
    return [Paragraph(tuple(content))] if plain(tuple(content)).strip() else []


def _inline(
    node: SyntaxTreeNode, slots: Placeholders, file: str, allow_blocks: bool = False
) -> tuple[Inline, ...]:
    made: list[Inline] = []
    for child in node.children:
        match child.type:
            case "text":
                made += _cut(child.content, slots, allow_blocks)
            case "softbreak" | "hardbreak":
                made.append(Text(" "))
            case "code_inline":
                held = slots.split(child.content)
                made.append(Code("".join(p if isinstance(p, str) else _words(p) for p in held)))
            case "strong":
                made.append(Strong(_inline(child, slots, file)))
            case "em":
                made.append(Emphasis(_inline(child, slots, file)))
            case "link":
                target = str(child.attrs["href"])
                if not target.startswith("#"):  # a place of the document: see guard.py
                    target = address(target, file)
                made.append(Link(target, _inline(child, slots, file)))
            case other:
                raise SurveyError(
                    f"a chapter cannot hold Markdown's {other.replace('_', ' ')}",
                    file=file,
                    value=child.content[:40] if hasattr(child, "content") else None,
                    hint="show pictures with {{ figure() }}",
                )
    return tuple(made)


def _cut(text: str, slots: Placeholders, allow_blocks: bool = True) -> list[Inline]:
    made: list[Inline] = []
    for part in slots.split(text):
        if isinstance(part, str):
            made.append(Text(part))
        elif isinstance(part, Slot) or allow_blocks:
            # A paragraph that is nothing but a table or figure is taken apart by _paragraph.
            made.append(cast(Inline, part))
        else:
            raise SurveyError("a table or figure stands inside a line of text", value=part.anchor)
    return made


def _words(part: Slot | Table | Figure) -> str:
    return part.text if isinstance(part, Slot) else part.number


def _anchored(content: tuple[Inline, ...]) -> tuple[tuple[Inline, ...], str]:
    """Return a heading without the anchor written after it, and its anchor."""
    last = content[-1] if content else None
    written = ANCHOR.search(last.text) if isinstance(last, Text) else None
    if written is None or not isinstance(last, Text):
        return content, anchor(plain(content))
    return (*content[:-1], Text(last.text[: written.start()])), written[1]


def anchor(words: str) -> str:
    """Return words as the anchor of a heading: lower case, joined by hyphens."""
    return re.sub(r"[\W_]+", "-", words.lower()).strip("-")
