"""From what is written to what is meant: every name is held against the questionnaire.

Beside a question with one answer a word or a number means one of its choices, so that a choice may
be called like a question. Where both sides name questions, they must be numbers or share choices.
"""

from __future__ import annotations

from decimal import Decimal

from ngo_survey.codebook.filters.terms import FilterTerm
from ngo_survey.codebook.grammar import LONG_NAME, ExpressionError, Node, read
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import ORDERED, Question
from ngo_survey.errors import ConfigError, nearest

NAMES = frozenset({"name", "question"})
LITERALS = frozenset({"name", "text", "number"})
#: Calls and how many arguments each takes.
CALLS = {"answered": 1, "missing": 1, "chosen": 2, "count": 1}
#: A comparison with its sides exchanged.
TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class FilterError(ConfigError):
    """A filter cannot be read: ``position`` counts its characters from 1."""

    def __init__(
        self, problem: str, position: int, *, value: object = None, hint: str = ""
    ) -> None:
        self.position = position
        super().__init__(f"character {position} of the filter: {problem}", value=value, hint=hint)


def check(text: str, questions: Questionnaire) -> FilterTerm:
    """Return the term that a filter means; raises :class:`FilterError` at the first misfit."""
    names = {name for q in questions for name in (q.name, *q.choice_names)}
    try:
        node = read(text, "filter", frozenset(filter(LONG_NAME.fullmatch, names)))
    except ExpressionError as error:
        raise FilterError(
            error.problem, error.position, value=error.value, hint=error.hint
        ) from error
    return _Checker(questions).statement(node)


def _wrong(node: Node, problem: str, hint: str = "") -> FilterError:
    return FilterError(problem, node.position, value=node.text or None, hint=hint)


