"""Sets of ranks agree with R `csranks`, hold the truth, and know the covariance of the design."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.ranks import clearly_above, ranks
from suites import sample

from reference import close, design, values


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("simultaneous", "theirs"), [(True, "simul"), (False, "marg")])
def test_sets_are_those_of_csranks_whatever_the_seed(simultaneous: bool, theirs: str) -> None:
    known = values("r_oracles2")["csranks"]
    for seed in range(3):
        made = estimation.rank_sets(known["x"], known["se"], rng(seed), simultaneous=simultaneous)
        assert made["rank"].tolist() == known["rank"]
        assert made["rank_low"].tolist() == known[f"{theirs}_L"]
        assert made["rank_high"].tolist() == known[f"{theirs}_U"]


def test_standard_errors_alone_are_a_covariance_of_independent_estimates() -> None:
    known = values("r_oracles2")["csranks"]
    spread = np.diag(np.square(known["se"]))
    alone, whole = (estimation.rank_sets(known["x"], s, rng()) for s in (known["se"], spread))
    pd.testing.assert_frame_equal(alone, whole)


def test_a_single_pair_is_told_apart_where_its_two_sided_test_rejects() -> None:
    """Both directions of one pair: the critical value is the normal's 1.96."""
    for distance, expected in ((1.9, [[1, 2], [1, 2]]), (2.02, [[1, 1], [2, 2]])):
        made = estimation.rank_sets([distance * np.sqrt(2), 0.0], [1.0, 1.0], rng())
        assert made[["rank_low", "rank_high"]].to_numpy().tolist() == expected


def test_few_degrees_of_freedom_ask_for_more() -> None:
    """Student's 0.975 quantile on 5 degrees of freedom is 2.571."""
    for distance, apart in ((2.5, False), (2.65, True)):
        made = estimation.rank_sets([distance, 0.0], np.eye(2) / 2, rng(), df=5)
        assert bool(made["rank_high"].iloc[0] == 1) == apart


def test_equal_estimates_share_the_best_rank() -> None:
    assert ranks([0.4, 0.7, 0.4, 0.1]).tolist() == [2, 1, 2, 4]


def test_a_covariance_tells_apart_what_standard_errors_cannot() -> None:
    x, spread = np.array([0.30, 0.24]), 0.04**2 * np.array([[1, 0.9], [0.9, 1]])
    assert estimation.rank_sets(x, spread, rng())["rank_high"].tolist() == [1, 2]
    assert estimation.rank_sets(x, [0.04, 0.04], rng())["rank_high"].tolist() == [2, 2]


def test_differences_without_variance_are_certain_and_ties_stay_open() -> None:
    made = estimation.rank_sets([3.0, 2.0, 2.0], np.zeros((3, 3)), rng())
    assert made["rank_low"].tolist() == [1, 2, 2]
    assert made["rank_high"].tolist() == [1, 3, 3]


def test_stepping_down_never_widens_a_set() -> None:
    x = np.array([9.0, 3.3, 3.0, 0.2, 0.0, -5.0])
    steps, once = (
        estimation.rank_sets(x, np.ones(6), rng(3), stepdown=s, draws=20_000) for s in (True, False)
    )
    assert (steps["rank_low"] >= once["rank_low"]).all()
    assert (steps["rank_high"] <= once["rank_high"]).all()


def test_only_pairs_of_the_family_are_ordered() -> None:
    family = np.zeros((3, 3), dtype=bool)
    family[0, 2] = True
    above = clearly_above([9.0, 5.0, 0.0], np.ones(3), rng(), family)
    assert np.argwhere(above).tolist() == [[0, 2]]


@pytest.mark.parametrize("distance", sample([0.4, 0.0, 3.0]))
def test_all_sets_hold_at_once_as_often_as_they_say(distance: float) -> None:
    """400 samples of six items in tied pairs: each set must hold every rank its tie leaves."""
    draw, truth = rng(5), distance * np.repeat([2.0, 1.0, 0.0], 2)
    spread = 0.3 + 0.7 * np.eye(6)
    best, worst = ranks(truth), 7 - ranks(-truth)
    held = 0
    for x in draw.multivariate_normal(truth, spread, 400):
        made = estimation.rank_sets(x, spread, draw, draws=1500)
        held += bool(((made["rank_low"] <= best) & (worst <= made["rank_high"])).all())
    assert held / 400 > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 400)


@pytest.mark.thorough
def test_a_marginal_set_holds_its_own_rank_as_often_as_it_says() -> None:
    draw, truth = rng(6), np.zeros(5)
    held = np.zeros(5)
    for x in draw.normal(truth, 1.0, (300, 5)):
        made = estimation.rank_sets(x, np.ones(5), draw, simultaneous=False, draws=1500)
        held += ((made["rank_low"] == 1) & (made["rank_high"] == 5)).to_numpy()
    assert (held / 300 > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 300)).all()


def test_items_of_a_design_have_its_estimates_and_errors_each_on_its_own_base() -> None:
    whole = design("clus1")
    holes = whole.frame["api00"].where(np.arange(len(whole.frame)) % 7 > 0)
    seen = whole.assign(holes=holes)
    made = estimation.ranking(seen, ["api00", "holes", "api99"], rng()).set_index("variable")
    for name in ("api00", "holes", "api99"):
        known = estimation.mean(seen, name).iloc[0]
        close(made.loc[name, ["n", "estimate", "se", "df"]], known[["n", "estimate", "se", "df"]])
    # Each school's two years move together: the year is told apart although limits overlap.
    assert made["rank_high"].to_dict()["api99"] == 3
    assert made.loc["api99", "rank_low"] == 3


def test_shares_that_strata_fix_are_ranked_without_doubt() -> None:
    whole = design("strat")
    dummies = {f"is_{t}": (whole.frame["stype"] == t).astype(float) for t in ("E", "M", "H")}
    made = estimation.ranking(whole.assign(**dummies), list(dummies), rng())
    assert made["rank"].tolist() == made["rank_low"].tolist() == made["rank_high"].tolist()
    assert made["rank"].tolist() == [1, 2, 3]


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(InputError, match="as many standard errors"):
        estimation.rank_sets([1.0, 2.0], [0.1], rng())
    with pytest.raises(InputError, match="missing estimate"):
        estimation.rank_sets([1.0, np.nan], [0.1, 0.1], rng())
    empty = SurveyDesign(pd.DataFrame({"a": [1.0, 2, 3], "b": [np.nan] * 3, "w": 1.0}), weights="w")
    with pytest.raises(InputError, match="too few respondents"):
        estimation.ranking(empty, ["a", "b"], rng())
