"""The grammar of filters: from text to a tree of what is written, knowing no meaning yet.

::

    either     = both { "or" both }
    both       = denied { "and" denied }
    denied     = "not" denied | comparison
    comparison = sum [ sign sum | ["not"] "in" "(" sum { "," sum } ")" | "between" sum "and" sum ]
    sum        = product { ("+" | "-") product }
    product    = factor { ("*" | "/") factor }
    factor     = "-" factor | "(" either ")" | call "(" name { "," choice } ")" | name | number
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.errors import ConfigError, nearest

#: More words or letters than this are refused, as is deeper nesting: nobody writes such a filter.
LONGEST, LETTERS, DEEPEST = 500, 10_000, 40
SIGNS = ("=", "!=", "<", "<=", ">", ">=")
#: Calls and how many arguments each takes.
CALLS = {"answered": 1, "missing": 1, "chosen": 2, "count": 1}
RESERVED = frozenset({"and", "or", "not", "in", "between"})

SPACE = re.compile(r"\s+")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?![\w.])")
NAME = re.compile(r"\w+")
LONG_NAME = re.compile(r"\w+(?:[-.]\w+)+")
MARKED = re.compile(r"\$\{\s*([\w.-]+)\s*\}")
TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
SIGN = re.compile(r"<=|>=|!=|[=<>+\-*/(),]")


class FilterError(ConfigError):
    """A filter cannot be read: ``position`` counts its characters from 1."""

    def __init__(
        self, problem: str, position: int, *, value: object = None, hint: str = ""
    ) -> None:
        self.position = position
        super().__init__(f"character {position} of the filter: {problem}", value=value, hint=hint)


@dataclass(frozen=True)
class Token:
    """One word of a filter: ``name``, ``question``, ``text``, ``number``, ``sign`` or ``end``."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True)
class Tree:
    """What is written at one place.

    ``kind`` is that of a token (a leaf), or ``or and not compare in not_in between + - * /
    negative call``; ``text`` holds the sign of a comparison or the name of a call.
    """

    kind: str
    position: int
    text: str = ""
    parts: tuple[Tree, ...] = ()


def read(text: str, questions: Questionnaire) -> Tree:
    """Return the tree of a filter; raises :class:`FilterError` for what is outside the grammar."""
    return _Parser(tokens(text, vocabulary(questions))).parse()


def vocabulary(questions: Questionnaire) -> frozenset[str]:
    """Names with a hyphen or a dot (``FR-75``), which are one word and no subtraction."""
    names = {name for q in questions for name in (q.name, *q.choice_names)}
    return frozenset(name for name in names if LONG_NAME.fullmatch(name))


def tokens(text: str, known: frozenset[str]) -> list[Token]:
    """Cut a filter into words."""
    found: list[Token] = []
    place = letters = 0
    while True:
        space = SPACE.match(text, place)
        place = space.end() if space else place
        if place == len(text):
            return [*found, Token("end", "", place + 1)]
        token, place = _token(text, place, known)
        letters += len(token.text)
        found.append(token)
        if len(found) > LONGEST or letters > LETTERS:
            raise FilterError(
                f"the filter is longer than {LONGEST} words or {LETTERS} letters",
                token.position,
                hint="derive a variable from a part of it",
            )


def _token(text: str, place: int, known: frozenset[str]) -> tuple[Token, int]:
    long = LONG_NAME.match(text, place)
    if long and long[0] in known:
        return Token("name", long[0], place + 1), long.end()
    for kind, pattern in (
        ("number", NUMBER),
        ("name", NAME),
        ("question", MARKED),
        ("text", TEXT),
        ("sign", SIGN),
    ):
        match = pattern.match(text, place)
        if match:
            inner = next((g for g in match.groups() if g is not None), match[0])
            if kind == "number" and len(inner.replace(".", "").lstrip("0")) > 15:
                raise FilterError(
                    "a number has more than 15 digits", place + 1, value=inner, hint="round it"
                )
            return Token(kind, inner, place + 1), match.end()
    raise FilterError(
        "this cannot be read",
        place + 1,
        value=text[place : place + 12],
        hint="close the quotes" if text[place] in "'\"" else "see the grammar in docs/config.md",
    )


