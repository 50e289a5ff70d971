"""Differences and ratios: between domains of one survey, and between two surveys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.overlap import Overlap
from ngo_survey.statistics.estimation.domains import (
    Floats,
    category_codes,
    column,
    domain_shares,
    domains,
    size_if_alike,
)
from ngo_survey.statistics.estimation.means import values_of
from ngo_survey.statistics.limits import Method, of_proportion, t_quantile

Kind = Literal["difference", "ratio"]
COLUMNS = ["estimate", "se", "ci_low", "ci_high", "statistic", "df", "p"]


def domain_covariance(
    design: SurveyDesign, variable: str, by: str, category: object = None
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the means of a variable by domain, and their covariance.

    Parameters
    ----------
    variable: a number, or a categorical variable of which ``category`` names the share wanted.

    Returns
    -------
    Means by level of ``by``, and the (levels, levels) covariance: domains of one sample are not
    independent where they share PSUs or calibration. Levels without a respondent are left out.
    """
    values, answered = values_of(design, variable, category)
    split = domains(design, by)
    inside = design.in_domain & answered & (split.codes >= 0)
    kept = [g for g in range(len(split.levels)) if (inside & (split.codes == g)).any()]
    weights = np.where(inside, design.weights, 0.0)
    influence = np.zeros((len(values), len(kept)))
    means = np.zeros(len(kept))
    for place, group in enumerate(kept):
        mine = inside & (split.codes == group)
        size = weights[mine].sum()
        means[place] = weights[mine] @ values[mine] / size
        influence[mine, place] = (values[mine] - means[place]) / size
    names = [split.levels[g][0] for g in kept]
    spread = design.covariance(influence)
    return pd.Series(means, index=names), pd.DataFrame(spread, index=names, columns=names)


def contrast(
    design: SurveyDesign,
    variable: str,
    by: str,
    weights: Mapping[object, float],
    category: object = None,
    level: float = 0.95,
) -> pd.Series:
    """Estimate a linear contrast of domain means, ``sum c_d mean_d``, as R ``svycontrast``.

    Returns
    -------
    ``estimate, se, ci_low, ci_high`` (t on the degrees of freedom of the domains together),
    ``statistic``, ``df``, ``p`` of the hypothesis that it is zero.

    Raises
    ------
    InputError: an unknown level, nobody in it, no degrees of freedom.
    """
    means, spread = domain_covariance(design, variable, by, category)
    for name in weights:
        _known_level(means, name, by)
    c = np.array([weights.get(name, 0.0) for name in means.index])
    within = design.in_domain & column(design, by).isin(list(weights)).to_numpy()
    df = int(design.domain_degrees_of_freedom(within[:, None])[0])
    return _tested(float(c @ means), float(c @ spread.to_numpy() @ c), df, level)


def _of_shares(
    design: SurveyDesign,
    variable: str,
    by: str,
    levels: tuple[object, object],
    category: object,
    level: float,
) -> tuple[float, float]:
    """Return MOVER limits of the difference of a share between two domains of one sample."""
    _, spread = domain_covariance(design, variable, by, category)
    banner = column(design, by)
    sides = [_alone(design.subset(banner == name), variable, category) for name in levels]
    limits = [of_proportion(x.mean, x.variance, x.df, x.n, "wilson", level, x.alike) for x in sides]
    first, second = levels
    size = float(np.sqrt(sides[0].variance * sides[1].variance))
    r = float(spread.loc[first, second]) / size if size > 0 else 0.0
    return mover((sides[0].mean, sides[1].mean), limits, r)


def compare(
    design: SurveyDesign,
    variable: str,
    by: str,
    levels: tuple[object, object],
    kind: Kind = "difference",
    category: object = None,
    level: float = 0.95,
) -> pd.Series:
    """Compare the means (or shares of ``category``) of two domains: first less, or over, second.

    Limits of a difference of shares are made of Wilson's limits of each, with the covariance that
    the domains have (MOVER: Zou & Donner 2008, Stat. Med. 27, 1693-1702): they stay within -1 and
    1 and hold where a share is of none or all, unlike the symmetric ones. The test is the t test.

    A ratio is linearised on the logarithm (Saerndal, Swensson & Wretman 1992, sec. 5.5): its limits
    are those of the logarithm, its test is of equality. Columns as :func:`contrast`.
    """
    first, second = levels
    if kind == "difference":
        made = contrast(design, variable, by, {first: 1.0, second: -1.0}, category, level)
        if category is not None:
            limits = _of_shares(design, variable, by, levels, category, level)
            made["ci_low"], made["ci_high"] = limits
        return made
    if kind != "ratio":
        raise InputError("no such comparison", value=kind, hint="difference or ratio")
    means, spread = domain_covariance(design, variable, by, category)
    for name in levels:
        _known_level(means, name, by)
    a, b = float(means[first]), float(means[second])
    if not (a > 0 and b > 0):
        raise InputError(
            "a ratio needs two means above zero", column=variable, hint="ask for the difference"
        )
    c = np.array([(n == first) / a - (n == second) / b for n in means.index])
    within = design.in_domain & column(design, by).isin(list(levels)).to_numpy()
    df = int(design.domain_degrees_of_freedom(within[:, None])[0])
    return _of_logarithm(a / b, float(c @ spread.to_numpy() @ c), df, level)


