"""Comparisons of columns as they may leave: no finer than the figures that they compare.

A column's figure less that of all others, its standard error and its p-value are three more
equations for the figure. The p-value, to three decimals, times the error gave the difference to a
tenth of a respondent, however both were rounded. So

* the difference is that of two figures rounded as the tables round them: the column's own, and that
  of all others, in steps of what two of them change;
* the error of a difference of shares has one digit where it is large (few respondents): a second
  one would tell the share, whose error it nearly is;
* p-values are told by their level alone, as those of a table with a hidden figure are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.disclosure.rounding_steps import (
    SHARES,
    Rounding,
    effective_base,
    level_of,
    significant,
    step_above,
    step_of_figures,
    to_step,
)
from ngo_survey.tables.estimand import Floats

#: Standard error of a difference of shares from which on it has one digit: about 250 respondents.
FEW = 0.03
#: What the rows of one figure over all columns of a table have in common.
FIGURE = ["file", "item", "category", "statistic"]


def errors_and_levels(comparisons: pd.DataFrame, rounding: Rounding) -> pd.DataFrame:
    """Return rows of the family ``comparisons`` with errors and p-values as they may leave."""
    made = comparisons.copy()
    error = comparisons["se"].to_numpy(dtype=float)
    few = comparisons["statistic"].isin(SHARES).to_numpy() & (error >= FEW)
    made["se"] = np.where(few, significant(error, 1), significant(error, 2))
    for column in ("p", "p_adjusted"):
        made[column] = level_of(made[column].to_numpy(dtype=float), rounding.levels)
    return made


def differences(comparisons: pd.DataFrame, estimates: pd.DataFrame, rounding: Rounding) -> Floats:
    """(comparisons,): the differences as they may leave.

    Parameters
    ----------
    comparisons: rows of the family with ten digits; each key is that of an estimate behind
        ``compare/``.
    estimates: rows of the family ``estimates`` with ten digits and their ``file``.
    """
    own = estimates.set_index("key").loc[comparisons["key"].str.removeprefix("compare/")]
    step, base = step_of_figures(own, rounding), effective_base(own)
    total = estimates[estimates["by"] == ""]
    total = total[FIGURE].assign(effective=effective_base(total)).drop_duplicates(FIGURE)
    everybody = own[FIGURE].merge(total, on=FIGURE, how="left")["effective"].to_numpy(dtype=float)
    # What two respondents change in a figure of the others: the less, the more there are.
    of_rest = step * base / np.maximum(everybody - base, 1.0)
    share = own["statistic"].isin(SHARES).to_numpy()
    of_rest = np.where(share, np.maximum(of_rest, rounding.share), of_rest)
    estimate = own["estimate"].to_numpy(dtype=float)
    rest = estimate - comparisons["difference"].to_numpy(dtype=float)
    made = to_step(estimate, step) - to_step(rest, step_above(of_rest))
    return np.asarray(np.round(made, 12) + 0.0)
