"""What a filter means: terms that are true of rows, write themselves and tell themselves.

A :class:`Term` has a truth of three values for each row and writes one normal text, which is read
back to the same term.
"""

# ruff: noqa: D102 -- what the methods promise stands in Term.

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ngo_survey.codebook.filters.measures import Measure, asked, asked_beside, beside, written
from ngo_survey.codebook.model import Question
from ngo_survey.codebook.typing import indicator

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ngo_survey.codebook.filters.words import Teller

    Bools = NDArray[np.bool_]

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Truth:
    """Truth of three values for each row: ``yes``, ``no``, and unknown where neither."""

    yes: Bools
    no: Bools


class Term(Protocol):
    """Something that is true, false or unknown of a respondent."""

    @property
    def text(self) -> str:
        """The one way of writing it."""

    def variables(self) -> Iterator[str]:
        """Names it asks for, in order."""

    def truth(self, frame: pd.DataFrame) -> Truth:
        """Its truth for each row."""

    def tell(self, tell: Teller) -> str:
        """Its meaning in words."""


def _codes(question: Question, frame: pd.DataFrame) -> NDArray[np.int64]:
    """Place of each answer among the choices, -1 where it is missing."""
    import numpy as np
    import pandas as pd

    answers = frame[question.name].astype(object)
    found = pd.Categorical(answers, categories=list(question.choice_names)).codes
    return found.astype(np.int64)


def _known(yes: Any, known: Any) -> Truth:
    return Truth(yes & known, ~yes & known)


@dataclass(frozen=True)
class Chosen:
    """``question = choice``, ``question in (a, b)`` and their denials."""

    question: Question
    choices: tuple[str, ...]
    sign: str

    @property
    def text(self) -> str:
        if self.sign in {"=", "!="}:
            return f"{asked(self.question)} {self.sign} {written(self.choices[0])}"
        return f"{asked(self.question)} {self.sign} ({', '.join(map(written, self.choices))})"

    def variables(self) -> Iterator[str]:
        yield self.question.name

    def truth(self, frame: pd.DataFrame) -> Truth:
        import numpy as np

        codes = _codes(self.question, frame)
        named = [self.question.choice_names.index(choice) for choice in self.choices]
        among = np.isin(codes, named)
        return _known(~among if self.sign in {"!=", "not in"} else among, codes >= 0)

    def tell(self, tell: Teller) -> str:
        labels = tell.any_of([tell.choice(self.question, c) for c in self.choices])
        if self.sign == "!=":
            return f"{tell.title(self.question)} {tell.sign(self.sign)} {labels}"
        told = f"{tell.title(self.question)}: {labels}"
        return tell.denied(told) if self.sign == "not in" else told


@dataclass(frozen=True)
class Ordered:
    """``scale >= choice``: an answer held against a choice by the order of the choices."""

    question: Question
    sign: str
    choice: str

    @property
    def text(self) -> str:
        return f"{asked(self.question)} {self.sign} {written(self.choice)}"

    def variables(self) -> Iterator[str]:
        yield self.question.name

    def truth(self, frame: pd.DataFrame) -> Truth:
        codes = _codes(self.question, frame)
        bound = self.question.choice_names.index(self.choice)
        return _known(COMPARE[self.sign](codes, bound), codes >= 0)

    def tell(self, tell: Teller) -> str:
        bound = tell.choice(self.question, self.choice)
        return f"{tell.title(self.question)} {tell.sign(self.sign)} {bound}"


@dataclass(frozen=True)
class Spanned:
    """``scale between a and b``, both inclusive, by the order of the choices."""

    question: Question
    low: str
    high: str

    @property
    def text(self) -> str:
        return f"{asked(self.question)} between {written(self.low)} and {written(self.high)}"

    def variables(self) -> Iterator[str]:
        yield self.question.name

    def truth(self, frame: pd.DataFrame) -> Truth:
        codes = _codes(self.question, frame)
        low, high = (self.question.choice_names.index(c) for c in (self.low, self.high))
        return _known((codes >= low) & (codes <= high), codes >= 0)

    def tell(self, tell: Teller) -> str:
        ends = (tell.choice(self.question, c) for c in (self.low, self.high))
        return f"{tell.title(self.question)}: {' – '.join(ends)}"


@dataclass(frozen=True)
class Alike:
    """Two questions with the same choices held against each other."""

    left: Question
    sign: str
    right: Question

    @property
    def text(self) -> str:
        left = asked_beside(self.left, self.right)
        return f"{left} {self.sign} {asked_beside(self.right, self.left)}"

    def variables(self) -> Iterator[str]:
        yield from (self.left.name, self.right.name)

    def truth(self, frame: pd.DataFrame) -> Truth:
        left, right = _codes(self.left, frame), _codes(self.right, frame)
        return _known(COMPARE[self.sign](left, right), (left >= 0) & (right >= 0))

    def tell(self, tell: Teller) -> str:
        return f"{tell.title(self.left)} {tell.sign(self.sign)} {tell.title(self.right)}"


@dataclass(frozen=True)
class Answered:
    """``answered(question)`` and ``missing(question)``: always known."""

    question: Question
    call: str

    @property
    def text(self) -> str:
        return f"{self.call}({asked(self.question)})"

    def variables(self) -> Iterator[str]:
        yield self.question.name

    def truth(self, frame: pd.DataFrame) -> Truth:
        there = frame[self.question.name].notna().to_numpy(dtype=bool)
        return Truth(there, ~there) if self.call == "answered" else Truth(~there, there)

    def tell(self, tell: Teller) -> str:
        return f"{tell.title(self.question)}: {tell.word(self.call)}"


