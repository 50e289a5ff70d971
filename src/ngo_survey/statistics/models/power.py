"""What the next wave can see: effective sizes, smallest differences, respondents needed.

Formulas are those for two proportions with unpooled variance (Chow, Shao, Wang & Lokhnygina 2018,
sec. 4.2.1; Cohen 1988, ch. 6), on respondents divided by the design effect found in this wave (Kish
1965, sec. 8.2) and with the finite population (Cochran 1977, sec. 4.4).
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import column, domains, levels_of
from ngo_survey.statistics.estimation.domains import domain_means as means_of


class PowerGroup(NamedTuple):
    """What a wave has of one group.

    ``n`` respondents of ``size`` units in the population; ``deff`` is the variance over that of a
    simple random sample without replacement.
    """

    n: float
    size: float
    deff: float

    @property
    def effective(self) -> float:
        """Respondents of a simple random sample that would tell as much (Kish 1965)."""
        return self.n / self.deff

    def variance(self, p: float, times: float = 1.0) -> float:
        """Variance of a share p in a sample ``times`` as large."""
        n = self.n * times
        return self.deff * p * (1 - p) * (1 - min(n / self.size, 1.0)) / n


def quantiles(alpha: float, power: float) -> float:
    """Return ``z_(1 - alpha/2) + z_power`` of a two-sided test."""
    if not (0 < alpha < 1 and 0.5 <= power < 1):
        raise InputError(
            "power asks for a level below 1 and a power of a half or more", value=(alpha, power)
        )
    return float(
        distributions.normal_quantile(1 - alpha / 2) + distributions.normal_quantile(power)
    )


def detectable(
    first: PowerGroup, second: PowerGroup, p: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the smallest difference of shares that a test of two groups finds with this power.

    The shares lie evenly about ``p``: ``d = (z_a + z_b) sqrt(v1(p - d/2) + v2(p + d/2))``. NaN
    where no difference about p is large enough.
    """
    z = quantiles(alpha, power)
    most = 2 * min(p, 1 - p)

    def short(d: float) -> float:
        spread = first.variance(p - d / 2) + second.variance(p + d / 2)
        return d - z * float(np.sqrt(max(spread, 0.0)))

    if most <= 0 or short(most) <= 0:
        return float("nan")
    return float(optimize.brentq(short, 0.0, most, xtol=1e-12))


def times_needed(
    first: PowerGroup,
    second: PowerGroup,
    p: float,
    difference: float,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float:
    """Return how many times as large a sample finds a difference of shares about ``p``.

    Solves ``d^2 / (z_a + z_b)^2 = sum_g D_g p_g q_g (1 / (c n_g) - 1 / N_g)`` for c. NaN where the
    shares would leave 0 to 1.
    """
    if not 0 < difference < 1:
        raise InputError("a difference of shares lies between 0 and 1", value=difference)
    shares = (p - difference / 2, p + difference / 2)
    if shares[0] <= 0 or shares[1] >= 1:
        return float("nan")
    wanted = (difference / quantiles(alpha, power)) ** 2
    groups = list(zip((first, second), shares, strict=True))
    drawn = sum(g.deff * q * (1 - q) / g.n for g, q in groups)
    whole = sum(g.deff * q * (1 - q) / g.size for g, q in groups)
    return drawn / (wanted + whole)


def groups_of(
    design: SurveyDesign, variable: str, category: object, by: str
) -> tuple[float, dict[str, PowerGroup]]:
    """Return the share of a category over all, and what the design has of each level of ``by``.

    Levels without degrees of freedom, or where all or none gave the answer, are left out: they
    have no design effect.
    """
    series = column(design, variable)
    known = levels_of(series)
    if category not in known:
        raise InputError(
            "the question has no such answer",
            column=variable,
            value=category,
            hint=nearest(category, known),
        )
    answered = series.notna().to_numpy()
    event = (series.astype(object) == category).to_numpy(dtype=float)[:, None]
    overall = float(means_of(design, event, answered, domains(design, None)).estimate[0, 0])
    split = domains(design, by)
    made = means_of(design, event, answered, split)
    found = {}
    for place, (level,) in enumerate(split.levels):
        deff = float(made.deff[place, 0])
        if made.df[place] > 0 and np.isfinite(deff) and deff > 0:
            n, size = float(made.n[place]), float(made.weight[place])
            found[str(level)] = PowerGroup(n, max(size, n), deff)
    return overall, found


def precision(
    design: SurveyDesign,
    variable: str,
    category: object,
    by: str,
    differences: list[float],
    alpha: float = 0.05,
    power: float = 0.8,
    minimum: int = 0,
) -> pd.DataFrame:
    """Return effective sizes of groups, and what each two of them can show.

    Parameters
    ----------
    minimum: groups of fewer respondents are left out.

    Returns
    -------
    ``level, against, statistic, difference, value, n, deff``: ``effective`` (of ``level``) with its
    ``n`` and ``deff``; ``detectable``: the smallest difference that this wave finds; ``needed``:
    the respondents of both groups together that find ``difference``, shared between them as now.
    """
    overall, found = groups_of(design, variable, category, by)
    kept = {level: group for level, group in found.items() if group.n >= minimum}
    rows = [
        {"level": level, "statistic": "effective", "value": g.effective, "n": g.n, "deff": g.deff}
        for level, g in kept.items()
    ]
    for (a, first), (b, second) in combinations(kept.items(), 2):
        together = first.n + second.n
        pair = {"level": a, "against": b, "n": together}
        least = detectable(first, second, overall, alpha, power)
        rows.append({**pair, "statistic": "detectable", "value": least})
        for difference in differences:
            times = times_needed(first, second, overall, difference, alpha, power)
            value = np.ceil(np.round(times * together, 6))
            rows.append({**pair, "statistic": "needed", "difference": difference, "value": value})
    columns = ["level", "against", "statistic", "difference", "value", "n", "deff"]
    return pd.DataFrame(rows, columns=columns)
