"""The document as one self-contained HTML page: no framework, no external request."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from ngo_survey.errors import SurveyError
from ngo_survey.report.document import Document, Figure, Slot, plain, walk
from ngo_survey.words.language import Language

#: Name and words, line by line, of one number (see ``definition.define``).
Definition = Sequence[tuple[str, str]]

#: Words of a cell that are not broken over lines: dates, numbers of laws.
SHORT = 12
#: Words of a cell that need a wide column: notes.
LONG = 50
#: Schemes an address in the text may have; anything else is printed as words.
SCHEMES = ("https://", "http://", "#")


def printed_keys(document: Document) -> list[str]:
    """Return every key of the results store that a document prints, sorted."""
    slots = (part for part in walk(document) if isinstance(part, Slot))
    return sorted({slot.key for slot in slots if slot.source == "result" and slot.key})


def render(
    document: Document,
    language: Language,
    definitions: Mapping[str, Definition],
    drawings: Mapping[str, str],
    colophon: Sequence[str],
) -> str:
    """Return the page.

    ``definitions`` holds what opens behind each key, ``drawings`` the SVG element of each figure's
    anchor; all else is escaped.
    """
    environment = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = _resource("style.css"), _resource("script.js")
    data = _definitions(definitions)
    environment.globals.update(
        document=document,
        word=language.word,
        address=_address,
        short=lambda cell: len(plain(cell.content)) <= SHORT,
        long=lambda cell: len(plain(cell.content)) >= LONG,
        drawing=lambda figure: Markup(drawings[figure.anchor]),
        defined={key: _tooltip(lines) for key, lines in definitions.items()},
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        definitions=Markup(data),
        colophon=list(colophon),
    )
    return environment.get_template("page.html.j2").render().lstrip()


def _resource(name: str) -> str:
    return (files("ngo_survey.report") / "page" / name).read_text(encoding="utf-8")


def _address(target: str) -> str:
    if not target.startswith(SCHEMES):
        raise SurveyError("a link in the report has an address of an unknown kind", value=target)
    return target


def _tooltip(lines: Definition) -> str:
    """Return the first lines of a definition on one line: what shows without a script."""
    return " · ".join(f"{name}: {words}" for name, words in lines[:6])


def _definitions(definitions: Mapping[str, Definition]) -> str:
    """Return the definitions as JSON in which each distinct text stands once."""
    words: dict[str, int] = {}

    def place(text: str) -> int:
        return words.setdefault(text, len(words))

    numbers = {
        key: [place(text) for line in lines for text in line]
        for key, lines in sorted(definitions.items())
    }
    data = {"words": list(words), "numbers": numbers}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # Inside <script> nothing may close the element or open a comment.
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _policy(style: str, script: str) -> str:
    """Return a content security policy that lets this page's own style and script run alone."""

    def digest(text: str) -> str:
        return "'sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {digest(script)}",
            # Drawings carry style attributes; a <style> element must be ours.
            f"style-src-elem {digest(style)}",
            "style-src-attr 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def figures(document: Document) -> list[Figure]:
    """Return the figures of a document in reading order."""
    return [part for part in walk(document) if isinstance(part, Figure)]


def title_of(figure: Figure) -> str:
    """Return a figure's caption as bare words."""
    return plain(figure.caption)
