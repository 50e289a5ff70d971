"""The words that an author typed in a chapter, line by line, before any slot is filled.

The template is cut, never run: a slot stands as one sign, a tag as nothing, and Markdown then tells
words from markup. What a macro or ``{% set %}`` holds may be the name of a key, and is left to the
build.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ngo_survey.present.document.markdown import ANCHOR_WRITTEN

#: Stands for what a slot prints, and for a tag within a line.
SLOT = "\N{OBJECT REPLACEMENT CHARACTER}"
#: Tags whose body is no prose of its own, with what ends them.
_HELD = {"macro": "endmacro", "call": "endcall", "filter": "endfilter", "set": "endset"}
_PARSER = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Prose:
    """Words that follow each other in one line of a chapter's file."""

    text: str
    line: int


def prose(text: str) -> Iterator[Prose]:
    """Yield the words of a chapter that are neither slot nor markup, line by line."""
    for token in _PARSER.parse(_cut(text)):
        if token.type != "inline" or not token.map:
            continue
        line, words = token.map[0] + 1, ""
        for part in _parts(token):
            if part is None:
                yield Prose(ANCHOR_WRITTEN.sub("", words), line)
                line, words = line + 1, ""
            else:
                words += part
        yield Prose(ANCHOR_WRITTEN.sub("", words), line)


def _parts(token: Token) -> Iterator[str | None]:
    """Yield the texts of a block; None where a line ends."""
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            yield None
        elif child.type == "text":
            yield child.content


def _cut(text: str) -> str:
    """Return a template with its lines as they are, without what stands in braces."""
    made: list[str] = []
    ends: list[str] = []
    tag: list[str] | None = None
    for line, kind, value in Environment().lex(text):
        # White space that `{%-` takes away is no reason to lose count of the lines.
        made.append("\n" * (line - 1 - "".join(made).count("\n")))
        if kind == "data":
            made.append("" if ends else value)
        elif kind == "variable_end" and not ends:
            made.append(SLOT)
        elif kind == "block_begin":
            tag = []
        elif kind == "block_end" and tag is not None:
            _enter(tag, ends)
            tag = None
        elif tag is not None and kind != "whitespace":
            tag.append(value)
    return "".join(made)


def _enter(tag: list[str], ends: list[str]) -> None:
    """Note a tag that holds what follows, or the end of one."""
    name = tag[0].strip("-+") if tag else ""
    if ends and name == ends[-1]:
        ends.pop()
    elif name in _HELD and not (name == "set" and "=" in tag):
        ends.append(_HELD[name])
