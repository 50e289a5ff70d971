"""What models say: a forest of average marginal effects, and predicted probabilities."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from ngo_survey.figures.picture import Picture
from ngo_survey.figures.style import CYCLE, GREY, INK, NGO, PALE, WIDTH, wrap
from ngo_survey.models.formula import Term, terms_of
from ngo_survey.questionnaire import Questionnaire

Drawn = tuple[Any, pd.DataFrame, str]
#: Level of the adjusted tests that colour tells apart.
ALPHA = 0.05


def _model(picture: Picture) -> tuple[dict[str, Any], dict[str, Term]]:
    declared = picture.study.section("models")["declared"][picture.spec["model"]]
    return declared, {term.variable: term for term in terms_of(declared["terms"])}


def effects(picture: Picture) -> Drawn:
    """Draw effects on the probability of one outcome, with limits, in the order of the model."""
    frame = picture.results.family("effects")
    frame = frame[
        (frame["model"] == picture.spec["model"]) & (frame["outcome"] == picture.spec["outcome"])
    ].iloc[::-1]
    declared, terms = _model(picture)
    book = picture.books[declared["population"]]
    references = _references(picture, frame)
    labels = []
    for row in frame.itertuples():
        term = terms[row.variable]
        if term.ilr:
            labels.append(_part(picture, book, term, row.level))
            continue
        name = book.title(row.variable, picture.language)
        if row.level:
            level = book.choice_label(row.variable, row.level, picture.language)
            reference = book.choice_label(row.variable, references[row.variable], picture.language)
            labels.append(picture.word("against", level=level, reference=reference))
        elif term.transform == "log2p1":
            labels.append(picture.word("doubling", name=name))
        else:
            labels.append(picture.word("per", name=name, per=term.per))
    figure, axis = plt.subplots(figsize=(WIDTH, 0.9 + 0.33 * len(frame)))
    places = range(len(frame))
    axis.axvline(0, color=INK, lw=0.9)
    clear = (frame["ci_low"] > 0) | (frame["ci_high"] < 0)
    for y, row, certain in zip(places, frame.itertuples(), clear, strict=True):
        colour = NGO if certain else GREY
        axis.hlines(y, 100 * row.ci_low, 100 * row.ci_high, color=colour, lw=2, alpha=0.6)
        axis.plot(100 * row.estimate, y, "o", color=colour, ms=6.5)
    axis.set_yticks(list(places), [wrap(label, 52) for label in labels], fontsize=9)
    axis.set_xlabel(picture.word("effect"))
    n = int(picture.results.value(f"model/{picture.spec['model']}/diagnostic/n"))
    return figure, frame, f"{picture.word('base', n=picture.number(n))} {picture.word('limits')}"


def _part(picture: Picture, book: Questionnaire, term: Term, part: str) -> str:
    """Say which part of a whole doubles; one made of several items has no name of its own."""
    whole = book.battery_title(term.variable, picture.language)
    items = dict(term.parts)[part]
    name = picture.word("other_parts")
    if len(items) == 1:
        name = book.title(f"{term.variable}_{items[0]}", picture.language)
    return picture.word("part_doubled", whole=whole, name=name)


def _references(picture: Picture, frame: pd.DataFrame) -> dict[str, str]:
    """Return the reference of each categorical: the predicted level that has no effect row."""
    predicted = picture.results.family("predictions")
    predicted = predicted[predicted["model"] == picture.spec["model"]]
    found = {}
    for variable in dict.fromkeys(frame["variable"]):
        shown = set(frame.loc[frame["variable"] == variable, "level"])
        levels = dict.fromkeys(predicted.loc[predicted["variable"] == variable, "level"])
        found[variable] = next((level for level in levels if level not in shown), "")
    return found


def contrasts(picture: Picture) -> Drawn:
    """Draw every two levels of a categorical, or the shifts of a whole, on one outcome's chance."""
    frame = picture.results.family("contrasts")
    spec = picture.spec
    frame = frame[(frame["model"] == spec["model"]) & (frame["outcome"] == spec["outcome"])]
    frame = frame[frame["variable"] == spec["variable"]].iloc[::-1]
    declared, _ = _model(picture)
    book = picture.books[declared["population"]]
    labels = []
    for row in frame.itertuples():
        if row.kind == "shift":
            ends = [
                book.title(f"{row.variable}_{item}", picture.language)
                for item in (row.against, row.level)
            ]
            points = float(row.key.partition("@")[0].rpartition("/")[2])
            labels.append(picture.word("shift", points=points, source=ends[0], target=ends[1]))
        else:
            level, against = (
                book.choice_label(row.variable, name, picture.language)
                for name in (row.level, row.against)
            )
            labels.append(picture.word("against", level=level, reference=against))
    figure, axis = plt.subplots(figsize=(WIDTH, 1.0 + 0.42 * len(frame)))
    axis.axvline(0, color=INK, lw=0.9)
    for y, row in enumerate(frame.itertuples()):
        colour = NGO if row.p_adjusted < ALPHA else GREY
        axis.hlines(y, 100 * row.ci_low, 100 * row.ci_high, color=colour, lw=2, alpha=0.6)
        axis.plot(100 * row.estimate, y, "o", color=colour, ms=6.5)
    axis.set_yticks(range(len(frame)), [wrap(label, 52) for label in labels], fontsize=9)
    axis.set_ylim(-0.6, len(frame) - 0.4)
    axis.set_xlabel(picture.word("effect"))
    n = int(picture.results.value(f"model/{spec['model']}/diagnostic/n"))
    note = f"{picture.word('base', n=picture.number(n))} {picture.word('limits')}"
    return figure, frame, f"{note} {picture.word('adjusted')}"


