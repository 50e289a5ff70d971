"""Many tests at once: p values adjusted within a declared family."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ngo_survey.errors import InputError
from ngo_survey.statistics import distributions
from ngo_survey.statistics.estimation.domains import Floats


def adjust(p: ArrayLike, method: Literal["holm", "bh"] = "holm") -> Floats:
    """Return p values adjusted within a declared family; missing ones are no part of it.

    ``holm``: Holm 1979 (error of the family); ``bh``: Benjamini & Hochberg 1995 (share of false
    among those found), for exploring. Here and not from statsmodels, whose ``multipletests``
    collects garbage at each call: 60 ms a family, of which a set of tables has hundreds.
    """
    if method not in ("holm", "bh"):
        raise InputError("no such adjustment", value=method, hint="holm or bh")
    values = np.asarray(p, dtype=float)
    found = np.full(values.shape, np.nan)
    valid = np.flatnonzero(~np.isnan(values))
    size = len(valid)
    order = valid[np.argsort(values[valid], kind="stable")]
    rank = np.arange(1, size + 1)
    if method == "holm":
        found[order] = np.maximum.accumulate(values[order] * (size + 1 - rank))
    else:
        stepped = values[order] * size / rank
        found[order] = np.minimum.accumulate(stepped[::-1])[::-1]
    return np.minimum(found, 1.0)


def gatekeep(gate: ArrayLike, p: ArrayLike) -> Floats:
    """Return adjusted p values of a family that is looked at only where its gate is passed.

    Serial gatekeeping: a hypothesis of a later family is rejected only where the test before it is,
    so that the error of both families together stays at the level, and no later test is found where
    the earlier one found nothing (Westfall & Krishen 2001, J. Stat. Plan. Inference 99, 25-40;
    Dmitrienko & Tamhane 2007, Pharm. Stat. 6, 171-180). A gate that is missing stops nobody.

    Parameters
    ----------
    gate: adjusted p of the test before; one for all, or one for each.
    p: p values adjusted within their own family.
    """
    return np.fmax(np.asarray(p, dtype=float), np.where(np.isnan(p), np.nan, gate))


def limits_of_tests(
    frame: pd.DataFrame, df: ArrayLike, value: str = "difference", level: float = 0.95
) -> pd.DataFrame:
    """Return differences with limits that leave zero out exactly where their adjusted test does.

    A stepwise procedure rejects where p is below ``a p / p_adjusted``, with ``a = 1 - level``: of
    Holm's, a over the number of tests not yet rejected. So the limits are those of t at the level
    ``1 - a p / p_adjusted``; that of a stepwise test gives its limits is shown for Hochberg's by
    Efird & Nielsen 2008 (Int. J. Environ. Res. Public Health 5, 394-398). Each holds at ``level``
    or above by itself, those of one family not all at once: Holm's own simultaneous limits end at
    zero wherever one difference of the family is not told from chance, and say nothing of a size
    (Guilbaud 2008, Biom. J. 50, 678-692; Strassburger & Bretz 2008, Stat. Med. 27, 4914-4927).

    Parameters
    ----------
    frame: the column ``value``; ``se``, and ``p`` and ``p_adjusted`` of the t test that it is
        zero; ``ci_low`` and ``ci_high``, which stay where nothing was tested.
    df: degrees of freedom of the tests; one for all, or one for each row.
    """
    p, adjusted, middle, se = (
        frame[name].to_numpy(dtype=float) for name in ("p", "p_adjusted", value, "se")
    )
    tested = np.isfinite(p) & np.isfinite(adjusted)
    # A p too small for a number is the first of its family: Bonferroni's step.
    step = np.full(len(p), 1 / max(int(tested.sum()), 1))
    np.divide(p, adjusted, out=step, where=tested & (p > 0) & (adjusted > 0))
    half = (
        -distributions.t_quantile(
            (1 - level) * np.minimum(step, 1.0) / 2, np.asarray(df, dtype=float)
        )
        * se
    )
    return frame.assign(
        ci_low=np.where(tested, middle - half, frame["ci_low"]),
        ci_high=np.where(tested, middle + half, frame["ci_high"]),
    )
