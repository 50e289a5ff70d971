"""Contrasts of levels, and how far a model can be trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.diagnostics import collinearity
from ngo_survey.statistics.models.parallel import parallel_lines, score_tests

from reference import close, design, values

# -- every two levels ----------------------------------------------------------------------------


def test_contrasts_are_differences_of_predicted_margins() -> None:
    fit = models.ordinal(design("strat"), "ord3", "meals10 + stype")
    made = fit.contrasts("stype").set_index(["level", "against", "outcome"])
    margins = fit.predictions().set_index(["variable", "level", "outcome"])["estimate"]
    for (level, against, outcome), row in made.iterrows():
        gap = margins["stype", level, outcome] - margins["stype", against, outcome]
        np.testing.assert_allclose(row["estimate"], gap, atol=1e-12)
    effects = fit.effects().set_index(["term", "outcome"])
    close(made.loc[("H", "E", "grow"), "se"], effects.loc[("stype=H", "grow"), "se"], 1e-9)


def test_contrasts_are_adjusted_by_holm() -> None:
    made = models.ordinal(design("strat"), "ord3", "meals10 + stype").contrasts("stype")
    for _, rows in made.groupby("outcome"):
        p = np.sort(rows["p"].to_numpy())
        expected = np.minimum(np.maximum.accumulate(p * [3, 2, 1]), 1)
        close(np.sort(rows["p_adjusted"]), expected, 1e-12)


def test_max_t_lies_between_no_adjustment_and_bonferroni() -> None:
    fit = models.ordinal(design("strat"), "ord3", "meals10 + stype")
    rng = np.random.default_rng(5)
    made = fit.contrasts("stype", method="max_t", rng=rng)
    assert (made["p_adjusted"] >= made["p"] - 0.01).all()
    assert (made["p_adjusted"] <= np.minimum(3 * made["p"], 1) + 0.01).all()
    again = fit.contrasts("stype", method="max_t", rng=np.random.default_rng(5))
    pd.testing.assert_frame_equal(made, again)


def test_max_t_of_independent_statistics_is_sidak() -> None:
    from ngo_survey.statistics.models.contrasts import _largest

    largest = _largest(np.diag([1.0, 4.0, 9.0]), 10_000_000, np.random.default_rng(2))
    np.testing.assert_allclose((largest > 2.0).mean(), 1 - 0.9544997**3, atol=0.003)


def test_contrasts_of_a_number_are_refused() -> None:
    with pytest.raises(InputError, match="categorical term.*stype"):
        models.ordinal(design("strat"), "ord3", "meals10 + stype").contrasts("meals10")


# -- can it be trusted ---------------------------------------------------------------------------


def test_the_score_of_a_binary_model_is_briers() -> None:
    fit = models.glm(design("strat"), "aw", "meals10 + stype", family="binomial")
    p, w = fit.likelihood.response(fit.theta, fit.matrix.X)[:, 0], fit.weights
    diagnostics = fit.diagnostics().set_index("name")["value"]
    close(diagnostics["rps"], w @ (p - fit.y) ** 2 / w.sum(), 1e-12)
    share = w @ fit.y / w.sum()
    close(diagnostics["rps_skill"], 1 - diagnostics["rps"] / (share * (1 - share)), 1e-9)


@pytest.mark.thorough
def test_the_test_of_grouped_residuals_holds_its_level_and_finds_a_curve() -> None:
    rng = np.random.default_rng(31)
    true, wrong = [], []
    for _ in range(60):
        x = rng.normal(size=800)
        frame = pd.DataFrame({"x": x, "w": rng.uniform(1, 3, 800), "h": rng.integers(0, 8, 800)})
        for found, latent in ((true, 0.8 * x), (wrong, 0.8 * x**2 + 0.3 * x)):
            cut = [-np.inf, -0.5, 1.0, np.inf]
            y = pd.cut(latent + rng.logistic(size=800), cut, labels=["a", "b", "c"])
            fit = models.ordinal(SurveyDesign(frame.assign(y=y), weights="w", strata="h"), "y", "x")
            found.append(fit.diagnostics().set_index("name").loc["grouped_fit/c", "p"])
    assert np.mean(np.array(true) < 0.05) < 0.15
    assert np.mean(np.array(wrong) < 0.05) > 0.9


def test_collinearity_as_car() -> None:
    theirs = values("r_models")["gvif"]
    plain = SurveyDesign(design("strat").frame.assign(one=1.0), weights="one")
    fit = models.glm(plain, "api00", "ell10 + meals10 + stype + sch.wide")
    factors = {row["name"].removeprefix("gvif/"): row["value"] for row in collinearity(fit)}
    close([factors[name] for name in theirs["term"]], theirs["value"], 1e-8)


def test_influence_values_foretell_what_leaving_a_respondent_out_does() -> None:
    frame = design("stratnofpc").frame
    fit = models.ordinal(SurveyDesign(frame, weights="pw"), "ord3", "ell10 + meals10")
    moves = fit.influence * fit.weights[:, None]
    se = np.sqrt(fit.covariance[0, 0])
    for row in np.argsort(-np.abs(moves[:, 0]))[:3]:
        left = SurveyDesign(frame.drop(index=row), weights="pw")
        without = models.ordinal(left, "ord3", "ell10 + meals10")
        found = (fit.theta[0] - without.theta[0]) / se
        assert abs(found / (moves[row, 0] / se) - 1) < 0.2
    foretold = np.sort(np.abs(moves[:, 0]))[-10:].sum() / se
    diagnostics = fit.diagnostics().set_index("name")["value"]
    assert foretold / 2 <= diagnostics["influence/together"] <= 2 * foretold


def test_no_check_is_of_one_respondent() -> None:
    fit = models.ordinal(design("strat"), "ord3", "ell10 + meals10")
    moves = np.abs(fit.influence * fit.weights[:, None] / np.sqrt(np.diag(fit.covariance)))[:, :2]
    diagnostics = fit.diagnostics().set_index("name")["value"]
    assert diagnostics["influence/mean"] < moves.max()


def test_the_tests_of_parallel_lines_agree_where_lines_cross() -> None:
    rng = np.random.default_rng(9)
    n = 4000
    x, z = rng.normal(size=n), rng.normal(size=n)
    below = 1 / (1 + np.exp(-(-0.5 - 0.2 * x - 0.4 * z)))
    up = 1 / (1 + np.exp(-(-1.0 + 0.8 * x + 0.4 * z)))
    below = np.minimum(below, 1 - up - 1e-3).clip(1e-3)
    draw = rng.random(n)
    y = np.where(draw < below, "a", np.where(draw > 1 - up, "c", "b"))
    frame = pd.DataFrame(
        {"y": pd.Categorical(y, ["a", "b", "c"], ordered=True), "x": x, "z": z, "w": 1.0}
    )
    fit = models.ordinal(SurveyDesign(frame, weights="w"), "y", ["x", "z"])
    tests = {row["name"]: row for row in parallel_lines(fit)}
    for name in ("score", "wald", "brant", "likelihood_ratio", "wolfe_gould"):
        assert tests[f"parallel/{name}"]["p"] < 1e-4
    for name in ("score", "wald"):
        assert tests[f"parallel/{name}/x"]["p"] < 1e-4
        assert tests[f"parallel/{name}/z"]["p"] > 0.001


def drawn_order(rng: np.random.Generator, n: int, columns: int, bend: float) -> SurveyDesign:
    """Three ordered levels; ``bend`` moves one slope at the upper border alone."""
    X = rng.normal(size=(n, columns))
    X[:, columns // 2 :] = X[:, columns // 2 :] > 0.3
    latent = X @ np.linspace(0.5, -0.5, columns) + rng.logistic(size=n)
    y = np.where(latent < -0.8, 0, np.where(latent - bend * X[:, 0] < 0.8, 1, 2))
    frame = pd.DataFrame(X, columns=[f"x{place}" for place in range(columns)])
    frame["w"], frame["h"] = np.exp(rng.normal(0, 0.4, n)), rng.integers(0, 15, n)
    frame["y"] = pd.Categorical.from_codes(y, list("abc"), ordered=True)
    return SurveyDesign(frame, weights="w", strata="h")


def score_p(design: SurveyDesign, columns: int) -> float:
    terms = [f"x{place}" for place in range(columns)]
    return float(score_tests(models.ordinal(design, "y", terms))[0]["p"])


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_the_score_test_does_not_mind_which_end_of_the_order_comes_first(link: str) -> None:
    made = drawn_order(np.random.default_rng(2), 300, 3, 0.6)
    levels = pd.Categorical(made.frame["y"], list("cba"), ordered=True)
    one, other = (
        score_tests(models.ordinal(d, "y", ["x0", "x1", "x2"], link=link))
        for d in (made, made.assign(y=levels))
    )
    for a, b in zip(one, other, strict=True):
        assert a["name"] == b["name"]
        assert a["value"] == pytest.approx(b["value"], rel=1e-6)


def test_the_score_test_needs_no_model_of_each_cut() -> None:
    frame = drawn_order(np.random.default_rng(2), 300, 3, 0.0).frame
    frame["few"] = (frame["y"] == "a") & (np.arange(300) % 4 == 0) | (frame["y"] == "b") & (
        np.arange(300) % 9 == 0
    )
    design = SurveyDesign(frame.assign(few=frame["few"].astype(float)), weights="w", strata="h")
    tests = {r["name"]: r for r in parallel_lines(models.ordinal(design, "y", ["x0", "few"]))}
    assert np.isnan(tests["parallel/wald"]["value"])
    assert 0 <= tests["parallel/score"]["p"] <= 1


def test_the_score_test_gains_nothing_from_margins() -> None:
    """Forty margins explain forty directions of any scores, by chance."""
    made = drawn_order(np.random.default_rng(2), 200, 2, 0.0)
    cells = pd.Series(np.arange(200) % 40, index=made.frame.index).astype(str)
    totals = pd.Series(made.weights).groupby(cells.to_numpy()).sum().to_dict()
    raked = made.assign(cell=cells).rake({"cell": totals})
    fit = models.ordinal(raked, "y", ["x0", "x1"])
    plain = models.ordinal(made, "y", ["x0", "x1"])
    assert score_tests(fit)[0]["value"] == pytest.approx(score_tests(plain)[0]["value"], rel=1e-6)


@pytest.mark.thorough
def test_the_score_test_keeps_its_size_with_many_columns_and_has_power() -> None:
    """23 columns on 300 respondents: Wald's rejected 14 % of true and 75 % of false hypotheses."""
    rng = np.random.default_rng(3)
    true = [score_p(drawn_order(rng, 300, 23, 0.0), 23) < 0.05 for _ in range(200)]
    crossed = [score_p(drawn_order(rng, 300, 8, 0.7), 8) < 0.05 for _ in range(60)]
    assert 0.005 < np.mean(true) < 0.08
    assert np.mean(crossed) > 0.8


def test_the_likelihood_ratio_is_that_of_the_non_parallel_model() -> None:
    plain = SurveyDesign(design("strat").frame.assign(one=1.0), weights="one")
    fit = models.ordinal(plain, "ord3", "ell10 + meals10")
    free = models.partial(plain, "ord3", "ell10 + meals10")
    tests = {row["name"]: row["value"] for row in parallel_lines(fit)}
    close(tests["parallel/likelihood_ratio"], 2 * (free.loglik - fit.loglik), 1e-6)
    np.testing.assert_allclose(
        tests["parallel/wolfe_gould"], tests["parallel/likelihood_ratio"], rtol=0.4
    )