class _Checker:
    def __init__(self, questions: Questionnaire) -> None:
        self.questions = questions

    def statement(self, node: Node) -> FilterTerm:
        """Return what is true or false."""
        match node.kind:
            case "and" | "or":
                found: list[FilterTerm] = []
                for part in map(self.statement, node.parts):
                    found += part.parts if part.kind == node.kind else (part,)
                return FilterTerm(node.kind, tuple(found))
            case "not":
                return FilterTerm("not", (self.statement(node.parts[0]),))
            case "compare":
                return self._compare(node)
            case "between":
                return self._between(node)
            case "in":
                return self._in(node)
            case "call" if node.text != "count":
                return self._call(node)
        raise _wrong(
            node,
            "a comparison or a call is expected, not a value",
            "compare it, as in name = choice or name >= 5",
        )

    def amount(self, node: Node) -> FilterTerm:
        """Return what is a number."""
        if node.kind in NAMES:
            return self._points(self._question(node), node)
        if node.kind == "number":
            return FilterTerm("number", name=_canonical(node.text))
        if node.kind == "call" and node.text == "count":
            return self._call(node)
        if node.kind == "negative":
            return FilterTerm("negative", (self.amount(node.parts[0]),))
        if node.kind in {"sum", "product"}:
            first, *rest = map(self.amount, node.parts)
            signs = node.text.replace(" ", "")
            if first.kind == node.kind:
                return FilterTerm(node.kind, (*first.parts, *rest), first.sign + signs)
            return FilterTerm(node.kind, (first, *rest), signs)
        raise _wrong(
            node,
            "a number is expected",
            "compare numbers with numbers, and answers with choices of their question",
        )

    def _question(self, node: Node) -> Question:
        name = node.text
        if node.kind not in NAMES | LITERALS:
            raise _wrong(node, "a question is expected")
        if name not in self.questions or node.kind not in NAMES:
            raise _wrong(
                node, "there is no such question", nearest(name, [q.name for q in self.questions])
            )
        question = self.questions.question(name)
        if question.disclosure == "identifier":
            raise _wrong(node, "this question tells who a respondent is", "leave it out")
        return question

    def _single(self, node: Node) -> Question | None:
        """Return the question with one answer that a node names, or None."""
        if node.kind in NAMES and node.text in self.questions:
            question = self.questions.question(node.text)
            if question.choices and not question.many:
                return self._question(node)
        return None

    def _names_choice(self, node: Node, question: Question) -> bool:
        return node.kind in LITERALS and _literal(node, question) in question.choice_names

    def _choice(self, node: Node, question: Question) -> FilterTerm:
        if self._names_choice(node, question):
            return FilterTerm("choice", question=question, name=_literal(node, question))
        if node.kind not in LITERALS:
            raise _wrong(
                node, f"a choice of {question.name} is expected", nearest("", question.choice_names)
            )
        raise _wrong(
            node, f"{question.name} has no such choice", nearest(node.text, question.choice_names)
        )

    def _compare(self, node: Node) -> FilterTerm:
        left, right = node.parts
        sign = node.text
        one, other = self._single(left), self._single(right)
        if other and (one is None or not self._names_choice(right, one)):
            if one is None and left.kind in LITERALS and self._means_choice(left, other):
                self._somewhere(left, other)
                return self._with_choice(other, TURNED[sign], left)
            if one and self._names_choice(left, other):
                return self._with_choice(other, TURNED[sign], left)
            if one and right.kind in NAMES:
                return self._two_questions(one, sign, other, right)
        if one and right.kind in LITERALS and self._means_choice(right, one):
            return self._with_choice(one, sign, right)
        return FilterTerm("compared", (self.amount(left), self.amount(right)), sign)

    def _somewhere(self, node: Node, question: Question) -> None:
        """Raise for a word in the first place that is neither a question nor a choice."""
        if node.kind in NAMES and not self._names_choice(node, question):
            raise _wrong(
                node,
                f"there is no such question, nor such a choice of {question.name}",
                nearest(node.text, [*question.choice_names, *self.questions.questions]),
            )

    def _means_choice(self, node: Node, question: Question) -> bool:
        """Whether a literal beside a question stands for a choice rather than for a number."""
        number = node.text in self.questions and self.questions.question(node.text).numeric
        return node.kind != "name" or not number or self._names_choice(node, question)

    def _with_choice(self, question: Question, sign: str, literal: Node) -> FilterTerm:
        if sign in {"=", "!="}:
            return FilterTerm("compared", (_place(question), self._choice(literal, question)), sign)
        self._has_order(question, literal)
        return FilterTerm("compared", (_ordered(question), self._end(question, literal)), sign)

    def _two_questions(self, one: Question, sign: str, other: Question, place: Node) -> FilterTerm:
        if one.choice_names != other.choice_names:
            raise _wrong(
                place,
                f"{one.name} has no such choice, and the two questions have different choices",
                nearest(place.text, one.choice_names),
            )
        if sign in {"=", "!="}:
            return FilterTerm("compared", (_place(one), _place(other)), sign)
        self._has_order(one, place)
        self._has_order(other, place)
        if "rating" in (one.form, other.form):
            return FilterTerm(
                "compared", (self._points(one, place), self._points(other, place)), sign
            )
        return FilterTerm("compared", (_place(one), _place(other)), sign)

    def _has_order(self, question: Question, place: Node) -> None:
        if question.form not in ORDERED:
            raise _wrong(place, f"the choices of {question.name} have no order", "use = or in")

    def _end(self, question: Question, literal: Node) -> FilterTerm:
        """Return what an ordered answer is held against: a choice, or a point of a rating.

        A point outside the scale would never or always be met.
        """
        if question.form != "rating":
            return self._choice(literal, question)
        points = [float(c) for c in question.choice_names if c.isdigit()]
        written = [_canonical(str(point)) for point in points]
        if literal.kind != "number" and literal.text not in written:
            self._choice(literal, question)
            raise _wrong(literal, "this answer is no point of the scale", "use = or in")
        if not points or not min(points) <= float(literal.text) <= max(points):
            raise _wrong(
                literal, f"{question.name} has no such point", nearest(literal.text, written)
            )
        return FilterTerm("number", name=_canonical(literal.text))

    def _between(self, node: Node) -> FilterTerm:
        value, low, high = node.parts
        question = self._single(value)
        if question and all(
            end.kind in LITERALS and self._means_choice(end, question) for end in (low, high)
        ):
            self._has_order(question, value)
            of, ends = _ordered(question), [self._end(question, end) for end in (low, high)]
        else:
            ends = [self.amount(low), self.amount(high)]
            of = self.amount(value)
        known = [_constant(end) for end in ends]
        if known[0] is not None and known[1] is not None and known[0] > known[1]:
            raise _wrong(high, "the upper end lies below the lower one", "exchange them")
        return FilterTerm("between", (of, *ends))

    def _in(self, node: Node) -> FilterTerm:
        value, *items = node.parts
        sign = "in" if node.text == "in" else "not in"
        question = self._single(value)
        if question:
            named = {c.name: c for c in (self._choice(item, question) for item in items)}
            return FilterTerm("listed", (_place(question), *named.values()), sign)
        return FilterTerm("listed", (self.amount(value), *map(self.amount, items)), sign)

    def _call(self, node: Node) -> FilterTerm:
        if node.text not in CALLS:
            raise _wrong(node, "there is no such call", nearest(node.text, CALLS))
        if len(node.parts) != CALLS[node.text]:
            wanted = "a question and a choice" if node.text == "chosen" else "one question"
            raise _wrong(node, f"the call takes {wanted}")
        question = self._question(node.parts[0])
        if node.text in {"answered", "missing"}:
            return FilterTerm("answered", sign=node.text, question=question)
        if not question.many:
            many = [q.name for q in self.questions if q.many]
            raise _wrong(
                node.parts[0],
                "this is no question of many answers",
                "use = or in" if question.choices else nearest(question.name, many),
            )
        if node.text == "count":
            return FilterTerm("count", question=question)
        return FilterTerm(
            "chosen", question=question, name=self._choice(node.parts[1], question).name
        )

    def _points(self, question: Question, place: Node) -> FilterTerm:
        if question.numeric or question.form in {"constant_sum", "rating"}:
            return FilterTerm("answer", question=question)
        if question.choices:
            call = f"use chosen({question.name}, choice)"
            hint = call if question.many else "compare it with a choice"
        else:
            hint = f"use answered({question.name})"
        raise _wrong(place, "the answers to this question are no numbers", hint)


def _place(question: Question) -> FilterTerm:
    return FilterTerm("place", question=question)


def _ordered(question: Question) -> FilterTerm:
    return FilterTerm("answer" if question.form == "rating" else "place", question=question)


def _constant(end: FilterTerm) -> float | None:
    if end.kind == "choice":
        return float(end.of.choice_names.index(end.name))
    return float(end.name) if end.kind == "number" else None


def _literal(node: Node, question: Question) -> str:
    """Return a literal as the name of a choice: a number also without needless zeros."""
    if node.kind == "number" and node.text not in question.choice_names:
        return _canonical(node.text)
    return node.text


def _canonical(number: str) -> str:
    """Return a number without needless zeros, never with an exponent."""
    return format(Decimal(number).normalize(), "f")
