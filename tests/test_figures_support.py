"""What a message of a figure claims has passed its test, whatever the results are."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.present.figures.support import (
    first,
    from_independence,
    from_total,
    levels_apart,
    told_apart,
)
from small_store import estimate
from suites import examples

LEVELS = ("city", "town", "village", "none")
ANSWERS = ("funding", "law", "staff")
NO_RANKS = pd.DataFrame(columns=["item", "category", "rank_low", "rank_high"])
SHARES = st.integers(0, 100).map(lambda n: n / 100)


@st.composite
def compared(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a table under a banner, some of it hidden, and letters that fit its figures or not."""
    rows, letters = [], []
    for answer in ANSWERS:
        for place, level in enumerate(LEVELS):
            status = draw(st.sampled_from(["shown", "shown", "shown", "suppressed"]))
            made = estimate(
                "b_by_place", answer, draw(SHARES), by="place", level=level, status=status
            )
            rows.append(made)
            others = [c for c in "ABCD" if c != "ABCD"[place]]
            above = " ".join(sorted(draw(st.sets(st.sampled_from(others)))))
            head = {k: made[k] for k in ("analysis", "item", "category", "statistic", "by")}
            letters.append(head | {"by_level": level, "letter": "ABCD"[place], "above": above})
    return pd.DataFrame(rows), pd.DataFrame(letters)


@given(compared())
@examples(200)
def test_a_pair_is_told_apart_only_by_a_printed_letter(
    table: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    estimates, comparisons = table
    letters = comparisons.set_index(["category", "by_level"])
    shown = estimates.set_index(["category", "by_level"])["estimate"]
    pairs = told_apart(estimates, comparisons)
    for pair in pairs.itertuples():
        other = letters.loc[(pair.category, pair.low), "letter"]
        assert other in letters.loc[(pair.category, pair.high), "above"].split()
        assert shown[pair.category, pair.high] - shown[pair.category, pair.low] == pair.difference
    assert list(pairs["difference"]) == sorted(pairs["difference"], reverse=True)
    told = {(p.category, p.high, p.low) for p in pairs.itertuples()}
    levels = dict(zip("ABCD", LEVELS, strict=True))
    for (answer, level), row in letters.iterrows():
        for letter in row["above"].split():
            if shown[answer, level] > shown[answer, levels[letter]]:
                assert (answer, level, levels[letter]) in told


def test_no_letter_is_no_pair() -> None:
    rows = [
        estimate("b_by_place", "law", x, by="place", level=v)
        for v, x in zip("xy", (0.1, 0.9), strict=True)
    ]
    head = ["analysis", "item", "category", "statistic", "by", "by_level"]
    none = pd.DataFrame(rows)[head].assign(letter=["A", "B"], above="")
    assert told_apart(pd.DataFrame(rows), none).empty
    assert told_apart(pd.DataFrame(rows), none.iloc[:0]).empty


@given(st.lists(st.tuples(SHARES, st.sampled_from([0.005, 0.02, 0.1])), min_size=1, max_size=8))
@examples(200)
def test_one_is_the_highest_only_where_its_limits_are_above_all_others(
    figures: list[tuple[float, float]],
) -> None:
    rows = pd.DataFrame(
        [estimate("b", f"c{i}", share, se=se) for i, (share, se) in enumerate(figures)]
    )
    for last in (False, True):
        ends = first(rows, NO_RANKS, last)
        extreme = rows["estimate"].min() if last else rows["estimate"].max()
        assert ends["estimate"].iloc[0] == extreme
        if len(ends) == 1:
            rest = rows.drop(index=ends.index)
            top = ends.iloc[0]
            clear = rest["ci_low"] > top["ci_high"] if last else rest["ci_high"] < top["ci_low"]
            assert clear.all()


@st.composite
def ranked(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    size = draw(st.integers(2, 7))
    rows = [estimate("b", f"c{i}", 0.9 - i / 10) for i in range(size)]
    ranks = []
    for place in range(1, size + 1):
        low = draw(st.integers(1, place))
        high = draw(st.integers(place, size))
        ranks.append(("", f"c{place - 1}", float(low), float(high)))
    frame = pd.DataFrame(ranks, columns=["item", "category", "rank_low", "rank_high"])
    return pd.DataFrame(rows), frame


@given(ranked(), st.data())
@examples(200)
def test_no_one_is_named_alone_whose_place_the_ranks_leave_to_another(
    table: tuple[pd.DataFrame, pd.DataFrame], data: st.DataObject
) -> None:
    rows, ranks = table
    left = data.draw(st.integers(0, len(rows) - 1))
    drawn = rows.drop(index=left) if data.draw(st.booleans()) else rows
    places = ranks.set_index("category")
    for last in (False, True):
        ends = first(drawn, ranks, last)
        if len(ends) > 1:
            continue
        mine = places.loc[ends["category"].iloc[0]]
        others = places.loc[[c for c in drawn["category"] if c != ends["category"].iloc[0]]]
        if len(drawn) == len(rows):
            end = float(len(rows)) if last else 1.0
            taken = others["rank_high"] == end if last else others["rank_low"] == end
            assert not taken.any()
        elif last:
            assert (others["rank_high"] < mine["rank_low"]).all()
        else:
            assert (others["rank_low"] > mine["rank_high"]).all()


def test_a_pair_of_levels_stands_the_way_its_effect_goes() -> None:
    rows = pd.DataFrame(
        [
            {"variable": "form", "level": "a", "against": "b", "estimate": -0.2},
            {"variable": "form", "level": "c", "against": "b", "estimate": 0.1},
        ]
    )
    assert [tuple(row) for row in levels_apart(rows).itertuples(index=False)] == [
        ("form", "b", "a", 0.2),
        ("form", "c", "b", 0.1),
    ]


def pair(item: str, category: str, share: float, se: float) -> dict[str, Any]:
    return estimate("p", category, share, item=item, se=se) | {"df": 400.0}


def test_frequent_answers_that_are_independent_do_not_go_together() -> None:
    alone = pd.Series({"a": 0.55, "b": 0.34, "c": 0.1})
    rows = pd.DataFrame([pair("a", "b", 0.187, 0.01), pair("a", "c", 0.095, 0.01)])
    found = from_independence(rows, alone, alone, 0.05).set_index("category")
    assert found["p_adjusted"]["b"] == pytest.approx(1)
    assert found["p_adjusted"]["c"] < 0.05  # the rarer pair is the one beyond chance
    assert found["low"]["c"] > 0 > found["low"]["b"]


def room(a: float, b: float) -> float:
    """How far the share of both can be from a product on either side."""
    return min(a * b - max(0.0, a + b - 1), min(a, b) - a * b)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1, 0.2])
