"""One answer from a list: the share of each category; for scales also up minus down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.tables.panel import Floats, Member, Panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ngo_survey.questionnaire import Questionnaire
    from ngo_survey.tables.spec import TableSpec


def dummies(series: pd.Series, categories: list[str]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return (n, k) 0/1 columns of a single answer, and who answered with one of them."""
    codes = pd.Index(categories, dtype=object).get_indexer(series.astype(object))
    answered = codes >= 0
    columns = np.zeros((len(series), len(categories)))
    columns[np.flatnonzero(answered), codes[answered]] = 1.0
    return columns, answered


def single(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Panel]:
    """Panels of one question, or of a battery of questions that share a list."""
    found: list[Panel] = []
    for variable, item in zip(spec.variables, spec.items, strict=True):
        categories = [str(c) for c in codebook.questions[variable].choice_names]
        columns, answered = dummies(frame[variable], categories)
        members = tuple(Member(item, category, "proportion") for category in categories)
        found.append(Panel(variable, columns, answered, members, "share", partition=True))
        if spec.net is not None:
            up, down = (np.isin(categories, side).astype(float) for side in spec.net)
            net = (columns @ (up - down))[:, None]
            found.append(Panel(variable, net, answered, (Member(item, "", "net"),), "mean"))
    return found
