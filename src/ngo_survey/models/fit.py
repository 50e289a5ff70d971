"""Pseudo-maximum likelihood under a survey design, and the fitted model as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ngo_survey.errors import InputError, SurveyError
from ngo_survey.estimation.domains import column, levels_of
from ngo_survey.models.likelihood import GLM, CumulativeLogit, Floats, Likelihood
from ngo_survey.models.terms import DesignMatrix, design_matrix
from ngo_survey.sampling import SurveyDesign

Terms = Sequence[str | Mapping[str, Any]]
FAMILIES = ("gaussian", "binomial", "poisson")


class FitError(SurveyError):
    """A model cannot be fitted to these data: the message says why."""


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    design: the domain of those who answered every question of the model.
    matrix, y: design matrix and outcome of every row of the design.
    theta: estimates; ``names`` their names; ``influence`` (n, q) their influence values.
    outcomes: names of the responses: levels of an ordered outcome, the event of a binomial one.
    excluded: respondents of the domain left out for a missing answer.
    """

    kind: str
    outcome: str
    design: SurveyDesign
    matrix: DesignMatrix
    y: Floats
    likelihood: Likelihood
    theta: Floats
    names: tuple[str, ...]
    influence: Floats
    outcomes: tuple[str, ...]
    excluded: int
    iterations: int
    loglik: float
    null_loglik: float

    @cached_property
    def covariance(self) -> Floats:
        """Design-based covariance of all parameters (linearised; Binder 1983, Skinner 1989)."""
        return self.design.covariance(self.influence)

    @property
    def df(self) -> int:
        """Degrees of freedom of tests: those of the design less the slopes."""
        return self.design.degrees_of_freedom - len(self.matrix.names)

    @property
    def weights(self) -> Floats:
        """Weights of the domain, zero elsewhere."""
        return np.where(self.design.in_domain, self.design.weights, 0.0)

    def _table(self, places: list[int]) -> pd.DataFrame:
        estimate = self.theta[places]
        se = np.sqrt(np.diag(self.covariance))[places]
        t = stats.t.ppf(0.975, self.df)
        statistic = estimate / se
        return pd.DataFrame(
            {
                "term": [self.names[i] for i in places],
                "estimate": estimate,
                "se": se,
                "statistic": statistic,
                "df": float(self.df),
                "p": 2 * stats.t.sf(np.abs(statistic), self.df),
                "ci_low": estimate - t * se,
                "ci_high": estimate + t * se,
            }
        )

    @property
    def slopes(self) -> list[int]:
        """Places of the slopes in theta."""
        first = 0 if self.kind == "ordinal" else 1
        return list(range(first, first + len(self.matrix.names)))

    @property
    def coefficients(self) -> pd.DataFrame:
        """``term, estimate, se, statistic, df, p, ci_low, ci_high``; a GLM's intercept first."""
        places = self.slopes if self.kind == "ordinal" else [0, *self.slopes]
        return self._table(places)

    @property
    def cutpoints(self) -> pd.DataFrame:
        """Cut-points of an ordered model; empty for others."""
        places = [i for i in range(len(self.theta)) if i not in self.slopes]
        return self._table(places if self.kind == "ordinal" else [])

    def effects(self, linearise: Literal["full", "delta"] = "full") -> pd.DataFrame:
        """Average marginal effects; see :func:`ngo_survey.models.effects.effects`."""
        from ngo_survey.models.effects import effects

        return effects(self, linearise)

    def predictions(self) -> pd.DataFrame:
        """Predictive margins; see :func:`ngo_survey.models.effects.predictions`."""
        from ngo_survey.models.effects import predictions

        return predictions(self)

    def diagnostics(self) -> pd.DataFrame:
        """Checks of the fit; see :func:`ngo_survey.models.diagnostics.diagnostics`."""
        from ngo_survey.models.diagnostics import diagnostics

        return diagnostics(self)


def glm(
    design: SurveyDesign,
    outcome: str,
    terms: Terms,
    family: str = "gaussian",
    event: Sequence[str] | None = None,
) -> Fit:
    """Fit a generalised linear model, as R ``svyglm``.

    Parameters
    ----------
    outcome: a number, or for ``binomial`` also a categorical variable: ``event`` names the levels
        that count as 1 (its last level by default).
    terms: names, or mappings as :class:`terms.Term`.

    Raises
    ------
    FitError: separation, no convergence, an outcome without variation, more columns than the
        design has degrees of freedom.
    InputError: unknown names, constant or aliased predictors.
    """
    if family not in FAMILIES:
        raise InputError("no such family", value=family, mend=", ".join(FAMILIES))
    series = column(design, outcome)
    if pd.api.types.is_numeric_dtype(series):
        y = series.to_numpy(dtype=float, na_value=np.nan)
        name = outcome
    elif family == "binomial":
        levels = [str(level) for level in levels_of(series)]
        events = list(event or levels[-1:])
        strange = [e for e in events if e not in levels]
        if strange:
            raise InputError("the event is no level", column=outcome, value=strange[0])
        text = series.astype(object)
        y = np.where(series.notna(), text.isin(events), np.nan).astype(float)
        name = "+".join(events)
    else:
        raise InputError("the outcome is not a number", column=outcome)
    if family == "binomial" and not set(np.unique(y[~np.isnan(y)])) <= {0.0, 1.0}:
        raise InputError("a binomial outcome is 0 or 1", column=outcome)
    return _fit(family, outcome, design, terms, y, GLM(family), (name,))


