"""What a filter means: a tree of terms, its truth for each row, its text, and its words.

One function does each, case by case. A statement is true, false or unknown of a respondent:

=============  ====================================================================================
and, or, not   of its parts
compared       two amounts by ``sign``
between        an amount and its two ends, both included
listed         an amount among others (``in``) or not (``not in``)
answered       whether the question has an answer (``sign`` is ``answered`` or ``missing``)
chosen         whether the choice was made in a question of many answers; unknown if not answered
=============  ====================================================================================

An amount is a number for each row, not finite where it is unknown:

=============  ====================================================================================
number         as it stands in ``name``
answer         the number that answers the question; of a rating its points ("don't know" is none)
place          the place of the answer among the choices of its question
choice         the place of one choice
count          how many choices were made in a question of many answers
negative       below zero
sum, product   from left to right, with one sign before each part but the first
=============  ====================================================================================
"""

# ruff: noqa: PLR0911, PLR0912 -- one case and one return for each kind of term.

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.codebook.grammar import RUNS
from ngo_survey.codebook.question import Question
from ngo_survey.codebook.typing import indicator, numbers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ngo_survey.codebook.filters.words import FilterLabels

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

RESERVED = frozenset({"and", "or", "not", "in", "between"})
#: A comparison or a sum of columns.
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
ONE_WORD = re.compile(r"\w+(?:[-.]\w+)*")


@dataclass(frozen=True)
class FilterTerm:
    """A statement or an amount; ``kind`` is one of the tables above."""

    kind: str
    parts: tuple[FilterTerm, ...] = ()
    sign: str = ""
    question: Question | None = None
    name: str = ""

    @property
    def of(self) -> Question:
        """The question that the term is about."""
        assert self.question is not None, self.kind
        return self.question


@dataclass(frozen=True)
class Truth:
    """Truth of three values for each row: ``yes``, ``no``, and unknown where neither."""

    yes: Bools
    no: Bools


def variables(term: FilterTerm) -> Iterator[str]:
    """Yield the names that a term asks for, in the order of the text."""
    if term.question and term.kind != "choice":
        yield term.question.name
    for part in term.parts:
        yield from variables(part)


def truth(term: FilterTerm, frame: pd.DataFrame) -> Truth:
    """Return the truth of a statement for each row (Kleene 1952, sec. 64)."""
    import numpy as np

    match term.kind:
        case "and" | "or":
            found = [truth(part, frame) for part in term.parts]
            both, either = np.logical_and.reduce, np.logical_or.reduce
            if term.kind == "or":
                both, either = either, both
            return Truth(both([t.yes for t in found]), either([t.no for t in found]))
        case "not":
            inside = truth(term.parts[0], frame)
            return Truth(inside.no, inside.yes)
        case "answered":
            there = frame[term.of.name].notna().to_numpy(dtype=bool)
            return Truth(there, ~there) if term.sign == "answered" else Truth(~there, there)
        case "chosen":
            made = indicator(term.of, frame[term.of.name])[term.name].to_numpy()
            return Truth(made == 1.0, made == 0.0)
    first, *rest = (amounts(part, frame) for part in term.parts)
    known = [np.isfinite(first) & np.isfinite(other) for other in rest]
    if term.kind == "compared":
        yes = OPERATIONS[term.sign](first, rest[0])
        return Truth(yes & known[0], ~yes & known[0])
    if term.kind == "between":
        yes = (first >= rest[0]) & (first <= rest[1])
        known[0] &= known[1]
        return Truth(yes & known[0], ~yes & known[0])
    # Any of them is enough; one that is unknown leaves it unknown unless another is met.
    met = np.logical_or.reduce([(first == o) & k for o, k in zip(rest, known, strict=True)])
    missed = np.logical_and.reduce([(first != o) & k for o, k in zip(rest, known, strict=True)])
    return Truth(met, missed) if term.sign == "in" else Truth(missed, met)


def amounts(term: FilterTerm, frame: pd.DataFrame) -> Floats:
    """Return an amount for each row."""
    import numpy as np
    import pandas as pd

    match term.kind:
        case "number":
            return np.full(len(frame), float(term.name))
        case "choice":
            return np.full(len(frame), float(term.of.choice_names.index(term.name)))
        case "answer":
            return np.asarray(numbers(term.of, frame[term.of.name]), dtype=np.float64)
        case "place":
            answers = frame[term.of.name].astype(object)
            codes = pd.Categorical(answers, categories=list(term.of.choice_names)).codes
            return np.where(codes < 0, np.nan, codes.astype(np.float64))
        case "count":
            made = indicator(term.of, frame[term.of.name]).sum(axis=1, skipna=False)
            return np.asarray(made, dtype=np.float64)
        case "negative":
            return -amounts(term.parts[0], frame)
    made = amounts(term.parts[0], frame)
    # What division by zero gives is not finite, and so unknown in every comparison.
    with np.errstate(all="ignore"):
        for sign, part in zip(term.sign, term.parts[1:], strict=True):
            made = OPERATIONS[sign](made, amounts(part, frame))
    return made


