"""What a column of an export may be about."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class ExportHeading(NamedTuple):
    """A question (or battery) by name or wording, and a choice or item of it, "" for the whole.

    ``words`` says that the tool writes the part in words: a label and no name.
    """

    question: str
    part: str = ""
    words: bool = False


MARKUP = re.compile(r"<[^>]+>")
SPACES = re.compile(r"\s+")
ALIKE = str.maketrans({"ё": "е", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2011": "-"})


def fold(text: str) -> str:
    """Return a wording as it is compared: no markup, case, kind of space or dash, closing mark."""
    plain = MARKUP.sub("", unicodedata.normalize("NFKC", text)).casefold().translate(ALIKE)
    return SPACES.sub(" ", plain).strip(" .:?!*\u00a0")


#: Wordings of the field behind a choice "other".
OTHER = {
    fold(text)
    for text in (
        *("other", "other (please specify)", "other, please specify", "comment"),
        *("другое", "другое (укажите)", "другое, укажите", "басқа", "басқа (көрсетіңіз)"),
    )
}
