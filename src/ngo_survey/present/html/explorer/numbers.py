"""Figures as few letters, and back: what the explorer carries in the page.

A page has no room for fifteen thousand figures with limits as JSON. A share is told in two letters
or three: the figure in whole percents, as every table of the report prints it, and the place of its
two limits in a list of pairs of distances, the frequent pairs first. Other numbers take as many
letters as they need. A figure that may not be shown is its status and nothing else: no number of it
leaves.

``explorer.js`` holds the way back; :func:`read` is the same in Python, for tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

#: Digits: printable ASCII without what JSON or HTML would escape, and without the marks below.
DIGITS = "".join(chr(c) for c in range(35, 127) if chr(c) not in '<>\\&"~}|')
BASE = len(DIGITS)
HALF = BASE // 2
#: Marks of a figure that is not there: hidden, of nobody, or not made.
MARKS = {"hidden": "~", "empty": "|", "": " "}
#: Says that the mark before it stands as often as the letter after it says.
TIMES = "}"
#: Fewest marks worth a letter.
RUN = 4
#: A share between none and half a percent prints as "less than one percent".
BELOW = 101
SHARES = 102
#: Places of pairs that fit into two letters beside a share.
ROOM = BASE**2 // SHARES

#: Distances of the lower and upper limit from the figure, one more; (0, 0) where there are none.
Pair = tuple[int, int]


@dataclass(frozen=True)
class Figure:
    """One figure as whole numbers: percents, or hundredths of a mean.

    ``low`` and ``high`` are None where there are no limits; ``below`` marks a share that is more
    than none and less than half a percent.
    """

    status: str
    value: int = 0
    low: int | None = None
    high: int | None = None
    below: bool = False

    @property
    def pair(self) -> Pair:
        """How far the limits are from the figure."""
        if self.low is None or self.high is None:
            return 0, 0
        return self.value - self.low + 1, self.high - self.value + 1

    @property
    def is_share(self) -> bool:
        """Whether this is a share from none to all, in percents."""
        return 0 <= self.value < BELOW


@dataclass(frozen=True)
class Pairs:
    """Pairs of distances of limits, the most frequent first."""

    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, figures: Iterable[Figure]) -> Pairs:
        """Return the pairs of some shares."""
        counted = Counter(figure.pair for figure in figures if figure.status == "shown")
        return cls(tuple(sorted(counted, key=lambda pair: (-counted[pair], pair))))

    @property
    def long(self) -> int:
        """How many of the places in two letters announce a third."""
        over = max(0, len(self.pairs) - ROOM)
        return -(-over // (BASE - 1))

    def text(self) -> str:
        """Return the list as text of :func:`count`."""
        return "".join(count(low) + count(high) for low, high in self.pairs)

    def write(self, figures: Sequence[Figure]) -> str:
        """Return shares as text."""
        places = {pair: place for place, pair in enumerate(self.pairs)}
        short = ROOM - self.long

        def letters(figure: Figure) -> str:
            place = places[figure.pair]
            beyond, third = divmod(place - short, BASE) if place >= short else (0, 0)
            code = BELOW if figure.below else figure.value
            code += SHARES * (short + beyond if place >= short else place)
            text = DIGITS[code // BASE] + DIGITS[code % BASE]
            return text + DIGITS[third] if place >= short else text

        return _runs(figures, letters)

    def read(self, text: str) -> list[Figure]:
        """Return the figures that :meth:`write` made a text of."""
        short = ROOM - self.long

        def figure(place: int) -> tuple[Figure, int]:
            code = DIGITS.index(text[place]) * BASE + DIGITS.index(text[place + 1])
            whole, at = code % SHARES, code // SHARES
            place += 2
            if at >= short:
                at = short + (at - short) * BASE + DIGITS.index(text[place])
                place += 1
            below = whole == BELOW
            return _figure(0 if below else whole, *self.pairs[at], below=below), place

        return _read(text, figure)


def write(figures: Sequence[Figure]) -> str:
    """Return numbers of any size as text."""

    def letters(figure: Figure) -> str:
        turned = 2 * figure.value if figure.value >= 0 else -2 * figure.value - 1
        return "".join(count(n) for n in (turned, *figure.pair))

    return _runs(figures, letters)


def read(text: str) -> list[Figure]:
    """Return the figures that :func:`write` made a text of."""

    def figure(place: int) -> tuple[Figure, int]:
        (turned, low, high), place = _counts(text, place, 3)
        return _figure(-(turned + 1) // 2 if turned % 2 else turned // 2, low, high), place

    return _read(text, figure)


def count(number: int) -> str:
    """Return a whole number as letters, the last of them from the lower half of the digits."""
    letters = DIGITS[number % HALF]
    number //= HALF
    while number:
        letters = DIGITS[HALF + number % HALF] + letters
        number //= HALF
    return letters


def counts(text: str) -> list[int]:
    """Return the whole numbers that were each written by :func:`count`."""
    numbers: list[int] = []
    place = 0
    while place < len(text):
        found, place = _counts(text, place, 1)
        numbers += found
    return numbers


def _runs(figures: Sequence[Figure], letters: Callable[[Figure], str]) -> str:
    return "".join(_pieces(figures, letters))


def _pieces(figures: Sequence[Figure], letters: Callable[[Figure], str]) -> Iterator[str]:
    for status, same in groupby(figures, key=lambda figure: figure.status):
        run = list(same)
        if status == "shown":
            yield from map(letters, run)
            continue
        for start in range(0, len(run), BASE):
            times = len(run[start : start + BASE])
            mark = MARKS[status]
            yield mark * times if times < RUN else mark + TIMES + DIGITS[times - 1]


def _read(text: str, figure: Callable[[int], tuple[Figure, int]]) -> list[Figure]:
    figures: list[Figure] = []
    statuses = {mark: status for status, mark in MARKS.items()}
    place = 0
    while place < len(text):
        if text[place] in statuses:
            figures.append(Figure(statuses[text[place]]))
            place += 1
        elif text[place] == TIMES:
            figures += [figures[-1]] * DIGITS.index(text[place + 1])
            place += 2
        else:
            found, place = figure(place)
            figures.append(found)
    return figures


def _counts(text: str, place: int, times: int) -> tuple[list[int], int]:
    numbers = []
    for _ in range(times):
        number, more = 0, True
        while more:
            digit = DIGITS.index(text[place])
            more = digit >= HALF
            number = number * HALF + (digit - HALF if more else digit)
            place += 1
        numbers.append(number)
    return numbers, place


def _figure(value: int, low: int, high: int, below: bool = False) -> Figure:
    if not low:
        return Figure("shown", value, below=below)
    return Figure("shown", value, value - low + 1, value + high - 1, below)
