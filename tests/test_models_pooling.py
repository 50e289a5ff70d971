"""One answer from many data sets: Rubin's rules, held against R and against hand arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ngo_survey.errors import InputError
from ngo_survey.statistics import estimation, models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.imputation import imputations_needed, pool

from reference import close, data, values


@pytest.fixture(scope="module")
def designs() -> list[SurveyDesign]:
    """Five completed samples of schools, as R's `imputationList` holds them."""
    frames = [data(f"mi_apiclus1_{i}") for i in range(1, 6)]
    return [SurveyDesign(f, weights="pw", psu="dnum", fpc="fpc") for f in frames]


@pytest.fixture(scope="module")
def theirs() -> dict:
    return values("r_oracles2")["mi_clus1"]


def test_a_pooled_mean_as_r(designs: list[SurveyDesign], theirs: dict) -> None:
    rows = [estimation.mean(d, "api99").iloc[0] for d in designs]
    close([r["estimate"] for r in rows], theirs["each_mean"])
    made = pool([r["estimate"] for r in rows], [r["se"] ** 2 for r in rows], 14)
    reference = theirs["barnard_rubin"]
    close(made.estimate, reference["qbar"], 1e-11)
    close(made.within, reference["ubar"])
    close(made.between, reference["b"], 1e-7)
    close(made.covariance, reference["t"])
    close(made.increase, reference["r"], 1e-7)
    close(made.df, reference["df"])
    close(made.fmi, reference["fmi"])


def test_degrees_of_freedom_stay_below_those_of_the_design(
    designs: list[SurveyDesign], theirs: dict
) -> None:
    # mitools' default gives ten million on fifteen PSUs.
    rows = [estimation.mean(d, "api99").iloc[0] for d in designs]
    made = pool([r["estimate"] for r in rows], [r["se"] ** 2 for r in rows], 14)
    assert theirs["df"] > 9e6
    assert made.df[0] < 14


def test_a_pooled_regression_as_mitools(designs: list[SurveyDesign], theirs: dict) -> None:
    fits = [models.glm(d, "api00", ["api99", "meals"]) for d in designs]
    made = pool([f.theta for f in fits], [f.covariance for f in fits], fits[0].df)
    close(made.estimate, theirs["glm_coef"], 1e-9)
    close(made.se, theirs["glm_se"], 1e-8)
    # Rubin's degrees of freedom of 1987 from our relative increase are mitools'.
    close(4 * (1 + 1 / made.increase) ** 2, theirs["glm_df"], 1e-6)


def test_rubins_rules_on_numbers_done_by_hand() -> None:
    # Means 1, 2, 3: B = 1, W = 2, T = 2 + 4/3; r = (4/3)/2 = 2/3; lambda = 0.4.
    made = pool([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 100)
    close(made.estimate, 2.0)
    close(made.covariance, 2 + 4 / 3)
    close(made.increase, 2 / 3)
    old, observed = 2 / 0.4**2, 101 / 103 * 100 * 0.6
    df = old * observed / (old + observed)
    close(made.df, df)
    close(made.fmi, (2 / 3 + 2 / (df + 3)) / (1 + 2 / 3))
    row = made.table().iloc[0]
    close(row["ci_high"], 2 + stats.t.ppf(0.975, df) * np.sqrt(10 / 3))


def test_nothing_missing_changes_nothing() -> None:
    made = pool([2.0, 2.0, 2.0], [0.5, 0.5, 0.5], 30)
    close(made.se, np.sqrt(0.5))
    assert made.increase[0] == 0
    close(made.df, 31 / 33 * 30)


def test_a_joint_test_of_one_estimate_is_its_t_test() -> None:
    made = pool([1.0, 2.0, 3.0, 2.5, 1.5], [1.0, 2.0, 3.0, 1.0, 1.0], 60)
    f, k, _, _ = made.joint([0])
    close(f, made.table()["statistic"][0] ** 2)
    assert k == 1


def test_the_joint_test_on_numbers_done_by_hand() -> None:
    q = np.array([[1.0, 0.0], [3.0, 2.0]])
    made = pool(q, np.stack([np.diag([1.0, 2.0]), np.diag([3.0, 2.0])]), 50)
    # W = diag(2, 2), B = [[2, 2], [2, 2]]: r = 1.5 (1 + 1) / 2; D = (4/2 + 1/2) / (2 * 2.5).
    f, k, df2, p = made.joint([0, 1])
    close(f, 2.5 / (2 * 2.5))
    assert k == 2
    close(df2, 2 * 1.5 * (1 + 1 / 1.5) ** 2 / 2)
    close(p, stats.f.sf(f, 2, df2))


def test_the_joint_tests_degrees_of_freedom_approach_the_published_limits() -> None:
    rng = np.random.default_rng(3)
    q = rng.normal(size=(20, 3))
    covariance = np.tile(np.eye(3) * 4, (20, 1, 1))
    made = pool(q, covariance, 1e12)
    t, r = 3 * 19, (1 + 1 / 20) * np.trace(made.between / 4) / 3
    close(
        made.joint([0, 1, 2])[2], 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2, 1e-8
    )  # Li et al. 1991
    little = pool(q * 1e-9, covariance, 40)
    close(little.joint([0, 1, 2])[2], 41 / 43 * 40, 1e-6)  # nothing missing: the design's


def test_one_data_set_cannot_be_pooled() -> None:
    with pytest.raises(InputError, match="two imputed data sets"):
        pool([[1.0]], [[[1.0]]], 10)


def test_more_missing_information_needs_more_data_sets() -> None:
    assert imputations_needed(0.0) == 1
    assert imputations_needed(0.5, 0.05) == 51  # 1 + (10)^2 / 2
    assert imputations_needed(0.2) < imputations_needed(0.4)
