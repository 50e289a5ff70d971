"""Comparisons within a model: every two levels, and points moved within a whole."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics import distributions
from ngo_survey.statistics.estimation.families import adjust, limits_of_tests
from ngo_survey.statistics.models.blocks import Composition, Levels, Number, Spline
from ngo_survey.statistics.models.effects import Scenario, influences, level_settings, with_limits
from ngo_survey.statistics.models.likelihood import Floats

if TYPE_CHECKING:
    from ngo_survey.statistics.models.fitted import Fitted

#: Draws of the largest of many t statistics.
DRAWS = 100_000


def contrasts(
    fit: Fitted,
    variable: str,
    method: Literal["holm", "max_t"] = "holm",
    rng: np.random.Generator | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the predictive margins of every two levels of a categorical term.

    Parameters
    ----------
    method: how p is adjusted for all pairs of one outcome: Holm 1979, with limits that match its
        steps (:func:`families.limits_of_tests`), or by the distribution of the largest of all t
        statistics (Hothorn, Bretz & Westfall 2008, sec. 3), drawn with ``rng`` from the
        multivariate t of the contrasts, with simultaneous limits.
    level: of the limits.

    Returns
    -------
    ``variable, level, against, outcome, estimate, se, ci_low, ci_high, p, p_adjusted``.
    """
    blocks = {b.variable: b for b in fit.matrix.blocks if isinstance(b, Levels)}
    if variable not in blocks:
        raise InputError(
            "contrasts need a categorical term of the model",
            value=variable,
            hint=nearest(variable, blocks),
        )
    if method == "max_t" and rng is None:
        raise InputError("max_t needs a random stream", hint="give rng=study.rng(name)")
    settings = list(level_settings(fit, blocks[variable]))
    found = [influences(fit, scenario) for scenario in settings]
    levels = [scenario.heads["level"] for scenario in settings]
    pairs = list(combinations(range(len(levels)), 2))
    frames = []
    for place, outcome in enumerate(fit.outcomes):
        margins = np.array([estimate[place] for estimate, _ in found])
        spread = fit.design.covariance(np.column_stack([z[:, place] for _, z in found]))
        contrast = np.zeros((len(pairs), len(levels)))
        for row, (a, b) in enumerate(pairs):
            contrast[row, b], contrast[row, a] = 1.0, -1.0
        around = contrast @ spread @ contrast.T
        frame = pd.DataFrame(
            {
                "variable": variable,
                "level": [levels[b] for _, b in pairs],
                "against": [levels[a] for a, _ in pairs],
                "outcome": outcome,
            }
        )
        frame = with_limits(fit, frame, contrast @ margins, np.diag(around))
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.abs(frame["estimate"] / frame["se"]).to_numpy(dtype=float)
        frame["p"] = 2 * distributions.t_tail(t, fit.df)
        if method == "holm":
            frame["p_adjusted"] = adjust(frame["p"], "holm")
            frame = limits_of_tests(frame, fit.df, "estimate", level)
        else:
            assert rng is not None
            largest = _largest(around, fit.df, rng)
            frame["p_adjusted"] = [float((1 + (largest >= one).sum()) / (1 + DRAWS)) for one in t]
            reach = float(np.quantile(largest, level))
            frame["ci_low"] = frame["estimate"] - reach * frame["se"]
            frame["ci_high"] = frame["estimate"] + reach * frame["se"]
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _largest(spread: Floats, df: int, rng: np.random.Generator) -> Floats:
    """Draw the largest absolute value of a multivariate t with the correlations of ``spread``."""
    se = np.sqrt(np.diag(spread))
    correlation = spread / np.outer(se, se)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = rng.standard_normal((DRAWS, len(se))) @ root.T
    return np.abs(normal).max(axis=1) / np.sqrt(rng.chisquare(df, DRAWS) / df)


def shift(fit: Fitted, source: str, target: str, points: float) -> pd.DataFrame:
    """Move ``points`` of a whole from one part to another for all who have them.

    Every column that reads either part follows: log-ratios, diversity, products. The change of
    the outcome's probabilities is averaged over those who have the points, and linearised over
    them and over the coefficients.

    Parameters
    ----------
    source, target: columns of the data that are parts of one whole.

    Returns
    -------
    ``source, target, outcome, n, share, estimate, se, ci_low, ci_high, p``: ``n`` respondents
    have the points, ``share`` of all by weight.

    Raises
    ------
    InputError: the model reads a part not at all, or as a free share rather than as one of a
        whole; nobody has the points.
    """
    values = fit.matrix.values
    blocks = fit.matrix.blocks
    whole = {name for b in blocks if isinstance(b, Composition) for name in b.reads}
    free = {b.variable for b in blocks if isinstance(b, Number | Spline)}
    for name in (source, target):
        if name not in whole or name in free:
            raise InputError(
                "a shift needs a model that treats the parts as one whole",
                value=name,
                hint=nearest(name, whole - free) if whole - free else "declare {ilr: battery}",
            )
    if source == target or points <= 0:
        raise InputError("a shift moves points from one part to another", value=source)
    movers = fit.design.in_domain & (np.nan_to_num(values[source]) >= points)
    if not movers.any():
        raise InputError("nobody has so many points to move", column=source, value=points)
    moved = np.where(movers, points, 0.0)
    ahead = fit.matrix.rebuild({source: values[source] - moved, target: values[target] + moved})
    estimate, influence = influences(fit, Scenario({}, ahead, fit.matrix.X, movers))
    frame = pd.DataFrame({"source": source, "target": target, "outcome": list(fit.outcomes)})
    frame["n"] = int(movers.sum())
    frame["share"] = float(fit.weights[movers].sum() / fit.weights.sum())
    frame = with_limits(fit, frame, estimate, fit.design.variance(influence))
    with np.errstate(invalid="ignore", divide="ignore"):
        frame["p"] = 2 * distributions.t_tail((frame["estimate"] / frame["se"]).abs(), fit.df)
    return frame
