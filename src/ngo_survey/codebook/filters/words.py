"""Filters in words, for the notes of tables: one set of signs, the rest by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Question

#: What is said beside labels and signs.
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "and": " and ",
        "or": " or ",
        "not": "not ({})",
        "answered": "answered",
        "missing": "not answered",
        "count": "number of answers",
        "decimal": ".",
    },
    "ru": {
        "and": " и ",
        "or": " или ",
        "not": "не ({})",
        "answered": "есть ответ",
        "missing": "нет ответа",
        "count": "число ответов",
        "decimal": ",",
    },
    "kk": {
        "and": " және ",
        "or": " немесе ",
        "not": "({}) емес",
        "answered": "жауап бар",
        "missing": "жауап жоқ",
        "count": "жауаптар саны",
        "decimal": ",",
    },
}
SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "-": "−", "*": "×", "/": "÷"}


@dataclass(frozen=True)
class FilterLabels:
    """Finds labels and words in one language; a label that lacks it is shown in its first one."""

    questions: Questionnaire
    language: str
    words: Mapping[str, str]

    def _label(self, labels: Mapping[str, str], name: str) -> str:
        return labels.get(self.language) or next(filter(None, labels.values()), name)

    def title(self, question: Question) -> str:
        """Return the short title of a question, after that of its battery."""
        own = self._label(question.titles, question.name)
        titles = self.questions.battery_titles.get(question.battery)
        return f"{self._label(titles, question.battery)} – {own}" if titles else own

    def choice(self, question: Question, name: str) -> str:
        """Return the label of a choice."""
        return self._label(next(c.labels for c in question.choices if c.name == name), name)

    def word(self, name: str) -> str:
        """Return a word of ours."""
        return self.words[name]

    def sign(self, sign: str) -> str:
        """Return a sign as it is printed."""
        return SIGNS.get(sign, sign)