def between(
    first: SurveyDesign,
    second: SurveyDesign,
    variable: str,
    category: object = None,
    limits: Method = "wilson",
    level: float = 0.95,
    overlap: Overlap | None = None,
) -> pd.Series:
    """Compare two surveys: the mean, or the share of ``category``, first less second.

    The variances add up, less twice the covariance where the samples share units (``overlap``). t
    on Satterthwaite's degrees of freedom (1946, Biometrics Bull. 2, 110-114), or with shared units
    on the fewer of the two. Two domains, or two calibrations, of one design are known as one
    sample: their covariance is that of the design, their degrees of freedom are those of both
    domains together, as :func:`compare` takes them.

    Limits of a difference of shares are made of the limits of each (MOVER: Newcombe 1998, Stat.
    Med. 17, 873-890, method 10; with the correlation: Zou & Donner 2008, Stat. Med. 27,
    1693-1702), so that they stay within -1 and 1.

    Returns
    -------
    Columns as :func:`contrast`, and ``first``, ``second``: the two estimates.
    """
    one, two = (_alone(d, variable, category) for d in (first, second))
    df, together = _satterthwaite(one.variance, one.df, two.variance, two.df), 0.0
    if first.same_sample(second):
        either = one.inside | two.inside
        df = float(first.domain_degrees_of_freedom(either[:, None])[0])
        together = first.cross_covariance(second, one.influence, two.influence)
    elif overlap is not None:
        df = float(min(one.df, two.df))
        most = float(np.sqrt(one.variance * two.variance))
        found = overlap.covariance(first, second, (one.influence, two.influence))
        # Few common units can estimate more than is possible.
        together = float(np.clip(found, -most, most))
    a, b = one.mean, two.mean
    added = one.variance + two.variance
    apart = added - 2 * together
    # Rounding is left of a sample held against itself.
    made = _tested(a - b, apart if apart > 1e-12 * added else 0.0, df, level)
    if category is not None:
        sides = [
            of_proportion(x.mean, x.variance, x.df, x.n, limits, level, x.alike) for x in (one, two)
        ]
        size = np.sqrt(one.variance * two.variance)
        r = together / size if size > 0 else 0.0
        made["ci_low"], made["ci_high"] = mover((a, b), sides, r)
    return pd.concat([pd.Series({"first": a, "second": b}), made])


def mover(
    shares: tuple[float, float], limits: Sequence[tuple[ArrayLike, ArrayLike]], correlation: float
) -> tuple[float, float]:
    """Return limits of a difference of two shares from the limits of each (Zou & Donner 2008)."""
    (a, b), ((low_a, high_a), (low_b, high_b)) = shares, limits
    low = a - b - _aside(a - float(low_a), float(high_b) - b, correlation)  # type: ignore[arg-type]
    high = a - b + _aside(float(high_a) - a, b - float(low_b), correlation)  # type: ignore[arg-type]
    return low, high


def _aside(x: float, y: float, correlation: float) -> float:
    """Return the distance of a limit of a difference, from those of its two parts."""
    return float(np.sqrt(max(x * x + y * y - 2 * correlation * x * y, 0.0)))


def _known_level(means: pd.Series, name: object, by: str) -> None:
    if name not in means.index:
        raise InputError(
            "nobody is in this level",
            column=by,
            value=name,
            hint=nearest(str(name), map(str, means.index)),
        )


@dataclass(frozen=True)
class _Alone:
    """A mean of one survey, with its unweighted influence values."""

    mean: float
    variance: float
    n: int
    df: int
    influence: Floats
    inside: NDArray[np.bool_]
    alike: float


def _alone(design: SurveyDesign, variable: str, category: object) -> _Alone:
    values, answered = values_of(design, variable, category)
    inside = design.in_domain & answered
    if not inside.any():
        raise InputError("nobody answered", column=variable, hint="leave this comparison out")
    weights = np.where(inside, design.weights, 0.0)
    # What is not answered has no value.
    known = np.where(inside, values, 0.0)
    mean = float(weights @ known / weights.sum())
    influence = np.where(inside, (known - mean) / weights.sum(), 0.0)
    df = int(design.domain_degrees_of_freedom(inside[:, None])[0])
    variance = float(design.variance(influence)[0])
    alike = np.nan
    if category is not None:
        codes, levels = category_codes(column(design, variable))
        split = domains(design, None)
        found, _ = domain_shares(design, codes, len(levels), split)
        alike = float(size_if_alike(design, codes >= 0, split, found)[0])
    return _Alone(mean, variance, int(inside.sum()), df, influence, inside, alike)


def _satterthwaite(va: float, fa: int, vb: float, fb: int) -> float:
    if va + vb == 0:
        return float(fa + fb)
    parts = sum(v**2 / f for v, f in ((va, fa), (vb, fb)) if v > 0 and f > 0)
    return (va + vb) ** 2 / parts if parts else 0.0


def _tested(estimate: float, variance: float, df: float, level: float) -> pd.Series:
    if df <= 0:
        raise InputError("a comparison has no degrees of freedom", hint="widen the domains")
    se = float(np.sqrt(variance))
    half = float(t_quantile(df, level)) * se
    statistic = estimate / se if se > 0 else np.nan
    p = float(2 * distributions.t_tail(abs(statistic), df)) if se > 0 else np.nan
    found = [estimate, se, estimate - half, estimate + half, statistic, df, p]
    return pd.Series(found, index=COLUMNS)


def _of_logarithm(ratio: float, variance: float, df: float, level: float) -> pd.Series:
    made = _tested(float(np.log(ratio)), variance, df, level)
    made["ci_low"], made["ci_high"] = np.exp([made["ci_low"], made["ci_high"]])
    made["estimate"], made["se"] = ratio, ratio * made["se"]
    return made
