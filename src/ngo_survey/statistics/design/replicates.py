"""Replicate designs: the variance of any estimator from estimates on altered weights.

Linearisation needs the influence values of an estimator; replicates need nothing but the estimator
itself, at the price of as many runs as there are replicates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import hadamard

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design.printed import as_html, as_text
from ngo_survey.statistics.design.resampling import jackknife, rescaled_bootstrap
from ngo_survey.statistics.design.survey_design import SurveyDesign
from ngo_survey.statistics.design.variance import Floats, SelectionStage
from ngo_survey.statistics.limits import of_proportion, symmetric

Kind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap"]
Estimator = Callable[[SurveyDesign], pd.DataFrame]


@dataclass(frozen=True, repr=False)
class ReplicateDesign:
    """A design with replicate weights.

    Attributes
    ----------
    design: the design with its full-sample weights.
    weights: (n, R) replicate weights.
    scale: (R,) factor of each squared deviation.
    kind: how they were made, or "given".
    degrees_of_freedom: for t limits.
    """

    design: SurveyDesign
    weights: Floats
    scale: Floats
    kind: str
    degrees_of_freedom: int

    def __repr__(self) -> str:
        return as_text(self.facts)

    def _repr_html_(self) -> str:
        return as_html(self.facts)

    @property
    def facts(self) -> dict[str, str]:
        """What the design prints."""
        made = {"replicates": f"{len(self.scale):,} ({self.kind})"}
        return {**self.design.facts, **made, "degrees of freedom": f"{self.degrees_of_freedom:,}"}

    def estimate(
        self, estimator: Estimator, level: float = 0.95, shares: bool | None = None
    ) -> pd.DataFrame:
        """Run an estimator on the full sample and on each replicate.

        Parameters
        ----------
        estimator: takes a design and returns a frame with a column ``estimate``, the same rows for
            every replicate: ``lambda d: estimation.mean(d, "age", by="region")``.

        shares: the estimates are shares, whose limits stay within 0 and 1: Wilson's on the
            replicates' variance. By default those that count who gave the answer (a column
            ``count``), as :func:`means.proportion` makes.

        Returns
        -------
        The frame of the full sample, ``se``, ``ci_low``, ``ci_high`` (t) and ``df`` from the
        replicates: ``sum_r scale_r (theta_r - mean theta)^2`` (Wolter 2007, ch. 3-5; as R ``svrep``
        with ``mse = FALSE``).

        Raises
        ------
        InputError: replicates whose rows differ from those of the full sample; a quantile on a
            jackknife.
        """
        made = estimator(self.design)
        varied = np.stack([self._one(estimator, r, len(made)) for r in range(len(self.scale))])
        lost = ~np.isfinite(varied) & np.isfinite(made["estimate"].to_numpy(dtype=float))
        if lost.any():
            raise InputError(
                f"{int(lost.any(axis=1).sum())} replicates leave nobody behind an estimate",
                value=f"row {int(lost.any(axis=0).argmax()) + 1} of the estimates",
                hint="widen the domain, or take Fay's replicates, which leave nobody out",
            )
        deviation = varied - varied.mean(axis=0)
        se = np.sqrt(np.einsum("r,rk->k", self.scale, deviation**2))
        df = self.degrees_of_freedom
        estimate = made["estimate"].to_numpy(dtype=float)
        if "count" in made if shares is None else shares:
            low, high = of_proportion(estimate, se**2, df, made["n"], level=level)
            # Replicates of none or all do not vary: the estimator's own limits know the design.
            own = estimate * (1 - estimate) < 1e-12
            if {"ci_low", "ci_high"} <= set(made):
                low, high = np.where(own, made["ci_low"], low), np.where(own, made["ci_high"], high)
        else:
            low, high = symmetric(estimate, se**2, df, level)
        return made.assign(se=se, ci_low=low, ci_high=high, df=df)

    def _one(self, estimator: Estimator, replicate: int, rows: int) -> Floats:
        altered = copy(self.design)
        for reckoned in ("degrees_of_freedom", "_form"):
            altered.__dict__.pop(reckoned, None)
        altered.weights = self.weights[:, replicate]
        altered.leaves_out = self.kind in ("JK1", "JKn")
        found = estimator(altered)["estimate"].to_numpy(dtype=float)
        if len(found) != rows:
            raise InputError(
                f"replicate {replicate + 1} gives {len(found)} estimates, the full sample {rows}",
                hint="declare the levels of the variable as categories",
            )
        return found

    def subset(self, mask: NDArray[np.bool_]) -> ReplicateDesign:
        """Return the design seen through a domain; the replicates stay whole."""
        kept = copy(self)
        object.__setattr__(kept, "design", self.design.subset(mask))
        return kept


def replicate(
    design: SurveyDesign,
    kind: Kind,
    rho: float = 0.5,
    replicates: int = 500,
    rng: np.random.Generator | None = None,
) -> ReplicateDesign:
    """Make replicate weights from the strata and PSUs of the first stage.

    ``JK1``: one stratum, each PSU left out in turn; ``JKn``: the same within strata (Wolter 2007,
    ch. 4). ``BRR``: two PSUs a stratum, half-samples balanced by a Hadamard matrix (McCarthy 1969);
    ``Fay``: the same, weights times ``2 - rho`` and ``rho`` (Judkins 1990, J. Off. Stat. 6,
    223-239). ``bootstrap``: n_h - 1 PSUs drawn with replacement in each stratum, rescaled (Rao & Wu
    1988, JASA 83, 231-241; Rao, Wu & Yue 1992), with ``replicates`` draws from ``rng``.

    The jackknives take in the finite population correction of the first stage, the others do not,
    as R ``as.svrepdesign``.

    Raises
    ------
    InputError: several strata for JK1, other than two PSUs a stratum for BRR and Fay, a stratum of
        one PSU, a bootstrap without ``rng``, a calibrated design (calibrate each replicate).
    """
    if not isinstance(design, SurveyDesign):
        raise InputError(
            "replicates are made of respondents in memory",
            value=type(design).__name__,
            hint="give a SurveyDesign of the columns that the estimate needs",
        )
    if design.calibrations.shape[0]:
        raise InputError(
            "a calibrated design cannot be replicated as it stands",
            hint="make replicates first and calibrate inside the estimator",
        )
    stage = design.first_stage
    if (stage.size < 2).any():
        raise InputError(
            "a stratum has a single PSU, which no replicate can leave out",
            hint="merge it with a like stratum",
        )
    if kind == "JK1" and len(stage.size) > 1:
        raise InputError("JK1 needs a single stratum", hint="use JKn")
    if kind in ("JK1", "JKn"):
        factors, scale = jackknife(stage.stratum, stage.fraction)
    elif kind in ("BRR", "Fay"):
        factors, scale = _balanced(stage, 0.0 if kind == "BRR" else rho)
    elif kind == "bootstrap":
        if rng is None:
            raise InputError("a bootstrap needs a random stream", hint="give rng, e.g. Study.rng")
        # As R: drawn with replacement, whatever the population.
        infinite = np.zeros(len(stage.size))
        factors, scale = rescaled_bootstrap(stage.stratum, infinite, replicates, lambda _: rng)
    else:
        kinds = ("JK1", "JKn", "BRR", "Fay", "bootstrap")
        raise InputError("no such replicates", value=kind, hint=nearest(str(kind), kinds))
    weights = design.weights[:, None] * factors[stage.unit]
    df = len(stage.stratum) - len(stage.size)
    if kind in ("BRR", "Fay"):
        df = len(stage.size)
    return ReplicateDesign(design, weights, scale, kind, df)


def given_replicates(
    design: SurveyDesign,
    columns: Sequence[str],
    scale: float | Sequence[float],
    degrees_of_freedom: int | None = None,
) -> ReplicateDesign:
    """Take replicate weights from columns of the data, as their producer gives them.

    ``scale`` is one factor for all or one a replicate (its ``scale * rscales``). Degrees of freedom
    are the rank of the replicate weights less one unless given.
    """
    absent = [name for name in columns if name not in design.frame]
    if absent:
        raise InputError(
            "the replicate weight is not a column",
            value=absent[0],
            hint=nearest(absent[0], design.frame),
        )
    weights = design.frame[list(columns)].to_numpy(dtype=float)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        row, place = np.argwhere(~(np.isfinite(weights) & (weights >= 0)))[0]
        raise InputError(
            "a replicate weight is missing or negative",
            row=int(row) + 2,
            column=columns[int(place)],
            value=weights[row, place],
        )
    scales = np.broadcast_to(np.asarray(scale, dtype=float), (len(columns),)).copy()
    df = degrees_of_freedom
    if df is None:
        df = int(np.linalg.matrix_rank(weights)) - 1
    return ReplicateDesign(design, weights, scales, "given", df)


def _balanced(stage: SelectionStage, rho: float) -> tuple[Floats, Floats]:
    if not (stage.size == 2).all():
        raise InputError("half-samples need two PSUs in every stratum", hint="use JKn")
    if not 0 <= rho < 1:
        raise InputError("Fay's rho lies between 0 and 1", value=rho, hint="0.3 or 0.5")
    strata = len(stage.size)
    order = 1 << int(np.ceil(np.log2(strata + 1)))
    signs = hadamard(order)[:, 1 : strata + 1]  # (R, strata), without the column of ones
    first = np.zeros(len(stage.stratum), dtype=bool)
    first[np.unique(stage.stratum, return_index=True)[1]] = True
    taken = (signs[:, stage.stratum] > 0) == first
    factors = np.where(taken, 2.0 - rho, rho).T
    return factors, np.full(order, 1.0 / (order * (1.0 - rho) ** 2))
