"""The names of questions: a form may give one name in several groups, a codebook gives it once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ngo_survey.codebook.inference import REFERENCE
from ngo_survey.codebook.question import FRAME, Question

#: Questions whose name says their role where the form does not.
ROLE_OF = {"sample_id": "id", "consent": "consent"}


def named(asked: Iterable[Question]) -> dict[str, Question]:
    """Return the questions by a name of their own, in their order.

    Of those that share a name each takes that of its group before it (``home_age``), and so does
    one that is called as a column that every frame has. ``original`` keeps the form's name.
    """
    listed = list(asked)
    shared = Counter(q.name for q in listed)
    taken = {*shared, *FRAME}
    made: dict[str, Question] = {}
    for question in listed:
        name, steps = question.name, question.group.split("/") if question.group else ["q"]
        if (shared[name] > 1 and question.group) or name in FRAME:
            while name in taken:
                name = f"{steps.pop()}_{name}" if steps else f"{name}_2"
            taken.add(name)
            made[name] = replace(question, name=name, original=question.name)
        else:
            made[name] = question
    return with_roles(made)


def with_roles(questions: dict[str, Question]) -> dict[str, Question]:
    """Give the roles that nobody has to the questions that are called so."""
    roles = {q.role for q in questions.values()}
    found = {
        name: replace(questions[name], role=role)
        for name, role in ROLE_OF.items()
        if name in questions and role not in roles and not questions[name].role
    }
    return questions | found


def names_now(questions: Mapping[str, Question]) -> dict[str, list[str]]:
    """Return the names that a name of the form has here: several where groups share it."""
    now: dict[str, list[str]] = defaultdict(list)
    for name, question in questions.items():
        now[question.original or name].append(name)
    return now


def rules_renamed(questions: dict[str, Question]) -> dict[str, Question]:
    """Return the questions with rules that ask for others by their names here.

    Of several questions of one name the one of the same group is meant: only a question that the
    form adds itself ("other, specify") may ask so.
    """
    names = names_now(questions)
    if all(now == [own] for own, now in names.items()):
        return questions
    made = {}
    for name, question in questions.items():
        here = {
            own: next((n for n in now if questions[n].group == question.group), now[0])
            for own, now in names.items()
        }
        relevant, constraint = (renamed(t, here) for t in (question.relevant, question.constraint))
        made[name] = replace(question, relevant=relevant, constraint=constraint)
    return made


def renamed(text: str, now: Mapping[str, str]) -> str:
    """Return a rule with other names of questions."""
    return REFERENCE.sub(lambda found: f"${{{now.get(found[1], found[1])}}}", text)
