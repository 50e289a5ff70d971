"""A whole is tested as a whole: all its parts at once, under the design."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation import composition_test, means_test
from ngo_survey.statistics.models.composition import closed, pivot_basis, without_zeros
from suites import examples

from reference import close

PARTS = ["state", "foreign", "own"]


def sample(seed: int, n: int = 240, apart: float = 0.0, zeros: bool = True) -> pd.DataFrame:
    """Clusters of four in three strata; ``apart`` moves the mix of the second of two groups."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(n) // 4
    town = rng.integers(0, 2, n)
    logs = rng.normal(size=(n, 3)) + rng.normal(size=(n // 4, 3))[cluster]
    logs[:, 0] += apart * town
    points = np.round(100 * closed(np.exp(logs)))
    if zeros:
        points[rng.random(n) < 0.1, 0] = 0
    points[:, 2] = 100 - points[:, 0] - points[:, 1]
    frame = pd.DataFrame(points, columns=PARTS).assign(cluster=cluster, stratum=cluster % 3)
    frame["town"] = pd.Categorical.from_codes(town, ["village", "town"])
    return frame.assign(w=rng.uniform(1, 4, n))


def clustered(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(frame, weights="w", strata="stratum", psu="cluster")


@given(st.integers(0, 10_000), st.permutations(PARTS))
@examples(20)
def test_the_order_of_the_parts_does_not_matter(seed: int, order: list[str]) -> None:
    design = clustered(sample(seed))
    made, turned = (composition_test(design, names, "town") for names in (PARTS, order))
    close(turned["statistic"], made["statistic"], 1e-8)
    close(turned["effect"], made["effect"], 1e-8)


@given(st.integers(0, 10_000))
@examples(20)
def test_two_parts_are_the_test_of_the_mean_of_their_log_ratio(seed: int) -> None:
    frame = sample(seed)
    frame["rest"] = frame["foreign"] + frame["own"]
    shares = without_zeros(frame[["state", "rest"]].to_numpy() / 100, 0.0065)
    design = clustered(frame.assign(ratio=np.log(shares[:, 0] / shares[:, 1]) / np.sqrt(2)))
    made = composition_test(design, ["state", "rest"], "town")
    mean = means_test(design, "ratio", "town")
    for field in ("statistic", "df1", "df2", "p", "effect"):
        close(made[field], getattr(mean, field), 1e-8)


def test_the_test_by_hand_for_a_simple_sample() -> None:
    # Two groups drawn one by one: covariances of linearised means, summed over the groups.
    frame = sample(3, zeros=False)
    frame = frame[(frame[PARTS] > 0).all(axis=1)].assign(w=1.0)
    made = composition_test(SurveyDesign(frame, weights="w"), PARTS, "town")
    ratios = np.log(frame[PARTS].to_numpy() / 100) @ pivot_basis(3)
    second = (frame["town"] == "town").to_numpy()
    n, spread = len(frame), np.zeros((2, 2))
    for group in (second, ~second):
        around = ratios[group] - ratios[group].mean(axis=0)
        spread += n / (n - 1) * around.T @ around / group.sum() ** 2
    gap = ratios[second].mean(axis=0) - ratios[~second].mean(axis=0)
    wald = gap @ np.linalg.solve(spread, gap)
    close(made["statistic"], wald * (n - 2) / (2 * (n - 1)), 1e-9)
    close(made["p"], stats.f.sf(made["statistic"], 2, n - 2), 1e-9)
    assert (made["n"], made["replaced"]) == (n, 0)


def test_what_stands_for_nothing_is_said() -> None:
    frame = sample(4)
    made = composition_test(clustered(frame), PARTS, "town")
    assert made["zero"] == 0.65
    assert made["replaced"] == (frame[PARTS] == 0).any(axis=1).sum() > 0


def test_a_domain_is_tested_on_its_own_respondents() -> None:
    frame = sample(5)
    inside = frame["stratum"] > 0
    part = composition_test(clustered(frame).subset(inside), PARTS, "town")
    alone = composition_test(clustered(frame[inside]), PARTS, "town")
    close(part["statistic"], alone["statistic"], 1e-9)
    assert part["n"] == inside.sum()


def test_whoever_left_a_part_out_is_left_out() -> None:
    frame = sample(6)
    frame.loc[:9, "own"] = np.nan
    assert composition_test(clustered(frame), PARTS, "town")["n"] == len(frame) - 10


def test_a_mix_that_moved_is_found() -> None:
    assert composition_test(clustered(sample(7, apart=1.5)), PARTS, "town")["p"] < 0.001


@pytest.mark.thorough
def test_five_of_a_hundred_true_hypotheses_are_rejected() -> None:
    p = [composition_test(clustered(sample(seed)), PARTS, "town")["p"] for seed in range(1000)]
    # Three standard errors of a share of 5 % among a thousand.
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 0.021


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, {"parts": ["state"]}, "two parts or more"),
        ({}, {"parts": "state"}, "list the columns"),
        ({}, {"parts": ["state", "own", "own"]}, "each once"),
        ({"own": 5.0}, {}, "do not add up to 100.*total="),
        ({"state": -5.0, "own": 105.0, "foreign": 0.0}, {}, "negative.*correct"),
        ({"state": 0.0, "own": 60.0, "foreign": 40.0}, {}, "nobody has anything.*leave"),
        ({"town": "village"}, {}, "two domains"),
        ({}, {"zero": 0.0}, "above 0"),
        ({}, {"zero": 40.0}, "room"),
        ({"cluster": 1, "stratum": 1}, {}, "degrees of freedom"),
        ({"state": 20.0, "own": 50.0, "foreign": 30.0}, {}, "do not vary"),
    ],
)  # fmt: skip
def test_what_is_no_whole_is_refused(change, options, said) -> None:
    frame = sample(8).assign(**change)
    design = SurveyDesign(frame, weights="w", strata="stratum", psu="cluster", lonely="certainty")
    with pytest.raises(InputError, match=said):
        composition_test(design, **{"parts": PARTS, "by": "town"} | options)