class _Parser:
    """Walks over the words by recursive descent; chains are flat, so depth is only nesting."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens, self.place, self.depth = found, 0, 0

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    def parse(self) -> Tree:
        tree = self._either()
        if self.now.kind != "end":
            raise self._unexpected("the filter should end here or go on with and, or")
        return tree

    def _is(self, *words: str) -> bool:
        return self.now.kind in {"name", "sign"} and self.now.text in words

    def _take(self) -> Token:
        token = self.now
        self.place += 1
        return token

    def _expect(self, sign: str) -> Token:
        if not self._is(sign):
            raise self._unexpected(f"{sign!r} is expected")
        return self._take()

    def _unexpected(self, problem: str) -> FilterError:
        token = self.now
        if token.kind == "end":
            return FilterError(f"{problem}, but the filter ends", token.position)
        return FilterError(problem, token.position, value=token.text)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FilterError(
                f"more than {DEEPEST} levels of brackets or of not",
                self.now.position,
                hint="derive a variable from a part of it",
            )

    def _chain(self, kind: str, part: str) -> Tree:
        position = self.now.position
        parts = [getattr(self, part)()]
        while self._is(kind):
            self._take()
            parts.append(getattr(self, part)())
        return parts[0] if len(parts) == 1 else Tree(kind, position, parts=tuple(parts))

    def _either(self) -> Tree:
        return self._chain("or", "_both")

    def _both(self) -> Tree:
        return self._chain("and", "_denied")

    def _denied(self) -> Tree:
        if not self._is("not"):
            return self._comparison()
        position = self._take().position
        self._deeper()
        inside = self._denied()
        self.depth -= 1
        return Tree("not", position, parts=(inside,))

    def _comparison(self) -> Tree:
        left = self._sum()
        token = self.now
        if self._is(*SIGNS):
            self._take()
            return Tree("compare", token.position, token.text, (left, self._sum()))
        if self._is("between"):
            self._take()
            low = self._sum()
            self._expect("and")
            return Tree("between", token.position, parts=(left, low, self._sum()))
        if self._is("in", "not"):
            negated = self._take().text == "not"
            if negated:
                self._expect("in")
            self._expect("(")
            items = [self._sum()]
            while self._is(","):
                self._take()
                items.append(self._sum())
            self._expect(")")
            return Tree("not_in" if negated else "in", token.position, parts=(left, *items))
        return left

    def _run(self, kind: str, signs: tuple[str, str], part: str) -> Tree:
        """Read a chain of sums or products; each part after the first is wrapped in its sign."""
        position = self.now.position
        parts = [getattr(self, part)()]
        while self.now.kind == "sign" and self._is(*signs):
            sign = self._take()
            parts.append(Tree(sign.text, sign.position, parts=(getattr(self, part)(),)))
        return parts[0] if len(parts) == 1 else Tree(kind, position, parts=tuple(parts))

    def _sum(self) -> Tree:
        return self._run("sum", ("+", "-"), "_product")

    def _product(self) -> Tree:
        return self._run("product", ("*", "/"), "_factor")

    def _factor(self) -> Tree:
        token = self.now
        if token.kind == "end" or (token.kind == "sign" and token.text not in {"-", "("}):
            raise self._unexpected("a question, a choice or a number is expected")
        if token.kind == "name" and token.text in RESERVED:
            raise self._unexpected("a question, a choice or a number is expected")
        self._take()
        if token.kind == "sign":
            self._deeper()
            if token.text == "-":
                inside = Tree("negative", token.position, parts=(self._factor(),))
            else:
                inside = self._either()
                self._expect(")")
            self.depth -= 1
            return inside
        if token.kind == "name" and self._is("("):
            return self._call(token)
        return Tree(token.kind, token.position, token.text)

    def _call(self, name: Token) -> Tree:
        if name.text not in CALLS:
            raise FilterError(
                "there is no such call", name.position, value=name.text,
                hint=nearest(name.text, CALLS),
            )  # fmt: skip
        self._expect("(")
        given = []
        for number in range(CALLS[name.text]):
            if number:
                self._expect(",")
            if self.now.kind not in {"name", "question", "text", "number"}:
                raise self._unexpected("a question or a choice is expected")
            token = self._take()
            given.append(Tree(token.kind, token.position, token.text))
        self._expect(")")
        return Tree("call", name.position, name.text, tuple(given))
