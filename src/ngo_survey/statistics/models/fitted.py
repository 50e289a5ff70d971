"""A fitted model: estimates with their influence values, and the frames made of them alone.

What needs more (effects, contrasts, checks) is in :class:`ngo_survey.statistics.models.fit.Fit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.likelihood import Floats, Likelihood, Parameter
from ngo_survey.statistics.models.terms import DesignMatrix


@dataclass(frozen=True)
class Fitted:
    """A fitted model: estimates, their influence values, and the tables made of these alone.

    Attributes
    ----------
    kind: ``ordinal``, ``partial``, ``multinomial``, or the family of a generalised linear model.
    design: the domain of those who answered every question of the model.
    matrix, y: design matrix and outcome of every row of the design.
    theta: estimates; ``parameters`` what they are; ``influence`` (n, q) their influence values.
    outcomes: names of the responses: levels of an outcome, the event of a binomial one.
    excluded: respondents of the domain left out for a missing answer.
    penalised: Firth's penalised likelihood where the plain one has no maximum; its limits and p
        are those of the profile (``profile``: low, high, p, se by place), since a sandwich made
        of a separated outcome's scores is far too narrow.
    """

    kind: str
    outcome: str
    design: SurveyDesign
    matrix: DesignMatrix
    y: Floats
    likelihood: Likelihood
    theta: Floats
    parameters: tuple[Parameter, ...]
    influence: Floats
    outcomes: tuple[str, ...]
    excluded: int
    iterations: int
    loglik: float
    null_loglik: float
    penalised: bool = False
    profile: Floats | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of every parameter: column, ``column@tag``, ``(intercept)`` or cut-point."""
        return tuple(parameter_name(p, self.matrix) for p in self.parameters)

    @cached_property
    def columns(self) -> dict[str, tuple[str, str]]:
        """Variable and level of every slope, by its name."""
        matrix = self.matrix
        return {
            self.names[place]: (matrix.variables[p.column], matrix.levels[p.column])
            for place, p in enumerate(self.parameters)
            if p.column >= 0
        }

    @cached_property
    def covariance(self) -> Floats:
        """Design-based covariance of all parameters (linearised; Binder 1983, Skinner 1989)."""
        return self.design.covariance(self.influence)

    @property
    def df(self) -> int:
        """Degrees of freedom of tests: those of the design less the slopes."""
        return self.design.degrees_of_freedom - len(self.slopes)

    @property
    def weights(self) -> Floats:
        """Weights of the domain, zero elsewhere."""
        return np.where(self.design.in_domain, self.design.weights, 0.0)

    @property
    def slopes(self) -> list[int]:
        """Places of the slopes in theta."""
        return [place for place, p in enumerate(self.parameters) if p.column >= 0]

    def places(self, variable: str) -> list[int]:
        """Return the places of all coefficients of a variable."""
        own = set(self.matrix.columns(variable))
        return [place for place, p in enumerate(self.parameters) if p.column in own]

    def _table(self, places: list[int]) -> pd.DataFrame:
        estimate = self.theta[places]
        se = np.sqrt(np.diag(self.covariance))[places]
        if self.profile is not None:
            se = self.profile[places, 3]
        t = distributions.t_quantile(0.975, self.df)
        statistic = estimate / se
        low, high = estimate - t * se, estimate + t * se
        p = 2 * distributions.t_tail(np.abs(statistic), self.df)
        if self.profile is not None:
            low, high, p, _ = self.profile[places].T
        return pd.DataFrame(
            {
                "term": [self.names[i] for i in places],
                "estimate": estimate,
                "se": se,
                "statistic": statistic,
                "df": float(self.df),
                "p": p,
                "ci_low": low,
                "ci_high": high,
            }
        )

    @property
    def _ordered(self) -> bool:
        return self.kind in {"ordinal", "partial"}

    @property
    def coefficients(self) -> pd.DataFrame:
        """``term, estimate, se, statistic, df, p, ci_low, ci_high``; intercepts where they are."""
        return self._table(self.slopes if self._ordered else list(range(len(self.theta))))

    @property
    def cutpoints(self) -> pd.DataFrame:
        """Cut-points of an ordered model; empty for others."""
        places = [i for i, p in enumerate(self.parameters) if p.column < 0]
        return self._table(places if self._ordered else [])


def parameter_name(parameter: Parameter, matrix: DesignMatrix) -> str:
    """Return the name of a parameter: column, ``column@tag``, ``(intercept)`` or cut-point."""
    name = matrix.names[parameter.column] if parameter.column >= 0 else "(intercept)"
    if not parameter.tag:
        return name
    if parameter.column < 0 and "|" in parameter.tag:
        return parameter.tag
    return f"{name}@{parameter.tag}"
