"""What a derivation says of its sources: which answer settles another, and which sums go together.

Both follow from the rule alone, whatever anybody answered: tables use the first to cross nothing
with itself, disclosure control the second to know what a reader can work out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ngo_survey.codebook.filters import parse
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Linear, LinearTerm, Question
from ngo_survey.codebook.typing import scale

Rule = Mapping[str, Any]
#: Operations that give one value for each value of their one source.
COARSER = frozenset({"recode", "cut", "index", "sum"})


def settled(
    name: str, rule: Rule, book: Questionnaire, made_of: list[Question]
) -> list[tuple[str, str]]:
    """Return pairs (fine, coarse): who knows the answer to the one knows that to the other.

    ==================  ==========================================================================
    recode, cut         the source settles it
    difference          each settles the other
    cross               it settles both its sources
    where               its source settles it, where all filters ask for one answer
    first               its first source settles it, for all who gave that; a later source does not,
                        since an earlier one may stand in its place
    index, sum          as ``recode`` where they are of one item
    ==================  ==========================================================================

    Of several items no single one settles ``largest``, ``index``, ``sum``, ``ratio``, ``share_of``,
    a concentration or a ``count``, and choices of many beside what is made of them tell which go
    together: such tables say something.
    """
    op = rule["op"]
    sources = [q.name for q in made_of]
    if op == "where":
        asked = {v for g in rule["levels"].values() if "when" in g for v in _asked(g["when"], book)}
        sources = sorted(asked)
    if any(book.question(source).many for source in sources):
        return []
    if op == "cross":
        return [(name, source) for source in sources]
    if op == "first":
        return [(sources[0], name)]
    if op == "difference":
        return [(sources[0], name), (name, sources[0])]
    if len(sources) == 1 and op in {*COARSER, "where"}:
        return [(sources[0], name)]
    return []


def linear(
    rule: Rule, book: Questionnaire, made_of: list[Question], named: set[str]
) -> Linear | None:
    """Return how a derived number adds up from answers, for everybody who gave all of them.

    ``named`` are the items that ``reverse`` or ``items`` names. None for what is no fixed
    combination: ratios, concentration, the first number, a share of what is no whole battery.
    """
    op = rule["op"]
    if op == "sum":
        return Linear(tuple(_term(q, 1.0) for q in made_of))
    if op == "difference":
        return Linear((_term(made_of[0], -1.0),), float(rule["value"]))
    if op == "share_of" and _whole(book, made_of):
        return Linear(tuple(_term(q, 0.01) for q in made_of if q.name in named))
    if op == "count" and not any(q.many for q in made_of):
        values = {value: 1.0 for value in rule["values"]}
        return Linear(tuple(LinearTerm(q.name, 1.0, values, (0.0, 1.0)) for q in made_of))
    return _index(rule, made_of, named) if op == "index" else None


def _index(rule: Rule, made_of: list[Question], turned: set[str]) -> Linear:
    """The mean of items, on a scale from a to b stretched to a range; turned ones are a + b - x."""
    ends = scale(made_of[0])
    stretch, start, both = 1.0, 0.0, 0.0
    reach = ends
    if ends is not None:
        both = ends[0] + ends[1]
        if "range" in rule:
            low, high = (float(end) for end in rule["range"])
            stretch = (high - low) / (ends[1] - ends[0])
            start = low - ends[0] * stretch
            reach = (min(low, high), max(low, high))
    share = stretch / len(made_of)
    start += share * both * sum(q.name in turned for q in made_of)
    terms = (_term(q, -share if q.name in turned else share) for q in made_of)
    return Linear(tuple(terms), start, reach)


def _term(question: Question, factor: float) -> LinearTerm:
    if question.form == "constant_sum":
        return LinearTerm(question.name, factor, None, (0.0, 100.0))
    values = None
    if question.form == "scale":
        values = {c: float(p) for p, c in enumerate(question.choice_names, start=1)}
    return LinearTerm(question.name, factor, values, scale(question))


def _whole(book: Questionnaire, parts: list[Question]) -> bool:
    """Whether parts are all parts of one hundred: cleaning leaves no other sum of them."""
    battery = parts[0].battery
    if not battery or any(q.form != "constant_sum" for q in parts):
        return False
    return {q.name for q in parts} == {q.name for q in book.battery(battery)}


def _asked(when: str, book: Questionnaire) -> tuple[str, ...]:
    return tuple(parse(when, book).variables)
