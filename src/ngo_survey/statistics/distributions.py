"""Tails and quantiles of the distributions that tests and limits stand on.

The functions that ``scipy.stats`` itself calls, with the same values to the last bit. To import
that module takes more processor time than what most verbs ask of it. Arguments broadcast; NaN in
gives NaN out, and so do degrees of freedom that are not positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


def t_tail(x: ArrayLike, df: ArrayLike) -> Floats:
    """Return ``P(T > x)`` of Student's t with ``df`` degrees of freedom."""
    return np.asarray(special.stdtr(df, -np.asarray(x, dtype=float)))


def t_quantile(p: ArrayLike, df: ArrayLike) -> Floats:
    """Return the ``x`` with ``P(T <= x) = p``, for ``p`` from 0 to 1."""
    return _known(special.stdtrit(df, p), p)


def f_tail(x: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """Return ``P(F > x)``; 1 below zero, where no F lies."""
    return np.asarray(special.fdtrc(df1, df2, _above_zero(x)))


def chi2_tail(x: ArrayLike, df: ArrayLike) -> Floats:
    """Return ``P(X > x)`` of a chi-square with ``df`` degrees of freedom; 1 below zero."""
    freedom = np.asarray(df, dtype=float)
    return np.asarray(special.chdtrc(np.where(freedom > 0, freedom, np.nan), _above_zero(x)))


def chi2_quantile(p: ArrayLike, df: ArrayLike) -> Floats:
    """Return the ``x`` with ``P(X <= x) = p``, for ``p`` from 0 to 1."""
    return np.asarray(2 * special.gammaincinv(np.asarray(df, dtype=float) / 2, p))


def normal_tail(x: ArrayLike) -> Floats:
    """Return ``P(Z > x)`` of a standard normal."""
    return np.asarray(special.ndtr(-np.asarray(x, dtype=float)))


def normal_quantile(p: ArrayLike) -> Floats:
    """Return the ``x`` with ``P(Z <= x) = p``."""
    return np.asarray(special.ndtri(p))


def beta_quantile(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """Return the ``x`` with ``P(B <= x) = p`` of a beta distribution."""
    return np.asarray(special.betaincinv(a, b, p))


def _above_zero(x: ArrayLike) -> Floats:
    return np.maximum(np.asarray(x, dtype=float), 0.0)


def _known(made: ArrayLike, p: ArrayLike) -> Floats:
    # The quantile of NaN would be infinite.
    return np.where(np.isnan(p), np.nan, made)
