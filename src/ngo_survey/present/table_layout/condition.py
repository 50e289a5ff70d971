"""The skip rule of a question in words: questions by their titles, choices by their labels.

``${visits} != 'never'`` reads "Visits: not “Never”". A rule that holds more
than choices, numbers and ``and``, ``or``, ``not`` is said as it stands. A question or choice that
the questionnaire does not have is an error, as everywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ngo_survey.codebook.grammar import ExpressionError, Node, read
from ngo_survey.present.table_layout.table_words import table_words
from ngo_survey.present.words.catalogue import FILTERS, own_words
from ngo_survey.present.words.language import numbers

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire

SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "=": "=", "<": "<", ">": ">"}


class _BeyondError(Exception):
    """The rule holds something that is not put into words."""


class _Chosen(NamedTuple):
    """Some choices of a question, or (``negated``) all but them."""

    question: str
    negated: bool
    choices: tuple[str, ...]


def in_words(expression: str, codebook: Questionnaire, code: str, own: Path | None = None) -> str:
    """Return a rule in words of a language ("" for none); ``own`` as in ``catalogue``."""
    if not expression.strip():
        return ""
    try:
        return _RuleWriter(codebook, code, own).said(read(expression, "rule"))
    except (ExpressionError, _BeyondError):
        return expression.strip()


def filter_in_words(text: str, codebook: Questionnaire, code: str, own: Path | None = None) -> str:
    """Return the filter of a table in words of a language ("" for none)."""
    from ngo_survey.codebook.filters import parse

    if not text:
        return ""
    return parse(text, codebook).describe(code, own_words(code, own).get(FILTERS))


class _RuleWriter:
    """Puts what is written into words."""

    def __init__(self, codebook: Questionnaire, code: str, own: Path | None) -> None:
        self.codebook, self.code = codebook, code
        self.words, self.say = table_words(code, own), numbers(code, own)

    def said(self, node: Node) -> str:
        part = self._part(node)
        return part if isinstance(part, str) else self._labels(part)

    def _part(self, node: Node) -> _Chosen | str:
        match node.kind:
            case "or":
                return self._either(node)
            case "and":
                return self.words("condition.and").join(map(self.said, node.parts))
            case "group":
                inside = self._part(node.parts[0])
                return f"({inside})" if isinstance(inside, str) else inside
            case "function" if node.text == "not" and len(node.parts) == 1:
                return self.words("condition.not", inside=self.said(node.parts[0]))
        kinds = [part.kind for part in node.parts]
        if kinds[:1] != ["question"]:
            raise _BeyondError
        question = node.parts[0].text
        if kinds[1:] == ["text"] and node.text in {"=", "!=", "selected"}:
            return _Chosen(question, node.text == "!=", (node.parts[1].text,))
        if kinds[1:] == ["number"] and node.kind == "compare":
            return self.words(
                "condition.compare",
                question=self.codebook.title(question, self.code),
                sign=SIGNS[node.text],
                number=self.say.format(float(node.parts[1].text), "plain"),
            )
        raise _BeyondError

    def _either(self, node: Node) -> _Chosen | str:
        """Say ``or``; choices of one question that follow each other are one list."""
        parts: list[_Chosen | str] = []
        for part in map(self._part, node.parts):
            last = parts[-1] if parts else ""
            alike = isinstance(part, _Chosen) and isinstance(last, _Chosen)
            if alike and part[:2] == last[:2] and not part[1]:
                parts[-1] = _Chosen(part[0], False, (*last[2], *part[2]))
            else:
                parts.append(part)
        if len(parts) == 1:
            return parts[0]
        said = (part if isinstance(part, str) else self._labels(part) for part in parts)
        return self.words("condition.or").join(said)

    def _labels(self, part: _Chosen) -> str:
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
