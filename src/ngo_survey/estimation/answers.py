"""Estimates of the kinds of answers a questionnaire has: boxes, many answers, parts, ranks.

Each is a mean or a ratio of columns made here, so that variance, limits and flags are those of
:mod:`ngo_survey.estimation.means`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.estimation.domains import column, levels_of
from ngo_survey.estimation.limits import Method
from ngo_survey.estimation.means import By, mean, proportion, ratio
from ngo_survey.sampling import SurveyDesign


def box(
    design: SurveyDesign,
    variable: str,
    categories: Sequence[object],
    by: By = None,
    limits: Method = "wilson",
) -> pd.DataFrame:
    """Estimate the share that gave any of several categories (the top-two box of a rating).

    Columns as :func:`means.proportion`, one row a domain.
    """
    series = column(design, variable)
    for category in categories:
        if category not in levels_of(series):
            raise InputError(
                "the variable has no such category",
                column=variable,
                value=category,
                mend=nearest(str(category), map(str, levels_of(series))),
            )
    inside = series.isin(list(categories)).astype(object).where(series.notna(), None)
    made = proportion(_with(design, {variable: _yes_no(inside)}), variable, by, limits)
    return made[made["category"] == "yes"].drop(columns="category").reset_index(drop=True)


def multiple_response(
    design: SurveyDesign,
    items: Sequence[str],
    by: By = None,
    base: Literal["respondents", "answers"] = "respondents",
    limits: Method = "wilson",
) -> pd.DataFrame:
    """Estimate how often each of many answers was given: ``variable`` names the item.

    ``respondents``: the share of those asked who ticked it; shares add up to more than one.
    ``answers``: its share of all ticks, a ratio of totals; shares add up to one.

    Parameters
    ----------
    items: columns of 0 and 1; respondents with a missing one are left out.
    """
    ticked, asked = _ticks(design, items)
    if base == "respondents":
        columns = {
            name: _yes_no(ticked[name].eq(1).astype(object).where(asked, None)) for name in items
        }
        made = proportion(_with(design, columns), list(items), by, limits)
        return made[made["category"] == "yes"].drop(columns="category").reset_index(drop=True)
    if base != "answers":
        raise InputError("no such base", value=base, mend="respondents or answers")
    columns = {name: ticked[name].where(asked) for name in items}
    columns["_ticks"] = ticked[list(items)].sum(axis=1).where(asked)
    made = ratio(_with(design, columns), list(items), "_ticks", by)
    return made.assign(variable=made["variable"].str.removesuffix("/_ticks"))


def constant_sum(
    design: SurveyDesign, parts: Sequence[str], by: By = None, total: float = 100.0
) -> pd.DataFrame:
    """Estimate the mean share of each part of a whole, and who has any of it.

    Returns columns as :func:`means.mean` with ``statistic``: ``mean_share`` (0 to 1) or ``any``. A
    mean share is the mean over respondents, not the share of the sum of all wholes.

    Raises
    ------
    InputError: a respondent whose parts do not add up to ``total``.
    """
    frame = pd.DataFrame({name: column(design, name).astype(float) for name in parts})
    asked = frame.notna().all(axis=1)
    wrong = asked & ((frame.sum(axis=1) - total).abs() > 1e-6 * total)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"parts do not add up to {total:g}",
            row=row + 2,
            column=", ".join(parts),
            value=frame.iloc[row].sum(),
            mend="clean constant sums before estimating",
        )
    shares = {name: (frame[name] / total).where(asked) for name in parts}
    anything = {
        name: _yes_no(frame[name].gt(0).astype(object).where(asked, None)) for name in parts
    }
    means = mean(_with(design, shares), list(parts), by).assign(statistic="mean_share")
    some = proportion(_with(design, anything), list(parts), by)
    some = some[some["category"] == "yes"].drop(columns=["category", "count"])
    return pd.concat([means, some.assign(statistic="any")], ignore_index=True)


def rank_shares(
    design: SurveyDesign,
    ranks: Sequence[str],
    top: int | None = None,
    by: By = None,
    limits: Method = "wilson",
) -> pd.DataFrame:
    """Estimate the share that put each item among their first ``top`` (all ranks asked for).

    Parameters
    ----------
    ranks: columns that name the item put first, second, third...; who put none first is left out.

    Returns
    -------
    Columns as :func:`means.proportion`, one row an item (``variable``) and domain.
    """
    kept = list(ranks)[: len(ranks) if top is None else top]
    if not kept:
        raise InputError("ranks need at least one column", mend="top is 1 or more")
    first = column(design, kept[0])
    asked = first.notna()
    columns = {}
    for item in levels_of(first):
        named = pd.concat([column(design, rank) == item for rank in kept], axis=1).any(axis=1)
        columns[str(item)] = _yes_no(named.astype(object).where(asked, None))
    made = proportion(_with(design, columns), list(columns), by, limits)
    return made[made["category"] == "yes"].drop(columns="category").reset_index(drop=True)


def _with(design: SurveyDesign, columns: dict[str, pd.Series]) -> SurveyDesign:
    return design.assign(**columns)


def _yes_no(truth: pd.Series) -> pd.Series:
    words = truth.map({True: "yes", False: "no"})
    return words.astype(pd.CategoricalDtype(["no", "yes"]))


def _ticks(design: SurveyDesign, items: Sequence[str]) -> tuple[pd.DataFrame, pd.Series]:
    ticked = pd.DataFrame({name: pd.to_numeric(column(design, name)) for name in items})
    asked = ticked.notna().all(axis=1)
    for name in items:
        wrong = asked & ~ticked[name].isin([0, 1])
        if wrong.any():
            raise InputError(
                "an item of many answers is not 0 or 1",
                column=name,
                value=ticked.loc[wrong, name].iloc[0],
                mend="code it 1 for ticked, 0 for not",
            )
    return ticked, asked
