"""A survey design: who was sampled how, with what weight; domains keep it whole."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ngo_survey.errors import InputError
from ngo_survey.statistics.design.alignment import aligned, checked_frame, truth
from ngo_survey.statistics.design.calibration import Calibration, Margins, Method, calibrate, margin
from ngo_survey.statistics.design.domain_sizes import (
    counted_degrees_of_freedom,
    independent_size,
)
from ngo_survey.statistics.design.printed import as_html, as_text, facts
from ngo_survey.statistics.design.selection import DeclaredDesign, Names, stages_of, weights_of
from ngo_survey.statistics.design.variance import (
    Codes,
    Floats,
    LonelyPSU,
    SelectionStage,
    cell_covariance,
    covariance,
    domain_variances,
    share_variances,
)

if TYPE_CHECKING:
    from ngo_survey.statistics.design.calibrated_variance import DomainSums, QuadraticForm
    from ngo_survey.statistics.design.design_cells import Tally
    from ngo_survey.statistics.design.replication import Replication

#: Influence matrices are made in blocks of at most this many numbers (32 MB).
BLOCK = 4_000_000


class SurveyDesign:
    """Respondents with weights, strata, PSUs and finite population corrections.

    Parameters
    ----------
    frame: one row a respondent (n rows); its index is kept, and what is added is aligned by it.
        Frames of other libraries become one of pandas: see :func:`frames.pandas_frame`.
    weights: column of design weights, one number a respondent (a flat array or list in the order
        of the rows, a Series by its index), or None to take them from ``fpc`` (n_h and N_h).
    strata, psu: a column, or a list with one column a stage; None means one stratum, and every
        row its own PSU.
    fpc: a column, or a list with one column a stage: population sizes of the stratum (values
        above 1) or sampling fractions (0 to 1). None means sampling with replacement.
    nest: PSU codes are only unique within their stratum.
    lonely: what a stratum with one sampled PSU adds (see :func:`variance.covariance`).

    Raises
    ------
    InputError: a column is unknown or has gaps; a weight is not positive; a PSU lies in two strata
        without ``nest``; a population is smaller than its sample; a stratum has a single PSU and
        ``lonely`` is ``fail``.

    Notes
    -----
    Variances are linearised (Binder 1983): each estimator gives influence values, see
    :meth:`covariance`.
    """

    def __init__(
        self,
        frame: Any,
        weights: str | ArrayLike | None = None,
        strata: Names = None,
        psu: Names = None,
        fpc: Names = None,
        nest: bool = False,
        lonely: LonelyPSU = "fail",
    ) -> None:
        self.frame = checked_frame(frame)
        self.lonely = lonely
        n = len(self.frame)
        if n == 0:
            raise InputError("the design has no respondents")
        self.in_domain: NDArray[np.bool_] = np.ones(n, dtype=bool)
        self._calibrations: tuple[Calibration, ...] = ()
        #: Whether the weights are those of a replicate that leaves a PSU out.
        self.leaves_out = False
        #: What replicate weights say of every variance, in place of strata and PSUs.
        self.replication: Replication | None = None
        self._stages = stages_of(self.frame, strata, psu, fpc, nest)
        self.weights = weights_of(self.frame, weights, self._stages)
        #: What was declared, as the design prints it.
        self.declared = DeclaredDesign.of(weights, strata, psu, fpc)
        if lonely == "fail":
            # Said now rather than at the first estimate.
            covariance(self._stages, np.zeros((n, 1)), lonely)

    def __repr__(self) -> str:
        return as_text(self.facts)

    def _repr_html_(self) -> str:
        return as_html(self.facts)

    @property
    def facts(self) -> dict[str, str]:
        """What there is to say of the design, by its name: what it prints."""
        return facts(
            self.declared,
            self.first_stage,
            (self.n, len(self.frame)),
            float(self.weights[self.in_domain].sum()),
            self.degrees_of_freedom,
            [f"{', '.join(made.names)} ({made.method})" for made in self._calibrations],
        )

    # -- domains and calibration --------------------------------------------------------------

    def subset(self, mask: ArrayLike) -> SurveyDesign:
        """Return the design seen through a domain; strata, PSUs and weights stay whole.

        ``mask`` has one truth value a respondent; missing counts as outside. A Series is aligned
        by its index: see :func:`alignment.truth`.
        """
        values = truth(mask, self.frame)
        domain = copy(self)
        domain.__dict__.pop("degrees_of_freedom", None)
        domain.in_domain = self.in_domain & values
        return domain

    def replicated(self, replication: Replication) -> SurveyDesign:
        """Return the design with the variances of its producer's replicate weights.

        Strata and PSUs keep counting degrees of freedom.
        """
        design = copy(self)
        for reckoned in ("degrees_of_freedom", "_form"):
            design.__dict__.pop(reckoned, None)
        design.replication = replication
        return design

    def assign(self, **columns: Any) -> SurveyDesign:
        """Return the design with columns added to its data, as ``DataFrame.assign``.

        A Series is aligned by its index and refused where it lacks a respondent: see
        :func:`alignment.aligned`.
        """
        design = copy(self)
        design.frame = self.frame.assign(
            **{name: aligned(values, self.frame, name) for name, values in columns.items()}
        )
        return design

    def calibrate(
        self,
        margins: Margins,
        method: Method = "raking",
        bounds: tuple[float, float] | None = None,
    ) -> SurveyDesign:
        """Return the design calibrated to ``{variable or tuple of variables: {level: total}}``.

        The variance knows about it: as R ``calibrate``. See :func:`calibration.calibrate`.
        """
        if not self.in_domain.all():
            raise InputError(
                "a domain cannot be calibrated", hint="calibrate the whole design, then subset"
            )
        held = [margin(self.frame, name, totals) for name, totals in margins.items()]
        made = calibrate(self.weights, held, method, bounds)
        design = copy(self)
        design.weights = made.weights
        design.__dict__.pop("_form", None)
        design._calibrations = (*self._calibrations, made)
        return design

    @property
    def calibrations(self) -> pd.DataFrame:
        """What each calibration did: one row each, columns as :meth:`Calibration.report`."""
        return pd.DataFrame([made.report() for made in self._calibrations])

    def without_finite_population(self) -> SurveyDesign:
        """Return the design as one drawn from what made the population, for analytic questions.

        What goes with what, and why, is asked of more than those who happen to be in the register:
        a census does not know it without error. First-stage units are then as drawn with
        replacement, without a correction (Graubard & Korn 2002, Stat. Sci. 17, 73-96; Korn &
        Graubard 1998, Am. Stat. 52, 291-295). A stratum taken whole that has a single unit counts
        with its distance from the mean of all (``adjust``).
        """
        stage = self._stages[0]
        size = len(stage.size)
        design = copy(self)
        for reckoned in ("_form", "degrees_of_freedom"):
            design.__dict__.pop(reckoned, None)
        design._stages = [SelectionStage(stage.unit, stage.stratum, np.zeros(size), np.ones(size))]
        if self.lonely == "fail" and (stage.size == 1).any():
            design.lonely = "adjust"
        return design

    def without_calibration_gain(self) -> SurveyDesign:
        """Return the design with its calibrated weights, and variances that gain nothing from them.

        For what has mean zero given the margins, as scores of a model: calibration explains none
        of it but by chance, and with many margins that chance makes variances too small.
        """
        design = copy(self)
        design.__dict__.pop("_form", None)
        design._calibrations = ()
        return design

    def rake(self, margins: Margins) -> SurveyDesign:
        """Return the design raked to margins: :meth:`calibrate` with its default."""
        return self.calibrate(margins)

    def post_stratify(self, variable: str, totals: Mapping[Any, float]) -> SurveyDesign:
        """Return the design post-stratified to the totals of one variable (Holt & Smith 1979)."""
        return self.rake({variable: totals})

    # -- what estimators use --------------------------------------------------------------------

    @property
    def n(self) -> int:
        """Respondents in the domain."""
        return int(self.in_domain.sum())

    @cached_property
    def degrees_of_freedom(self) -> int:
        """PSUs less strata, among those that have a respondent in the domain."""
        return int(self.domain_degrees_of_freedom(self.in_domain[:, None])[0])

    def domain_degrees_of_freedom(self, masks: NDArray[np.bool_]) -> Codes:
        """Return PSUs less strata for each column of ``masks`` (n, m)."""
        stage = self._stages[0]
        psus = stage.totals(masks.astype(float)) > 0
        strata = stage.stratum_sums(psus.astype(float)) > 0
        return self.at_most(psus.sum(axis=0) - strata.sum(axis=0)).astype(np.int64)

    def at_most(self, degrees_of_freedom: Any) -> Any:
        """Return degrees of freedom, of replicates no more than these have."""
        if self.replication is None:
            return degrees_of_freedom
        return np.minimum(degrees_of_freedom, self.replication.degrees_of_freedom)

    def covariance(self, influence: ArrayLike) -> Floats:
        """Return the (k, k) covariance of ``sum w * influence``.

        ``influence`` is (n,) or (n, k): unweighted influence values of every row of the whole
        design; what lies outside the domain counts as zero. Strata, PSUs, finite populations and
        calibration are already in the answer.
        """
        return self._covariance(self._prepared(influence))

    def variance(self, influence: ArrayLike, under: ArrayLike | None = None) -> Floats:
        """Return the k variances alone, without the cost of the covariances.

        ``under`` as in :meth:`domain_variances`.
        """
        if self.replication is not None and under is not None:
            return self.domain_variances(influence, np.zeros(len(self.frame), int), 1, under)[0]
        return self._covariance(self._prepared(influence), diagonal=True)

    def _covariance(self, weighted: Floats, diagonal: bool = False) -> Floats:
        if self.replication is not None:
            return self.replication.covariance(weighted, diagonal)
        return covariance(self._stages, weighted, self.lonely, diagonal)

    def same_sample(self, other: SurveyDesign) -> bool:
        """Whether both are domains or calibrations of one design, on the same respondents."""
        return self._stages is other._stages

    def cross_covariance(
        self, other: SurveyDesign, influence: ArrayLike, others: ArrayLike
    ) -> float:
        """Return the covariance of ``sum w * influence`` with that of another view of this sample.

        ``influence`` and ``others`` are (n,); each is taken with the domain, the weights and the
        calibration of its own design (see :meth:`same_sample`).
        """
        both = np.hstack([self._prepared(influence), other._prepared(others)])
        return float(self._covariance(both)[0, 1])

    def refuse_negative_weights(self, what: str) -> None:
        """Refuse weights below zero, which a linear calibration can give.

        A total or a mean stands on them; what needs a distribution (a quantile, a likelihood, a
        test of a table) does not: its shares would fall, or lie outside 0 to 1.
        """
        negative = self.in_domain & (self.weights < 0)
        if negative.any():
            raise InputError(
                f"{int(negative.sum())} weights are negative, on which {what} cannot stand",
                row=int(np.flatnonzero(negative)[0]) + 2,
                value=float(self.weights[negative][0]),
                hint='calibrate by "raking", or with bounds, e.g. bounds=(0.3, 3)',
            )

    def domain_variances(
        self, influence: ArrayLike, codes: Codes, groups: int, under: ArrayLike | None = None
    ) -> Floats:
        """Return the variances (groups, m) of ``sum w * influence`` in disjoint domains.

        ``influence`` is (n, m), ``codes`` the domain of each row (-1 for none). As
        :meth:`variance` on one column a domain; without calibration those are never made. Of ratios
        ``under`` (n,) or a number is the denominator: see :class:`replication.Replication`.
        """
        values = np.asarray(influence, dtype=float).reshape(len(self.frame), -1)
        codes = np.where(self.in_domain, codes, -1)
        if not self._calibrations:
            weighted = values * self.weights[:, None]
            if self.replication is not None:
                below = None if under is None else np.multiply(under, self.weights)
                return self.replication.domain_variances(weighted, codes, groups, below)
            return domain_variances(self._stages, weighted, codes, groups, self.lonely)
        if self._form is not None:
            return self._form.sums(values, codes, groups).variances()
        m = values.shape[1]
        made = np.zeros((groups, m))
        step = max(1, BLOCK // max(values.size, 1))
        for start in range(0, groups, step):
            block = np.arange(start, min(start + step, groups))
            mine = codes[:, None] == block
            spread = np.where(mine[:, :, None], values[:, None, :], 0.0)
            made[block] = self.variance(spread.reshape(len(values), -1)).reshape(len(block), m)
        return made

    def domain_covariances(
        self, influence: ArrayLike, codes: Codes, groups: int
    ) -> tuple[Floats, Floats]:
        """Return covariances of sums of columns between disjoint domains, (m, groups, groups) each.

        Of each column with itself (their diagonals are :meth:`domain_variances`), and of each with
        the last one.
        """
        values = np.asarray(influence, dtype=float)
        codes = np.where(self.in_domain, codes, -1)
        if self._form is not None:
            sums = self._form.sums(values, codes, groups)
            return sums.covariances(), sums.with_last()
        mine = codes[:, None] == np.arange(groups)
        own, beside = np.zeros((2, values.shape[1], groups, groups))
        last = np.where(mine, values[:, -1:], 0.0)
        for place, column in enumerate(values.T):
            both = np.hstack([np.where(mine, column[:, None], 0.0), last])
            made = self.covariance(both)
            own[place], beside[place] = made[:groups, :groups], made[:groups, groups:]
        return own, beside

    def crossed_covariance(self, influence: ArrayLike, codes: Codes, groups: int) -> Floats:
        """Return (groups m, groups m): sums of every column in every domain with every other.

        As :meth:`covariance` of the (n, m) columns spread over one block of m a domain.
        """
        values = np.asarray(influence, dtype=float)
        codes = np.where(self.in_domain, codes, -1)
        if self._form is not None:
            return self._form.all_covariances(values, codes, groups)
        mine = codes[:, None] == np.arange(groups)
        spread = np.where(mine[:, :, None], values[:, None, :], 0.0)
        return self.covariance(spread.reshape(len(values), -1))

    @cached_property
    def _form(self) -> QuadraticForm | None:
        """The covariance as a form, for one stage of respondents calibrated at most once."""
        if len(self._stages) > 1 or not self._stages[0].of_rows or len(self._calibrations) > 1:
            return None
        if self.replication is not None:
            return None
        if self.lonely == "average":
            return None  # the strata that are averaged over differ from domain to domain
        # It brings scipy.sparse, which a design at rest need not wait for.
        from ngo_survey.statistics.design.calibrated_variance import QuadraticForm

        calibration = self._calibrations[0] if self._calibrations else None
        return QuadraticForm(self._stages[0], self.weights, calibration, self.lonely)

    def cell_covariance(self, codes: Codes, cells: int) -> Floats:
        """Return the (cells, cells) covariance of the weighted counts of disjoint cells."""
        codes = np.where(self.in_domain, codes, -1)
        if not self._calibrations and self.replication is None:
            return cell_covariance(self._stages, self.weights, codes, cells, self.lonely)
        if self._form is not None:
            # Counts by design cell, unless they are hardly fewer than respondents.
            if 2 * len(self._form.cells.first) * cells <= len(codes):
                return self._form.sums_of_counts(codes, cells).covariances()[0]
            everybody = np.ones((len(codes), 1))
            return self._form.sums(everybody, codes, cells).covariances()[0]
        return self.covariance((codes[:, None] == np.arange(cells)).astype(float))

    @property
    def finite(self) -> bool:
        """Whether the design declares finite populations."""
        return any((stage.fraction > 0).any() for stage in self._stages)

    @property
    def first_stage(self) -> SelectionStage:
        """The first stage of selection: strata and PSUs as codes."""
        return self._stages[0]

    @property
    def of_rows(self) -> bool:
        """Whether respondents were drawn one by one in strata, and nothing is calibrated."""
        stage = self._stages[0]
        alone = not self._calibrations and self.replication is None
        return len(self._stages) == 1 and stage.of_rows and alone

    def share_variances(
        self, codes: Codes, category: Codes, shape: tuple[int, int], shares: Floats
    ) -> Floats:
        """Return variances (groups, categories) of ``sum w (1[category] - share)`` by domain.

        For designs :attr:`of_rows`: from counts by stratum, domain and category.
        """
        return share_variances(
            self._stages[0], self.weights, (codes, category), shape, shares, self.lonely
        )

    def tally(self, chosen: ArrayLike, codes: Codes, groups: int) -> Tally | None:
        """Return counts of 0/1 columns (n, m) in disjoint domains (-1 for none) by design cell.

        None where they would be no shortcut: a design whose variance needs more than sums by design
        cell, or whose cells times domains are more than its respondents.
        """
        if self._form is None or len(self._form.cells.first) * groups > len(self.frame):
            return None
        codes = np.where(self.in_domain, codes, -1)
        return self._form.cells.tally(self.weights, chosen, codes, groups)

    def tallied_variances(self, tally: Tally) -> Floats:
        """Return variances (groups, m) of shares, as :meth:`domain_variances` of their columns."""
        return self._tallied(tally).variances()[:, :-1]

    def tallied_covariances(self, tally: Tally) -> tuple[Floats, Floats]:
        """Return :meth:`domain_covariances` of shares, the size of the domain as a last column."""
        sums = self._tallied(tally)
        return sums.covariances(), sums.with_last()

    def _tallied(self, tally: Tally) -> DomainSums:
        if self._form is None:
            raise AssertionError("counts of a design without design cells")
        return self._form.sums_of_shares(tally)

    def independent_size(self, codes: Codes, groups: int) -> Floats:
        """Return (groups,) the independent answers that each disjoint domain (-1: none) is worth.

        ``W^2 / sum_h (1 - f_h) sum_i W_hi^2`` with W_hi the weight of the members of PSU i: Kish's
        effective size (1965, sec. 11.7) where respondents are drawn one by one; in clusters the
        least that it can be, as if all of a PSU answered with one voice. Infinite in a census.
        """
        return independent_size(self._stages[0], self.weights, codes, groups)

    def counted_degrees_of_freedom(self, codes: Codes, groups: int) -> Codes:
        """Return PSUs less strata in each of disjoint domains (-1 for none)."""
        counted = counted_degrees_of_freedom(self._stages[0], codes, groups)
        return self.at_most(counted).astype(np.int64)

    def weighted_influence(self, influence: ArrayLike) -> Floats:
        """Return (n, k): influence values of every row with their weights, after calibration."""
        return self._prepared(influence)

    def _prepared(self, influence: ArrayLike) -> Floats:
        values = np.asarray(influence, dtype=float)
        if values.ndim == 1:
            values = values[:, None]
        if len(values) != len(self.frame):
            raise InputError(f"influence needs {len(self.frame)} rows", value=len(values))
        if self.n < len(self.frame):
            # A respondent outside the domain has no influence, whatever a caller wrote there.
            values = np.where(self.in_domain[:, None], values, 0.0)
        weighted = values * self.weights[:, None]
        for calibration in reversed(self._calibrations):
            weighted = calibration.residuals(weighted)
        return weighted
