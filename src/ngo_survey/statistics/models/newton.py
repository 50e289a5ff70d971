"""Newton's method on a weighted likelihood, and what stops it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ngo_survey.errors import SurveyError
from ngo_survey.statistics.models.likelihood import Derivatives, Floats, Likelihood
from ngo_survey.statistics.models.separation import Separation, separation

#: From so many respondents on, the way up starts at the estimate of every k-th of them.
MANY, START = 100_000, 50_000
STEPS = 100
#: Change of the linear predictor over a column's range from which separation is looked for.
STEEP = 10.0


class FitError(SurveyError):
    """A model cannot be fitted to these data: the message says why."""


class SeparatedError(FitError):
    """The outcome is separated: the likelihood has no maximum."""


@dataclass(frozen=True)
class Optimum:
    """Where Newton's method arrived: estimates, steps, weighted information, log-likelihood."""

    theta: Floats
    steps: int
    information: Floats
    loglik: float


def maximise(
    likelihood: Likelihood, X: Floats, y: Floats, w: Floats, outcome: str, names: list[str]
) -> Optimum:
    """Climb by Newton steps, halved while the likelihood falls.

    Raises
    ------
    SeparatedError: the linear programme finds a direction along which the likelihood never falls.
    FitError: no convergence in a hundred steps.
    """
    scale = w / w.sum()
    theta = _start(likelihood, X, y, scale, outcome, names)
    here = likelihood.derivatives(theta, X, y, scale)
    enough = 1e-16 if likelihood.quadratic else 1e-22
    # Steepness only says when to look for separation: some of many rows tell it.
    spread = np.ptp(X[:: max(1, len(y) // MANY)], axis=0)
    columns = [p.column for p in likelihood.parameters(X.shape[1], _placeholders(likelihood))]
    weight = np.array([0.0 if c < 0 else spread[c] for c in columns])
    looked = False
    for step in range(1, STEPS + 1):
        direction = _direction(here.information, here.gradient)
        if direction is None:
            raise _reason(likelihood, X, y, outcome, names)
        decrement = float(here.gradient @ direction)
        if decrement < 0:  # not concave here: follow the gradient
            direction, decrement = here.gradient, float(here.gradient @ here.gradient)
        theta, here = _climb(likelihood, theta, direction, here, X, y, scale)
        steep = bool((np.abs(theta) * weight > STEEP).any())
        if not looked and (steep or step == 25):
            looked = True
            found = separation(likelihood, X, y)
            if found is not None:
                raise _separated(found, outcome, names)
        if decrement < enough or (decrement < 1e-14 and step > 30):
            total = float(w.sum())
            return Optimum(theta, step, here.information * total, here.loglik * total)
    raise FitError(
        "the model does not converge in a hundred steps", column=outcome, hint="leave terms out"
    )


def _placeholders(likelihood: Likelihood) -> list[str]:
    return [str(k) for k in range(getattr(likelihood, "levels", 1))]


def _start(
    likelihood: Likelihood, X: Floats, y: Floats, w: Floats, outcome: str, names: list[str]
) -> Floats:
    if len(y) < MANY:
        return likelihood.start(X, y, w)
    every = slice(None, None, len(y) // START)
    whole = likelihood.start(X, y, w)
    some = y[every]
    if len(np.unique(some)) < len(np.unique(y)) and len(np.unique(y)) < 50:
        return whole
    try:
        theta = maximise(likelihood, X[every], some, w[every], outcome, names).theta
    except FitError:  # what ails the few need not ail all: the whole will tell
        return whole
    return theta if np.isfinite(likelihood.loglik(theta, X, y, w)) else whole


def _direction(information: Floats, gradient: Floats) -> Floats | None:
    try:
        direction: Floats = np.linalg.solve(information, gradient).astype(float, copy=False)
    except np.linalg.LinAlgError:
        return None
    return direction if np.isfinite(direction).all() else None


def _climb(
    likelihood: Likelihood,
    theta: Floats,
    direction: Floats,
    here: Derivatives,
    X: Floats,
    y: Floats,
    w: Floats,
) -> tuple[Floats, Derivatives]:
    """Take the step, or half of it, until the likelihood does not fall; the whole nearly always."""
    floor = here.loglik - 1e-15 * abs(here.loglik)
    ahead = likelihood.derivatives(theta + direction, X, y, w)
    if ahead.loglik >= floor:
        return theta + direction, ahead
    for _ in range(40):
        direction = direction / 2
        if likelihood.loglik(theta + direction, X, y, w) >= floor:
            break
    return theta + direction, likelihood.derivatives(theta + direction, X, y, w)


def _reason(
    likelihood: Likelihood, X: Floats, y: Floats, outcome: str, names: list[str]
) -> FitError:
    found = separation(likelihood, X, y)
    if found is not None:
        return _separated(found, outcome, names)
    return FitError(
        "the information of the model is singular", column=outcome, hint="leave terms out"
    )


def _separated(found: Separation, outcome: str, names: list[str]) -> SeparatedError:
    moved = [n for n, d in zip(names, found.direction, strict=True) if abs(d) > 1e-6]
    # Cut-points and intercepts move along; the predictors are what a user can correct.
    guilty = [n for n in moved if "|" not in n.partition("@")[0] and "(intercept)" not in n]
    kind = "completely" if found.complete else "quasi-completely"
    return SeparatedError(
        f"the outcome is {kind} separated by a predictor, so that its coefficient is infinite",
        column=outcome,
        value=", ".join((guilty or moved)[:4]),
        hint="merge its levels, leave it out or declare fallback: firth",
    )
