"""UniqueNames of questions and choices, made from headers and answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ngo_survey.codebook.question import FRAME

LONGEST = 32
#: Words that a filter, a table or a frame has a meaning of its own for.
RESERVED = frozenset(
    {*FRAME, "start", "end", "total", "all", "none", "and", "or", "not", "in"}
    | {"between", "consent", "sample_id", "chosen", "count", "answered"}
)


def slug(text: str, otherwise: str) -> str:
    """Return a name of small Latin letters, digits and underscores.

    ``otherwise`` where none of the letters is Latin. Cut between words at :data:`LONGEST` letters.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    kept = sum(c.isalnum() for c in plain)
    if kept < 0.5 * sum(c.isalnum() for c in text):
        return otherwise  # another alphabet
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    made = ""
    for word in words:
        longer = f"{made}_{word}" if made else word
        if made and len(longer) > LONGEST:
            break
        made = longer[:LONGEST]
    return made or otherwise


class UniqueNames:
    """UniqueNames that are given once each."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def give(self, text: str, otherwise: str) -> str:
        """Return a name that nothing has yet; one that begins with a digit gets a letter."""
        name = slug(text, otherwise)
        if name[0].isdigit() or name in RESERVED:
            name = f"q_{name}"
        made, number = name, 2
        while made in self.taken:
            made, number = f"{name}_{number}", number + 1
        self.taken.add(made)
        return made


def choice_names(labels: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a name for each label of a list of choices, none of those ``taken``: {name: label}."""
    made: dict[str, str] = {}
    used = set(taken)
    for place, label in enumerate(labels, start=1):
        name = base = slug(label, f"c{place}")
        number = 2
        while name in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        made[name] = label
    return made
