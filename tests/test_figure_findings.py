"""A title above a figure claims what the figure shows, and nothing that it does not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ngo_survey.present.document.figure_findings import draws_bars, shows
from ngo_survey.present.document.findings import Finding

SIDES = ("first", "second")
SHARE = {"item": "", "category": "yes", "statistic": "proportion"}


def split(**row: Any) -> Finding:
    high = {**SHARE, "analysis": "q_by_place", "by": "place", "by_level": "village", **row}
    return Finding("split", high, 0.5, {**high, "by_level": "city"})


def gap(**row: Any) -> Finding:
    return Finding("gap", {**SHARE, "analysis": "q", **row}, 0.5)


def effect(**row: Any) -> Finding:
    return Finding("effect", {"model": "m", "variable": "x", "outcome": "yes", **row}, 0.5)


def change() -> Finding:
    return Finding("change", {**SHARE, "analysis": "q"}, 0.5)


BARS = {"kind": "bars", "analyses": [{"analysis": "q_by_place", "level": "village"}]}
BOTH = {
    "kind": "bars",
    "analyses": [*BARS["analyses"], {"analysis": "q_by_place", "level": "city"}],
}


@pytest.mark.parametrize(
    ("figure", "finding", "shown"),
    [
        ({"kind": "stacked", "analysis": "q", "banners": ["place"]}, split(), True),
        ({"kind": "letters", "analysis": "q", "banner": "place"}, split(), True),
        ({"kind": "stacked", "analysis": "q", "banners": ["size"]}, split(), False),
        ({"kind": "stacked", "analysis": "other", "banners": ["place"]}, split(), False),
        ({"kind": "tiles", "analysis": "q_by_place", "category": "yes"}, split(), True),
        ({"kind": "tiles", "analysis": "q_by_place", "category": "no"}, split(), False),
        (BOTH, split(), True),
        (BARS, split(), False),
        (BOTH | {"leave_out": ["yes"]}, split(), False),
        (BOTH | {"wave": "before"}, split(), False),
        (BOTH, split(statistic="mean_answers"), False),
        (BOTH | {"statistic": "mean"}, split(), False),
        ({"kind": "gap", "table": "q"}, gap(), True),
        ({"kind": "likert", "battery": "q"}, gap(), True),
        ({"kind": "gap", "table": "q", "groups": ["first", "third"]}, gap(), False),
        ({"kind": "bars", "analyses": [{"analysis": "q"}]}, gap(), False),
        ({"kind": "effects", "model": "m", "outcome": "yes"}, effect(), True),
        ({"kind": "effects", "model": "m", "outcome": "no"}, effect(), False),
        ({"kind": "contrasts", "model": "m", "variable": "z"}, effect(), False),
        ({"kind": "specification", "model": "m", "term": "x=1"}, effect(), False),
        ({"kind": "gap", "table": "q"}, effect(), False),
        ({"kind": "slope", "analysis": "q"}, change(), True),
        ({"kind": "stacked", "analysis": "q"}, change(), False),
    ],
)  # fmt: skip
def test_a_figure_shows_what_it_draws(
    figure: dict[str, Any], finding: Finding, shown: bool
) -> None:
    assert shows(figure, finding, SIDES) is shown


@pytest.mark.parametrize("kind", ["stacked", "letters"])
@pytest.mark.parametrize("hidden", ["village", "town", None])
def test_a_stacked_bar_with_a_hidden_part_is_claimed_by_no_title(
    kind: str, hidden: str | None
) -> None:
    table = pd.DataFrame(
        [
            {"statistic": "proportion", "by_level": level, "category": answer, "estimate": share}
            for level in ("village", "city", "town")
            for answer, share in (("yes", 0.6), ("no", None if level == hidden else 0.4))
        ]
    )
    drawn = draws_bars({"kind": kind}, split(), lambda name: {"q_by_place": table}[name])
    assert drawn == (kind == "letters" or hidden != "village")
