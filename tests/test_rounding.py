"""What leaves is rounded: no digit tells who stands behind a figure, and no conclusion changes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ngo_survey.disclosure.rounding import consistent, released, withheld
from ngo_survey.disclosure.rounding_steps import Rounding, share_step, step_above
from ngo_survey.results.store import FAMILIES, Results, is_number
from ngo_survey.study import Study
from suites import examples

ROUNDING = Rounding()


def estimates(**columns: Any) -> pd.DataFrame:
    whole = {
        **{"key": "q/a@total", "analysis": "q", "population": "g", "item": "", "category": "a"},
        **{"by": "", "by_level": "total", "statistic": "proportion", "n": 20.0, "base": 60.0},
        **{"weighted_base": 912.3456, "estimate": 0.3456789, "se": 0.0612345, "ci_low": 0.23456},
        **{"ci_high": 0.4765432, "df": 57.0, "deff": 1.2345, "n_effective": 48.612},
        **{"status": "shown", "flag": ""},
    }
    return pd.DataFrame([whole | columns])


@given(st.floats(1e-6, 1e6))
@examples(500)
def test_a_step_is_the_smallest_round_number_that_is_large_enough(least: float) -> None:
    step = float(step_above(np.array([least]))[0])
    assert least * (1 - 1e-6) <= step <= 2.5 * least
    assert float(f"{step:e}".partition("e")[0]) in {1.0, 2.0, 5.0}


@given(st.integers(1, 5000), st.floats(0, 1))
@examples(500)
def test_a_share_is_never_finer_than_two_respondents(base: int, share: float) -> None:
    row = estimates(base=float(base), n_effective=0.8 * base, estimate=share)
    made = released(row, "estimates", ROUNDING)
    step = float(share_step(np.array([max(0.001, 2 / (0.8 * base))]))[0])
    value = float(made["estimate"].iloc[0])
    assert value == pytest.approx(round(value / step) * step, abs=1e-9)
    assert abs(value - share) <= step / 2 + 1e-9


@given(st.integers(200, 1999), st.integers(1, 9999))
@examples(500)
def test_a_share_of_whole_percent_is_rounded_once(base: int, share: int) -> None:
    assume(share % 100 != 50)
    row = estimates(base=float(base), n_effective=float(base), estimate=share / 10_000)
    made = float(released(row, "estimates", ROUNDING)["estimate"].iloc[0])
    assert f"{100 * made:.0f}" == f"{share / 100:.0f}"


def test_what_goes_with_a_figure_is_rounded_with_it() -> None:
    row = released(estimates(), "estimates", ROUNDING).iloc[0]
    assert row[["n", "base"]].tolist() == [20, 60]
    assert row["estimate"] == 0.35
    assert (row["ci_low"], row["ci_high"]) == (0.25, 0.5)
    assert row["weighted_base"] == 900
    assert (row["se"], row["df"], row["deff"], row["n_effective"]) == (0.06, 57, 1.2, 49)


@given(st.integers(10, 3000), st.floats(0.01, 0.99))
@examples(500)
def test_limits_and_errors_tell_no_more_of_a_share_than_its_step(base: int, share: float) -> None:
    """Among shares that are printed alike, what goes with them takes at most a few values."""
    step = float(share_step(np.array([max(0.001, 2 / base)]))[0])
    middle = round(share / step) * step
    near = np.clip(middle + np.linspace(-0.49, 0.49, 41) * step, 1e-4, 1 - 1e-4)
    error = np.sqrt(near * (1 - near) / base)
    row = {"n": 1.0, "base": float(base), "n_effective": float(base)}
    frame = pd.concat([estimates(**row)] * len(near), ignore_index=True)
    frame = frame.assign(estimate=near, se=error)
    frame = frame.assign(ci_low=near - 2 * error, ci_high=near + 2 * error)
    made = released(frame, "estimates", ROUNDING)
    kinds = made[["estimate", "se", "ci_low", "ci_high"]].round(9).drop_duplicates()
    assert len(kinds[kinds["estimate"] == made["estimate"].iloc[20]]) <= 8


@pytest.mark.parametrize("family", ["estimates", "waves", "ranks"])
def test_figures_of_every_family_on_a_base_are_rounded(family: str) -> None:
    row = estimates(estimate=0.3456789).reindex(columns=FAMILIES[family])
    made = released(row, family, ROUNDING)
    assert made["estimate"].iloc[0] == 0.35
    assert list(made) == list(row)


def test_a_figure_that_is_rounded_to_zero_lies_between_its_limits() -> None:
    row = estimates(estimate=0.018, se=0.009, ci_low=0.004, ci_high=0.04)
    made = released(row, "estimates", ROUNDING).iloc[0]
    assert made["ci_low"] <= made["estimate"] <= made["ci_high"]


def test_a_quantile_is_rounded_to_half_its_standard_error() -> None:
    row = estimates(statistic="median", estimate=1234.0, se=88.0, ci_low=1101.0, ci_high=1367.0)
    assert released(row, "estimates", ROUNDING)["estimate"].iloc[0] == 1250


@given(st.floats(0, 1), st.sampled_from([0.001, 0.01, 0.05, 0.1]))
@examples(500)
def test_no_comparison_of_a_p_value_with_a_level_changes(p: float, level: float) -> None:
    row = {"key": "k", "analysis": "q", "test": "wald", "statistic": 3.0, "df1": 2.0, "df2": 90.0}
    tests = pd.DataFrame([row | {"p": p, "p_adjusted": p}]).reindex(columns=FAMILIES["tests"])
    made = released(tests, "tests", ROUNDING)["p"].iloc[0]
    assert (made < level) == (p < level)


@given(st.floats(-0.5, 0.5), st.floats(0.001, 0.2))
@examples(500)
def test_limits_lie_on_the_same_side_of_zero_as_before(middle: float, se: float) -> None:
    low, high = middle - 1.96 * se, middle + 1.96 * se
    row = {"key": "k", "model": "m", "estimate": middle, "se": se, "ci_low": low, "ci_high": high}
    made = released(pd.DataFrame([row]).reindex(columns=FAMILIES["effects"]), "effects", ROUNDING)
    assert np.sign(made["ci_low"].iloc[0]) == np.sign(low)
    assert np.sign(made["ci_high"].iloc[0]) == np.sign(high)


def test_a_figure_is_the_same_in_every_family_that_holds_it() -> None:
    """A comparison of two groups knows the error of their difference, not those of the two."""
    made = {f: released(pd.DataFrame(columns=list(c)), f, ROUNDING) for f, c in FAMILIES.items()}
    rows = [
        estimates(key="q/a@total", base=2500.0, n_effective=2100.0),
        estimates(key="own_q/a@total", base=450.0, n_effective=410.0),
    ]
    made["estimates"] = released(pd.concat(rows), "estimates", ROUNDING)
    side = {"key": "sides/q/a", "statistic": "proportion", "first": 0.3456789}
    side |= {"second": 0.3456789, "difference": 0.0, "se": 0.05, "status": "shown"}
    frame = pd.DataFrame([side]).reindex(columns=list(FAMILIES["sides"]))
    made["sides"] = released(frame, "sides", ROUNDING)
    assert made["sides"]["first"].tolist() == [0.34]
    row = consistent(made, ("", "own_"))["sides"].iloc[0]
    assert (row["first"], row["second"]) == (0.346, 0.35)


def test_ranks_are_those_of_what_is_printed() -> None:
    """Of two shares that are printed alike no rank tells which is larger."""
    made = {f: released(pd.DataFrame(columns=list(c)), f, ROUNDING) for f, c in FAMILIES.items()}
    row = {"analysis": "q", "statistic": "proportion", "status": "shown", "base": 60.0, "se": 0.06}
    shares = {"a": 0.31, "b": 0.342, "c": 0.338, "d": 0.12}
    ranks = pd.DataFrame(
        [
            row | {"key": f"rank/q/{name}", "item": "", "category": name, "estimate": share}
            | {"rank": float(rank), "rank_low": 1.0, "rank_high": 4.0}
            for (name, share), rank in zip(shares.items(), (3, 1, 2, 4), strict=True)
        ]
    )  # fmt: skip
    made["ranks"] = released(ranks.reindex(columns=FAMILIES["ranks"]), "ranks", ROUNDING)
    sides = ranks.assign(first=ranks["estimate"], rank_first=ranks["rank"], second=0.3)
    sides = sides.assign(key="sides/q/" + sides["category"], difference=0.0)
    made["sides"] = released(sides.reindex(columns=FAMILIES["sides"]), "sides", ROUNDING)
    made["sides"]["first"] = made["ranks"]["estimate"]
    found = consistent(made)
    assert found["ranks"]["rank"].tolist() == [3, 1, 1, 4]
    assert found["sides"]["rank_first"].tolist() == [3, 1, 1, 4]
    assert found["sides"]["rank_second"].isna().all()


#: Columns that count, order or date, and families released as they were published or registered.
EXACT = {"n", "base", "count", "cells", "number", "group", "year", "rank", "rank_low", "rank_high"}
EXACT |= {"rank_first", "rank_second", "points", "steps", "origins", "common", "register"}
#: Small areas are estimated from released rows.
PUBLISHED = {"registration", "series", "backtests", "official", "areas"}
DIGITS = 0.1234567891


@pytest.mark.parametrize("se", [0.0234567891, 0.0, np.nan])
@pytest.mark.parametrize("family", sorted(set(FAMILIES) - PUBLISHED))
def test_nothing_leaves_with_all_its_digits(family: str, se: float) -> None:
    """A figure without a standard error (a test among models, say) is rounded all the same."""
    numbers = [c for c in FAMILIES[family] if is_number(family, c) and c not in EXACT]
    row = (
        dict.fromkeys(FAMILIES[family], "a") | dict.fromkeys(numbers, DIGITS) | {"status": "shown"}
    )
    row |= {c: 60.0 for c in EXACT & set(row)} | {"se": se} | {"statistic": "mean"} | {"note": ""}
    if is_number(family, "statistic"):
        row["statistic"] = DIGITS
    frame = pd.DataFrame([row]).reindex(columns=list(FAMILIES[family]))
    made = released(frame, family, ROUNDING)
    kept = [
        c for c in numbers if not pd.isna(made[c].iloc[0]) and made[c].iloc[0] == frame[c].iloc[0]
    ]
    assert [c for c in kept if frame[c].iloc[0] not in (0.0, 1.0)] == []


def test_there_is_one_word_for_hidden() -> None:
    words = ["suppressed-primary", "suppressed-secondary", "shown", "empty"]
    frame = pd.concat([estimates(status=word) for word in words])
    made = released(frame, "estimates", ROUNDING)
    assert made["status"].tolist() == ["suppressed", "suppressed", "shown", "empty"]


def test_a_test_of_a_table_with_a_hidden_figure_tells_its_level_alone() -> None:
    """A statistic would say which of the splits that fit the margins is the true one."""
    row = {"analysis": "q", "statistic": 4.21, "df1": 3.0, "df2": 80.0, "p_adjusted": 0.0312}
    tests = pd.DataFrame(
        [
            row | {"key": "1", "test": "rao_scott", "p": 0.0081, "effect": 0.2},
            row | {"key": "2", "test": "law.wald", "p": 0.0081},
            row | {"key": "3", "test": "funding.wald", "p": 0.47},
            row | {"key": "4", "test": "rao_scott", "p": 0.0081} | {"analysis": "other"},
        ]
    )
    hidden = estimates(item="law", status="suppressed")
    tests = released(tests.reindex(columns=list(FAMILIES["tests"])), "tests", ROUNDING)
    made = withheld(tests, hidden).set_index("key")
    assert made.loc[["1", "2"], ["statistic", "df1", "df2", "effect"]].isna().all(axis=None)
    assert made.loc["1", ["p", "p_adjusted"]].tolist() == [0.009, 0.049]
    assert made.loc["3", ["statistic", "p"]].tolist() == [4, 0.1]
    assert made.loc["4", "statistic"] == 4


def test_a_weighting_margin_of_few_is_hidden_with_one_that_would_give_it_away() -> None:
    rows = [
        {"key": level, "population": "g", "variable": "form", "level": level, "n": n}
        | {"register": 0.25, "sample": n / 100, "base_weighted": 0.2512345, "weighted": 0.25}
        for level, n in (("a", 3.0), ("b", 60.0), ("c", 12.0), ("d", 25.0))
    ]
    made = released(pd.DataFrame(rows), "margins", ROUNDING).set_index("level")
    assert made["n"].isna().to_dict() == {"a": True, "b": False, "c": True, "d": False}
    assert made.loc[["a", "c"], ["sample", "base_weighted"]].isna().all(axis=None)
    assert made.loc["b", "base_weighted"] == 0.251


def test_small_counts_of_cleaning_are_multiples_of_the_threshold() -> None:
    rows = [
        {"key": str(i), "population": "g", "stage": stage, "count": float(count), "note": ""}
        for i, (stage, count) in enumerate([("received", 61), ("speeder", 3), ("complete", 58)])
    ]
    made = released(pd.DataFrame(rows), "flow", ROUNDING)
    assert made["count"].tolist() == [61, 5, 58]


#: Weights of classes of respondents, as raking makes them, and how many are of each.
WEIGHTS = np.array([4.0468, 9.3172, 15.2241, 17.9083, 23.5127, 31.0764])
SIZES = (4, 6, 5, 7, 4, 4)


def compositions(n: int, share: float, width: float) -> np.ndarray:
    """Return (fits, classes): how many of each weight may stand behind a share as released."""
    whole = float(np.dot(WEIGHTS, SIZES))
    every = itertools.product(*(range(size + 1) for size in SIZES))
    counts = np.array([c for c in every if sum(c) == n])
    return counts[np.abs(counts @ WEIGHTS / whole - share) <= width]


@pytest.mark.parametrize("counts", [(1, 2, 0, 3, 1, 1), (0, 0, 2, 2, 2, 0), (3, 1, 1, 0, 0, 2)])
def test_digits_give_a_composition_away_and_rounding_takes_them(counts: tuple[int, ...]) -> None:
    """An attacker knows the weights, how many have each, and the number of who gave the answer."""
    n, base, whole = sum(counts), sum(SIZES), float(np.dot(WEIGHTS, SIZES))
    share = float(np.dot(WEIGHTS, counts)) / whole
    assert compositions(n, share, 1e-10).tolist() == [list(counts)]
    row = estimates(n=float(n), base=float(base), weighted_base=whole, estimate=share)
    row["n_effective"] = whole**2 / float(np.dot(WEIGHTS**2, SIZES))
    made = released(row, "estimates", ROUNDING).iloc[0]
    effective = whole**2 / float(np.dot(WEIGHTS**2, SIZES))
    step = float(share_step(np.array([2 / effective]))[0])
    fits = compositions(n, made["estimate"], step / 2)
    assert len(fits) > 20
    assert np.ptp(fits, axis=0).min() >= 2


def test_every_released_file_is_rounded_and_keeps_its_rows(small_built: Study) -> None:
    whole = Results.load(small_built.paths.results)
    out = Results.load(small_built.paths.released)
    dropped = {"suppressed_primary_share", "suppressed_secondary_share", "groups_told"}
    for family in FAMILIES:
        before, after = whole.family(family), out.family(family)
        if family == "rates":
            before = before[~before["name"].isin(dropped)]
        if family == "diagnostics":  # E-values are made of what is released
            after = after[~after["name"].str.startswith("e_value")]
        assert after["key"].tolist() == before["key"].tolist()
    shown = out.family("estimates").query("status == 'shown' and statistic == 'proportion'")
    effective = whole.family("estimates")["n_effective"].loc[shown.index].to_numpy()
    step = share_step(np.maximum(0.001, 2 / effective))
    parts = shown["estimate"].to_numpy() / step
    np.testing.assert_allclose(parts, np.round(parts), atol=1e-6)
    assert "suppressed-primary" not in set(out.family("estimates")["status"])
