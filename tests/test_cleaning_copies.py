"""Copies of interviews: what is found is what comparing every pair finds, whatever is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ngo_survey.ingest.cleaning import agreement_in_bands, near_identical
from ngo_survey.ingest.cleaning.agreement_in_bands import Classes, join
from ngo_survey.ingest.cleaning.near_identical import copies
from suites import examples, sample

SHARE, LEAST = 0.95, 30
#: None is compared with every other from the start.
NONE = 1


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


def found(
    codes: NDArray[Any], share: float = SHARE, least: int = LEAST, few: int = NONE
) -> dict[int, int]:
    made = copies(codes, share, least, few)
    return dict(zip(made.copy.tolist(), made.of.tolist(), strict=True))


def interviews(rng: np.random.Generator, rows: int, questions: int, blank: float) -> NDArray[Any]:
    """Answers of which some are rare and some are everybody's; 0 is no answer."""
    choices = rng.integers(2, 8, questions)
    drawn = [rng.choice(n, rows, p=rng.dirichlet(np.ones(n))) + 1 for n in choices]
    codes = np.column_stack(drawn).astype(np.uint8)
    codes[rng.random(codes.shape) < blank] = 0
    return codes


def altered(rng: np.random.Generator, codes: NDArray[Any], other: int, none: int) -> NDArray[Any]:
    """Copies with up to so many other answers and so many taken away, wherever they lie."""
    made = codes.copy()
    for row in made:
        places = rng.permutation(len(row))
        row[places[: rng.integers(0, other + 1)]] = rng.integers(1, 9)
        row[places[len(row) - rng.integers(0, none + 1) :]] = 0
    return made


#: As if few copies of one interview were a crowd, and few interviews a block.
SMALL_CROWDS = (
    (near_identical, "CROWD", 6),
    (agreement_in_bands, "CROWD", 6),
    (near_identical, "BLOCK", 16),
    (near_identical, "ACROSS", 50),
)
#: As if bands were worth while whatever they leave to compare, and only the end of one told.
BANDS_ALONE = (
    *SMALL_CROWDS,
    (near_identical, "BUDGET", float("inf")),
    (agreement_in_bands, "SMALL", 1),
)


DRAWN = {
    "seed": st.integers(0, 2**32 - 1),
    "questions": st.integers(2, 120),
    "blank": st.sampled_from([0.0, 0.05, 0.2, 0.4, 0.8]),
    "taken_away": st.floats(0, 0.6),
    "share": st.sampled_from([0.6, 0.7, 0.9, 0.95, 1.0]),
    "asked_of_both": st.floats(0, 1),
    "crowd": st.booleans(),
    "few": st.sampled_from([NONE, 10_000]),
}


