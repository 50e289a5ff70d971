"""Figures of a table as columns of a design, so that tables of several samples can be compared.

They say no more than the released tables: each knows what its table releases.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ngo_survey.errors import ResultError
from ngo_survey.tables.estimand import Floats, Member
from ngo_survey.tables.forms import estimands

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.statistics.design import SurveyDesign
    from ngo_survey.tables.compared import Measured

#: Shares of an answer are columns of these two.
NO, YES = "no", "yes"
SHOWN = "shown"


@dataclass(frozen=True)
class Side:
    """One group of respondents: its design, its codebook and the estimates it may tell."""

    design: SurveyDesign
    book: Questionnaire
    released: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Figures:
    """Figures of one table: a design whose columns they are, by the name of each member."""

    measured: Measured
    design: SurveyDesign
    members: dict[str, Member]
    category: str | None
    released: Mapping[str, Mapping[str, Any]]

    def row(self, name: str, by: str = "", level: str = "total") -> Mapping[str, Any]:
        """Return the released row of a member, in total or in a column of a banner."""
        key = f"{self.measured.spec.analysis(by)}/{name}@{level}"
        try:
            return self.released[key]
        except KeyError:
            raise ResultError(
                "the released tables lack a figure that is to be compared",
                value=key,
                hint="run snakemake again",
            ) from None

    def is_shown(self, name: str, by: str = "", level: str = "total") -> bool:
        """Return whether the released tables have a row for a member: a thin banner has none."""
        return not by or f"{self.measured.spec.analysis(by)}/{name}@{level}" in self.released

    def status(self, name: str, by: str = "", level: str = "total") -> str:
        """Return the released status of a member."""
        return str(self.row(name, by, level)["status"])

    def is_comparable(self, name: str, by: str = "", level: str = "total") -> bool:
        """Return whether a member is shown and has an error that it can be compared by.

        One without degrees of freedom (one respondent, or one unit a stratum) has none.
        """
        row = self.row(name, by, level)
        return bool(row["status"] == SHOWN and row["df"] > 0)

    def ranked(self) -> list[str]:
        """Return the members that have a place in the order, were they all shown."""
        left = set(self.measured.leave_out)
        found = [n for n, m in self.members.items() if not left & {m.item, m.category}]
        return found if self.measured.ordered else []


def figures_of(measured: Measured, side: Side) -> Figures:
    """Return the figures meant as columns of a design: numbers, or shares of "yes"."""
    columns: dict[str, object] = {}
    members: dict[str, Member] = {}
    share = False
    for estimand in estimands(measured.spec, side.design.frame, side.book):
        for place, member in enumerate(estimand.members):
            wanted = not measured.categories or member.category in measured.categories
            if member.statistic != measured.statistic or not wanted:
                continue
            share = estimand.kind == "share"
            members[member.name] = member
            columns[member.name] = _column(estimand.of_member(place), estimand.valid, share)
    design = copy(side.design)
    design.frame = pd.DataFrame(columns)
    return Figures(measured, design, members, YES if share else None, side.released)


def _column(values: Floats, valid: np.ndarray, share: bool) -> object:
    if not share:
        return np.where(valid, values, np.nan)
    return pd.Categorical.from_codes(np.where(valid, values, -1).astype(int), [NO, YES])
