"""Cells of a crossing with too few respondents join a neighbour.

A stratum with one respondent has no variance of its own and a thin level of a margin gives wild
weights. Merging is written down: :class:`Merged` says which cell went where.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ngo_survey.errors import InputError

#: Between the values that name a cell of a crossing.
BETWEEN = "|"


@dataclass(frozen=True)
class Merged:
    """Where each cell of a crossing went.

    Attributes
    ----------
    label: name of the merged cell, by name of the cell (``a|b``).
    size: units of the population in each *unmerged* cell.
    """

    label: pd.Series
    size: pd.Series

    @property
    def moved(self) -> list[str]:
        """``a|b into a|c``, one a merged cell, sorted."""
        joined = self.label[self.label != self.label.index]
        return sorted(f"{cell} into {label}" for cell, label in joined.items())


def cells(frame: pd.DataFrame, names: list[str]) -> pd.Series:
    """Return the name of each row's cell in the crossing of ``names``."""
    key = frame[names[0]].astype(str)
    for name in names[1:]:
        key = key + BETWEEN + frame[name].astype(str)
    return key


def merge_thin(
    answered: pd.DataFrame, register: pd.DataFrame, names: list[str], minimum: int
) -> Merged:
    """Merge cells with fewer than ``minimum`` respondents, thinnest first, until none is left.

    A thin cell joins the one with most respondents among those that share its first variable, so
    that a region stays a region (collapsed strata, Rust & Kalton 1987, J. Off. Stat. 3, 69-81:
    the partner is chosen by the design, never by the answers). A cell that answered completely
    stays alone: it has no sampling error.

    Raises
    ------
    InputError: a respondent's cell is not in the register, or a thin cell has no neighbour.
    """
    size = register.groupby(cells(register, names), sort=True)["count"].sum()
    chosen = cells(answered, names)
    unknown = sorted(set(chosen) - set(size.index))
    if unknown:
        raise InputError(
            "the register has no such cell",
            column=" x ".join(names),
            value=unknown[0],
            hint="correct the sample file or add the cell to the register",
        )
    count = chosen.value_counts().reindex(size.index, fill_value=0)
    label = pd.Series(size.index, index=size.index)
    first = pd.Series([key.split(BETWEEN)[0] for key in size.index], index=size.index)
    while True:
        people, whole = count.groupby(label).sum(), size.groupby(label).sum()
        thin = people[(people < minimum) & (people < whole)]
        if thin.empty:
            return Merged(label, size)
        cell = str(thin.sort_values(kind="stable").index[0])
        others = people[(people.index != cell) & (whole > 0)]
        siblings = others[first[others.index] == first[cell]]
        if len(names) == 1 or siblings.empty:
            raise InputError(
                f"a cell has fewer than {minimum} respondents and no neighbour to join",
                column=" x ".join(names),
                value=cell,
                hint="merge levels under weighting.merge",
            )
        partner = siblings.sort_values(ascending=False, kind="stable").index[0]
        label = label.mask(label == cell, partner)
