"""The two sides and the rankings as rows of the store that say no more than released tables.

Only figures that the total column of their table shows take part: one that is hidden there keeps
its row with that status and no number, and has no place in an order. Between the two sides the
order is that of what both sides show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ngo_survey.statistics.estimation.ranks import means_together, rank_sets
from ngo_survey.statistics.estimation.sides import FEWEST, gaps, rank_correlation
from ngo_survey.tables.measured import SHOWN, Figures, Side, figures_of

if TYPE_CHECKING:
    from ngo_survey.tables.compared import Declared

Streams = Callable[[str], np.random.Generator]


@dataclass(frozen=True)
class ComparedFrames:
    """Rows ready to be written: families ``ranks`` and ``sides`` by analysis, and ``tests``."""

    ranks: dict[str, pd.DataFrame]
    sides: dict[str, pd.DataFrame]
    correlations: pd.DataFrame


def compare(
    plan: Declared, sides: Mapping[str, Side], streams: Streams, alpha: float = 0.05
) -> ComparedFrames:
    """Compare and rank what a study declares.

    Parameters
    ----------
    streams: gives the random stream of a name (``Study.rng``): each analysis has its own.
    alpha: level of the tests between the two sides, which the limits of their differences match.
        Those of ranks and of the rank correlation hold at 95 %, as their heads say.
    """
    ranks: dict[str, list[pd.DataFrame]] = {name: [] for name in plan.ranked}
    gaps_of: dict[str, pd.DataFrame] = {}
    correlations = []
    for pair in plan.shared:
        first, second = (figures_of(m, sides[m.spec.population]) for m in pair)
        both = [name for name in first.members if name in second.members]
        shown = [n for n in both if first.status(n) == SHOWN == second.status(n)]
        order = [name for name in first.ranked() if name in shown]
        orders = []
        for side in (first, second):
            sets = _sets(side, order, streams(f"compare.ranks.{side.measured.spec.id}"))
            orders.append(sets)
            if side.measured.ordered:
                ranks[side.measured.spec.id].append(_rank_rows(side, both, sets))
        analysis = first.measured.spec.id
        gaps_of[analysis] = _side_rows(first, second, both, shown, orders, alpha)
        if len(order) >= FEWEST:
            rng = streams(f"compare.sides.{analysis}")
            correlations.append(_correlation(first, second, order, analysis, rng))
    for ranking in plan.rankings:
        figures = figures_of(ranking, sides[ranking.spec.population])
        order = [name for name in figures.ranked() if figures.status(name) == SHOWN]
        stream = f"compare.ranks.{'.'.join((*ranking.name[:2], *ranking.categories))}"
        sets = _sets(figures, order, streams(stream))
        ranks[ranking.spec.id].append(_rank_rows(figures, list(figures.members), sets))
    found = {name: pd.concat(parts, ignore_index=True) for name, parts in ranks.items()}
    tests = pd.DataFrame(correlations) if correlations else pd.DataFrame({"key": []})
    return ComparedFrames(found, gaps_of, tests)


def _sets(figures: Figures, order: Sequence[str], rng: np.random.Generator) -> pd.DataFrame:
    """Return ranks with their limits by name; one figure alone has none."""
    if len(order) < 2:
        return pd.DataFrame(columns=["rank", "rank_low", "rank_high"])
    means, spread, _, df = means_together(figures.design, order, figures.category)
    return rank_sets(means, spread, rng, df=float(df.min())).set_index(pd.Index(order))


def _rank_rows(figures: Figures, names: Sequence[str], sets: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the family ``ranks``: what is ranked, and what is hidden and so is not."""
    spec = figures.measured.spec
    rows = []
    for name in figures.ranked():
        if name not in names:
            continue
        member, released = figures.members[name], figures.row(name)
        row = {
            "key": f"rank/{spec.id}/{name}",
            "analysis": spec.id,
            "population": spec.population,
            "item": member.item,
            "category": member.category,
            "statistic": member.statistic,
            "base": released["base"],
            "status": released["status"],
        }
        if row["status"] == SHOWN:
            row |= {"estimate": released["estimate"], "se": released["se"]}
        if name in sets.index:
            row |= sets.loc[name].to_dict()
        rows.append(row)
    return pd.DataFrame(rows)


def _side_rows(
    first: Figures,
    second: Figures,
    names: Sequence[str],
    shown: Sequence[str],
    orders: Sequence[pd.DataFrame],
    alpha: float,
) -> pd.DataFrame:
    """Return rows of the family ``sides``; p values adjusted over the figures that are shown."""
    made = pd.DataFrame()
    if shown:
        made = gaps(first.design, second.design, shown, first.category, level=1 - alpha)
        made = made.set_index("variable").drop(columns="statistic")
    rows = []
    for name in names:
        member, status = first.members[name], [first.status(name), second.status(name)]
        row: dict[str, Any] = {
            "key": f"sides/{first.measured.spec.id}/{name}",
            "analysis": first.measured.spec.id,
            "item": member.item,
            "category": member.category,
            "statistic": member.statistic,
            "status": next((s for s in status if s != SHOWN), SHOWN),
        }
        if name in made.index:
            row |= made.loc[name].to_dict()
        for side, sets in zip(("first", "second"), orders, strict=True):
            if name in sets.index:
                row[f"rank_{side}"] = sets.loc[name, "rank"]
        rows.append(row)
    return pd.DataFrame(rows)


def _correlation(
    first: Figures,
    second: Figures,
    order: Sequence[str],
    analysis: str,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return a row of the family ``tests``: the rank correlation of the two sides."""
    (x, vx, _, fx), (y, vy, _, fy) = (
        means_together(side.design, order, side.category) for side in (first, second)
    )
    made = rank_correlation(x, y, vx, vy, rng, df=float(min(fx.min(), fy.min())))
    return {
        "key": f"test/sides_{analysis}/rank_correlation",
        "analysis": f"sides_{analysis}",
        "test": "rank_correlation",
        "statistic": made.estimate,
        "effect": made.estimate,
        "effect_low": made.low,
        "effect_high": made.high,
    }
