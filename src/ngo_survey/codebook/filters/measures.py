"""Numbers in a filter: a value for each row of a typed frame, NaN where it is not known."""

# ruff: noqa: D102 -- what the methods promise stands in Measure.

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ngo_survey.codebook.filters.grammar import LONG_NAME, NAME, NUMBER, RESERVED
from ngo_survey.codebook.model import Question
from ngo_survey.codebook.typing import indicator, numbers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ngo_survey.codebook.filters.words import Teller

    Floats = NDArray[np.float64]


class Measure(Protocol):
    """Something that is a number of a respondent."""

    @property
    def text(self) -> str:
        """The one way of writing it."""

    def variables(self) -> Iterator[str]:
        """Names it asks for, in order."""

    def values(self, frame: pd.DataFrame) -> Floats:
        """Its number for each row, NaN where it is not known."""

    def tell(self, tell: Teller) -> str:
        """Its meaning in words."""


def written(name: str) -> str:
    """Return a choice as it is written: bare where that is one word, otherwise in quotes."""
    if name not in RESERVED and any(p.fullmatch(name) for p in (NAME, NUMBER, LONG_NAME)):
        return name
    return f"'{name}'" if "'" not in name else f'"{name}"'


def asked(question: Question) -> str:
    """Return the name of a question as it is written: in ``${}`` where it is a word of ours."""
    return "${%s}" % question.name if question.name in RESERVED else question.name  # noqa: UP031


def beside(side: Measure, other: Measure) -> str:
    """Return the text of one side of a comparison.

    A question called like a choice of the question on the other side would be read as that choice.
    """
    if isinstance(side, Answer) and isinstance(other, Answer):
        return asked_beside(side.question, other.question)
    return side.text


def asked_beside(question: Question, other: Question) -> str:
    """Return the name of a question as it is written beside another question."""
    if question.name in other.choice_names:
        return "${%s}" % question.name  # noqa: UP031
    return asked(question)


@dataclass(frozen=True)
class Number:
    """A number as it stands."""

    text: str

    def variables(self) -> Iterator[str]:
        yield from ()

    def values(self, frame: pd.DataFrame) -> Floats:
        import numpy as np

        return np.full(len(frame), float(self.text))

    def tell(self, tell: Teller) -> str:
        return tell.number(self.text)


@dataclass(frozen=True)
class Answer:
    """The number that answers a question; a rating's points, of which ``dont_know`` is none."""

    question: Question

    @property
    def text(self) -> str:
        return asked(self.question)

    def variables(self) -> Iterator[str]:
        yield self.question.name

    def values(self, frame: pd.DataFrame) -> Floats:
        import numpy as np

        made = numbers(self.question, frame[self.question.name])
        return np.asarray(made, dtype=np.float64)

    def tell(self, tell: Teller) -> str:
        return tell.title(self.question)


@dataclass(frozen=True)
class Count:
    """``count(question)``: how many choices were made of a question of many answers."""

    question: Question

    @property
    def text(self) -> str:
        return f"count({asked(self.question)})"

    def variables(self) -> Iterator[str]:
        yield self.question.name

    def values(self, frame: pd.DataFrame) -> Floats:
        import numpy as np

        made = indicator(self.question, frame[self.question.name])
        return np.asarray(made.sum(axis=1, skipna=False), dtype=np.float64)

    def tell(self, tell: Teller) -> str:
        return f"{tell.title(self.question)} ({tell.word('count')})"


@dataclass(frozen=True)
class Negative:
    """A number below zero."""

    part: Measure

    @property
    def text(self) -> str:
        return f"-({self.part.text})" if isinstance(self.part, Run) else f"-{self.part.text}"

    def variables(self) -> Iterator[str]:
        yield from self.part.variables()

    def values(self, frame: pd.DataFrame) -> Floats:
        return -self.part.values(frame)

    def tell(self, tell: Teller) -> str:
        told = self.part.tell(tell)
        return f"−({told})" if isinstance(self.part, Run) else f"−{told}"


@dataclass(frozen=True)
class Run:
    """A chain of sums and differences, or of products and quotients, from left to right."""

    first: Measure
    rest: tuple[tuple[str, Measure], ...]

    @property
    def additive(self) -> bool:
        return self.rest[0][0] in "+-"

    @property
    def text(self) -> str:
        # A chain after the first place keeps its brackets: a - (b - c) is not a - b - c.
        parts = [self._side(self.first, True)]
        parts += [f"{sign} {self._side(part, False)}" for sign, part in self.rest]
        return " ".join(parts)

    def _side(self, part: Measure, leading: bool) -> str:
        return f"({part.text})" if self._apart(part, leading) else part.text

    def _apart(self, part: Measure, leading: bool) -> bool:
        if not isinstance(part, Run):
            return False
        return (part.additive and not self.additive) or (
            part.additive == self.additive and not leading
        )

    def variables(self) -> Iterator[str]:
        for part in (self.first, *(part for _, part in self.rest)):
            yield from part.variables()

    def values(self, frame: pd.DataFrame) -> Floats:
        import numpy as np

        made = self.first.values(frame)
        # What division by zero gives is not finite, and so unknown in every comparison.
        with np.errstate(all="ignore"):
            for sign, part in self.rest:
                made = ARITHMETIC[sign](made, part.values(frame))
        return made

    def tell(self, tell: Teller) -> str:
        def side(part: Measure, leading: bool) -> str:
            told = part.tell(tell)
            return f"({told})" if self._apart(part, leading) else told

        told = [side(self.first, True)]
        told += [f"{tell.sign(sign)} {side(part, False)}" for sign, part in self.rest]
        return " ".join(told)


ARITHMETIC: dict[str, Callable[[Floats, Floats], Floats]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
