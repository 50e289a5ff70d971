"""Each form of table gives the figures that a hand count gives, under the keys of the contract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.tabulate import make
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.tables.forms import estimands
from small_tables import OPEN, book, plain_design, question, shown, spec, tabulate

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
        # Percentages of rows: of those who gave the answer, the share in each column.
        ("change_by_form/up.row_percent@a", 2 / 3, 2, 3),
        ("change_by_form/down.row_percent@b", 1.0, 1, 1),
        # Parts of a whole: mean share and who has any, on those who answered all parts.
        ("money/state@total", 1.7 / 5, 5, 5),
        ("money/state.any@total", 3 / 5, 3, 5),
        ("money_by_form/own@b", 0.9, 2, 2),
        # Ratings: don't know is no point.
        ("trust/akimat@total", 17 / 5, 5, 5),
        ("trust/akimat.top_two@total", 3 / 5, 3, 5),
        ("trust/akimat.5@total", 2 / 5, 2, 5),
        ("trust/akimat.bottom_two@total", 2 / 5, 2, 5),
        ("trust/akimat.net@total", 1 / 5, 5, 5),
        ("trust/akimat.dont_know@total", 1 / 6, 1, 6),
        ("trust_by_form/council@a", 1.0, 4, 4),
        # Ranks: first, and among three.
        ("measures/p.first@total", 2 / 5, 2, 5),
        ("measures/p.top_three@total", 4 / 5, 4, 5),
        ("measures/s.top_three@total", 2 / 5, 2, 5),
        ("measures/p.place_2@total", 2 / 5, 2, 5),
        ("measures/q.place_3@total", 1 / 5, 1, 5),
        # Borda: 3, 2, 1 points over 3; p has 3 3 2 0 2.
        ("measures/p.borda@total", 10 / 15, 5, 5),
        # Mean rank of s among four: 4, (two ranked) 3.5, 3, (one ranked) 3, 1.
        ("measures/s.mean_rank@total", 14.5 / 5, 5, 5),
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


@pytest.fixture(scope="module")
def case():
    """Three questions answered by forty people, some by few."""
    rng = np.random.default_rng(5)
    codebook = book(
        question("form", "single", ["a", "b"]),
        question("rural", "single", ["town", "village"]),
        question("size", "scale", ["none", "some", "many"]),
        question("change", "scale", ["down", "same", "up"]),
        question("services", "multiple", ["x", "y", "other"], kind="select_multiple"),
        question("score", "rating", POINTS),
        question("staff", "number", kind="integer"),
    )
    n = 60
    answers = pd.DataFrame(
        {
            "form": rng.choice(["a", "b"], n),
            "rural": rng.choice(["town", "village"], n),
            "size": rng.choice(["none", "some", "many"], n),
            "change": rng.choice(["down", "same", "up", None], n, p=[0.2, 0.2, 0.5, 0.1]),
            "services": rng.choice(["x", "x y", "y other", "other", None], n),
            "score": rng.choice(POINTS, n),
            "staff": rng.integers(0, 30, n).astype(str),
        },
        dtype=object,
    )
    return codebook, answers


def test_a_filtered_table_is_the_table_of_those_people_alone(case) -> None:
    codebook, answers = case
    names = ("change", "services", "score", "staff")
    filtered = [spec(codebook, name, ["form"], filter="rural = village") for name in names]
    ours = pd.concat(tabulate(codebook, answers, filtered).estimates.values())
    alone = answers[answers["rural"] == "village"]
    plain = [spec(codebook, name, ["form"]) for name in names]
    theirs = pd.concat(tabulate(codebook, alone, plain).estimates.values())
    both = ours.merge(theirs, on="key", suffixes=("", "_alone"))
    assert len(both) == len(theirs)
    for column in ("n", "base", "estimate"):
        np.testing.assert_allclose(
            both[column].astype(float), both[f"{column}_alone"].astype(float), rtol=1e-12
        )


def test_a_nested_banner_crosses_its_variables(case) -> None:
    codebook, answers = case
    made = tabulate(codebook, answers, [spec(codebook, "change", ["form.rural"])])
    inside = (answers["form"] == "a") & (answers["rural"] == "village")
    answered = answers[inside]["change"].dropna()
    row = shown(made, "change_by_form.rural/up@a.village")
    assert (row["by"], row["by_level"]) == ("form.rural", "a.village")
    assert row["estimate"] == pytest.approx((answered == "up").mean())


def test_on_the_base_of_all_who_did_not_answer_has_a_row(case) -> None:
    codebook, answers = case
    made = tabulate(codebook, answers, [spec(codebook, "change", base="all")])
    row = shown(made, "change/no_answer@total")
    assert (row["n"], row["base"]) == (answers["change"].isna().sum(), 60)
    rows = made.estimates["change"]
    shares = rows[(rows["statistic"] == "proportion")]["estimate"]
    assert shares.sum() == pytest.approx(1.0)
    many = tabulate(codebook, answers, [spec(codebook, "services", base="all")])
    assert shown(many, "services/x@total")["base"] == 60


def test_only_the_figures_asked_for_are_told(case) -> None:
    codebook, answers = case
    made = tabulate(
        codebook, answers, [spec(codebook, "score", ["form"], statistics=("mean", "net"))]
    )
    assert set(made.estimates["score"]["statistic"]) == {"mean", "net"}
    answers_of = tabulate(
        codebook, answers, [spec(codebook, "services", ["form"], statistics=("share_of_answers",))]
    ).estimates["services"]
    shares = answers_of.groupby("by_level")["estimate"].sum()
    assert shares.to_dict() == pytest.approx({"total": 1.0, "a": 1.0, "b": 1.0})


def test_several_questions_stand_in_one_table(case) -> None:
    codebook, answers = case
    parts = tuple(
        replace(spec(codebook, name, ["form"]), id="both", items=(name,))
        for name in ("change", "services")
    )
    group = replace(parts[0], form="group", parts=parts)
    made = tabulate(codebook, answers, [group])
    row = shown(made, "both_by_form/services.x@a")
    alone = shown(tabulate(codebook, answers, [spec(codebook, "services", ["form"])]),
                  "services_by_form/x@a")  # fmt: skip
    assert row["estimate"] == alone["estimate"]
    assert shown(made, "both/change.up@total")["item"] == "change"


def test_rows_are_sorted_by_the_total_and_other_stays_last(case) -> None:
    codebook, answers = case
    made = tabulate(codebook, answers, [spec(codebook, "services", ["form"], sort="ascending")])
    rows = made.estimates["services"]
    rows = rows[rows["statistic"] == "proportion"]
    total = rows[rows["by"] == ""]
    assert total["category"].iloc[-1] == "other"
    assert total["estimate"].iloc[:-1].is_monotonic_increasing
    for _, own in rows.groupby(["by", "by_level"]):
        assert own["category"].tolist() == total["category"].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_rows_tells_nothing_of_figures_that_are_printed_alike(seed: int) -> None:
    """Of 60 respondents shares are told in steps of five points: many of nine answers are alike."""
    rng = np.random.default_rng(seed)
    names = list("abcdefghi")
    codebook = book(question("services", "multiple", names, kind="select_multiple"))
    given = rng.random((60, 9)) < 0.4
    answers = pd.DataFrame({"services": [" ".join(np.array(names)[row]) for row in given]})
    made = tabulate(codebook, answers, [spec(codebook, "services", sort="descending")])
    rows = made.estimates["services"].query("by == '' and statistic == 'proportion'")
    printed = released(rows, "estimates", Rounding())["estimate"].round(9)
    assert printed.is_monotonic_decreasing
    assert printed.duplicated().any()
    for _, alike in rows["category"].groupby(printed.to_numpy()):
        assert alike.tolist() == sorted(alike)


def test_small_bases_and_wide_limits_are_flagged(case) -> None:
    codebook, answers = case
    rows = tabulate(codebook, answers, [spec(codebook, "change", ["form"])]).estimates["change"]
    rows = rows[rows["statistic"] == "proportion"].astype({"base": float})
    effective = rows["n_effective"].astype(float)
    few = (rows["base"] < 30) | (effective < 30)
    assert (rows["flag"] == "small-base").equals(few)
    wide = rows["ci_high"].astype(float) - rows["ci_low"].astype(float)
    assert (rows.loc[~few, "flag"] == "imprecise").equals(wide[~few] >= 0.3)
    assert few.any()
    assert not few.all()


def test_weighted_and_effective_bases_stand_beside_the_plain_one(case) -> None:
    codebook, answers = case
    row = shown(tabulate(codebook, answers, [spec(codebook, "change")]), "change/up@total")
    assert row["weighted_base"] == pytest.approx(10.0 * row["base"])
    assert row["n_effective"] == pytest.approx(row["base"])
    design = plain_design(codebook, answers)
    weights = np.arange(1.0, 61.0)
    weighted = SurveyDesign(design.frame.assign(w=weights), weights="w")
    tables = make(weighted, [spec(codebook, "change")], codebook, OPEN, np.random.default_rng(0))
    w = weights[answers["change"].notna()]
    row = shown(tables, "change/up@total")
    assert row["weighted_base"] == pytest.approx(w.sum())
    assert row["n_effective"] == pytest.approx(w.sum() ** 2 / (w**2).sum())


@pytest.mark.parametrize("protection", [1, 3])
def test_a_group_without_a_table_has_rates_of_nothing(case, protection: int) -> None:
    codebook, answers = case
    rules = replace(OPEN, threshold=protection, protection=protection)
    rng = np.random.default_rng(0)
    made = make(plain_design(codebook, answers), [], codebook, rules, rng, population="ngo")
    rates = made.rates.set_index("key")["value"]
    assert made.estimates == {}
    assert rates["rates/ngo/figures"] == rates["rates/ngo/protected_counts"] == 0


def test_a_trend_is_tested_over_ordered_columns_alone(case) -> None:
    codebook, answers = case
    tests = tabulate(codebook, answers, [spec(codebook, "score", ["size", "form"])]).tests["score"]
    trends = tests[tests["test"].str.endswith("trend")]
    assert set(trends["analysis"]) == {"score_by_size"}
    design = plain_design(codebook, answers)
    numbers = codebook.numbers(design.frame, "score")
    alone = estimation.trend_test(design.assign(points=numbers), "points", "size")
    ours = trends.set_index("test").loc["mean.trend"]
    assert ours["p"] == pytest.approx(alone.p)
    assert ours["effect"] == pytest.approx(alone.effect)


def test_answers_of_many_have_one_test_over_all_of_them(case) -> None:
    codebook, answers = case
    tests = tabulate(codebook, answers, [spec(codebook, "services", ["form"])]).tests["services"]
    design = plain_design(codebook, answers)
    ticked = codebook.indicator(design.frame, "services")
    alone = estimation.multiple_independence_test(
        design.assign(**ticked), list(ticked.columns), "form"
    )
    ours = tests.set_index("key").loc["test/services_by_form/overall"]
    assert ours["p"] == pytest.approx(alone.p)
    assert ours["statistic"] == pytest.approx(alone.statistic)


def test_columns_of_zero_and_one_are_held_in_bytes() -> None:
    codebook = book(
        question("change", "scale", ["down", "same", "up"]),
        question("services", "multiple", ["x", "y"], kind="select_multiple"),
        question("trust_akimat", "rating", POINTS, battery="trust"),
        question("measures_1", "rank", ["p", "q"], battery="measures"),
        question("measures_2", "rank", ["p", "q"], battery="measures"),
    )
    answers = pd.DataFrame(
        {
            "change": ["up", None],
            "services": ["x y", None],
            "trust_akimat": ["5", "dont_know"],
            "measures_1": ["p", None],
            "measures_2": ["q", None],
        }
    )
    frame = plain_design(codebook, answers).frame
    made = [
        estimand
        for name in ("change", "services", "trust", "measures")
        for estimand in estimands(spec(codebook, name, ()), frame, codebook)
    ]
    shares = [estimand for estimand in made if estimand.kind in ("share", "row_share")]
    assert len(shares) > 8
    assert {estimand.stored.itemsize for estimand in shares} == {1}
    assert {estimand.values.dtype for estimand in made} == {np.dtype(float)}


@pytest.mark.parametrize("answered", [0, 1, 2])
def test_a_number_that_few_answered_has_no_limits_where_it_has_no_error(answered) -> None:
    """One respondent leaves no degrees of freedom: a mean, a median and a total stand alike."""
    asked = question("staff", "number", kind="integer")
    codebook = book(question("form", "single", ["a", "b"]), asked)
    staff = [str(place + 3) if place < answered else None for place in range(6)]
    answers = pd.DataFrame({"form": list("aaabbb"), "staff": staff})
    table = spec(codebook, "staff", ("form",), totals=("staff",))
    made = tabulate(codebook, answers, [table], OPEN)
    rows = pd.concat(made.estimates.values()).query("by == ''").set_index("statistic")
    rows = rows.loc[["mean", "median", "total"]]
    assert rows["status"].tolist() == ["shown" if answered else "empty"] * 3
    assert rows["estimate"].notna().tolist() == [answered > 0] * 3
    assert rows.loc[["mean", "total"], "ci_low"].notna().tolist() == [answered > 1] * 2
