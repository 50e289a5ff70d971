"""Skip rules and constraints of an XLSForm: what they say of each row of a frame of answers.

They are the part of XPath that ODK XForms take, read by the grammar of expressions and never run
as code. What an answer that is missing means, and which functions there are, is in
``functions.py``. A rule is true, false, or unknown (NA) of a row: unknown where the frame lacks a
question, where the caller says that an answer cannot be known (cleaning has blanked it), and where
the rule asks for what is evaluated nowhere but on the phone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.codebook.functions import (
    FUNCTIONS,
    NOT_KNOWN,
    NOWHERE,
    OF_ITSELF,
    UNEVALUATED,
    Values,
    apply_to_distinct,
    calculate,
    compare,
    joined,
    to_text,
)
from ngo_survey.codebook.grammar import ExpressionError, Node, TooLongError, read
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.errors import InputError, nearest, refuse
from ngo_survey.reading.patterns import compiled

Unknown = Mapping[str, NDArray[np.bool_]]
NUMERIC = frozenset({"integer", "decimal", "range"})
KNOWN = frozenset({*FUNCTIONS, *UNEVALUATED, "once"})


@dataclass(frozen=True)
class Rule:
    """A skip rule or a constraint.

    Attributes
    ----------
    text: as the form has it.
    variables: questions whose answers it asks for, in the order of the text.
    unchecked: why it is not evaluated in full ("" where it is): it is then unknown of the rows
        in which that matters.
    """

    text: str
    variables: tuple[str, ...]
    unchecked: str
    node: Node | None = field(repr=False)
    numeric: frozenset[str] = field(repr=False)
    current: str = ""

    def evaluate(self, frame: pd.DataFrame, unknown: Unknown | None = None) -> pd.Series:
        """Return for each row whether the rule holds: a nullable boolean, NA where unknown.

        Parameters
        ----------
        frame: answers, as text or typed; a question that is no column of it is unknown.
        unknown: rows in which the answer to a question cannot be known, by its name.
        """
        if self.node is None:
            return pd.Series(pd.NA, index=frame.index, dtype="boolean")
        made = _Evaluation(self, frame, unknown or {}).value(self.node)
        rows = (len(frame),)
        truth, hidden = (np.broadcast_to(c, rows).copy() for c in (made.truth, made.unknown))
        array = pd.arrays.BooleanArray(truth.astype(bool), hidden.astype(bool))
        return pd.Series(array, index=frame.index)


def parse_rule(text: str, questionnaire: Questionnaire, current: str = "") -> Rule:
    """Read a skip rule or a constraint and hold its names against the questionnaire.

    Parameters
    ----------
    current: the question that ``.`` stands for.

    Raises
    ------
    InputError: the text is outside the grammar, names a question that does not exist, or gives a
        function more or fewer arguments than it takes.
    """
    numeric = frozenset(q.name for q in questionnaire if q.type in NUMERIC)
    try:
        node = read(text, "rule")
        names, reasons = _check(node, questionnaire, current)
    except TooLongError as error:
        return Rule(text, (), error.problem, None, numeric, current)
    except ExpressionError as error:
        raise InputError(
            f"a rule of the form cannot be read, character {error.position}: {error.problem}",
            file=questionnaire.source or None,
            column=current or None,
            value=error.value,
            hint=f"{error.hint + '; ' if error.hint else ''}"
            f"correct relevant or constraint: {text.strip()}",
        ) from error
    unchecked = ", ".join(dict.fromkeys(reasons))
    return Rule(text, tuple(dict.fromkeys(names)), unchecked, node, numeric, current)


def unchecked_rules(questionnaire: Questionnaire) -> dict[str, str]:
    """Return the questions with a rule that is not evaluated in full, and why."""
    found: dict[str, str] = {}
    for question in questionnaire:
        rules = [text for text in (question.relevant, question.constraint) if text]
        reasons = [parse_rule(text, questionnaire, question.name).unchecked for text in rules]
        if any(reasons):
            found[question.name] = ", ".join(dict.fromkeys(filter(None, reasons)))
    return found


def check_rules(questionnaire: Questionnaire) -> None:
    """Raise for every rule of the form that cannot be read, all at once.

    Raises
    ------
    InputError: as :func:`parse_rule`, with sheet, row and column.
    """
    refuse(rule_faults(questionnaire))


def rule_faults(questionnaire: Questionnaire) -> list[InputError]:
    """Return what is wrong with the rules of a form, each fault with its row and column."""
    faults: list[InputError] = []
    for rule in questionnaire.rules:
        try:
            parse_rule(rule.text, questionnaire, rule.current)
        except InputError as error:
            faults.append(
                InputError(
                    error.problem, file=error.file, sheet="survey", row=rule.row,
                    column=rule.column, value=error.value, hint=error.hint,
                )
            )  # fmt: skip
    return faults


def _check(node: Node, book: Questionnaire, current: str) -> tuple[list[str], list[str]]:
    """Return the questions that a rule asks for, and what in it is not evaluated."""
    if node.kind in {"question", "self"}:
        name = node.text if node.kind == "question" else current
        if name.startswith("last-saved#"):
            return [], [f"{name} is not evaluated"]
        if name not in book and name in {one.name for one in book.left_out}:
            return [], [f"{name} is not read"]
        if name not in book:
            raise ExpressionError(
                "there is no such question", node.position, value=name or ".",
                hint=nearest(name, book.questions),
            )  # fmt: skip
        return [name], []
    if node.kind == "path":
        return [], [f"the path {node.text} is not evaluated"]
    if node.kind == "function" and (reason := _not_evaluated(node)):
        return [], [reason]
    found = [_check(part, book, current) for part in node.parts]
    return [n for names, _ in found for n in names], [r for _, why in found for r in why]


def _not_evaluated(node: Node) -> str:
    """Return why a function is not evaluated, "" where it is; raises for too many arguments."""
    if node.text in UNEVALUATED:
        return f"{node.text}() is not evaluated"
    if node.text not in KNOWN:
        # A tool may know more than this program, or nobody does: what it says is unknown.
        hint = nearest(node.text, KNOWN)
        near = f", {hint}" if hint.startswith("did") else ""
        return f"there is no function {node.text}(){near}"
    _check_arguments(node)
    last = node.parts[-1] if node.parts else node
    if node.text == "regex" and last.kind == "text" and compiled(last.text) is None:
        return f"the pattern {last.text} is not evaluated"
    return ""


def _check_arguments(node: Node) -> None:
    function = FUNCTIONS.get(node.text)
    least, most = (function.least, function.most) if function else (1, 1)  # `once`
    given = len(node.parts)
    if node.text in OF_ITSELF and not given:
        return
    pairs = node.text == "weighted-checklist" and given % 2
    if given < least or (most is not None and given > most) or pairs:
        wanted = (
            str(least) if most == least else f"{least} to {most}" if most else f"{least} or more"
        )
        raise ExpressionError(f"{node.text}() takes {wanted} arguments", node.position, value=given)


@dataclass(frozen=True)
class _Evaluation:
    rule: Rule
    frame: pd.DataFrame
    unknown: Unknown

    def value(self, node: Node) -> Values:  # noqa: PLR0911 -- one return for each kind
        match node.kind:
            case "question" | "self":
                return self._answers(node.text if node.kind == "question" else self.rule.current)
            case "text":
                return Values.of(node.text)
            case "number":
                return Values.of(float(node.text))
            case "path":
                return NOT_KNOWN
            case "function":
                return self._function(node)
        parts = [self.value(part) for part in node.parts]
        match node.kind:
            case "and" | "or":
                return joined(node.kind, parts)
            case "compare":
                return compare(node.text, *parts)
            case "negative":
                return calculate("-", Values.of(0.0), parts[0])
            case "sum" | "product":
                made = parts[0]
                for sign, part in zip(node.text.split(), parts[1:], strict=True):
                    made = calculate(sign, made, part)
                return made
        return parts[0]

    def _function(self, node: Node) -> Values:
        if node.text in UNEVALUATED or node.text not in KNOWN:
            return NOT_KNOWN
        values = [self.value(part) for part in node.parts]
        if node.text in OF_ITSELF and not values:
            values = [self._answers(self.rule.current)]
        if node.text == "once":
            before = self._answers(self.rule.current)
            return Values.where(before.text != "", before, values[0], before.unknown)
        return FUNCTIONS[node.text].call(values)

    def _answers(self, name: str) -> Values:
        """Return the answers to a question: texts, the empty text where there is none."""
        if not name or name.startswith("last-saved#") or name not in self.frame:
            return NOT_KNOWN
        column = self.frame[name]
        if pd.api.types.is_numeric_dtype(column):
            texts = apply_to_distinct(to_text, object, column.to_numpy(dtype=np.float64))
            raw = np.where(column.isna(), "", texts)
        else:
            raw = column.astype(object).where(column.notna(), "").to_numpy(dtype=object)
        numeric = raw != "" if name in self.rule.numeric else NOWHERE
        return Values.of(raw, self.unknown.get(name, NOWHERE), numeric)