def ordinal(design: SurveyDesign, outcome: str, terms: Terms) -> Fit:
    """Fit a cumulative logit by pseudo-maximum likelihood, as R ``svyolr``.

    ``outcome`` is a categorical variable whose categories are in order. Newton's method with the
    analytic Hessian; the observed information is the bread of the sandwich.

    Raises as :func:`glm`, and for a level of the outcome that nobody has.
    """
    series = column(design, outcome)
    levels = levels_of(series)
    if not isinstance(series.dtype, pd.CategoricalDtype):
        raise InputError("an ordered outcome needs ordered categories", column=outcome)
    y = series.cat.codes.to_numpy(dtype=float)
    y[y < 0] = np.nan
    empty = [str(level) for level in levels if not (series[design.in_domain] == level).any()]
    if empty:
        raise FitError(
            "a level of the outcome has no respondent",
            column=outcome,
            value=empty[0],
            mend="merge it with its neighbour",
        )
    if len(levels) < 3:
        raise FitError(
            "an ordered outcome needs three levels", column=outcome, mend="use a binomial model"
        )
    likelihood = CumulativeLogit(len(levels))
    return _fit("ordinal", outcome, design, terms, y, likelihood, tuple(map(str, levels)))


def _fit(
    kind: str,
    outcome: str,
    design: SurveyDesign,
    terms: Terms,
    y: Floats,
    likelihood: Likelihood,
    outcomes: tuple[str, ...],
) -> Fit:
    matrix = design_matrix(design.subset(~np.isnan(y)), terms)
    domain = design.subset(matrix.complete)
    excluded = design.n - domain.n
    rows = domain.in_domain
    if np.ptp(y[rows]) == 0:
        raise FitError("the outcome has one level among those who answered", column=outcome)
    if len(matrix.names) >= domain.degrees_of_freedom:
        raise FitError(
            f"{len(matrix.names)} columns on {domain.degrees_of_freedom} degrees of freedom",
            column=outcome,
            mend="leave terms out",
        )
    X, target, w = matrix.X[rows], y[rows], domain.weights[rows]
    _refuse_missing_levels(kind, target, outcomes, outcome)
    start = likelihood.start(X, target, w)
    theta, iterations = _newton(likelihood, start, X, target, w, matrix, outcome)
    information = likelihood.information(theta, X, target, w)
    influence = np.zeros((len(y), len(theta)))
    influence[rows] = np.linalg.solve(information, likelihood.scores(theta, X, target).T).T
    if kind == "ordinal":
        cuts = tuple(f"{a}|{b}" for a, b in pairwise(outcomes))
        names = (*matrix.names, *cuts)
    else:
        names = ("(intercept)", *matrix.names)
    return Fit(
        kind,
        outcome,
        domain,
        matrix,
        y,
        likelihood,
        theta,
        names,
        influence,
        outcomes,
        excluded,
        iterations,
        likelihood.loglik(theta, X, target, w),
        likelihood.loglik(start, X, target, w),
    )


def _refuse_missing_levels(
    kind: str, target: Floats, outcomes: tuple[str, ...], outcome: str
) -> None:
    if kind == "ordinal":
        found = set(target.astype(int))
        lost = [name for code, name in enumerate(outcomes) if code not in found]
        if lost:
            raise FitError(
                "a level of the outcome is lost with the missing answers",
                column=outcome,
                value=lost[0],
                mend="merge it with its neighbour",
            )


def _newton(
    likelihood: Likelihood,
    theta: Floats,
    X: Floats,
    y: Floats,
    w: Floats,
    matrix: DesignMatrix,
    outcome: str,
) -> tuple[Floats, int]:
    """Climb by Newton steps, halved while the likelihood falls; refuse separation."""
    scale = w / w.sum()
    value = likelihood.loglik(theta, X, y, scale)
    for iteration in range(1, 101):
        gradient = likelihood.scores(theta, X, y).T @ scale
        information = likelihood.information(theta, X, y, scale)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            raise _separated(theta, X, matrix, outcome) from None
        decrement = float(gradient @ step)
        if decrement < 0:  # not concave here: follow the gradient
            step, decrement = gradient, float(gradient @ gradient)
        for _ in range(40):
            ahead = likelihood.loglik(theta + step, X, y, scale)
            if ahead >= value - 1e-15 * abs(value):
                break
            step = step / 2
        theta, value = theta + step, ahead
        spread = X.std(axis=0) + 1e-12
        slopes = theta[: X.shape[1]] if isinstance(likelihood, CumulativeLogit) else theta[1:]
        if _can_separate(likelihood) and (np.abs(slopes) * spread > 15).any():
            raise _separated(theta, X, matrix, outcome)
        if decrement < 1e-22:
            return theta, iteration
        if decrement < 1e-14 and iteration > 30:
            return theta, iteration
    raise FitError(
        "the model does not converge in a hundred steps", column=outcome, mend="leave terms out"
    )


def _can_separate(likelihood: Likelihood) -> bool:
    return (
        isinstance(likelihood, CumulativeLogit) or getattr(likelihood, "family", "") == "binomial"
    )


def _separated(theta: Floats, X: Floats, matrix: DesignMatrix, outcome: str) -> FitError:
    size = X.shape[1]
    slopes = theta[1:] if len(theta) == size + 1 and theta.size > size else theta[:size]
    worst = int(np.argmax(np.abs(slopes) * X.std(axis=0)))
    return FitError(
        "the outcome is separated by a predictor, so that its coefficient is infinite",
        column=outcome,
        value=matrix.names[worst],
        mend="merge its levels or leave it out",
    )
