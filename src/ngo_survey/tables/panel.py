"""Panels: columns of numbers that are estimated together because the same people answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kind = Literal["share", "mean", "ratio", "quantile", "total"]
Columns = Literal["all", "total"]


@dataclass(frozen=True)
class Member:
    """One figure of a panel: item of a battery, category ("" for none) and statistic."""

    item: str
    category: str
    statistic: str

    @property
    def name(self) -> str:
        """The part of a key between analysis and level.

        Item, category and statistic joined by dots; the statistic is left out where it goes without
        saying: the proportion of a category, the mean of a battery's item.
        """
        parts = [part for part in (self.item, self.category) if part]
        plain = (self.statistic == "proportion" and self.category) or (
            self.statistic in ("mean", "mean_share") and self.item
        )
        return ".".join(parts if plain else [*parts, self.statistic])


@dataclass(frozen=True)
class Panel:
    """Figures on one base.

    Attributes
    ----------
    variable: name that tells this panel's categories from another's.
    values: (n, m) numbers, one column a member; never looked at where not ``valid``. For the kind
        ``ratio`` a last column holds the denominator; for ``quantile`` there is one column.
    valid: (n,) who was asked and answered.
    members: what the columns are.
    kind: ``share`` (0/1 columns), ``mean``, ``ratio`` (column totals over the total of the last
        column), ``quantile``, ``total``.
    partition: the columns add up to one for everybody (categories of a single answer, parts of a
        whole).
    columns: whether the panel stands in the total column alone, or also under the banners.
    """

    variable: str
    values: Floats
    valid: NDArray[np.bool_]
    members: tuple[Member, ...]
    kind: Kind
    partition: bool = False
    columns: Columns = "all"
