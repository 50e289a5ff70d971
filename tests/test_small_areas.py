"""Small areas: EBLUPs against published figures, an own likelihood and a known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

import ngo_survey as ns
from known_areas import COLUMNS, MILK, PUBLISHED
from ngo_survey.errors import InputError
from suites import examples

DIRECT, VARIANCE = MILK["expenditure"], MILK["sd"] ** 2
METHODS = ("reml", "ml", "moments")


def toy(areas: int = 20, seed: int = 1, between: float = 0.04) -> dict[str, Any]:
    """Draw areas of which the truth is known."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"area {i}" for i in range(areas)])
    X = pd.DataFrame({"x": rng.normal(size=areas)}, index=index)
    variance = pd.Series(rng.uniform(0.01, 0.09, areas), index=index)
    truth = 1 + 0.3 * X["x"] + rng.normal(0, between**0.5, areas)
    direct = truth + rng.normal(0, 1, areas) * variance**0.5
    return {"direct": direct, "variance": variance, "X": X, "truth": truth}


def shares(areas: int = 20, seed: int = 2) -> tuple[pd.Series, pd.Series, pd.DataFrame, pd.Series]:
    """Draw shares of areas from small samples: direct, sizes, columns, truth."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"area {i}" for i in range(areas)])
    X = pd.DataFrame({"x": rng.normal(size=areas)}, index=index)
    truth = np.sin(np.clip(0.6 + 0.1 * X["x"] + rng.normal(0, 0.06, areas), 0.05, 1.5)) ** 2
    size = pd.Series(rng.integers(5, 60, areas), index=index)
    return pd.Series(rng.binomial(size, truth) / size, index=index), size, X, truth


@pytest.mark.parametrize("method", METHODS)
def test_estimates_of_the_milk_data_are_the_published_ones(method: str) -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS, method=method)  # type: ignore[arg-type]
    expected = PUBLISHED[method]
    made = fit.estimates()
    # Those come from scoring that stops at a change of 1e-4, and have seven digits.
    assert np.allclose(made["estimate"], expected["eblup"], atol=2e-6)
    assert np.allclose(made["se"] ** 2, expected["mse"], atol=2e-7)
    if "beta" in expected:
        assert np.allclose(fit.summary()["estimate"], expected["beta"], atol=1e-6)
        assert np.allclose(fit.summary()["se"], expected["se"], atol=1e-6)


@pytest.mark.parametrize("method", ["reml", "ml", "adjusted"])
def test_the_variance_between_areas_maximises_the_likelihood_of_the_definition(method: str) -> None:
    """The likelihood is that of scipy's multivariate normal; REML's of error contrasts."""
    for seed in range(2):
        made = toy(12, seed)
        y, psi = made["direct"].to_numpy(), made["variance"].to_numpy()
        X = np.column_stack([np.ones(12), made["X"]])
        contrasts = np.linalg.svd(X)[0][:, 2:]

        def loss(a: float, y: Any = y, psi: Any = psi, X: Any = X, K: Any = contrasts) -> float:
            V = np.diag(a + psi)
            if method == "ml":
                beta = np.linalg.solve(X.T @ np.linalg.solve(V, X), X.T @ np.linalg.solve(V, y))
                return -float(stats.multivariate_normal.logpdf(y, X @ beta, V))
            made = float(stats.multivariate_normal.logpdf(K.T @ y, cov=K.T @ V @ K))
            if method == "adjusted":
                made += np.log(np.arctan((a / (a + psi)).sum())) / len(y)
            return -made

        places = np.linspace(1e-9, 0.5, 250)
        best = places[np.argmin([loss(a) for a in places])]
        found = optimize.minimize_scalar(
            loss,
            bounds=(max(best - 2e-3, 1e-12), best + 2e-3),
            method="bounded",
            options={"xatol": 1e-12},
        )
        fit = ns.fay_herriot(
            made["direct"],
            made["variance"],
            made["X"],
            method=method,  # type: ignore[arg-type]
        )
        assert fit.variance == pytest.approx(found.x, abs=2e-7)


def test_the_equation_of_moments_is_solved() -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS, method="moments")
    left = DIRECT - fit.areas.X @ fit.beta
    assert (left**2 / (fit.variance + VARIANCE)).sum() == pytest.approx(43 - 4, rel=1e-9)


def test_an_eblup_lies_between_the_direct_and_the_synthetic_estimate() -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS)
    made = fit.estimates().set_index("area")
    between = made["shrinkage"] * DIRECT + (1 - made["shrinkage"]) * made["synthetic"]
    assert np.allclose(made["estimate"], between)
    assert made["shrinkage"].between(0, 1, inclusive="neither").all()


@given(st.integers(0, 10_000), st.integers(6, 30))
@examples(100)
def test_order_of_the_areas_and_scale_of_the_columns_change_nothing(seed: int, areas: int) -> None:
    made = toy(areas, seed)
    plain = ns.fay_herriot(made["direct"], made["variance"], made["X"]).estimates()
    order = np.random.default_rng(seed).permutation(areas)
    other = ns.fay_herriot(
        made["direct"].iloc[order], made["variance"], 5 - 100 * made["X"]
    ).estimates()
    numbers = ["estimate", "se", "ci_low", "ci_high", "synthetic", "shrinkage"]
    assert list(plain["area"]) == list(other["area"])
    assert np.allclose(plain[numbers], other[numbers], rtol=1e-6, atol=1e-8)


def test_an_area_without_a_sample_has_what_its_columns_say() -> None:
    made = toy()
    direct = made["direct"].drop("area 3")
    fit = ns.fay_herriot(direct, made["variance"], made["X"])
    row = fit.estimates().set_index("area").loc["area 3"]
    x = np.array([1, made["X"].loc["area 3", "x"]])
    assert (row["kind"], row["shrinkage"]) == ("synthetic", 0)
    assert row["estimate"] == pytest.approx(x @ fit.beta)
    assert row["se"] ** 2 == pytest.approx(fit.variance + x @ fit.covariance @ x)


def test_columns_that_say_nothing_draw_to_the_common_mean() -> None:
    made = toy()
    fit = ns.fay_herriot(made["direct"], made["variance"])
    assert list(fit.summary()["term"]) == ["(intercept)"]
    assert fit.estimates()["synthetic"].nunique() == 1


def test_the_adjusted_likelihood_is_never_zero_where_the_plain_one_is() -> None:
    made = toy(10, seed=3, between=0.0)
    made["direct"] = 1 + 0.3 * made["X"]["x"]
    of = {
        m: ns.fay_herriot(made["direct"], made["variance"], made["X"], method=m)
        for m in ("reml", "adjusted")
    }
    assert of["reml"].variance == 0
    assert (of["reml"].estimates()["shrinkage"] == 0).all()
    assert of["adjusted"].variance > 0


def test_shares_stay_shares_even_of_none_and_all() -> None:
    direct, size, X, _ = shares()
    direct.iloc[0], direct.iloc[1] = 0.0, 1.0
    made = ns.fay_herriot(direct, X=X, effective_size=size).estimates()
    columns = ["estimate", "ci_low", "ci_high", "synthetic"]
    assert ((made[columns] >= 0) & (made[columns] <= 1)).all(axis=None)
    assert (made["ci_low"] < made["estimate"]).all()
    assert (made["estimate"] < made["ci_high"]).all()
    assert made["estimate"].iloc[0] > 0


def test_shares_come_back_as_expectations_of_what_was_drawn() -> None:
    """Mean and standard deviation of sin(t)^2 against draws of t."""
    direct, size, X, _ = shares()
    fit = ns.fay_herriot(direct, X=X, effective_size=size, method="adjusted")
    made = fit.estimates()
    turned = np.arcsin(np.sqrt(direct))
    gamma = fit.variance / (fit.variance + 1 / (4 * size))
    middle = gamma * turned + (1 - gamma) * (fit.areas.X @ fit.beta)
    drawn = np.random.default_rng(1).normal(size=200_000)
    left = np.sqrt(fit.variance * (1 - gamma))
    for area in range(3):
        mean = (np.sin(middle.iloc[area] + left.iloc[area] * drawn) ** 2).mean()
        spread = (np.sin(middle.iloc[area] + fit.mse[area] ** 0.5 * drawn) ** 2).std()
        assert made["estimate"][area] == pytest.approx(mean, abs=1e-3)
        assert made["se"][area] == pytest.approx(spread, rel=1e-2)


@pytest.mark.parametrize("method", ["difference", "ratio"])
def test_benchmarked_estimates_add_up_to_the_whole(method: Any) -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS)
    weights = pd.Series(np.arange(1.0, 44), index=MILK.index)
    made = fit.benchmark(weights, 0.95, method).set_index("area")
    plain = fit.estimates().set_index("area")
    assert (made["estimate"] * weights).sum() / weights.sum() == pytest.approx(0.95)
    assert np.allclose(made["estimate"] - plain["estimate"], made["adjustment"])
    assert (made["se"] >= plain["se"]).all()


def test_the_gap_goes_where_the_error_is() -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS)
    made = fit.benchmark(pd.Series(1.0, index=MILK.index), 1.0)
    assert made.loc[made["adjustment"].idxmax(), "area"] == fit.estimates()["se"].idxmax() + 1


def test_smoothed_variances_keep_their_sum_and_forget_the_noise() -> None:
    rng = np.random.default_rng(4)
    size = pd.Series(rng.integers(5, 80, 40), index=[f"area {i}" for i in range(40)])
    noisy = 0.21 / size * rng.chisquare(size - 1) / (size - 1)
    made = ns.smoothed_variance(noisy, size)
    assert made.sum() == pytest.approx(noisy.sum())
    assert (np.log(made * size / 0.21)).abs().mean() < (np.log(noisy * size / 0.21)).abs().mean()


def test_a_variance_that_is_zero_or_missing_is_smoothed_into_one() -> None:
    size = pd.Series(np.arange(5.0, 15), index=list("abcdefghij"))
    variance = 0.2 / size
    variance["a"], variance["b"] = 0.0, np.nan
    made = ns.smoothed_variance(variance, size)
    assert made["a"] > made["b"] > made["c"] > 0


MADE = toy()
OF = {"direct": MADE["direct"], "variance": MADE["variance"], "X": MADE["X"]}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "zero": ({"variance": MADE["variance"].replace({MADE["variance"].iloc[2]: 0.0})}, "above zero"),
    "negative": ({"variance": -MADE["variance"]}, "above zero"),
    "missing": ({"variance": MADE["variance"].drop("area 5")}, "above zero"),
    "collinear": ({"X": MADE["X"].assign(twice=2 * MADE["X"]["x"] + 1)}, "column twice"),
    "constant": ({"X": MADE["X"].assign(one=1.0)}, "by the intercept"),
    "few": ({"direct": MADE["direct"].head(3)}, "need at least 4 areas"),
    "words": ({"X": MADE["X"].assign(form="a")}, "get_dummies"),
    "names": ({"X": pd.concat([MADE["X"], MADE["X"]], axis=1)}, "one name"),
    "text": ({"direct": MADE["direct"].astype(str)}, "no numbers"),
    "gap": ({"X": MADE["X"].assign(z=np.nan)}, "gap"),
    "twice": ({"direct": pd.concat([MADE["direct"], MADE["direct"].head(1)])}, "stands twice"),
    "position": ({"direct": MADE["direct"].to_numpy()}, "by area"),
    "stranger": ({"X": MADE["X"].drop("area 4")}, "no auxiliary columns"),
    "method": ({"method": "reaml"}, "did you mean reml"),
    "both": ({"effective_size": MADE["variance"]}, "one of variance and effective_size"),
    "percent": (
        {
            "direct": 100 * MADE["direct"].abs(),
            "variance": None,
            "effective_size": MADE["variance"],
        },
        "not per cent",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_a_model_of_areas_is_refused_with_a_hint(name: str) -> None:
    changed, said = REFUSED[name]
    with pytest.raises(InputError, match=said):
        ns.fay_herriot(**(OF | changed))


def test_a_benchmark_without_a_weight_is_refused() -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS)
    with pytest.raises(InputError, match="no weight in the whole"):
        fit.benchmark(pd.Series(1.0, index=MILK.index[1:]), 1.0)


@pytest.mark.parametrize(
    ("weights", "target", "said"),
    [
        ([1.0] * 43, 1.0, "by area"),
        (pd.Series(1.0, index=MILK.index), "one", "no number"),
        (pd.Series(1.0, index=MILK.index), float("nan"), "no number"),
    ],
)
def test_a_benchmark_that_is_none_is_refused(weights: Any, target: Any, said: str) -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS)
    with pytest.raises(InputError, match=said):
        fit.benchmark(weights, target)


SIZES = pd.Series(10.0, index=MILK.index)


@pytest.mark.parametrize(
    ("variance", "size", "said"),
    [
        (-VARIANCE, SIZES, "negative"),
        (VARIANCE, SIZES.replace(10.0, 0.0), "without respondents"),
        (VARIANCE, SIZES.astype(str), "no numbers"),
        (VARIANCE.head(3), SIZES, "needs 4 areas"),
    ],
)
def test_variances_that_cannot_be_smoothed_are_refused(
    variance: pd.Series, size: pd.Series, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        ns.smoothed_variance(variance, size)


def test_a_share_that_a_benchmark_pushes_out_is_refused() -> None:
    direct, size, X, _ = shares()
    fit = ns.fay_herriot(direct, X=X, effective_size=size)
    with pytest.raises(InputError, match="leaves 0 to 1"):
        fit.benchmark(pd.Series(1.0, index=direct.index), 0.99)


def test_the_model_prints_as_a_frame_of_results() -> None:
    fit = ns.fay_herriot(DIRECT, VARIANCE, COLUMNS)
    assert repr(fit).startswith("Model-based estimates (Fay-Herriot, reml), 43 areas sampled")
    assert "<table" in fit._repr_html_()
