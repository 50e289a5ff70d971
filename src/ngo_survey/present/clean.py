"""Text made safe for whatever shows it: no control character, no mark that turns a line.

Labels and the configuration may hold anything. Marks of direction (Unicode Standard Annex 9) have
no use between Latin and Cyrillic words but to make a label read as another, and control characters
are no part of XML. An address of another kind than those here may run a program when it is opened.
"""

from __future__ import annotations

import re

from ngo_survey.errors import SurveyError

#: Controls but tab and line feed, marks of direction, surrogates and what is no character.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Return ``text`` without characters that cannot be set or that turn the text around them."""
    return _UNFIT.sub("", text)


#: An ending after a figure (22 %-й, 22%-ы), within a text or at its start: there the figure is the
#: part of the document before it.
ENDING = re.compile(r"(?:(?<=[\d%])|^)-[^\W\d_]+")

#: How an address that a reader may open begins.
ADDRESSES = ("https://", "http://", "mailto:")


def address(target: str, file: str | None = None) -> str:
    """Return the target of a link; raises :class:`SurveyError` for one of an unknown kind."""
    if not target.startswith(ADDRESSES):
        raise SurveyError(
            "a link has an address of an unknown kind",
            file=file,
            value=target,
            hint=f"write one that begins with {', '.join(ADDRESSES)}",
        )
    return target
