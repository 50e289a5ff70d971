"""How strong something that nobody measured would have to be to make an effect by itself.

A variable that no term names may go both with a term and with the outcome. Whether it does, the
answers cannot tell; how strong it would have to be, they can.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics.models.blocks import Block, Interaction, Levels, Number
from ngo_survey.statistics.models.fitted import Fitted
from ngo_survey.statistics.models.formula import Term
from ngo_survey.statistics.models.likelihood import Floats

#: Models whose coefficients are logarithms of odds ratios, of one outcome or of cumulated ones.
OF_ODDS = ("binomial", "ordinal", "partial")
#: Models whose coefficients are logarithms of ratios of means.
OF_RATES = ("poisson",)


def e_value(ratio: object) -> Floats:
    """Return the E-value of each risk ratio: at least 1, NaN where there is none.

    The least risk ratio that an unmeasured variable would need with the exposure and with the
    outcome, beside all that is measured, to make the whole of the association (VanderWeele & Ding
    2017, Ann. Intern. Med. 167, 268-274): ``RR + sqrt(RR (RR - 1))``, of a ratio below 1 that of
    its inverse.

    Raises
    ------
    InputError: a ratio is not positive.
    """
    given = np.asarray(ratio, dtype=float)
    if (given <= 0).any():
        raise InputError(
            "a risk ratio is positive",
            value=float(given[given <= 0].flat[0]),
            hint="give ratios, not differences or logarithms",
        )
    above: Floats = np.maximum(given, 1 / given)
    return above + np.sqrt(above * (above - 1))


def e_value_of_limits(low: object, high: object) -> Floats:
    """Return the E-value of the limit nearer to 1; 1 where the limits hold 1 (as above).

    Raises
    ------
    InputError: as :func:`e_value`, or a lower limit is above its upper one.
    """
    lower, upper = (np.asarray(end, dtype=float) for end in (low, high))
    if (lower > upper).any():
        raise InputError(
            "a lower limit is above its upper limit",
            value=float(lower[lower > upper].flat[0]),
            hint="give the lower limits first",
        )
    nearer = np.where(lower > 1, lower, np.where(upper < 1, upper, 1.0))
    return e_value(np.where(np.isnan(lower) | np.isnan(upper), np.nan, nearer))


def ratio_of_odds(odds_ratio: object) -> Floats:
    """Return the risk ratio that an odds ratio stands for where the outcome is common: its root.

    VanderWeele & Ding 2017, Table 2. Of an outcome that is rare the risk ratio is farther from 1,
    so that the E-value of the root is a low one: it never promises too much.
    """
    return np.sqrt(np.asarray(odds_ratio, dtype=float))


def ratio_of_difference(difference: object) -> Floats:
    """Return the risk ratio that a difference of means stands for, in standard deviations.

    ``exp(0.91 d)`` (Chinn 2000, Stat. Med. 19, 3127-3131; VanderWeele & Ding 2017, Table 2): the
    root of the odds ratio above some border of a number that has logistic tails. Its 95 % limits
    are ``exp(0.91 d +- 1.78 se)``, which is this of ``d +- 1.96 se`` to two digits.
    """
    return np.exp(0.91 * np.asarray(difference, dtype=float))


def plain_variables(terms: Iterable[Term]) -> list[str]:
    """Return the variables whose coefficients are effects of theirs, in order.

    Left out are parts of a whole, curves, and variables that an interaction names.
    """
    found = list(terms)
    crossed = {name for term in found for name in term.interaction or ()}
    return [
        term.variable
        for term in found
        if not (term.interaction or term.ilr or term.spline) and term.variable not in crossed
    ]


def has_e_values(kind: str, link: str) -> bool:
    """Say whether coefficients of such a model are logarithms of ratios with an E-value.

    Those of a probit or a complementary log-log are not, nor those of levels against a reference
    level (multinomial). Those of a linear model are differences: see :func:`fitted_e_values`.
    """
    return kind in OF_RATES or (kind in OF_ODDS and link == "logit")


def e_values(coefficients: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the E-values of coefficients and of their limits.

    Parameters
    ----------
    coefficients: ``term, estimate, ci_low, ci_high`` on the scale of the model; of a linear model
        in standard deviations of the outcome. What is NaN has no E-value.
    kind: of a model of which :func:`has_e_values` is true, or ``gaussian``.

    Returns
    -------
    ``term, estimate`` (the risk ratio that the coefficient stands for), ``e_value, e_value_limit``.
    """
    scale = coefficients[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    ratios = ratio_of_difference(scale) if kind == "gaussian" else np.exp(scale)
    if kind in OF_ODDS:
        ratios = ratio_of_odds(ratios)
    return pd.DataFrame(
        {
            "term": coefficients["term"].to_numpy(),
            "estimate": ratios[:, 0],
            "e_value": e_value(ratios[:, 0]),
            "e_value_limit": e_value_of_limits(ratios[:, 1], ratios[:, 2]),
        }
    )


def fitted_e_values(fit: Fitted) -> pd.DataFrame:
    """Return the E-values of a model's terms, for the step of each (see :func:`e_values`).

    Differences of a linear model are taken over the weighted standard deviation of its outcome.

    Raises
    ------
    InputError: the coefficients are no logarithms of ratios (:func:`has_e_values`).
    """
    link = getattr(getattr(fit.likelihood, "link", None), "name", "")
    if fit.kind != "gaussian" and not has_e_values(fit.kind, link):
        raise InputError(
            "coefficients of this model have no E-value",
            column=fit.outcome,
            value=f"{fit.kind}, {link}" if link else fit.kind,
            hint='fit a logit: glm(family="binomial") or ordinal(), without another link',
        )
    crossed = {name for block in fit.matrix.blocks for name in _crossed(block)}
    plain = {
        block.variable
        for block in fit.matrix.blocks
        if isinstance(block, Number | Levels) and block.variable not in crossed
    }
    table = fit.coefficients
    own = [fit.columns.get(term, ("", ""))[0] in plain for term in table["term"]]
    kept = table.loc[own, ["term", "estimate", "ci_low", "ci_high"]]
    if fit.kind == "gaussian":
        rows = fit.design.in_domain
        y, w = fit.y[rows], fit.weights[rows]
        mean = np.average(y, weights=w)
        deviation = float(np.sqrt(np.average((y - mean) ** 2, weights=w)))
        kept = kept.assign(**{name: kept[name] / deviation for name in kept.columns[1:]})
    return e_values(kept, fit.kind)


def _crossed(block: Block) -> tuple[str, ...]:
    """Return the variables that an interaction names."""
    return (block.first.variable, block.second.variable) if isinstance(block, Interaction) else ()
