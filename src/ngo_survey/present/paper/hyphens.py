"""Where long Kazakh words may be broken: no typesetter we use has patterns for Kazakh.

Every syllable holds one vowel and begins with at most one consonant, so a word may be broken before
a consonant that a vowel follows.
"""

from __future__ import annotations

import re

VOWELS = "аәеёиоөуұүыіэюя"
SOFT = "\u00ad"
#: Words with fewer letters are never broken; two letters stay before and after a break.
SHORT = 8
_WORD = re.compile(rf"[^\W\d_]{{{SHORT},}}")
_BREAK = re.compile(rf"(?<=\w\w)(?=[^\W\d_{VOWELS}ьъ][{VOWELS}]\w)", re.IGNORECASE)


def soften(text: str) -> str:
    """Return Kazakh words with soft hyphens where they may be broken."""
    return _WORD.sub(lambda word: _BREAK.sub(SOFT, word[0]), text)
