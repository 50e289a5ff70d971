"""One answer from a list: the share of each category; for scales also up minus down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.tables.estimand import Bools, Estimand, Flags, Member

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import TableSpec

#: The category of those who gave no answer, in tables on the base of all.
NO_ANSWER = "no_answer"


def dummies(series: pd.Series, categories: list[str]) -> tuple[Flags, Bools]:
    """Return (n, k) 0/1 columns of a single answer, and who answered with one of them."""
    codes = pd.Index(categories, dtype=object).get_indexer(series.astype(object))
    answered = codes >= 0
    columns = np.zeros((len(series), len(categories)), dtype=np.int8)
    columns[np.flatnonzero(answered), codes[answered]] = 1
    return columns, answered


def single(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Estimand]:
    """Estimands of one question, or of a battery of questions that share a list.

    Percentages of columns and, for a question that stands alone, of rows: the share of those who
    gave an answer in each column of a banner.
    """
    found: list[Estimand] = []
    for variable, item in zip(spec.variables, spec.items, strict=True):
        categories = [str(c) for c in codebook.questions[variable].choice_names]
        columns, answered = dummies(frame[variable], categories)
        if spec.base == "all":
            columns = np.column_stack([columns, ~answered]).astype(np.int8)
            categories, answered = [*categories, NO_ANSWER], np.ones(len(frame), dtype=bool)
        members = tuple(Member(item, category, "proportion") for category in categories)
        found.append(Estimand(variable, columns, answered, members, "share", True, name="answers"))
        if len(spec.variables) == 1 or "row_percent" in spec.statistics:
            rows = tuple(Member(item, category, "row_percent") for category in categories)
            found.append(Estimand(variable, columns, answered, rows, "row_share"))
        if spec.net is not None:
            up, down = (np.isin(categories, side).astype(float) for side in spec.net)
            net = (columns @ (up - down))[:, None]
            found.append(Estimand(variable, net, answered, (Member(item, "", "net"),), "mean"))
    return found