@dataclass(frozen=True)
class OneOfMany:
    """``chosen(question, choice)`` of a question of many answers; unknown if it is not answered."""

    question: Question
    choice: str

    @property
    def text(self) -> str:
        return f"chosen({asked(self.question)}, {written(self.choice)})"

    def variables(self) -> Iterator[str]:
        yield self.question.name

    def truth(self, frame: pd.DataFrame) -> Truth:
        made = indicator(self.question, frame[self.question.name])[self.choice].to_numpy()
        return Truth(made == 1.0, made == 0.0)

    def tell(self, tell: Teller) -> str:
        return f"{tell.title(self.question)}: {tell.choice(self.question, self.choice)}"


@dataclass(frozen=True)
class Compared:
    """Two numbers held against each other."""

    left: Measure
    sign: str
    right: Measure

    @property
    def text(self) -> str:
        return f"{beside(self.left, self.right)} {self.sign} {beside(self.right, self.left)}"

    def variables(self) -> Iterator[str]:
        yield from self.left.variables()
        yield from self.right.variables()

    def truth(self, frame: pd.DataFrame) -> Truth:
        import numpy as np

        left, right = self.left.values(frame), self.right.values(frame)
        return _known(COMPARE[self.sign](left, right), np.isfinite(left) & np.isfinite(right))

    def tell(self, tell: Teller) -> str:
        return f"{self.left.tell(tell)} {tell.sign(self.sign)} {self.right.tell(tell)}"


@dataclass(frozen=True)
class Between:
    """``number between low and high``, both inclusive."""

    value: Measure
    low: Measure
    high: Measure

    @property
    def text(self) -> str:
        low, high = (beside(end, self.value) for end in (self.low, self.high))
        return f"{self.value.text} between {low} and {high}"

    def variables(self) -> Iterator[str]:
        for part in (self.value, self.low, self.high):
            yield from part.variables()

    def truth(self, frame: pd.DataFrame) -> Truth:
        import numpy as np

        value, low, high = (p.values(frame) for p in (self.value, self.low, self.high))
        known = np.isfinite(value) & np.isfinite(low) & np.isfinite(high)
        return _known((value >= low) & (value <= high), known)

    def tell(self, tell: Teller) -> str:
        return f"{self.value.tell(tell)}: {self.low.tell(tell)} – {self.high.tell(tell)}"


@dataclass(frozen=True)
class Listed:
    """``number in (1, 2)``: any of them; a missing one leaves it unknown unless another is met."""

    value: Measure
    items: tuple[Measure, ...]
    sign: str

    @property
    def text(self) -> str:
        return f"{self.value.text} {self.sign} ({', '.join(i.text for i in self.items)})"

    def variables(self) -> Iterator[str]:
        for part in (self.value, *self.items):
            yield from part.variables()

    def truth(self, frame: pd.DataFrame) -> Truth:
        met = Any_(tuple(Compared(self.value, "=", item) for item in self.items)).truth(frame)
        return met if self.sign == "in" else Truth(met.no, met.yes)

    def tell(self, tell: Teller) -> str:
        told = f"{self.value.tell(tell)}: {tell.any_of([i.tell(tell) for i in self.items])}"
        return told if self.sign == "in" else tell.denied(told)


@dataclass(frozen=True)
class Denied:
    """``not``."""

    part: Term

    @property
    def text(self) -> str:
        return f"not {_bracketed(self.part, All, Any_)}"

    def variables(self) -> Iterator[str]:
        yield from self.part.variables()

    def truth(self, frame: pd.DataFrame) -> Truth:
        inside = self.part.truth(frame)
        return Truth(inside.no, inside.yes)

    def tell(self, tell: Teller) -> str:
        return tell.denied(self.part.tell(tell))


@dataclass(frozen=True)
class All:
    """``and``."""

    parts: tuple[Term, ...]

    @property
    def text(self) -> str:
        return " and ".join(_bracketed(part, Any_) for part in self.parts)

    def variables(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.variables()

    def truth(self, frame: pd.DataFrame) -> Truth:
        import numpy as np

        found = [part.truth(frame) for part in self.parts]
        return Truth(
            np.logical_and.reduce([t.yes for t in found]),
            np.logical_or.reduce([t.no for t in found]),
        )

    def tell(self, tell: Teller) -> str:
        return tell.joined("and", [_told(part, tell, Any_) for part in self.parts])


@dataclass(frozen=True)
class Any_:  # noqa: N801 -- beside All; typing has the other name
    """``or``."""

    parts: tuple[Term, ...]

    @property
    def text(self) -> str:
        return " or ".join(part.text for part in self.parts)

    def variables(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.variables()

    def truth(self, frame: pd.DataFrame) -> Truth:
        import numpy as np

        found = [part.truth(frame) for part in self.parts]
        return Truth(
            np.logical_or.reduce([t.yes for t in found]),
            np.logical_and.reduce([t.no for t in found]),
        )

    def tell(self, tell: Teller) -> str:
        return tell.joined("or", [_told(part, tell, All) for part in self.parts])


def _bracketed(part: Term, *kinds: type) -> str:
    return f"({part.text})" if isinstance(part, kinds) else part.text


def _told(part: Term, tell: Teller, kind: type) -> str:
    told = part.tell(tell)
    return f"({told})" if isinstance(part, kind) else told