def check(
    seed: int,
    questions: int,
    blank: float,
    taken_away: float,
    share: float,
    asked_of_both: float,
    crowd: bool,
    few: int,
) -> None:
    rng = np.random.default_rng(seed)
    least = 1 + int(asked_of_both * (questions - 1))
    codes = interviews(rng, 200, questions, blank)
    codes[130:] = altered(rng, codes[:70], questions // 10, int(questions * taken_away))
    if crowd:
        gone = int(questions * taken_away / 2)
        codes[50:110] = altered(rng, codes[[0] * 60], questions // 20, gone)
    codes = codes[rng.permutation(len(codes))]
    assert found(codes, share, least, few) == by_every_pair(codes, share, least)


@examples(300, quick=15)
@given(**DRAWN)
def test_the_same_copies_are_found_as_by_comparing_every_pair(**drawn: Any) -> None:
    check(**drawn)


@examples(300, quick=15)
@given(**DRAWN)
def test_no_copy_is_missed_in_bands_however_many_answers_are_not_there(**drawn: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in BANDS_ALONE:
            patch.setattr(module, name, value)
        check(**{**drawn, "few": NONE})


@examples(200, quick=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    blank=st.floats(0, 0.9),
    questions=st.integers(1, 12),
    answers=st.integers(1, 30),
)
def test_all_who_contradict_each_other_nowhere_in_a_band_are_together(
    seed: int, blank: float, questions: int, answers: int
) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, answers + 1, (150, questions)).astype(np.uint8)
    codes[rng.random(codes.shape) < blank] = 0
    classes = Classes.of_codes(codes)
    rows = np.arange(150)
    joined = join(classes, np.arange(questions), rows, np.ones(150, dtype=bool))
    together = np.zeros((150, 150), dtype=bool)
    together[joined.costly] = together[:, joined.costly] = True
    for groups in (joined.small, joined.large):
        for start, size in zip(groups.starts, groups.sizes, strict=True):
            members = groups.rows[start : start + size]
            together[np.ix_(members, members)] = True
    one, other = codes[:, None, :], codes[None, :, :]
    agree = ~((one != other) & (one > 0) & (other > 0)).any(axis=2)
    np.fill_diagonal(agree, False)
    assert not (agree & ~together).any()


@pytest.mark.parametrize("differing", [1, 2, 3])
def test_as_many_answers_may_differ_as_the_share_allows_wherever_they_lie(
    differing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in BANDS_ALONE:
        monkeypatch.setattr(module, name, value)
    rng = np.random.default_rng(differing)
    codes = rng.integers(1, 5, (400, 20 * differing)).astype(np.uint8)
    codes[200:] = codes[:200]
    for row in codes[200:]:
        places = rng.permutation(len(row))[:differing]
        row[places] = row[places] % 4 + 1
    assert found(codes, SHARE, 10) == {row + 200: row for row in range(200)}


def test_answers_of_two_classes_are_two_answers() -> None:
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 40, (500, 3)).astype(np.uint8)
    classes = Classes.of_codes(codes)
    for place, question in enumerate(classes.order):
        pairs = {*zip(codes[:, question].tolist(), classes.of[place].tolist(), strict=True)}
        assert len(pairs) == len(np.unique(codes[:, question]))
        assert (0, 0) in pairs


@pytest.mark.parametrize("seed", sample(range(10), quick=1))
def test_each_of_thousands_of_altered_copies_is_found_with_its_own(seed: int) -> None:
    """Equal ones in pairs and in a crowd; others with half of their answers taken away."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(1, 6, (6_000, 90)).astype(np.uint8)
    crowd = altered(rng, np.repeat(drawn[:1], 1_500, axis=0), 2, 20)
    changed = altered(rng, drawn[2_000:2_500], 2, 45)
    codes = np.concatenate([drawn, crowd, drawn[1_000:2_000], changed])
    of = [*[0] * 1_500, *range(1_000, 2_500)]
    assert found(codes) == dict(zip(range(6_000, len(codes)), of, strict=True))


def test_a_copy_whose_answer_to_a_filter_was_changed_is_found() -> None:
    """Thirty answers are there in one of the two alone: those that the filter asks for."""
    rng = np.random.default_rng(7)
    codes = interviews(rng, 1200, 95, 0.0)
    blocks = [slice(start, start + 15) for start in (50, 65, 80)]
    for block in blocks:
        codes[rng.random(1200) < 0.3, block] = 0
    codes[1000:] = altered(rng, codes[rng.integers(0, 1000, 200)], 2, 3)
    for row in range(1000, 1200):
        codes[row, blocks[row % 3]] = 0
        codes[row, blocks[row // 3 % 3]] = 0
    codes = codes[rng.permutation(len(codes))]
    expected = by_every_pair(codes, SHARE, LEAST)
    assert found(codes) == expected
    assert len(expected) > 100


@pytest.mark.parametrize("altered_share", sample([0.035, 0.0, 0.01, 0.06]))
def test_a_crowd_of_copies_is_found_however_large(
    altered_share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in SMALL_CROWDS:
        monkeypatch.setattr(module, name, value)
    rng = np.random.default_rng(8)
    codes = interviews(rng, 1500, 80, 0.02)
    codes[200:1000] = codes[200]
    change = np.zeros(codes.shape, dtype=bool)
    change[200:1000] = rng.random((800, 80)) < altered_share
    codes[change] = rng.integers(0, 9, change.sum())
    expected = by_every_pair(codes, SHARE, LEAST)
    assert found(codes) == expected
    assert len(expected) > 200


@pytest.mark.parametrize("blank", [0.0, 0.3])
def test_where_bands_tell_nobody_apart_every_pair_is_compared(blank: float) -> None:
    rng = np.random.default_rng(3)
    codes = interviews(rng, 600, 60, blank)
    codes[:, 10:] = 1
    codes[500:] = altered(rng, codes[:100], 2, 5)
    expected = by_every_pair(codes, SHARE, LEAST)
    assert found(codes) == expected
    assert len(expected) >= 100


def test_of_thousands_of_interviews_of_a_short_form_every_copy_is_found() -> None:
    rng = np.random.default_rng(4)
    codes = rng.integers(1, 6, (3_000, 20)).astype(np.uint8)
    codes[-500:] = altered(rng, codes[:500], 1, 8)
    codes[1000:1200, :19] = codes[1000, :19]
    assert found(codes, SHARE, 10) == by_every_pair(codes, SHARE, 10)


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
