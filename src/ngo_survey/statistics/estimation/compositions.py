"""Tests of a whole: whether the mix of its parts differs, all parts at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.selection import sheet_row
from ngo_survey.statistics.estimation.domains import Codes, Floats, category_codes, column
from ngo_survey.statistics.estimation.means import numeric
from ngo_survey.statistics.models.composition import closed, ilr, without_zeros
from ngo_survey.statistics.models.formula import ZERO_PART


def composition_test(
    design: SurveyDesign,
    parts: Sequence[str],
    by: str,
    zero: float = ZERO_PART,
    total: float = 100.0,
) -> pd.Series:
    """Test whether a whole is made up alike in every domain of ``by``, all its parts at once.

    Parts of a whole cannot differ one by one, so tests of each are no test of the whole. The D
    parts are taken as D - 1 isometric log-ratios (Egozcue, Pawlowsky-Glahn, Mateu-Figueras &
    Barcelo-Vidal 2003, Math. Geol. 35, 279-300), whose weighted means by domain have the design's
    joint covariance; adjusted Wald F of the differences from the last domain (Korn & Graubard
    1990, Am. Stat. 44, 270-276). Neither the order of the parts nor the choice of basis matters.

    A part of nothing has no logarithm: it counts as ``zero`` points of 100, and the other parts of
    that respondent shrink in proportion (Martin-Fernandez, Barcelo-Vidal & Pawlowsky-Glahn 2003).
    Where many have nothing of a part the test is mostly one of who has something of it:
    ``replaced`` says how many they are, and the result is to be tried with another ``zero``.

    Parameters
    ----------
    parts: numbers that add up to ``total`` for whoever answered them all.
    zero: points of 100, above 0; the others must leave room for it.

    Returns
    -------
    ``n, replaced`` (respondents, and those of them with a part of nothing), ``zero, statistic,
    df1, df2, p, effect``: the effect is the share of the total (Aitchison) variance of the whole
    that lies between the domains, 0 to 1.

    Raises
    ------
    InputError: fewer than two parts or domains, a part that is negative or that nobody has, parts
        that do not add up, a ``zero`` out of range, too few degrees of freedom, log-ratios that do
        not vary apart from each other.
    """
    shares, answered = _shares(design, parts, total)
    if not 0 < zero * len(parts) < 100:
        raise InputError(
            "what stands for nothing is above 0 and leaves room for the other parts",
            value=zero,
            hint=f"give points of 100, e.g. {ZERO_PART}",
        )
    codes = category_codes(column(design, by))[0]
    inside = design.in_domain & answered & (codes >= 0)
    levels, mine = np.unique(codes[inside], return_inverse=True)
    if len(levels) < 2:
        raise InputError(
            "a test of a whole needs two domains with respondents",
            column=by,
            hint="compare by a variable of which two levels answered",
        )
    lost = [
        name for name, has in zip(parts, (shares[inside] > 0).any(axis=0), strict=True) if not has
    ]
    if lost:
        raise InputError(
            "nobody has anything of a part of the whole",
            column=lost[0],
            hint="leave the part out",
        )
    ratios = ilr(without_zeros(shares[inside], zero / 100))
    found = np.full(len(codes), -1)
    found[inside] = mine
    statistic, df1, df2, effect = _wald(design, ratios, found, len(levels), by)
    return pd.Series(
        {
            "n": int(inside.sum()),
            "replaced": int((shares[inside] <= 0).any(axis=1).sum()),
            "zero": zero,
            "statistic": statistic,
            "df1": df1,
            "df2": df2,
            "p": float(distributions.f_tail(statistic, df1, df2)),
            "effect": effect,
        },
        dtype=object,
    )


def _wald(
    design: SurveyDesign, ratios: Floats, codes: Codes, groups: int, by: str
) -> tuple[float, int, int, float]:
    """Return adjusted Wald F, its degrees of freedom, and the variance between the domains.

    ``ratios`` (m, k) are of the respondents whose code is not -1.
    """
    inside = codes >= 0
    mine, w = codes[inside], design.weights[inside]
    k = ratios.shape[1]
    own = mine[:, None] == np.arange(groups)
    size = w @ own
    means = (own * w[:, None]).T @ ratios / size[:, None]
    # One column for each domain and log-ratio: nothing outside the domain.
    influence = np.zeros((len(codes), groups * k))
    away = (ratios - means[mine]) / size[mine][:, None]
    influence[inside] = (own[:, :, None] * away[:, None, :]).reshape(len(mine), -1)
    contrast = np.kron(np.hstack([np.eye(groups - 1), -np.ones((groups - 1, 1))]), np.eye(k))
    spread = contrast @ design.covariance(influence) @ contrast.T
    df1 = k * (groups - 1)
    nu = int(design.counted_degrees_of_freedom(np.where(inside, 0, -1), 1)[0])
    if nu - df1 + 1 <= 0:
        raise InputError(
            f"a test of {df1} log-ratios cannot stand on {nu} degrees of freedom",
            column=by,
            hint="take parts together, or merge levels",
        )
    deviations = np.sqrt(np.clip(np.diag(spread), 0, None))
    # What is left of zero after rounding is no variance.
    still = (deviations <= 1e-10 * max(1.0, float(np.abs(ratios).max()))).any()
    if still or (
        np.linalg.matrix_rank(spread / np.outer(deviations, deviations), tol=1e-10, hermitian=True)
        < df1
    ):
        raise InputError(
            "the log-ratios of a whole do not vary apart from each other",
            column=by,
            hint="take parts together, or merge levels",
        )
    difference = contrast @ means.ravel()
    wald = float(difference @ np.linalg.solve(spread, difference))
    overall = w @ ratios / w.sum()
    between = float(size @ ((means - overall) ** 2).sum(axis=1))
    around = float(w @ ((ratios - overall) ** 2).sum(axis=1))
    df2 = nu - df1 + 1
    return wald * df2 / (nu * df1), df1, df2, between / around


def _shares(design: SurveyDesign, parts: Sequence[str], total: float) -> tuple[Floats, np.ndarray]:
    """Return (n, D) shares of the whole, and who answered all parts."""
    if isinstance(parts, str) or len(set(parts)) < 2 or len(set(parts)) < len(parts):
        raise InputError(
            "a whole has two parts or more, each once",
            value=parts if isinstance(parts, str) else ", ".join(parts),
            hint="list the columns of its parts",
        )
    columns = [numeric(design, name) for name in parts]
    values = np.column_stack([numbers for numbers, _ in columns])
    answered = np.logical_and.reduce([known for _, known in columns])
    used = answered & design.in_domain
    for place, name in enumerate(parts):
        below = used & (values[:, place] < 0)
        if below.any():
            row = int(np.flatnonzero(below)[0])
            raise InputError(
                "a part of a whole is negative",
                row=sheet_row(row),
                column=name,
                value=values[row, place],
                hint="correct or blank it",
            )
    wrong = used & (np.abs(values.sum(axis=1) - total) > 1e-6 * total)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"parts do not add up to {total:g}",
            row=sheet_row(row),
            column=", ".join(parts),
            value=values[row].sum(),
            hint="correct the row, or name what they add up to: total=",
        )
    shares = np.full(values.shape, np.nan)
    shares[used] = closed(values[used])
    return shares, answered
