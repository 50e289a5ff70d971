"""Points of a rating scale: distribution, mean, boxes, top-two less bottom-two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.estimand import Columns, Combination, Estimand, Member
from ngo_survey.tables.forms.single import dummies

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import TableSpec


def rating(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Estimand]:
    """Estimands of one rating or a battery of them; answers that are no point are left out.

    "Don't know" is an answer but no point: its share is given in the total column, on all who
    answered; means and boxes stand on those who gave a point. A battery shows its distribution and
    its bottom-two box in the total column, unless the table asks for them by name.
    """
    aside: Columns = "total" if len(spec.variables) > 1 else "all"
    found: list[Estimand] = []
    for variable, item in zip(spec.variables, spec.items, strict=True):
        names = [str(c) for c in codebook.questions[variable].choice_names]
        points = [name for name in names if name.isdigit()]
        others = [name for name in names if not name.isdigit()]
        columns, answered = dummies(frame[variable], points)
        score = np.array([float(p) for p in points])
        place = np.arange(len(points))
        top, bottom = place >= len(points) - 2, place < 2
        boxes = np.stack([top, bottom, top.astype(int) - bottom], axis=1).astype(float)

        def estimand(
            statistic: str,
            factors: np.ndarray,
            kind: str,
            where: Columns = "all",
            columns: np.ndarray = columns,
            answered: np.ndarray = answered,
            variable: str = variable,
            item: str = item,
        ) -> Estimand:
            values = (columns @ factors)[:, None]
            return Estimand(
                variable,
                values.astype(np.int8) if kind == "share" else values,
                answered,
                (Member(item, "", statistic),),
                "share" if kind == "share" else "mean",
                columns=where,
                made_of=Combination((("distribution", factors[:, None]),), np.zeros(1)),
            )

        found += [
            estimand("mean", score, "mean"),
            estimand("top_two", boxes[:, 0], "share"),
            estimand("bottom_two", boxes[:, 1], "share", aside),
            estimand("net", boxes[:, 2], "mean", aside),
            Estimand(
                variable,
                columns,
                answered,
                tuple(Member(item, point, "proportion") for point in points),
                "share",
                partition=True,
                columns=aside,
                name="distribution",
            ),
        ]
        if others:
            columns, answered = dummies(frame[variable], names)
            beside = tuple(Member(item, other, "proportion") for other in others)
            own = columns[:, len(points) :]
            found.append(Estimand(variable, own, answered, beside, "share", columns="total"))
    return found
