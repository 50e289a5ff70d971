"""How far a model can be trusted: size, fit, tests of terms, lines, curves, collinearity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ngo_survey.statistics import distributions
from ngo_survey.statistics.estimation.families import adjust
from ngo_survey.statistics.models.blocks import Spline
from ngo_survey.statistics.models.grouped import grouped_fit
from ngo_survey.statistics.models.likelihood import Floats
from ngo_survey.statistics.models.parallel import diagnostic_row, parallel_lines
from ngo_survey.statistics.models.scoring import probabilities, scored

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fitted import Fitted

#: Respondents whose influence is reported together: never that of one.
TOGETHER = 10


def diagnostics(fit: Fitted) -> pd.DataFrame:
    """Return ``name, value, df1, df2, p, note``.

    ``term/<variable>``: design-based Wald F of all coefficients of a variable, as R
    ``regTermTest``; ``term_holm/<variable>``: its p adjusted by Holm 1979 within the model.
    ``curve/<variable>``: the same of the curved columns of a spline.
    ``rps``, ``rps_skill``: ranked probability score of the respondents fitted, and against shares.
    ``grouped_fit/<outcome>``: see :func:`grouped.grouped_fit`.
    ``gvif/<variable>``: see :func:`collinearity`; ``influence/...``: see :func:`influence`.
    ``parallel/...``: see :func:`parallel.parallel_lines`.
    """
    rows: list[dict[str, Any]] = [
        diagnostic_row("n", fit.design.n, "respondents who answered every question of the model"),
        diagnostic_row("excluded", fit.excluded, "respondents left out for a missing answer"),
        diagnostic_row("design_df", fit.design.degrees_of_freedom, "PSUs less strata"),
        diagnostic_row("iterations", fit.iterations, "Newton steps to convergence"),
        diagnostic_row("log_pseudolikelihood", fit.loglik, "weighted"),
        diagnostic_row("mcfadden", 1 - fit.loglik / fit.null_loglik, "McFadden's pseudo R squared"),
        diagnostic_row("condition", _condition(fit), "condition number of the scaled predictors"),
    ]
    if fit.penalised:
        note = "separated: penalised likelihood (Jeffreys' prior), limits and p of its profile"
        if fit.kind == "binomial":
            note = "separated: Firth's penalised likelihood, limits and p of its profile"
        rows.append(diagnostic_row("penalised", 1, note))
    rows += _terms(fit) + _curves(fit) + _scores(fit) + grouped_fit(fit)
    rows += collinearity(fit) + influence(fit)
    if fit.kind == "ordinal" and not fit.penalised:
        rows += parallel_lines(fit)
    return pd.DataFrame(rows)


def wald(fit: Fitted, variable: str) -> tuple[float, int, int, float]:
    """Return F, its degrees of freedom and p of all coefficients of a variable."""
    return wald_of(fit, fit.places(variable))


def wald_of(fit: Fitted, places: list[int]) -> tuple[float, int, int, float]:
    """Return F, its degrees of freedom and p of some coefficients, as R ``regTermTest``.

    F and p are NaN where the coefficients have no variance of full rank: a level all of whose
    respondents answered alike, which a penalised fit has a coefficient for, has no variance.
    """
    b = fit.theta[places]
    spread = fit.covariance[np.ix_(places, places)]
    # Of coefficients in their own errors, so that units do not count.
    scale = np.sqrt(np.maximum(np.diag(spread), np.finfo(float).tiny))
    if np.linalg.matrix_rank(spread / np.outer(scale, scale), hermitian=True) < len(places):
        return np.nan, len(places), fit.df, np.nan
    statistic = float(b @ np.linalg.solve(spread, b)) / len(places)
    return (
        statistic,
        len(places),
        fit.df,
        float(distributions.f_tail(statistic, len(places), fit.df)),
    )


def _terms(fit: Fitted) -> list[dict[str, Any]]:
    variables = list(dict.fromkeys(fit.matrix.variables))
    tests = [wald(fit, variable) for variable in variables]
    adjusted = adjust([p for *_, p in tests], "holm")
    made = []
    for variable, (statistic, df1, df2, p), holm in zip(variables, tests, adjusted, strict=True):
        family = f"Holm, family of {len(variables)}"
        made.append(diagnostic_row(f"term/{variable}", statistic, "Wald F", df1, df2, p))
        made.append(diagnostic_row(f"term_holm/{variable}", float(holm), family, p=float(holm)))
    return made


def _curves(fit: Fitted) -> list[dict[str, Any]]:
    """Test whether the line of a spline is straight: its curved columns are zero."""
    made = []
    for block in fit.matrix.blocks:
        if isinstance(block, Spline):
            curved = set(fit.matrix.columns(block.variable)[1:])
            places = [i for i, p in enumerate(fit.parameters) if p.column in curved]
            statistic, df1, df2, p = wald_of(fit, places)
            note = "Wald F of the curved part of a natural cubic spline"
            made.append(diagnostic_row(f"curve/{block.variable}", statistic, note, df1, df2, p))
    return made


def _scores(fit: Fitted) -> list[dict[str, Any]]:
    """Score the probabilities of those who were fitted; ``validation`` does it out of fold."""
    if fit.kind in {"gaussian", "poisson"}:
        return []
    rows = fit.design.in_domain
    w, codes = fit.design.weights[rows], fit.y[rows].astype(np.int64)
    response = probabilities(fit, fit.matrix.X[rows])
    shares = np.bincount(codes, w, minlength=response.shape[1]) / w.sum()
    score = float(w @ scored(fit, response, codes) / w.sum())
    alone = np.broadcast_to(shares, response.shape)
    margin = float(w @ scored(fit, alone, codes) / w.sum())
    made = [
        diagnostic_row("rps", score, "ranked probability score, in sample"),
        diagnostic_row("rps_skill", 1 - score / margin, "in sample, over the shares alone"),
    ]
    if fit.kind == "partial":
        crossed = float(w @ (response < 0).any(axis=1) / w.sum())
        made.append(
            diagnostic_row("crossed", crossed, "share with a negative predicted probability")
        )
    return made


def collinearity(fit: Fitted) -> list[dict[str, Any]]:
    """Generalised variance inflation of each variable (Fox & Monette 1992, JASA 87, eq. 10).

    ``det(R_own) det(R_others) / det(R)`` of the weighted correlations of the columns, to the
    power ``1 / (2 df)``, so that variables with more columns compare with those of one.
    """
    rows = fit.design.in_domain
    X, w = fit.matrix.X[rows], fit.design.weights[rows]
    centred = (X - w @ X / w.sum()) * np.sqrt(w)[:, None]
    centred = centred / np.sqrt((centred**2).sum(axis=0))
    R = centred.T @ centred
    whole = _logdet(R)
    made = []
    for variable in dict.fromkeys(fit.matrix.variables):
        own = fit.matrix.columns(variable)
        others = [i for i in range(len(R)) if i not in own]
        logarithm = _logdet(R[np.ix_(own, own)]) + _logdet(R[np.ix_(others, others)]) - whole
        value = float(np.exp(logarithm / (2 * len(own))))
        made.append(diagnostic_row(f"gvif/{variable}", value, "GVIF^(1/(2 df))", len(own)))
    return made


def _logdet(matrix: Floats) -> float:
    return float(np.linalg.slogdet(matrix)[1])


def influence(fit: Fitted) -> list[dict[str, Any]]:
    """Tell how much a few respondents move the coefficients, of ten together, never of one.

    ``w_i z_ij / se_j``, with z the influence values, approximates by how many standard errors
    coefficient j moves when respondent i leaves (DFBETAS: Belsley, Kuh & Welsch 1980, sec. 2.1;
    under weights Li & Valliant 2011, Surv. Methodol. 37, 15-24).
    """
    rows = fit.design.in_domain
    if fit.design.n < 2 * TOGETHER:
        return []
    moves = fit.influence[rows] * fit.design.weights[rows][:, None]
    moves = moves[:, fit.slopes] / np.sqrt(np.diag(fit.covariance))[fit.slopes]
    largest = np.partition(np.abs(moves).max(axis=1), -TOGETHER)[-TOGETHER:]
    ordered = np.partition(moves, (TOGETHER - 1, len(moves) - TOGETHER), axis=0)
    up, down = ordered[-TOGETHER:].sum(axis=0), -ordered[:TOGETHER].sum(axis=0)
    both = np.maximum(up, down)
    worst = fit.names[fit.slopes[int(np.argmax(both))]]
    return [
        diagnostic_row(
            "influence/mean", float(largest.mean()), f"mean of the {TOGETHER} largest DFBETAS"
        ),
        diagnostic_row(
            "influence/together",
            float(both.max()),
            f"standard errors that {worst} moves without the {TOGETHER} who move it most",
        ),
    ]


def _condition(fit: Fitted) -> float:
    rows = fit.matrix.X[fit.design.in_domain]
    scaled = np.column_stack([np.ones(len(rows)), rows])
    scaled = scaled / np.sqrt((scaled**2).sum(axis=0))
    return float(np.linalg.cond(scaled))
