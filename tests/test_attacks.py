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
from ngo_survey.disclosure.rounding_steps import Rounding
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
