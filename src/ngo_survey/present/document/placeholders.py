"""What a chapter's template puts into its text, carried through Markdown unharmed.

A template function returns a *mark*: two private-use characters around a number in private-use
digits. Markdown never sees the words behind it, so nothing in the data (a label, a law's title)
can become markup, and every digit that Markdown does see was typed by an author (``guard``
refuses it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ngo_survey.errors import SurveyError
from ngo_survey.present.document.document import Figure, Slot, Table

OPEN, CLOSE, ZERO = "\ue000", "\ue001", 0xE010
MARK = re.compile(f"{OPEN}([\ue010-\ue019]+){CLOSE}")
#: No author and no data may use these characters.
PRIVATE = re.compile("[\ue000-\uf8ff]")

Held = Slot | Table | Figure


@dataclass
class Placeholders:
    """The words, numbers, tables and figures behind the marks of one chapter."""

    held: list[Held] = field(default_factory=list)

    def mark(self, thing: Held) -> str:
        """Keep ``thing`` and return the mark that stands for it."""
        self.held.append(thing)
        digits = "".join(chr(ZERO + int(d)) for d in str(len(self.held) - 1))
        return f"{OPEN}{digits}{CLOSE}"

    def find(self, digits: str) -> Held:
        """Return what a mark stands for, by the digits between its ends."""
        return self.held[int("".join(str(ord(d) - ZERO) for d in digits))]

    def split(self, text: str) -> list[str | Held]:
        """Return ``text`` cut at its marks, each mark replaced by what it stands for."""
        parts: list[str | Held] = []
        for position, part in enumerate(MARK.split(text)):
            if position % 2:
                parts.append(self.find(part))
            elif part:
                parts.append(part)
        return parts


def refuse_private(text: str, file: str) -> None:
    """Raise when a chapter holds a character that marks are made of."""
    found = PRIVATE.search(text)
    if found:
        raise SurveyError(
            "a private-use character stands in the chapter",
            file=file,
            row=text.count("\n", 0, found.start()) + 1,
            value=f"U+{ord(found.group()):04X}",
            hint="write the letter that was meant",
        )
