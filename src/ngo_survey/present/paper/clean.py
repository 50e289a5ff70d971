"""Text made safe for files that are set in type: no control character, no mark that turns a line.

Labels, the configuration and answers may hold anything. Marks of direction would reorder the words
after them, and control characters are no part of XML.
"""

from __future__ import annotations

import re

#: Controls but tab and line feed, marks of direction, surrogates and what is no character.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Return ``text`` without characters that cannot be set or that turn the text around them."""
    return _UNFIT.sub("", text)
