"""Skip rules and constraints of an XLSForm, read by a small grammar and never run as code.

The part of XPath that forms use: ``and or not() = != < <= > >= + -``, ``selected(q, 'choice')``,
``count-selected(q)``, ``${question}``, ``.``, texts and numbers. A missing answer is the empty
text, as in ODK; a comparison of numbers with a missing one is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError

TOKEN = re.compile(
    r"""\s*(?:(?P<name>\$\{\s*[\w.-]+\s*\})|(?P<text>'[^']*'|"[^"]*")|(?P<number>\d+(?:\.\d+)?)
    |(?P<call>not|selected|count-selected)\s*(?=\()|(?P<word>and|or)\b
    |(?P<sign><=|>=|!=|=|<|>|\+|-|\(|\)|,)|(?P<self>\.))""",
    re.VERBOSE,
)
COMPARE: dict[str, Callable[[pd.Series, pd.Series], pd.Series]] = {
    "<": pd.Series.lt,
    "<=": pd.Series.le,
    ">": pd.Series.gt,
    ">=": pd.Series.ge,
}


def evaluate(expression: str, frame: pd.DataFrame, current: str = "") -> pd.Series:
    """Return the truth of an expression for each row of a frame of text.

    Parameters
    ----------
    current: the question that ``.`` stands for.

    Raises
    ------
    InputError: the expression uses something outside the grammar or an unknown question.
    """
    return _Parser(expression, frame, current).parse()


@dataclass
class _Parser:
    expression: str
    frame: pd.DataFrame
    current: str

    def __post_init__(self) -> None:
        self.tokens: list[tuple[str, str]] = []
        place = 0
        text = self.expression.strip()
        while place < len(text):
            match = TOKEN.match(text, place)
            if not match or match.end() == place:
                raise self._wrong(text[place : place + 20])
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()
        self.place = 0

    def _wrong(self, found: str) -> InputError:
        return InputError(
            "a rule of the form cannot be read",
            column=self.current or None,
            value=found or self.expression,
            hint=f"mend relevant or constraint: {self.expression}",
        )

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def _take(self, *signs: str) -> str:
        token = self._peek()[1]
        if signs and token not in signs:
            raise self._wrong(token)
        self.place += 1
        return token

    def parse(self) -> pd.Series:
        truth = self._or()
        if self.place != len(self.tokens):
            raise self._wrong(self._peek()[1])
        return truth.astype(bool)

    def _or(self) -> pd.Series:
        left = self._and()
        while self._peek() == ("word", "or"):
            self._take()
            left = left.astype(bool) | self._and().astype(bool)
        return left

    def _and(self) -> pd.Series:
        left = self._comparison()
        while self._peek() == ("word", "and"):
            self._take()
            left = left.astype(bool) & self._comparison().astype(bool)
        return left

    def _comparison(self) -> pd.Series:
        left = self._sum()
        kind, sign = self._peek()
        if kind != "sign" or sign not in {"=", "!=", *COMPARE}:
            return left
        self._take()
        right = self._sum()
        if sign in COMPARE:
            return COMPARE[sign](_number(left), _number(right))
        if pd.api.types.is_numeric_dtype(left) or pd.api.types.is_numeric_dtype(right):
            left, right = _number(left), _number(right)
        return left.eq(right) if sign == "=" else left.ne(right)

    def _sum(self) -> pd.Series:
        left = self._operand()
        while self._peek()[1] in {"+", "-"}:
            sign = self._take()
            right = _number(self._operand())
            left = _number(left) + right if sign == "+" else _number(left) - right
        return left

    def _operand(self) -> pd.Series:
        kind, token = self._peek()
        self.place += 1
        rows = self.frame.index
        if kind == "name":
            return self._answers(token[2:-1].strip())
        if kind == "self":
            return self._answers(self.current)
        if kind == "text":
            return pd.Series(token[1:-1], index=rows, dtype=object)
        if kind == "number":
            return pd.Series(float(token), index=rows)
        if kind == "call":
            return self._call(token)
        if token == "(":
            inside = self._or()
            self._take(")")
            return inside
        raise self._wrong(token)

    def _call(self, name: str) -> pd.Series:
        self._take("(")
        first = self._or()
        if name == "not":
            self._take(")")
            return ~first.astype(bool)
        if name == "count-selected":
            self._take(")")
            return first.astype(str).str.split().str.len().astype(float)
        self._take(",")
        kind, choice = self._peek()
        if kind != "text":
            raise self._wrong(choice)
        self._take()
        self._take(")")
        padded = " " + first.astype(str) + " "
        return padded.str.contains(f" {choice[1:-1]} ", regex=False)

    def _answers(self, name: str) -> pd.Series:
        if name not in self.frame:
            raise self._wrong(name)
        return self.frame[name].astype(object).where(self.frame[name].notna(), "")


def _number(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values):
        return values.astype(float)
    return pd.to_numeric(values.replace("", np.nan), errors="coerce").astype(float)
