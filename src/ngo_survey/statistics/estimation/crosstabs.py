"""Two-way tables and tests of independence for survey data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from ngo_survey.errors import InputError
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import (
    Codes,
    Floats,
    category_codes,
    column,
    domains,
    heads,
)
from ngo_survey.statistics.estimation.means import Names, numeric, proportion
from ngo_survey.statistics.limits import Method
from ngo_survey.statistics.names import name_list

Percentages = Literal["joint", "row", "column"]
TestMethod = Literal["rao-scott", "first-order", "wald"]


def crosstab(
    design: SurveyDesign,
    row: Names,
    col: Names,
    percentages: Percentages = "column",
    limits: Method = "wilson",
    level: float = 0.95,
) -> pd.DataFrame:
    """Cross-tabulate two variables, or every pair of several.

    ``column``: distribution of ``row`` in each level of ``col``; ``row``: the other way round;
    ``joint``: shares of all. One row a cell: ``row_variable``, ``row``, ``column_variable``,
    ``column`` and the figures of :func:`means.proportion`.
    """
    frames = []
    for upper in name_list(row):
        for left in name_list(col):
            frame = _crosstab(design, upper, left, percentages, limits, level)
            frame.insert(0, "row_variable", upper)
            frame.insert(1, "row", frame.pop("row"))
            frame.insert(2, "column_variable", left)
            frame.insert(3, "column", frame.pop("column"))
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _crosstab(
    design: SurveyDesign,
    row: str,
    col: str,
    percentages: Percentages,
    limits: Method,
    level: float,
) -> pd.DataFrame:
    if percentages in ("column", "row"):
        inner, outer = (row, col) if percentages == "column" else (col, row)
        frame = proportion(design, inner, by=outer, limits=limits, level=level)
        own, beside = ("row", "column") if percentages == "column" else ("column", "row")
        return frame.rename(columns={"category": own, heads([outer])[0]: beside}).drop(
            columns="variable"
        )
    if percentages != "joint":
        raise InputError("no such percentages", value=percentages, hint="joint, row or column")
    cells = domains(design, [row, col])
    crossed = pd.Categorical.from_codes(cells.codes, categories=pd.Index(range(len(cells.levels))))
    name = f"{row} x {col}"
    frame = proportion(design.assign(**{name: crossed}), name, limits=limits, level=level)
    pairs = [cells.levels[int(code)] for code in frame["category"]]
    frame["row"], frame["column"] = [p[0] for p in pairs], [p[1] for p in pairs]
    return frame.drop(columns=["variable", "category"])


@dataclass(frozen=True)
class Test:
    """A test: ``statistic`` ~ F(df1, df2), or chi-square(df1) where df2 is NaN."""

    method: str
    statistic: float
    df1: float
    df2: float
    p: float
    effect: float = np.nan
    n: int = 0
    effect_low: float = np.nan
    effect_high: float = np.nan


def independence_test(
    design: SurveyDesign,
    row: Names,
    col: Names,
    method: TestMethod = "rao-scott",
    level: float = 0.95,
) -> pd.Series | pd.DataFrame:
    """Test whether two categorical variables are independent.

    ``rao-scott``: second-order correction of Pearson's statistic, F on (nu, nu df) degrees of
    freedom (Rao & Scott 1984, Ann. Stat. 12, eq. 2.14; Thomas & Rao 1987; R ``svychisq("F")``).
    ``first-order``: Pearson's statistic over the mean generalised design effect (R "Chisq"; the
    statistic shown is Pearson's). ``wald``: Wald statistic of the residuals over its rank
    (Koch, Freeman & Freeman 1975; R "Wald"). ``effect`` is Cramer's V of the weighted table with
    the bias correction of Bergsma 2013; for ``rao-scott`` its limits invert the noncentral
    chi-square (Smithson 2003, ch. 4) of the statistic corrected for the design.

    Returns
    -------
    One row (a Series) with ``row_variable``, ``column_variable``, ``method``, ``n``,
    ``statistic``, ``df1``, ``df2`` (NaN for a chi-square), ``p``, ``effect``, ``effect_low``,
    ``effect_high``; with a list of names
    on either side a frame with such a row for every pair.

    Raises
    ------
    InputError: fewer than two levels that anybody chose, no degrees of freedom, fewer of them than
        ``wald`` has cells, negative weights, an unknown method;
        so many empty cells that the generalised design effects are not determined; shares that
        the calibration fixes, so that no variance is left.
    """
    rows = []
    for upper in name_list(row):
        for left in name_list(col):
            made = _independence(design, column(design, upper), column(design, left), method, level)
            heads = {"row_variable": upper, "column_variable": left, "method": made.method}
            keys = ("n", "statistic", "df1", "df2", "p", "effect", "effect_low", "effect_high")
            rows.append({**heads, **{key: getattr(made, key) for key in keys}})
    if isinstance(row, str) and isinstance(col, str):
        return pd.Series(rows[0], dtype=object)
    return pd.DataFrame(rows)


def _independence(
    design: SurveyDesign, above: pd.Series, beside: pd.Series, method: TestMethod, level: float
) -> Test:
    upper, left = category_codes(above)[0], category_codes(beside)[0]
    return independence_of(design, upper, left, method, level)


def independence_of(
    design: SurveyDesign,
    upper: Codes,
    left: Codes,
    method: TestMethod = "rao-scott",
    level: float = 0.95,
) -> Test:
    """Test whether two codings of the respondents (-1 for none) are independent.

    See :func:`independence_test`, of which this is the part without names.
    """
    inside = design.in_domain & (upper >= 0) & (left >= 0)
    n = int(inside.sum())
    if n == 0:
        raise InputError("nobody answered both questions of a test")
    # A level that nobody chose is no level of this table.
    upper, r = _present(upper, inside)
    left, c = _present(left, inside)
    if min(r, c) < 2:
        raise InputError("a test of independence needs two levels that somebody chose")
    design.refuse_negative_weights("a test of a table")
    # As R: those of the domain, whether or not all of it answered.
    nu = design.degrees_of_freedom
    if nu <= 0:
        raise InputError("a test has no degrees of freedom", hint="widen the domain")
    cells = np.where(inside, upper * c + left, -1)
    weights = design.weights[inside]
    weight = float(weights.sum())
    p = np.bincount(cells[inside], weights, r * c) / weight
    counts = design.cell_covariance(cells, r * c)
    return test_of_shares(p, counts, (r, c), (n, weight, nu), method, level)


def test_of_shares(
    p: Floats,
    counts: Floats,
    shape: tuple[int, int],
    base: tuple[int, float, int],
    method: TestMethod,
    level: float,
) -> Test:
    """Test whether rows and columns of a table are independent: see :func:`independence_test`.

    Parameters
    ----------
    p: (r c,) shares of the cells, no row or column of them empty; counts: (r c, r c) covariance of
        their weighted counts.
    shape: r and c; base: respondents, the sum of their weights, degrees of freedom of the design.
    """
    (r, c), (n, weight, nu) = shape, base
    table = p.reshape(r, c)
    p_row, p_col = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(p_row, p_col).ravel()
    pearson = n * float(((p - expected) ** 2 / expected).sum())
    effect = _cramers_v(pearson / n, n, r, c)
    k = (r - 1) * (c - 1)
    if method == "wald":
        statistic = _wald(p, counts, weight, (r, c), nu)
        return Test(
            method, statistic, k, nu, float(distributions.f_tail(statistic, k, nu)), effect, n
        )
    centre = np.eye(r * c) - np.outer(p, np.ones(r * c))
    spread = centre @ counts @ centre.T / weight**2
    delta = _generalised_design_effects(p, spread, r, c, n)
    trace = float(np.trace(delta))
    if trace <= 1e-9 * k:  # what is left of zero after rounding
        raise InputError("the shares of a table are known from the register: nothing to test")
    if method == "first-order":
        p_value = float(distributions.chi2_tail(pearson * k / trace, k))
        return Test(method, pearson, k, np.nan, p_value, effect, n)
    if method != "rao-scott":
        raise InputError("no such test", value=method, hint="rao-scott, first-order or wald")
    df1 = trace**2 / float(np.trace(delta @ delta))
    statistic = pearson / trace
    p_value = float(distributions.f_tail(statistic, df1, df1 * nu))
    # Per unit of noncentrality the squared effect is the mean design effect over n (min - 1).
    unit = trace / df1 / (n * (min(r, c) - 1))
    low, high = (np.sqrt(unit * x) for x in _noncentrality(statistic * df1, df1, level))
    return Test(method, statistic, df1, df1 * nu, p_value, effect, n, low, min(high, 1.0))


def _wald(p: Floats, counts: Floats, weight: float, shape: tuple[int, int], nu: int) -> float:
    """Return the Wald statistic of the residuals of a table over its rank.

    Parameters
    ----------
    p: (r c,) shares of the cells; counts: (r c, r c) covariance of their weighted counts.
    weight: sum of weights; nu: degrees of freedom of the design.
    """
    r, c = shape
    k = (r - 1) * (c - 1)
    hint = 'use method="rao-scott", or merge levels'
    if k > nu:
        raise InputError(
            f"a Wald test of {k} cells cannot stand on {nu} degrees of freedom", hint=hint
        )
    table = p.reshape(r, c)
    p_row, p_col = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(p_row, p_col).ravel()
    # The residuals are linear in the cells: shares of cells less products of margins.
    one = np.ones((r * c, 1))
    of_row, of_col = (np.kron(np.eye(r), np.ones((1, c))), np.kron(np.ones((1, r)), np.eye(c)))
    change = (
        np.eye(r * c)
        - np.kron(np.eye(r), p_col[:, None]) @ of_row
        - np.kron(p_row[:, None], np.eye(c)) @ of_col
        + expected[:, None] @ one.T
    )
    use = np.arange(r * c).reshape(r, c)[1:, 1:].ravel()
    distance = weight * (p - expected)[use]
    spread = (change @ counts @ change.T)[np.ix_(use, use)]
    if np.linalg.matrix_rank(spread, hermitian=True) < k:
        raise InputError("the residuals of a table have no variance of full rank", hint=hint)
    return float(distance @ np.linalg.solve(spread, distance)) / k


def _present(codes: Codes, inside: NDArray[np.bool_]) -> tuple[Codes, int]:
    """Return codes of the levels that somebody has, in order, and their number."""
    there = np.bincount(codes[inside]) > 0
    place = np.cumsum(there) - 1
    return np.where(inside, place[np.where(inside, codes, 0)], -1), int(there.sum())


def _generalised_design_effects(p: Floats, spread: Floats, r: int, c: int, n: int) -> Floats:
    """Rao & Scott 1984, eq. 2.7: the matrix whose eigenvalues are the generalised effects."""
    ones_r, ones_c = np.ones((r, 1)), np.ones((c, 1))
    main = np.concatenate(
        [
            np.kron(ones_r, ones_c),
            np.kron(np.eye(r)[:, 1:], ones_c),
            np.kron(ones_r, np.eye(c)[:, 1:]),
        ],
        axis=1,
    )
    interaction = np.kron(np.eye(r)[:, 1:], np.eye(c)[:, 1:])
    q, _ = np.linalg.qr(main)
    contrast = interaction - q @ (q.T @ interaction)
    if np.linalg.matrix_rank(contrast[p > 0]) < contrast.shape[1]:
        raise InputError("too many cells of a table are empty for a test", hint="merge levels")
    inverse = np.where(p > 0, 1 / np.where(p > 0, p, 1.0), 0.0)
    simple = contrast.T @ (contrast * (inverse / n)[:, None])
    scaled = contrast * inverse[:, None]
    return np.linalg.solve(simple, scaled.T @ spread @ scaled)


def _cramers_v(phi2: float, n: int, r: int, c: int) -> float:
    """Bias-corrected Cramer's V (Bergsma 2013, J. Korean Stat. Soc. 42, 323-328)."""
    if n < 2:
        return np.nan
    corrected = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    r2, c2 = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    return float(np.sqrt(corrected / max(min(r2, c2) - 1, 1e-12)))


