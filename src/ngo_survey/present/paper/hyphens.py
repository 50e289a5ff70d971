"""Where long words may be broken, in languages that the typesetter has no patterns for.

Where every syllable holds one vowel and begins with at most one consonant, a word may be broken
before a consonant that a vowel follows. The words of such a language name its vowels and the
letters that no part begins with (``hyphens`` in the words of PDF and Word).
"""

from __future__ import annotations

import re
from functools import cache

SOFT = "\u00ad"
#: Words with fewer letters are never broken; two letters stay before and after a break.
SHORT = 8
_WORD = re.compile(rf"[^\W\d_]{{{SHORT},}}")


def soften(text: str, vowels: str, bound: str = "") -> str:
    """Return words with soft hyphens where they may be broken; none without ``vowels``.

    Parameters
    ----------
    bound: letters that stay with the letter before.
    """
    if not vowels:
        return text
    places = _places(vowels, bound)
    return _WORD.sub(lambda word: places.sub(SOFT, word[0]), text)


@cache
def _places(vowels: str, bound: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=\w\w)(?=[^\W\d_{vowels}{bound}][{vowels}]\w)", re.IGNORECASE)
