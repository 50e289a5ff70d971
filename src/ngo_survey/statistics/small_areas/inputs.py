"""Direct estimates, their variances and auxiliary columns of areas: aligned by area, or refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.limits import Floats

#: The column of ones, as models name it.
INTERCEPT = "(intercept)"
#: Columns whose scaled singular values differ by more than this are collinear.
COLLINEAR = 1e-10


@dataclass(frozen=True)
class Areas:
    """What the model of areas is fitted to.

    Attributes
    ----------
    index: every area, in the order of the auxiliary columns: with a sample or without.
    columns: names of the columns of ``X``, the intercept first.
    X: (areas, columns).
    direct, variance: one an area, NaN for an area without a sample; on the scale of the model.
    sampled: whether an area has a direct estimate.
    """

    index: pd.Index
    columns: tuple[str, ...]
    X: Floats
    direct: Floats
    variance: Floats
    sampled: NDArray[np.bool_]


def areas(
    direct: pd.Series,
    variance: pd.Series,
    X: pd.DataFrame | pd.Series | None,
    what: str = "variance",
) -> Areas:
    """Bring direct estimates, variances and auxiliary columns into one order, by their index.

    Parameters
    ----------
    direct: by area; an area that is NaN or absent has no sample.
    variance: by area, positive wherever ``direct`` is a number.
    X: by area, numbers without gaps; its rows are the areas that are estimated. None: the areas of
        ``direct``, with the intercept alone.
    what: what ``variance`` is called where it is refused.

    Raises
    ------
    InputError: no Series; an area twice; a direct estimate without auxiliary columns; a variance
        that is missing, zero or negative; gaps or words in a column; too few areas; collinearity.
    """
    direct, variance = by_area(direct, "direct"), by_area(variance, what)
    direct = direct.dropna()
    if X is None:
        X = pd.DataFrame(index=direct.index)
    elif isinstance(X, pd.Series):
        X = X.to_frame(X.name if X.name is not None else "x")
    columns = _columns(X)
    absent = direct.index.difference(columns.index, sort=False)
    if len(absent):
        raise InputError(
            "an area has a direct estimate and no auxiliary columns",
            value=absent[0],
            hint="add its row to X, under the same name",
        )
    known = variance.reindex(direct.index)
    wrong = ~(np.isfinite(known) & (known > 0))
    if wrong.any():
        raise InputError(
            f"an area has a direct estimate whose {what} is not above zero",
            column=str(known.index[wrong][0]),
            value=known[wrong].iloc[0],
            hint="a share of none or all has no variance of its own: give effective_size in place "
            "of variance, or smooth variances (ns.smoothed_variance); leave out an area that is "
            "known from a census",
        )
    if not np.isfinite(direct).all():
        raise InputError("a direct estimate is infinite", column="direct")
    made = Areas(
        index=columns.index,
        columns=(INTERCEPT, *map(str, columns)),
        X=np.column_stack([np.ones(len(columns)), columns.to_numpy(dtype=float)]),
        direct=direct.reindex(columns.index).to_numpy(dtype=float),
        variance=known.reindex(columns.index).to_numpy(dtype=float),
        sampled=np.asarray(columns.index.isin(direct.index)),
    )
    _check_rank(made)
    return made


def by_area(values: object, what: str) -> pd.Series:
    """Return one number an area as a Series of floats; refuse what is no such Series."""
    if not isinstance(values, pd.Series):
        raise InputError(
            "one value an area is not given by area",
            column=what,
            value=type(values).__name__,
            hint='give a Series with the areas as its index, e.g. made.set_index("region")'
            '["estimate"]',
        )
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        raise InputError(
            "the values of the areas are no numbers",
            column=what,
            value=values.dtype,
            hint="pandas.to_numeric(values) makes numbers of text",
        )
    _unique(values.index, what)
    return values.astype(float)


def _unique(index: pd.Index, what: str) -> None:
    if index.has_duplicates:
        raise InputError(
            "an area stands twice in the index",
            column=what,
            value=index[index.duplicated()][0],
            hint="one row an area: set_index() with the column that names the areas",
        )


def _columns(X: object) -> pd.DataFrame:
    if not isinstance(X, pd.DataFrame):
        raise InputError(
            "the auxiliary columns are not given by area",
            column="X",
            value=type(X).__name__,
            hint="give a DataFrame with the areas as its index, one column a number",
        )
    _unique(X.index, "X")
    if not X.columns.is_unique:
        raise InputError(
            "two auxiliary columns have one name",
            column=str(X.columns[X.columns.duplicated()][0]),
            hint="rename or drop one of them",
        )
    for name in X:
        if not pd.api.types.is_numeric_dtype(X[name]):
            raise InputError(
                "an auxiliary column is no number",
                column=str(name),
                hint="pandas.get_dummies(X, drop_first=True, dtype=float) makes numbers of "
                "categories",
            )
        gaps = ~np.isfinite(X[name].to_numpy(dtype=float))
        if gaps.any():
            raise InputError(
                "an auxiliary column has a gap",
                column=str(name),
                value=X.index[gaps][0],
                hint="the model needs every column of every area that is estimated",
            )
    return X.astype(float)


def _check_rank(given: Areas) -> None:
    X = given.X[given.sampled]
    if len(X) < len(given.columns) + 2:
        raise InputError(
            f"{len(given.columns)} columns, the intercept counted, need at least "
            f"{len(given.columns) + 2} areas with a sample",
            value=len(X),
            hint="use fewer auxiliary columns",
        )
    scale = np.sqrt((X**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.linalg.svd(np.nan_to_num(X / scale), compute_uv=False)
    if values[-1] > COLLINEAR * values[0]:
        return
    ranks = [np.linalg.matrix_rank(np.nan_to_num(X / scale)[:, : k + 1]) for k in range(len(scale))]
    first = next(k for k, rank in enumerate(ranks) if rank < k + 1)
    raise InputError(
        "an auxiliary column is told by those before it, or by the intercept",
        column=given.columns[first],
        hint="leave it out; of categories leave out one, as drop_first=True of "
        "pandas.get_dummies does",
    )
