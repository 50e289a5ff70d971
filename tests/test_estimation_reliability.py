"""Cronbach's alpha and McDonald's omega: by hand, on exact covariances, and over many samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation import reliability
from ngo_survey.statistics.estimation.reliability import one_factor
from suites import examples

CONGENERIC = np.array([0.5, 0.6, 0.7, 0.8])
#: Their sum is 2.6, its square 6.76; what is unique adds up to 4 - 1.74.
OMEGA = 6.76 / (6.76 + 2.26)
ALPHA = 4 / 3 * (1 - 4 / 9.02)


def design_of(values: np.ndarray, weights: np.ndarray | None = None) -> SurveyDesign:
    frame = pd.DataFrame(values, columns=[f"i{k}" for k in range(values.shape[1])])
    frame["w"] = 1.0 if weights is None else weights
    return SurveyDesign(frame, weights="w")


def found(design: SurveyDesign) -> pd.Series:
    items = [c for c in design.frame if str(c).startswith("i")]
    made = reliability(design, items)
    return made[made["item"] == ""].set_index("statistic")["estimate"]


def with_covariance(loadings: np.ndarray, unique: np.ndarray, n: int = 200) -> np.ndarray:
    """Data whose covariance is exactly that of one factor."""
    k = len(loadings)
    raw = np.random.default_rng(3).normal(size=(n, k))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / n)).T
    return white @ np.linalg.cholesky(np.outer(loadings, loadings) + np.diag(unique)).T


def test_alpha_is_the_textbook_formula_on_five_people() -> None:
    values = np.array([[1, 2, 1], [2, 1, 2], [3, 3, 4], [4, 5, 3], [5, 4, 5]], dtype=float)
    # Each item varies by 2.5, the sums 4, 5, 10, 12, 14 by 19.
    made = reliability(design_of(values), ["i0", "i1", "i2"]).set_index(["statistic", "item"])
    assert made.loc[("alpha", ""), "estimate"] == pytest.approx(1.5 * (1 - 7.5 / 19))
    # Without the third the sums are 3, 3, 6, 9, 9, which vary by 9.
    assert made.loc[("alpha_without", "i2"), "estimate"] == pytest.approx(2 * (1 - 5 / 9))
    rest = np.corrcoef(values[:, 0], values[:, 1:].sum(axis=1))[0, 1]
    assert made.loc[("item_rest", "i0"), "estimate"] == pytest.approx(rest)
    assert made["n"].eq(5).all()


def test_two_items_alike_in_spread_give_the_formula_of_spearman_and_brown() -> None:
    values = with_covariance(np.array([0.6, 0.6]), np.array([0.64, 0.64]))
    assert found(design_of(values)).to_dict() == pytest.approx({"alpha": 2 * 0.36 / 1.36})


def test_items_that_load_alike_have_one_reliability() -> None:
    values = with_covariance(np.full(5, 0.8), np.array([0.2, 0.4, 0.6, 0.8, 1.0]))
    true = 16 / (16 + 3.0)
    assert found(design_of(values)).to_dict() == pytest.approx({"alpha": true, "omega": true})


def test_alpha_lies_below_omega_where_items_load_differently() -> None:
    made = found(design_of(with_covariance(CONGENERIC, 1 - CONGENERIC**2)))
    assert made["omega"] == pytest.approx(OMEGA)
    assert made["alpha"] == pytest.approx(ALPHA)
    assert ALPHA < OMEGA


def test_loadings_agree_with_maximum_likelihood_where_the_model_is_true() -> None:
    from statsmodels.multivariate.factor import Factor

    unique = np.array([0.3, 0.5, 0.9, 0.4])
    values = with_covariance(CONGENERIC, unique)
    fitted = Factor(endog=values, n_factor=1, method="ml").fit().loadings[:, 0]
    spread = np.cov(values.T, bias=True)
    assert one_factor(spread) == pytest.approx(CONGENERIC, abs=1e-8)
    assert np.abs(fitted) * values.std(axis=0) == pytest.approx(CONGENERIC, abs=1e-4)


def found_or_refused(design: SurveyDesign) -> list[float]:
    """The figures, or none where the model of one factor does not converge, as it may of noise."""
    try:
        return found(design).to_numpy().ravel().tolist()
    except InputError as error:
        assert "does not converge" in error.problem
        return []


@examples(50)
@given(st.integers(0, 10_000), st.integers(3, 7))
def test_whole_weights_are_repeated_respondents(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.clip(np.round(3 + rng.normal(size=(40, 1)) + rng.normal(size=(40, k))), 1, 5)
    times = rng.integers(1, 4, 40)
    weighted = found_or_refused(design_of(values, times.astype(float)))
    repeated = found_or_refused(design_of(np.repeat(values, times, axis=0)))
    assert weighted == pytest.approx(repeated, nan_ok=True)


def test_those_who_left_an_item_out_do_not_count() -> None:
    values = with_covariance(CONGENERIC, 1 - CONGENERIC**2)
    gaps = np.vstack([values, [[1.0, np.nan, 9.0, 9.0]] * 30])
    made = reliability(design_of(gaps), ["i0", "i1", "i2", "i3"])
    assert made.loc[0, "n"] == 200
    assert made.loc[0, "estimate"] == pytest.approx(ALPHA)


@pytest.mark.thorough
def test_standard_errors_agree_with_the_jackknife() -> None:
    rng = np.random.default_rng(5)
    n = 300
    factor = rng.exponential(size=n)
    values = factor[:, None] * CONGENERIC + rng.normal(size=(n, 4))
    weights = rng.uniform(0.5, 3, n)
    made = reliability(design_of(values, weights), ["i0", "i1", "i2", "i3"])
    linear = made.set_index("statistic").loc[["alpha", "omega"], "se"].to_numpy()
    left = [
        found(design_of(np.delete(values, i, axis=0), np.delete(weights, i))).to_numpy()
        for i in range(n)
    ]
    spread = np.sqrt((n - 1) / n * ((left - np.mean(left, axis=0)) ** 2).sum(axis=0))
    assert linear == pytest.approx(spread, rel=0.03)


def test_the_standard_error_of_normal_parallel_items_is_the_known_one() -> None:
    # van Zyl, Neudecker & Nel (2000): n var(alpha) -> 2 k (1 - alpha)^2 / (k - 1).
    rng = np.random.default_rng(8)
    n, k = 40_000, 4
    values = rng.normal(size=(n, 1)) + rng.normal(size=(n, k))
    row = reliability(design_of(values), [f"i{j}" for j in range(k)]).iloc[0]
    known = np.sqrt(2 * k / (k - 1) / n) * (1 - 0.8)
    assert row["estimate"] == pytest.approx(0.8, abs=4 * known)
    assert row["se"] == pytest.approx(known, rel=0.03)


def test_strata_and_finite_populations_are_in_the_standard_error() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(200, 1)) + rng.normal(size=(200, 3)))
    frame.columns = pd.Index(["a", "b", "c"])
    frame["h"], frame["size"] = np.repeat(["x", "y"], 100), 200
    sampled = SurveyDesign(frame, strata="h", fpc="size")
    endless = SurveyDesign(frame.assign(w=2.0), weights="w", strata="h")
    one, other = (reliability(d, ["a", "b", "c"]).loc[:1, "se"] for d in (sampled, endless))
    assert (one / other).to_numpy() == pytest.approx(np.sqrt(0.5))


@pytest.mark.thorough
def test_limits_hold_the_truth_over_many_samples_of_answers_on_five_points() -> None:
    rng = np.random.default_rng(11)

    def draw(n: int) -> np.ndarray:
        factor = rng.normal(size=(n, 1))
        raw = factor * CONGENERIC + rng.normal(size=(n, 4)) * np.sqrt(1 - CONGENERIC**2)
        return np.clip(np.round(3.7 + 1.1 * raw), 1, 5)

    items = ["i0", "i1", "i2", "i3"]
    truth = found(design_of(draw(400_000)))
    held = []
    for _ in range(400):
        made = reliability(design_of(draw(150)), items).iloc[:2].set_index("statistic")
        held.append((made["ci_low"] < truth) & (truth < made["ci_high"]))
    # 95 % less or more three standard errors of 400 trials.
    assert np.mean(held, axis=0) == pytest.approx([0.95, 0.95], abs=0.033)


def test_a_factor_that_explains_more_than_all_of_an_item_gives_no_omega() -> None:
    spread = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.4], [0.8, 0.4, 1.0]])
    values = with_covariance(np.zeros(3), np.ones(3)) @ np.linalg.cholesky(spread).T
    made = reliability(design_of(values), ["i0", "i1", "i2"]).set_index("statistic")
    assert np.isnan(made.loc["omega", ["estimate", "se", "ci_low"]].astype(float)).all()
    assert made.loc["alpha", "estimate"] == pytest.approx(1.5 * (1 - 3 / 7))


def test_limits_never_pass_one() -> None:
    values = with_covariance(np.full(3, 1.0), np.full(3, 0.005), n=20)
    made = reliability(design_of(values), ["i0", "i1", "i2"]).iloc[:2]
    assert (made["ci_low"] < made["estimate"]).all()
    assert (made["estimate"] < made["ci_high"]).all()
    assert (made["ci_high"] < 1).all()


@pytest.mark.parametrize(
    ("values", "items", "said"),
    [
        (np.ones((9, 2)) * [[1, 2]], ["i0", "i1"], "does not vary"),
        (np.arange(9.0)[:, None] * [1, -1], ["i0", "i1"], "does not vary"),
        (np.eye(9)[:, :2], ["i0"], "two items"),
        (np.full((9, 2), np.nan), ["i0", "i1"], "fewer than two respondents"),
        (np.eye(9)[:, :2], ["i0", "i9"], "no such variable"),
    ],
)
def test_what_has_no_reliability_is_refused(
    values: np.ndarray, items: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        reliability(design_of(values), items)
