"""Sampling variances of small areas, smoothed: estimated from few respondents they are noise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics.small_areas.inputs import by_area

#: A variance function needs so many areas more than it has coefficients.
AREAS_LEFT = 2


def smoothed(
    variance: pd.Series, size: pd.Series, predictors: pd.DataFrame | None = None
) -> pd.Series:
    """Return smoothed sampling variances by a generalised variance function.

    ``log variance`` is regressed on ``log size`` and other columns, and its exponent scaled so
    that the variances keep their sum (Dick 1995, Surv. Methodol. 21, 45-54; Wolter 2007, ch. 7;
    Hidiroglou, Beaumont & Yung 2019, Surv. Methodol. 45, 101-126).

    Parameters
    ----------
    variance: by area; where it is missing or zero (a share of none) the function alone tells.
    size: respondents by area, positive, of every area that is wanted.
    predictors: further columns by area, e.g. the logarithm of a synthetic estimate.

    Returns
    -------
    One positive variance for each area of ``size``.

    Raises
    ------
    InputError: as :func:`inputs.by_area`; a negative variance, a size that is not positive, a gap
        in a column, or fewer areas with a variance than the function needs.
    """
    variance, size = by_area(variance, "variance"), by_area(size, "size")
    wrong = ~(np.isfinite(size) & (size > 0))
    if wrong.any():
        raise InputError(
            "an area without respondents has no variance to be smoothed",
            column=str(size.index[wrong][0]),
            value=size[wrong].iloc[0],
            hint="leave it out of size; the model estimates it without a sample",
        )
    if (variance < 0).any():
        raise InputError(
            "a variance is negative",
            column=str(variance.index[variance < 0][0]),
            value=variance[variance < 0].iloc[0],
            hint="give squares of standard errors; a variance that is not known is NaN",
        )
    columns = pd.DataFrame({"size": np.log(size)})
    if predictors is not None:
        columns = columns.join(predictors.reindex(size.index))
        if columns.isna().any(axis=None):
            raise InputError(
                "a column of the variance function has a gap",
                column=str(columns.columns[columns.isna().any()][0]),
                hint="give it for every area of size",
            )
    known = variance.reindex(size.index)
    used = (np.isfinite(known) & (known > 0)).to_numpy()
    X = np.column_stack([np.ones(len(columns)), columns.to_numpy(dtype=float)])
    if used.sum() < X.shape[1] + AREAS_LEFT:
        raise InputError(
            f"a variance function of {X.shape[1]} coefficients needs "
            f"{X.shape[1] + AREAS_LEFT} areas with a variance",
            value=int(used.sum()),
            hint="leave out predictors, or pool the design effect: effective_size of shares",
        )
    y = known.to_numpy(dtype=float)[used]
    coefficients = np.linalg.lstsq(X[used], np.log(y), rcond=None)[0]
    fitted = np.exp(X @ coefficients)
    return pd.Series(fitted * (y.sum() / fitted[used].sum()), index=size.index, name="variance")
