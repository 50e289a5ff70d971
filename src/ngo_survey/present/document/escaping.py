"""Text from the data made harmless for whoever reads the page.

Markup is escaped by the template. What is left are characters that turn the direction of the text
around them: between Latin and Cyrillic words they have no use but to make a label read as another.
"""

from __future__ import annotations

import re

from markupsafe import Markup

#: Marks, embeddings, overrides and isolates of direction (Unicode Standard Annex 9).
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def undirected(text: str) -> str:
    """Return text without characters that turn its direction."""
    return DIRECTION.sub("", text)


def finalize(value: object) -> object:
    """Return what a template prints without such characters; markup stays markup."""
    if isinstance(value, Markup):
        return Markup(undirected(str(value)))
    return undirected(value) if isinstance(value, str) else value
