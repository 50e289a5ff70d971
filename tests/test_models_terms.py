"""Terms: a small grammar, splines, products; effects that move with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.formula import Term, parse
from ngo_survey.statistics.models.splines import natural_spline

from reference import close, design, values

# -- the grammar ---------------------------------------------------------------------------------


def test_a_formula_is_its_list_of_terms() -> None:
    assert parse("legal_form + spline(age, 3)+log2p1(staff_paid) + ilr(funding) + a:b") == [
        Term("legal_form"),
        Term("age", spline=3),
        Term("staff_paid", transform="log2p1"),
        Term("funding", ilr=True),
        Term("a:b", interaction=("a", "b")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "age + exec(staff)",
        "lambda x: x",
        "a * b",
        "a +",
        "+ a",
        "spline(age)",
        "spline(age, 3.5)",
        "log2p1(age",
        "a:b:c",
        "a b",
        "",
        "age; rural",
        "funding[0]",
        "age ** 2",
    ],
)
def test_what_is_no_formula_is_refused_with_the_grammar_or_a_neighbour(text: str) -> None:
    with pytest.raises(InputError, match=r"write names|known: ilr|did you mean"):
        parse(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        found = parse(text)
    except InputError:
        return
    assert found
    assert all(isinstance(term, Term) for term in found)


def test_a_function_brings_its_neighbours() -> None:
    with pytest.raises(InputError, match="no such function.*'splines'.*did you mean spline"):
        parse("splines(age, 3)")


def test_unknown_names_in_a_formula_bring_their_neighbours() -> None:
    with pytest.raises(InputError, match="no such variable.*'meal'.*did you mean meals"):
        models.glm(design("strat"), "aw", "stype + spline(meal, 3)", family="binomial")


def test_a_formula_fits_the_same_model_as_its_list() -> None:
    text = models.ordinal(design("strat"), "ord3", "stype + log2p1(ell)")
    listed = models.ordinal(
        design("strat"), "ord3", ["stype", {"variable": "ell", "transform": "log2p1"}]
    )
    close(text.theta, listed.theta, 1e-14)


def test_an_option_that_no_term_has_is_refused() -> None:
    with pytest.raises(InputError, match="no such option.*did you mean reference"):
        Term.of({"variable": "age", "referense": "x"})


def test_an_interaction_needs_its_variables_before_it() -> None:
    with pytest.raises(InputError, match="both of its variables"):
        models.ordinal(design("strat"), "ord3", "stype + stype:ell10")


# -- splines and products ------------------------------------------------------------------------


def test_a_natural_spline_spans_what_rs_ns_spans() -> None:
    theirs = values("r_models")["spline"]
    strat = design("strat")
    basis = natural_spline(strat.frame["meals"].to_numpy(float), np.array(theirs["knots"], float))
    named = {f"s{i}": basis[:, i] for i in range(3)}
    with_basis = SurveyDesign(strat.frame.assign(**named), weights="pw", strata="stype", fpc="fpc")
    fit = models.glm(with_basis, "aw", [*named, "stype"], family="binomial")
    close(fit.likelihood.response(fit.theta, fit.matrix.X), theirs["fitted"], 1e-8)


def test_a_natural_spline_is_a_line_beyond_its_knots() -> None:
    knots = np.array([2.0, 5.0, 7.0, 11.0])
    for side in (np.array([-9.0, -5.0, -1.0]), np.array([12.0, 15.0, 18.0])):
        made = natural_spline(side, knots)
        np.testing.assert_allclose(made[2] - made[1], made[1] - made[0], atol=1e-9)


def test_the_test_of_a_curve_as_regtermtest() -> None:
    theirs = values("r_models")["spline"]
    strat = design("strat")
    basis = natural_spline(strat.frame["meals"].to_numpy(float), np.array(theirs["knots"], float))
    named = {f"s{i}": basis[:, i] for i in range(3)}
    with_basis = SurveyDesign(strat.frame.assign(**named), weights="pw", strata="stype", fpc="fpc")
    fit = models.glm(with_basis, "aw", [*named, "stype"], family="binomial")
    from ngo_survey.statistics.models.diagnostics import wald_of

    statistic, df1, df2, p = wald_of(fit, [2, 3])
    close([statistic, p], [theirs["F"], theirs["p"]], 1e-6)
    assert (df1, df2) == (theirs["df1"], theirs["df2"])


def test_a_curve_is_found_where_there_is_one_and_only_there() -> None:
    rng = np.random.default_rng(3)
    n = 3000
    x, z = rng.uniform(-2, 2, n), rng.uniform(0, 4, n)
    y = (rng.logistic(size=n) < x**2 - 1 + 0.5 * z).astype(float)
    frame = pd.DataFrame({"y": y, "x": x, "z": z, "w": rng.uniform(1, 2, n)})
    fit = models.glm(
        SurveyDesign(frame, weights="w"), "y", "spline(x, 3) + spline(z, 3)", family="binomial"
    )
    p_values = fit.diagnostics().set_index("name")["p"]
    assert p_values["curve/x"] < 1e-10
    assert p_values["curve/z"] > 0.01


def test_a_number_of_few_values_has_no_spline() -> None:
    strat = design("strat")
    few = SurveyDesign(
        strat.frame.assign(few=(strat.frame["ell"] > 10) * 1.0),
        weights="pw",
        strata="stype",
        fpc="fpc",
    )
    with pytest.raises(InputError, match="too few values for its spline"):
        models.ordinal(few, "ord3", "spline(few, 3)")


def test_interactions_as_svyglm() -> None:
    theirs = values("r_models")["interaction"]
    fit = models.glm(design("strat"), "aw", "stype + meals10 + stype:meals10", family="binomial")
    close(fit.coefficients["estimate"], theirs["coef"], 1e-6)
    close(fit.coefficients["se"], theirs["se"], 1e-6)


def test_effects_move_the_products_of_a_variable_too() -> None:
    strat = design("strat")
    fit = models.glm(strat, "aw", "stype + meals10 + stype:meals10", family="binomial")
    made = fit.effects().set_index("term")
    a, high, _, meals, both, _ = fit.theta
    x = strat.frame["meals10"].to_numpy()
    yes = 1 / (1 + np.exp(-(a + high + (meals + both) * x)))
    no = 1 / (1 + np.exp(-(a + meals * x)))
    w = strat.weights
    close(made.loc["stype=H", "estimate"], w @ (yes - no) / w.sum(), 1e-10)
    assert set(made.index) == {"stype=H", "stype=M", "meals10"}


def test_full_linearisation_of_an_effect_is_what_leaving_one_out_gives() -> None:
    frame = design("stratnofpc").frame
    whole = SurveyDesign(frame, weights="pw")

    def effect(weights: np.ndarray) -> float:
        again = SurveyDesign(frame.assign(v=weights), weights="v")
        fit = models.ordinal(again, "ord3", "meals10 + stype")
        return float(
            fit.effects().query("term == 'stype=H' and outcome == 'grow'")["estimate"].iloc[0]
        )

    n, w = len(frame), frame["pw"].to_numpy(float)
    base = effect(w)
    # The derivative with respect to each weight is the influence value.
    rows = [0, 57, 123, 199]
    fit = models.ordinal(whole, "ord3", "meals10 + stype")
    from ngo_survey.statistics.models.effects import _steps, influences

    scenario = next(s for s in _steps(fit) if s.heads["term"] == "stype=H")
    _, influence = influences(fit, scenario)
    for row in rows:
        step = np.zeros(n)
        step[row] = w[row] * 1e-4
        slope = (effect(w + step) - effect(w - step)) / (2 * step[row])
        np.testing.assert_allclose(influence[row, 2], slope, rtol=1e-4, atol=1e-10)
    assert abs(base) < 1
