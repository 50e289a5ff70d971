"""Waves side by side, and change between them, as rows that say no more than the released tables.

A change is shown where both waves show its two figures. How many respondents two samples share is
shown where neither they nor those whom they do not share are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ngo_survey.statistics.estimation.families import adjust, limits_of_tests
from ngo_survey.statistics.estimation.sides import gaps
from ngo_survey.tables.measured import SHOWN, Figures, Side, figures_of

if TYPE_CHECKING:
    from ngo_survey.statistics.design.overlap import Overlap
    from ngo_survey.tables.compared import Changed

#: Columns of a released figure that stand in the family ``waves``.
COPIED = (
    *("population", "item", "category", "by", "by_level", "statistic"),
    *("n", "base", "estimate", "se", "ci_low", "ci_high", "df", "status"),
)


def wave_rows(
    changed: Changed, sides: Mapping[str, Side], years: Mapping[str, int]
) -> pd.DataFrame:
    """Return rows of the family ``waves``: what each wave tells, earlier waves first.

    ``sides`` and ``years`` are by id of the wave.
    """
    rows = []
    for wave, measured in changed.measured.items():
        figures = figures_of(measured, sides[wave])
        for by, level in _columns(changed, sides[wave]):
            analysis = measured.spec.analysis(by)
            for name in figures.members:
                if not figures.is_shown(name, by, level):
                    continue
                values = figures.row(name, by, level)
                key = f"wave/{wave}/{analysis}/{name}@{level}"
                row = {"key": key, "wave": wave, "year": str(years[wave]), "analysis": analysis}
                rows.append(row | {column: values[column] for column in COPIED})
    return pd.DataFrame(rows)


def change_rows(
    changed: Changed,
    sides: Mapping[str, Side],
    overlaps: Mapping[str, Overlap],
    threshold: int,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return rows of the family ``change``: the present wave less each earlier one.

    p values are adjusted (Holm) over the figures of one table, wave and banner.

    Parameters
    ----------
    sides: by id of the wave, the present one included.
    overlaps: by id of the earlier wave, of the present sample with that one; none for independent
        samples.
    threshold: fewest respondents that may be shown.
    alpha: level of the tests, which the limits match.
    """
    *earlier, present = changed.measured
    now = figures_of(changed.measured[present], sides[present])
    rows = []
    for wave in earlier:
        then, overlap = figures_of(changed.measured[wave], sides[wave]), overlaps.get(wave)
        shared = {"samples": "independent"} if overlap is None else _shared(overlap, threshold)
        families: dict[str, list[dict[str, Any]]] = {}
        for by, level in _columns(changed, sides[present]):
            made = _column(now, then, (by, level), sides[present], sides[wave], overlap, alpha)
            families.setdefault(by, []).extend(made)
        for by, family in families.items():
            analysis = now.measured.spec.analysis(by)
            for row in _judged(family, alpha):
                stem = f"change/{wave}/{analysis}/{row.pop('name')}@{row['by_level']}"
                rows.append(
                    {"key": stem, "wave": present, "against": wave, "analysis": analysis}
                    | {"population": changed.population, **shared, **row}
                )
    return pd.DataFrame(rows)


def _judged(family: list[dict[str, Any]], alpha: float) -> list[dict[str, Any]]:
    """Return rows with ``p_adjusted`` and limits that match it; both missing without figures."""
    figures = ["difference", "se", "ci_low", "ci_high", "df", "p"]
    made = pd.DataFrame(family).reindex(columns=figures).astype(float)
    made = made.assign(p_adjusted=adjust(made["p"]))
    made = limits_of_tests(made, made["df"], level=1 - alpha)
    return [row | own for row, own in zip(family, made.to_dict("records"), strict=True)]


def _columns(changed: Changed, side: Side) -> Iterator[tuple[str, str]]:
    """Return (banner, level) of each column: the total, then every level of the banners."""
    yield "", "total"
    for by in changed.by:
        for level in side.book.question(by).choice_names:
            yield by, str(level)


def _column(
    now: Figures,
    then: Figures,
    column: tuple[str, str],
    present: Side,
    earlier: Side,
    overlap: Overlap | None,
    alpha: float,
) -> list[dict[str, Any]]:
    """Return the changes of one column; a figure that either wave withholds keeps its status."""
    by, level = column
    both = [
        name
        for name in now.members
        if name in then.members and now.is_shown(name, *column) and then.is_shown(name, *column)
    ]
    status = {name: [f.status(name, *column) for f in (now, then)] for name in both}
    shown = [name for name in both if status[name] == [SHOWN, SHOWN]]
    made = pd.DataFrame()
    if shown:
        designs = [
            figures.design.subset(side.design.frame[by] == level) if by else figures.design
            for figures, side in ((now, present), (then, earlier))
        ]
        made = gaps(designs[0], designs[1], shown, now.category, level=1 - alpha, overlap=overlap)
        made = made.set_index("variable").rename(columns={"first": "after", "second": "before"})
        made = made.drop(columns=["statistic", "p_adjusted"])
    rows = []
    for name in both:
        member = now.members[name]
        row: dict[str, Any] = {
            "name": name,
            "item": member.item,
            "category": member.category,
            "by": by,
            "by_level": level,
            "statistic": member.statistic,
            "status": next((s for s in status[name] if s != SHOWN), SHOWN),
        }
        rows.append(row | (made.loc[name].to_dict() if name in made.index else {}))
    return rows


def _shared(overlap: Overlap, threshold: int) -> dict[str, Any]:
    """Return how many units two samples share, unless that number tells of a few."""
    common = overlap.common
    parts = (common, len(set(overlap.first)) - common, len(set(overlap.second)) - common)
    few = any(0 < part < threshold for part in parts)
    return {"samples": "overlapping", "common": np.nan if few else float(common)}
