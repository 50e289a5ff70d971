"""Models of the library: a formula, a design, and a fit that answers as a statistician expects."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.library.formulas import read
from ngo_survey.statistics.library.frame import ResultFrame, results
from ngo_survey.statistics.limits import symmetric
from ngo_survey.statistics.models import fit as fitting
from ngo_survey.statistics.models.confounding import fitted_e_values
from ngo_survey.statistics.models.contrasts import contrasts, shift
from ngo_survey.statistics.models.diagnostics import diagnostics, wald
from ngo_survey.statistics.models.effects import effects, predictions
from ngo_survey.statistics.models.fit import Fit, Penalty
from ngo_survey.statistics.models.information import aic
from ngo_survey.statistics.models.prediction import predict
from ngo_survey.statistics.models.small_samples import bias_reduced
from ngo_survey.statistics.models.terms import Batteries, Terms

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Model(Fit):
    """A fitted model: what :class:`Fit` holds, and frames of results made of it."""

    def __repr__(self) -> str:
        return repr(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    @property
    def formula(self) -> str:
        """The model as a formula, with the variables that it was fitted with."""
        variables = dict.fromkeys(block.variable for block in self.matrix.blocks)
        return f"{self.outcome} ~ {' + '.join(variables)}"

    def summary(self, level: float = 0.95) -> ResultFrame:
        """Return coefficients and cut-points with standard errors, t tests and limits.

        Columns ``term, estimate, se, statistic, df, p, ci_low, ci_high``; on the scale of the link
        (logits of a binomial or ordered outcome), linearised under the design.

        Raises
        ------
        InputError: a level other than 0.95 of a penalised fit, whose limits are its profile's.
        """
        made = pd.concat([self.coefficients, self.cutpoints], ignore_index=True)
        left = f", {self.excluded:,} left out for a missing answer" if self.excluded else ""
        kind = f"{self.kind}, Firth's penalty" if self.penalised else self.kind
        title = f"{self.formula} ({kind}), {self.design.n:,} respondents{left}"
        return self._at(made, level, title)

    def confint(self, level: float = 0.95) -> ResultFrame:
        """Return ``term, estimate, ci_low, ci_high``: limits of coefficients and cut-points."""
        made = self.summary(level)
        return results(made[["term", "estimate", "ci_low", "ci_high"]], self._named("", level))

    def predict(self, new: Any = None, level: float = 0.95) -> ResultFrame:
        """Return the expected response of new rows: see :func:`prediction.predict`."""
        return results(predict(self, new, level), self._named("Predictions", level))

    def anova(self) -> ResultFrame:
        """Test each term as a whole, given the others: design-based Wald F, as R ``regTermTest``.

        Columns ``term, statistic, df1, df2, p``. An interaction is tested given its variables; a
        variable that is in one is tested at the reference of the other.

        Raises
        ------
        InputError: a penalised fit, whose covariance is far too narrow for a Wald test.
        """
        if self.penalised:
            raise InputError(
                "a penalised fit has no Wald tests",
                column=self.outcome,
                hint="read the p of summary(), which is the profile's",
            )
        variables = list(dict.fromkeys(self.matrix.variables))
        rows = [(name, *wald(self, name)) for name in variables]
        made = pd.DataFrame(rows, columns=["term", "statistic", "df1", "df2", "p"])
        return results(made, f"Wald tests of terms, {self.formula}")

    @property
    def aic(self) -> float:
        """AIC for a pseudo-likelihood, and why it differs: see :func:`information.aic`."""
        return aic(self)

    def effects(
        self, linearise: Literal["full", "delta"] = "full", level: float = 0.95
    ) -> ResultFrame:
        """Average marginal effects: see :func:`effects.effects`."""
        return self._at(effects(self, linearise), level, self._named("Average effects", level))

    def predictions(self, level: float = 0.95) -> ResultFrame:
        """Predictive margins: see :func:`effects.predictions`."""
        return self._at(predictions(self), level, self._named("Predictive margins", level))

    def contrasts(self, variable: str, **options: Any) -> ResultFrame:
        """Every two levels of a variable: see :func:`contrasts.contrasts`."""
        return results(contrasts(self, variable, **options), f"Levels of {variable} compared")

    def shift(self, source: str, target: str, points: float) -> ResultFrame:
        """Points moved within a whole: see :func:`contrasts.shift`."""
        return results(shift(self, source, target, points), f"From {source} to {target}")

    def bias_reduced(self, level: float = 0.95) -> ResultFrame:
        """Coefficients for few respondents or PSUs: see :func:`small_samples.bias_reduced`."""
        return results(bias_reduced(self, level), self._named("CR2", level))

    def e_values(self) -> ResultFrame:
        """What nobody measured, to make an effect: see :func:`confounding.fitted_e_values`."""
        return results(fitted_e_values(self), f"E-values, {self.formula}")

    def diagnostics(self) -> ResultFrame:
        """Checks of the fit: see :func:`diagnostics.diagnostics`."""
        return results(diagnostics(self), f"Checks, {self.formula}")

    def plot(self, ax: Axes | None = None, level: float = 0.95) -> Axes:
        """Draw the average marginal effects with their limits."""
        return self.effects(level=level).plot(ax)

    def _named(self, what: str, level: float) -> str:
        return f"{what + ', ' if what else ''}{100 * level:g} % limits, {self.formula}"

    def _at(self, frame: pd.DataFrame, level: float, title: str) -> ResultFrame:
        """Return a frame with t limits of another level on the fit's degrees of freedom."""
        if level != 0.95:
            if self.penalised and "term" in frame and "statistic" in frame:
                raise InputError(
                    "a penalised fit has the limits of its profile, at 0.95 alone", value=level
                )
            low, high = symmetric(frame["estimate"], frame["se"] ** 2, self.df, level)
            frame = frame.assign(ci_low=low, ci_high=high)
        return results(frame, title)


