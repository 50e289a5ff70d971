"""Terms: a small grammar, splines, products, parts of a whole; effects that move with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey import models
from ngo_survey.errors import InputError
from ngo_survey.models.composition import (
    closed,
    diversity,
    ilr,
    ilr_inverse,
    pivot_basis,
    without_noughts,
)
from ngo_survey.models.diagnostics import collinearity
from ngo_survey.models.formula import Term, parse
from ngo_survey.models.parallel import parallel_lines
from ngo_survey.models.splines import natural_spline
from ngo_survey.models.terms import design_matrix
from ngo_survey.sampling import SurveyDesign

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
    from ngo_survey.models.diagnostics import wald_of

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
    told = fit.diagnostics().set_index("name")["p"]
    assert told["curve/x"] < 1e-10
    assert told["curve/z"] > 0.01


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
    from ngo_survey.models.effects import _steps, influences

    scenario = next(s for s in _steps(fit) if s.heads["term"] == "stype=H")
    _, influence = influences(fit, scenario)
    for row in rows:
        step = np.zeros(n)
        step[row] = w[row] * 1e-4
        slope = (effect(w + step) - effect(w - step)) / (2 * step[row])
        np.testing.assert_allclose(influence[row, 2], slope, rtol=1e-4, atol=1e-10)
    assert abs(base) < 1


# -- parts of a whole ----------------------------------------------------------------------------


def test_coordinates_of_a_mix_as_published() -> None:
    # scikit-bio takes the parts from the other end; the coordinates are the same but for sign.
    close(np.abs(ilr(np.array([[0.2, 0.3, 0.5]])))[0, ::-1], [0.3612083, 0.5396046], 1e-6)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=9))
def test_coordinates_come_back_as_the_mix(parts: list[float]) -> None:
    shares = closed(np.array([parts]))
    np.testing.assert_allclose(ilr_inverse(ilr(shares)), shares, atol=1e-12)


def test_the_basis_of_a_mix_is_orthonormal_and_blind_to_the_whole() -> None:
    basis = pivot_basis(7)
    np.testing.assert_allclose(basis.T @ basis, np.eye(6), atol=1e-14)
    np.testing.assert_allclose(basis.sum(axis=0), 0, atol=1e-14)


def test_noughts_are_replaced_and_ratios_kept() -> None:
    made = without_noughts(np.array([[0.6, 0.3, 0.1, 0.0]]), 0.0065)
    close(made.sum(), 1)
    close(made[0, 3], 0.0065)
    close(made[0, 0] / made[0, 1], 2)


def mix(n: int = 1500) -> SurveyDesign:
    """Respondents whose outcome follows the log-ratio of own services to state orders."""
    rng = np.random.default_rng(20)
    parts = rng.dirichlet([0.8, 0.8, 0.8], n)
    parts[rng.random(n) < 0.3, 2] = 0.0
    parts = np.round(100 * closed(parts))
    parts[:, 0] += 100 - parts.sum(axis=1)
    parts = np.maximum(parts, 0)
    slope = 0.3 * np.log(without_noughts(closed(parts), 0.0065)[:, [1]] / 0.2).ravel()
    latent = slope + rng.logistic(size=n)
    frame = pd.DataFrame(
        {
            "y": pd.cut(latent, [-np.inf, -1, 0.5, np.inf], labels=["fell", "same", "grew"]),
            "fund_order": parts[:, 0],
            "fund_services": parts[:, 1],
            "fund_other": parts[:, 2],
            "form": pd.Categorical(rng.choice(["a", "b", "c"], n)),
            "w": rng.uniform(1, 3, n),
            "h": rng.integers(0, 5, n),
        }
    )
    frame["mixed"] = diversity(parts)
    return SurveyDesign(frame, weights="w", strata="h")


BATTERIES = {"fund": ["fund_order", "fund_services", "fund_other"]}
MIXED = [{"ilr": "fund"}, {"variable": "mixed", "simpson": "fund"}, "form"]


@pytest.fixture(scope="module")
def mixed() -> models.Fit:
    return models.ordinal(mix(), "y", MIXED, batteries=BATTERIES)


def test_the_order_of_parts_does_not_change_a_model(mixed: models.Fit) -> None:
    turned = {"fund": BATTERIES["fund"][::-1]}
    other = models.ordinal(mix(), "y", MIXED, batteries=turned)
    close(other.loglik, mixed.loglik, 1e-12)
    a, b = (f.effects().query("level == 'services'")["estimate"] for f in (mixed, other))
    np.testing.assert_allclose(a, b, atol=1e-10)


def test_moved_points_move_log_ratios_and_diversity_together(mixed: models.Fit) -> None:
    made = mixed.shift("fund_order", "fund_services", 10).set_index("outcome")
    frame = mixed.design.frame
    movers = frame["fund_order"] >= 10
    parts = frame[BATTERIES["fund"]].to_numpy(float)[movers]
    after = parts + np.array([-10.0, 10.0, 0.0])
    w = frame.loc[movers, "w"].to_numpy()

    def grew(p: np.ndarray) -> np.ndarray:
        rows = mixed.matrix.X[movers.to_numpy()].copy()
        rows[:, :2] = ilr(without_noughts(closed(p), 0.0065))
        rows[:, 2] = diversity(p)
        return mixed.likelihood.response(mixed.theta, rows)[:, 2]

    close(made.loc["grew", "estimate"], w @ (grew(after) - grew(parts)) / w.sum(), 1e-10)
    assert made["n"].eq(movers.sum()).all()
    assert abs(made["estimate"].sum()) < 1e-12
    assert made.loc["grew", "ci_low"] > 0


def test_free_shares_are_no_whole() -> None:
    fit = models.ordinal(mix(), "y", ["fund_order", "fund_services", "form"])
    with pytest.raises(InputError, match="one whole.*ilr"):
        fit.shift("fund_order", "fund_services", 10)


def test_nobody_to_move_is_said(mixed: models.Fit) -> None:
    with pytest.raises(InputError, match="nobody has so many points"):
        mixed.shift("fund_order", "fund_services", 101)


def test_the_parts_of_an_unknown_battery_are_asked_for() -> None:
    with pytest.raises(InputError, match="parts of a whole are not known"):
        models.ordinal(mix(), "y", "ilr(fund) + form")


def test_parts_not_named_are_taken_together() -> None:
    made = design_matrix(
        mix(), [{"ilr": "fund", "parts": ["services"]}, "form"], batteries=BATTERIES
    )
    assert made.names[0] == "fund:services"
    frame = mix().frame
    two = np.column_stack([frame["fund_services"], frame["fund_order"] + frame["fund_other"]])
    close(made.X[:, 0], ilr(without_noughts(closed(two), 0.0065))[:, 0], 1e-12)


def test_having_nothing_has_a_column_of_its_own_that_moves_too() -> None:
    declared = [{"ilr": "fund", "absent": True}, "form"]
    fit = models.ordinal(mix(), "y", declared, batteries=BATTERIES)
    names = list(fit.matrix.names)
    nothing = fit.matrix.X[:, names.index("fund:no_other")]
    other = fit.design.frame["fund_other"].to_numpy()
    np.testing.assert_array_equal(nothing, other == 0)
    has = other == 10  # they give all that they have of it
    moved = np.where(has, 10.0, 0.0)
    ahead = fit.matrix.rebuild(
        {"fund_other": other - moved, "fund_order": fit.design.frame["fund_order"] + moved}
    )
    assert has.any()
    assert (ahead[has, names.index("fund:no_other")] == 1).all()


def linear_mix(rng: np.random.Generator) -> SurveyDesign:
    """Respondents of whom most have nothing of a source; the truth is linear in points."""
    n = 1000
    parts = rng.dirichlet([1.5, 1.5, 4.0], n) * (rng.random((n, 3)) < [0.3, 0.3, 1.0])
    parts = np.round(100 * closed(parts))
    parts[:, 2] = 100 - parts[:, 0] - parts[:, 1]
    latent = -0.012 * parts[:, 0] + 0.010 * parts[:, 1] + rng.logistic(size=n)
    columns = dict(zip(BATTERIES["fund"], parts.T, strict=True))
    y = pd.cut(latent, [-np.inf, -1, 0.5, np.inf], labels=["fell", "same", "grew"])
    return SurveyDesign(pd.DataFrame(columns).assign(y=y, w=1.0), weights="w")


def test_a_shift_is_found_where_most_have_nothing() -> None:
    # Log-ratios alone take nothing for a little, and stretch; here the truth is linear in points.
    rng = np.random.default_rng(8)
    found = {True: [], False: []}
    inside = []
    for _ in range(40):
        design_ = linear_mix(rng)
        for absent, all_found in found.items():
            declared = [{"ilr": "fund", "absent": absent}]
            fit = models.ordinal(design_, "y", declared, batteries=BATTERIES)
            row = fit.shift("fund_order", "fund_services", 10).set_index("outcome").loc["grew"]
            all_found.append(row["estimate"])
            if absent:
                frame = design_.frame
                p = 1 / (
                    1 + np.exp(0.5 + 0.012 * frame["fund_order"] - 0.010 * frame["fund_services"])
                )
                q = 1 / (
                    1
                    + np.exp(
                        0.5 + 0.012 * frame["fund_order"] - 0.010 * frame["fund_services"] - 0.22
                    )
                )
                truth = (q - p)[frame["fund_order"] >= 10].mean()
                inside.append(row["ci_low"] <= truth <= row["ci_high"])
    assert np.mean(inside) > 0.85
    assert abs(np.mean(found[True]) - truth) < abs(np.mean(found[False]) - truth)


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
    from ngo_survey.models.contrasts import _largest

    largest = _largest(np.diag([1.0, 4.0, 9.0]), 10_000_000, np.random.default_rng(2))
    np.testing.assert_allclose((largest > 2.0).mean(), 1 - 0.9544997**3, atol=0.003)


def test_contrasts_of_a_number_are_refused() -> None:
    with pytest.raises(InputError, match="categorical term.*stype"):
        models.ordinal(design("strat"), "ord3", "meals10 + stype").contrasts("meals10")


# -- can it be trusted ---------------------------------------------------------------------------


def test_the_score_of_a_binary_model_is_briers() -> None:
    fit = models.glm(design("strat"), "aw", "meals10 + stype", family="binomial")
    p, w = fit.likelihood.response(fit.theta, fit.matrix.X)[:, 0], fit.weights
    told = fit.diagnostics().set_index("name")["value"]
    close(told["rps"], w @ (p - fit.y) ** 2 / w.sum(), 1e-12)
    share = w @ fit.y / w.sum()
    close(told["rps_skill"], 1 - told["rps"] / (share * (1 - share)), 1e-9)


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
    told = {row["name"].removeprefix("gvif/"): row["value"] for row in collinearity(fit)}
    close([told[name] for name in theirs["term"]], theirs["value"], 1e-8)


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
    told = fit.diagnostics().set_index("name")["value"]
    assert foretold / 2 <= told["influence/together"] <= 2 * foretold


def test_no_check_is_of_one_respondent() -> None:
    fit = models.ordinal(design("strat"), "ord3", "ell10 + meals10")
    moves = np.abs(fit.influence * fit.weights[:, None] / np.sqrt(np.diag(fit.covariance)))[:, :2]
    told = fit.diagnostics().set_index("name")["value"]
    assert told["influence/mean"] < moves.max()


def test_the_four_tests_of_parallel_lines_agree_where_lines_cross() -> None:
    rng = np.random.default_rng(9)
    n = 4000
    x, z = rng.normal(size=n), rng.normal(size=n)
    below = 1 / (1 + np.exp(-(-0.5 - 0.2 * x - 0.4 * z)))
    up = 1 / (1 + np.exp(-(-1.0 + 0.8 * x + 0.4 * z)))
    below = np.minimum(below, 1 - up - 1e-3).clip(1e-3)
    draw = rng.random(n)
    y = np.where(draw < below, "a", np.where(draw > 1 - up, "c", "b"))
    frame = pd.DataFrame({"y": pd.Categorical(y, ["a", "b", "c"]), "x": x, "z": z, "w": 1.0})
    fit = models.ordinal(SurveyDesign(frame, weights="w"), "y", ["x", "z"])
    told = {row["name"]: row for row in parallel_lines(fit)}
    for name in ("wald", "brant", "likelihood_ratio", "wolfe_gould"):
        assert told[f"parallel/{name}"]["p"] < 1e-4
    assert told["parallel/wald/x"]["p"] < 1e-4
    assert told["parallel/wald/z"]["p"] > 0.001


def test_the_likelihood_ratio_is_that_of_the_non_parallel_model() -> None:
    plain = SurveyDesign(design("strat").frame.assign(one=1.0), weights="one")
    fit = models.ordinal(plain, "ord3", "ell10 + meals10")
    free = models.partial(plain, "ord3", "ell10 + meals10")
    told = {row["name"]: row["value"] for row in parallel_lines(fit)}
    close(told["parallel/likelihood_ratio"], 2 * (free.loglik - fit.loglik), 1e-6)
    np.testing.assert_allclose(
        told["parallel/wolfe_gould"], told["parallel/likelihood_ratio"], rtol=0.4
    )
