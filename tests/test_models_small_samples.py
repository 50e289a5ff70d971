"""Limits of coefficients hold with few respondents or few PSUs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign

from reference import close


def two_groups(first: int, second: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"w": 1.0, "x": np.repeat([0.0, 1.0], [first, second])})
    return frame.assign(y=rng.normal(size=len(frame)) * (1 + frame["x"]), g=frame["x"])


def test_two_groups_have_the_variances_of_their_own_means() -> None:
    """CR2 of a difference is the sum of s^2 / n (Imbens & Kolesar 2016, sec. 2)."""
    frame = two_groups(30, 12)
    made = models.glm(SurveyDesign(frame, weights="w"), "y", "x").bias_reduced()
    own = frame.groupby("x")["y"].agg(["var", "size"])
    assert made["se"].iloc[1] == pytest.approx((own["var"] / own["size"]).sum() ** 0.5, rel=0.015)


def test_degrees_of_freedom_of_two_groups_have_their_closed_form() -> None:
    a, b = 30, 6
    made = models.glm(SurveyDesign(two_groups(a, b), weights="w"), "y", "x").bias_reduced()
    bell = (a + b) ** 2 * (a - 1) * (b - 1) / (a**2 * (a - 1) + b**2 * (b - 1))
    assert made["df"].iloc[1] == pytest.approx(bell, rel=0.1)


def test_strata_that_are_columns_of_the_model_are_corrected_once() -> None:
    frame = two_groups(12, 12)
    fit = models.glm(SurveyDesign(frame, weights="w", strata="g"), "y", "x")
    close(fit.bias_reduced()["se"].iloc[1], fit.coefficients["se"].iloc[1], 1e-9)


@pytest.mark.thorough
def test_a_large_sample_hardly_moves() -> None:
    frame = two_groups(2_000, 2_000)
    fit = models.glm(SurveyDesign(frame, weights="w"), "y", "x")
    close(fit.bias_reduced()["se"], fit.coefficients["se"], 1e-3)


def test_psus_of_several_respondents_leave_as_many_degrees_of_freedom_as_there_are() -> None:
    frame = two_groups(60, 60).assign(u=np.arange(120) // 10)
    fit = models.glm(SurveyDesign(frame, weights="w", psu="u"), "y", "x")
    made = fit.bias_reduced()
    assert (made["df"] <= 11).all() and (made["se"] > fit.coefficients["se"]).all()


def test_a_penalised_fit_keeps_its_profile() -> None:
    y = pd.Categorical(np.repeat(list("abc"), 20), list("abc"), ordered=True)
    frame = pd.DataFrame({"w": 1.0, "y": y, "x": ["p"] * 20 + ["q"] * 40})
    fit = models.ordinal(SurveyDesign(frame, weights="w"), "y", "x", penalty="separated")
    with pytest.raises(InputError, match="limits of its profile"):
        fit.bias_reduced()


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["gaussian", "ordinal"])
def test_limits_of_small_samples_hold_what_they_promise(kind: str) -> None:
    """100 respondents and 10 columns, ordered answers of 150 and 8: plain ones held 92 to 93 %."""
    rng = np.random.default_rng(5)
    n, columns, samples = (100, 10, 250) if kind == "gaussian" else (150, 8, 150)
    true = np.linspace(0.5, -0.5, columns)
    plain, reduced = [], []
    for _ in range(samples):
        X = rng.normal(size=(n, columns))
        frame = pd.DataFrame(X, columns=[f"x{place}" for place in range(columns)])
        frame["w"], frame["h"] = np.exp(rng.normal(0, 0.3, n)), np.arange(n) % 4
        terms = list(frame.columns[:columns])
        latent = X @ true
        if kind == "gaussian":
            frame["y"] = latent + rng.normal(size=n)
            fit = models.glm(SurveyDesign(frame, weights="w", strata="h"), "y", terms)
        else:
            cut = np.digitize(latent + rng.logistic(size=n), [-0.8, 0.8])
            frame["y"] = pd.Categorical.from_codes(cut, list("abc"), ordered=True)
            fit = models.ordinal(SurveyDesign(frame, weights="w", strata="h"), "y", terms)
        for table, held in ((fit.coefficients, plain), (fit.bias_reduced(), reduced)):
            own = table.set_index("term").loc[terms]
            held.append(((own["ci_low"] <= true) & (true <= own["ci_high"])).mean())
    assert np.mean(reduced) > np.mean(plain)
    assert 0.935 < np.mean(reduced) < 0.97
