"""What the cells of a column are: ticks, one of a few answers, several joined, numbers, moments.

Pure functions on columns of text, in which "" is no answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.dates import FORMATS, readings
from ngo_survey.ingest.missing import WRITTEN
from ngo_survey.ingest.split import NO, YES

#: More answers than a list of choices has, and how often each must come for a list to be seen.
MOST_CHOICES = 40
LEAST_REPEATED = 3
LONGEST_CHOICE = 160
#: So many answers to a question of numbers may hold one in words: "about 20", "10-15".
MOST_NEAR = 1 / 3
#: Words for no answer that are no choice of anybody's list.
NOTHING = WRITTEN | {"NULL", "null", "#NULL!", ".", "-", "--", "?", "#N/A"}
ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?")
NUMBER = re.compile(r"[-+]?\d+(?:[ \u00a0]\d{3})*(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s*%?")
OTHER = re.compile(r"^(?:other|else\b|друго|басқа|прочее)|\bspecify\b|укажите", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"\+?[\d\s().-]{9,20}")
PLACE = re.compile(r"-?\d{1,3}\.\d{4,}[,\s]+-?\d{1,3}\.\d{4,}.*")
#: What parts answers that stand in one cell.
JOINTS = (";", "|", "\n", ",")


def says_yes_or_no(text: str) -> bool:
    """Say whether a cell says yes or no in words or numbers."""
    return spelling.key(text) in YES | NO


@dataclass(frozen=True)
class GivenAnswers:
    """Distinct answers of a column with how often each came, the most frequent first."""

    counts: Counter[str]

    @classmethod
    def of(cls, column: pd.Series) -> GivenAnswers:
        """Count the answers; what says that there is none is left out."""
        cells = column.str.strip()
        return cls(Counter(cells[~cells.isin(NOTHING | {""})].tolist()))

    @property
    def distinct(self) -> list[str]:
        """The distinct answers."""
        return [text for text, _ in self.counts.most_common()]

    @property
    def filled(self) -> int:
        """How many cells hold an answer."""
        return sum(self.counts.values())

    @property
    def ticks(self) -> bool:
        """Whether each cell says yes or no: so in words, or by the one answer that it may hold."""
        said = [text for text in self.counts if spelling.key(text) not in NO]
        return len(said) <= 1 or all(spelling.key(text) in YES for text in said)

    @property
    def flags(self) -> bool:
        """Whether each cell says yes or no in words or numbers alone."""
        return bool(self.counts) and all(spelling.key(t) in YES | NO for t in self.counts)

    @property
    def few(self) -> bool:
        """Whether answers come again and again, as those of a list of choices do."""
        kinds = len(self.counts)
        if not 1 < kinds <= MOST_CHOICES or max(map(len, self.counts)) > LONGEST_CHOICE:
            return False
        return self.filled >= LEAST_REPEATED * kinds or (kinds <= 5 and self.filled > kinds)

    @property
    def numbers(self) -> pd.Series | None:
        """The distinct answers as numbers; None where one in ten is words, or a third not plain."""
        return self._numbers()[0]

    @property
    def no_numbers(self) -> list[str]:
        """What among numbers is none."""
        return self._numbers()[1]

    def _numbers(self) -> tuple[pd.Series | None, list[str]]:
        read = [text for text in self.counts if NUMBER.fullmatch(text)]
        strange = [text for text in self.counts if not NUMBER.fullmatch(text)]
        # "about 20" among numbers is one that a person must write in digits; in a list of choices
        # ("3 and more") it is an answer like the others.
        near = [t for t in strange if any(c.isdigit() for c in t)] if not self.few else []
        words = [t for t in strange if t not in near]
        share = sum(self.counts[t] for t in strange) / self.filled if strange else 0.0
        of_words = sum(self.counts[t] for t in words)
        if not read or share > MOST_NEAR or of_words > 0.1 * self.filled or len(words) > 5:
            return None, strange
        plain = [re.sub(r"[\s%]", "", text).replace(",", ".") for text in read]
        return pd.to_numeric(pd.Series(plain, index=read)), strange

    @property
    def date_formats(self) -> list[str]:
        """Formats in which every cell is a moment, one of each reading; "" for ISO 8601."""
        if not self.counts or not all(re.match(r"\d{1,4}[-./]\d", text) for text in self.counts):
            return []
        if all(ISO_MOMENT.fullmatch(text) for text in self.counts):
            return [""]
        return list(readings(pd.Series(self.distinct), FORMATS))

    @property
    def contact(self) -> str:
        """What kind of contact detail most cells are, "" for none."""
        for what, pattern in (("e-mail addresses", EMAIL), ("places", PLACE)):
            if (
                sum(n for text, n in self.counts.items() if pattern.fullmatch(text))
                > self.filled / 2
            ):
                return what
        return ""

    def joined(self) -> tuple[str, Counter[str]] | None:
        """Return the mark that parts several answers in a cell, and the answers; None for none.

        Several answers are seen where cells differ more than the parts that they are made of.
        """
        for joint in JOINTS:
            several = sum(n for text, n in self.counts.items() if joint in text)
            if several < max(3, 0.05 * self.filled):
                continue
            parts: Counter[str] = Counter()
            cells = {text: [p.strip() for p in text.split(joint)] for text in self.counts}
            if joint == ",":
                cells = _with_commas(cells)
            for text, n in self.counts.items():
                parts.update({piece: n for piece in dict.fromkeys(cells[text]) if piece})
            alone = [part for part in parts if parts[part] > 1]
            few = len(parts) <= MOST_CHOICES and len(alone) == len(parts)
            if few and len(self.counts) > len(parts) and parts.total() >= 3 * len(parts):
                return joint, parts
        return None


def _with_commas(cells: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Put together the parts of answers that hold a comma themselves: "Education, culture".

    A part that goes on in a small letter, and stands behind one other and nowhere else, is the rest
    of it, unless that one also stands without it.
    """
    made = dict(cells)
    for _ in range(MOST_CHOICES):
        before: dict[str, set[str]] = {}
        behind: dict[str, set[str]] = {}
        for pieces in made.values():
            for first, second in zip(["", *pieces], [*pieces, ""], strict=True):
                behind.setdefault(first, set()).add(second)
                before.setdefault(second, set()).add(first)
        pair = next(
            (
                (first, second)
                for second, firsts in before.items()
                for first in firsts
                if second[:1].islower() and first and firsts == {first}
                and behind[first] == {second}
            ),
            None,
        )  # fmt: skip
        if pair is None:
            break
        made = {text: _together(pieces, *pair) for text, pieces in made.items()}
    return made


def _together(pieces: Sequence[str], first: str, second: str) -> list[str]:
    """Return the parts of a cell with two neighbours as one."""
    made: list[str] = []
    for piece in pieces:
        if made and (made[-1], piece) == (first, second):
            made[-1] = f"{first}, {second}"
        else:
            made.append(piece)
    return made


def sums_to(columns: Sequence[pd.Series]) -> float | None:
    """Return 100 or 1 where the numbers of most rows add up to it, else None."""
    numbers = pd.concat(
        [pd.to_numeric(c.str.rstrip(" %"), errors="coerce") for c in columns], axis=1
    )
    answered = numbers.notna().sum(axis=1) > 1
    if answered.sum() < 5:
        return None
    whole = numbers[answered].sum(axis=1)
    for total in (100.0, 1.0):
        if ((whole - total).abs() <= 0.01 * total).mean() >= 0.8:
            return total
    return None
