"""Many answers: shares of respondents and of answers, and how many answers a respondent gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.estimand import Estimand, Member

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import TableSpec


def multiple(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Estimand]:
    """Estimands of a question with many answers.

    The base is who was asked and gave any answer, or everybody: then who gave none chose nothing.
    Shares of answers tell, with the shares of respondents, the number of answers, and are hidden
    with any of them: they stand in the total column, unless the table asks for them by name.
    """
    found: list[Estimand] = []
    for variable, item in zip(spec.variables, spec.items, strict=True):
        chosen = codebook.indicator(frame, variable)
        categories = [str(c) for c in chosen.columns]
        values = chosen.to_numpy(dtype=float, na_value=np.nan)
        answered = ~np.isnan(values).any(axis=1)
        values = np.where(answered[:, None], values, 0.0).astype(np.int8)
        if spec.base == "all":
            answered = np.ones(len(frame), dtype=bool)
        shares = tuple(Member(item, category, "proportion") for category in categories)
        of_answers = tuple(Member(item, category, "share_of_answers") for category in categories)
        number = (Member(item, "", "mean_answers"),)
        count = values.sum(axis=1, keepdims=True, dtype=float)
        found += [
            Estimand(variable, values, answered, shares, "share", name="choices"),
            Estimand(variable, count, answered, number, "mean", name="answers"),
            Estimand(
                variable,
                np.hstack([values, count.astype(np.int16)]),
                answered,
                of_answers,
                "ratio",
                columns="total",
            ),
        ]
    return found
