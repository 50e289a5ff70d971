"""Drafted questions that share one list of answers become a battery."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from ngo_survey.workflow.new_study.draft import DraftQuestion
from ngo_survey.workflow.new_study.draft_state import DraftState
from ngo_survey.workflow.new_study.headers import plain, shared_stem, shared_words
from ngo_survey.workflow.new_study.scales import UNKNOWN, ordered

#: What an item is called that is a place in an order.
PLACE = re.compile(
    r"(?:rank(?:ing)?|place|choice|priority|ранг|место|выбор|приоритет|орын)\W*(?P<place>\d{1,2})",
    re.IGNORECASE,
)
#: Answers of a battery share one list of so many at most.
MOST_POINTS = 12


def batteries(work: DraftState, questions: Sequence[DraftQuestion]) -> list[DraftQuestion]:
    """Make batteries of neighbours that share one list of three answers or more.

    Of a group of columns an item that lacks an answer nobody gave shares the list of the others.
    """
    made: list[DraftQuestion] = []
    for _, members in groupby(questions, key=lambda q: (q.battery, q.type, _bare(q))):
        items = list(members)
        grouped = bool(items[0].battery)
        if items[0].form == "constant_sum":
            made += items
            continue
        runs = [items] if grouped else [list(run) for _, run in groupby(items, key=_list_of)]
        for run in runs:
            made += _battery(work, run)
    return made


def _bare(question: DraftQuestion) -> bool:
    return question.type == "select_one" and question.form in ("single", "scale", "rating")


def _list_of(question: DraftQuestion) -> str:
    return question.list_name or question.name


def _battery(work: DraftState, items: Sequence[DraftQuestion]) -> list[DraftQuestion]:
    """Return the items as a battery over one list, or each alone where they share none."""
    alone = [replace(q, battery="", battery_label="") for q in items]
    if len(items) < 2 or not _bare(items[0]):
        return alone
    union: dict[str, str] = {}
    for item in items:
        union |= {label: name for name, label in item.choices.items() if label not in union}
    if items[0].form == "rating":
        return _rated(work, items, alone)
    if _ranked(work, items) and len(set(union.values())) == len(union):
        return _over(work, items, {name: label for label, name in union.items()}, "rank")
    most = max(len(item.choices) for item in items)
    degrees = sum(not UNKNOWN.match(label) for label in union)
    if (
        degrees < 3
        or len(union) > min(MOST_POINTS, most + 2)
        or len(set(union.values())) < len(union)
    ):
        return alone
    scale = ordered(union)
    choices = {union[label]: label for label in scale or union}
    return _over(work, items, choices, "scale" if scale else "single")


def _ranked(work: DraftState, items: Sequence[DraftQuestion]) -> bool:
    """Say whether items are the places of an order: so called, and nobody has one choice twice."""
    places = [PLACE.fullmatch(item.label.strip()) for item in items]
    if [int(found["place"]) if found else 0 for found in places] != [*range(1, len(items) + 1)]:
        return False
    cells = work.table.frame[[header for item in items for header in item.headers]]
    named = cells.apply(lambda column: column.str.strip()).replace("", None)
    return bool((named.nunique(axis=1) == named.count(axis=1)).all())


def _rated(
    work: DraftState, items: Sequence[DraftQuestion], alone: list[DraftQuestion]
) -> list[DraftQuestion]:
    """Return ratings as a battery where no point has two labels."""
    points: dict[str, str] = {}
    for item in items:
        for name, label in item.choices.items():
            if points.get(name, name) == name:
                points[name] = label
            elif label not in (name, points[name]):
                return alone
    choices = {name: points[name] for name in sorted(points, key=int)}
    return _over(work, items, choices, "rating")


def _over(
    work: DraftState, items: Sequence[DraftQuestion], choices: Mapping[str, str], form: str
) -> list[DraftQuestion]:
    stem = items[0].battery or shared_stem([q.name for q in items]) or f"{items[0].name}_items"
    battery = work.names.give(stem, "battery")
    listed = work.listed(battery, choices)
    for item in items:
        if item.list_name in work.aliases:
            work.aliases.setdefault(listed, {}).update(work.aliases[item.list_name])
    label, labels = items[0].battery_label, [q.label for q in items]
    if not label:
        label, labels = shared_words(labels)
    label = label or plain(stem.replace("_", " ")).capitalize()
    return [
        replace(
            item, label=words, battery=battery, battery_label=label, form=form, choices=choices,
            list_name=listed, why="columns that share one list of answers",
        )
        for item, words in zip(items, labels, strict=True)
    ]  # fmt: skip
