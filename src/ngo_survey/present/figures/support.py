"""What a figure's message may claim: pairs, ends and effects that a test of the results supports.

Pure functions on rows of the results store; every kind of figure takes its message from them, so
that no title names a difference that its table does not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.statistics import distributions
from ngo_survey.statistics.estimation.families import adjust, limits_of_tests
from ngo_survey.statistics.estimation.independence import excess

#: What one row of a table is known by, whatever its column.
ROW = ["analysis", "item", "category", "statistic", "by"]


def told_apart(estimates: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return every two columns of a row whose letter is printed, the furthest apart first.

    Parameters
    ----------
    estimates: rows of the family ``estimates``; pairs of which one is absent or hidden are left
        out, so that a caller narrows what may be said by narrowing these.
    comparisons: rows of the family ``comparisons``; ``above`` names the letters of the columns
        that a figure exceeds beyond chance.

    Returns
    -------
    Columns of :data:`ROW`; ``high`` and ``low``, the levels; ``estimate_high``, ``estimate_low``
    and their ``difference``, above 0.
    """
    letters = comparisons.assign(below=comparisons["above"].fillna("").astype(str).str.split())
    letters = letters.explode("below").dropna(subset=["below"])
    known = comparisons[[*ROW, "letter", "by_level"]].rename(columns={"letter": "below"})
    pairs = letters[[*ROW, "by_level", "below"]].merge(
        known, on=[*ROW, "below"], suffixes=("_high", "_low")
    )
    pairs = pairs.rename(columns={"by_level_high": "high", "by_level_low": "low"})
    shown = estimates.dropna(subset=["estimate"])[[*ROW, "by_level", "estimate"]]
    for end in ("high", "low"):
        own = shown.rename(columns={"by_level": end, "estimate": f"estimate_{end}"})
        pairs = pairs.merge(own, on=[*ROW, end])
    pairs["difference"] = pairs["estimate_high"] - pairs["estimate_low"]
    # A letter compares what was measured; rounding for release may leave nothing to be seen.
    pairs = pairs[pairs["difference"] > 0]
    return pairs.sort_values("difference", ascending=False, kind="stable", ignore_index=True)


def first(rows: pd.DataFrame, ranks: pd.DataFrame, last: bool = False) -> pd.DataFrame:
    """Return the rows that may be the highest (``last``: the lowest), the highest (lowest) first.

    By the simultaneous ranks where they leave all rows one; otherwise by the limits: what does not
    overlap those of every other is the highest, since the difference of two figures has at most
    the sum of their errors, whatever their correlation, and the best is told from the runner-up by
    one test (Gutmann & Maymin 1987, Ann. Statist. 15, 456-461).

    Parameters
    ----------
    rows: rows of the family ``estimates`` with one figure for each item or category.
    ranks: rows of the family ``ranks`` of the same analysis and statistic; empty without any.
    """
    shown = rows.dropna(subset=["estimate"])
    if shown.empty:
        return shown
    shown = shown.sort_values("estimate", ascending=last, kind="stable")
    told = shown.merge(
        ranks[["item", "category", "rank_low", "rank_high"]], on=["item", "category"], how="left"
    ).set_axis(shown.index)
    if len(ranks) and told[["rank_low", "rank_high"]].notna().all(axis=None):
        near, far = told["rank_low"], told["rank_high"]
        if last:
            near, far = -far, -near
        # Who may be the first of all; where not all that was ranked is drawn, who may pass the top.
        best = near.min() if len(ranks) == len(shown) else far.iloc[0]
        return shown[near <= best]
    low, high = shown["ci_low"], shown["ci_high"]
    apart = low > high.iloc[0] if last else high < low.iloc[0]
    return shown[~apart]


def levels_apart(effects: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of levels of a variable, the furthest apart first.

    Parameters
    ----------
    effects: what is beyond chance: ``variable``, ``level``, ``against`` and ``estimate``, the
        change of a probability from ``against`` to ``level``.

    Returns
    -------
    ``variable``, ``high`` and ``low`` (levels) and ``difference``, above 0.
    """
    up = effects["estimate"] > 0
    pairs = pd.DataFrame(
        {
            "variable": effects["variable"],
            "high": effects["level"].where(up, effects["against"]),
            "low": effects["against"].where(up, effects["level"]),
            "difference": effects["estimate"].abs(),
        }
    )
    return pairs.sort_values("difference", ascending=False, kind="stable", ignore_index=True)


def from_independence(
    pairs: pd.DataFrame, first: pd.Series, second: pd.Series, alpha: float
) -> pd.DataFrame:
    """Return the pairs of answers that are shown, each with how far it is from independence.

    Parameters
    ----------
    pairs: rows of the family ``estimates``: ``item`` and ``category`` are two answers, the
        estimate is the share of all who gave both.
    first, second: share of each ``item`` and of each ``category``, by its name, on the same base.
    alpha: level of the tests, which the limits match.

    Returns
    -------
    The rows with ``difference`` (share of both less the product of the two), ``p_adjusted`` (Holm
    over all pairs), and in ``low`` and ``high`` the limits that match it.
    """
    shown = pairs[pairs["estimate"].gt(0) & pairs["estimate"].lt(1) & pairs["se"].gt(0)]
    one, other = shown["item"].map(first), shown["category"].map(second)
    made, error = excess(shown["estimate"], one, other, shown["se"])
    df = shown["df"].to_numpy(dtype=float)
    p = 2 * distributions.t_tail(np.abs(made) / error, df)
    judged = pd.DataFrame({"difference": made, "se": error, "p": p, "p_adjusted": adjust(p)})
    judged = judged.assign(ci_low=np.nan, ci_high=np.nan)
    judged = limits_of_tests(judged, df, level=1 - alpha)
    judged = judged.rename(columns={"ci_low": "low", "ci_high": "high"}).set_axis(shown.index)
    found = shown.assign(**judged[["difference", "low", "high", "p_adjusted"]])
    return found.dropna(subset=["difference"])


def from_total(cells: pd.DataFrame, total: pd.Series) -> pd.DataFrame:
    """Return cells of a crossing that are shown, each with how far it is from the share of all.

    The error is that of the cell: it is not below that of the difference, since the cell's
    respondents are some of all.

    Parameters
    ----------
    cells: rows of the family ``estimates``: among those of ``item`` the share of ``category``.
    total: share of each category among all.

    Returns
    -------
    The rows with ``difference`` and ``p_adjusted`` (Holm over all cells).
    """
    shown = cells[cells["estimate"].notna() & cells["category"].map(total).notna()]
    difference = shown["estimate"] - shown["category"].map(total)
    # A share of nobody or everybody has no error of its own, and passes no test.
    size = (difference.abs() / shown["se"].where(shown["se"] > 0)).to_numpy(dtype=float)
    p = 2 * distributions.t_tail(size, shown["df"].to_numpy(dtype=float))
    return shown.assign(difference=difference, p_adjusted=adjust(p))
