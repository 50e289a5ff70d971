"""Who knows every weight does not read from weighted figures who of a class gave an answer."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attacker_weights import rows, weighted
from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding, significant, step_above, to_step
from ngo_survey.disclosure.tabulate import make
from ngo_survey.disclosure.weight_classes import Column, base_told
from ngo_survey.tables.estimand import Floats
from small_tables import RULES, spec
from test_tables_attack import CODEBOOK, answers

ROUNDING = Rounding()


def column(seed: int) -> tuple[Column, Floats]:
    """A column of few respondents in few classes, one of them far heavier at times, and a cell."""
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(2, 5))
    weights = rng.lognormal(0, 0.4, classes)
    weights[0] *= rng.choice([1.0, 5.0])
    sizes = rng.integers(1, 8, classes).astype(float)
    order = np.argsort(weights)
    made = Column(weights[order], sizes[order])
    gave = np.floor(rng.uniform(0, made.sizes + 1))
    return made, gave


def compositions(sizes: Floats, n: float) -> Floats:
    """(compositions, classes): every way in which so many can be of classes of these sizes."""
    every = np.array(list(itertools.product(*(np.arange(size + 1) for size in sizes))))
    return every[every.sum(axis=1) == n]


def pinned(every: Floats, fits: np.ndarray) -> bool:
    """Whether a class has one number in those that fit, and several in all."""
    return bool(((np.ptp(every[fits], axis=0) == 0) & (np.ptp(every, axis=0) > 0)).any())


def share_pins(made: Column, gave: Floats) -> bool:
    """Whether the printed share of a cell pins a class, by enumeration."""
    every = compositions(made.sizes, gave.sum())
    step = made.step(ROUNDING)
    printed = to_step(np.array([made.weights @ gave / made.total]), np.array([step]))
    return pinned(every, abs(every @ made.weights / made.total - printed) <= step / 2 + 1e-12)


def test_a_share_that_is_said_to_tell_nothing_leaves_every_class_open() -> None:
    cases = [column(seed) for seed in range(300)]
    told = np.array([made.told(gave, made.step(ROUNDING)) for made, gave in cases])
    truth = np.array([share_pins(made, gave) for made, gave in cases])
    assert truth.any()
    assert not (truth & ~told).any()


def test_hardly_a_share_is_hidden_that_tells_nothing() -> None:
    cases = [column(seed) for seed in range(300)]
    told = np.array([made.told(gave, made.step(ROUNDING)) for made, gave in cases])
    truth = np.array([share_pins(made, gave) for made, gave in cases])
    assert (told & ~truth).mean() < 0.02


def test_a_base_that_is_said_to_tell_nothing_leaves_every_class_open() -> None:
    found = []
    for seed in range(300):
        made, inside = column(seed)
        if not inside.sum():
            continue
        every = compositions(made.sizes, inside.sum())
        totals, squares = every @ made.weights, every @ made.weights**2
        own, of = made.weights @ inside, made.weights**2 @ inside
        step = step_above(np.array([2 * of / own]))
        fits = to_step(totals, step) == to_step(np.array([own]), step)
        fits &= significant(totals**2 / squares, 2) == significant(np.array([own**2 / of]), 2)
        told = base_told(made.weights, made.sizes, inside, ROUNDING)
        found.append((pinned(every, fits), told))
    truth, said = np.array(found).T
    assert truth.any()
    assert not (truth & ~said).any()


# -- in tables ------------------------------------------------------------------------------------


def test_a_share_that_tells_is_hidden_and_its_total_is_not() -> None:
    """Of a region 29 of 34 live in towns: 0.84994, printed as 0.8, is the last below 0.85."""
    frame = answers(19)
    design = weighted(CODEBOOK, frame, 19)
    table = spec(CODEBOOK, "rural", ["region"])
    made = make(design, [table], CODEBOOK, RULES, np.random.default_rng(1)).estimates["rural"]
    town = made[made["category"].eq("town") & made["statistic"].eq("proportion")]
    status = town.set_index("by_level")["status"]
    assert status["r3"] == "suppressed-primary"
    assert status["total"] == "shown"


def outlier() -> pd.DataFrame:
    """The north of a random study where three respondents weigh four times what others do."""
    frame = answers(60).sample(150, replace=True, random_state=60)
    return frame.reset_index(drop=True)


def test_of_those_asked_for_an_answer_no_weighted_base_tells_who_they_are() -> None:
    frame = outlier()
    design = weighted(CODEBOOK, frame, 60)
    rules = replace(RULES, threshold=3, protection=3)
    tables = [spec(CODEBOOK, q, ["macro"]) for q in ("change", "reasons")]
    _, after = rows(design, tables, CODEBOOK, rules)
    north = after[(after["by_level"] == "north") & after["question"].eq("reasons")]
    assert north["estimate"].notna().any()
    assert north[["weighted_base", "n_effective"]].isna().all(axis=None)


def test_who_did_not_answer_is_no_reason_to_hide_a_weighted_base() -> None:
    frame = outlier()
    design = weighted(CODEBOOK, frame, 60)
    _, after = rows(design, [spec(CODEBOOK, "change", ["macro"])], CODEBOOK, RULES)
    assert (after["base"] < len(frame)).any()
    assert after["weighted_base"].notna().all()


def test_where_all_weigh_the_same_a_share_tells_nothing_more_than_its_count() -> None:
    alike = Column(np.ones(1), np.array([30.0]))
    assert not any(alike.told(np.array([n]), alike.step(ROUNDING)) for n in range(31))


def test_the_effective_base_goes_with_the_weighted_one() -> None:
    row = {"key": "x", "statistic": "proportion", "n": 8.0, "base": 27.0, "estimate": 0.31}
    row |= {"se": 0.08, "ci_low": 0.2, "ci_high": 0.5, "weighted_base": np.nan}
    out = released(pd.DataFrame([row | {"n_effective": 25.9}]), "estimates", ROUNDING)
    assert out[["weighted_base", "n_effective"]].isna().all(axis=None)
    assert out["estimate"].item() == pytest.approx(0.3)
