"""How one language says numbers: its catalogue and the formats made of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ngo_survey.errors import ConfigError, nearest
from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.present.words.plural import plural


@dataclass(frozen=True)
class Language:
    """One language: ``words`` is its catalogue, at least that of ``<code>/numbers.yaml``.

    ``own`` is the folder of the study's own words, where further catalogues are looked up.
    """

    code: str
    words: dict[str, Any]
    own: Path | None = None

    def word(self, path: str, **fill: object) -> str:
        """Return the words at a dotted path with their places filled."""
        text = self._said.get(path)
        if text is None:
            text = self._said[path] = self._find(path)
        return text.format(**fill) if fill else text

    @cached_property
    def _said(self) -> dict[str, str]:
        return {}

    def _find(self, path: str) -> str:
        found: Any = self.words
        for step in path.split("."):
            if not isinstance(found, dict) or step not in found:
                known = found if isinstance(found, dict) else ()
                raise ConfigError(
                    f"the words of the language {self.code} lack a key",
                    column=path,
                    hint=nearest(step, known),
                )
            found = found[step]
        return str(found)

    def counted(self, path: str, number: int) -> str:
        """Return a whole number with its noun: ``path`` holds the forms of ``plural.forms``."""
        return self.word(f"{path}.{plural(self.code, number)}", value=self.number(number, 0))

    def date(self, text: str) -> str:
        """Return an ISO date in the long form of the locale: “2 March 2026”."""
        from babel.dates import format_date

        day = date.fromisoformat(text)
        return format_date(day, "long", locale=self.word("number.locale"))

    def nested(self, label: str) -> str:
        """Return a label that will stand in quotation marks, its own made the inner ones."""
        outer, inner = (self.word(f"list.{name}").split("{label}") for name in ("quoted", "inner"))
        for own, new in zip(outer, inner, strict=True):
            label = label.replace(own, new)
        return label

    def quoted(self, label: str) -> str:
        """Return a label in quotation marks."""
        return self.word("list.quoted", label=self.nested(label))

    def number(self, value: float, decimals: int) -> str:
        """Return a number with this language's separators; never ``-0``."""
        text = f"{value:,.{decimals}f}"
        if not text.strip("-0.,"):
            text = text.lstrip("-")
        return text.translate(self._marks)

    @cached_property
    def _marks(self) -> dict[int, str]:
        names = {",": "thousands", ".": "decimal", "-": "minus"}
        return str.maketrans({mark: self.word(f"number.{name}") for mark, name in names.items()})

    def format(self, value: float, form: str, case: str = "") -> str:
        """Return ``value`` in one of the forms of :data:`FORMS`; a missing value as a dash.

        ``case`` is the grammatical case that a sentence asks of a percentage or of points, one of
        ``cases`` of the catalogue; a language has those that its sentences need.
        """
        if math.isnan(value):
            return self.word("number.none")
        if form in DECIMALS:
            return self.number(value, DECIMALS[form])
        if form not in SPECIAL:
            raise ConfigError("no such form of a number", value=form, hint=nearest(form, FORMS))
        return SPECIAL[form](self, value, case)

    def points(self, value: float, case: str = "") -> str:
        """Return the size of a difference of two shares in percentage points."""
        whole = round(abs(value) * 100)
        return self.counted(_path("points", case), whole)

    def _signed(self, value: float, decimals: int) -> str:
        """Return a difference with its sign: of shares in points, of means in theirs."""
        text = self.number(value, decimals)
        zero = not text.strip("0" + self.word("number.decimal"))
        return f"+{text}" if value > 0 and not zero else text

    def _p(self, value: float) -> str:
        """Return a p-value, of which the level alone is released.

        One that lies a thousandth below a level of whole percent stands for every p below it, or
        for this one (``disclosure.rounding_steps.LEVELS``).
        """
        smallest, largest = 0.001, 0.1
        if value < smallest:
            return self.word("number.p_below", value=self.number(smallest, 3))
        level = round(value + smallest, 2)
        if math.isclose(value, level - smallest, abs_tol=1e-9):
            return self.word("number.p_below", value=self.number(level, 2))
        if math.isclose(value, largest, abs_tol=1e-9):
            return self.word("number.p_from", value=self.number(largest, 1))
        return self.word("number.p", value=self.number(value, 3))

    def _percent(self, value: float, decimals: int, case: str) -> str:
        """Return a share as a percentage; a share that is not none never prints as none.

        A negative one is a balance of two shares: close to nothing, it is nothing.
        """
        smallest = 10.0**-decimals
        if 0 < value * 100 < smallest / 2:
            least = self.word("number.percent", value=self.number(smallest, decimals))
            return self.word(_path("below", case), value=least)
        return self.word(_path("percent", case), value=self.number(value * 100, decimals))

    def _plain(self, value: float) -> str:
        """Return a number with as many decimals as it needs, at most three significant ones."""
        if value == round(value) or abs(value) >= 1000:
            return self.number(value, 0)
        decimals = 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
        return self.number(value, decimals)

    def alphabetical(self, label: str) -> tuple[tuple[int, int], ...]:
        """Return the place of a label in the alphabet of this language, as a key to sort by.

        Signs come before letters, letters of other alphabets after them. Code points would put
        Cyrillic ә, қ and ұ after я.
        """
        alphabet = self.word("alphabet")

        def place(letter: str) -> tuple[int, int]:
            if letter in alphabet:
                return 1, alphabet.index(letter)
            return (2 if letter.isalpha() else 0), ord(letter)

        return tuple(place(letter) for letter in label.casefold())

    def join(self, items: Sequence[str]) -> str:
        """Return items as a list in a sentence."""
        if len(items) < 2:
            return "".join(items)
        if len(items) == 2:
            return self.word("list.two", first=items[0], last=items[1])
        first = self.word("list.join").join(items[:-1])
        return self.word("list.many", first=first, last=items[-1])


