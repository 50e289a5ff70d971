"""How one language says numbers: its catalogue and the formats made of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from ngo_survey.errors import ConfigError, nearest
from ngo_survey.words.plural import plural


@dataclass(frozen=True)
class Language:
    """One language: ``words`` is its catalogue, at least that of ``numbers/<code>.yaml``."""

    code: str
    words: dict[str, Any]

    def word(self, path: str, **fill: str) -> str:
        """Return the words at a dotted path with their places filled."""
        found: Any = self.words
        for step in path.split("."):
            if not isinstance(found, dict) or step not in found:
                known = found if isinstance(found, dict) else ()
                raise ConfigError(
                    f"the words of the language {self.code} lack a key",
                    column=path,
                    mend=nearest(step, known),
                )
            found = found[step]
        return str(found).format(**fill) if fill else str(found)

    def counted(self, path: str, number: int) -> str:
        """Return a whole number with its noun: ``path`` holds the forms of ``plural.RULES``."""
        return self.word(f"{path}.{plural(self.code, number)}", value=self.number(number, 0))

    def number(self, value: float, decimals: int) -> str:
        """Return a number with this language's separators; never ``-0``."""
        text = f"{value:,.{decimals}f}"
        if not text.strip("-0.,"):
            text = text.lstrip("-")
        marks = {",": self.word("number.thousands"), ".": self.word("number.decimal")}
        marks["-"] = self.word("number.minus")
        return "".join(marks.get(letter, letter) for letter in text)

    def format(self, value: float, form: str) -> str:
        """Return ``value`` in one of the forms of :data:`FORMS`; a missing value as a dash."""
        if math.isnan(value):
            return self.word("number.none")
        if form in DECIMALS:
            return self.number(value, DECIMALS[form])
        special = {
            "percent": lambda: self._percent(value, 0),
            "percent1": lambda: self._percent(value, 1),
            "signed": lambda: self._signed(value * 100, 1),
            "signed2": lambda: self._signed(value, 2),
            "points": lambda: self._points(value),
            "year": lambda: f"{value:.0f}",
            "p": lambda: self._p(value),
            "plain": lambda: self._plain(value),
        }
        if form not in special:
            raise ConfigError("no such form of a number", value=form, mend=nearest(form, FORMS))
        return special[form]()

    def _points(self, value: float) -> str:
        """Return the size of a difference of two shares in percentage points."""
        whole = round(abs(value) * 100)
        return self.counted("number.points", whole)

    def _signed(self, value: float, decimals: int) -> str:
        """Return a difference with its sign: of shares in points, of means in theirs."""
        text = self.number(value, decimals)
        zero = not text.strip("0" + self.word("number.decimal"))
        return f"+{text}" if value > 0 and not zero else text

    def _p(self, value: float) -> str:
        smallest = 0.001
        if value < smallest:
            return self.word("number.p_below", value=self.number(smallest, 3))
        return self.word("number.p", value=self.number(value, 3))

    def _percent(self, value: float, decimals: int) -> str:
        """Return a share as a percentage; a share that is not none never prints as none.

        A negative one is a balance of two shares: close to nothing, it is nothing.
        """
        smallest = 10.0**-decimals
        if 0 < value * 100 < smallest / 2:
            least = self.word("number.percent", value=self.number(smallest, decimals))
            return self.word("number.below", value=least)
        return self.word("number.percent", value=self.number(value * 100, decimals))

    def _plain(self, value: float) -> str:
        """Return a number with as many decimals as it needs, at most three significant ones."""
        if value == round(value) or abs(value) >= 1000:
            return self.number(value, 0)
        decimals = 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
        return self.number(value, decimals)

    def join(self, items: Sequence[str]) -> str:
        """Return items as a list in a sentence."""
        if len(items) < 2:
            return "".join(items)
        if len(items) == 2:
            return self.word("list.two", first=items[0], last=items[1])
        first = self.word("list.join").join(items[:-1])
        return self.word("list.many", first=first, last=items[-1])


#: Forms that are a number of decimals.
DECIMALS = {"count": 0, "mean": 2, "decimal": 1, "decimal2": 2, "decimal3": 3}
#: Every form a number can be printed in.
FORMS = (*DECIMALS, "percent", "percent1", "points", "signed", "signed2", "year", "p", "plain")


@cache
def numbers(code: str) -> Language:
    """Load how a language says numbers; raises :class:`ConfigError` when nothing says it."""
    return Language(code, catalogue(files("ngo_survey.words") / "numbers", code, "numbers have"))


def catalogue(folder: Traversable, code: str, whose: str) -> dict[str, Any]:
    """Read the words of a language from a folder of catalogues.

    Raises
    ------
    ConfigError: there are none; ``whose`` says of what ("tables have").
    """
    import yaml

    file = folder / f"{code}.yaml"
    if not file.is_file():
        known = [e.name.removesuffix(".yaml") for e in folder.iterdir() if e.name.endswith(".yaml")]
        raise ConfigError(
            f"{whose} no words in this language", value=code, mend=nearest(code, known)
        )
    words: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return words
