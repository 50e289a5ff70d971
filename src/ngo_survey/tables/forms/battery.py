"""Batteries that only make sense as a whole: shares of a constant sum, and ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.forms.single import dummies
from ngo_survey.tables.panel import Member, Panel

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.questionnaire import Questionnaire
    from ngo_survey.tables.spec import TableSpec


def constant_sum(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Panel]:
    """Mean share of each part and share of those with any; the base answered the whole battery."""
    parts = frame[list(spec.variables)].apply(lambda c: c.astype("Float64"))
    numbers = parts.to_numpy(dtype=float, na_value=np.nan)
    sums = numbers.sum(axis=1)
    answered = np.isfinite(sums) & (sums > 0)
    shares = np.zeros_like(numbers)
    shares[answered] = numbers[answered] / sums[answered, None]
    means = tuple(Member(item, "", "mean_share") for item in spec.items)
    anys = tuple(Member(item, "", "any") for item in spec.items)
    return [
        Panel(spec.question, shares, answered, means, "mean", partition=True),
        Panel(spec.question, (shares > 0).astype(float), answered, anys, "share"),
    ]


def rank(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Panel]:
    """Share ranking each choice first and among the first three; the base named a first choice."""
    categories = [str(c) for c in codebook.questions[spec.variables[0]].choice_names]
    first, answered = dummies(frame[spec.variables[0]], categories)
    among = np.zeros_like(first)
    for variable in spec.variables[:3]:
        among = np.maximum(among, dummies(frame[variable], categories)[0])
    firsts = tuple(Member("", category, "first") for category in categories)
    threes = tuple(Member("", category, "top_three") for category in categories)
    return [
        Panel(spec.variables[0], first, answered, firsts, "share", partition=True),
        Panel(spec.question, among, answered, threes, "share"),
    ]