def text(term: FilterTerm, beside: FilterTerm | None = None) -> str:
    """Return the one way of writing a term: reading it gives the same term.

    ``beside`` is the other side of a comparison: a question called like one of its choices would
    be read as that choice, and is marked.
    """
    parts = term.parts
    match term.kind:
        case "and":
            return " and ".join(_bracketed(part, text, "or") for part in parts)
        case "or":
            return " or ".join(map(text, parts))
        case "not":
            return f"not {_bracketed(parts[0], text, 'and', 'or')}"
        case "answered":
            return f"{term.sign}({_asked(term.of)})"
        case "chosen":
            return f"chosen({_asked(term.of)}, {_written(term.name)})"
        case "compared":
            return f"{text(parts[0], parts[1])} {term.sign} {text(parts[1], parts[0])}"
        case "between":
            low, high = (text(end, parts[0]) for end in parts[1:])
            return f"{text(parts[0])} between {low} and {high}"
        case "listed":
            return f"{text(parts[0])} {term.sign} ({', '.join(map(text, parts[1:]))})"
        case "number":
            return term.name
        case "choice":
            return _written(term.name)
        case "count":
            return f"count({_asked(term.of)})"
        case "negative":
            return f"-{_bracketed(parts[0], text, *RUNS)}"
        case "sum" | "product":
            return _run(term, text, str)
    return _asked(term.of, beside.of if beside and beside.kind in {"answer", "place"} else None)


def words(term: FilterTerm, labels: FilterLabels) -> str:
    """Return the meaning of a term in a language, with the labels of questions and choices."""

    def say(part: FilterTerm) -> str:
        return words(part, labels)

    parts = term.parts
    match term.kind:
        case "and":
            return labels.word("and").join(_bracketed(part, say, "or") for part in parts)
        case "or":
            return labels.word("or").join(_bracketed(part, say, "and") for part in parts)
        case "not":
            return labels.word("not").format(say(parts[0]))
        case "answered":
            return f"{labels.title(term.of)}: {labels.word(term.sign)}"
        case "chosen":
            return f"{labels.title(term.of)}: {labels.choice(term.of, term.name)}"
        case "compared":
            is_choice = term.sign == "=" and parts[1].kind == "choice"
            sign = ":" if is_choice else f" {labels.sign(term.sign)}"
            return f"{say(parts[0])}{sign} {say(parts[1])}"
        case "between":
            return f"{say(parts[0])}: {say(parts[1])} – {say(parts[2])}"
        case "listed":
            written = f"{say(parts[0])}: {labels.word('or').join(map(say, parts[1:]))}"
            return written if term.sign == "in" else labels.word("not").format(written)
        case "number":
            return term.name.replace(".", labels.word("decimal"))
        case "choice":
            return labels.choice(term.of, term.name)
        case "count":
            return f"{labels.title(term.of)} ({labels.word('count')})"
        case "negative":
            return f"−{_bracketed(parts[0], say, *RUNS)}"
        case "sum" | "product":
            return _run(term, say, labels.sign)
    return labels.title(term.of)


def _bracketed(part: FilterTerm, write: Callable[[FilterTerm], str], *kinds: str) -> str:
    return f"({write(part)})" if part.kind in kinds else write(part)


def _run(term: FilterTerm, write: Callable[[FilterTerm], str], sign: Callable[[str], str]) -> str:
    # A run after the first place keeps its brackets: a - (b - c) is not a - b - c.
    first, *rest = term.parts
    written = _bracketed(first, write, *({"sum"} - {term.kind}))
    for mark, part in zip(term.sign, rest, strict=True):
        written += f" {sign(mark)} {_bracketed(part, write, 'sum', term.kind)}"
    return written


def _written(name: str) -> str:
    """Return a choice as it is written: bare where that is one word, otherwise in quotes."""
    if name not in RESERVED and ONE_WORD.fullmatch(name):
        return name
    return f"'{name}'" if "'" not in name else f'"{name}"'


def _asked(question: Question, beside: Question | None = None) -> str:
    """Return the name of a question as it is written: in ``${}`` where it would mean another."""
    taken = RESERVED if beside is None else RESERVED | set(beside.choice_names)
    return f"${{{question.name}}}" if question.name in taken else question.name
