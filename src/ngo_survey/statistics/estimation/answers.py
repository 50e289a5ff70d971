"""Estimates of the kinds of answers a questionnaire has: boxes, many answers, parts, ranks.

Each is a mean or a ratio of columns made here, so that variance, limits and flags are those of
:mod:`ngo_survey.statistics.estimation.means`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import category_codes, column, levels_of
from ngo_survey.statistics.estimation.many_answers import ticks
from ngo_survey.statistics.estimation.means import By, known_category, mean, proportion, ratio
from ngo_survey.statistics.limits import Method

#: Columns made here begin so: an item may be called as a banner is.
OURS = "(made) "


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
    codes, known = category_codes(column(design, variable))
    wanted = [known_category(known, variable, category) for category in categories]
    inside = pd.Series(np.isin(codes, wanted), index=design.frame.index)
    return _shares(design, {variable: inside}, codes >= 0, by, limits)


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
    ticked, asked = ticks(design, items)
    if base == "respondents":
        given = {name: pd.Series(ticked[:, i] == 1) for i, name in enumerate(items)}
        return _shares(design, given, asked, by, limits)
    if base != "answers":
        raise InputError("no such base", value=base, hint="respondents or answers")
    values = np.where(asked[:, None], ticked, np.nan)
    columns = {f"{OURS}{name}": values[:, i] for i, name in enumerate(items)}
    counted = design.assign(**columns, **{OURS: values.sum(axis=1)})
    made = ratio(counted, list(columns), OURS, by)
    return made.assign(variable=made["variable"].str[len(OURS) : -len(OURS) - 1])


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
            hint="clean constant sums before estimating",
        )
    shares = {f"{OURS}{name}": (frame[name] / total).where(asked) for name in parts}
    means = mean(design.assign(**shares), list(shares), by).assign(statistic="mean_share")
    means["variable"] = means["variable"].str[len(OURS) :]
    anything = {name: frame[name] > 0 for name in parts}
    some = _shares(design, anything, asked.to_numpy(), by).drop(columns="count")
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
        Every item that any of them names, or declares as a category, has its row.

    Returns
    -------
    Columns as :func:`means.proportion`, one row an item (``variable``) and domain.
    """
    kept = list(ranks)[: len(ranks) if top is None else top]
    if not kept:
        raise InputError("ranks need at least one column", hint="top is 1 or more")
    first = column(design, kept[0])
    # An item that nobody put first is one all the same.
    known = [levels_of(column(design, r)) for r in ranks if column(design, r).notna().any()]
    items = list(dict.fromkeys(item for own in known or [levels_of(first)] for item in own))
    if not all(isinstance(column(design, r).dtype, pd.CategoricalDtype) for r in ranks):
        items = levels_of(pd.Series(items, name=kept[0], dtype=object))
    named = {
        str(item): pd.concat([column(design, rank) == item for rank in kept], axis=1).any(axis=1)
        for item in items
    }
    return _shares(design, named, first.notna().to_numpy(), by, limits)


def _shares(
    design: SurveyDesign,
    truth: Mapping[str, pd.Series],
    asked: NDArray[np.bool_],
    by: By,
    limits: Method = "wilson",
) -> pd.DataFrame:
    """Return the share of each condition among those asked, one row a condition and domain."""
    columns = {
        f"{OURS}{name}": pd.Categorical.from_codes(
            np.where(asked, inside.to_numpy(dtype=int), -1), ["no", "yes"]
        )
        for name, inside in truth.items()
    }
    made = proportion(design.assign(**columns), list(columns), by, limits)
    made["variable"] = made["variable"].str[len(OURS) :]
    return made[made["category"] == "yes"].drop(columns="category").reset_index(drop=True)
