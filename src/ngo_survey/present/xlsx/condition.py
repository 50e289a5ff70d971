"""A filter or a skip rule of the form in words: questions by their titles, choices by their labels.

``${sso_experience} != 'never'`` reads "State social order: not “Never”". The grammar is a part of
that of ``questionnaire.expressions``; an expression beyond it is told as it stands. A question or
choice that the questionnaire does not have is an error, as everywhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ngo_survey.present.words.language import numbers
from ngo_survey.present.xlsx.table_words import table_words

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire

TERM = re.compile(
    r"""\s*(?:
    selected\(\s*\$\{\s*(?P<of>[\w.-]+)\s*\}\s*,\s*(?P<chosen>'[^']*'|"[^"]*")\s*\)
    |\$\{\s*(?P<name>[\w.-]+)\s*\}\s*(?P<sign><=|>=|!=|=|<|>)\s*
        (?:(?P<choice>'[^']*'|"[^"]*")|(?P<number>\d+(?:\.\d+)?))
    |(?P<word>and|or)\b|(?P<not>not\s*\()|(?P<open>\()|(?P<close>\))
    )\s*""",
    re.VERBOSE,
)
SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "=": "=", "<": "<", ">": ">"}


class _BeyondError(Exception):
    """The expression uses something that is not put into words."""


class _Chosen(NamedTuple):
    """Some choices of a question, or (``negated``) all but them."""

    question: str
    negated: bool
    choices: tuple[str, ...]


def in_words(expression: str, codebook: Questionnaire, code: str, own: Path | None = None) -> str:
    """Return an expression in words of a language ("" for none); ``own`` as in ``catalogue``."""
    text = expression.strip()
    terms: list[re.Match[str]] = []
    while text:
        match = TERM.match(text)
        if match is None:
            return expression.strip()
        terms.append(match)
        text = text[match.end() :]
    if not terms:
        return ""
    try:
        return _Reader(terms, codebook, code, own).read()
    except _BeyondError:
        return expression.strip()


class _Reader:
    """Puts the terms of an expression into words."""

    def __init__(
        self, terms: list[re.Match[str]], codebook: Questionnaire, code: str, own: Path | None
    ) -> None:
        self.terms, self.codebook, self.code = list(reversed(terms)), codebook, code
        self.words, self.say = table_words(code, own), numbers(code, own)

    def read(self) -> str:
        said = self._said(self._either())
        if self.terms:
            raise _BeyondError
        return said

    def _take(self) -> re.Match[str]:
        if not self.terms:
            raise _BeyondError
        return self.terms.pop()

    def _next(self, word: str) -> bool:
        if self.terms and self.terms[-1]["word"] == word:
            self.terms.pop()
            return True
        return False

    def _either(self) -> _Chosen | str:
        parts = [self._both()]
        while self._next("or"):
            part, last = self._both(), parts[-1]
            alike = isinstance(part, _Chosen) and isinstance(last, _Chosen)
            if alike and part[:2] == last[:2] and not part[1]:
                parts[-1] = _Chosen(part[0], False, (*last[2], *part[2]))
            else:
                parts.append(part)
        if len(parts) == 1:
            return parts[0]
        return self.words("condition.or").join(self._said(part) for part in parts)

    def _both(self) -> _Chosen | str:
        parts = [self._one()]
        while self._next("and"):
            parts.append(self._one())
        if len(parts) == 1:
            return parts[0]
        return self.words("condition.and").join(self._said(part) for part in parts)

    def _one(self) -> _Chosen | str:
        term = self._take()
        if term["open"] or term["not"]:
            inside = self._either()
            if not self._take()["close"]:
                raise _BeyondError
            if term["open"]:
                return inside if isinstance(inside, _Chosen) else f"({inside})"
            return self.words("condition.not", inside=self._said(inside))
        if term["number"]:
            return self.words(
                "condition.compare",
                question=self.codebook.title(term["name"], self.code),
                sign=SIGNS[term["sign"]],
                number=self.say.format(float(term["number"]), "plain"),
            )
        if term["of"]:
            return _Chosen(term["of"], False, (term["chosen"][1:-1],))
        if term["sign"] not in ("=", "!="):
            raise _BeyondError
        return _Chosen(term["name"], term["sign"] == "!=", (term["choice"][1:-1],))

    def _said(self, part: _Chosen | str) -> str:
        if isinstance(part, str):
            return part
        labels = [
            self.say.word(
                "list.quoted", label=self.codebook.choice_label(part.question, choice, self.code)
            )
            for choice in part.choices
        ]
        return self.words(
            "condition.is_not" if part.negated else "condition.is",
            question=self.codebook.title(part.question, self.code),
            choices=self.words("condition.or").join(labels),
        )
