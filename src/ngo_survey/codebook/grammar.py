"""From the text of an expression to a tree of what is written, by ``grammar.lark``.

Two kinds of text are read: a ``filter`` of the configuration and a ``rule`` of the form. Nothing
is run as code, and nothing is known here of what the words mean: see ``filters`` and
``expressions``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark, Token

#: More words or letters than these are refused, as is deeper nesting.
WORDS = {"filter": 500, "rule": 5_000}
LETTERS = {"filter": 10_000, "rule": 100_000}
DEEPEST = 40
DEEPER = frozenset({"not", "negative", "bare", "group", "function"})
RUNS = ("sum", "product")
#: Digits of a number in a filter that a computer keeps apart.
DIGITS = 15

LONG_NAME = re.compile(r"\w+(?:[-.]\w+)+")
PIECE = re.compile(r"(?P<COUNT>[0-9]+(?:\.[0-9]+)?(?![\w.]))|(?P<NAME>\w+)|(?P<MINUS>-)")
#: Signs of the grammar that one can miss, as they are written.
MISSING = {"RPAR": ")", "COMMA": ",", "_AND": "and", "IN": "in", "LPAR": "(", "PATH": "a path"}
WRITTEN = "a question is written ${name}, a choice in quotes"
#: What spreadsheets make of straight quotes; XLSForm tools turn it back.
STRAIGHT = str.maketrans("‘’“”", "''\"\"")


class ExpressionError(Exception):
    """A text is outside the grammar; ``position`` counts its characters from 1."""

    def __init__(
        self, problem: str, position: int, *, value: object = None, hint: str = ""
    ) -> None:
        self.problem, self.position, self.value, self.hint = problem, position, value, hint
        super().__init__(problem)


class TooLongError(ExpressionError):
    """A text is longer, or nested deeper, than anybody writes."""


@dataclass(frozen=True)
class Node:
    """What is written at one place.

    ``kind`` is that of ``grammar.lark``; ``text`` holds a name, a number, the words inside quotes,
    or the signs between the ``parts``.
    """

    kind: str
    position: int = field(compare=False)
    text: str = ""
    parts: tuple[Node, ...] = ()
    depth: int = field(default=0, compare=False)


@lru_cache(maxsize=4096)
def read(text: str, what: str, known: frozenset[str] = frozenset()) -> Node:
    """Return the tree of a ``filter`` or a ``rule``.

    ``known`` are names with a hyphen or a dot that are one word in a filter.

    Raises
    ------
    ExpressionError: the text is outside the grammar, or too long or too deep for it.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    plain = text.translate(STRAIGHT) if what == "rule" else text
    steps: Any = _parser(what).parse_interactive(plain)
    fed: list[Token] = []
    letters = 0
    try:
        for token in _words(steps, plain, known):
            letters += len(token)
            if len(fed) >= WORDS[what] or letters > LETTERS[what]:
                raise TooLongError(
                    f"the {what} is longer than {WORDS[what]} words or {LETTERS[what]} letters",
                    _place(token),
                    hint="derive a variable from a part of it",
                )
            if token.type == "COUNT" and len(token.replace(".", "").lstrip("0")) > DIGITS:
                raise ExpressionError(
                    f"a number has more than {DIGITS} digits",
                    _place(token),
                    value=str(token),
                    hint="round it",
                )
            steps.feed_token(token)
            fed.append(token)
        return steps.feed_eof()
    except UnexpectedCharacters as error:
        raise _unreadable(plain, error.pos_in_stream or 0, what) from None
    except UnexpectedToken as error:
        # The parser has gone on as far as it could: what it waited for is asked of another.
        steps = _parser(what).parse_interactive("")
        for token in fed:
            steps.feed_token(token)
        raise _unexpected(error.token, steps.accepts(), plain, what) from None


@lru_cache(maxsize=2)
def _parser(what: str) -> Lark:
    # Imported where something is read: a verb that reads nothing does not pay for it.
    from lark import Lark

    grammar = files(__package__).joinpath("grammar.lark").read_text("utf-8")
    made: Any = _node
    return Lark(grammar, parser="lalr", start=what, tree_class=made, maybe_placeholders=False)


def _node(kind: str, children: list[Any]) -> Any:
    """Make a node of what stands side by side; called for each rule of the grammar as it is met."""
    from lark import Token, Tree

    if kind.startswith("_"):
        return Tree(kind, children)  # the parser's own list of repeated parts
    tokens = [c for c in children if isinstance(c, Token)]
    parts = tuple(c for c in children if isinstance(c, Node))
    first = parts[0].position if not tokens or kind in RUNS else _place(tokens[0])
    text = ("|" if kind == "path" else " " if kind in RUNS else "").join(tokens)
    if kind == "call":
        text, parts = parts[0].text, parts[1:]
    deeper = kind in DEEPER or (kind == "call" and any(part.parts for part in parts))
    depth = max((part.depth for part in parts), default=0) + deeper
    if depth > DEEPEST:
        raise TooLongError(
            f"more than {DEEPEST} levels of brackets or of not",
            first,
            hint="derive a variable from a part of it",
        )
    if kind == "bare":
        return replace(parts[0], depth=depth)
    if kind == "question":
        text = text[2:-1].strip()
    if kind == "text":
        text = text[1:-1]
    return Node(kind, first, text, parts, depth)


def _place(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _words(steps: Any, text: str, known: frozenset[str]) -> Iterator[Token]:
    """Yield the words of a text; one with a hyphen that nobody knows falls into its pieces."""
    from lark import Token

    for token in steps.lexer_thread.lex(steps.parser_state):
        place, end = token.start_pos, token.end_pos
        while token.type == "LONG_NAME" and place < end and text[place:end] not in known:
            piece = PIECE.match(text, place, end)
            if piece is None:
                raise _unreadable(text, place, "filter")
            yield Token(str(piece.lastgroup), piece[0], start_pos=place)
            place = piece.end()
        if place < end:
            yield Token(token.type, text[place:end], start_pos=place)


def _unreadable(text: str, place: int, what: str) -> ExpressionError:
    if text[place] in "'\"":
        hint = "close the quotes"
    elif what == "filter":
        hint = "see the grammar in docs/config.md"
    else:
        hint = WRITTEN
    return ExpressionError(
        "this cannot be read", place + 1, value=text[place : place + 12], hint=hint
    )


def _unexpected(token: Token, accepts: set[str], text: str, what: str) -> ExpressionError:
    if "QUESTION" in accepts:
        problem = "a question, a choice or a number is expected"
    elif "$END" in accepts:
        problem = f"the {what} should end here or go on with and, or"
    else:
        missing = next(sign for name, sign in MISSING.items() if name in accepts)
        problem = f"{missing!r} is expected"
    if token.type == "$END":
        return ExpressionError(f"{problem}, but the {what} ends", len(text) + 1)
    hint = WRITTEN if what == "rule" and token.isidentifier() else ""
    return ExpressionError(problem, _place(token), value=str(token), hint=hint)
