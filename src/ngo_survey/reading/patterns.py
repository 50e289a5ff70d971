"""Regular expressions of a form held against answers, in bounded time.

Python tries every way in which a pattern may fit: one repeat inside another takes a time that
doubles with each letter of an answer. What could take long is tried apart, with a limit.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits

#: Seconds for all answers to one question, and the letters that one answer has at most.
SECONDS = 10
LETTERS = 10_000
#: What stands for itself in a pattern: an escape, a set of letters.
PLAIN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]", re.DOTALL)
REPEAT = re.compile(r"[*+]|\{\d*,\d*\}")
#: A group that is repeated, or one that is more than a group.
HARD = re.compile(r"\)[*+?{]|\(\?(?!:)")

Pair = tuple[str, str]


def compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern as Python reads it; None for one that only Java or a browser does."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return None


def matched(pairs: Sequence[Pair]) -> list[bool | None]:
    """Return whether each text fits its pattern; None where that cannot be known.

    Collect asks for the whole text, web forms for any part: unknown where they differ, and with a
    pattern that Python does not know.

    Raises
    ------
    InputError: a pattern takes longer than :data:`SECONDS`.
    """
    if all(_is_quick(*pair) for pair in pairs):
        return _matched(pairs, Limits())
    patterns = dict.fromkeys(pattern for text, pattern in pairs if not _is_quick(text, pattern))
    return run_apart(
        _matched,
        pairs,
        what=f"answers against the pattern {', '.join(patterns)[:200]}",
        shown=None,
        hint="write the pattern without a repeat inside a repeat",
        limits=Limits(seconds=SECONDS),
    )


def _is_quick(text: str, pattern: str) -> bool:
    bare = PLAIN.sub("x", pattern)
    one_repeat = len(REPEAT.findall(bare)) <= 1 and not HARD.search(bare)
    return one_repeat and len(text) <= LETTERS


def _matched(pairs: Sequence[Pair], limits: Limits) -> list[bool | None]:
    return [_matches(text, pattern) for text, pattern in pairs]


def _matches(text: str, pattern: str) -> bool | None:
    found = compiled(pattern)
    if found is None:
        return None
    whole = found.fullmatch(text) is not None
    return whole if whole == (found.search(text) is not None) else None
