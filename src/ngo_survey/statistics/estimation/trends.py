"""Does a mean or a share go up or down over ordered columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.crosstabs import Test
from ngo_survey.statistics.estimation.domains import Codes, Floats, category_codes, column
from ngo_survey.statistics.estimation.means import values_of


def trend_test(design: SurveyDesign, variable: str, by: str, category: object = None) -> Test:
    """Test whether a mean, or the share of ``category``, goes up or down over ordered columns.

    The slope of the weighted regression on the columns' ranks 1, 2, 3..., linearised (Binder 1983;
    the design-based form of Armitage's 1955 test), as a squared t on F(1, df). ``effect`` is the
    slope, with its 95 % limits.

    Raises
    ------
    InputError: columns without an order, fewer than two with respondents, no degrees of freedom.
    """
    series = column(design, by)
    if not (isinstance(series.dtype, pd.CategoricalDtype) and series.cat.ordered):
        raise InputError(
            "a trend needs columns with an order", column=by, hint="declare it an ordered scale"
        )
    values, answered = values_of(design, variable, category)
    codes = np.where(answered, category_codes(series)[0], -1)
    try:
        return trend_of(design, values, codes)
    except InputError as error:
        raise InputError(error.problem, column=by, hint=error.hint) from error


def trend_of(design: SurveyDesign, values: Floats, codes: Codes) -> Test:
    """Test the trend of a mean over ordered codes (-1 for none).

    See :func:`trend_test`, of which this is the part without names.
    """
    score = codes.astype(float) + 1.0
    inside = design.in_domain & (codes >= 0)
    if len(np.unique(score[inside])) < 2:
        raise InputError("a trend needs two columns with respondents")
    nu = int(design.counted_degrees_of_freedom(np.where(inside, 0, -1), 1)[0]) - 1
    if nu <= 0:
        raise InputError("a trend has no degrees of freedom", hint="widen the domain")
    w = np.where(inside, design.weights, 0.0)
    y = np.where(inside, values, 0.0)
    x = np.where(inside, score - w @ np.where(inside, score, 0.0) / w.sum(), 0.0)
    square = float(w @ x**2)
    slope = float(w @ (x * y)) / square
    rest = np.where(inside, y - w @ y / w.sum() - slope * x, 0.0)
    variance = float(design.variance(x * rest / square)[0])
    if variance <= 0:
        raise InputError("the slope of a trend has no variance")
    statistic = slope**2 / variance
    half = float(distributions.t_quantile(0.975, nu)) * np.sqrt(variance)
    p_value = float(distributions.f_tail(statistic, 1, nu))
    n = int(inside.sum())
    return Test("trend", statistic, 1, nu, p_value, slope, n, slope - half, slope + half)
