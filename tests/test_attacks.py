"""Attackers who know more than counts: weights, tests, two releases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attacker_releases import differences, told_answers
from attacker_tests import splits
from attacker_weights import Found, columns_of, compositions, rows, weighted
from ngo_survey.disclosure.rounding import released as rounded
from ngo_survey.disclosure.rounding import withheld
from ngo_survey.disclosure.rounding_steps import Rounding, level_above
from ngo_survey.statistics.estimation import gatekeep
from ngo_survey.tables.tests import told_by_level
from small_tables import RULES, plain_design, spec, tabulate
from suites import sample
from test_tables_attack import CODEBOOK, answers

#: Columns of more respondents than this leave a class wide open: the programmes only take longer.
SMALL, CELLS = 80, 8
#: Splits that are enumerated at most.
MOST = 400
ASKED = ("change", "score", "reasons", "rural")


def attacked(seed: int, rounded_: bool, threshold: int = 5, n: int = 0) -> list[Found]:
    """Compositions of some cells of a random study, from released rows or from ten digits."""
    frame = answers(seed)
    frame = frame.sample(n, replace=True, random_state=seed).reset_index(drop=True) if n else frame
    rules = replace(RULES, threshold=threshold, protection=threshold)
    design = weighted(CODEBOOK, frame, seed)
    banners = ["form", "region", "macro"]
    before, after = rows(design, [spec(CODEBOOK, q, banners) for q in ASKED], CODEBOOK, rules)
    classes = frame["form"] + "|" + frame["region"]
    columns = {name: columns_of(design, classes, frame[name]) for name in banners}
    small = np.flatnonzero((before["base"] <= SMALL) & (before["by"] != ""))
    chosen = np.random.default_rng(seed).permutation(small)[:CELLS]
    told = after if rounded_ else before
    return list(compositions(told.loc[chosen], columns, rounded_))


STUDIES = [(seed, 5, 0) for seed in (0, 6, *range(10, 24))]
STUDIES += [(seed, threshold, 150) for threshold in (3, 10) for seed in range(60, 70)]


@pytest.mark.parametrize(("seed", "threshold", "n"), sample(STUDIES))
def test_no_composition_follows_from_released_figures(seed: int, threshold: int, n: int) -> None:
    """Of no class of weight is it known how many gave an answer, where counts leave it open."""
    after = attacked(seed, True, threshold, n)
    assert [found.key for found in after if found.solved or found.pinned(1)] == []


@pytest.mark.thorough
def test_ten_digits_give_whole_compositions_away() -> None:
    before = attacked(0, False)
    assert len(before) > 5
    assert sum(found.solved for found in before) > len(before) / 2


def told_by_tests(seed: int) -> tuple[int, int] | None:
    """Attack the test of one table: how far a hidden count can lie in the splits that fit.

    By margins alone, and with the released test. None where nothing is
    hidden, or too little is known: a column of fewer than the threshold hides its base too.
    """
    frame = answers(seed)
    one = [spec(CODEBOOK, "rural", ["form"])]
    tables = tabulate(CODEBOOK, frame.drop(columns="money"), one, RULES)
    told, tests = tables.estimates["rural"], tables.tests["rural"]
    test = tests[(tests["analysis"] == "rural_by_form") & (tests["test"] == "rao_scott")]
    town = told[(told["by"] == "form") & (told["category"] == "town")]
    town = town[(town["statistic"] == "proportion") & (town["status"] != "empty")]
    counts = pd.crosstab(frame["form"], frame["rural"]).loc[town["by_level"]]
    base, hidden = counts.sum(axis=1).to_numpy(), town["n"].isna().to_numpy()
    few = bool((base[hidden] < RULES.threshold).any())
    if not len(test) or not hidden.any() or few or np.prod(base[hidden][:-1] + 1.0) > MOST:
        return None
    design = plain_design(CODEBOOK, frame.drop(columns="money"))
    every = splits(design, base, counts["town"].to_numpy(), hidden)
    out = withheld(rounded(test, "tests", Rounding()), rounded(told, "estimates", Rounding()))
    fits = [np.ones(len(every.every), dtype=bool), every.fit(out.iloc[0])]
    assert all(those[every.truth] for those in fits)
    widths = [int(np.ptp(every.every[those][:, hidden], axis=0).min()) for those in fits]
    return widths[0], widths[1]


def test_a_released_test_leaves_hidden_counts_as_wide_as_the_protection() -> None:
    """Where the level would narrow them, nothing of the test is told."""
    cases = [case for seed in range(12) if (case := told_by_tests(seed))]
    assert len(cases) > 2
    for margins, after in cases:
        assert after >= min(RULES.protection, margins)


def adjusted_beside(seed: int) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Tests of a random study by family, with ten digits, and those of them told by level alone."""
    frame = answers(seed).drop(columns="money")
    specs_ = [spec(CODEBOOK, q, ["form", "region"]) for q in ("reasons", "work")]
    made = tabulate(CODEBOOK, frame, specs_, RULES)
    found = []
    for name, tests in made.tests.items():
        told = rounded(made.estimates[name], "estimates", Rounding())
        out = withheld(rounded(tests, "tests", Rounding()), told)
        bare = (out["statistic"].isna() & tests["statistic"].notna()).to_numpy()
        for analysis, family in tests.groupby("analysis"):
            found.append((family, tests[bare & (tests["analysis"] == analysis)]))
    return found


