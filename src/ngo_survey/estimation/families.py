"""Many tests at once: p values adjusted within a declared family."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ngo_survey.errors import InputError
from ngo_survey.estimation.domains import Floats


def adjust(p: ArrayLike, method: Literal["holm", "bh"] = "holm") -> Floats:
    """Return p values adjusted within a declared family; missing ones are no part of it.

    ``holm``: Holm 1979 (error of the family); ``bh``: Benjamini & Hochberg 1995 (share of false
    among those found), for exploring.
    """
    from statsmodels.stats.multitest import multipletests

    known = {"holm": "holm", "bh": "fdr_bh"}
    if method not in known:
        raise InputError("no such adjustment", value=method, mend="holm or bh")
    values = np.asarray(p, dtype=float)
    found = np.full(values.shape, np.nan)
    told = ~np.isnan(values)
    if told.any():
        found[told] = multipletests(values[told], method=known[method])[1]
    return found
