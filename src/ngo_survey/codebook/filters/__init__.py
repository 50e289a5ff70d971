"""Filters: a small safe language that says which respondents are meant; never run as code.

``rural = rural and staff_paid >= 5`` is read by a grammar (``grammar.py``), held against the
questionnaire at once (``checking.py``) and becomes a tree of terms (``terms.py``) that select rows
of a typed frame and tell themselves in words. It shares nothing with ``expressions.py``: that is
the form's own language, on frames of text, where a missing answer is the empty text and truth has
two values; here answers are typed and truth has three.

Three-valued logic (Kleene 1952, sec. 64): a comparison with a missing answer is unknown; ``not``
unknown is unknown; ``and`` is false as soon as one side is, ``or`` true as soon as one side is.
What is unknown is not selected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ngo_survey.codebook.filters.checking import check
from ngo_survey.codebook.filters.grammar import FilterError, read
from ngo_survey.codebook.filters.terms import All, Term, Truth
from ngo_survey.codebook.filters.words import WORDS, Teller
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.errors import ConfigError, InputError, nearest

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Filter", "FilterError", "parse"]


@dataclass(frozen=True)
class Filter:
    """Which respondents are meant.

    Attributes
    ----------
    text: the filter in one way of writing: reading it again gives the same text.
    variables: questions and derived variables it asks for, in the order of the text.
    """

    text: str
    variables: tuple[str, ...]
    term: Term = field(repr=False, compare=False)
    questions: Questionnaire = field(repr=False, compare=False)

    def select(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Return for each row of a typed frame whether the filter is true of it."""
        return self.truth(frame).yes

    def truth(self, frame: pd.DataFrame) -> Truth:
        """Return for each row whether the filter is true, false, or neither because unknown.

        Raises
        ------
        InputError: the frame lacks a column that the filter asks for.
        """
        for name in self.variables:
            if name not in frame:
                raise InputError(
                    "the answers have no such column",
                    column=name,
                    hint=nearest(name, frame.columns),
                )
        return self.term.truth(frame)

    def describe(self, language: str, own: Mapping[str, str] | None = None) -> str:
        """Return the filter in words, with the labels of questions and choices.

        ``own`` are words of the study, in place of the program's or for a language it lacks.

        Raises
        ------
        ConfigError: there are no words in this language.
        """
        words = {**WORDS.get(language, {}), **(own or {})}
        if not words:
            raise ConfigError(
                "filters have no words in this language",
                value=language,
                hint=nearest(language, WORDS),
            )
        tell = Teller(self.questions, language, words)
        parts = self.term.parts if isinstance(self.term, All) else (self.term,)
        return "; ".join(part.tell(tell) for part in parts)


def parse(text: str, questionnaire: Questionnaire) -> Filter:
    """Read a filter and hold every name in it against the questionnaire.

    Raises
    ------
    FilterError: a :class:`ConfigError` with the place in the text, what was found there and the
        nearest right names: the text is outside the grammar, too long or too deep, a question or
        a choice does not exist, or the two sides of a comparison do not fit.
    """
    term = check(read(text, questionnaire), questionnaire)
    return Filter(term.text, tuple(dict.fromkeys(term.variables())), term, questionnaire)
