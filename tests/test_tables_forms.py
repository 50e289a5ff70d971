"""Each form of table gives the figures that a hand count gives, under the keys of the contract."""

from __future__ import annotations

import pandas as pd
import pytest

from small_tables import book, question, shown, spec, tabulate

POINTS = ["1", "2", "3", "4", "5", "dont_know"]


@pytest.fixture(scope="module")
def tables():
    codebook = book(
        question("form", "single", ["a", "b"]),
        question("change", "scale", ["down", "same", "up"]),
        question("services", "multiple", ["x", "y", "z"], kind="select_multiple"),
        question("money_state", "constant_sum", kind="integer", battery="money"),
        question("money_own", "constant_sum", kind="integer", battery="money"),
        question("trust_akimat", "rating", POINTS, battery="trust"),
        question("trust_council", "rating", POINTS, battery="trust"),
        question("measures_1", "rank", ["p", "q", "r", "s"], battery="measures"),
        question("measures_2", "rank", ["p", "q", "r", "s"], battery="measures"),
        question("measures_3", "rank", ["p", "q", "r", "s"], battery="measures"),
        question("staff", "number", kind="integer"),
    )
    answers = pd.DataFrame(
        {
            "form": ["a", "a", "a", "a", "b", "b"],
            "change": ["up", "up", "same", None, "down", "up"],
            "services": ["x y", "x", None, "x y z", "z", "z"],
            "money_state": ["100", "50", "0", None, "20", "0"],
            "money_own": ["0", "50", "100", None, "80", "100"],
            "trust_akimat": ["5", "4", "1", "dont_know", "2", "5"],
            "trust_council": ["1", "1", "1", "1", None, "5"],
            "measures_1": ["p", "p", "q", "r", "s", None],
            "measures_2": ["q", "r", "p", None, "p", None],
            "measures_3": ["r", None, "s", None, "q", None],
            "staff": ["0", "2", "4", "10", "1", None],
        }
    )
    names = ("form", "change", "services", "money", "trust", "measures", "staff")
    more = {"change": {"net": (("up",), ("down",))}, "staff": {"totals": ("staff",)}}
    specs = [
        spec(codebook, name, () if name == "form" else ("form",), **more.get(name, {}))
        for name in names
    ]
    return tabulate(codebook, answers, specs)


@pytest.mark.parametrize(
    ("key", "estimate", "n", "base"),
    [
        ("form/a@total", 4 / 6, 4, 6),
        # A single answer: those who did not answer are in no base.
        ("change/up@total", 3 / 5, 3, 5),
        ("change_by_form/up@a", 2 / 3, 2, 3),
        ("change_by_form/down@a", 0.0, 0, 3),
        ("change/net@total", 2 / 5, 5, 5),
        # Many answers: on respondents, on answers, and how many a respondent gives.
        ("services/x@total", 3 / 5, 3, 5),
        ("services/x.share_of_answers@total", 3 / 8, 3, 5),
        ("services/mean_answers@total", 8 / 5, 5, 5),
        ("services_by_form/z@b", 1.0, 2, 2),
        # Parts of a whole: mean share and who has any, on those who answered all parts.
        ("money/state@total", 1.7 / 5, 5, 5),
        ("money/state.any@total", 3 / 5, 3, 5),
        ("money_by_form/own@b", 0.9, 2, 2),
        # Ratings: don't know is no point.
        ("trust/akimat@total", 17 / 5, 5, 5),
        ("trust/akimat.top_two@total", 3 / 5, 3, 5),
        ("trust/akimat.5@total", 2 / 5, 2, 5),
        ("trust/akimat.dont_know@total", 1 / 6, 1, 6),
        ("trust_by_form/council@a", 1.0, 4, 4),
        # Ranks: first, and among three.
        ("measures/p.first@total", 2 / 5, 2, 5),
        ("measures/p.top_three@total", 4 / 5, 4, 5),
        ("measures/s.top_three@total", 2 / 5, 2, 5),
        # Numbers.
        ("staff/mean@total", 17 / 5, 5, 5),
        ("staff/median@total", 2.0, 5, 5),
        ("staff/total@total", 170.0, 5, 5),
        ("staff_by_form/p75@a", 4.0, 4, 4),
    ],
)
def test_figures_are_those_of_a_hand_count(tables, key, estimate, n, base) -> None:
    row = shown(tables, key)
    assert row["estimate"] == pytest.approx(estimate)
    assert (row["n"], row["base"]) == (n, base)


def test_every_key_is_unique(tables) -> None:
    keys = pd.concat(tables.estimates.values())["key"]
    assert keys.is_unique


def test_a_distribution_stands_in_the_total_column_alone(tables) -> None:
    rows = tables.estimates["trust"]
    assert set(rows.loc[rows["category"] == "5", "by"]) == {""}


def test_a_group_that_nobody_belongs_to_is_empty_not_zero() -> None:
    codebook = book(
        question("form", "single", ["a", "b", "c"]), question("change", "scale", ["down", "up"])
    )
    answers = pd.DataFrame({"form": ["a", "a", "b"] * 4, "change": ["up", "down", "up"] * 4})
    made = tabulate(codebook, answers, [spec(codebook, "change", ["form"])])
    row = shown(made, "change_by_form/up@c")
    assert row["status"] == "empty"
    assert pd.isna(row["estimate"])
