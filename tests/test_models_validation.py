"""Cross-validation keeps PSUs whole, scores are the published ones, and calibration tells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models import FitError
from ngo_survey.statistics.models.scoring import ranked_probability
from ngo_survey.statistics.models.validation import folds, out_of_fold, validate

from reference import design as api


def clustered(n: int = 1200, slope: float = 1.0, seed: int = 3) -> SurveyDesign:
    """An ordered outcome in four strata with PSUs of unequal size."""
    rng = np.random.default_rng(seed)
    psu = rng.integers(0, n // 6, n)
    x = rng.normal(size=n)
    noise = rng.normal(size=n)
    latent = slope * x + rng.logistic(size=n)
    frame = pd.DataFrame(
        {
            "psu": psu,
            "stratum": psu % 4,
            "w": 1.0 + psu % 3,
            "x": x,
            "noise": noise,
            "y": pd.Categorical.from_codes(
                np.digitize(latent, [-0.8, 0.8]), ["fell", "same", "rose"], ordered=True
            ),
        }
    )
    return SurveyDesign(frame, weights="w", strata="stratum", psu="psu")


def test_folds_never_split_a_psu_and_spread_each_stratum() -> None:
    design = clustered()
    fold = folds(design, 5, np.random.default_rng(1))
    by_psu = pd.DataFrame({"psu": design.frame["psu"], "fold": fold}).drop_duplicates()
    assert not by_psu["psu"].duplicated().any()
    by_psu["stratum"] = by_psu["psu"] % 4
    counts = by_psu.groupby(["stratum", "fold"]).size().unstack()
    assert ((counts.max(axis=1) - counts.min(axis=1)) <= 1).all()
    assert by_psu["fold"].value_counts().agg(np.ptp) <= 1


def test_folds_of_schools_keep_districts_whole() -> None:
    design = api("clus1")
    fold = folds(design, 3, np.random.default_rng(1))
    assert (design.frame.assign(fold=fold).groupby("dnum")["fold"].nunique() == 1).all()
    with pytest.raises(InputError, match="two folds"):
        folds(design, 1, np.random.default_rng(1))


def test_the_ranked_probability_score_by_hand() -> None:
    p = np.array([[0.2, 0.3, 0.5], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    y = np.array([2, 0, 0, 0])
    # F = .2, .5: against 0, 0 it is (.04 + .25)/2; against 1, 1 it is (.64 + .25)/2.
    np.testing.assert_allclose(ranked_probability(p, y), [0.145, 0.445, 0.0, 1.0])


def test_of_two_levels_it_is_briers_score() -> None:
    p = np.array([0.1, 0.7])
    y = np.array([0, 1])
    made = ranked_probability(np.column_stack([1 - p, p]), y)
    np.testing.assert_allclose(made, (p - y) ** 2)


def test_nobody_is_predicted_by_a_fit_that_saw_them() -> None:
    design = clustered(300)

    def refit(part: SurveyDesign) -> models.Fit:
        return models.ordinal(part, "y", ["x"])

    whole, model, margin = out_of_fold(design, refit, 4, np.random.default_rng(1))
    fold = folds(design, 4, np.random.default_rng(1))
    test = fold == 2
    alone = refit(design.subset(~test))
    expected = alone.likelihood.response(alone.theta, whole.matrix.X[test])
    np.testing.assert_allclose(model[test], expected)
    w = design.frame["w"][~test]
    shares = w.groupby(design.frame["y"][~test], observed=True).sum() / w.sum()
    np.testing.assert_allclose(margin[test], np.tile(shares, (test.sum(), 1)))
    np.testing.assert_allclose(model.sum(axis=1), 1)


def test_a_spline_is_predicted_with_the_knots_of_the_fit_that_did_not_see_them() -> None:
    design = clustered(300)

    def refit(part: SurveyDesign) -> models.Fit:
        return models.ordinal(part, "y", [{"variable": "x", "spline": 3}])

    _, model, _ = out_of_fold(design, refit, 4, np.random.default_rng(1))
    test = folds(design, 4, np.random.default_rng(1)) == 1
    alone = refit(design.subset(~test))
    line = alone.matrix.blocks[0].build({"x": design.frame["x"].to_numpy()[test]})
    np.testing.assert_allclose(model[test], alone.likelihood.response(alone.theta, line))


def test_a_model_that_knows_has_skill_and_one_of_noise_has_none() -> None:
    design = clustered()

    def scored(terms: list[str]) -> pd.Series:
        scores, _ = validate(
            design, lambda d: models.ordinal(d, "y", terms), 10, 5, np.random.default_rng(2)
        )
        return scores.set_index("name")["value"]

    knows, noise = scored(["x"]), scored(["noise"])
    assert knows["skill"] > 0.1
    assert noise["skill"] < 0.005
    assert noise["skill_apparent"] > noise["skill"]
    assert knows["skill"] == pytest.approx(1 - knows["rps"] / knows["rps_margin"])
    assert knows["calibration_slope/rose"] == pytest.approx(1, abs=0.2)


def test_a_perfect_forecast_would_have_skill_one_and_limits_hold_the_estimate() -> None:
    design = clustered(600, slope=3)
    scores, table = validate(
        design, lambda d: models.ordinal(d, "y", ["x"]), 5, 4, np.random.default_rng(2)
    )
    row = scores.set_index("name").loc["skill"]
    assert row["ci_low"] < row["value"] < row["ci_high"] < 1
    assert table.groupby("outcome").size().to_dict() == {"fell": 4, "rose": 4, "same": 4}
    rose = table[table["outcome"] == "rose"]
    assert rose["predicted"].is_monotonic_increasing
    assert rose["observed"].is_monotonic_increasing
    assert rose["n"].sum() == 600
    assert ((rose["ci_low"] <= rose["observed"]) & (rose["observed"] <= rose["ci_high"])).all()


def test_levels_are_scored_in_their_order_whatever_the_reference_of_the_model() -> None:
    design = clustered()

    def scored(refit) -> pd.Series:
        scores, _ = validate(design, refit, 5, 5, np.random.default_rng(2))
        return scores.set_index("name")["value"]

    middle = scored(lambda d: models.multinomial(d, "y", ["x"], "same"))
    first = scored(lambda d: models.multinomial(d, "y", ["x"], "fell"))
    ordered = scored(lambda d: models.ordinal(d, "y", ["x"]))
    for name in ("rps", "rps_margin", "skill", "skill_apparent", "calibration_slope/rose"):
        assert middle[name] == pytest.approx(first[name], rel=1e-6), name
    assert middle["rps_margin"] == pytest.approx(ordered["rps_margin"], rel=1e-12)
    assert middle["skill"] == pytest.approx(ordered["skill"], abs=0.02)


def test_a_binary_model_is_calibrated_on_its_event() -> None:
    design = clustered()
    scores, table = validate(
        design,
        lambda d: models.glm(d, "y", ["x"], family="binomial", event=["rose"]),
        5,
        5,
        np.random.default_rng(2),
    )
    assert set(table["outcome"]) == {"rose"}
    assert scores.set_index("name").loc["skill", "value"] > 0.1
    w = design.weights
    observed = w @ (design.frame["y"] == "rose") / w.sum()
    weight = table["n"] / table["n"].sum()
    assert (weight * table["observed"]).sum() == pytest.approx(observed, abs=0.02)


def test_a_model_of_a_number_and_a_fold_that_separates_are_said() -> None:
    design = clustered(300)
    with pytest.raises(FitError, match="a model of a number"):
        validate(design, lambda d: models.glm(d, "x", ["noise"]), 3, 3, np.random.default_rng(1))
    rare = design.frame["y"].astype(object).where(design.frame.index != 0, "never")
    lonely = design.assign(y=pd.Categorical(rare, ["never", "fell", "same", "rose"], ordered=True))
    with pytest.raises(FitError, match="without fold . of 3: a level of the outcome"):
        validate(lonely, lambda d: models.ordinal(d, "y", ["x"]), 3, 3, np.random.default_rng(1))