def _noncentrality(statistic: float, df: float, level: float) -> tuple[float, float]:
    """Return limits of the noncentrality of a chi-square by inverting its distribution."""
    from scipy.optimize import brentq

    def limit(tail: float) -> float:
        def off(x: float) -> float:
            return float(special.chndtr(statistic, df, x) - tail)

        if off(1e-12) < 0:
            return 0.0
        top = statistic + 10.0
        while off(top) > 0:
            top *= 2
        return float(brentq(off, 1e-12, top, xtol=1e-10))

    return limit(0.5 + level / 2), limit(0.5 - level / 2)


def means_test(design: SurveyDesign, variable: str, by: str) -> Test:
    """Test whether a mean is the same in every domain of ``by``.

    Adjusted Wald F of the differences from the last domain (Korn & Graubard 1990, Am. Stat. 44,
    270-276). ``effect`` is the share of the weighted variance that lies between the domains.

    Raises
    ------
    InputError: fewer than two domains with respondents, or too few degrees of freedom.
    """
    numbers, answered = numeric(design, variable)
    codes = np.where(answered, category_codes(column(design, by))[0], -1)
    try:
        return means_of(design, numbers, codes)
    except InputError as error:
        raise InputError(error.problem, column=by, hint=error.hint) from error


def means_of(design: SurveyDesign, numbers: Floats, codes: Codes) -> Test:
    """Test whether a mean is the same in every domain of a coding (-1 for none).

    See :func:`means_test`, of which this is the part without names.
    """
    inside = design.in_domain & (codes >= 0)
    if not inside.any():
        raise InputError("nobody answered the question of a test")
    codes, groups = _present(codes, inside)
    inside = codes >= 0
    k = groups - 1
    nu = int(design.counted_degrees_of_freedom(np.where(inside, 0, -1), 1)[0])
    if k < 1:
        raise InputError("a test of means needs two domains with respondents")
    if nu - k + 1 <= 0:
        raise InputError("a test of means has too few degrees of freedom")
    mine, w, y = codes[inside], design.weights[inside], numbers[inside]
    size = np.bincount(mine, w, groups)
    means = np.bincount(mine, w * y, groups) / size
    influence = np.zeros((len(codes), 1))
    influence[inside, 0] = (y - means[mine]) / size[mine]
    spread = design.domain_covariances(influence, codes, groups)[0][0]
    contrast = np.hstack([np.eye(k), -np.ones((k, 1))])
    difference = contrast @ means
    try:
        wald = float(difference @ np.linalg.solve(contrast @ spread @ contrast.T, difference))
    except np.linalg.LinAlgError:
        raise InputError("the means of a test have no variance") from None
    statistic = wald * (nu - k + 1) / (nu * k)
    overall = float(w @ y) / w.sum()
    between = float(size @ (means - overall) ** 2)
    around = float(w @ (y - overall) ** 2)
    p_value = float(distributions.f_tail(statistic, k, nu - k + 1))
    effect = between / around if around > 0 else np.nan
    return Test("wald", statistic, k, nu - k + 1, p_value, effect, int(inside.sum()))