def repeats(adjusted: np.ndarray, p: float) -> bool:
    """Whether a p-value, times how many tests may stand behind it, is one that is adjusted."""
    times = adjusted / p
    near = np.abs(times - np.round(times)) < 1e-6
    return bool((near & (adjusted < 1) & (times > 0.5)).any())


def test_no_test_told_by_its_level_stands_in_what_is_adjusted_beside_it(thorough: bool) -> None:
    """Holm's adjusted p is that of a smaller one where this is larger, and so is a gate's."""
    withheld_, repeated, before = 0, 0, 0
    for seed in range(12 if thorough else 6):
        for tests, bare in adjusted_beside(seed):
            for row in bare[bare["p"].between(0.002, 0.9)].itertuples():
                others = tests[tests.index != row.Index]
                withheld_ += 1
                repeated += repeats(others["p_adjusted"].to_numpy(), row.p)
                before += repeats(gatekeep(row.p, others["p"].to_numpy()), row.p)
    assert withheld_ > (10 if thorough else 5)
    assert before > (3 if thorough else 1)
    assert repeated == 0


def test_a_test_of_an_answer_with_a_hidden_figure_tells_its_level_alone() -> None:
    """Of many answers each has a test of its own, named by the answer and not by an item."""
    hidden_ = 0
    for seed in range(8):
        frame = answers(seed).drop(columns="money")
        made = tabulate(CODEBOOK, frame, [spec(CODEBOOK, "reasons", ["form", "region"])], RULES)
        told = rounded(made.estimates["reasons"], "estimates", Rounding())
        out = withheld(rounded(made.tests["reasons"], "tests", Rounding()), told)
        out = out[out["test"].str.endswith(".rao_scott")]
        hidden = told[told["status"] == "suppressed"]
        pairs_ = set(zip(hidden["analysis"], hidden["category"], strict=True))
        of = zip(out["analysis"], out["test"].str.removesuffix(".rao_scott"), strict=True)
        own = np.array([one in pairs_ for one in of], dtype=bool)
        assert out.loc[own, ["statistic", "df1", "df2", "effect"]].isna().all(axis=None)
        assert out.loc[~own, "statistic"].notna().all()
        hidden_ += own.sum()
    assert hidden_ > 10


@pytest.mark.parametrize(
    ("test", "hidden", "bare"),
    [
        ("rao_scott", ("", "a", "proportion"), True),
        ("a.rao_scott", ("", "a", "proportion"), True),
        ("a.rao_scott", ("", "b", "proportion"), False),
        ("law.wald", ("law", "", "mean"), True),
        ("law.often.trend", ("law", "rarely", "proportion"), True),
        ("tax.often.trend", ("law", "rarely", "proportion"), False),
        ("a.b.trend", ("", "a.b", "proportion"), True),
        ("mean_answers.wald", ("", "a", "proportion"), False),
        ("mean_answers.wald", ("", "", "mean_answers"), True),
        ("overall", ("", "a", "proportion"), True),
    ],
)
def test_a_test_is_of_the_figures_that_its_name_tells(
    test: str, hidden: tuple[str, str, str], bare: bool
) -> None:
    tests = pd.DataFrame({"analysis": ["q", "other"], "test": test})
    row = dict(zip(("item", "category", "statistic"), hidden, strict=True))
    assert told_by_level(tests, pd.DataFrame([row | {"analysis": "q"}])).tolist() == [bare, False]


def test_what_is_adjusted_beside_a_test_knows_its_level_and_no_more() -> None:
    """Of two p-values below the same level nobody sees which it was."""
    levels = level_above(np.array([0.011, 0.049, 0.05, 0.2, np.nan]))
    assert levels[0] == levels[1] < 0.05 < levels[2] < 0.1
    assert levels[3] == 1
    assert np.isnan(levels[4])


def test_two_releases_that_differ_by_one_respondent_tell_that_respondents_answers() -> None:
    """No rule guards against this: counts that are shown are exact (docs/disclosure.md)."""
    frame = answers(0)
    plain = [spec(CODEBOOK, q, ["form"]) for q in ("change", "score", "rural", "region")]
    made = []
    for own in (frame.iloc[1:], frame):
        tables = tabulate(CODEBOOK, own.drop(columns="money").reset_index(drop=True), plain, RULES)
        made.append(rounded(pd.concat(tables.estimates.values()), "estimates", Rounding()))
    told = told_answers(differences(*made))
    record = {(name, frame.loc[0, name]) for name in ("change", "rural", "region", "score")}
    assert told
    assert told <= record
