"""Shares of a constant sum: the mean share of each part, and who has any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.tables.estimand import Estimand, Member

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import TableSpec


def constant_sum(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Estimand]:
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
        Estimand(spec.question, shares, answered, means, "mean", partition=True),
        Estimand(spec.question, (shares > 0).astype(np.int8), answered, anys, "share", name="any"),
    ]
