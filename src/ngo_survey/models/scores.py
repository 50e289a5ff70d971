"""How good are predicted probabilities? Their score, and observed shares beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from ngo_survey.models.likelihood import Codes, Floats

if TYPE_CHECKING:
    from ngo_survey.models.fit import Fit


def ranked_probability_score(probabilities: Floats, codes: Codes, weights: Floats) -> float:
    """Return the weighted mean ranked probability score, 0 (best) to 1.

    ``sum_k (F_k - 1[y <= k])^2 / (K - 1)`` over cumulative probabilities (Epstein 1969; Murphy
    1971); with two levels it is the Brier score.
    """
    cumulative = np.cumsum(probabilities, axis=1)[:, :-1]
    seen = codes[:, None] <= np.arange(cumulative.shape[1])
    own = ((cumulative - seen) ** 2).sum(axis=1) / cumulative.shape[1]
    return float(weights @ own / weights.sum())


def ranked_probability_skill(probabilities: Floats, codes: Codes, weights: Floats) -> float:
    """Return 1 less the score over that of everybody having the weighted shares."""
    shares = np.bincount(codes, weights, minlength=probabilities.shape[1]) / weights.sum()
    reference = ranked_probability_score(
        np.broadcast_to(shares, probabilities.shape), codes, weights
    )
    return 1 - ranked_probability_score(probabilities, codes, weights) / reference


def response_table(fit: Fit) -> tuple[Floats, Codes, tuple[str, ...]] | None:
    """Return probabilities and answers of the respondents, two columns for a binary outcome.

    None for an outcome that is a number.
    """
    rows = fit.design.in_domain
    response = fit.likelihood.response(fit.theta, fit.matrix.X[rows])
    codes = fit.y[rows].astype(np.int64)
    if fit.kind == "binomial":
        return np.column_stack([1 - response[:, 0], response[:, 0]]), codes, ("", *fit.outcomes)
    if fit.kind in {"gaussian", "poisson"}:
        return None
    return response, codes, fit.outcomes


def calibration(fit: Fit, groups: int = 10, minimum: int = 10) -> pd.DataFrame:
    """Hold predicted probabilities against shares observed, in groups of like predictions.

    Respondents are ordered by the predicted probability of an outcome and cut into groups of
    equal weight; neighbours are joined until in each at least ``minimum`` respondents gave the
    answer and as many did not, so that no group tells about few people. Shares have the limits
    of the design.

    Returns
    -------
    ``outcome, group, n, predicted, estimate, se, ci_low, ci_high``; no rows for an outcome whose
    answers are too few for two groups.
    """
    found = response_table(fit)
    if found is None:
        return pd.DataFrame(columns=["outcome", "group", "n", "predicted", "estimate"])
    response, codes, outcomes = found
    rows = np.flatnonzero(fit.design.in_domain)
    w = fit.design.weights[rows]
    t = stats.t.ppf(0.975, fit.design.degrees_of_freedom)
    made = []
    for place, outcome in enumerate(outcomes):
        if not outcome:
            continue
        own, seen = response[:, place], codes == place
        for number, members in enumerate(_groups(own, seen, w, groups, minimum), start=1):
            weight = w[members].sum()
            share = float(w[members] @ seen[members]) / weight
            influence = np.zeros(len(fit.y))
            influence[rows[members]] = (seen[members] - share) / weight
            se = float(np.sqrt(fit.design.variance(influence)[0]))
            made.append(
                {
                    "outcome": outcome,
                    "group": number,
                    "n": len(members),
                    "predicted": float(w[members] @ own[members]) / weight,
                    "estimate": share,
                    "se": se,
                    "ci_low": max(share - t * se, 0.0),
                    "ci_high": min(share + t * se, 1.0),
                }
            )
    return pd.DataFrame(made, columns=list(made[0]) if made else ["outcome", "group", "n"])


def _groups(
    predicted: Floats, seen: np.ndarray, w: Floats, groups: int, minimum: int
) -> list[Codes]:
    """Return members of groups in the order of their predictions, each with enough of both."""
    order = np.argsort(predicted, kind="stable")
    place = np.minimum((np.cumsum(w[order]) / w.sum() * groups * (1 - 1e-12)), groups - 1)
    parts = [order[place.astype(int) == g] for g in range(groups)]
    made: list[Codes] = []
    waiting = np.zeros(0, dtype=np.int64)
    for part in parts:
        waiting = np.concatenate([waiting, part])
        yes = int(seen[waiting].sum())
        if min(yes, len(waiting) - yes) >= minimum:
            made.append(waiting)
            waiting = np.zeros(0, dtype=np.int64)
    if len(waiting) and made:
        made[-1] = np.concatenate([made[-1], waiting])
    return made if len(made) > 1 else []
