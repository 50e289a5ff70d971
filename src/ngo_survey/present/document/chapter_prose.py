"""The words that an author typed in a chapter, line by line, before any slot is filled.

The template is cut, never run: a slot stands as one sign, a tag as another or nothing, and Markdown
then tells words from markup. What a macro or ``{% set %}`` holds may be the name of a key, and is
left to the build.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ngo_survey.present.document.markdown import ANCHOR_WRITTEN

#: Stands for what a slot prints.
SLOT = "\N{OBJECT REPLACEMENT CHARACTER}"
#: Stands for a tag after words of its line.
TAG = "\N{INVISIBLE SEPARATOR}"
#: Tags whose body is no prose of its own, with what ends them.
_HELD = {"macro": "endmacro", "call": "endcall", "filter": "endfilter", "set": "endset"}
_PARSER = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Prose:
    """Words that follow each other: a paragraph, a heading, an item of a list.

    Attributes
    ----------
    lines: its words line by line.
    line: the line of the chapter's file in which they begin.
    whole: whether they read so in the report; a tag within or beside them may change that.
    """

    lines: tuple[str, ...]
    line: int
    whole: bool


def prose(text: str) -> Iterator[Prose]:
    """Yield the words of a chapter that are neither slot nor markup."""
    cut = _cut(text)
    written, left = text.splitlines(), cut.splitlines()
    for token in _PARSER.parse(cut):
        if token.type == "inline" and token.map:
            first, end = token.map
            lines = "".join(_parts(token)).split("\n")
            beside = [n for n in (first - 1, end) if 0 <= n < len(left)]
            whole = not any(TAG in line for line in left[first:end]) and not any(
                written[n].strip() and not left[n].strip() for n in beside
            )
            words = (ANCHOR_WRITTEN.sub("", line.replace(TAG, "")) for line in lines)
            yield Prose(tuple(words), first + 1, whole)


def _parts(token: Token) -> Iterator[str]:
    """Yield the texts of a block; what is emphasised or a link stands apart, as in the report."""
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type == "text":
            yield child.content
        else:
            yield SLOT


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
            if "".join(made).rpartition("\n")[2].strip():
                made.append(TAG)
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
