"""Variables made from answers, declared in the configuration: a small set of named operations.

Every operation is a pure function of a typed frame and the rule; none evaluates text as code.

=====================  ===========================================================================
operation              what it gives
=====================  ===========================================================================
recode                 the level whose list ``from`` holds the answer
cut                    the level whose range ``[low, high]`` (inclusive, open where null) holds the
                       number
where                  the first level whose filter ``when`` is true; ``otherwise`` where all of
                       them are false
cross                  the levels of two variables as one
first                  the first answer that is there among several variables
largest                the item with the largest number; ``tie`` when two share it
coded                  the level, or the levels, that people gave to a text (``codes``)
count                  how many choices were made (``of`` a question of many answers), or how many
                       items have one of the answers ``values``; ``except`` leaves choices out
index                  the mean of items, with ``reverse``, ``minimum`` and ``range``
sum, difference        the sum of items; ``value`` minus the number
ratio, share_of        one number over another; ``items`` over all that ``of`` names
herfindahl, ...        concentration of parts: ``herfindahl``, ``herfindahl_normalised``,
                       ``diversity`` (1 - H), ``effective_number`` (1 / H)
=====================  ===========================================================================

A missing answer gives a missing value, but for ``first``, for ``index`` with a ``minimum``, and for
``where`` as far as its filters are known without the answer.

There are no bands by quantiles: their ends would depend on who happened to answer, so that one
more respondent moved another's level and no standard error knew of it. ``cut`` has ends that stand
before the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import CROSS, conditions, items
from ngo_survey.ingest.cleaning import coding, composite_scores
from ngo_survey.ingest.cleaning.cleaning_inputs import Coding

Rule = Mapping[str, Any]


def derive(
    frame: pd.DataFrame,
    questions: Questionnaire,
    declared: Mapping[str, Rule],
    texts: Mapping[str, Coding] | None = None,
) -> pd.DataFrame:
    """Return ``frame`` (typed) with the declared variables added, in the order declared.

    ``texts`` holds what the file ``codes`` of each coded variable says.
    """
    made = frame.copy(deep=False)  # pandas writes to a copy of its own
    for name, rule in declared.items():
        read = {**rule, "codes": (texts or {})[name]} if "codes" in rule else rule
        values = OPERATIONS[rule["op"]](made, questions, read)
        if rule.get("form", "single") not in ("number", "multiple"):
            levels = list(questions.question(name).choice_names)
            ordered = questions.question(name).form == "scale"
            values = values.astype(pd.CategoricalDtype(levels, ordered=ordered))
        made[name] = values
    return made


def _recode(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    codes = {old: level for level, given in rule["levels"].items() for old in given["from"]}
    return frame[rule["of"]].astype(object).map(codes)


def _cut(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    numbers = questions.numbers(frame, rule["of"])
    made = _nothing(frame)
    for level, given in rule["levels"].items():
        low, high = given["range"]
        inside = numbers.notna()
        if low is not None:
            inside &= numbers >= low
        if high is not None:
            inside &= numbers <= high
        made[inside] = level
    return made


def _where(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    made = _nothing(frame)
    refused = np.ones(len(frame), dtype=bool)
    for level, condition in conditions(rule, questions).items():
        truth = condition.truth(frame)
        made[truth.yes & made.isna().to_numpy()] = level
        refused &= truth.no
    if "otherwise" in rule:
        made[refused] = rule["otherwise"]
    return made


def _cross(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    one, other = (frame[q.name].astype(object) for q in items(questions, rule))
    both = one.notna() & other.notna()
    return (one.astype(str) + CROSS + other.astype(str)).astype(object).where(both)


def _first(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    if rule.get("form") == "number":
        return composite_scores.first_number(frame, questions, rule)
    made = _nothing(frame)
    for question in items(questions, rule):
        made = made.where(made.notna(), frame[question.name].astype(object))
    return made


def _largest(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    parts = composite_scores.amounts(frame, questions, rule)
    complete = parts.notna().all(axis=1) & (parts.sum(axis=1) > 0)
    top = parts.max(axis=1)
    tied = parts.eq(top, axis=0).sum(axis=1) > 1
    made = _nothing(frame)
    made[complete] = parts[complete].idxmax(axis=1)
    made[complete & tied] = rule["tie"]
    return made


def _coded(frame: pd.DataFrame, questions: Questionnaire, rule: Rule) -> pd.Series:
    codes: Coding = rule["codes"]
    return coding.code_text(frame[codes.of], codes, questions.question(codes.name))


def _nothing(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(np.nan, index=frame.index, dtype=object)


OPERATIONS: dict[str, Callable[[pd.DataFrame, Questionnaire, Rule], pd.Series]] = {
    "recode": _recode,
    "cut": _cut,
    "where": _where,
    "cross": _cross,
    "first": _first,
    "largest": _largest,
    "coded": _coded,
    "count": composite_scores.count,
    "index": composite_scores.index,
    "sum": composite_scores.total,
    "difference": composite_scores.difference,
    "ratio": composite_scores.ratio,
    "share_of": composite_scores.share_of,
    "herfindahl": composite_scores.herfindahl,
    "herfindahl_normalised": composite_scores.herfindahl_normalised,
    "diversity": composite_scores.diversity,
    "effective_number": composite_scores.effective_number,
}
