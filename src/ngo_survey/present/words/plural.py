"""Which form of a word goes with a whole number: the cardinal rules of Unicode CLDR, by Babel."""

from __future__ import annotations

from functools import cache

#: Whole numbers among which every form of the languages of Central Asia and Europe occurs.
_SAMPLES = range(200)


def plural(code: str, number: int) -> str:
    """Return the CLDR category (``one``, ``few``, ``many``, ``other``) of a whole number."""
    from babel import Locale

    return Locale.parse(code).plural_form(abs(number))


@cache
def forms(code: str) -> frozenset[str]:
    """Return the categories that whole numbers take in a language."""
    return frozenset(plural(code, number) for number in _SAMPLES)
