"""Variables made from answers, declared in the configuration: a small set of named operations.

Every operation is a pure function of a typed frame and the rule; none evaluates text as code.

=============  ===================================================================================
operation      what it gives
=============  ===================================================================================
recode         the level whose list ``from`` holds the answer
cut            the level whose range ``[low, high]`` (inclusive, open where null) holds the number
largest        the item of a battery with the largest number; ``tie`` when two share it
diversity      ``1 - sum p^2`` of a battery of parts (Simpson 1949; 1 - Herfindahl), 0 to 1
count          how many choices were made (``of`` a question of many answers), or how many items of
               a battery have one of the answers ``values``; ``except`` leaves choices out
difference     ``value`` minus the number
sum            sum of the items of a battery
=============  ===================================================================================

A missing answer gives a missing value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.questionnaire import Questionnaire

Rule = Mapping[str, Any]


def derive(
    frame: pd.DataFrame, questions: Questionnaire, declared: Mapping[str, Rule]
) -> pd.DataFrame:
    """Return ``frame`` (typed) with the declared variables added, in the order declared."""
    made = frame.copy()
    for name, rule in declared.items():
        values = OPERATIONS[rule["op"]](made, questions, rule)
        if rule.get("form", "single") != "number":
            levels = list(questions.question(name).choice_names)
            ordered = questions.question(name).form == "scale"
            values = values.astype(pd.CategoricalDtype(levels, ordered=ordered))
        made[name] = values
    return made


def _recode(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    codes = {old: level for level, given in rule["levels"].items() for old in given["from"]}
    return frame[rule["of"]].astype(object).map(codes)


def _cut(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    numbers = frame[rule["of"]].astype("float64")
    made = pd.Series(np.nan, index=frame.index, dtype=object)
    for level, given in rule["levels"].items():
        low, high = given["range"]
        inside = numbers.notna()
        if low is not None:
            inside &= numbers >= low
        if high is not None:
            inside &= numbers <= high
        made[inside] = level
    return made


def _parts(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.DataFrame:
    items = questions.battery(rule["of"])
    return pd.DataFrame({q.item: frame[q.name].astype("float64") for q in items})


def _largest(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    parts = _parts(frame, questions, rule)
    complete = parts.notna().all(axis=1) & (parts.sum(axis=1) > 0)
    top = parts.max(axis=1)
    tied = parts.eq(top, axis=0).sum(axis=1) > 1
    made = pd.Series(np.nan, index=frame.index, dtype=object)
    made[complete] = parts[complete].idxmax(axis=1)
    made[complete & tied] = rule["tie"]
    return made


def _diversity(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    parts = _parts(frame, questions, rule)
    total = parts.sum(axis=1, skipna=False)
    return 1.0 - (parts.div(total.where(total > 0), axis=0) ** 2).sum(axis=1, skipna=False)


def _count(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    left_out = set(rule.get("except", []))
    if rule["of"] in questions.batteries:
        items = questions.battery(rule["of"])
        answers = pd.DataFrame({q.name: frame[q.name].astype(object) for q in items})
        counted = answers.isin(rule["values"]).sum(axis=1).astype(float)
        return counted.where(answers.notna().all(axis=1))
    chosen = questions.indicator(frame, rule["of"])
    kept = chosen.drop(columns=[c for c in chosen if c in left_out])
    return kept.sum(axis=1, skipna=False)


def _difference(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    return float(rule["value"]) - frame[rule["of"]].astype("float64")


def _sum(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    return _parts(frame, questions, rule).sum(axis=1, skipna=False)


OPERATIONS: dict[str, Callable[[pd.DataFrame, Questionnaire, Rule], pd.Series]] = {
    "recode": _recode,
    "cut": _cut,
    "largest": _largest,
    "diversity": _diversity,
    "count": _count,
    "difference": _difference,
    "sum": _sum,
}
