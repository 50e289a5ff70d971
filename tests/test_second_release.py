"""A second release of the same interviews tells of no small group beside the first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attacker import Attacker
from attacker_releases import Beside, beside
from ngo_survey.disclosure.audit import DisclosureError
from ngo_survey.disclosure.former_release import FormerRelease
from ngo_survey.disclosure.rounding import released as rounded
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.tabulate import Tables
from ngo_survey.disclosure.two_releases import given_away, tells_counts, withhold
from ngo_survey.results.store import FAMILIES
from small_tables import RULES, spec, tabulate
from suites import sample
from test_tables_attack import (
    CODEBOOK,
    KNOWLEDGE,
    PAIRS,
    QUESTIONS,
    answers,
    random_study,
    released,
    shares,
    together,
)


def out(tables: Tables) -> pd.DataFrame:
    return rounded(pd.concat(tables.estimates.values()), "estimates", Rounding())


def attacker(tables: Tables) -> Attacker:
    counted = {name: t for name, t in tables.estimates.items() if name in QUESTIONS}
    told = shares(counted, QUESTIONS)
    return Attacker(told, KNOWLEDGE, together(tables.estimates, PAIRS, CODEBOOK))


def changed(frame: pd.DataFrame, how: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two files of one study: (first, second)."""
    if how == "added":
        return frame.iloc[30:].reset_index(drop=True), frame
    if how == "taken away":
        return frame, frame.iloc[30:].reset_index(drop=True)
    rng = np.random.default_rng(seed)
    after = frame.copy()
    rows = rng.choice(len(frame), 30, replace=False)
    after.iloc[rows] = frame.iloc[rng.permutation(rows)].to_numpy()
    after.loc[rows[:15], "score"] = rng.choice(["1", "2", "3"], 15)
    return frame, after


def pinned(found: Beside) -> list:
    narrow = found.widths < RULES.protection - 1e-6
    return [
        dict(cell)
        for cell, bad, told in zip(found.cells, narrow, found.told_before, strict=True)
        if bad and told
    ]


@pytest.mark.parametrize(
    ("seed", "how"),
    sample([(s, how) for s in range(10) for how in ("corrected", "added", "taken away")]),
)
@pytest.mark.usefixtures("stages")
def test_no_small_difference_between_two_releases_can_be_told(seed: int, how: str) -> None:
    frame, whole = random_study(seed)
    frames = changed(frame, how, seed)
    first = whole if frames[0] is frame else released(frames[0])
    second = released(frames[1], former=FormerRelease.of(out(first)))
    found = beside((attacker(first), attacker(second)), frames, RULES.threshold, RULES.protection)
    assert not pinned(found)
    assert not given_away(out(first), out(second), RULES.threshold).any()


@pytest.mark.thorough
def test_without_the_first_release_nearly_every_small_difference_is_told() -> None:
    frame, second = random_study(0)
    frames = changed(frame, "added", 0)
    first = released(frames[0])
    found = beside((attacker(first), attacker(second)), frames, RULES.threshold, RULES.protection)
    assert (found.widths < RULES.protection).mean() > 0.8


@pytest.mark.parametrize("added", [1, 4])
def test_a_release_with_fewer_new_respondents_than_the_threshold_is_refused(added: int) -> None:
    frame = answers(0).drop(columns="money")
    plain = [spec(CODEBOOK, q, ["form"]) for q in ("score", "rural")]
    first = tabulate(CODEBOOK, frame.iloc[added:].reset_index(drop=True), plain, RULES)
    with pytest.raises(DisclosureError, match="differ by too few .*when more interviews"):
        tabulate(CODEBOOK, frame, plain, RULES, former=FormerRelease.of(out(first)))


@pytest.mark.usefixtures("stages")
def test_the_same_file_is_released_again_as_it_was() -> None:
    frame, first = random_study(0)
    again = released(frame, former=FormerRelease.of(out(first)))
    pd.testing.assert_frame_equal(out(again), out(first))


def rows(**columns: list) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    plain = {"key": [f"q/{i}" for i in range(size)], "analysis": ["q"] * size}
    return pd.DataFrame(plain | {"status": ["shown"] * size} | columns)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((20, 60), (20, 60), False),
        ((20, 60), (21, 70), True),
        ((20, 60), (25, 69), True),
        ((20, 60), (18, 60), True),
        ((20, 60), (20, 63), True),
        ((20, 60), (25, 65), False),
        ((20, 60), (15, 50), False),
    ],
)
def test_a_count_or_complement_that_differs_by_few_is_given_away(
    before: tuple[int, int], after: tuple[int, int], told: bool
) -> None:
    first, second = (rows(n=[float(n)], base=[float(base)]) for n, base in (before, after))
    assert given_away(first, second, 5).tolist() == [told]


@pytest.mark.parametrize(
    ("name", "then", "now", "told"),
    [
        ("n", 1014.0, 1017.0, True),
        ("n", 1014.0, 1014.0, False),
        ("n", 1014.0, 1040.0, False),
        ("complete.trust_index", 387.0, 388.0, True),
        ("iterations", 4.0, 6.0, False),
        ("excluded", 186.0, 188.0, False),
    ],
)
def test_how_many_a_model_is_fitted_to_is_held_against_the_former_release(
    name: str, then: float, now: float, told: bool
) -> None:
    """Who was left out for a missing answer is no group that anybody can recognise."""
    first, second = (
        pd.DataFrame({"key": ["m"], "name": [name], "value": [v]}) for v in (then, now)
    )
    assert given_away(first, second, 5).tolist() == [told]


def test_every_family_that_counts_respondents_is_held_against_the_former_release() -> None:
    held = {family for family, columns in FAMILIES.items() if tells_counts(columns)}
    assert held >= {"estimates", "contrasts", "diagnostics", "calibration", "margins", "rates"}
    assert not held & {"comparisons", "tests", "coefficients", "official"}


def test_what_was_hidden_then_is_not_shown_now() -> None:
    first = rows(n=[np.nan, 20.0], base=[60.0, 60.0], status=["suppressed", "shown"])
    second = rows(n=[9.0, 20.0], base=[60.0, 60.0])
    assert given_away(first, second, 5).tolist() == [True, False]
    made = withhold(first, second, 5, "analysis", ["n", "base"])
    assert made["n"].isna().all()
    assert (made["status"] == "suppressed-secondary").all()


def test_a_row_that_only_one_release_has_is_not_given_away() -> None:
    first = rows(n=[20.0], base=[60.0])
    second = rows(n=[21.0], base=[70.0]).assign(key="other")
    assert not given_away(first, second, 5).any()
