"""Many tests at once: p values adjusted within a declared family."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ngo_survey.errors import InputError
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
