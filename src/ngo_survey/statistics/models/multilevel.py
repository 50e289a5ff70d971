"""Sensitivity to region: a random intercept, dummies, and regions as clusters.

The design-based model is the one to read. A random intercept belongs to a model of how the data
came about, in which weights have no settled place (Pfeffermann et al. 1998; Rabe-Hesketh &
Skrondal 2006): it is shown without weights, or with weights scaled to each group's size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from ngo_survey.errors import InputError, SurveyError
from ngo_survey.statistics import distributions
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.domains import category_codes, column
from ngo_survey.statistics.models.cumulative import Cumulative
from ngo_survey.statistics.models.fit import Fit, ordinal
from ngo_survey.statistics.models.formula import Term, terms_of
from ngo_survey.statistics.models.likelihood import Codes, Floats
from ngo_survey.statistics.models.links import FAR
from ngo_survey.statistics.models.newton import FitError
from ngo_survey.statistics.models.terms import Batteries, Terms

#: Variance of the standard logistic and others: what is within groups on the latent scale.
WITHIN = {"logit": np.pi**2 / 3, "probit": 1.0, "cloglog": np.pi**2 / 6}


@dataclass(frozen=True)
class RandomIntercept:
    """A cumulative model with a normal intercept of each group.

    Attributes
    ----------
    coefficients: ``term, estimate, se, statistic, p``; slopes, then cut-points.
    sd: standard deviation of the intercepts; ``icc`` their share of the latent variance.
    """

    coefficients: pd.DataFrame
    sd: float
    icc: float
    loglik: float
    groups: int


class _Marginal:
    """The marginal likelihood by adaptive Gauss-Hermite quadrature (Pinheiro & Bates 1995)."""

    def __init__(
        self, likelihood: Cumulative, X: Floats, y: Codes, w: Floats, group: Codes, points: int
    ) -> None:
        self.likelihood, self.X, self.y, self.w, self.group = likelihood, X, y, w, group
        self.groups = int(group.max()) + 1
        self.nodes, self.node_weights = np.polynomial.hermite_e.hermegauss(points)
        self.modes = np.zeros(self.groups)

    def _edges(self, theta: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return probability and derivatives of its logarithm at edges moved by v (n, Q)."""
        cuts = self.likelihood.cuts
        etas = self.likelihood.etas(theta, self.X)
        rows = np.arange(len(self.y))
        upper = etas[rows, np.minimum(self.y, cuts - 1)][:, None] - v
        lower = etas[rows, np.maximum(self.y - 1, 0)][:, None] - v
        upper[self.y == cuts] = FAR
        lower[self.y == 0] = -FAR
        below_u, above_u, f_u, slope_u = self.likelihood.link.curve(upper)
        below_l, above_l, f_l, slope_l = self.likelihood.link.curve(lower)
        p = np.where(lower > 0, above_l - above_u, below_u - below_l)
        p = np.maximum(p, 1e-300)
        return p, f_u / p, f_l / p, slope_u / p, slope_l / p

    def _sums(self, values: Floats) -> Floats:
        made = np.zeros((self.groups, values.shape[1]))
        np.add.at(made, self.group, values * self.w[:, None])
        return made

    def _find_modes(self, theta: Floats, sd: float) -> Floats:
        """Newton for the mode of every group at once; returns the curvatures there."""
        v = self.modes.copy()
        for _ in range(100):
            _, up, low, slope_u, slope_l = self._edges(theta, (sd * v)[self.group][:, None])
            first = self._sums(-(up - low))[:, 0] * sd - v
            second = slope_u - slope_l - (up - low) ** 2
            curvature = 1.0 - self._sums(second)[:, 0] * sd**2
            step = first / curvature
            v = v + np.clip(step, -2, 2)
            if float(np.abs(step).max()) < 1e-10:
                break
        self.modes = v
        return curvature

    def __call__(self, packed: Floats) -> tuple[float, Floats]:
        """Return minus the log-likelihood and its gradient at (theta, log sd)."""
        theta, sd = packed[:-1], float(np.exp(packed[-1]))
        if (np.diff(theta[-self.likelihood.cuts :]) <= 0).any():
            return np.inf, np.zeros_like(packed)
        curvature = self._find_modes(theta, sd)
        scale = 1.0 / np.sqrt(curvature)
        v = self.modes[:, None] + scale[:, None] * self.nodes  # (G, Q)
        p, up, low, _, _ = self._edges(theta, sd * v[self.group])
        logs = self._sums(np.log(p)) - 0.5 * v**2 + 0.5 * self.nodes**2
        logs += np.log(self.node_weights / np.sqrt(2 * np.pi))
        top = logs.max(axis=1, keepdims=True)
        integral = np.exp(logs - top)
        sums = integral.sum(axis=1, keepdims=True)
        loglik = float((top + np.log(sums)).sum() + np.log(scale).sum())
        share = (integral / sums)[self.group] * self.w[:, None]  # (n, Q): posterior of each node
        first, last = (share * up).sum(axis=1), (share * low).sum(axis=1)
        gradient = np.zeros_like(packed)
        gradient[: self.X.shape[1]] = -(first - last) @ self.X
        cuts = self.likelihood.cuts
        gradient[-1 - cuts : -1] = (
            np.bincount(self.y, first, cuts + 1)[:cuts] - np.bincount(self.y, last, cuts + 1)[1:]
        )
        gradient[-1] = -sd * float((share * (up - low) * v[self.group]).sum())
        return -loglik, -gradient


