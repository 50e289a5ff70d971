"""A share that is hidden for its weights does not follow from the others of its whole."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from attacker_weights import weighted
from ngo_survey.disclosure.cells import Columns
from ngo_survey.disclosure.linked import link
from ngo_survey.disclosure.rounding_steps import Rounding, to_step
from ngo_survey.disclosure.weight_classes import SAME, Column, told_shares
from ngo_survey.disclosure.weight_wholes import Whole, hidden_beside
from ngo_survey.statistics.estimation.domains import domains
from ngo_survey.tables.forms import estimands
from small_tables import spec
from suites import sample
from test_tables_attack import CODEBOOK, answers

ROUNDING = Rounding()


def whole(seed: int, total: bool) -> tuple[Whole, np.ndarray]:
    """Three answers of few respondents in two or three classes, the first answer hidden.

    Also returns half the step that shares of the column are printed in, as a weight. ``total``
    adds what the total column shows of the answers.
    """
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(2, 4))
    weights = np.sort(rng.lognormal(0, 0.7, classes))
    gave = rng.integers(0, 4, (3, classes)).astype(float)
    gave[0, 0] += 1
    column = Column(weights, gave.sum(axis=0))
    ends = around(gave @ weights, column.total, column.step(ROUNDING))
    ends[0] = -np.inf, np.inf
    above = np.tile([-np.inf, np.inf], (3, 1))
    if total:
        others = rng.uniform(0, 30, 3)
        above = around(gave @ weights + others, column.total + others.sum(), 0.02)
    return Whole(weights, gave, ends, above), gave


def around(sums: np.ndarray, total: float, step: float) -> np.ndarray:
    """How far sums may move with their shares printed alike, (answers, 2)."""
    printed = to_step(sums / total, np.full(len(sums), step))
    ends = printed[:, None] + (step / 2 - SAME) * np.array([-1.0, 1.0])
    return ends * total - sums[:, None]


def every(gave: np.ndarray) -> np.ndarray:
    """(tables, answers, classes): all that have the counts of the answers and of the classes."""
    n, sizes = gave.sum(axis=1), gave.sum(axis=0)
    found = []
    columns = [
        [c for c in itertools.product(range(int(size) + 1), repeat=3) if sum(c) == size]
        for size in sizes
    ]
    for chosen in itertools.product(*columns):
        table = np.array(chosen).T
        if (table.sum(axis=1) == n).all():
            found.append(table)
    return np.array(found, dtype=float)


def pinned(made: Whole) -> bool:
    """Whether some class of the hidden answer has one number in all tables that fit."""
    tables = every(made.gave)
    moved = tables @ made.weights - made.gave @ made.weights
    low, high = np.maximum(made.own, made.above)[:, 0], np.minimum(made.own, made.above)[:, 1]
    fits = ((moved >= low) & (moved <= high)).all(axis=1)
    first = tables[:, 0]
    return bool(((np.ptp(first[fits], axis=0) == 0) & (np.ptp(first, axis=0) > 0)).any())


@pytest.mark.parametrize("total", [False, True])
def test_a_whole_that_is_said_to_leave_it_open_leaves_every_class_open(total: bool) -> None:
    cases = [whole(seed, total)[0] for seed in range(25)]
    told = np.array([pinned(made) for made in cases])
    open_ = np.array([made.leaves_open(0) for made in cases])
    assert told.any()
    assert open_.any()
    assert not (told & open_).any()


def test_one_more_answer_that_is_hidden_leaves_it_open() -> None:
    """Where the others alone would tell: who gave which of the two is not known then."""
    cases = [whole(seed, False)[0] for seed in range(150)]
    shut = [made for made in cases if not made.leaves_open(0)]
    helped = [any(made.without(other).leaves_open(0) for other in (1, 2)) for made in shut]
    assert len(shut) > 3
    assert np.mean(helped) > 0.5


@cache
def study(seed: int) -> tuple:
    """Cells of a random study, of unlike weights, whose shares tell of a class."""
    frame = answers(seed).sample(150, replace=True, random_state=seed).reset_index(drop=True)
    design = weighted(CODEBOOK, frame, seed)
    banners = ["form", "region", "macro"]
    splits = {"": domains(design, None)} | {b: domains(design, b) for b in banners}
    specs = [spec(CODEBOOK, name, banners) for name in ("change", "score", "rural")]
    sources = [(s, estimands(s, design.frame, CODEBOOK)) for s in specs]
    linked = link(sources, Columns.make(splits, design.in_domain))
    hidden = np.zeros(len(linked.cells), dtype=bool)
    told = told_shares(linked, design.weights, ROUNDING, hidden)
    hidden[told] = True
    free = np.ones(len(hidden), dtype=bool)
    more = hidden_beside(linked, design.weights, ROUNDING, hidden, told, free)
    return linked, told, more


@pytest.mark.parametrize("seed", sample(range(60, 85), 2))
def test_what_is_hidden_beside_stands_in_the_same_column(seed: int) -> None:
    linked, told, more = study(seed)
    columns = [set(block.cells[:, place].tolist()) for block in linked.tables
               for place in range(len(block.columns))]  # fmt: skip
    assert not set(more) & set(told)
    for cell in more:
        assert any(cell in column and column & set(told.tolist()) for column in columns)


def test_few_more_are_hidden_for_it() -> None:
    """Most shares that tell have a partner, or the other answers tell themselves."""
    sizes = np.array([(len(told), len(more)) for _, told, more in map(study, range(60, 66))])
    assert sizes[:, 0].sum() > 5
    assert sizes[:, 1].sum() < sizes[:, 0].sum()
