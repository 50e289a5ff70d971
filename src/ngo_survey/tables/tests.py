"""Tests of a table: does what it shows differ between the levels of a banner."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.estimation import adjust, independence_test, means_test
from ngo_survey.tables.panel import Panel

if TYPE_CHECKING:
    from ngo_survey.sampling import SurveyDesign
    from ngo_survey.tables.spec import TableSpec

#: Statistics that are tested; the others of a panel say the same thing another way.
TESTED = ("proportion", "mean", "mean_share", "first", "top_three", "mean_answers")
COLUMNS = [
    "key",
    "analysis",
    "test",
    "statistic",
    "df1",
    "df2",
    "p",
    "effect",
    "effect_low",
    "effect_high",
]


def test_table(
    design: SurveyDesign,
    spec: TableSpec,
    panels: list[Panel],
    hidden: Callable[[int, str], tuple[bool, bool]],
) -> pd.DataFrame:
    """Test each panel of a table under each banner.

    Single answers and each of many answers: Rao-Scott with the second-order correction, effect
    Cramer's V. Means: adjusted Wald F, effect the share of variance between levels. ``p_adjusted``
    is Holm's over all tests of the table (Holm 1979): its rows are the family.

    ``hidden(panel, banner)`` says whether any and whether all figures are hidden: where all are
    there is no test, where some are the effect is withheld, because with what is shown it is one
    more equation for what is not. A test that the data cannot give (one level left, no degrees of
    freedom) has no row.
    """
    rows = []
    for place, panel in enumerate(panels):
        if panel.kind not in ("share", "mean") or panel.columns == "total":
            continue
        if panel.members[0].statistic not in TESTED:
            continue
        for name, seen, kind in _questions(design, panel):
            for banner in spec.banners:
                some, every = hidden(place, banner)
                if every:
                    continue
                seen.frame[banner] = design.frame[banner]
                test = independence_test if kind == "rao_scott" else means_test
                try:
                    made = test(seen, "tested", banner)
                except InputError:
                    continue
                analysis, label = spec.analysis(banner), f"{name}.{kind}" if name else kind
                rows.append(
                    {
                        "key": f"test/{analysis}/{label}",
                        "analysis": analysis,
                        "test": label,
                        "statistic": made.statistic,
                        "df1": made.df1,
                        "df2": made.df2,
                        "p": made.p,
                        "effect": np.nan if some else made.effect,
                        "effect_low": np.nan if some else made.effect_low,
                        "effect_high": np.nan if some else made.effect_high,
                    }
                )
    found = pd.DataFrame(rows, columns=COLUMNS)
    found["p_adjusted"] = adjust(found["p"])
    return found


def _questions(design: SurveyDesign, panel: Panel) -> list[tuple[str, SurveyDesign, str]]:
    """Return what is tested: its name in the key, a design with it as a column, and how."""
    if panel.kind == "share" and panel.partition:
        codes = np.where(panel.valid, panel.values.argmax(axis=1), -1)
        names = [m.category for m in panel.members]
        first = panel.members[0]
        name = ".".join(p for p in (first.item, "first" * (first.statistic == "first")) if p)
        return [(name, _with(design, pd.Categorical.from_codes(codes, names)), "rao_scott")]
    found = []
    for column, member in enumerate(panel.members):
        values = panel.values[:, column]
        if panel.kind == "share":
            codes = np.where(panel.valid, values.astype(int), -1)
            tested: object = pd.Categorical.from_codes(codes, ["no", "yes"])
            found.append((member.name, _with(design, tested), "rao_scott"))
        else:
            tested = np.where(panel.valid, values, np.nan)
            name = "" if member.name == member.statistic == "mean" else member.name
            found.append((name, _with(design, tested), "wald"))
    return found


def _with(design: SurveyDesign, tested: object) -> SurveyDesign:
    seen = copy(design)
    seen.frame = pd.DataFrame({"tested": tested})
    return seen
