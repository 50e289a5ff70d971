"""Spellings held against each other: the same but for case, white space, Unicode form, look-alikes.

Nothing that can tell two answers apart is dropped: no sign, point, comma, digit or closing mark.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

#: Share of letters in one order that makes one spelling nearly another; letters that a word has at
#: least for one of them to be a slip.
ALIKE, SHORTEST = 0.8, 3
SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
#: Marks that nobody sees and that move no letter: soft hyphens, joiners, directions of writing. The
#: two that turn letters round (LRO, RLO) are not among them: 12 is seen as 21 behind one.
INVISIBLE = re.compile("[\u00ad\u061c\u200c-\u200f\u202a-\u202c\u2066-\u2069]")
#: Tags that field tools allow in labels; `<5` and `a < b > c` are text.
MARKUP = re.compile(
    r"</?(?:b|i|u|em|strong|span|p|br|font|div|small|big|h[1-6])"
    r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""",
    re.IGNORECASE,
)
#: Letters of one look, as they are typed by mistake on the other keyboard, lower case.
LOOK_ALIKES = str.maketrans(
    {
        **dict(zip("авекмнорстухі", "abekmhopctyxi", strict=True)),
        **dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True)),
        **{"ё": "е", "ј": "j", "ѕ": "s", "һ": "h"},
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    }
    | {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)}
)


def exact(text: str) -> str:
    """Return a text as it is shown: letters composed (NFC), runs of white space as one, trimmed."""
    if text.isascii() and "<" not in text:  # most answers: nothing to compose, no tags
        return " ".join(text.split())
    plain = MARKUP.sub("", unicodedata.normalize("NFC", text))
    return SPACES.sub(" ", INVISIBLE.sub("", plain)).strip()


def key(text: str) -> str:
    """Return what is compared of a spelling: the shown text without case and look-alikes."""
    if text.isascii() and "<" not in text:
        return exact(text).replace("`", "'").lower()
    plain = exact(text).translate(LOOK_ALIKES).casefold().translate(LOOK_ALIKES)
    # Small ё stands for е, which has a twin of its own.
    return SPACES.sub(" ", unicodedata.normalize("NFC", plain).translate(LOOK_ALIKES)).strip()


def nearly(one: str, other: str) -> bool:
    """Whether one spelling may be the other misspelt; both are given as they are compared.

    A letter is left out, added or changed, two beside each other change places, or four letters in
    five stand in both in one order. Nothing is read so: it says what must be asked about.
    """
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    return _one_letter_apart(one, other) or (
        matcher.real_quick_ratio() >= ALIKE
        and matcher.quick_ratio() >= ALIKE
        and matcher.ratio() >= ALIKE
    )


def _one_letter_apart(one: str, other: str) -> bool:
    if max(len(one), len(other)) < SHORTEST or abs(len(one) - len(other)) > 1:
        return False
    start = _alike(one, other)
    end = _alike(one[start:][::-1], other[start:][::-1])
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])


def _alike(one: str, other: str) -> int:
    """Return how many letters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
