"""Terms of a model as they are declared: a mapping, or a line of a small grammar. Never code.

formula     = term { "+" term }
term        = name | interaction | call
interaction = name ":" name
call        = "spline" "(" name "," degrees of freedom ")"
            | "log2p1" "(" name ")" | "ilr" "(" battery ")"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ngo_survey.errors import InputError, nearest

#: Transforms of a number. ``log2p1`` makes one unit a doubling of (1 + x).
TRANSFORMS = ("none", "log2p1")
FUNCTIONS = ("ilr", "log2p1", "spline")
#: Points of a hundred that stand for nothing: 0.65 of the least that can be said
#: (Martin-Fernandez, Barcelo-Vidal & Pawlowsky-Glahn 2003, Math. Geol. 35, 253-278).
ZERO_PART = 0.65

_TOKEN = re.compile(r"\s*(?:(?P<name>[^\W\d][\w.]*)|(?P<number>\d+)|(?P<sign>[+:(),]))")
_GRAMMAR = "write names, +, a:b, spline(x, 3), log2p1(x) or ilr(battery)"


@dataclass(frozen=True)
class Term:
    """One declared term.

    Attributes
    ----------
    variable: the variable; of a composition its battery, of an interaction ``a:b``.
    transform, per: of a number; ``per`` divides it, so that a coefficient is one for that many.
    reference: level of a categorical that others are compared with (its first).
    spline: degrees of freedom of a natural cubic spline of a number.
    ilr: the variable is a battery that adds up to a whole: isometric log-ratios of its ``parts``.
    parts: name of each part and the items of the battery that make it up. Items of a known battery
        that no part has are taken together as ``rest``.
    zero: points of 100 that stand for a part of nothing.
    absent: parts that some have nothing of get a column of their own for having nothing, so that
        log-ratios need not stretch from nothing to something.
    interaction: two variables whose columns are multiplied.
    simpson: the number is the diversity ``1 - sum p^2`` of this battery, or of the ``ilr`` of this
        name before it, and moves with it.
    """

    variable: str = ""
    transform: str = "none"
    per: float = 1.0
    reference: str | None = None
    spline: int | None = None
    ilr: bool = False
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    zero: float = ZERO_PART
    absent: bool = False
    interaction: tuple[str, str] | None = None
    simpson: str | None = None

    def __post_init__(self) -> None:
        if self.transform not in TRANSFORMS:
            raise InputError(
                "no such transform",
                column=self.variable,
                value=self.transform,
                hint=nearest(self.transform, TRANSFORMS),
            )
        if self.spline is not None and not 2 <= self.spline <= 6:
            raise InputError(
                "a spline has 2 to 6 degrees of freedom", column=self.variable, value=self.spline
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Variables, or the battery, that the term is about; an interaction has those before it."""
        return self.interaction or (self.variable,)

    @classmethod
    def of(cls, declared: str | Mapping[str, Any] | Term) -> Term:
        """Read a term: a line of the grammar, or a mapping.

        A mapping has the fields of this class; ``{ilr: battery}`` and ``{interaction: [a, b]}``
        need no ``variable``; ``parts`` are a list of items, or ``{part: [items]}``.
        """
        if isinstance(declared, Term):
            return declared
        if isinstance(declared, str):
            found = parse(declared)
            if len(found) != 1:
                raise InputError("this is more than one term", value=declared, hint="list them")
            return found[0]
        known = [field.name for field in fields(cls)]
        for name in declared:
            if name not in known:
                raise InputError("a term has no such option", value=name, hint=nearest(name, known))
        made = dict(declared)
        if isinstance(made.get("ilr"), str):
            made |= {"variable": made["ilr"], "ilr": True}
        if "interaction" in made:
            first, second = made["interaction"]
            made |= {"variable": f"{first}:{second}", "interaction": (first, second)}
        if not made.get("variable"):
            raise InputError("a term names no variable", value=str(dict(declared)))
        parts = made.get("parts", ())
        named = parts if isinstance(parts, Mapping) else {part: [part] for part in parts}
        made["parts"] = tuple((part, tuple(items)) for part, items in named.items())
        return cls(**made)


def terms_of(declared: str | Sequence[str | Mapping[str, Any] | Term]) -> list[Term]:
    """Read the terms of a model: a formula, or a list of terms."""
    if isinstance(declared, str):
        return parse(declared)
    return [Term.of(one) for one in declared]


def parse(text: str) -> list[Term]:
    """Read a formula such as ``"legal_form + spline(age, 3) + rural:legal_form"``.

    Raises
    ------
    InputError: a sign or a function that the grammar does not have, or a formula cut short.
    """
    return _Parser(text).formula()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._wrong("a formula holds a sign it may not", text[place:].strip()[0])
            self.tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            place = found.end()
        self.tokens.append(("end", ""))
        self.place = 0

    def _wrong(self, problem: str, value: str, hint: str = _GRAMMAR) -> InputError:
        return InputError(f"{problem} in {self.text!r}", value=value, hint=hint)

    def _next(self) -> tuple[str, str]:
        self.place += 1
        return self.tokens[self.place - 1]

    def _sign(self, sign: str) -> bool:
        """Take a sign if it stands here."""
        if self.tokens[self.place] != ("sign", sign):
            return False
        self.place += 1
        return True

    def _take(self, kind: str, sign: str = "") -> str:
        found, value = self._next()
        if found != kind or (sign and value != sign):
            wanted = repr(sign) if sign else f"a {kind}"
            raise self._wrong(f"{wanted} is missing", value or "the end")
        return value

    def formula(self) -> list[Term]:
        made = [self._term()]
        while self._sign("+"):
            made.append(self._term())
        self._take("end")
        return made

    def _term(self) -> Term:
        name = self._take("name")
        if self._sign("("):
            return self._call(name)
        if self._sign(":"):
            return Term.of({"interaction": [name, self._take("name")]})
        return Term(name)

    def _call(self, function: str) -> Term:
        if function not in FUNCTIONS:
            raise self._wrong("there is no such function", function, nearest(function, FUNCTIONS))
        name = self._take("name")
        made = {"ilr": {"ilr": name}, "log2p1": {"variable": name, "transform": "log2p1"}}
        declared: dict[str, Any] = dict(made.get(function, {}))
        if function == "spline":
            self._take("sign", ",")
            declared = {"variable": name, "spline": int(self._take("number"))}
        self._take("sign", ")")
        return Term.of(declared)
