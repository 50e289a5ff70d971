"""Estimate the panels of a table under each banner: one row a figure, before disclosure control."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.estimation import limits as confidence
from ngo_survey.estimation import quantile, total
from ngo_survey.estimation.domains import Domains, domain_means
from ngo_survey.tables.panel import Floats, Member, Panel

if TYPE_CHECKING:
    from ngo_survey.sampling import SurveyDesign
    from ngo_survey.tables.spec import TableSpec

#: Figures of one row, in the order of the family ``estimates``.
NUMBERS = ("n", "base", "estimate", "se", "ci_low", "ci_high", "df", "deff")
#: Limits of shares that are means of parts of a whole cannot leave it.
WHOLE = ("mean_share", "share_of_answers")


def estimate(
    design: SurveyDesign, spec: TableSpec, panels: list[Panel], splits: dict[str, Domains]
) -> pd.DataFrame:
    """Estimate one table.

    Parameters
    ----------
    splits: the domains of each banner by name, and of the total column under "".

    Returns
    -------
    The columns of the family ``estimates`` without ``status``, and ``panel``, ``member``, ``level``
    (positions: which panel, which of its members, which level of the banner). Rows are ordered
    by banner (total first), panel, member, level. Nothing is hidden yet.
    """
    frames = []
    for banner in ("", *spec.banners):
        split = splits[banner]
        levels = [str(level[0]) if level else "total" for level in split.levels]
        for place, panel in enumerate(panels):
            if banner and panel.columns == "total":
                continue
            numbers = _numbers(design, panel, split)
            size = len(panel.members) * len(levels)
            frames.append(
                pd.DataFrame(
                    {
                        "analysis": spec.analysis(banner),
                        "by": banner,
                        "by_level": levels * len(panel.members),
                        "panel": place,
                        "member": np.repeat(np.arange(len(panel.members)), len(levels)),
                        "level": np.tile(np.arange(len(levels)), len(panel.members)),
                        "item": _each(panel, "item", len(levels)),
                        "category": _each(panel, "category", len(levels)),
                        "statistic": _each(panel, "statistic", len(levels)),
                        "name": _each(panel, "name", len(levels)),
                    }
                    | {key: numbers[key].T.reshape(size) for key in NUMBERS}
                )
            )
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "key", table["analysis"] + "/" + table["name"] + "@" + table["by_level"])
    table.insert(2, "population", spec.population)
    return table.drop(columns="name")


def _each(panel: Panel, what: str, times: int) -> list[str]:
    return [getattr(member, what) for member in panel.members for _ in range(times)]


def _numbers(design: SurveyDesign, panel: Panel, split: Domains) -> dict[str, Floats]:
    """Return each figure as an array (levels, members)."""
    if panel.kind in ("quantile", "total"):
        return _by_name(design, panel, split)
    if panel.kind == "ratio":
        return _ratio(design, panel, split)
    made = domain_means(design, panel.values, panel.valid, split)
    shape = made.estimate.shape
    base = np.broadcast_to(made.n[:, None], shape).astype(float)
    df = np.broadcast_to(made.df[:, None], shape).astype(float)
    if panel.kind == "share":
        low, high = confidence.of_proportion(made.estimate, made.variance, df, base)
        n = counts(panel, split, design.in_domain)
    else:
        low, high = confidence.symmetric(made.estimate, made.variance, df)
        n = base
        if panel.members[0].statistic in WHOLE:
            low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    return {
        "n": n,
        "base": base,
        "estimate": made.estimate,
        "se": np.sqrt(made.variance),
        "ci_low": low,
        "ci_high": high,
        "df": df,
        "deff": made.deff,
    }


def counts(panel: Panel, split: Domains, inside: np.ndarray) -> Floats:
    """Return sums of the panel's columns over its respondents, (levels, members), unweighted."""
    chosen = inside & panel.valid & (split.codes >= 0)
    found = np.zeros((len(split.levels), panel.values.shape[1]))
    np.add.at(found, split.codes[chosen], panel.values[chosen])
    return found[:, : len(panel.members)]


def _ratio(design: SurveyDesign, panel: Panel, split: Domains) -> dict[str, Floats]:
    """Shares of all answers: influence ``(y - R x) / sum w x`` (Saerndal et al. 1992, 5.6.10)."""
    shape = (len(split.levels), len(panel.members))
    made = {key: np.full(shape, np.nan) for key in NUMBERS}
    made["n"] = counts(panel, split, design.in_domain)
    for level, inside in _insiders(design, panel, split):
        made["base"][level] = inside.sum()
        weights = np.where(inside, design.weights, 0.0)
        over, under = panel.values[:, :-1], panel.values[:, -1:]
        whole = float(weights @ under[:, 0])
        if whole == 0:
            continue
        share = (weights @ over) / whole
        influence = np.where(inside[:, None], (over - share * under) / whole, 0.0)
        variance = design.variance(influence)
        df = float(design.domain_degrees_of_freedom(inside[:, None])[0])
        low, high = confidence.symmetric(share, variance, df)
        made["estimate"][level], made["se"][level], made["df"][level] = share, np.sqrt(variance), df
        made["ci_low"][level] = np.maximum(low, 0.0)
        made["ci_high"][level] = np.minimum(high, 1.0)
    return made


def _by_name(design: SurveyDesign, panel: Panel, split: Domains) -> dict[str, Floats]:
    """Quantiles and totals: the estimation room takes them by the name of the variable."""
    from ngo_survey.tables.forms.number import QUANTILES

    by = split.names[0] if split.names else None
    if panel.kind == "total":
        frame = total(design, panel.variable, by=by)
    else:
        frame = quantile(
            design, panel.variable, [QUANTILES[m.statistic] for m in panel.members], by=by
        )
    frame["base"], frame["deff"] = frame["n"], np.nan
    shape = (len(split.levels), len(panel.members))
    return {key: frame[key].to_numpy(dtype=float, copy=True).reshape(shape) for key in NUMBERS}


def _insiders(
    design: SurveyDesign, panel: Panel, split: Domains
) -> Iterator[tuple[int, np.ndarray]]:
    for level in range(len(split.levels)):
        yield level, design.in_domain & panel.valid & (split.codes == level)


def key_of(spec: TableSpec, banner: str, member: Member, level: str) -> str:
    """Return the key of one figure."""
    return f"{spec.analysis(banner)}/{member.name}@{level}"
