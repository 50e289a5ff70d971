"""What one figure of a table is called: item, category and statistic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """One figure of an estimand: item of a battery, category ("" for none) and statistic."""

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
