"""Spellings held against each other: no case, marks, spaces, or letters of the wrong alphabet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ngo_survey.ingest.tools.heading import fold

#: Latin letters that look like Cyrillic ones, as they are typed by mistake.
TO_CYRILLIC = str.maketrans("aceopxyik", "асеорхуік")
TO_LATIN = str.maketrans("асеорхуіктнмв", "aceopxyikthmb")
NO_LETTER = re.compile(r"[\W_]+")
BOTH = re.compile(r"(?=.*[a-z])(?=.*[а-яәғқңөұүһі])", re.DOTALL)


def key(text: str) -> str:
    """Return what is compared of a spelling: letters and digits alone."""
    return NO_LETTER.sub("", fold(text))


def keys(text: str) -> list[str]:
    """Return the keys of a spelling; for one of two alphabets, as either of them as well."""
    plain = key(text)
    if BOTH.match(plain):
        return [plain, plain.translate(TO_CYRILLIC), plain.translate(TO_LATIN)]
    return [plain]


def book(spellings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return key -> choice; a key of two choices stands for neither."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for text, choice in spellings:
        if found.setdefault(key(text), choice) != choice:
            twice.add(key(text))
    return {k: c for k, c in found.items() if k and k not in twice}


def read(text: str, known: Mapping[str, str]) -> str | None:
    """Return the choice that a spelling stands for, or None."""
    return next((known[k] for k in keys(text) if k in known), None)
