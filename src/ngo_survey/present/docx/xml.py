"""WordprocessingML by the paragraph, as text.

python-docx builds a file element by element, at a millisecond a cell (two hundred times what this
takes); a report has thousands of cells. So its package, styles, sections and pictures are
python-docx's, and paragraphs and tables are written here as text. Every word goes through
:func:`text` or :func:`attribute`; nothing else may reach the markup.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from ngo_survey.present.clean import ENDING, clean

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def text(words: str) -> str:
    """Return words as the content of an element."""
    return escape(clean(words))


def attribute(words: str) -> str:
    """Return words as the value of an attribute, in quotes."""
    return quoteattr(clean(words))


def run(words: str, style: str = "", properties: str = "") -> str:
    """Return a run of text in a character style; an ending stays on the line of its figure."""
    styled = f'<w:rStyle w:val="{style}"/>' if style else ""
    inner = f"<w:rPr>{styled}{properties}</w:rPr>" if styled or properties else ""
    kept, done = "", 0
    for found in ENDING.finditer(words):
        kept += _words(words[done : found.start()]) + "<w:noBreakHyphen/>"
        done = found.start() + 1
    return f"<w:r>{inner}{kept}{_words(words[done:])}</w:r>"


def _words(words: str) -> str:
    return f'<w:t xml:space="preserve">{text(words)}</w:t>'


def paragraph(content: str, style: str, properties: str = "") -> str:
    """Return a paragraph; ``content`` and ``properties`` are markup."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>'


def field_of(instruction: str, shown: str, properties: str = "") -> str:
    """Return a field with its result as last computed: readers that compute none show that."""
    inner = f"<w:rPr>{properties}</w:rPr>" if properties else ""

    def mark(kind: str) -> str:
        return f'<w:r>{inner}<w:fldChar w:fldCharType="{kind}"/></w:r>'

    written = f'<w:instrText xml:space="preserve"> {text(instruction)} </w:instrText>'
    return f"{mark('begin')}<w:r>{inner}{written}</w:r>{mark('separate')}{shown}{mark('end')}"


def inner_link(name: str, content: str, tip: str = "") -> str:
    """Return a link to a bookmark; ``tip`` shows under the pointer."""
    shown = f" w:tooltip={attribute(tip)}" if tip else ""
    return f'<w:hyperlink w:anchor="{name}" w:history="1"{shown}>{content}</w:hyperlink>'


@dataclass
class Bookmarks:
    """Names of the places of one file: Word allows forty letters, digits and underscores."""

    names: dict[str, str] = field(default_factory=dict)
    placed: int = 0

    def name(self, place: str) -> str:
        """Return the name of a place, readable and its own: the same in every build."""
        if place not in self.names:
            words = re.sub(r"\W+", "_", place).strip("_")
            digest = hashlib.sha256(place.encode()).hexdigest()[:8]
            self.names[place] = f"p_{words[:28]}_{digest}"
        return self.names[place]

    def mark(self, place: str, content: str) -> str:
        """Return content as the place that links lead to."""
        self.placed += 1
        return (
            f'<w:bookmarkStart w:id="{self.placed}" w:name="{self.name(place)}"/>'
            f'{content}<w:bookmarkEnd w:id="{self.placed}"/>'
        )
