"""Copies of interviews: what is found is what comparing every pair finds, whatever is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ngo_survey.ingest.cleaning import near_identical
from ngo_survey.ingest.cleaning.near_identical import copies, disagreements
from suites import examples, sample

SHARE, LEAST = 0.95, 30


def by_every_pair(codes: NDArray[Any], share: float, least: int) -> dict[int, int]:
    """The rule as it is written: place of each copy -> place of the interview that is kept."""
    found: dict[int, int] = {}
    for row, answers in enumerate(codes):
        if row in found:
            continue
        both = (answers > 0) & (codes > 0)
        same = ((answers == codes) & both).sum(axis=1)
        like = (both.sum(axis=1) >= least) & (same >= share * both.sum(axis=1))
        for later in np.flatnonzero(like):
            if later > row:
                found.setdefault(int(later), row)
    return found


def found(codes: NDArray[Any], share: float = SHARE, least: int = LEAST) -> dict[int, int]:
    made = copies(codes, share, least)
    return dict(zip(made.copy.tolist(), made.of.tolist(), strict=True))


def check(codes: NDArray[Any], share: float = SHARE, least: int = LEAST) -> int:
    """Hold what is found against every pair; returns how many copies there are.

    Each is a copy of an earlier interview that is kept, and no two are kept that are copies, unless
    they disagree in more questions than is promised.
    """
    made = found(codes, share, least)
    sure = disagreements(codes.shape[1], share)
    for row, answers in enumerate(codes):
        both = (answers > 0) & (codes > 0)
        same = ((answers == codes) & both).sum(axis=1)
        like = (both.sum(axis=1) >= least) & (same >= share * both.sum(axis=1))
        if row in made:
            assert made[row] < row
            assert made[row] not in made
            assert like[made[row]]
            continue
        near = like & ((answers != codes).sum(axis=1) <= sure)
        assert set(np.flatnonzero(near)) - {row} <= set(made)
    return len(made)


def interviews(rng: np.random.Generator, rows: int, questions: int, blank: float) -> NDArray[Any]:
    """Answers of which some are rare and some are everybody's; 0 is no answer."""
    choices = rng.integers(2, 8, questions)
    drawn = [rng.choice(n, rows, p=rng.dirichlet(np.ones(n))) + 1 for n in choices]
    codes = np.column_stack(drawn).astype(np.uint8)
    codes[rng.random(codes.shape) < blank] = 0
    return codes


def altered(rng: np.random.Generator, codes: NDArray[Any], other: int, none: int) -> NDArray[Any]:
    """Copies with up to so many other answers and so many taken away."""
    made = codes.copy()
    for row in made:
        places = rng.permutation(len(row))
        row[places[: rng.integers(0, other + 1)]] = rng.integers(1, 9)
        row[places[len(row) - rng.integers(0, none + 1) :]] = 0
    return made


@pytest.fixture
def no_short_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if few interviews were many."""
    monkeypatch.setattr(near_identical, "EVERY", 20)
    monkeypatch.setattr(near_identical, "FEW", 20)
    monkeypatch.setattr(near_identical, "CROWD", 8)


@pytest.mark.usefixtures("no_short_cut")
@pytest.mark.parametrize("seed", sample(range(40)))
def test_every_copy_that_is_promised_is_found_and_nothing_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    questions = int(rng.integers(40, 120))
    few = int(questions * (1 - SHARE))
    codes = interviews(rng, 1200, questions, 0.0)
    chosen = rng.integers(0, 1000, 200)
    codes[1000:] = altered(rng, codes[chosen], few, disagreements(questions, SHARE) - few)
    codes = codes[rng.permutation(len(codes))]
    assert check(codes) > 100


@pytest.mark.usefixtures("no_short_cut")
@pytest.mark.parametrize("altered_share", sample([0.035, 0.0, 0.01, 0.06]))
def test_a_crowd_of_copies_is_found_however_large(altered_share: float) -> None:
    rng = np.random.default_rng(8)
    codes = interviews(rng, 1500, 80, 0.02)
    codes[200:1000] = codes[200]
    change = np.zeros(codes.shape, dtype=bool)
    change[200:1000] = rng.random((800, 80)) < altered_share
    codes[change] = rng.integers(0, 9, change.sum())
    assert check(codes) > 200


@pytest.mark.usefixtures("no_short_cut")
def test_questions_that_everybody_answers_alike_hide_no_copy() -> None:
    rng = np.random.default_rng(3)
    codes = interviews(rng, 600, 60, 0.0)
    codes[:, 10:45] = 1
    codes[500:] = altered(rng, codes[:100], 2, 5)
    assert check(codes) >= 100


@examples(150, quick=5)
@given(
    seed=st.integers(0, 2**32 - 1),
    questions=st.integers(2, 120),
    blank=st.sampled_from([0.0, 0.05, 0.4, 0.8]),
    share=st.sampled_from([0.7, 0.9, 0.95, 1.0]),
    asked_of_both=st.floats(0, 1),
    crowd=st.booleans(),
)
def test_every_copy_is_found_whatever_the_length_of_the_form_and_what_was_not_answered(
    seed: int, questions: int, blank: float, share: float, asked_of_both: float, crowd: bool
) -> None:
    rng = np.random.default_rng(seed)
    least = 1 + int(asked_of_both * (questions - 1))
    codes = interviews(rng, 300, questions, blank)
    codes[200:] = altered(rng, codes[:100], questions // 10, questions // 2)
    if crowd:
        codes[50:150] = altered(rng, codes[[0] * 100], questions // 20, questions // 20)
    codes = codes[rng.permutation(len(codes))]
    assert found(codes, share, least) == by_every_pair(codes, share, least)


def test_of_thousands_of_interviews_of_a_short_form_every_copy_is_found() -> None:
    rng = np.random.default_rng(4)
    codes = rng.integers(1, 6, (3_000, 20)).astype(np.uint8)
    codes[-500:] = altered(rng, codes[:500], 1, 8)
    codes[1000:1200, :19] = codes[1000, :19]
    assert found(codes, SHARE, 10) == by_every_pair(codes, SHARE, 10)


@pytest.mark.usefixtures("no_short_cut")
@pytest.mark.parametrize("questions", [8, 15, 20, 30])
def test_of_many_interviews_of_a_short_form_every_copy_that_is_promised_is_found(
    questions: int,
) -> None:
    rng = np.random.default_rng(questions)
    few = int(questions * 0.1)
    codes = rng.integers(1, 9, (1200, questions)).astype(np.uint8)
    codes[1000:] = altered(rng, codes[:200], few, disagreements(questions, 0.9) - few)
    assert check(codes, 0.9, questions // 2) > 50


def test_what_few_have_answered_is_no_copy_of_anything() -> None:
    codes = np.zeros((3000, 60), dtype=np.uint8)
    codes[:, :20] = 1
    assert found(codes) == {}


def test_an_equal_of_a_copy_is_a_copy_of_the_one_that_is_kept() -> None:
    kept, copy = np.ones(60, dtype=np.uint8), np.ones(60, dtype=np.uint8)
    copy[0] = 2
    made = copies(np.array([kept, copy, copy, kept]), SHARE, LEAST)
    assert made.of.tolist() == [0, 0, 0]
    assert made.share == pytest.approx([59 / 60, 59 / 60, 1])


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (4, 1)])
def test_nothing_to_compare_is_no_copy(shape: tuple[int, int]) -> None:
    assert found(np.ones(shape, dtype=np.uint8), least=10) == {}
