"""How far a model can be trusted: size, fit, tests of terms, and of parallel lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.linalg import block_diag
from scipy.special import expit
from statsmodels.stats.multitest import multipletests

from ngo_survey.models.likelihood import GLM, Floats

if TYPE_CHECKING:
    from ngo_survey.models.fit import Fit


def diagnostics(fit: Fit) -> pd.DataFrame:
    """Return ``name, value, df1, df2, p, note``.

    ``term/<variable>``: design-based Wald F of all coefficients of a variable, as R
    ``regTermTest``; ``term_holm/<variable>``: its p adjusted by Holm 1979 within the model.
    ``parallel/...``: see :func:`parallel_lines`.
    """
    rows: list[dict[str, Any]] = [
        _row("n", fit.design.n, "respondents who answered every question of the model"),
        _row("excluded", fit.excluded, "respondents left out for a missing answer"),
        _row("design_df", fit.design.degrees_of_freedom, "PSUs less strata"),
        _row("iterations", fit.iterations, "Newton steps to convergence"),
        _row("log_pseudolikelihood", fit.loglik, "weighted"),
        _row("mcfadden", 1 - fit.loglik / fit.null_loglik, "McFadden's pseudo R squared"),
        _row("condition", _condition(fit), "condition number of the scaled predictors"),
    ]
    variables = list(dict.fromkeys(fit.matrix.variables))
    tests = [wald(fit, variable) for variable in variables]
    adjusted = multipletests([p for *_, p in tests], method="holm")[1]
    for variable, (statistic, df1, df2, p), holm in zip(variables, tests, adjusted, strict=True):
        rows.append(_row(f"term/{variable}", statistic, "Wald F", df1, df2, p))
        rows.append(
            _row(
                f"term_holm/{variable}",
                float(holm),
                f"Holm, family of {len(variables)}",
                p=float(holm),
            )
        )
    if fit.kind == "ordinal":
        rows += parallel_lines(fit)
    return pd.DataFrame(rows)


def _row(
    name: str,
    value: float,
    note: str,
    df1: float = np.nan,
    df2: float = np.nan,
    p: float = np.nan,
) -> dict[str, Any]:
    return {"name": name, "value": float(value), "df1": df1, "df2": df2, "p": p, "note": note}


def wald(fit: Fit, variable: str) -> tuple[float, int, int, float]:
    """Return F, its degrees of freedom and p of all coefficients of a variable."""
    places = [fit.slopes[i] for i in fit.matrix.columns(variable)]
    b = fit.theta[places]
    spread = fit.covariance[np.ix_(places, places)]
    statistic = float(b @ np.linalg.solve(spread, b)) / len(places)
    return statistic, len(places), fit.df, float(stats.f.sf(statistic, len(places), fit.df))


def _condition(fit: Fit) -> float:
    rows = fit.matrix.X[fit.design.in_domain]
    scaled = np.column_stack([np.ones(len(rows)), rows])
    scaled = scaled / np.sqrt((scaled**2).sum(axis=0))
    return float(np.linalg.cond(scaled))


def parallel_lines(fit: Fit) -> list[dict[str, Any]]:
    """Test proportional odds: are the slopes of the K - 1 binary logits the same?

    ``parallel/brant``: Brant 1990 (Biometrics 46, 1171-1178), with his model-based covariance;
    ``parallel/wald``: the same contrast with the design-based covariance, F on the design's
    degrees of freedom, which is the one to read. ``parallel/wald/<variable>``: one variable alone.
    """
    rows = fit.design.in_domain
    X, y = fit.matrix.X[rows], fit.y[rows].astype(int)
    w = fit.design.weights[rows]
    logits = _binary_logits(X, y, w, len(fit.outcomes))
    if logits is None:
        return [_row("parallel/wald", np.nan, "not computed: a cut separates the data")]
    p, cuts = X.shape[1], len(fit.outcomes) - 1
    theta = np.concatenate([b[1:] for b, _ in logits])
    influence = np.zeros((len(rows), cuts * p))
    influence[rows] = np.concatenate([z[:, 1:] for _, z in logits], axis=1)
    contrast = np.hstack([-np.tile(np.eye(p), (cuts - 1, 1)), np.eye((cuts - 1) * p)])
    spread = fit.design.covariance(influence)
    df2 = fit.design.degrees_of_freedom
    made = []
    difference, around = contrast @ theta, contrast @ spread @ contrast.T
    k = len(difference)
    # Adjusted for the degrees of freedom that estimating k contrasts costs (Korn & Graubard 1990).
    f = float(difference @ np.linalg.solve(around, difference)) * (df2 - k + 1) / (df2 * k)
    f_p = float(stats.f.sf(f, k, df2 - k + 1))
    made.append(_row("parallel/wald", f, "design-based", k, df2 - k + 1, f_p))
    for variable in dict.fromkeys(fit.matrix.variables):
        own = [c * p + i for c in range(cuts - 1) for i in fit.matrix.columns(variable)]
        d, m = difference[own], len(own)
        one = float(d @ np.linalg.solve(around[np.ix_(own, own)], d)) * (df2 - m + 1) / (df2 * m)
        one_p = float(stats.f.sf(one, m, df2 - m + 1))
        made.append(_row(f"parallel/wald/{variable}", one, "design-based", m, df2 - m + 1, one_p))
    scaled = w * len(w) / w.sum()
    model = contrast @ _brant_covariance(X, scaled, logits) @ contrast.T
    brant = float(difference @ np.linalg.solve(model, difference))
    made.append(
        _row("parallel/brant", brant, "model-based", k, np.nan, float(stats.chi2.sf(brant, k)))
    )
    return made


def _binary_logits(
    X: Floats, y: np.ndarray, w: Floats, levels: int
) -> list[tuple[Floats, Floats]] | None:
    """Fit ``P(y > k)`` for each cut; return estimates and influence values."""
    likelihood = GLM("binomial")
    made = []
    for cut in range(levels - 1):
        target = (y > cut).astype(float)
        theta = likelihood.start(X, target, w)
        for _ in range(60):
            information = likelihood.information(theta, X, target, w)
            step = np.linalg.solve(information, likelihood.scores(theta, X, target).T @ w)
            theta = theta + step
            if np.abs(theta).max() > 50:
                return None
            if float(np.abs(step).max()) < 1e-11:
                break
        else:
            return None
        information = likelihood.information(theta, X, target, w)
        scores = likelihood.scores(theta, X, target)
        made.append((theta, np.asarray(np.linalg.solve(information, scores.T).T, dtype=float)))
    return made


def _brant_covariance(X: Floats, w: Floats, logits: list[tuple[Floats, Floats]]) -> Floats:
    """Brant's covariance of the slopes of all binary logits (his eq. 4 to 6)."""
    Z = np.column_stack([np.ones(len(X)), X])
    above = [expit(Z @ theta) for theta, _ in logits]
    inverse = [np.linalg.inv(Z.T @ (Z * (w * p * (1 - p))[:, None])) for p in above]
    size = Z.shape[1]
    whole = block_diag(*inverse)
    for j in range(len(above)):
        for k in range(j + 1, len(above)):
            middle = Z.T @ (Z * (w * (above[k] - above[j] * above[k]))[:, None])
            block = inverse[j] @ middle @ inverse[k]
            whole[j * size : (j + 1) * size, k * size : (k + 1) * size] = block
            whole[k * size : (k + 1) * size, j * size : (j + 1) * size] = block.T
    slopes = [i for i in range(len(whole)) if i % size]
    return whole[np.ix_(slopes, slopes)]
