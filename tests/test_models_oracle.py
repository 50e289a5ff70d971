"""Models agree with R to the promised digit, and keep the properties that need no referee."""

from __future__ import annotations

import numpy as np
import pytest

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models import FitError
from ngo_survey.statistics.models.parallel import parallel_lines

from reference import DESIGNS, calibrated, close, design, tenants, values


@pytest.fixture(params=DESIGNS)
def case(request: pytest.FixtureRequest):
    return design(request.param), values()[request.param]


@pytest.fixture(scope="module")
def housing() -> models.Fit:
    return models.ordinal(tenants(), "Sat", ["Infl", "Type", "Cont"])


def test_logistic_models_as_svyglm(case) -> None:
    theirs = case[1]["glm_logit"]
    fit = models.glm(case[0], "aw", ["ell", "meals", "api99"], family="binomial")
    close(fit.coefficients["estimate"], theirs["coef"])
    close(fit.coefficients["se"], theirs["se"])
    close(fit.coefficients["statistic"], theirs["t"])
    close(fit.coefficients["p"], theirs["p"])
    assert fit.df == theirs["df"]


def test_a_categorical_outcome_gives_the_same_model(case) -> None:
    numbers = models.glm(case[0], "aw", ["ell"], family="binomial")
    words = models.glm(case[0], "awards", ["ell"], family="binomial")
    close(words.theta, numbers.theta, 1e-12)
    assert words.outcomes == ("Yes",)


def test_linear_models_as_svyglm(case) -> None:
    theirs = case[1]["glm_lin"]
    fit = models.glm(case[0], "api00", ["ell", "meals", "mobility"])
    close(fit.coefficients["estimate"], theirs["coef"])
    close(fit.coefficients["se"], theirs["se"])


def test_a_wald_test_of_two_terms_as_regtermtest(case) -> None:
    theirs = case[1]["glm_wald_ellmeals"]
    fit = models.glm(case[0], "aw", ["ell", "meals", "api99"], family="binomial")
    b, spread = fit.theta[1:3], fit.covariance[1:3, 1:3]
    close(b @ np.linalg.solve(spread, b) / 2, theirs["F"], 1e-7)


def test_ordered_models_as_svyolr(case) -> None:
    theirs = case[1]["olr"]
    fit = models.ordinal(case[0], "ord3", ["ell10", "meals10", "stype"])
    close(fit.theta, theirs["coef"], 1e-6)
    close(np.sqrt(np.diag(fit.covariance)), theirs["se"], 1e-5)  # finite differences in R


@pytest.mark.parametrize("name", ["calrake_strat"])
def test_models_know_about_raking(name: str) -> None:
    theirs = values()["weights"][name]["glm_logit"]
    fit = models.glm(calibrated(name), "aw", ["ell", "meals", "api99"], family="binomial")
    close(fit.coefficients["estimate"], theirs["coef"])
    close(fit.coefficients["se"], theirs["se"])


def test_an_ordered_model_without_a_design_is_polr(housing: models.Fit) -> None:
    theirs = values("r_oracles2")["housing_clm"]
    ours = np.concatenate([housing.cutpoints["estimate"], housing.coefficients["estimate"]])
    close(ours, theirs["coef"], 1e-6)
    close(housing.loglik, theirs["loglik"], 1e-8)


def test_average_marginal_effects(housing: models.Fit) -> None:
    theirs = values("r_oracles2")["housing_ame"]
    made = housing.effects()
    for term, name in (("Infl=High", "InflHigh"), ("Cont=High", "ContHigh")):
        close(made.loc[made["term"] == term, "estimate"], theirs[name]["est"], 1e-5)


def test_brant_by_the_correct_formula(housing: models.Fit) -> None:
    # The package copies a block without transposing it: 8.53303 there, 8.53449 by the formula.
    made = {row["name"]: row for row in parallel_lines(housing)}
    close(made["parallel/brant"]["value"], values("r_oracles2")["housing_brant"]["X2"][0], 3e-4)
    assert made["parallel/brant"]["df1"] == 6


def test_predictive_margins_linearised_over_data_and_coefficients() -> None:
    theirs = values("r_oracles3")["svypredmeans"]
    fit = models.glm(design("strat"), "aw", ["meals", "api99", "stype"], family="binomial")
    made = fit.predictions().query("variable == 'stype'").set_index("level")
    close(made["estimate"].loc[theirs["lev"]], theirs["est"], 1e-6)
    # R adds the two parts of the variance and leaves their covariance out.
    np.testing.assert_allclose(made["se"].loc[theirs["lev"]], theirs["se"], rtol=0.01)
    close(made["se"]["E"], 0.042370, 2e-5)


def test_effects_on_an_ordered_outcome_add_up_to_nothing(housing: models.Fit) -> None:
    assert housing.effects().groupby("term")["estimate"].sum().abs().max() < 1e-12


def test_reversing_the_outcome_turns_every_sign() -> None:
    strat = design("strat")
    reverse = strat.frame["ord3"].cat.reorder_categories(["grow", "same", "shrink"])
    turned = SurveyDesign(strat.frame.assign(back=reverse), weights="pw", strata="stype", fpc="fpc")
    there = models.ordinal(turned, "ord3", ["ell", "meals"]).coefficients
    back = models.ordinal(turned, "back", ["ell", "meals"]).coefficients
    close(back["estimate"], -there["estimate"], 1e-8)
    close(back["se"], there["se"], 1e-8)


def test_the_scale_of_weights_does_not_matter() -> None:
    frame = design("clus1").frame
    first = models.ordinal(SurveyDesign(frame, weights="pw", psu="dnum"), "ord3", ["ell10"])
    again = models.ordinal(
        SurveyDesign(frame.assign(pw=frame["pw"] / 7), weights="pw", psu="dnum"), "ord3", ["ell10"]
    )
    close(again.theta, first.theta, 1e-9)
    close(again.covariance, first.covariance, 1e-9)


def test_separation_is_refused_with_the_predictor_at_fault() -> None:
    strat = design("strat")
    split = SurveyDesign(
        strat.frame.assign(split=strat.frame["aw"] * 2), weights="pw", strata="stype", fpc="fpc"
    )
    with pytest.raises(FitError, match="separated.*split"):
        models.glm(split, "aw", ["ell", "split"], family="binomial")


def test_an_aliased_predictor_is_refused() -> None:
    with pytest.raises(InputError, match="follows from the others.*ell10"):
        models.glm(design("strat"), "aw", ["ell", "ell10"], family="binomial")


def test_an_outcome_with_an_empty_level_is_refused() -> None:
    strat = design("strat")
    with pytest.raises(FitError, match="has no respondent.*'shrink'"):
        models.ordinal(strat.subset(strat.frame["ord3"] != "shrink"), "ord3", ["ell"])


def test_more_columns_than_degrees_of_freedom_are_refused() -> None:
    one = design("clus1")
    with pytest.raises(FitError, match="degrees of freedom"):
        models.glm(
            one.subset(one.frame["dnum"] < 200), "api00", ["ell", "meals", "mobility", "stype"]
        )


def test_unknown_names_bring_their_neighbours() -> None:
    with pytest.raises(InputError, match="did you mean meals"):
        models.glm(design("strat"), "aw", ["meal"], family="binomial")