def random_intercept(
    design: SurveyDesign,
    outcome: str,
    terms: Terms,
    group: str,
    points: int = 10,
    weighted: bool = False,
    link: str = "logit",
    batteries: Batteries | None = None,
) -> RandomIntercept:
    """Fit a cumulative model with a random intercept of each ``group``, as R ``clmm``.

    Maximum likelihood by adaptive Gauss-Hermite quadrature with ``points`` nodes; standard errors
    from the Hessian, by central differences of the analytic gradient. ``weighted`` scales weights
    to add up to the size of each group (Pfeffermann et al. 1998, method 2): sensitivity only.

    Raises as :func:`fit.ordinal`, and :class:`FitError` when it does not converge.
    """
    if points < 5:
        raise InputError("quadrature needs five points or more", value=points)
    groups = column(design, group)
    inside = design.subset(groups.notna().to_numpy())
    plain = ordinal(inside, outcome, terms, link=link, batteries=batteries)
    rows = plain.design.in_domain
    codes = pd.factorize(category_codes(groups)[0][rows], sort=True)[0].astype(np.int64)
    number = int(codes.max()) + 1
    if number < 3:
        raise FitError("a random intercept needs three groups", column=group, value=number)
    X = plain.matrix.X[rows]
    w = np.ones(len(X))
    if weighted:
        own = plain.design.weights[rows]
        size, total = np.bincount(codes), np.bincount(codes, own)
        w = own * (size / total)[codes]
    assert isinstance(plain.likelihood, Cumulative)
    marginal = _Marginal(plain.likelihood, X, plain.y[rows].astype(np.int64), w, codes, points)
    # Columns of like size let the quasi-Newton steps start well.
    spread = np.maximum(X.std(axis=0), 1e-12)
    units = np.concatenate([spread, np.ones(len(plain.theta) - len(spread) + 1)])

    def scaled(packed: Floats) -> tuple[float, Floats]:
        value, gradient = marginal(packed / units)
        return value, gradient / units

    start = np.append(plain.theta, np.log(0.5)) * units
    made = minimize(scaled, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    if float(np.abs(made.jac).max()) > 1e-3 * max(1.0, len(X) ** 0.5):
        raise FitError("the random-intercept model does not converge", column=outcome)
    packed = made.x / units
    hessian = _hessian(marginal, packed, units)
    estimate = packed[:-1]
    # A variance at its edge of zero has no curvature of its own.
    free = len(packed) if packed[-1] > np.log(1e-3) else len(packed) - 1
    inverse = np.linalg.inv(hessian[:free, :free])
    se = np.sqrt(np.diag(inverse))[: len(estimate)]
    statistic = estimate / se
    sd = float(np.exp(packed[-1]))
    frame = pd.DataFrame(
        {
            "term": list(plain.names),
            "estimate": estimate,
            "se": se,
            "statistic": statistic,
            "p": 2 * distributions.normal_tail(np.abs(statistic)),
        }
    )
    icc = sd**2 / (sd**2 + WITHIN[link])
    return RandomIntercept(frame, sd, icc, -float(made.fun), number)


def _hessian(marginal: _Marginal, packed: Floats, units: Floats) -> Floats:
    made = np.zeros((len(packed), len(packed)))
    for place in range(len(packed)):
        step = np.zeros(len(packed))
        step[place] = 1e-4 / units[place]
        ahead, behind = marginal(packed + step)[1], marginal(packed - step)[1]
        made[place] = (ahead - behind) / (2 * step[place])
    return (made + made.T) / 2


def sensitivity(
    design: SurveyDesign,
    outcome: str,
    terms: Terms,
    group: str,
    link: str = "logit",
    batteries: Batteries | None = None,
) -> pd.DataFrame:
    """Fit an ordered model four ways that treat ``group`` differently.

    ``random``: random intercept without weights; ``random_weighted``: with weights scaled to the
    groups; ``dummies``: the design-based model with the group as a term instead of the terms that
    follow from it; ``clusters``: independence estimating equations with the groups as clusters
    (Liang & Zeger 1986), whose few groups give rough standard errors.

    Returns ``approach, term, estimate, se, p, note``; an approach that fails is a row with its
    reason and no figures. Random models add a row ``sd``.
    """
    own = terms_of(terms)
    held = [term for term in own if not _follows(design, term, group)]
    options: dict[str, Any] = {"link": link, "batteries": batteries}
    frames = []
    for approach in ("random", "random_weighted", "dummies", "clusters"):
        try:
            if approach.startswith("random"):
                made = random_intercept(
                    design, outcome, own, group, weighted=approach != "random", **options
                )
                note = f"{made.groups} groups, intraclass correlation {made.icc:.3f}"
                sd = pd.DataFrame({"term": ["sd"], "estimate": [made.sd], "note": [note]})
                frame = pd.concat([made.coefficients, sd], ignore_index=True)
            elif approach == "dummies":
                frame = ordinal(design, outcome, [*held, Term(group)], **options).coefficients
            else:
                frame = _clustered(design, group, outcome, own, options).coefficients
        except SurveyError as error:
            frame = pd.DataFrame({"term": ["failed"], "note": [str(error)]})
        frames.append(frame.assign(approach=approach))
    columns = ["approach", "term", "estimate", "se", "p", "note"]
    return pd.concat(frames, ignore_index=True).reindex(columns=columns)


def _clustered(
    design: SurveyDesign, group: str, outcome: str, terms: list[Term], options: dict[str, Any]
) -> Fit:
    known = design.in_domain & design.frame[group].notna().to_numpy()
    frame = design.frame[known].assign(**{"(weight)": design.weights[known]})
    clustered = SurveyDesign(frame, weights="(weight)", psu=group)
    slopes = len(ordinal(design, outcome, terms, **options).slopes)
    if slopes >= clustered.degrees_of_freedom:
        raise InputError(
            f"{slopes} coefficients on {clustered.degrees_of_freedom + 1} clusters",
            column=group,
            hint="clusters cannot tell so many apart",
        )
    return ordinal(clustered, outcome, terms, **options)


def _follows(design: SurveyDesign, term: Term, group: str) -> bool:
    """Say whether a variable is the same for all of a group: its dummies then hold it."""
    if term.variable not in design.frame:
        return False
    rows = design.frame.loc[design.in_domain, [group, term.variable]].dropna()
    return bool((rows.groupby(group, observed=True)[term.variable].nunique() <= 1).all())
