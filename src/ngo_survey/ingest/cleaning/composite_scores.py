"""Numbers made of several answers: indices, concentration, ratios, shares of a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import items, named_items
from ngo_survey.codebook.typing import points, scale

Rule = Mapping[str, Any]


def amounts(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.DataFrame:
    """Return the amounts that ``of`` names, a column an item under its short name."""
    return pd.DataFrame({q.item: frame[q.name].astype("float64") for q in items(questions, rule)})


def item_points(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.DataFrame:
    """Return the points of the items of an index, turned where ``reverse`` names them.

    A turned item is low + high - point, so that its ends change places.
    """
    turned = {q.name for q in named_items(questions, rule, "reverse")}
    made = {}
    for question in items(questions, rule):
        values = points(question, frame[question.name])
        ends = scale(question)
        if question.name in turned and ends is not None:
            values = ends[0] + ends[1] - values
        made[question.name] = values
    return pd.DataFrame(made, index=frame.index)


def index(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """Mean of the items answered, missing below ``minimum`` of them; stretched to ``range``."""
    values = item_points(frame, questions, rule)
    enough = values.notna().sum(axis=1) >= int(rule.get("minimum", values.shape[1]))
    made = values.mean(axis=1).where(enough)
    ends = scale(items(questions, rule)[0])
    if "range" in rule and ends is not None:
        low, high = (float(end) for end in rule["range"])
        made = low + (made - ends[0]) / (ends[1] - ends[0]) * (high - low)
    return made


def total(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """Sum of the items; missing if one is."""
    return amounts(frame, questions, rule).sum(axis=1, skipna=False)


def herfindahl(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """Sum of squared shares (Herfindahl 1950): 1 all in one part, 1/N in N equal parts.

    Missing if a part is, or if there is nothing to share.
    """
    parts = amounts(frame, questions, rule)
    whole = parts.sum(axis=1, skipna=False)
    return (parts.div(whole.where(whole > 0), axis=0) ** 2).sum(axis=1, skipna=False)


def herfindahl_normalised(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """(H - 1/N) / (1 - 1/N): 0 in equal parts, 1 all in one, whatever their number N."""
    least = 1.0 / len(items(questions, rule))
    return (herfindahl(frame, questions, rule) - least) / (1.0 - least)


def diversity(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """1 - H (Simpson 1949)."""
    return 1.0 - herfindahl(frame, questions, rule)


def effective_number(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """1 / H: how many equal parts would be as concentrated (Laakso & Taagepera 1979)."""
    return 1.0 / herfindahl(frame, questions, rule)


def ratio(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """The first of two numbers over the second; missing where that is zero."""
    over, under = (points(q, frame[q.name]) for q in items(questions, rule))
    return over / under.where(under != 0)


def share_of(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """Sum of ``items`` over the sum of ``of``, 0 to 1; missing as :func:`herfindahl`."""
    parts = amounts(frame, questions, rule)
    named = [q.item for q in named_items(questions, rule, "items")]
    whole = parts.sum(axis=1, skipna=False)
    return parts[named].sum(axis=1) / whole.where(whole > 0)


def count(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """How many choices of one question, or how many items with one of ``values``."""
    chosen = items(questions, rule)
    if "values" in rule:
        answers = pd.DataFrame({q.name: frame[q.name].astype(object) for q in chosen})
        counted = answers.isin(rule["values"]).sum(axis=1).astype(float)
        return counted.where(answers.notna().all(axis=1))
    made = questions.indicator(frame, chosen[0].name)
    left_out = set(rule.get("except", []))
    return made.drop(columns=[c for c in made if c in left_out]).sum(axis=1, skipna=False)


def difference(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """``value`` minus the number."""
    return float(rule["value"]) - questions.numbers(frame, rule["of"])


def first_number(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    """The first number that is there."""
    given = [points(q, frame[q.name]) for q in items(questions, rule)]
    made = pd.Series(np.nan, index=frame.index)
    for values in given:
        made = made.where(made.notna(), values)
    return made
