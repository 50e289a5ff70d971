"""Estimate a table under each banner: one row a figure, before disclosure control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.statistics import limits as confidence
from ngo_survey.statistics.estimation import quantile, total
from ngo_survey.statistics.estimation.domains import (
    DomainMeans,
    Domains,
    domain_means,
    domain_proportions,
    domain_ratios,
    level_name,
    size_if_alike,
)
from ngo_survey.tables.declared import Standard
from ngo_survey.tables.estimand import Bools, Estimand, Floats

if TYPE_CHECKING:
    from ngo_survey.statistics.design import SurveyDesign
    from ngo_survey.tables.declared import TableSpec

#: Figures of one row, in the order of the family ``estimates``.
NUMBERS = (
    *("n", "base", "weighted_base", "estimate", "se", "ci_low", "ci_high", "df", "deff"),
    "n_effective",
)
#: What a banner is called where figures are asked for by name.
BANNER = "(banner)"
#: Limits of shares that are means of parts of a whole cannot leave it.
WHOLE = ("mean_share", "share_of_answers", "borda")
#: Narrowest limits of a share that can be called imprecise (Parker et al. 2017).
NARROW = 0.05


def estimate(
    design: SurveyDesign,
    spec: TableSpec,
    estimands: list[Estimand],
    splits: Mapping[str, Domains],
    standard: Standard,
) -> pd.DataFrame:
    """Estimate one table.

    Parameters
    ----------
    splits: the domains of each banner by name, and of the total column under "".
    standard: when a figure is flagged.

    Returns
    -------
    The columns of the family ``estimates`` without ``status``, and ``estimand``, ``member``,
    ``level`` (positions: which estimand, which of its members, which level of the banner). Rows are
    ordered by banner (total first), estimand, member, level. Nothing is hidden yet.
    """
    parts: dict[str, list] = {}
    for banner in ("", *spec.banners):
        split = splits[banner]
        levels = [level_name(level) for level in split.levels]
        size = len(levels)
        for place, estimand in enumerate(estimands):
            if not shown_under(estimand, banner):
                continue
            figures = numbers(design, estimand, split)
            count = len(estimand.members)
            columns: dict[str, object] = {
                "analysis": np.full(count * size, spec.analysis(banner), dtype=object),
                "by": np.full(count * size, banner, dtype=object),
                "by_level": levels * count,
                "estimand": np.full(count * size, place),
                "member": np.repeat(np.arange(count), size),
                "level": np.tile(np.arange(size), count),
            }
            for what in ("item", "category", "statistic", "name"):
                columns[what] = [getattr(m, what) for m in estimand.members for _ in range(size)]
            for key in NUMBERS:
                columns[key] = figures[key].T.reshape(count * size)
            columns["flag"] = _flags(figures, estimand, standard).T.reshape(count * size)
            for key, values in columns.items():
                parts.setdefault(key, []).append(values)
    table = pd.DataFrame({key: np.concatenate(values) for key, values in parts.items()})
    table.insert(0, "key", table["analysis"] + "/" + table["name"] + "@" + table["by_level"])
    table.insert(2, "population", spec.population)
    return table.drop(columns="name")


def shown_under(estimand: Estimand, banner: str) -> bool:
    """Say whether an estimand is shown under a banner ("" for the total column)."""
    if estimand.columns == "none" or (banner and estimand.columns == "total"):
        return False
    # Of all who gave an answer, all are in the total column: nothing to tell there.
    return bool(banner) or estimand.kind != "row_share"


def numbers(design: SurveyDesign, estimand: Estimand, split: Domains) -> dict[str, Floats]:
    """Return each figure as an array (levels, members)."""
    if estimand.kind in ("quantile", "total"):
        return _by_name(design, estimand, split)
    if estimand.kind == "row_share":
        return _of_rows(design, estimand, split)
    if estimand.kind == "ratio":
        made = domain_ratios(
            design, estimand.values[:, :-1], estimand.values[:, -1], estimand.valid, split
        )
    else:
        means = domain_proportions if estimand.kind == "share" else domain_means
        made = means(design, estimand.values, estimand.valid, split)
    count = counts(estimand, split, design.in_domain)
    alike = np.full(len(split.levels), np.nan)
    if estimand.kind == "share":
        alike = size_if_alike(design, estimand.valid, split, made)
    return _figures(made, estimand, count, effective_size(design, estimand.valid, split), alike)


def _figures(
    made: DomainMeans, estimand: Estimand, count: Floats, effective: Floats, alike: Floats
) -> dict[str, Floats]:
    """Return the figures of means, shares and ratios with their limits."""
    shape = made.estimate.shape
    base = np.broadcast_to(made.n[:, None], shape).astype(float)
    df = np.broadcast_to(made.df[:, None], shape).astype(float)
    if estimand.kind in ("share", "row_share"):
        low, high = confidence.of_proportion(
            made.estimate, made.variance, df, base, alike=alike[:, None]
        )
    else:
        low, high = confidence.symmetric(made.estimate, made.variance, df)
        if estimand.members[0].statistic in WHOLE:
            low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    return {
        "n": base if estimand.kind == "mean" else count,
        "base": base,
        "weighted_base": np.broadcast_to(made.weight[:, None], shape),
        "estimate": made.estimate,
        "se": np.sqrt(made.variance),
        "ci_low": low,
        "ci_high": high,
        "df": df,
        "deff": made.deff,
        "n_effective": np.broadcast_to(effective[:, None], shape),
    }


def counts(estimand: Estimand, split: Domains, inside: np.ndarray) -> Floats:
    """Return sums of the estimand's columns over its respondents, (levels, members), unweighted."""
    chosen = inside & estimand.valid & (split.codes >= 0)
    codes, groups = split.codes[chosen], len(split.levels)
    columns = estimand.stored[chosen, : len(estimand.members)].T
    return np.stack([np.bincount(codes, column, groups) for column in columns], axis=1)