def glm(
    formula: str,
    design: SurveyDesign,
    family: str = "gaussian",
    *,
    terms: Terms | None = None,
    event: object = None,
    link: str | None = None,
    penalty: Penalty = "never",
    batteries: Batteries | None = None,
) -> Model:
    """Fit a generalised linear model under a design, as R ``svyglm``.

    Parameters
    ----------
    formula: ``"awards ~ ell + meals + C(stype)"`` (see :func:`formulas.read`), or the name of the
        outcome alone where ``terms`` lists the predictors.
    family: ``gaussian``, ``binomial`` or ``poisson``.
    terms: names and mappings, as the configuration of a study declares them
        (:class:`formula.Term`).
    event, link, penalty, batteries: as :func:`fit.glm`.

    Raises
    ------
    InputError, FitError: as :func:`formulas.read` and :func:`fit.glm`.
    """
    outcome, asked, held = _parts(formula, design, terms)
    return _model(fitting.glm(held, outcome, asked, family, event, link, penalty, batteries))


def ordinal(
    formula: str,
    design: SurveyDesign,
    *,
    terms: Terms | None = None,
    link: str = "logit",
    penalty: Penalty = "never",
    batteries: Batteries | None = None,
) -> Model:
    """Fit a cumulative logit under a design, as R ``svyolr``.

    The outcome is an ordered categorical. ``formula`` and ``terms`` as :func:`glm`, the rest and
    what is raised as :func:`fit.ordinal`.
    """
    outcome, asked, held = _parts(formula, design, terms)
    return _model(fitting.ordinal(held, outcome, asked, link, penalty, batteries))


def multinomial(
    formula: str,
    design: SurveyDesign,
    *,
    terms: Terms | None = None,
    reference: str | None = None,
    batteries: Batteries | None = None,
) -> Model:
    """Fit a multinomial logit under a design, as R ``svy_vglm(multinomial())``.

    The outcome is categorical. ``formula`` and ``terms`` as :func:`glm`, the rest and what is
    raised as :func:`fit.multinomial`.
    """
    outcome, asked, held = _parts(formula, design, terms)
    return _model(fitting.multinomial(held, outcome, asked, reference, batteries))


def _parts(
    formula: str, design: SurveyDesign, terms: Terms | None
) -> tuple[str, Terms, SurveyDesign]:
    if not isinstance(design, SurveyDesign) or not isinstance(formula, str):
        raise InputError(
            "a model is fitted to a formula and a design, in this order",
            value=f"{type(formula).__name__}, {type(design).__name__}",
            hint='glm("y ~ x", design), with a SurveyDesign of the columns that it needs',
        )
    if terms is None:
        return read(formula, design)
    if "~" in formula:
        raise InputError(
            "the terms are given twice",
            value=formula,
            hint="name the outcome alone beside terms=, or write all of it in the formula",
        )
    return formula, terms, design


def _model(fit: Fit) -> Model:
    return Model(**{field.name: getattr(fit, field.name) for field in fields(fit)})
