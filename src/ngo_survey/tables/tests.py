"""Tests of a table: does what it shows differ between the levels of a banner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ngo_survey.errors import InputError
from ngo_survey.statistics.estimation import adjust
from ngo_survey.statistics.estimation.crosstabs import Test, independence_of, means_of
from ngo_survey.statistics.estimation.domains import Codes, Domains
from ngo_survey.statistics.estimation.many_answers import multiple_independence_of
from ngo_survey.statistics.estimation.trends import trend_of
from ngo_survey.tables.estimand import Floats, Panel

if TYPE_CHECKING:
    from ngo_survey.statistics.design import SurveyDesign
    from ngo_survey.tables.declared import TableSpec

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
#: No p-value is taken to be smaller than this where one is divided by it.
SMALLEST = 1e-300
#: Says of a panel under a banner whether the levels of a test, by its name, tell of those who are
#: hidden; the last argument gives its p-value, plain and adjusted, of other answers.
Tells = Callable[[int, str, str, Callable[[Panel], tuple[float, float]]], bool]
#: A test that has yet to be made: its name in the key, and what makes it of the levels' codes.
Question = tuple[str, Callable[[Domains], Test]]


def test_table(
    design: SurveyDesign,
    spec: TableSpec,
    panels: list[Panel],
    splits: Mapping[str, Domains],
    ordered: Callable[[str], bool],
    hidden: Callable[[int, str], tuple[bool, bool]],
    tells: Tells | None = None,
) -> pd.DataFrame:
    """Test each panel of a table under each banner.

    Single answers and each of many answers: Rao-Scott with the second-order correction, effect
    Cramer's V; answers of many as a whole: Thomas and Decady's test over all of them. Means:
    adjusted Wald F, effect the share of variance between levels. Over the levels of an ordered
    banner also the trend. ``p_adjusted`` is Holm's over all tests of the table (Holm 1979): its
    rows are the family.

    ``hidden(panel, banner)`` says whether any and whether all figures are hidden: where all are
    there is no test, where some are the effect is withheld, because with what is shown it is one
    more equation for what is not; ``tells`` says whether even the levels that the test is below
    tell too much, and then nothing of it is. A test that the data cannot give (one level left, no
    degrees of freedom) has no row.
    """
    rows, made_of = [], []
    for place, panel in enumerate(panels):
        if panel.kind not in ("share", "mean") or panel.columns != "all":
            continue
        if panel.members[0].statistic not in TESTED:
            continue
        for banner in spec.banners:
            some, every = hidden(place, banner)
            if every:
                continue
            for name, make in _questions(design, panel, spec, ordered(banner)):
                try:
                    made = make(splits[banner])
                except InputError:
                    continue
                if np.isnan(made.p):
                    continue
                analysis = spec.analysis(banner)
                made_of.append((place, banner, name) if some else None)
                withheld = some and not name.endswith("trend")
                rows.append(
                    {
                        "key": f"test/{analysis}/{name}",
                        "analysis": analysis,
                        "test": name,
                        "statistic": made.statistic,
                        "df1": made.df1,
                        "df2": made.df2,
                        "p": made.p,
                        "effect": np.nan if withheld else made.effect,
                        "effect_low": np.nan if withheld else made.effect_low,
                        "effect_high": np.nan if withheld else made.effect_high,
                    }
                )
    found = pd.DataFrame(rows, columns=COLUMNS)
    found["p_adjusted"] = adjust(found["p"])
    for row, source in enumerate(made_of if tells else ()):
        if source is None or tells is None:
            continue
        place, banner, name = source
        factor = float(found["p_adjusted"][row]) / max(float(found["p"][row]), SMALLEST)
        again = partial(_again, design, spec, ordered(banner), splits[banner], name, factor)
        if tells(place, banner, name, again):
            found.loc[row, ["statistic", "df1", "df2", "p", "p_adjusted"]] = np.nan
    return found


def _again(
    design: SurveyDesign,
    spec: TableSpec,
    ordered: bool,
    split: Domains,
    name: str,
    factor: float,
    panel: Panel,
) -> tuple[float, float]:
    """Return the p-value of a test of other answers, plain and times a factor; NaN without one."""
    for found, make in _questions(design, panel, spec, ordered):
        if found == name:
            try:
                p = make(split).p
            except InputError:
                break
            return p, min(p * factor, 1.0)
    return np.nan, np.nan


def _questions(
    design: SurveyDesign, panel: Panel, spec: TableSpec, ordered: bool
) -> Iterator[Question]:
    """Yield what is tested of a panel under one banner."""
    if "overall" in spec.tests:
        if panel.kind == "share" and panel.partition:
            first = panel.members[0]
            name = ".".join(p for p in (first.item, "first" * (first.statistic == "first")) if p)
            answers = np.where(panel.valid, panel.values.argmax(axis=1), -1)
            yield _named(name, "rao_scott"), partial(_independence, design, answers)
        elif panel.kind == "share":
            if panel.form == "multiple":
                yield _named(panel.members[0].item, "overall"), partial(_overall, design, panel)
            for member, values in zip(panel.members, panel.values.T, strict=True):
                chosen = np.where(panel.valid, values.astype(np.int64), -1)
                yield _named(member.name, "rao_scott"), partial(_independence, design, chosen)
        else:
            for member, values in zip(panel.members, panel.values.T, strict=True):
                name = "" if member.name == member.statistic == "mean" else member.name
                yield _named(name, "wald"), partial(_means, design, panel, values)
    if ordered and "trend" in spec.tests:
        for member, values in zip(panel.members, panel.values.T, strict=True):
            yield _named(member.name, "trend"), partial(_trend, design, panel, values)


def _independence(design: SurveyDesign, answers: Codes, split: Domains) -> Test:
    return independence_of(design, answers, split.codes)


def _overall(design: SurveyDesign, panel: Panel, split: Domains) -> Test:
    return multiple_independence_of(design, panel.values, panel.valid, _among(panel, split))


def _means(design: SurveyDesign, panel: Panel, values: Floats, split: Domains) -> Test:
    return means_of(design, values, _among(panel, split))


def _trend(design: SurveyDesign, panel: Panel, values: Floats, split: Domains) -> Test:
    return trend_of(design, values, _among(panel, split))


def _among(panel: Panel, split: Domains) -> Codes:
    return np.where(panel.valid, split.codes, -1)


def _named(name: str, kind: str) -> str:
    return f"{name}.{kind}" if name else kind
