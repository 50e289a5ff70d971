"""Do answers of many go with something: one test over all choices, which respondents share.

Each respondent ticks any number of items, so that the 2 x r tables of the items are dependent and
their chi-squares may not simply be added up and looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.crosstabs import Test
from ngo_survey.statistics.estimation.domains import Codes, Floats, column, indicators

Method = Literal["rao-scott", "bilder-loughin"]


def multiple_independence_test(
    design: SurveyDesign,
    items: Sequence[str],
    by: str | Sequence[str],
    method: Method = "rao-scott",
) -> Test:
    """Test whether answers of many are independent of one variable, or of other answers of many.

    The statistic is the sum of Pearson's over the items (Agresti & Liu 1999, Biometrics 55,
    936-943), or over all pairs of items (Bilder & Loughin 2004, Biometrics 60, 241-248):
    simultaneous pairwise marginal independence.

    Parameters
    ----------
    items: columns of 0 and 1, one an item; respondents with a missing one are left out.
    by: a categorical variable, or columns of 0 and 1 as well.
    method: ``rao-scott``: second-order correction with the design's covariance, F on the design's
        degrees of freedom (Thomas & Decady 2004, Int. J. Test. 4, 43-59). ``bilder-loughin``: their
        chi-square for a simple random sample, as R ``MRCV::MI.test(type = "rs2")``: its trace is
        the number of tables, pairs without a respondent count a half.

    Returns
    -------
    ``statistic`` (for ``rao-scott`` over its trace), ``df1``, ``df2`` (NaN for a chi-square),
    ``p``, ``effect`` (root of the mean over the tables of Pearson's over n) and ``n``.

    Raises
    ------
    InputError: an item that is not 0 and 1, one that everybody or nobody ticked, one level of
        ``by``, no degrees of freedom.
    """
    ticked, answered = ticks(design, items)
    if isinstance(by, str):
        beside, also, _ = indicators(column(design, by))
        return _tested(design, ticked, answered & also, beside, False, list(items), [by], method)
    beside, also = ticks(design, by)
    return _tested(design, ticked, answered & also, beside, True, list(items), list(by), method)


def multiple_independence_of(
    design: SurveyDesign, ticked: Floats, answered: NDArray[np.bool_], codes: Codes
) -> Test:
    """Test whether answers of many (0/1 columns) are independent of a coding (-1 for none).

    See :func:`multiple_independence_test`, of which this is the part without names. Items that
    everybody or nobody ticked say nothing and are left out.
    """
    levels = int(codes.max(initial=-1)) + 1
    inside = design.in_domain & answered & (codes >= 0)
    answers = ticked[inside]
    varied = np.ptp(answers, axis=0) > 0 if len(answers) else np.zeros(ticked.shape[1], dtype=bool)
    if not varied.any():
        raise InputError("no item of many answers varies")
    beside = (codes[:, None] == np.arange(levels)).astype(float)
    kept = np.where(inside[:, None], ticked[:, varied], 0.0)
    names = [str(place) for place in np.flatnonzero(varied)]
    return _tested(design, kept, answered & (codes >= 0), beside, False, names, [""], "rao-scott")


def _tested(
    design: SurveyDesign,
    ticked: Floats,
    answered: NDArray[np.bool_],
    beside: Floats,
    many: bool,
    items: list[str],
    by: list[str],
    method: Method,
) -> Test:
    inside = design.in_domain & answered
    if not inside.any():
        raise InputError("nobody answered both questions of a test")
    design.refuse_negative_weights("a test of a table")
    n = int(inside.sum())
    nu = design.degrees_of_freedom
    if nu <= 0:
        raise InputError("a test has no degrees of freedom", hint="widen the domain")
    w = np.where(inside, design.weights, 0.0) / design.weights[inside].sum()
    _refuse_constant(w @ ticked, items)
    if not many:
        beside = beside[:, (w @ beside) > 0]
        if beside.shape[1] < 2:
            raise InputError("a test of independence needs two levels", column=by[0])
        distance, expected = _single(w, ticked, beside)
        tables = (beside.shape[1] - 1) * ticked.shape[1]
    else:
        _refuse_constant(w @ beside, by)
        distance, expected, influence = _pairs(w, ticked, beside)
        tables = distance.size
    pearson = n * float((distance**2 / expected).sum())
    effect = float(np.sqrt(pearson / n / ticked.shape[1]))
    if not many and method == "rao-scott":
        spread = (
            n * _single_spread(design, w, ticked, beside) / np.sqrt(np.outer(expected, expected))
        )
        return _corrected(pearson, spread, tables, nu, effect, n)
    if not many:
        influence = _single_influence(w, ticked, beside)
    influence = np.where(inside[:, None], influence, 0.0) / np.sqrt(expected)
    if method == "bilder-loughin":
        if many:
            pearson = _with_halves(ticked[inside], beside[inside])
        simple = (influence * w[:, None]).T @ influence
        second = float(np.trace(simple @ simple))
        df = tables**2 / second
        statistic = tables * pearson / second
        p = float(distributions.chi2_tail(statistic, df))
        return Test(method, statistic, df, np.nan, p, effect, n)
    if method != "rao-scott":
        raise InputError("no such test", value=method, hint="rao-scott or bilder-loughin")
    spread = n * design.covariance(influence / design.weights[inside].sum())
    return _corrected(pearson, spread, tables, nu, effect, n)


def _corrected(pearson: float, spread: Floats, tables: int, nu: int, effect: float, n: int) -> Test:
    """Correct a sum of Pearson's to the second order (Thomas & Decady 2004)."""
    trace = float(np.trace(spread))
    if trace <= 1e-9 * tables:
        raise InputError("the shares of a table are known from the register: nothing to test")
    df1 = trace**2 / float(np.trace(spread @ spread))
    statistic = pearson / trace
    p = float(distributions.f_tail(statistic, df1, df1 * nu))
    return Test("rao-scott", statistic, df1, df1 * nu, p, effect, n)


def _single(w: Floats, ticked: Floats, beside: Floats) -> tuple[Floats, Floats]:
    """Return distances and their simple variances, (r levels x c items) flat."""
    share, total = w @ beside, w @ ticked
    joint = beside.T @ (w[:, None] * ticked)
    distance = joint - np.outer(share, total)
    return distance.ravel(), np.outer(share, total * (1 - total)).ravel()


def _single_influence(w: Floats, ticked: Floats, beside: Floats) -> Floats:
    """Return influences of the distances, (n, r c).

    Given the level, as if levels were sampled apart: what the level itself adds is zero where the
    hypothesis holds.
    """
    share = w @ beside
    within = beside.T @ (w[:, None] * ticked) / share[:, None]
    own = beside[:, :, None] * (ticked[:, None, :] - within)
    influence = own - share[None, :, None] * own.sum(axis=1, keepdims=True)
    return influence.reshape(len(w), -1)


def _single_spread(design: SurveyDesign, w: Floats, ticked: Floats, beside: Floats) -> Floats:
    """Return the covariance of the distances, (r c, r c), as of :func:`_single_influence`.

    The levels are domains that do not overlap: their covariances are turned into those of the
    distances, and no column a level and item is made.
    """
    share, items = w @ beside, ticked.shape[1]
    within = beside.T @ (w[:, None] * ticked) / share[:, None]
    codes = np.where((w > 0) & beside.any(axis=1), beside.argmax(axis=1), -1)
    own = np.where((codes >= 0)[:, None], ticked - within[codes], 0.0)
    weight = design.weights[w > 0].sum()
    spread = design.crossed_covariance(own / weight, codes, len(share))
    turn = np.kron(np.eye(len(share)) - np.outer(share, np.ones(len(share))), np.eye(items))
    return turn @ spread @ turn.T


def _pairs(w: Floats, ticked: Floats, beside: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the same for every pair of an item with an item."""
    q, s = w @ ticked, w @ beside
    product = (ticked - q)[:, :, None] * (beside - s)[:, None, :]
    flat = product.reshape(len(w), -1)
    distance = w @ flat
    expected = np.outer(q * (1 - q), s * (1 - s)).ravel()
    return distance, expected, flat - distance


def _with_halves(ticked: Floats, beside: Floats) -> float:
    """Return the sum of Pearson's over pairs; an empty cell of a 2 x 2 table counts a half."""
    total = 0.0
    for item in ticked.T:
        for other in beside.T:
            table = np.array(
                [[((item == a) & (other == b)).sum() for b in (0, 1)] for a in (0, 1)], dtype=float
            )
            if (table == 0).any():
                table[table == 0] = 0.5
            expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
            total += float(((table - expected) ** 2 / expected).sum())
    return total


def ticks(design: SurveyDesign, items: Sequence[str]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return columns of 0 and 1 as numbers, and who answered all; refuses any other number."""
    frame = pd.DataFrame({name: column(design, name) for name in items})
    answered = frame.notna().all(axis=1).to_numpy()
    values = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    for name, numbers in zip(items, values.T, strict=True):
        wrong = answered & ~np.isin(numbers, (0.0, 1.0))
        if wrong.any():
            raise InputError(
                "an item of many answers is not 0 or 1",
                column=name,
                value=frame[name].iloc[int(wrong.argmax())],
                hint="code it 1 for ticked, 0 for not",
            )
    return np.nan_to_num(values), answered


def _refuse_constant(shares: Floats, names: list[str]) -> None:
    for name, share in zip(names, shares, strict=True):
        if share < 1e-12 or share > 1 - 1e-12:  # sums of weights leave 1 - 2e-16
            raise InputError(
                "everybody or nobody ticked this item", column=name, hint="leave it out of the test"
            )
