"""Points of a rating scale: distribution in the total column, mean and top-two box everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.forms.single import dummies
from ngo_survey.tables.panel import Member, Panel

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.questionnaire import Questionnaire
    from ngo_survey.tables.spec import TableSpec


def rating(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Panel]:
    """Panels of one rating or a battery of them; answers that are no point are left out.

    "Don't know" is an answer but no point: its share is given in the total column, on all who
    answered; means and top-two shares stand on those who gave a point.
    """
    found: list[Panel] = []
    for variable, item in zip(spec.variables, spec.items, strict=True):
        names = [str(c) for c in codebook.questions[variable].choice_names]
        points = [name for name in names if name.isdigit()]
        others = [name for name in names if not name.isdigit()]
        columns, answered = dummies(frame[variable], points)
        score = columns @ np.array([float(p) for p in points])
        top = columns[:, -2:].sum(axis=1)
        distribution = tuple(Member(item, point, "proportion") for point in points)
        found += [
            Panel(variable, score[:, None], answered, (Member(item, "", "mean"),), "mean"),
            Panel(variable, top[:, None], answered, (Member(item, "", "top_two"),), "share"),
            Panel(
                variable,
                columns,
                answered,
                distribution,
                "share",
                partition=True,
                columns="total",
            ),
        ]
        if others:
            columns, answered = dummies(frame[variable], names)
            beside = tuple(Member(item, other, "proportion") for other in others)
            own = columns[:, len(points) :]
            found.append(Panel(variable, own, answered, beside, "share", columns="total"))
    return found
