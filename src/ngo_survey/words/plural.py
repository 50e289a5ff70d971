"""Which form of a word goes with a whole number: the cardinal rules of Unicode CLDR 46."""

from __future__ import annotations

from collections.abc import Callable


def _one_other(n: int) -> str:
    """English and Kazakh: one thing, and any other number of things."""
    return "one" if n == 1 else "other"


def _slavic(n: int) -> str:
    """Russian: 1, 21, 31 (not 11); 2 to 4, 22 to 24 (not 12 to 14); all others."""
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14):
        return "few"
    return "many"


#: The rule of each language and the forms it asks for.
RULES: dict[str, tuple[Callable[[int], str], tuple[str, ...]]] = {
    "en": (_one_other, ("one", "other")),
    "ru": (_slavic, ("one", "few", "many")),
    "kk": (_one_other, ("one", "other")),
}


def plural(code: str, number: int) -> str:
    """Return the CLDR category (``one``, ``few``, ``many``, ``other``) of a whole number."""
    return RULES[code][0](abs(number))