def test_limits_of_pairs_leave_zero_out_where_their_test_does_at_any_level(alpha: float) -> None:
    names = [f"a{place}" for place in range(8)]
    alone = pd.Series(np.linspace(0.1, 0.8, len(names)), names)
    random = np.random.default_rng(7)
    pairs = list(itertools.combinations(names, 2))
    errors = random.uniform(0.01, 0.05, len(pairs))
    shares = [
        alone[a] * alone[b] + random.uniform(-1, 1) * 0.9 * min(room(alone[a], alone[b]), 4 * se)
        for (a, b), se in zip(pairs, errors, strict=True)
    ]
    rows = [pair(a, b, s, se) for (a, b), s, se in zip(pairs, shares, errors, strict=True)]
    found = from_independence(pd.DataFrame(rows), alone, alone, alpha)
    apart = (found["low"] > 0) | (found["high"] < 0)
    assert 0 < apart.sum() < len(found)
    assert list(apart) == list(found["p_adjusted"] < alpha)


def test_a_cell_is_apart_from_all_only_beyond_its_error_among_all_cells() -> None:
    total = pd.Series({"x": 0.3, "y": 0.3})
    rows = pd.DataFrame([pair("a", "x", 0.35, 0.03), pair("a", "y", 0.5, 0.03)])
    rows = pd.concat([rows, pd.DataFrame([pair("b", "x", 0.0, 0.0)])])
    found = from_total(rows, total)
    assert list(found["p_adjusted"] < 0.05) == [False, True, False]
