"""Replicate weights for which the whole weighting is done anew.

Linearisation takes the raked weights as they are, with what raking explains taken out of every
influence value. Here samples are drawn from the sample, and each goes through all that was done to
it: the share of eligible units, the adjustment for those who did not answer, raking and trimming.
So their chance is in the variance too (Rao, Wu & Yue 1992; Valliant, Dever & Kreuter 2018, ch. 15).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ngo_survey.statistics.design.replication import Centre
from ngo_survey.statistics.design.resampling import grouped_jackknife, rescaled_bootstrap
from ngo_survey.statistics.design.variance import Codes, Floats
from ngo_survey.statistics.weighting.trimming import UNDRAWN

Resampler = Literal["bootstrap", "jackknife"]
#: How many replicates unless the configuration says.
REPLICATES_MADE = 200
#: What those count who were not drawn: a cell or level of which nobody was keeps who is in it, with
#: nothing to weigh beside anybody who was drawn.
SLIVER = 1e-9
#: The beginning of the columns of ``Weighting.weights`` that hold replicate weights.
REPLICATE = "replicate_"
#: Columns of ``Weighting.replicates``; ``of`` is the column of weights that replicates vary:
#: ``base_weight`` of an export, which are raked still, or ``weight``, of which all is done.
REPLICATES = ("replicate", "scale", "around", "degrees_of_freedom", "of")


@dataclass(frozen=True)
class Resampling:
    """How replicates are made.

    Attributes
    ----------
    method: the rescaled bootstrap, or the stratified jackknife of units or groups of them.
    replicates: how many, of the jackknife at most about so many.
    stream: the random stream of a stratum, by its name.
    finite_population: whether what was drawn of a stratum takes its share from the variance.
    """

    method: Resampler
    replicates: int
    stream: Callable[[str], np.random.Generator]
    finite_population: bool = True

    @classmethod
    def of(
        cls, declared: Mapping[str, Any], stream: Callable[[str], np.random.Generator]
    ) -> Resampling | None:
        """Return what ``weighting.errors`` says; None of linearisation."""
        method = declared.get("method", "linearisation")
        if method == "linearisation":
            return None
        return cls(
            method,
            declared.get("replicates", REPLICATES_MADE),
            stream,
            declared.get("finite_population", True),
        )


@dataclass(frozen=True)
class Resampled:
    """How often each unit counts in each replicate, and what the replicates say of a variance.

    Attributes
    ----------
    counts: (U, R).
    scales: (R,).
    around: as :attr:`replication.Replication.around`.
    degrees_of_freedom: units less strata, or the replicates less one where these are fewer.
    """

    counts: Floats
    scales: Floats
    around: Centre
    degrees_of_freedom: int


def resample(
    how: Resampling, stratum: Codes, names: list[str], fraction: Floats, answered: Any
) -> Resampled:
    """Draw samples of units from each stratum.

    Parameters
    ----------
    stratum: (U,) code of the stratum of each unit.
    names: (S,) of the strata: the stream of each goes by its name.
    fraction: (S,) what part of the stratum's population stands behind the estimates. Where not all
        who were drawn answered it is the part that answered: a stratum taken whole of which half
        answered varies as one of which half was drawn.
    answered: (U,) whether a unit answered.

    Raises
    ------
    InputError: see :func:`resampling.rescaled_bootstrap` and :func:`resampling.grouped_jackknife`.
    """
    share = fraction if how.finite_population else np.where(fraction < 1, 0.0, 1.0)

    def streams(code: int) -> np.random.Generator:
        return how.stream(names[code])

    varying = share[stratum] < 1
    df = int((answered & varying).sum()) - int((share < 1).sum())
    if how.method == "bootstrap":
        counts, scales = rescaled_bootstrap(stratum, share, how.replicates, streams)
        centre: Centre = "mean"
        df = min(df, how.replicates - 1)
    else:
        counts, scales = grouped_jackknife(stratum, share, how.replicates, streams, answered)
        centre = "estimate"
        df = min(df, len(scales) - int((share < 1).sum()))
    return Resampled(np.where(counts < UNDRAWN, SLIVER, counts), scales, centre, max(df, 1))


def weigh_again(
    cases: pd.DataFrame, drawn: Resampled, weigh: Callable[[Floats], pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weight every sample as the sample itself was; return as :func:`with_replicates`.

    ``weigh`` takes the (U,) counts of one replicate and returns respondents with their ``weight``.
    """
    weights = [weigh(counts)["weight"].to_numpy(dtype=float) for counts in drawn.counts.T]
    said = (drawn.scales, drawn.around, drawn.degrees_of_freedom, "weight")
    return with_replicates(cases, np.stack(weights, axis=1), *said)


def with_replicates(
    cases: pd.DataFrame, weights: Floats, scales: Floats, around: str, df: int, of: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return respondents with replicate weights (n, R) as columns, and what these say.

    Returns
    -------
    ``cases`` with a column a replicate, and the frame ``Weighting.replicates``.
    """
    names = [f"{REPLICATE}{place}" for place in range(1, weights.shape[1] + 1)]
    described = pd.DataFrame(dict(zip(REPLICATES, (names, scales, around, df, of), strict=True)))
    held = pd.DataFrame(weights, columns=names, index=cases.index)
    return pd.concat([cases, held], axis=1), described