@dataclass(frozen=True)
class Points:
    """A difference of two shares for a place in the catalogue: ``{points}``, ``{points:dative}``.

    What follows the colon is the case that the words around ask for.
    """

    language: Language
    value: float

    def __format__(self, case: str) -> str:
        return self.language.points(self.value, case)


def _path(name: str, case: str) -> str:
    """Return where the catalogue says a form of a number, in a case or without one."""
    return f"cases.{case}.{name}" if case else f"number.{name}"


#: Forms that are a number of decimals.
DECIMALS = {"count": 0, "mean": 2, "decimal": 1, "decimal2": 2, "decimal3": 3}
#: Forms of a year in place of those of another number: no mark stands between its thousands.
OF_YEARS = {"plain": "year", "count": "year", "mean": "year2"}
#: Forms with a rule of their own.
SPECIAL: dict[str, Callable[[Language, float, str], str]] = {
    "percent": lambda said, value, case: said._percent(value, 0, case),
    "percent1": lambda said, value, case: said._percent(value, 1, case),
    "points": lambda said, value, case: said.points(value, case),
    "signed": lambda said, value, _: said._signed(value * 100, 1),
    "signed0": lambda said, value, _: said._signed(value * 100, 0),
    "signed2": lambda said, value, _: said._signed(value, 2),
    "year": lambda _said, value, _: f"{value:.0f}",
    "year2": lambda said, value, _: f"{value:.2f}".replace(".", said.word("number.decimal")),
    "p": lambda said, value, _: said._p(value),
    "plain": lambda said, value, _: said._plain(value),
}
#: Every form a number can be printed in.
FORMS = (*DECIMALS, *SPECIAL)


@cache
def numbers(code: str, own: Path | None = None) -> Language:
    """Load how a language says numbers; raises :class:`ConfigError` when nothing says it."""
    return Language(code, catalogue("numbers", code, own), own)
