"""From what is written to what is meant: every name is held against the questionnaire.

Beside a question with one answer a word or a number means one of its choices, so that a choice may
be called like a question. Where both sides name questions, they must be numbers or share choices.
"""

from __future__ import annotations

from decimal import Decimal

from ngo_survey.errors import nearest
from ngo_survey.codebook.filters import measures, terms
from ngo_survey.codebook.filters.grammar import FilterError, Tree
from ngo_survey.codebook.filters.measures import Measure
from ngo_survey.codebook.filters.terms import Term
from ngo_survey.codebook.model import ORDERED, Question, Questionnaire

NAMES = frozenset({"name", "question"})
LITERALS = frozenset({"name", "text", "number"})
#: A comparison with its sides exchanged.
TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def check(tree: Tree, questions: Questionnaire) -> Term:
    """Return the term that a tree means; raises :class:`FilterError` at the first misfit."""
    return _Checker(questions).term(tree)


class _Checker:
    def __init__(self, questions: Questionnaire) -> None:
        self.questions = questions

    def term(self, tree: Tree) -> Term:
        """Return what is true or false."""
        if tree.kind in {"and", "or"}:
            kind = terms.All if tree.kind == "and" else terms.Any_
            found: list[Term] = []
            for part in map(self.term, tree.parts):
                found += part.parts if isinstance(part, kind) else (part,)
            return kind(tuple(found))
        if tree.kind == "not":
            return terms.Denied(self.term(tree.parts[0]))
        if tree.kind == "compare":
            return self._compare(tree)
        if tree.kind == "between":
            return self._between(tree)
        if tree.kind in {"in", "not_in"}:
            return self._in(tree)
        if tree.kind == "call" and tree.text != "count":
            return self._call(tree)
        raise FilterError(
            "a comparison or a call is expected, not a value",
            tree.position,
            value=tree.text or None,
            hint="compare it, as in name = choice or name >= 5",
        )

    def _question(self, tree: Tree) -> Question:
        name = tree.text
        if name not in self.questions or tree.kind not in NAMES:
            raise FilterError(
                "there is no such question",
                tree.position,
                value=name,
                hint=nearest(name, [q.name for q in self.questions]),
            )
        question = self.questions.question(name)
        if question.disclosure == "identifier":
            raise FilterError(
                "this question tells who a respondent is",
                tree.position,
                value=name,
                hint="leave it out",
            )
        return question

    def _single(self, tree: Tree) -> Question | None:
        """Return the question with one answer that a tree names, or None."""
        if tree.kind in NAMES and tree.text in self.questions:
            question = self.questions.question(tree.text)
            if question.choices and not question.many:
                return self._question(tree)
        return None

    def _names_choice(self, tree: Tree, question: Question) -> bool:
        return tree.kind in LITERALS and _literal(tree, question) in question.choice_names

    def _choice(self, tree: Tree, question: Question) -> str:
        if not self._names_choice(tree, question):
            if tree.kind not in LITERALS:
                raise FilterError(
                    f"a choice of {question.name} is expected",
                    tree.position,
                    hint=nearest("", question.choice_names),
                )
            raise FilterError(
                f"{question.name} has no such choice",
                tree.position,
                value=tree.text,
                hint=nearest(tree.text, question.choice_names),
            )
        return _literal(tree, question)

    def _compare(self, tree: Tree) -> Term:
        left, right = tree.parts
        sign = tree.text
        one, other = self._single(left), self._single(right)
        if other and (one is None or not self._names_choice(right, one)):
            if one is None and left.kind in LITERALS and self._means_choice(left, other):
                self._somewhere(left, other)
                return self._against(other, TURNED[sign], left)
            if one and self._names_choice(left, other):
                return self._against(other, TURNED[sign], left)
            if one and right.kind in NAMES:
                return self._alike(one, sign, other, right)
        if one and right.kind in LITERALS and self._means_choice(right, one):
            return self._against(one, sign, right)
        return terms.Compared(self.measure(left), sign, self.measure(right))

    def _somewhere(self, tree: Tree, question: Question) -> None:
        """Raise for a word in the first place that is neither a question nor a choice."""
        if tree.kind in NAMES and not self._names_choice(tree, question):
            raise FilterError(
                f"there is no such question, nor such a choice of {question.name}",
                tree.position,
                value=tree.text,
                hint=nearest(tree.text, [*question.choice_names, *self.questions.questions]),
            )

    def _means_choice(self, tree: Tree, question: Question) -> bool:
        """Whether a literal beside a question stands for a choice rather than for a number."""
        return tree.kind != "name" or not self._numeric(tree) or self._names_choice(tree, question)

    def _numeric(self, tree: Tree) -> bool:
        return tree.text in self.questions and self.questions.question(tree.text).numeric

    def _against(self, question: Question, sign: str, literal: Tree) -> Term:
        if sign in {"=", "!="}:
            return terms.Chosen(question, (self._choice(literal, question),), sign)
        self._has_order(question, literal)
        if question.form == "rating":
            point = self._point(question, literal)
            return terms.Compared(measures.Answer(question), sign, point)
        return terms.Ordered(question, sign, self._choice(literal, question))

    def _alike(self, one: Question, sign: str, other: Question, place: Tree) -> Term:
        if one.choice_names != other.choice_names:
            raise FilterError(
                f"{one.name} has no such choice, and the two questions have different choices",
                place.position,
                value=place.text,
                hint=nearest(place.text, one.choice_names),
            )
        if sign in {"=", "!="}:
            return terms.Alike(one, sign, other)
        self._has_order(one, place)
        self._has_order(other, place)
        if "rating" in (one.form, other.form):
            return terms.Compared(self._points(one, place), sign, self._points(other, place))
        return terms.Alike(one, sign, other)

    def _has_order(self, question: Question, place: Tree) -> None:
        if question.form not in ORDERED:
            raise FilterError(
                f"the choices of {question.name} have no order",
                place.position,
                value=place.text or None,
                hint="use = or in",
            )

    def _point(self, question: Question, literal: Tree) -> Measure:
        """Return a point of a rating; one outside its scale would never or always be met."""
        points = [float(c) for c in question.choice_names if c.isdigit()]
        if literal.kind != "number" and literal.text not in map(_plain, points):
            self._choice(literal, question)
            raise FilterError(
                "this answer is no point of the scale",
                literal.position,
                value=literal.text,
                hint="use = or in",
            )
        if not points or not min(points) <= float(literal.text) <= max(points):
            raise FilterError(
                f"{question.name} has no such point",
                literal.position,
                value=literal.text,
                hint=nearest(literal.text, map(_plain, points)),
            )
        return measures.Number(_canonical(literal.text))

    def _between(self, tree: Tree) -> Term:
        value, low, high = tree.parts
        question = self._single(value)
        if question and all(
            end.kind in LITERALS and self._means_choice(end, question) for end in (low, high)
        ):
            self._has_order(question, value)
            if question.form == "rating":
                ends = self._point(question, low), self._point(question, high)
                self._not_empty(float(ends[0].text) <= float(ends[1].text), high)
                return terms.Between(measures.Answer(question), *ends)
            names = self._choice(low, question), self._choice(high, question)
            first, last = map(question.choice_names.index, names)
            self._not_empty(first <= last, high)
            return terms.Spanned(question, *names)
        ends = self.measure(low), self.measure(high)
        if isinstance(ends[0], measures.Number) and isinstance(ends[1], measures.Number):
            self._not_empty(float(ends[0].text) <= float(ends[1].text), high)
        return terms.Between(self.measure(value), *ends)

    def _not_empty(self, ordered: bool, place: Tree) -> None:
        if not ordered:
            raise FilterError(
                "the upper end lies below the lower one",
                place.position,
                value=place.text,
                hint="exchange them",
            )

    def _in(self, tree: Tree) -> Term:
        value, *items = tree.parts
        sign = "in" if tree.kind == "in" else "not in"
        question = self._single(value)
        if question:
            named = dict.fromkeys(self._choice(item, question) for item in items)
            return terms.Chosen(question, tuple(named), sign)
        return terms.Listed(self.measure(value), tuple(map(self.measure, items)), sign)

    def _call(self, tree: Tree) -> Term:
        question = self._question(tree.parts[0])
        if tree.text in {"answered", "missing"}:
            return terms.Answered(question, tree.text)
        self._of_many(question, tree.parts[0])
        return terms.OneOfMany(question, self._choice(tree.parts[1], question))

    def _of_many(self, question: Question, place: Tree) -> None:
        if not question.many:
            many = [q.name for q in self.questions if q.many]
            raise FilterError(
                "this is no question of many answers",
                place.position,
                value=question.name,
                hint="use = or in" if question.choices else nearest(question.name, many),
            )

    def measure(self, tree: Tree) -> Measure:
        """Return what is a number."""
        if tree.kind == "number":
            return measures.Number(_canonical(tree.text))
        if tree.kind == "negative":
            return measures.Negative(self.measure(tree.parts[0]))
        if tree.kind in {"sum", "product"}:
            first, *rest = tree.parts
            chain = tuple((part.kind, self.measure(part.parts[0])) for part in rest)
            start = self.measure(first)
            if isinstance(start, measures.Run) and start.additive == (tree.kind == "sum"):
                return measures.Run(start.first, start.rest + chain)
            return measures.Run(start, chain)
        if tree.kind == "call" and tree.text == "count":
            question = self._question(tree.parts[0])
            self._of_many(question, tree.parts[0])
            return measures.Count(question)
        if tree.kind in NAMES:
            return self._points(self._question(tree), tree)
        raise FilterError(
            "a number is expected",
            tree.position,
            value=tree.text or None,
            hint="compare numbers with numbers, and answers with choices of their question",
        )

    def _points(self, question: Question, place: Tree) -> Measure:
        if question.numeric or question.form in {"constant_sum", "rating"}:
            return measures.Answer(question)
        hints = {True: f"use chosen({question.name}, choice)", False: "compare it with a choice"}
        many = question.many
        raise FilterError(
            "the answers to this question are no numbers",
            place.position,
            value=question.name,
            hint=mends[many] if question.choices else f"use answered({question.name})",
        )


def _literal(tree: Tree, question: Question) -> str:
    """Return a literal as the name of a choice: a number also without needless zeros."""
    if tree.kind == "number" and tree.text not in question.choice_names:
        return _canonical(tree.text)
    return tree.text


def _canonical(number: str) -> str:
    """Return a number without needless zeros, never with an exponent."""
    return format(Decimal(number).normalize(), "f")


def _plain(point: float) -> str:
    return _canonical(str(point))
