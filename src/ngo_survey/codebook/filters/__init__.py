"""Filters: a small safe language that says which respondents are meant; never run as code.

``rural = rural and staff_paid >= 5`` is read by the grammar of expressions, held against the
questionnaire at once (``checking.py``) and becomes a tree of terms (``terms.py``), which select
rows of a typed frame and are said in words (``words.py``). The rules of the form, in the same
grammar, are in ``expressions.py``: there a missing answer is the empty text, as in ODK.

Three-valued logic (Kleene 1952, sec. 64): a comparison with a missing answer is unknown; ``not``
unknown is unknown; ``and`` is false as soon as one side is, ``or`` true as soon as one side is.
What is unknown is not selected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ngo_survey.codebook.filters import terms
from ngo_survey.codebook.filters.checking import FilterError, check
from ngo_survey.codebook.filters.terms import FilterTerm, Truth
from ngo_survey.codebook.filters.words import WORDS, FilterLabels
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
    term: FilterTerm = field(repr=False, compare=False)
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
        return terms.truth(self.term, frame)

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
        labels = FilterLabels(self.questions, language, words)
        parts = self.term.parts if self.term.kind == "and" else (self.term,)
        return "; ".join(terms.words(part, labels) for part in parts)


def parse(text: str, questionnaire: Questionnaire) -> Filter:
    """Read a filter and hold every name in it against the questionnaire.

    Raises
    ------
    FilterError: a :class:`ConfigError` with the place in the text, what was found there and the
        nearest right names: the text is outside the grammar, too long or too deep, a question or
        a choice does not exist, or the two sides of a comparison do not fit.
    """
    term = check(text, questionnaire)
    names = tuple(dict.fromkeys(terms.variables(term)))
    return Filter(terms.text(term), names, term, questionnaire)
