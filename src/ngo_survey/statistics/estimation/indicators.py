"""Single declared figures (a mean, a total, a share) as rows of the results store.

An indicator is what the text needs beside the tables. Its key is ``id/statistic@total``, or
``id/category@total`` for a proportion; under ``by`` it is ``id_by_variable/...@level``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import domain_means, domains, heads, size_if_alike
from ngo_survey.statistics.estimation.means import mean, ratio, total
from ngo_survey.statistics.estimation.quantiles import quantile
from ngo_survey.statistics.limits import of_proportion

Statistic = Literal["mean", "total", "median", "proportion", "ratio"]
#: Figures that a row of the family ``estimates`` holds.
FIGURES = ("n", "base", "estimate", "se", "ci_low", "ci_high", "df", "deff")
#: The variable of one level that makes the total a domain among domains; no question is so called.
WHOLE = "(total)"


@dataclass(frozen=True)
class Indicator:
    """One declared figure.

    Attributes
    ----------
    id: first part of its keys.
    variable: what it is about; the numerator of a ratio.
    denominator: below the line of a ratio.
    categories: choices a proportion is wanted of; all of them when empty.
    by: variable whose levels get a figure each, beside the total.
    """

    id: str
    statistic: Statistic
    variable: str
    denominator: str = ""
    categories: tuple[str, ...] = ()
    by: str = ""


def estimate(design: SurveyDesign, wanted: Indicator, choices: pd.DataFrame | None) -> pd.DataFrame:
    """Estimate one indicator in total and, where declared, by the levels of a variable.

    Parameters
    ----------
    design: holds ``variable`` (and ``denominator``) as numbers, unless a proportion is wanted.
    choices: for a proportion, one 0/1 column a choice, NaN where nobody answered.

    Returns
    -------
    The columns of the family ``estimates`` without ``population`` and ``status``, and ``alike``: a
    number of which all who stand behind gave the same. ``n`` counts those who gave the answer,
    ``base`` those whom the figure stands on. A level nobody is in has
    n = 0 and no estimate; one without degrees of freedom has an estimate and no limits.

    Raises
    ------
    InputError: an unknown variable or choice, answers that are no numbers, nobody who answered.
    """
    frames = []
    for by in ("", wanted.by) if wanted.by else ("",):
        frame = (
            _proportions(design, wanted, choices, by)
            if choices is not None
            else _numbers(design, wanted, by)
        )
        frame["analysis"] = f"{wanted.id}_by_{by}" if by else wanted.id
        frame["by"] = by
        frames.append(frame)
    made = pd.concat(frames, ignore_index=True)
    made["item"], made["statistic"] = "", wanted.statistic
    member = made["category"].where(made["category"] != "", wanted.statistic)
    made["key"] = made["analysis"] + "/" + member + "@" + made["by_level"]
    return made


def _numbers(design: SurveyDesign, wanted: Indicator, by: str) -> pd.DataFrame:
    # The total is a domain too: asked for alone, a figure without degrees of freedom is refused.
    split = by or WHOLE
    if not by:
        design = design.assign(**{WHOLE: pd.Categorical(["total"] * len(design.frame))})
    if wanted.statistic == "mean":
        made = mean(design, wanted.variable, by=split)
    elif wanted.statistic == "total":
        made = total(design, wanted.variable, by=split)
    elif wanted.statistic == "ratio":
        made = ratio(design, wanted.variable, wanted.denominator, by=split)
    elif wanted.statistic == "median":
        made = quantile(design, wanted.variable, 0.5, by=split)
    else:
        raise InputError("a proportion needs choices", column=wanted.variable)
    made["by_level"] = made[heads([split])[0]].astype(str)
    made["base"], made["category"] = made["n"], ""
    same = _one_number(design, wanted.variable, by)
    # One number over others of them tells nothing of either.
    ratios = wanted.statistic == "ratio"
    made["alike"] = [not ratios and same.get(level, False) for level in made["by_level"]]
    return made.reindex(columns=["category", "by_level", "alike", *FIGURES])


def _one_number(design: SurveyDesign, variable: str, by: str) -> dict[str, bool]:
    """Say of each level whether all of it gave one number."""
    inside = design.in_domain & design.frame[variable].notna().to_numpy()
    levels = design.frame[by].astype(str) if by else pd.Series("total", index=design.frame.index)
    numbers = design.frame[variable].astype(float)[inside]
    return (numbers.groupby(levels[inside]).nunique() == 1).to_dict()


def _proportions(
    design: SurveyDesign, wanted: Indicator, choices: pd.DataFrame, by: str
) -> pd.DataFrame:
    for category in wanted.categories:
        if category not in choices:
            raise InputError(
                "the question has no such choice",
                column=wanted.variable,
                value=category,
                hint=nearest(category, map(str, choices.columns)),
            )
    named: Sequence[str] = wanted.categories or [str(c) for c in choices.columns]
    values = choices[list(named)].to_numpy(dtype=float)
    answered = ~np.isnan(values).any(axis=1)
    if not (answered & design.in_domain).any():
        raise InputError("nobody in this domain answered", column=wanted.variable)
    split = domains(design, by or None)
    made = domain_means(design, values, answered, split)
    base = np.broadcast_to(made.n[:, None], made.estimate.shape)
    df = np.broadcast_to(made.df[:, None], made.estimate.shape)
    alike = size_if_alike(design, answered, split, made)[:, None]
    low, high = of_proportion(made.estimate, made.variance, df, base, alike=alike)
    inside = design.in_domain & answered
    count = np.stack(
        [np.where(inside & (split.codes == g), values.T, 0.0).sum(axis=1) for g in range(len(base))]
    )
    levels = [str(level[0]) if level else "total" for level in split.levels]
    figures = (count, base, made.estimate, np.sqrt(made.variance), low, high, df, made.deff)
    return pd.DataFrame(
        {
            "category": list(named) * len(levels),
            "by_level": np.repeat(levels, len(named)),
            "alike": False,
            **{name: part.ravel() for name, part in zip(FIGURES, figures, strict=True)},
        }
    )


#: What is blanked where an indicator is withheld.
WITHHELD = ["n", "base", "estimate", "se", "ci_low", "ci_high", "df", "deff"]


def withhold(
    estimates: pd.DataFrame, threshold: int, minimum_base: int, group_base: int = 0
) -> pd.DataFrame:
    """Set ``status`` and blank what stands on too few respondents.

    A figure is withheld when its base is below ``minimum_base``, or a count of a proportion or its
    complement lies between 1 and ``threshold`` - 1; on a base below ``group_base`` also when all
    gave the answer, nobody did, or all gave one number (``alike``). If one level of a ``by``
    variable is withheld all its levels are: what is left of the total would tell the missing one.
    """
    made = estimates.copy()
    base, n = made["base"].to_numpy(dtype=float), made["n"].to_numpy(dtype=float)

    def few(count: np.ndarray) -> np.ndarray:
        return (count > 0) & (count < threshold)

    counted = (made["statistic"] == "proportion").to_numpy()
    primary = ((base > 0) & (base < minimum_base)) | (counted & (few(n) | few(base - n)))
    group = (base > 0) & (base < group_base)
    primary |= group & np.where(counted, (n == 0) | (n == base), made["alike"].to_numpy(dtype=bool))
    touched = pd.Series(primary).groupby(made["analysis"].to_numpy()).transform("any").to_numpy()
    secondary = touched & ~primary & (base > 0)
    made["status"] = np.select(
        [base == 0, primary, secondary],
        ["empty", "suppressed-primary", "suppressed-secondary"],
        "shown",
    )
    made[WITHHELD] = made[WITHHELD].astype(float).mask(made["status"] != "shown")
    return made.drop(columns="alike")
