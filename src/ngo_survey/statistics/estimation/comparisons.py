"""Columns of a table held against each other: every two of them, and each against the rest.

All figures of one estimand under one banner at once. Domains of a sample are not independent where
they share PSUs, strata or calibration, so that the covariance between them enters (Saerndal,
Swensson & Wretman 1992, sec. 5.5 and 5.8; R ``svycontrast``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.design.domain_sizes import distinct
from ngo_survey.statistics.estimation.domains import Codes, Domains, Floats


@dataclass(frozen=True)
class ColumnComparisons:
    """What comparing the G columns of a banner gives for m figures.

    Attributes
    ----------
    estimate: (G, m) means or shares; NaN in a column without respondents.
    pair_p: (m, G, G) p of the hypothesis that two columns have the same mean; NaN on the diagonal
        and where there is no variance to test with.
    rest: (G, m) the mean of everybody in the other columns.
    rest_se, rest_p: (G, m) of ``estimate - rest``.
    """

    estimate: Floats
    pair_p: Floats
    rest: Floats
    rest_se: Floats
    rest_p: Floats


def compare_columns(
    design: SurveyDesign,
    values: Floats,
    valid: NDArray[np.bool_],
    split: Domains,
    shares: bool = False,
) -> ColumnComparisons:
    """Compare the means of each column of ``values`` between the domains of a banner.

    Parameters
    ----------
    values: (n, m) numbers; rows that are not ``valid`` are never looked at.
    split: the columns of the banner; respondents in none of them (-1) belong to no rest either.
    shares: whether ``values`` are 0 and 1, so that counts will do.

    Returns
    -------
    Tests are t tests of linearised differences on the degrees of freedom of the two domains
    together. A share that is 0 or 1 in a column has no variance there and is not tested: its
    linearised difference would take that for certainty.
    """
    groups, m = len(split.levels), values.shape[1]
    codes = np.where(design.in_domain & valid, split.codes, -1)
    tally = design.tally(values, codes, groups) if shares else None
    if tally is not None:
        weight, sums, mean = tally.weight, tally.weighted, tally.shares
        own, beside = design.tallied_covariances(tally)
    else:
        weight, sums, mean, influence = _influence(design, values, codes, groups)
        own, beside = design.domain_covariances(influence, codes, groups)
    variance = np.diagonal(own[:m], axis1=1, axis2=2)
    there = (weight > 0)[:, None] & (variance.T > 0)

    pair = variance[:, :, None] + variance[:, None, :] - 2 * own[:m]
    apart = mean.T[:, :, None] - mean.T[:, None, :]
    pair_p = _p(apart, pair, pair_degrees_of_freedom(design, codes, groups))
    tested = there.T[:, :, None] & there.T[:, None, :]
    pair_p[~tested | np.eye(groups, dtype=bool)] = np.nan

    left = weight.sum() - weight
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = (sums.sum(axis=0) - sums) / left[:, None]
        share = np.where(np.eye(groups, dtype=bool), 0.0, weight[None, :] / left[:, None])
    # d rest = sum over others of W_h / W_rest (d mean_h + (mean_h - rest) d W_h / W_h).
    of_mean = np.eye(groups) - share
    of_size = -share * np.nan_to_num(mean.T[:, None, :] - rest.T[:, :, None])
    both = np.matmul(of_mean, own[:m])
    spread = (both * of_mean).sum(axis=2)
    spread += 2 * (np.matmul(of_mean, beside[:m]) * of_size).sum(axis=2)
    spread += (np.matmul(of_size, own[m]) * of_size).sum(axis=2)
    together = np.where(codes >= 0, 0, -1)
    df = float(design.counted_degrees_of_freedom(together, 1)[0])
    rest_variance = np.where(there & (left > 0)[:, None], spread.T, np.nan)
    rest_p = _p(mean - rest, rest_variance, np.full(mean.shape, df))
    return ColumnComparisons(mean, pair_p, rest, np.sqrt(rest_variance), rest_p)


def _influence(
    design: SurveyDesign, values: Floats, codes: Codes, groups: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return weights (G,), weighted sums and means (G, m), and influence values (n, m + 1).

    The last column is the size of the domain, on the scale of its weight.
    """
    inside, m = codes >= 0, values.shape[1]
    mine, known, w = codes[inside], values[inside], design.weights[inside]
    weight = np.asarray(np.bincount(mine, w, groups), dtype=float)
    by_column = [np.bincount(mine, w * column, groups) for column in known.T]
    sums = np.asarray(np.stack(by_column, axis=1), dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / weight[:, None]
    influence = np.zeros((len(codes), m + 1))
    influence[inside, :m] = (known - mean[mine]) / weight[mine, None]
    influence[inside, m] = 1.0 / weight[mine]
    return weight, sums, mean, influence


def pair_degrees_of_freedom(design: SurveyDesign, codes: Codes, groups: int) -> Floats:
    """Return (groups, groups) PSUs less strata among those with a respondent in either domain."""
    stage = design.first_stage
    inside = codes >= 0
    units, strata = stage.unit[inside], stage.stratum[stage.unit[inside]]

    def either(code: Codes, size: int) -> Floats:
        # However many of it are there, a unit is in a domain once.
        pairs = distinct(code * groups + codes[inside], size * groups)
        where = pairs // groups, pairs % groups
        there = sparse.csr_array((np.ones(len(pairs)), where), shape=(size, groups))
        both = (there.T @ there).toarray()
        own = np.diag(both)
        return own[:, None] + own[None, :] - both

    if stage.of_rows:
        # Each respondent is in one domain: the units of two are those of the one and of the other.
        n = np.bincount(codes[inside], minlength=groups).astype(float)
        of_units = n[:, None] + n[None, :] - np.diag(n)
    else:
        of_units = either(units, len(stage.stratum))
    apart = of_units - either(strata, len(stage.size))
    return np.asarray(design.at_most(apart), dtype=float)


def _p(difference: Floats, variance: Floats, df: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(difference) / np.sqrt(variance)
        p = 2 * distributions.t_tail(t, df)
    return np.where((variance > 0) & (df > 0), p, np.nan)
