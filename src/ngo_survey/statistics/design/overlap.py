"""Two samples that share units: the covariance of their estimates.

Each wave keeps its own design: strata, weights, calibration and finite population. What two waves
have in common is the units that are in both; their covariance is that of the units' totals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.survey_design import SurveyDesign
from ngo_survey.statistics.design.variance import Codes, Floats


@dataclass(frozen=True)
class Overlap:
    """Which first-stage units of two samples are the same.

    Attributes
    ----------
    first, second: name of the unit (respondent or PSU) of each row of the two designs.
    """

    first: pd.Series
    second: pd.Series

    @property
    def common(self) -> int:
        """Units in both samples."""
        return len(set(self.first) & set(self.second))

    def covariance(
        self, first: SurveyDesign, second: SurveyDesign, influences: tuple[ArrayLike, ArrayLike]
    ) -> float:
        """Return the covariance of two linearised estimates, one from each sample.

        Within a stratum of N units, samples of n1 and n2 with c units in common have means whose
        covariance is ``(c / (n1 n2) - 1 / N) S12`` (Kish 1965, sec. 12.4; Tam 1984, The American
        Statistician 38, 288-289; Nordberg 2000, J. Official Statistics 16, 363-378; for general
        designs Berger & Priam 2016, JRSS A 179, 251-272). As with variances, weighted influence
        values take the place of the observations. ``S12`` is estimated without bias from the common
        units, as deviations from the stratum means of the two whole samples. A unit may change its
        stratum: common units of stratum h of the first and g of the second sample are a cell, and
        the chance overlap ``n1 n2 / N`` is that of the two strata, shared out by their common
        units.

        Samples that overlap whole give what one design of both waves gives, with units as PSUs.
        Stages below the first add nothing: what is drawn within a unit is drawn anew.

        Raises
        ------
        InputError: a unit of the design has two names, or a name stands for two units.
        """
        one = _Totals.of(first, self.first, influences[0])
        two = _Totals.of(second, self.second, influences[1])
        names = one.names[one.names.isin(two.names)]
        a, b = one.names.get_indexer(names), two.names.get_indexer(names)
        if not len(names):
            return 0.0
        h, g = one.stratum[a], two.stratum[b]
        cell = h * len(two.size) + g
        _, place, count = np.unique(cell, return_inverse=True, return_counts=True)
        shared = count[place]
        n1, n2 = one.size[h], two.size[g]
        chance = (
            n1 * two.fraction[g] / np.bincount(h, minlength=len(one.size))[h]
            + n2 * one.fraction[h] / np.bincount(g, minlength=len(two.size))[g]
        ) / 2
        # The mean of a stratum moves with each of its units.
        lost = 1 - 1 / n1 - 1 / n2 + shared / (n1 * n2)
        product = one.deviation[a] * two.deviation[b]
        kept = lost > 1e-12  # else every deviation is zero
        return float(((1 - chance) * product)[kept] @ (1 / lost[kept]))


@dataclass(frozen=True)
class _Totals:
    """Totals of weighted influence by first-stage unit, as deviations from their stratum's mean."""

    names: pd.Index
    deviation: Floats
    stratum: Codes
    size: Floats
    fraction: Floats

    @classmethod
    def of(cls, design: SurveyDesign, names: pd.Series, influence: ArrayLike) -> _Totals:
        stage = design.first_stage
        if len(names) != len(stage.unit):
            raise InputError(f"an overlap names {len(stage.unit)} rows", value=len(names))
        pairs = pd.DataFrame({"unit": stage.unit, "name": names.to_numpy()}).drop_duplicates()
        for column, problem in (
            ("unit", "a unit of the design has two names"),
            ("name", "a name stands for two units of one sample"),
        ):
            again = pairs[pairs[column].duplicated()]
            if len(again):
                raise InputError(
                    problem,
                    value=again["name"].iloc[0],
                    hint="name each sampled unit once, and alike in both samples",
                )
        totals = stage.totals(design.weighted_influence(influence))[:, 0]
        means = stage.stratum_sums(totals[:, None])[:, 0] / stage.size
        return cls(
            pd.Index(pairs.sort_values("unit")["name"]),
            totals - means[stage.stratum],
            stage.stratum,
            stage.size,
            stage.fraction,
        )
