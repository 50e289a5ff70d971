"""What a weighted mean tells, to who knows every weight, of the respondents of a class of weight.

As :mod:`.weight_classes` for shares. The attacker knows who answered, the class of weight of each
and how many gave each point, and looks for the number of a class who gave a point. That number is
open when another composition, with the same counts of points and of classes, has a mean that is
printed alike. It is looked for among compositions that differ by a few pairs of
respondents who change places; each is made, so that what is called open is open. A mean of which
some number is not found open is withheld. The counts stay: they do not tell a weighted figure.

Looked at are answers of which a table counts each value: points, and categories that stand for more
and for less. Of an amount nobody prints how many named it.

Source: Hundepool et al. 2012, Statistical Disclosure Control, sec. 4.2 (what weights reveal).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.rounding_steps import Rounding, rounded_figures, step_of_figures
from ngo_survey.disclosure.status import BLANKED
from ngo_survey.disclosure.weight_classes import SAME, classes_of
from ngo_survey.statistics.estimation.domains import Domains
from ngo_survey.statistics.estimation.indicators import WITHHELD
from ngo_survey.tables.estimand import Estimand, Floats

Strings = NDArray[np.object_]
#: The longest scale whose points a table counts: 0 to 10.
POINTS = 11
#: Among how many classes others are looked for, how many first pairs are tried, and how many pairs
#: change places at most.
CLASSES, TRIED, PAIRS = 40, 20, 6


@dataclass(frozen=True)
class PointsByClass:
    """What those in one column of a table gave, by class of weight.

    Attributes
    ----------
    weights: (classes,) ascending.
    points: (points,) ascending.
    gave: (points, classes) how many of each class gave each point.
    """

    weights: Floats
    points: Floats
    gave: Floats

    def told(self, down: float, up: float) -> bool:
        """Say whether of some class it may be known how many gave some point.

        What counts alone tell is not told by the mean.

        Parameters
        ----------
        down, up: how far the sum of weight times point may fall (negative) and rise.
        """
        n, sizes = self.gave.sum(axis=1)[:, None], self.gave.sum(axis=0)[None, :]
        least = np.maximum(0.0, n + sizes - self.gave.sum())
        doubtful = (np.minimum(n, sizes) > least) & ~self._exchanged(down, up)
        return any(
            not self._made_up_for(int(point), int(class_), down, up)
            for point, class_ in np.argwhere(doubtful)
        )

    def _exchanged(self, down: float, up: float) -> Bools:
        """(points, classes): where two respondents who change places leave the mean as printed."""
        found = np.zeros(self.gave.shape, dtype=bool)
        for a in range(len(self.points)):
            for b in range(len(self.points)):
                if a == b:
                    continue
                # One of a class goes from point a to b, one of another from b to a. The sum rises
                # by the distance times what the first weighs more.
                ends = np.sort(np.array([down, up]) / (self.points[b] - self.points[a]))
                partner = self.gave[b] > 0
                before = np.concatenate([[0], np.cumsum(partner)])
                first = np.searchsorted(self.weights, self.weights - ends[1])
                last = np.searchsorted(self.weights, self.weights - ends[0], side="right")
                itself = partner & (ends[0] <= 0) & (ends[1] >= 0)
                moved = (self.gave[a] > 0) & (before[last] - before[first] - itself > 0)
                found[a] |= moved
                found[b] |= moved
        return found

    def _made_up_for(self, point: int, class_: int, down: float, up: float) -> bool:
        """Say whether one more or fewer at a point and class fits, with others made up for it.

        One pair of respondents changes the number; then pairs of others change places, each time
        the pair that brings the sum nearest to what it was.
        """
        a, b, one, other = self._pairs(class_)
        rise = (self.points[b] - self.points[a]) * (self.weights[one] - self.weights[other])
        changes = ((a == point) | (b == point)) & ((one == class_) | (other == class_))
        first = np.flatnonzero(changes & (self.gave[a, one] > 0) & (self.gave[b, other] > 0))
        for pair in first[np.argsort(abs(rise[first]), kind="stable")][:TRIED]:
            gave, total, next_ = self.gave.copy(), 0.0, int(pair)
            for _ in range(PAIRS):
                gave[[a[next_], b[next_]], [one[next_], other[next_]]] -= 1
                gave[[b[next_], a[next_]], [one[next_], other[next_]]] += 1
                total += rise[next_]
                if down <= total <= up:
                    return True
                able = ~changes & (gave[a, one] > 0) & (gave[b, other] > 0)
                left = np.where(able, abs(total + rise - (down + up) / 2), np.inf)
                next_ = int(left.argmin())
                if not able[next_]:
                    break
        return False

    def _pairs(self, class_: int) -> tuple[Ids, Ids, Ids, Ids]:
        """Return from point, to point, who goes and who comes back: every pair of some classes."""
        spread = np.linspace(0, len(self.weights) - 1, CLASSES).astype(int)
        some = np.unique(np.append(spread, class_))
        places = np.arange(len(self.points))
        a, b, one, other = np.meshgrid(places, places, some, some, indexing="ij")
        chosen = (a < b) & (one != other)
        return a[chosen], b[chosen], one[chosen], other[chosen]

    @classmethod
    def of(cls, weights: Floats, values: Floats) -> PointsByClass | None:
        """Gather the respondents of a column; None where no mean tells anything of a class.

        Parameters
        ----------
        weights, values: (n,) of the respondents.
        """
        points, point = np.unique(values, return_inverse=True)
        classes, class_ = np.unique(weights, return_inverse=True)
        if not 2 <= len(points) <= POINTS or len(classes) < 2:
            return None
        gave = np.zeros((len(points), len(classes)))
        np.add.at(gave, (point, class_), 1.0)
        return cls(classes, points, gave)


def room(rows: pd.DataFrame, whole: float, rounding: Rounding, unit: float) -> tuple[float, float]:
    """Return how far the sum of weight times number may fall and rise with figures as printed.

    Parameters
    ----------
    rows: of the family ``estimates``: the mean of a number in one column, or its total.
    whole: the weight of those in the column, the largest weight being 1.
    unit: the largest weight.
    """
    step = np.nan_to_num(step_of_figures(rows, rounding))
    off = rounded_figures(rows, rounding) - rows["estimate"].to_numpy(dtype=float)
    factor = np.where(rows["statistic"] == "total", 1 / unit, whole)
    half = step / 2 * factor - SAME * whole
    return float((off * factor - half).max()), float((off * factor + half).min())


def withhold_means(
    table: pd.DataFrame,
    estimands: Sequence[Estimand],
    splits: Mapping[str, Domains],
    weights: Floats,
    rounding: Rounding,
) -> pd.DataFrame:
    """Return the estimates of a table without the means that tell of a class of weight.

    Of a mean that is the only one hidden under its banner the total tells what the others leave:
    the smallest other one goes too, where the total would tell of a class.

    Parameters
    ----------
    table: what :func:`.status.release` gives, with the positions of estimand, member and level.
    weights: (n,) of the respondents, zero outside the population.
    """
    counted = {e.variable for e in estimands if e.kind == "share" and e.partition}
    sums = [e.kind == "mean" and e.variable in counted for e in estimands]
    if not any(sums):
        return table
    place = table["estimand"].to_numpy(dtype=int)
    unit = float(weights.max())
    known, class_ = classes_of(weights)
    of = known[class_]
    gone: list[Ids] = []
    asked = table[np.array(sums)[place] & table["base"].gt(0).to_numpy()]
    for position, own in asked.groupby("estimand", sort=False):
        estimand = estimands[int(position)]
        values = estimand.of_member(0)
        answered = estimand.valid & (weights > 0)
        whole = own[(own["by"] == "") & own["estimate"].notna()]
        of_all = room(whole, float(of[answered].sum()), rounding, unit) if len(whole) else None
        for by, under in own.groupby("by", sort=False):
            columns: dict[int, PointsByClass | None] = {}
            told: set[int] = set()
            shown = under[under["estimate"].notna()]
            for level, rows in shown.groupby("level", sort=False):
                inside = answered & (splits[str(by)].codes == level)
                column = PointsByClass.of(of[inside], values[inside])
                columns[int(level)] = column
                if column and column.told(*room(rows, float(of[inside].sum()), rounding, unit)):
                    told.add(int(level))
            hidden = told | set(under.loc[under["estimate"].isna(), "level"])
            if by and of_all and len(told) == len(hidden) == 1:
                alone = columns[min(told)]
                others = shown[~shown["level"].isin(told)]
                if alone and len(others) and alone.told(*of_all):
                    told.add(int(others.loc[others["base"].idxmin(), "level"]))
            gone.append(shown.index[shown["level"].isin(told)].to_numpy())
    # No row, where nobody gave an answer to any of the questions.
    hidden_rows = np.concatenate([np.empty(0, dtype=table.index.to_numpy().dtype), *gone])
    made = table.copy()
    made.loc[hidden_rows, "status"] = "suppressed-primary"
    made.loc[hidden_rows, list(BLANKED)] = np.nan
    made.loc[hidden_rows, "flag"] = ""
    return made


def withhold_indicator(
    rows: pd.DataFrame, weights: Floats, values: Floats, levels: Strings, rounding: Rounding
) -> pd.DataFrame:
    """Return the rows of an indicator without means and totals that tell of a class of weight.

    With a level go all of its variable, as where few stand behind one.

    Parameters
    ----------
    rows: of the family ``estimates``, with their status.
    weights: (n,) of the respondents, zero outside the population.
    values: (n,) their numbers, NaN where there is none.
    levels: (n,) of the variable that the indicator is shown by, as text.
    """
    unit = float(weights.max())
    known, class_ = classes_of(weights)
    of = known[class_]
    answered = (weights > 0) & ~np.isnan(values)
    told: set[str] = set()
    for place, row in rows.iterrows():
        if row["statistic"] in ("mean", "total") and row["status"] == "shown":
            inside = answered & (levels == row["by_level"]) if row["by"] else answered
            column = PointsByClass.of(of[inside], values[inside])
            whole = float(of[inside].sum())
            if column and column.told(*room(rows.loc[[place]], whole, rounding, unit)):
                told.add(str(row["analysis"]))
    made = rows.copy()
    hidden = rows["analysis"].isin(told) & (rows["status"] == "shown")
    made.loc[hidden, "status"] = "suppressed-primary"
    made.loc[hidden, WITHHELD] = np.nan
    return made