def predictions(picture: Picture) -> Drawn:
    """Draw the predicted probability of every outcome at each level of one or more variables."""
    frame = picture.results.family("predictions")
    wanted = picture.spec["variables"]
    frame = frame[(frame["model"] == picture.spec["model"]) & frame["variable"].isin(wanted)]
    declared, _ = _model(picture)
    book = picture.books[declared["population"]]
    outcomes = list(dict.fromkeys(frame["outcome"]))
    rows = [
        (v, level)
        for v in wanted
        for level in dict.fromkeys(frame.loc[frame["variable"] == v, "level"])
    ]
    figure, axis = plt.subplots(figsize=(WIDTH, 1.2 + 0.36 * len(rows)))
    colours = {outcomes[0]: CYCLE[5], outcomes[-1]: NGO}
    for y, (variable, level) in enumerate(reversed(rows)):
        mine = frame[(frame["variable"] == variable) & (frame["level"] == level)]
        for row in mine.itertuples():
            colour = colours.get(row.outcome, "#9aa4ae")
            axis.hlines(y, 100 * row.ci_low, 100 * row.ci_high, color=colour, lw=2, alpha=0.55)
            axis.plot(100 * row.estimate, y, "o", color=colour, ms=6.5)
        if y and rows[len(rows) - 1 - y][0] != rows[len(rows) - y][0]:
            axis.axhline(y - 0.5, color=PALE, lw=1)
    labels = [wrap(book.choice_label(v, level, picture.language), 40) for v, level in rows]
    axis.set_yticks(range(len(rows)), labels[::-1])
    axis.set_xlabel(picture.word("probability"))
    outcome = declared["outcome"]
    handles = [
        plt.Line2D([], [], marker="o", ls="", color=colours.get(o, "#9aa4ae")) for o in outcomes
    ]
    words = [book.choice_label(outcome, o, picture.language) for o in outcomes]
    axis.legend(handles, words, ncols=3, loc="lower left", bbox_to_anchor=(0, 1.0), fontsize=9)
    n = int(picture.results.value(f"model/{picture.spec['model']}/diagnostic/n"))
    return figure, frame, f"{picture.word('base', n=picture.number(n))} {picture.word('limits')}"