def _of_rows(design: SurveyDesign, estimand: Estimand, split: Domains) -> dict[str, Floats]:
    """Row percentages: of those who gave an answer, the share in each column (levels, members)."""
    groups = len(split.levels)
    codes = np.where(estimand.valid, estimand.stored.argmax(axis=1), -1)
    columns = (split.codes[:, None] == np.arange(groups)).astype(float)
    answers = Domains((), codes, tuple((m.category,) for m in estimand.members))
    valid = estimand.valid & (split.codes >= 0)
    made = domain_proportions(design, columns, valid, answers)
    count = counts(estimand, split, design.in_domain).T
    effective = effective_size(design, valid, answers)
    alike = size_if_alike(design, valid, answers, made)
    figures = _figures(made, estimand, count, effective, alike)
    return {key: numbers.T for key, numbers in figures.items()}


def effective_size(design: SurveyDesign, valid: Bools, split: Domains) -> Floats:
    """Return (levels,) what unequal weights leave of each base: ``(sum w)^2 / sum w^2``.

    Kish 1965, sec. 11.7; NaN where there is nobody.
    """
    inside = design.in_domain & valid & (split.codes >= 0)
    codes, weights = split.codes[inside], design.weights[inside]
    groups = len(split.levels)
    sums, squares = (np.bincount(codes, w, groups) for w in (weights, weights**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, sums**2 / squares, np.nan)


def _by_name(design: SurveyDesign, estimand: Estimand, split: Domains) -> dict[str, Floats]:
    """Quantiles and totals: the estimation room takes them by the name of the variable.

    The banner goes under a name that no question has. Where nobody answered there is no figure.
    """
    from ngo_survey.tables.forms.number import QUANTILES

    shape = (len(split.levels), len(estimand.members))
    chosen = design.in_domain & estimand.valid & (split.codes >= 0)
    if not chosen.any():
        nothing = {key: np.full(shape, np.nan) for key in NUMBERS}
        return nothing | {key: np.zeros(shape) for key in ("n", "base", "weighted_base", "df")}
    # The total too is a domain of that name: asked for alone, a figure without degrees of freedom
    # is refused, and here it has no limits, as a share has none.
    levels = pd.Categorical.from_codes(split.codes, pd.Index(range(len(split.levels))))
    inside = design.assign(**{BANNER: levels}).subset(estimand.valid)
    if estimand.kind == "total":
        frame = total(inside, estimand.variable, by=BANNER)
    else:
        wanted = [QUANTILES[m.statistic] for m in estimand.members]
        frame = quantile(inside, estimand.variable, wanted, by=BANNER)
    weight = np.bincount(split.codes[chosen], design.weights[chosen], len(split.levels))
    found = {
        key: frame[key].to_numpy(dtype=float, copy=True).reshape(shape)
        for key in NUMBERS
        if key in frame
    }
    found["base"] = found["n"]
    found["weighted_base"] = np.broadcast_to(weight[:, None], shape)
    effective = effective_size(design, estimand.valid, split)
    found["n_effective"] = np.broadcast_to(effective[:, None], shape)
    found["deff"] = np.full(shape, np.nan)
    return found


def _flags(numbers: dict[str, Floats], estimand: Estimand, standard: Standard) -> np.ndarray:
    """Say which figures stand on few respondents, and which have limits too wide to be used.

    After the presentation standards of the US National Center for Health Statistics for
    proportions (Parker et al. 2017, Vital Health Stat. 2(175)): limits wider than ``width``, or
    wider than a twentieth and than ``relative_width`` times the share. Other figures are held
    against their own size: limits wider than ``relative_width`` times the estimate.
    """
    effective = numbers["n_effective"]
    few = (numbers["base"] < standard.base) | (effective < standard.effective)
    width = numbers["ci_high"] - numbers["ci_low"]
    relative = width > standard.relative_width * np.abs(numbers["estimate"])
    if estimand.kind in ("share", "row_share", "ratio"):
        wide = (width >= standard.width) | ((width > NARROW) & relative)
    elif estimand.members[0].statistic == "net":
        # A balance near nothing is not imprecise because it is near nothing.
        wide = width >= 2 * standard.width
    else:
        wide = relative
    empty = numbers["base"] == 0
    return np.where(empty, "", np.where(few, "small-base", np.where(wide, "imprecise", "")))
