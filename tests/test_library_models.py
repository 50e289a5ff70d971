"""Models of the library: formulas, and what is asked of a fit."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy import special

import ngo_survey as ns
from ngo_survey.errors import InputError
from ngo_survey.statistics.library.formulas import read
from ngo_survey.statistics.library.frame import ResultFrame
from ngo_survey.statistics.library.models import Model
from ngo_survey.statistics.models.formula import Term
from suites import examples

import reference

DESIGN = reference.design("strat")
LOGIT = ns.glm("awards ~ ell + meals + C(stype)", DESIGN, family="binomial")
LINEAR = ns.glm("api00 ~ ell * meals + awards", DESIGN)
ORDERED = ns.ordinal("ord3 ~ ell10 + meals10 + stype", DESIGN)
NOMINAL = ns.multinomial(
    "stype ~ api00 + meals",
    ns.SurveyDesign(DESIGN.frame.assign(stype=pd.Categorical(DESIGN.frame["stype"])), weights="pw"),
)


def terms(formula: str) -> list[Term]:
    return read(formula, DESIGN)[1]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("api00 ~ ell", [Term("ell")]),
        ("api00 ~ 1 + ell", [Term("ell")]),
        ("api00 ~ ell * meals", [Term("ell"), Term("meals"), Term.of("ell:meals")]),
        ("api00 ~ C(stype)", [Term("stype")]),
        ("api00 ~ C(stype, Treatment('H'))", [Term("stype", reference="H")]),
        ("api00 ~ C(stype, Treatment(reference='H'))", [Term("stype", reference="H")]),
        (
            "api00 ~ spline(ell, 3) + log2p1(enroll)",
            [Term("ell", spline=3), Term("enroll", transform="log2p1")],
        ),
        ("api00 ~ ilr(parts)", [Term.of({"ilr": "parts"})]),
        ("api00 ~ `sch.wide`", [Term("sch.wide")]),
        (
            "api00 ~ spline(ell, 3):awards + spline(ell, 3) + awards",
            [Term("ell", spline=3), Term("awards"), Term.of("ell:awards")],
        ),
    ],
)
def test_a_formula_says_the_same_as_a_list(formula: str, expected: list[Term]) -> None:
    assert terms(formula) == expected


def test_names_with_dots_need_no_quotes() -> None:
    assert terms("api00 ~ sch.wide + api.stu") == [Term("sch.wide"), Term("api.stu")]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("~ ell", "no formula of a model"),
        ("api00 ~ (ell", "no formula of a model"),
        ("api00 ~ .", "no formula of a model"),
        ("api00 ~ ell | meals", "no formula of a model"),
        ("api00", "no formula of a model"),
        ("api00 ~ 0 + ell", "without an intercept"),
        ("api00 ~ ell - 1", "without an intercept"),
        ("api00 ~ ell:meals:stype + ell", "more than two variables"),
        ("api00 ~ np.log(ell)", "a formula computes nothing"),
        ("api00 ~ I(ell ** 2)", "a formula computes nothing"),
        ("api00 ~ {ell + 1}", "a formula computes nothing"),
        ("api00 ~ log(ell)", "no such function"),
        ("api00 ~ spline(ell)", "no such function"),
        ("api00 ~ C(stype, Sum)", "a formula computes nothing"),
        ("api00 ~ C(stype, Poly('H'))", "a formula computes nothing"),
        ("api00 ~ 2:ell", "scales nothing"),
        ("log(api00) ~ ell", "one column of the data before its ~"),
        ("api00 + api99 ~ ell", "one column of the data before its ~"),
        ("api00 ~ C(cnum) + cnum", "both in C() and without"),
    ],
)
def test_a_formula_that_says_something_else_is_refused(formula: str, said: str) -> None:
    with pytest.raises(InputError) as found:
        ns.glm(formula, DESIGN)
    assert said in str(found.value)
    assert found.value.hint


def test_nothing_in_a_formula_is_run() -> None:
    with pytest.raises(InputError, match="no formula of a model"):
        ns.glm("api00 ~ __import__('os').system('exit 1')", DESIGN)


def test_a_number_in_c_is_a_category_in_this_model_alone() -> None:
    design = ns.SurveyDesign(DESIGN.frame.assign(third=DESIGN.frame["dnum"] % 3), weights="pw")
    fit = ns.glm("api00 ~ C(third)", design)
    assert fit.coefficients["term"].tolist() == ["(intercept)", "third=1", "third=2"]
    assert pd.api.types.is_numeric_dtype(design.frame["third"])
    means = ns.mean(design, "api00", by="third")["estimate"]
    new = pd.DataFrame({"third": [0.0, 1.0, 2.0]})
    assert fit.predict(new)["estimate"].to_numpy() == pytest.approx(means.to_numpy())


def test_terms_may_be_listed() -> None:
    listed = ns.glm("awards", DESIGN, family="binomial", terms=["ell", "meals", "stype"])
    assert listed.coefficients.equals(LOGIT.coefficients)


def test_terms_in_two_places_are_refused() -> None:
    with pytest.raises(InputError, match="given twice"):
        ns.glm("api00 ~ ell", DESIGN, terms=["meals"])


def test_arguments_of_another_order_are_named() -> None:
    with pytest.raises(InputError, match="a formula and a design, in this order"):
        ns.glm(DESIGN, "api00 ~ ell")  # type: ignore[arg-type]


def test_a_logit_agrees_with_r() -> None:
    expected = reference.values()["strat"]["glm_logit"]
    fit = ns.glm("aw ~ ell + meals + api99", DESIGN, family="binomial")
    reference.close(fit.summary()["estimate"], expected["coef"], 1e-6)
    reference.close(fit.summary()["se"], expected["se"], 1e-6)
    assert fit.df == expected["df"]


@pytest.mark.parametrize("fit", [LOGIT, LINEAR, ORDERED, NOMINAL], ids=lambda fit: fit.kind)
def test_a_fit_prints_as_its_summary(fit: Model) -> None:
    assert f"{fit.formula} ({fit.kind}), 200 respondents" in repr(fit)
    assert fit._repr_html_().count("<tr") == len(fit.names) + 1


@pytest.mark.parametrize("fit", [LOGIT, LINEAR, ORDERED, NOMINAL], ids=lambda fit: fit.kind)
def test_what_a_fit_gives_is_one_kind_of_frame(fit: Model) -> None:
    variable = "stype" if "stype" in fit.matrix.variables else "meals"
    frames = [fit.summary(), fit.confint(), fit.anova(), fit.effects(), fit.predictions()]
    frames += [fit.predict(), fit.diagnostics(), fit.bias_reduced()]
    if variable == "stype":
        frames.append(fit.contrasts(variable))
    assert {type(frame) for frame in frames} == {ResultFrame}


def test_a_summary_says_how_many_were_left_out() -> None:
    fit = ns.glm("api00 ~ `acs.core`", DESIGN)
    assert f"{fit.excluded} left out for a missing answer" in repr(fit)
    assert fit.excluded > 0


def test_limits_of_coefficients_follow_the_level() -> None:
    summary, narrow = LOGIT.summary(), LOGIT.confint(0.5)
    half = (narrow["ci_high"] - narrow["ci_low"]) / 2
    ratio = (summary["ci_high"] - summary["estimate"]) / half
    from scipy import stats

    wanted = stats.t.ppf(0.975, LOGIT.df) / stats.t.ppf(0.75, LOGIT.df)
    assert ratio.to_numpy() == pytest.approx(np.full(len(ratio), wanted))


def test_limits_of_effects_and_margins_follow_the_level() -> None:
    for of in (LOGIT.effects, LOGIT.predictions):
        assert (of(level=0.5)["ci_low"] > of()["ci_low"]).all()
        assert of(level=0.5)["se"].equals(of()["se"])


def test_a_test_of_terms_agrees_with_r() -> None:
    """R tests ell and meals together; alone the F of one column is t squared."""
    tests = LOGIT.anova().set_index("term")
    t = LOGIT.summary().set_index("term")["statistic"]
    assert tests.loc["ell", "statistic"] == pytest.approx(t["ell"] ** 2)
    assert tests["df1"].tolist() == [1, 1, 2]
    assert (tests["df2"] == LOGIT.df).all()


def test_predictions_of_a_saturated_model_are_the_means_of_its_groups() -> None:
    fit = ns.glm("api00 ~ stype * awards", DESIGN)
    means = ns.mean(DESIGN, "api00", by=["stype", "awards"])
    made = fit.predict(means[["stype", "awards"]])
    assert made["estimate"].to_numpy() == pytest.approx(means["estimate"].to_numpy())
    assert made["se"].to_numpy() == pytest.approx(means["se"].to_numpy(), rel=1e-6)


def test_predictions_of_the_respondents_themselves_average_to_their_mean() -> None:
    made = LOGIT.predict()
    assert made["row"].tolist() == DESIGN.frame.index.tolist()
    mean = np.average(made["estimate"], weights=DESIGN.weights)
    assert mean == pytest.approx(ns.proportion(DESIGN, "awards")["estimate"].iloc[1])


def test_limits_of_a_predicted_share_are_those_of_its_logit() -> None:
    new = pd.DataFrame({"ell": [0, 100], "meals": [0, 100], "stype": ["E", "H"]})
    made = LOGIT.predict(new)
    columns = np.array([[1, 0, 0, 0, 0], [1, 100, 100, 1, 0]], dtype=float)
    eta = columns @ LOGIT.theta
    se = np.sqrt(np.einsum("ij,jk,ik->i", columns, LOGIT.covariance, columns))
    from scipy import stats

    half = stats.t.ppf(0.975, LOGIT.df) * se
    assert made["ci_low"].to_numpy() == pytest.approx(special.expit(eta - half))
    assert made["ci_high"].to_numpy() == pytest.approx(special.expit(eta + half))


@pytest.mark.parametrize("fit", [ORDERED, NOMINAL], ids=lambda fit: fit.kind)
def test_predicted_shares_of_levels_add_up_to_one(fit: Model) -> None:
    made = fit.predict(DESIGN.frame.head(7))
    assert made.groupby("row")["estimate"].sum().to_numpy() == pytest.approx(np.ones(7))
    assert made["ci_low"].between(0, 1).all()


def test_a_row_with_a_gap_has_no_prediction_and_the_others_have() -> None:
    new = pd.DataFrame(
        {"ell": [1.0, np.nan, 3], "meals": [1, 2, 3], "stype": ["E", "H", None]}, index=list("abc")
    )
    made = LOGIT.predict(new).set_index("row")["estimate"]
    assert made.notna().to_dict() == {"a": True, "b": False, "c": False}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"ell": [1], "meals": [1]}, "a predictor is absent"),
        ({"ell": [1], "meals": [1], "stype": ["X"]}, "the model has no such level"),
        ({"ell": ["one"], "meals": [1], "stype": ["E"]}, "a predictor is not a number"),
    ],
)
def test_new_rows_that_a_model_cannot_read_are_refused(new: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        LOGIT.predict(pd.DataFrame(new))


@pytest.mark.parametrize("value", [np.inf, -1.0, -5.0])
def test_a_number_that_a_transform_does_not_take_is_refused(value: float) -> None:
    fit = ns.glm("api00 ~ log2p1(enroll)", DESIGN)
    with pytest.raises(InputError, match="row 3, column enroll: a column of the model"):
        fit.predict(pd.DataFrame({"enroll": [1.0, value]}))


def test_parts_of_a_whole_are_predicted_anew() -> None:
    rng = np.random.default_rng(20)
    parts = rng.dirichlet([2.0, 1.0, 1.0], 200) * 100
    columns = {f"money_{name}": part for name, part in zip("abc", parts.T, strict=True)}
    batteries = {"money": list(columns)}
    fit = ns.glm("api00 ~ ilr(money) + ell", DESIGN.assign(**columns), batteries=batteries)
    anew = fit.predict(fit.design.frame)
    assert anew["estimate"].to_numpy() == pytest.approx(fit.predict()["estimate"].to_numpy())


def simple(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, 3000))
    chance = special.expit(0.3 + 0.8 * x)
    return pd.DataFrame(
        {
            "x": x,
            "z": z,
            "w": 1.0,
            "yes": (rng.random(3000) < chance).astype(float),
            "count": rng.poisson(np.exp(0.2 + 0.3 * x)),
            "y": 1 + x + rng.normal(size=3000),
        }
    )


@pytest.mark.parametrize(
    ("outcome", "family", "theirs"),
    [
        ("yes", "binomial", sm.families.Binomial()),
        ("count", "poisson", sm.families.Poisson()),
        ("y", "gaussian", None),
    ],
)
def test_aic_of_a_simple_sample_is_akaikes(outcome: str, family: str, theirs: Any) -> None:
    frame = simple(20)
    ours = ns.glm(f"{outcome} ~ x + z", ns.SurveyDesign(frame, weights="w"), family=family).aic
    X = sm.add_constant(frame[["x", "z"]])
    if theirs is None:
        plain = sm.OLS(frame[outcome], X).fit().aic + 2  # statsmodels does not count the variance
    else:
        plain = sm.GLM(frame[outcome], X, family=theirs).fit().aic
    assert ours == pytest.approx(plain, abs=1.0)


def test_aic_of_levels_in_a_simple_sample_is_akaikes() -> None:
    frame = simple(21)
    rank = pd.cut(frame["y"], [-np.inf, 0, 2, np.inf], labels=["low", "middle", "high"])
    design = ns.SurveyDesign(frame.assign(rank=rank), weights="w")
    unordered = sm.MNLogit(rank.cat.codes, sm.add_constant(frame[["x", "z"]])).fit(disp=False)
    assert ns.multinomial("rank ~ x + z", design).aic == pytest.approx(unordered.aic, abs=1.5)
    # The ordered logit is not quite right for this normal outcome, and its AIC says so.
    ordered = ns.ordinal("rank ~ x + z", design)
    assert ordered.aic == pytest.approx(-2 * ordered.loglik + 2 * len(ordered.names), abs=1.5)


def test_aic_does_not_move_with_the_scale_of_the_weights() -> None:
    frame = DESIGN.frame.assign(pw=DESIGN.frame["pw"] * 1000)
    scaled = ns.SurveyDesign(frame, weights="pw", strata="stype", fpc="fpc")
    for formula, family in (("aw ~ ell", "binomial"), ("api00 ~ ell", "gaussian")):
        one, other = (ns.glm(formula, d, family=family).aic for d in (DESIGN, scaled))
        assert other == pytest.approx(one)


def test_aic_is_made_of_what_r_makes_it_of() -> None:
    """R 4.2.2, survey 4.1-1, extractAIC: deviance 241.5972, effective parameters 3.7241116.

    R counts the slopes alone, from their own part of both covariances.
    """
    rows = DESIGN.in_domain
    w = DESIGN.weights * len(rows) / DESIGN.weights.sum()
    made = LOGIT.likelihood.derivatives(LOGIT.theta, LOGIT.matrix.X, LOGIT.y, w)
    naive = np.linalg.inv(made.information)[1:, 1:]
    effective = np.trace(np.linalg.solve(naive, LOGIT.covariance[1:, 1:]))
    assert -2 * made.loglik == pytest.approx(241.5972, abs=1e-4)
    assert effective == pytest.approx(3.7241116, rel=1e-5)
    whole = np.trace(made.information @ LOGIT.covariance)
    assert pytest.approx(-2 * made.loglik + 2 * whole) == LOGIT.aic


def test_a_penalised_fit_has_predictions_without_limits_and_no_aic() -> None:
    frame = pd.DataFrame({"w": 1.0, "x": ["a"] * 20 + ["b"] * 20, "y": [0, 1] * 10 + [1] * 20})
    fit = ns.glm("y ~ x", ns.SurveyDesign(frame, weights="w"), "binomial", penalty="separated")
    assert "Firth's penalty" in repr(fit)
    assert fit.predict()["estimate"].between(0, 1).all()
    assert fit.predict()["se"].isna().all()
    with pytest.raises(InputError, match="has no AIC"):
        fit.aic  # noqa: B018
    with pytest.raises(InputError, match="no Wald tests"):
        fit.anova()
    with pytest.raises(InputError, match="the limits of its profile, at 0.95 alone"):
        fit.confint(0.9)


def test_a_plot_of_a_fit_shows_its_effects() -> None:
    axes = LOGIT.plot(Figure().subplots())
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["ell", "meals", "stype=H", "stype=M"]


NUMBERS, CATEGORIES = ("ell", "meals", "enroll", "api.stu"), ("stype", "awards", "comp.imp")


@st.composite
def models(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A formula, and the list of terms that it stands for."""
    written: list[tuple[str, Any]] = []
    for name in draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3, unique=True)):
        quoted = draw(st.sampled_from([name, f"`{name}`"]))
        transform = {"variable": name, "transform": "log2p1"}
        curve = {"variable": name, "spline": 3}
        ways = [(quoted, name), (f"log2p1({quoted})", transform), (f"spline({quoted}, 3)", curve)]
        written.append(draw(st.sampled_from(ways)))
    for name in draw(st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True)):
        quoted = draw(st.sampled_from([name, f"`{name}`"]))
        level = draw(st.sampled_from([None, *sorted(DESIGN.frame[name].unique())]))
        way = f"C({quoted})" if level is None else f"C({quoted}, Treatment({level!r}))"
        written.append((way, {"variable": name, "reference": level}))
    formula = f"api00 ~ {' + '.join(way for way, _ in written)}"
    return formula, [term for _, term in written]


@given(models())
@examples(100)
def test_any_formula_fits_what_its_list_fits_and_predicts_it_again(
    model: tuple[str, list[Any]],
) -> None:
    formula, listed = model
    try:
        expected = ns.glm("api00", DESIGN, terms=listed)
    except InputError as error:
        with pytest.raises(InputError, match=re.escape(error.problem)):
            ns.glm(formula, DESIGN)
        return
    fit = ns.glm(formula, DESIGN)
    assert fit.coefficients.equals(expected.coefficients)
    anew, held = fit.predict(DESIGN.frame), fit.predict()
    assert anew["estimate"].to_numpy() == pytest.approx(held["estimate"].to_numpy())
    assert anew["se"].to_numpy() == pytest.approx(held["se"].to_numpy())
