"""Fit models by pseudo-maximum likelihood under a survey design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import category_codes, column
from ngo_survey.statistics.models.confounding import fitted_e_values
from ngo_survey.statistics.models.contrasts import contrasts, shift
from ngo_survey.statistics.models.cumulative import Cumulative
from ngo_survey.statistics.models.diagnostics import diagnostics
from ngo_survey.statistics.models.effects import effects, predictions
from ngo_survey.statistics.models.firth import Penalised, effective_weights
from ngo_survey.statistics.models.fitted import Fitted, parameter_name
from ngo_survey.statistics.models.likelihood import GLM, Floats, Likelihood
from ngo_survey.statistics.models.links import link_named
from ngo_survey.statistics.models.newton import FitError, Optimum, SeparatedError, maximise
from ngo_survey.statistics.models.nominal import Multinomial
from ngo_survey.statistics.models.small_samples import bias_reduced
from ngo_survey.statistics.models.terms import Batteries, DesignMatrix, Terms, design_matrix

__all__ = ["Fit", "FitError", "SeparatedError", "glm", "multinomial", "ordinal", "partial"]
FAMILIES = ("gaussian", "binomial", "poisson")
#: When the penalised likelihood takes the place of the plain one.
Penalty = Literal["never", "separated", "always"]


class Fit(Fitted):
    """A fitted model with what can be derived from it."""

    def effects(self, linearise: Literal["full", "delta"] = "full") -> pd.DataFrame:
        """Average marginal effects; see :func:`ngo_survey.statistics.models.effects.effects`."""
        return effects(self, linearise)

    def predictions(self) -> pd.DataFrame:
        """Predictive margins; see :func:`ngo_survey.statistics.models.effects.predictions`."""
        return predictions(self)

    def contrasts(self, variable: str, **options: Any) -> pd.DataFrame:
        """Every two levels; see :func:`ngo_survey.statistics.models.contrasts.contrasts`."""
        return contrasts(self, variable, **options)

    def shift(self, source: str, target: str, points: float) -> pd.DataFrame:
        """Points moved within a whole; see :func:`ngo_survey.statistics.models.contrasts.shift`."""
        return shift(self, source, target, points)

    def diagnostics(self) -> pd.DataFrame:
        """Checks of the fit; see :func:`ngo_survey.statistics.models.diagnostics.diagnostics`."""
        return diagnostics(self)

    def bias_reduced(self, level: float = 0.95) -> pd.DataFrame:
        """Coefficients for few respondents or PSUs: see :func:`small_samples.bias_reduced`."""
        return bias_reduced(self, level)

    def e_values(self) -> pd.DataFrame:
        """What nobody measured: see :func:`confounding.fitted_e_values`."""
        return fitted_e_values(self)


def glm(
    design: SurveyDesign,
    outcome: str,
    terms: Terms,
    family: str = "gaussian",
    event: object = None,
    link: str | None = None,
    penalty: Penalty = "never",
    batteries: Batteries | None = None,
) -> Fit:
    """Fit a generalised linear model, as R ``svyglm``.

    Parameters
    ----------
    outcome: a number, or for ``binomial`` also truth values or a categorical variable: ``event``
        names the levels that count as 1. By default that is a true, a 1, or the last category.
    terms: a formula, or names and mappings as :class:`formula.Term`.
    link: of a binomial ``logit`` (default), ``probit`` or ``cloglog``.
    penalty: whether Firth's penalised likelihood is taken, for a binomial logit.
    batteries: columns of the wholes that an ``ilr`` names.

    Raises
    ------
    FitError: separation, no convergence, an outcome without variation, more columns than the
        design has degrees of freedom.
    InputError: unknown names, constant or aliased predictors.
    """
    if family not in FAMILIES:
        raise InputError("no such family", value=family, hint=nearest(family, FAMILIES))
    if link is not None and family != "binomial":
        raise InputError("only a binomial model has a choice of links", value=link)
    curve = link_named(link or "logit")
    if penalty != "never" and (family, curve.name) != ("binomial", "logit"):
        raise InputError("only a binomial logit has Firth's penalty", value=family)
    if event is not None and family != "binomial":
        raise InputError(
            "only a binomial model has an event", value=family, hint='use family="binomial"'
        )
    y, name = _glm_outcome(design, outcome, family, event)
    return _fit(
        family, outcome, design, terms, batteries, y, lambda _: GLM(family, curve), (name,), penalty
    )


def _glm_outcome(
    design: SurveyDesign, outcome: str, family: str, event: object
) -> tuple[Floats, str]:
    series = column(design, outcome)
    number = pd.api.types.is_numeric_dtype(series)  # truth values count as numbers
    if family != "binomial" and (not number or pd.api.types.is_bool_dtype(series)):
        raise InputError(
            "the outcome is not a number", column=outcome, hint='use family="binomial"'
        )
    if number and event is None:
        y = series.to_numpy(dtype=float, na_value=np.nan)
        name = outcome
    else:
        codes, levels = category_codes(series)
        wanted = _events(levels, outcome, event)
        y = np.where(codes < 0, np.nan, np.isin(codes, wanted)).astype(float)
        name = "+".join(str(levels[code]) for code in wanted)
    known = y[~np.isnan(y)]
    if np.isinf(known).any():
        row = int(np.flatnonzero(np.isinf(y))[0]) + 2
        raise InputError(
            "a number is infinite", column=outcome, row=row, hint="correct or blank it"
        )
    if family == "binomial" and not set(np.unique(known)) <= {0.0, 1.0}:
        raise InputError(
            "a binomial outcome is 0 or 1",
            column=outcome,
            hint="name the values that count as 1, e.g. event=[3, 4]",
        )
    if family == "poisson" and (known < 0).any():
        raise InputError("a count is not negative", column=outcome, value=known.min())
    return y, name


def _events(levels: Sequence[object], outcome: str, event: object) -> list[int]:
    """Return the places of the levels that count as 1: by their value, or the words for it."""
    if event is None:
        return [len(levels) - 1]
    several = isinstance(event, list | tuple | set | frozenset | np.ndarray | pd.Index)
    asked = list(event) if several else [event]  # type: ignore[call-overload]
    words = [str(level) for level in levels]
    found = []
    for one in asked:
        if str(one) not in words:
            raise InputError(
                "the event is no level", column=outcome, value=one, hint=nearest(one, words)
            )
        found.append(words.index(str(one)))
    if not found:
        raise InputError("no level counts as the event", column=outcome, hint="name one")
    return found


def ordinal(
    design: SurveyDesign,
    outcome: str,
    terms: Terms,
    link: str = "logit",
    penalty: Penalty = "never",
    batteries: Batteries | None = None,
) -> Fit:
    """Fit a cumulative logit by pseudo-maximum likelihood, as R ``svyolr``.

    ``outcome`` is a categorical variable whose categories are in order. Newton's method with the
    analytic Hessian; the observed information is the bread of the sandwich. ``link`` may be
    ``probit`` or ``cloglog``.

    Raises as :func:`glm`, and for a level of the outcome that nobody has.
    """
    y, levels = _levels(design, outcome, ordered=True)
    likelihood = Cumulative(len(levels), link_named(link))
    return _fit(
        "ordinal", outcome, design, terms, batteries, y, lambda _: likelihood, levels, penalty
    )


def partial(
    design: SurveyDesign,
    outcome: str,
    terms: Terms,
    nominal: Sequence[str] | None = None,
    link: str = "logit",
    batteries: Batteries | None = None,
) -> Fit:
    """Fit a partial proportional odds model (Peterson & Harrell 1990), as R ``clm(nominal=)``.

    The coefficients of the variables in ``nominal`` differ between the cut-points, of all
    variables when it is None (the non-parallel model). Raises as :func:`ordinal`.
    """
    y, levels = _levels(design, outcome, ordered=True)
    curve = link_named(link)

    def made(matrix: DesignMatrix) -> Likelihood:
        wanted = list(dict.fromkeys(matrix.variables)) if nominal is None else list(nominal)
        for name in wanted:
            if name not in matrix.variables:
                raise InputError(
                    "a nominal variable is no term of the model",
                    value=name,
                    hint=nearest(name, matrix.variables),
                )
        own = [j for j, variable in enumerate(matrix.variables) if variable in wanted]
        return Cumulative(len(levels), curve, tuple(own))

    return _fit("partial", outcome, design, terms, batteries, y, made, levels, "never")


def multinomial(
    design: SurveyDesign,
    outcome: str,
    terms: Terms,
    reference: str | None = None,
    batteries: Batteries | None = None,
) -> Fit:
    """Fit a multinomial logit under the design, as R ``svy_vglm(multinomial())``.

    ``reference`` is the level that the others are compared with (the first). Raises as
    :func:`ordinal`.
    """
    y, levels = _levels(design, outcome, ordered=False)
    if reference is not None and reference not in levels:
        raise InputError(
            "the reference is no level of the outcome",
            column=outcome,
            value=reference,
            hint=nearest(reference, levels),
        )
    # Levels keep their order: scores of the probabilities need it.
    likelihood = Multinomial(len(levels), 0 if reference is None else levels.index(reference))
    return _fit(
        "multinomial", outcome, design, terms, batteries, y, lambda _: likelihood, levels, "never"
    )


def _levels(design: SurveyDesign, outcome: str, ordered: bool) -> tuple[Floats, tuple[str, ...]]:
    """Return codes (NaN for none) and levels of a categorical outcome; refuse empty levels."""
    series = column(design, outcome)
    if not isinstance(series.dtype, pd.CategoricalDtype):
        problem = "an ordered outcome needs ordered categories"
        if not ordered:
            problem = "a multinomial outcome needs categories"
        raise InputError(problem, column=outcome, hint="declare them: pandas.Categorical")
    if ordered and not series.cat.ordered:
        raise InputError(
            "the categories of an ordered outcome have no declared order",
            column=outcome,
            value=", ".join(map(str, series.cat.categories)),
            hint="declare it a scale (in Python pandas.Categorical(..., ordered=True))",
        )
    y = series.cat.codes.to_numpy(dtype=float, copy=True)
    y[y < 0] = np.nan
    inside = y[design.in_domain & ~np.isnan(y)].astype(np.int64)
    names = tuple(str(level) for level in series.cat.categories)
    counts = np.bincount(inside, minlength=len(names))
    if (counts > 0).sum() < 2:
        raise FitError("the outcome has one level among those who answered", column=outcome)
    if (counts == 0).any():
        raise FitError(
            "a level of the outcome has no respondent",
            column=outcome,
            value=names[int(np.argmin(counts))],
            hint="merge it with its neighbour",
        )
    if len(names) < 3:
        what = "an ordered" if ordered else "a multinomial"
        raise FitError(
            f"{what} outcome needs three levels", column=outcome, hint="use a binomial model"
        )
    return y, names


def _fit(
    kind: str,
    outcome: str,
    design: SurveyDesign,
    terms: Terms,
    batteries: Batteries | None,
    y: Floats,
    likelihood_of: Any,
    outcomes: tuple[str, ...],
    penalty: Penalty,
) -> Fit:
    design.refuse_negative_weights("a likelihood")
    if np.isnan(y[design.in_domain]).all():
        raise InputError("nobody answered", column=outcome, hint="leave the model out")
    matrix = design_matrix(design.subset(~np.isnan(y)), terms, batteries)
    likelihood: Likelihood = likelihood_of(matrix)
    domain = design.subset(matrix.complete)
    rows = domain.in_domain
    whole = bool(rows.all())
    X, target, w = (
        (matrix.X, y, domain.weights) if whole else (matrix.X[rows], y[rows], domain.weights[rows])
    )
    parameters = tuple(likelihood.parameters(len(matrix.names), outcomes))
    _refuse_thin(target, outcomes, outcome, sum(p.column >= 0 for p in parameters), domain)
    names = [parameter_name(p, matrix) for p in parameters]
    made = Fit(
        kind,
        outcome,
        domain,
        matrix,
        y,
        likelihood,
        np.zeros(len(parameters)),
        parameters,
        np.zeros((0, 0)),
        outcomes,
        design.n - domain.n,
        0,
        np.nan,
        likelihood.loglik(likelihood.start(X, target, w), X, target, w),
    )
    try:
        if penalty == "always":
            raise SeparatedError("asked for")
        optimum = maximise(likelihood, X, target, w, outcome, names)
        scores = likelihood.scores(optimum.theta, X, target)
        profile = None
    except SeparatedError:
        if penalty == "never":
            raise
        optimum, scores, profile = _penalised(likelihood, X, target, w)
    influence = scores @ np.linalg.inv(optimum.information)
    if not whole:
        spread = np.zeros((len(y), len(parameters)))
        spread[rows] = influence
        influence = spread
    return replace(
        made,
        theta=optimum.theta,
        influence=influence,
        iterations=optimum.steps,
        loglik=likelihood.loglik(optimum.theta, X, target, w),
        penalised=profile is not None,
        profile=profile,
    )


def _penalised(
    likelihood: Likelihood, X: Floats, y: Floats, w: Floats
) -> tuple[Optimum, Floats, Floats]:
    """Fit by Firth's likelihood; return the optimum for weights w, scores, and profile limits.

    A binary logit is the cumulative one of two levels with the sign of its cut-point turned.
    """
    binary = isinstance(likelihood, GLM)
    inner = Cumulative(2) if isinstance(likelihood, GLM) else likelihood
    assert isinstance(inner, Cumulative)
    worth = effective_weights(w)
    problem = Penalised(inner, X, y, worth)
    optimum = problem.climb(inner.start(X, y, w))
    se = np.sqrt(np.diag(np.linalg.inv(optimum.information)))
    limits = [
        (*problem.limits(optimum, place), problem.p(optimum, place), se[place])
        for place in range(len(optimum.theta))
    ]
    profile = np.array(limits)
    scores = problem.scores(optimum.theta)
    information = optimum.information * (w.sum() / worth.sum())
    theta = optimum.theta
    if binary:
        turn = np.roll(np.arange(len(theta)), 1)  # cut-point last: intercept first
        sign = np.where(np.arange(len(theta)) == 0, -1.0, 1.0)
        theta, scores = theta[turn] * sign, scores[:, turn] * sign
        information = information[np.ix_(turn, turn)] * np.outer(sign, sign)
        profile = profile[turn]
        profile[0, :2] = -profile[0, 1::-1]
    return Optimum(theta, optimum.steps, information, optimum.loglik), scores, profile


def _refuse_thin(
    target: Floats, outcomes: tuple[str, ...], outcome: str, slopes: int, domain: SurveyDesign
) -> None:
    if np.ptp(target) == 0:
        raise FitError("the outcome has one level among those who answered", column=outcome)
    if len(outcomes) > 1:
        counts = np.bincount(target.astype(np.int64), minlength=len(outcomes))
        lost = [name for name, count in zip(outcomes, counts, strict=True) if not count]
        if lost:
            raise FitError(
                "a level of the outcome is lost with the missing answers",
                column=outcome,
                value=lost[0],
                hint="merge it with its neighbour",
            )
    if slopes >= domain.degrees_of_freedom:
        raise FitError(
            f"{slopes} columns on {domain.degrees_of_freedom} degrees of freedom",
            column=outcome,
            hint="leave terms out",
        )
