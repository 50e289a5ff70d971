"""Numbers: mean, median and quartiles; a total where the study says that the number adds up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.estimand import Estimand, Member

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import TableSpec

QUANTILES = {"p25": 0.25, "median": 0.5, "p75": 0.75}


def number(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Estimand]:
    """Estimands of one number or of a battery of numbers."""
    found: list[Estimand] = []
    for variable, item in zip(spec.variables, spec.items, strict=True):
        values = frame[variable].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        answered = np.isfinite(values)
        column = np.where(answered, values, 0.0)[:, None]
        quantiles = tuple(Member(item, "", name) for name in QUANTILES)
        mean = Estimand(
            variable, column, answered, (Member(item, "", "mean"),), "mean", name="mean"
        )
        found += [
            replace(mean, linear=codebook.question(variable).linear),
            Estimand(variable, column, answered, quantiles, "quantile"),
        ]
        if variable in spec.totals:
            total = (Member(item, "", "total"),)
            found.append(Estimand(variable, column, answered, total, "total"))
    return found
