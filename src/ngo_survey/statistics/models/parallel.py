"""Tests of parallel lines: five tests of proportional odds, two of which know the design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import block_diag
from scipy.special import expit

from ngo_survey.statistics import distributions
from ngo_survey.statistics.models.cumulative import Cumulative
from ngo_survey.statistics.models.likelihood import GLM, Floats
from ngo_survey.statistics.models.newton import FitError, maximise

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fitted import Fitted


@dataclass(frozen=True)
class _Logits:
    """The K - 1 binary logits ``P(y > k)``: estimates, influence values, information."""

    theta: list[Floats]
    influence: list[Floats]
    loglik: float


def parallel_lines(fit: Fitted) -> list[dict[str, Any]]:
    """Test proportional odds: are the slopes of the K - 1 binary logits the same?

    ``parallel/score``: the one to read, see :func:`score_tests`. ``parallel/wald``: of the slopes
    of the binary logits with the design-based covariance, F on the design's degrees of freedom
    adjusted for the contrasts (Korn & Graubard 1990); it rejects far too often where answers are
    few for so many slopes. ``parallel/score/<variable>``, ``parallel/wald/<variable>``: one
    variable alone.

    For comparability only, as they take the weights (scaled to the number of respondents) for
    counts and know no design: ``parallel/brant``: Brant 1990 (Biometrics 46, 1171-1178);
    ``parallel/likelihood_ratio``: against the non-parallel model, as R ``nominal_test``;
    ``parallel/wolfe_gould``: the likelihoods of stacked binary logits with one slope and with
    K - 1 (Wolfe & Gould 1998, STB 42), divided by the mean eigenvalue that their correlation gives
    (Rao & Scott 1984).

    Returns rows ``name, value, df1, df2, p, note``.
    """
    rows = fit.design.in_domain
    X, y, w = fit.matrix.X[rows], fit.y[rows].astype(np.int64), fit.design.weights[rows]
    scored = score_tests(fit)
    try:
        logits = _binary_logits(X, y, w, len(fit.outcomes))
    except FitError as error:
        note = f"not computed: a cut has no model of its own ({error.problem})"
        return [*scored, diagnostic_row("parallel/wald", np.nan, note)]
    p, cuts = X.shape[1], len(fit.outcomes) - 1
    slopes = np.concatenate([theta[1:] for theta in logits.theta])
    contrast = np.hstack([-np.tile(np.eye(p), (cuts - 1, 1)), np.eye((cuts - 1) * p)])
    difference = contrast @ slopes
    made = scored + _design_based(fit, logits, contrast, difference)
    counts = w * (len(w) / w.sum())
    brant, bread = _brant_covariance(X, counts, logits.theta)
    model = contrast @ brant @ contrast.T
    k = len(difference)
    made.append(_chi2("brant", float(difference @ np.linalg.solve(model, difference)), k))
    made.append(_likelihood_ratio(fit, X, y, counts))
    # Under one slope twice the stacked difference is a sum of chi-squares with these weights.
    alike = np.linalg.solve(contrast @ bread @ contrast.T, model)
    stacked = _stacked(X, y, counts, cuts)
    ratio = 2 * (logits.loglik * (len(w) / w.sum()) - stacked) / (float(np.trace(alike)) / k)
    made.append(_chi2("wolfe_gould", ratio, k))
    return made


def diagnostic_row(
    name: str,
    value: float,
    note: str,
    df1: float = np.nan,
    df2: float = np.nan,
    p: float = np.nan,
) -> dict[str, Any]:
    """Return one diagnostic."""
    return {"name": name, "value": float(value), "df1": df1, "df2": df2, "p": p, "note": note}


def _chi2(name: str, value: float, k: int) -> dict[str, Any]:
    note = "model-based, weights as counts: for comparability only"
    return diagnostic_row(
        f"parallel/{name}", value, note, k, p=float(distributions.chi2_tail(value, k))
    )


def wald_f(estimate: Floats, spread: Floats, df: float) -> tuple[float, int, float, float]:
    """Return F, df1, df2 and p of ``estimate = 0``, adjusted for what k contrasts cost.

    ``F = W (df - k + 1) / (df k)`` on k and df - k + 1 (Korn & Graubard 1990).
    """
    k = len(estimate)
    left = df - k + 1
    value = float(estimate @ np.linalg.solve(spread, estimate)) * left / (df * k)
    return value, k, left, float(distributions.f_tail(value, k, left)) if left > 0 else np.nan


def score_tests(fit: Fitted) -> list[dict[str, Any]]:
    """Test parallel lines by the scores of the non-parallel model at the parallel estimates.

    The scores of what slopes differ by, freed of those of the parallel parameters (Boos 1992, Am.
    Stat. 46, 327-333), with the design's covariance (Rao, Scott & Skinner 1998, Stat. Sin. 8,
    1059-1070) in an F adjusted for the contrasts, :func:`wald_f`. Nothing is taken off for
    calibration (:meth:`SurveyDesign.without_calibration_gain`). Only the parallel model is fitted:
    no cut needs a model of its own, and the size is nearer to 5 % than that of Wald's test. With
    nearly as many contrasts as degrees of freedom it has hardly any power.

    Returns rows as :func:`parallel_lines`: all variables, then each.
    """
    rows = fit.design.in_domain
    X, y, w = fit.matrix.X[rows], fit.y[rows], fit.design.weights[rows]
    p, cuts = X.shape[1], len(fit.outcomes) - 1
    link = getattr(fit.likelihood, "link")  # noqa: B009  # only cumulative models come here
    free = Cumulative(len(fit.outcomes), link, tuple(range(p)))
    # The parallel model within the free one: every slope of a column is the same.
    within = block_diag(np.kron(np.eye(p), np.ones((cuts, 1))), np.eye(cuts))
    theta = within @ fit.theta
    scores = free.scores(theta, X, y)
    information = free.derivatives(theta, X, y, w).information
    apart = [j * cuts + k for j in range(p) for k in range(1, cuts)]
    variables = [fit.matrix.variables[place // cuts] for place in apart]
    inner = within.T @ information @ within
    freed = np.linalg.solve(inner, within.T @ information[:, apart])
    effective = np.zeros((len(rows), len(apart)))
    effective[rows] = scores[:, apart] - scores @ within @ freed
    total = fit.weights @ effective
    # Given the predictors scores have mean zero: margins explain them by chance alone.
    around = fit.design.without_calibration_gain().covariance(effective)
    df = fit.design.degrees_of_freedom

    def score_row(name: str, own: list[int]) -> dict[str, Any]:
        if len(own) > df:
            return diagnostic_row(
                name, np.nan, "not computed: more contrasts than degrees of freedom"
            )
        value, df1, df2, found = wald_f(total[own], around[np.ix_(own, own)], df)
        return diagnostic_row(name, value, "design-based, by scores", df1, df2, found)

    made = [score_row("parallel/score", list(range(len(apart))))]
    for variable in dict.fromkeys(variables):
        own = [place for place, name in enumerate(variables) if name == variable]
        made.append(score_row(f"parallel/score/{variable}", own))
    return made


def _design_based(
    fit: Fitted, logits: _Logits, contrast: Floats, difference: Floats
) -> list[dict[str, Any]]:
    rows = fit.design.in_domain
    p = fit.matrix.X.shape[1]
    cuts = len(fit.outcomes) - 1
    influence = np.zeros((len(rows), cuts * p))
    influence[rows] = np.concatenate([z[:, 1:] for z in logits.influence], axis=1)
    around = contrast @ fit.design.covariance(influence) @ contrast.T
    df = fit.design.degrees_of_freedom

    def wald_row(name: str, own: list[int]) -> dict[str, Any]:
        value, df1, df2, found = wald_f(difference[own], around[np.ix_(own, own)], df)
        return diagnostic_row(name, value, "design-based", df1, df2, found)

    made = [wald_row("parallel/wald", list(range(len(difference))))]
    for variable in dict.fromkeys(fit.matrix.variables):
        own = [c * p + i for c in range(cuts - 1) for i in fit.matrix.columns(variable)]
        made.append(wald_row(f"parallel/wald/{variable}", own))
    return made


def _binary_logits(X: Floats, y: np.ndarray, w: Floats, levels: int) -> _Logits:
    """Fitted ``P(y > k)`` for each cut."""
    likelihood = GLM("binomial")
    thetas, influences, total = [], [], 0.0
    names = ["(intercept)", *(f"column {j + 1}" for j in range(X.shape[1]))]
    for cut in range(levels - 1):
        target = (y > cut).astype(float)
        optimum = maximise(likelihood, X, target, w, f"cut {cut + 1}", names)
        scores = likelihood.scores(optimum.theta, X, target)
        thetas.append(optimum.theta)
        influences.append(scores @ np.linalg.inv(optimum.information))
        total += optimum.loglik
    return _Logits(thetas, influences, total)


def _brant_covariance(X: Floats, w: Floats, thetas: list[Floats]) -> tuple[Floats, Floats]:
    """Return Brant's covariance of the slopes of all binary logits (his eq. 4 to 6).

    And what it would be if the logits were of different respondents.
    """
    Z = np.column_stack([np.ones(len(X)), X])
    above = [expit(Z @ theta) for theta in thetas]
    inverse = [np.linalg.inv(Z.T @ (Z * (w * p * (1 - p))[:, None])) for p in above]
    size = Z.shape[1]
    apart = block_diag(*inverse)
    whole = apart.copy()
    for j in range(len(above)):
        for k in range(j + 1, len(above)):
            middle = Z.T @ (Z * (w * (above[k] - above[j] * above[k]))[:, None])
            block = inverse[j] @ middle @ inverse[k]
            whole[j * size : (j + 1) * size, k * size : (k + 1) * size] = block
            whole[k * size : (k + 1) * size, j * size : (j + 1) * size] = block.T
    slopes = [i for i in range(len(whole)) if i % size]
    return whole[np.ix_(slopes, slopes)], apart[np.ix_(slopes, slopes)]


def _likelihood_ratio(fit: Fitted, X: Floats, y: np.ndarray, w: Floats) -> dict[str, Any]:
    """Compare with the model whose every slope differs between the cut-points."""
    link = getattr(fit.likelihood, "link")  # noqa: B009  # only cumulative models come here
    levels, p = len(fit.outcomes), X.shape[1]
    parallel, free = Cumulative(levels, link), Cumulative(levels, link, tuple(range(p)))
    target = y.astype(float)
    name = "parallel/likelihood_ratio"
    try:
        least = maximise(parallel, X, target, w, fit.outcome, list(fit.names)).loglik
        names = [f"column {i + 1}" for i in range(p * (levels - 1) + levels - 1)]
        most = maximise(free, X, target, w, fit.outcome, names).loglik
    except FitError as error:
        return diagnostic_row(name, np.nan, f"not computed: {error.problem}")
    return _chi2("likelihood_ratio", 2 * (most - least), p * (levels - 2))


def _stacked(X: Floats, y: np.ndarray, w: Floats, cuts: int) -> float:
    """Return the log-likelihood of the stacked binary logits with one slope for all cuts."""
    own = np.repeat(np.eye(cuts), len(X), axis=0)[:, 1:]
    stack = np.column_stack([own, np.tile(X, (cuts, 1))])
    target = np.concatenate([(y > cut).astype(float) for cut in range(cuts)])
    names = [f"column {i}" for i in range(stack.shape[1] + 1)]
    weights = np.tile(w, cuts)
    return maximise(GLM("binomial"), stack, target, weights, "stacked cuts", names).loglik
