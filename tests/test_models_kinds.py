"""Every kind of model agrees with the software that knows it, and refuses what it cannot fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models import FitError, SeparatedError
from ngo_survey.statistics.models.firth import Penalised
from ngo_survey.statistics.models.multilevel import random_intercept, sensitivity
from ngo_survey.statistics.models.separation import separation

from reference import close, data, design, outside, tenants, values

TERMS = ["Infl", "Type", "Cont"]


@pytest.fixture(scope="module")
def housing() -> SurveyDesign:
    return tenants()


def model_based(fit: models.Fit) -> np.ndarray:
    """Standard errors from the inverse information, as software without designs has them."""
    information = fit.likelihood.derivatives(
        fit.theta, fit.matrix.X, fit.y, fit.weights
    ).information
    return np.sqrt(np.diag(np.linalg.inv(information)))


# -- partial and no proportional odds ------------------------------------------------------------


def clm_order(fit: models.Fit, by_place: np.ndarray) -> list[float]:
    """Return numbers in the order of R ``clm(Sat ~ Infl + Cont, nominal = ~Type)``."""
    by_name = dict(zip(fit.names, by_place, strict=True))
    cuts = ["Low|Medium", "Medium|High"]
    types = [f"Type={t}@{c}" for t in ("Apartment", "Atrium", "Terrace") for c in cuts]
    return [by_name[name] for name in (*cuts, *types, "Infl=Medium", "Infl=High", "Cont=High")]


def test_partial_proportional_odds_as_clm(housing: SurveyDesign) -> None:
    theirs = values("r_oracles2")["housing_ppo"]
    fit = models.partial(housing, "Sat", TERMS, nominal=["Type"])
    # R writes cut-points plus, we write cut-points less what varies.
    sign = np.array([-1.0 if "Type" in name else 1.0 for name in fit.names])
    close(clm_order(fit, fit.theta * sign), theirs["coef"], 1e-6)
    close(clm_order(fit, model_based(fit)), theirs["se"], 1e-6)
    close(fit.loglik, theirs["loglik"], 1e-8)


@pytest.mark.parametrize(("name", "nominal"), [("ppo", ["meals10"]), ("npo", None)])
def test_partial_models_under_a_design_as_svy_vglm(name: str, nominal: list[str] | None) -> None:
    theirs = values("r_oracles2")[f"svyvglm_{name}"]
    fit = models.partial(design("strat"), "ord3", ["ell10", "meals10"], nominal=nominal)
    cuts = [place for place, n in enumerate(fit.names) if "@" not in n and "|" in n]
    order = [*cuts, *fit.slopes]
    sign = np.array([-1.0] * len(cuts) + [1.0] * len(fit.slopes))
    close(fit.theta[order] * sign, theirs["coef"], 1e-6)
    # Their bread is the expected information, ours the observed: put theirs in.
    rows = fit.design.in_domain
    inner = Penalised(fit.likelihood, fit.matrix.X[rows], fit.y[rows], fit.design.weights[rows])
    scores = fit.likelihood.scores(fit.theta, fit.matrix.X, fit.y)
    spread = fit.design.covariance(scores @ np.linalg.inv(inner.information(fit.theta)))
    close(np.sqrt(np.diag(spread))[order], theirs["se"], 1e-6)


def test_no_varying_term_is_proportional_odds(housing: SurveyDesign) -> None:
    plain = models.ordinal(housing, "Sat", TERMS)
    close(models.partial(housing, "Sat", TERMS, nominal=[]).theta, plain.theta, 1e-12)


def test_a_nominal_variable_must_be_a_term(housing: SurveyDesign) -> None:
    with pytest.raises(InputError, match="no term of the model.*did you mean Type"):
        models.partial(housing, "Sat", TERMS, nominal=["Typ"])


# -- multinomial ---------------------------------------------------------------------------------


def test_multinomial_models_as_nnet(housing: SurveyDesign) -> None:
    theirs = values("r_oracles2")["housing_multinom"]
    fit = models.multinomial(housing, "Sat", TERMS)
    close(fit.theta, theirs["coef"], 1e-6)
    close(model_based(fit), theirs["se"], 1e-6)
    close(-2 * fit.loglik, theirs["dev"], 1e-8)


def test_multinomial_models_under_a_design_as_svy_vglm() -> None:
    theirs = values("r_oracles2")["svyvglm_multinomial"]
    fit = models.multinomial(design("strat"), "ord3", ["ell10", "meals10"])
    by_column = np.arange(6).reshape(2, 3).T.ravel()
    close(fit.theta[by_column], theirs["coef"], 1e-6)
    close(np.sqrt(np.diag(fit.covariance))[by_column], theirs["se"], 1e-6)


def test_another_reference_is_the_same_multinomial_model() -> None:
    first = models.multinomial(design("strat"), "ord3", ["ell10", "stype"])
    other = models.multinomial(design("strat"), "ord3", ["ell10", "stype"], reference="same")
    close(other.loglik, first.loglik, 1e-10)
    assert other.outcomes == first.outcomes  # scores of ordered probabilities need their order
    assert [n for n in other.names if "ell10" in n] == ["ell10@shrink", "ell10@grow"]
    a = first.effects().sort_values(["term", "outcome"])
    b = other.effects().sort_values(["term", "outcome"])
    np.testing.assert_allclose(a["estimate"], b["estimate"], atol=1e-10)
    np.testing.assert_allclose(a["se"], b["se"], atol=1e-10)


def test_multinomial_effects_add_up_to_nothing() -> None:
    made = models.multinomial(design("clus2"), "ord3", ["ell10", "stype"]).effects()
    assert made.groupby("term")["estimate"].sum().abs().max() < 1e-12


# -- links ---------------------------------------------------------------------------------------


LINKED = ["ell10", "meals10", "stype"]


@pytest.mark.parametrize("link", ["logistic", "probit"])
def test_links_of_ordered_models_as_svyolr(link: str) -> None:
    theirs = values("r_models")[f"svyolr_{link}"]
    ours = "logit" if link == "logistic" else link
    fit = models.ordinal(design("strat"), "ord3", LINKED, link=ours)
    close(fit.theta, theirs["coef"], 1e-6)
    close(np.sqrt(np.diag(fit.covariance)), theirs["se"], 1e-5)


def test_cloglog_of_a_reversed_outcome_as_svyolr() -> None:
    # What svyolr calls cloglog is F(x) = exp(-exp(-x)): ours, read from the other end.
    theirs = values("r_models")["svyolr_cloglog"]
    frame = design("strat").frame
    back = frame["ord3"].cat.reorder_categories(["grow", "same", "shrink"])
    turned = SurveyDesign(frame.assign(back=back), weights="pw", strata="stype", fpc="fpc")
    fit = models.ordinal(turned, "back", LINKED, link="cloglog")
    order = [0, 1, 2, 3, 5, 4]
    close(-fit.theta[order], theirs["coef"], 1e-6)
    close(np.sqrt(np.diag(fit.covariance))[order], theirs["se"], 1e-5)


def test_cloglog_as_polr() -> None:
    theirs = values("r_models")["polr_cloglog"]
    plain = SurveyDesign(design("strat").frame.assign(one=1.0), weights="one")
    fit = models.ordinal(plain, "ord3", LINKED, link="cloglog")
    close(fit.theta, theirs["coef"], 1e-6)
    close(fit.loglik, theirs["loglik"], 1e-8)


@pytest.mark.parametrize("link", ["probit", "cloglog"])
def test_links_of_binary_models_as_svyglm(link: str) -> None:
    theirs = values("r_models")[f"svyglm_{link}"]
    terms = ["ell", "meals", "api99"]
    fit = models.glm(design("strat"), "aw", terms, family="binomial", link=link)
    close(fit.coefficients["estimate"], theirs["coef"], 1e-6)
    close(fit.coefficients["se"], theirs["se"], 1e-6)


def test_counts_as_svyglm() -> None:
    theirs = values("r_models")["svyglm_poisson"]
    fit = models.glm(design("strat"), "api.stu", ["ell10", "stype"], family="poisson")
    coefficients = fit.coefficients.set_index("term")
    order = ["(intercept)", "ell10", "stype=H", "stype=M"]
    close(coefficients.loc[order, "estimate"], theirs["coef"], 1e-8)
    close(coefficients.loc[order, "se"], theirs["se"], 1e-6)


def test_an_unknown_link_brings_its_neighbours() -> None:
    with pytest.raises(InputError, match="no such link.*did you mean probit"):
        models.ordinal(design("strat"), "ord3", ["ell10"], link="probits")


# -- separation and its fallback -----------------------------------------------------------------


def split(complete: bool) -> SurveyDesign:
    """Schools of which one group all have awards; or whose awards a number tells apart."""
    strat = design("strat")
    few = strat.frame["aw"].eq(1) & (np.arange(len(strat.frame)) % 25 == 0)
    column = strat.frame["aw"] * 2 if complete else pd.Categorical(np.where(few, "all", "some"))
    return SurveyDesign(strat.frame.assign(split=column), weights="pw", strata="stype", fpc="fpc")


@pytest.mark.parametrize(("complete", "word"), [(True, "is completely"), (False, "quasi-")])
def test_separation_is_told_by_its_kind(complete: bool, word: str) -> None:
    with pytest.raises(SeparatedError, match=f"{word}.*split"):
        models.glm(split(complete), "aw", ["ell", "split"], family="binomial")


def test_an_ordered_outcome_separates_too() -> None:
    strat = design("strat")
    grew = strat.frame["ord3"] == "grow"
    few = grew & (grew.cumsum() <= 8)
    named = SurveyDesign(
        strat.frame.assign(few=pd.Categorical(np.where(few, "yes", "no"), ["no", "yes"])),
        weights="pw",
        strata="stype",
        fpc="fpc",
    )
    with pytest.raises(SeparatedError, match="quasi-completely.*few=yes"):
        models.ordinal(named, "ord3", ["ell10", "few"])
    fit = models.ordinal(named, "ord3", ["ell10", "few"], penalty="separated")
    coefficient = fit.coefficients.set_index("term").loc["few=yes"]
    assert fit.penalised
    assert coefficient["ci_low"] > 0
    assert 1 < coefficient["estimate"] < 10


def test_an_outcome_without_order_separates_too() -> None:
    strat = design("strat")
    grew = strat.frame["ord3"] == "grow"
    few = pd.Categorical(np.where(grew & (grew.cumsum() <= 8), "yes", "no"), ["no", "yes"])
    with pytest.raises(SeparatedError, match="quasi-completely.*few=yes"):
        models.multinomial(strat.assign(few=few), "ord3", ["ell10", "few"])


def test_a_steep_slope_is_not_taken_for_separation() -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=4000)
    y = (rng.logistic(size=4000) < 9 * x).astype(float)
    frame = pd.DataFrame({"y": y, "x": x, "w": 1.0})
    fit = models.glm(SurveyDesign(frame, weights="w"), "y", ["x"], family="binomial")
    assert abs(fit.theta[1] - 9) < 1
    assert separation(fit.likelihood, fit.matrix.X, fit.y) is None


def women() -> SurveyDesign:
    frame = pd.read_csv(outside("sex2.csv")).assign(one=1.0)
    return SurveyDesign(frame, weights="one")


@pytest.mark.thorough
def test_firth_as_logistf() -> None:
    theirs = values("r_oracles2")["firth_sex2"]
    terms = ["age", "oc", "vic", "vicl", "vis", "dia"]
    fit = models.glm(women(), "case", terms, family="binomial", penalty="always")
    coefficients = fit.coefficients
    close(coefficients["estimate"], theirs["coef"], 1e-6)
    close(coefficients["ci_low"], theirs["lower"], 1e-6)
    close(coefficients["ci_high"], theirs["upper"], 1e-6)
    close(coefficients["p"], theirs["p"], 1e-6)


def test_firth_of_one_group_has_its_closed_form() -> None:
    # With nothing but an intercept and a group Firth adds a half to every cell of the table.
    frame = pd.DataFrame(
        {"y": [1.0] * 9 + [0.0] * 11 + [1.0] * 8, "g": ["a"] * 20 + ["b"] * 8, "w": 1.0}
    )
    fit = models.glm(
        SurveyDesign(frame, weights="w"), "y", ["g"], family="binomial", penalty="separated"
    )
    close(fit.theta, [np.log(9.5 / 11.5), np.log(8.5 / 0.5) - np.log(9.5 / 11.5)], 1e-9)


def test_the_gradient_of_the_penalty_is_its_derivative(housing: SurveyDesign) -> None:
    fit = models.ordinal(housing, "Sat", TERMS)
    w = np.linspace(0.5, 1.5, len(fit.y))
    inner = Penalised(fit.likelihood, fit.matrix.X, fit.y, w)
    found = w @ inner.scores(fit.theta)
    for place in range(len(fit.theta)):
        step = np.zeros(len(fit.theta))
        step[place] = 1e-5
        slope = (inner.value(fit.theta + step) - inner.value(fit.theta - step)) / 2e-5
        np.testing.assert_allclose(found[place], slope, rtol=1e-4, atol=1e-4)


def test_a_penalty_is_refused_where_it_is_not_defined() -> None:
    with pytest.raises(InputError, match="only a binomial logit"):
        models.glm(design("strat"), "api00", ["ell"], penalty="always")


# -- random intercept and other ways with regions ------------------------------------------------


def tasters() -> SurveyDesign:
    frame = data("wine").assign(one=1.0)
    frame["rating"] = pd.Categorical(frame["rating"].astype(int), ordered=True)
    return SurveyDesign(frame, weights="one")


@pytest.mark.parametrize("points", [10, 21])
def test_random_intercepts_as_clmm(points: int) -> None:
    theirs = values("r_oracles3")[f"clmm_wine_AGQ{points}"]
    made = random_intercept(tasters(), "rating", ["temp", "contact"], "judge", points=points)
    coefficients = made.coefficients.set_index("term")
    names = {"tempwarm": "temp=warm", "contactyes": "contact=yes"}
    order = [names.get(name, name) for name in theirs["names"]]
    close(coefficients.loc[order, "estimate"], theirs["coef"], 1e-5)
    close(coefficients.loc[order, "se"], theirs["se"], 1e-5)
    close(made.sd, theirs["sd"], 1e-5)
    close(made.loglik, theirs["loglik"], 1e-8)


def test_four_ways_with_a_group_side_by_side() -> None:
    made = sensitivity(tasters(), "rating", ["temp", "contact"], "judge")
    assert list(dict.fromkeys(made["approach"])) == [
        "random",
        "random_weighted",
        "dummies",
        "clusters",
    ]
    warm = made[made["term"] == "temp=warm"].set_index("approach")["estimate"]
    close(warm["random_weighted"], warm["random"], 1e-6)  # the weights are all one
    assert warm["clusters"] < warm["random"]  # a marginal slope is nearer to zero


def test_an_approach_that_fails_is_a_row_with_its_reason() -> None:
    frame = tasters().frame
    few = frame[frame["judge"].isin([1, 2, 3])]
    made = sensitivity(SurveyDesign(few, weights="one"), "rating", ["temp", "contact"], "judge")
    failed = made[made["term"] == "failed"].set_index("approach")["note"]
    assert "2 coefficients on 3 clusters" in failed["clusters"]


# -- bad input -----------------------------------------------------------------------------------


def test_an_outcome_of_one_level_is_refused() -> None:
    strat = design("strat")
    with pytest.raises(FitError, match="one level"):
        models.ordinal(strat.subset(strat.frame["ord3"] == "grow"), "ord3", ["ell"])


def test_a_constant_predictor_is_refused() -> None:
    strat = design("strat")
    alike = SurveyDesign(strat.frame.assign(same=3.0), weights="pw", strata="stype", fpc="fpc")
    with pytest.raises(InputError, match="constant.*same"):
        models.ordinal(alike, "ord3", ["ell", "same"])


def test_dummies_that_add_up_to_another_are_refused() -> None:
    strat = design("strat")
    high = SurveyDesign(
        strat.frame.assign(high=(strat.frame["stype"] == "H") * 1.0),
        weights="pw",
        strata="stype",
        fpc="fpc",
    )
    with pytest.raises(InputError, match="follows from the others.*high"):
        models.ordinal(high, "ord3", ["stype", "high"])


def test_coefficients_of_every_cut_are_counted_against_the_degrees_of_freedom() -> None:
    one = design("clus1")
    small = one.subset(one.frame["dnum"] < 400)
    assert models.ordinal(small, "ord3", ["ell", "meals", "mobility"]).df == 1
    with pytest.raises(FitError, match=r"\d+ columns on \d+ degrees of freedom"):
        models.partial(small, "ord3", ["ell", "meals", "mobility"])


def test_many_respondents_start_from_a_few() -> None:
    rng = np.random.default_rng(11)
    n = 120_000
    x, group = rng.normal(size=n), rng.integers(0, 3, n)
    latent = 0.5 * x + 0.3 * (group == 1) + rng.logistic(size=n)
    frame = pd.DataFrame(
        {
            "y": pd.cut(latent, [-np.inf, -1, 1, np.inf], labels=["low", "middle", "high"]),
            "x": x,
            "g": pd.Categorical.from_codes(group, ["a", "b", "c"]),
            "w": rng.uniform(1, 3, n),
        }
    )
    whole = models.ordinal(SurveyDesign(frame, weights="w"), "y", ["x", "g"])
    there = whole.likelihood.derivatives(
        whole.theta, whole.matrix.X, whole.y, frame["w"].to_numpy() / frame["w"].sum()
    )
    assert np.abs(there.gradient).max() < 1e-12
    assert np.abs(whole.theta - [0.5, 0.3, 0, -1, 1]).max() < 0.05
