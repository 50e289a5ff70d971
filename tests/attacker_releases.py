"""Somebody who has two releases of one study: what one tells less the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attacker import MOST, Attacker, Cell

#: Released counts by which a row is known.
COUNTS = ("n", "base")


def differences(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows shown in both releases whose counts differ, with ``by_n`` and ``by_base``."""
    shown = [frame[frame["status"] == "shown"].set_index("key") for frame in (first, second)]
    keys = shown[0].index.intersection(shown[1].index)
    one, other = (frame.loc[keys] for frame in shown)
    by = {f"by_{name}": other[name].astype(float) - one[name].astype(float) for name in COUNTS}
    made = one.assign(**by)
    return made[(made["by_n"] != 0) | (made["by_base"] != 0)]


def told_answers(differing: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the answers (question, category) of the total column that one more respondent gave."""
    total = differing[(differing["by"] == "") & (differing["statistic"] == "proportion")]
    gained = total[total["by_n"] == 1]
    return set(zip(gained["analysis"], gained["category"], strict=True))


@dataclass(frozen=True)
class Beside:
    """Small differences between two releases, and how wide what both tell of each is.

    Attributes
    ----------
    cells: who they are.
    told_before: whether the first release shows the count, so that the difference is that of the
        second.
    widths: of each difference.
    """

    cells: list[Cell]
    told_before: np.ndarray
    widths: np.ndarray


def beside(
    attackers: tuple[Attacker, Attacker],
    frames: tuple[pd.DataFrame, pd.DataFrame],
    threshold: int,
    protection: int,
) -> Beside:
    """Subtract one release from the other, and attack the differences as a table of their own.

    Counts add up, and so do their differences. Whoever hears that respondents were only added, or
    only taken away, knows besides that no difference is below zero.
    """
    first, second = attackers
    for one, other in ((first, second), (second, first)):
        for cell in list(one.place):
            other.at(cell)
    truth = [attacker.truth(frame) for attacker, frame in zip(attackers, frames, strict=True)]
    before = np.full(len(second.place), np.nan)
    change = np.full(len(second.place), np.nan)
    for cell, place in second.place.items():
        before[place] = first.known.get(first.place[cell], np.nan)
        change[place] = truth[1][place] - truth[0][first.place[cell]]
    known = {p: n - before[p] for p, n in second.known.items() if not np.isnan(before[p])}
    groups = change[~np.isnan(change)]
    sign = -1.0 if (groups <= 0).all() else 1.0
    one_way = bool((sign * groups >= 0).all())
    second.known = {place: sign * value for place, value in known.items()}
    least = np.zeros(len(before)) if one_way else np.where(np.isnan(before), -MOST, -before)
    small = np.flatnonzero((np.abs(change) > 0) & (np.abs(change) < threshold))
    widths = second.solve(least=least).widths(small, protection)
    names = {place: cell for cell, place in second.place.items()}
    return Beside([names[p] for p in small], ~np.isnan(before[small]), widths)
