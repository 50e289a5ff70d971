"""How a form is analysed where it does not say so itself: forms of analysis and batteries.

Inferred is only what the form shows. A list of choices is taken for a scale where its points are
numbers or it is shown as one (``likert``); numbered answers alone are no scale, since lists of
names are numbered as well. Whatever a row says in its ``analysis_`` columns stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ngo_survey.codebook.question import Labels, Question
from ngo_survey.codebook.xlsform_types import IDENTIFIERS, RECORDED

NUMBERS = frozenset({"integer", "decimal", "range"})
#: A scale has a middle.
FEWEST_POINTS = 3
REFERENCE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
HUNDRED = re.compile(r"(?<![<>])!?=\s*100(?![\d.])")
#: Between parts of a rule that hold by themselves.
CLAUSES = re.compile(r"\b(?:and|or)\b")
ADDED = re.compile(r"\+|\bsum\s*\(")
#: Words of a group that asks for parts of a hundred, and the hundred with its unit.
HUNDRED_OF = re.compile(r"\b100\s*(%|per ?cent|points|процент|балл|очк|пайыз|ұпай)", re.IGNORECASE)
ADDS_UP = re.compile(
    r"\b(add(s|ing)? up|sum|total|distribut|divid|allocat|сумм|итог|всего|распредел|раздел"
    r"|жиынты|қосынды|барлығы|бөл)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FormGroup:
    """A group of the form.

    Attributes
    ----------
    questions: names of the questions that lie directly in it.
    nested: whether it holds groups or repeats as well.
    """

    name: str
    path: str
    labels: Labels
    titles: Labels
    hints: Labels
    questions: tuple[str, ...]
    nested: bool


@dataclass(frozen=True)
class Inferred:
    """Questions with their forms, titles and wordings of batteries, and what was inferred."""

    questions: dict[str, Question]
    titles: dict[str, Labels]
    wordings: dict[str, Labels]
    notes: list[str]


def infer(
    questions: Mapping[str, Question],
    groups: Sequence[FormGroup],
    rules: Mapping[str, str],
    identifying: Collection[str] = (),
) -> Inferred:
    """Fill in what the form does not say.

    Parameters
    ----------
    questions: form and disclosure are "" where the form leaves them empty.
    rules: further texts by the name of their row: calculations, and the conditions of notes.
    identifying: rows that are left out because they tell who somebody is.
    """
    made: dict[str, Question] = dict(questions)
    titles: dict[str, Labels] = {}
    wordings: dict[str, Labels] = {}
    notes: list[str] = []
    sums = _sums(questions.values(), rules)
    taken = {*questions, *(q.battery for q in questions.values())}
    for group in groups:
        items = [made[n] for n in group.questions if made[n].type not in RECORDED]
        form = _battery(group, items, sums)
        if not form or group.name in taken or any(q.form or q.battery for q in items):
            continue
        taken.add(group.name)
        titles[group.name], wordings[group.name] = group.titles, group.labels
        for item in items:
            made[item.name] = replace(item, battery=group.name, form=form)
        parts = " that adds up to 100" if form == "constant_sum" else f", each {form}"
        notes.append(f"inferred: battery {group.name} of {len(items)} questions{parts}")
    for name, question in made.items():
        form = question.form or _form(question)
        disclosure = question.disclosure or _disclosure(question, form)
        if not question.form and form in ("scale", "rating"):
            notes.append(f"inferred: {name} is a {form}")
        made[name] = replace(question, form=form, disclosure=disclosure)
    unsaid = [n for n, q in questions.items() if q.type == "calculate" and not q.disclosure]
    made |= _calculated(made, unsaid, rules, identifying)
    return Inferred(made, titles, wordings, notes)


def _calculated(
    made: Mapping[str, Question],
    unsaid: Sequence[str],
    rules: Mapping[str, str],
    identifying: Collection[str],
) -> dict[str, Question]:
    """Give calculations the disclosure of what they are made of: a name joined to another is one.

    ``unsaid`` are the calculations of which the form does not say it; one may be made of others.
    """
    known = dict.fromkeys(identifying, "identifier")
    known |= {q.original or name: q.disclosure for name, q in made.items()}
    texts = {name: rules.get(made[name].original or name, "") for name in unsaid}
    of = {name: set(REFERENCE.findall(text)) for name, text in texts.items()}
    for _ in unsaid:  # as many steps as the longest chain can have
        for name, parts in of.items():
            found = {known.get(part, "") for part in parts}
            worst = next((d for d in ("identifier", "free_text") if d in found), "")
            known[made[name].original or name] = worst or made[name].disclosure
    return {n: replace(made[n], disclosure=known[made[n].original or n]) for n in unsaid}


def _form(question: Question) -> str:
    if question.type == "select_one":
        return _scale(question)
    if question.type == "select_multiple":
        return "multiple"
    if question.type in NUMBERS:
        return "number"
    return "text" if question.type == "text" and not question.role else "none"


def _disclosure(question: Question, form: str) -> str:
    if question.role == "id":
        return "internal"
    if question.type in IDENTIFIERS:
        return "identifier"
    if question.type in RECORDED:
        return "internal"
    return "free_text" if form == "text" else "open"


def _scale(question: Question) -> str:
    """Return ``rating`` for points that are numbers, ``scale`` for ordered words, or ``single``."""
    points = [c for c in question.choices if c.name.isdecimal()]
    values = [int(c.name) for c in points]
    numbered = len(points) >= FEWEST_POINTS and {b - a for a, b in pairwise(values)} in ({1}, {-1})
    if "likert" in question.appearance.split():
        return "rating" if numbered else "scale"
    if not numbered:
        return "single"
    # The ends may be explained, as in "0, not at all"; what lies between is a number alone.
    ends, inner = (points[0], points[-1]), points[1:-1]
    shown = all(text == c.name for c in inner for text in c.labels.values())
    shown &= all(re.match(rf"{c.name}(?!\d)", text) for c in ends for text in c.labels.values())
    return "rating" if shown else "single"


def _battery(group: FormGroup, items: Sequence[Question], sums: Sequence[frozenset[str]]) -> str:
    """Return the form of the items of a group that is a battery; "" for a group that is none."""
    if len(items) < 2 or group.nested:
        return ""
    if len({q.name.removeprefix(f"{group.name}_") for q in items}) < len(items):
        return ""  # `care_time` and `time` in `care` would be one item
    if len({q.list_name for q in items}) == 1 and all(q.type == "select_one" for q in items):
        return _scale(items[0])
    if not all(q.type in NUMBERS for q in items):
        return ""
    names = {q.original or q.name for q in items}
    said = [*group.labels.values(), *group.hints.values()]
    asked = any(HUNDRED_OF.search(text) and ADDS_UP.search(text) for text in said)
    return "constant_sum" if asked or any(names <= parts for parts in sums) else ""


def _sums(questions: Iterable[Question], rules: Mapping[str, str]) -> list[frozenset[str]]:
    """Return the names that a rule adds up and holds against 100, calculations opened up."""
    texts = [(q.name, text) for q in questions for text in (q.constraint, q.relevant) if text]
    found = []
    for name, text in [*texts, *rules.items()]:
        for clause in filter(HUNDRED.search, CLAUSES.split(text)):
            opened = [clause, *(rules.get(n, "") for n in REFERENCE.findall(clause))]
            if ADDED.search(" ".join(opened)):
                found.append(frozenset({name, *(n for t in opened for n in REFERENCE.findall(t))}))
    return found
