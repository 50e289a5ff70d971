"""How strong something unmeasured would have to be to make what a model finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ngo_survey as ns
from ngo_survey.errors import InputError
from ngo_survey.present.document.chapter_functions import Numbering
from ngo_survey.present.document.document import Table, plain
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.language import language
from ngo_survey.present.document.models_compared import ModelsCompared
from ngo_survey.present.document.template_functions import TemplateFunctions
from ngo_survey.results.store import FAMILIES, Results, write
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.confounding import (
    e_value,
    e_value_of_limits,
    e_values,
    has_e_values,
    plain_variables,
)
from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.workflow.verbs.round import released_e_values
from small_store import small_store

RATIOS = st.floats(0.02, 50)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "published", "of_limits"),
    [(3.9, 1.8, 8.7, 7.26, 3.0), (0.80, 0.71, 0.91, 1.81, 1.43)],
    ids=["bottle feeding", "leukaemia"],
)
def test_e_values_as_published(ratio, low, high, published, of_limits) -> None:
    # VanderWeele & Ding 2017, their two worked examples.
    assert float(e_value(ratio)) == pytest.approx(published, abs=0.005)
    assert float(e_value_of_limits(low, high)) == pytest.approx(of_limits, abs=0.005)


@given(RATIOS)
def test_two_associations_of_that_strength_and_no_weaker_make_the_ratio(ratio: float) -> None:
    # The bias that two risk ratios can make is at most RR RR / (RR + RR - 1) (Ding & VanderWeele).
    strength = float(e_value(ratio))
    made = strength**2 / (2 * strength - 1)
    assert made == pytest.approx(max(ratio, 1 / ratio), rel=1e-9)


@given(RATIOS)
def test_a_ratio_and_its_inverse_are_as_strong(ratio: float) -> None:
    assert float(e_value(ratio)) == pytest.approx(float(e_value(1 / ratio)), rel=1e-9)


@given(st.tuples(RATIOS, RATIOS, RATIOS).map(sorted))
def test_limits_need_no_more_than_the_estimate_and_nothing_where_they_hold_none(ends) -> None:
    low, ratio, high = ends
    made = float(e_value_of_limits(low, high))
    assert made <= float(e_value(ratio)) + 1e-9
    assert (made == 1) == (low <= 1 <= high)


@pytest.mark.parametrize("ratio", [0.0, -0.4])
def test_a_difference_is_no_ratio(ratio: float) -> None:
    with pytest.raises(InputError, match="ratio is positive.*not differences"):
        e_value([1.2, ratio])


def test_limits_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(InputError, match="lower limit.*first"):
        e_value_of_limits(2.0, 1.5)


def test_an_odds_ratio_of_a_common_outcome_counts_as_its_root() -> None:
    # By hand: the root of 0.86 is 0.9274, whose inverse is 1.0783; that of 0.99 is 0.99499.
    rows = pd.DataFrame({"term": ["x"]}).assign(
        **dict(zip(("estimate", "ci_low", "ci_high"), np.log([0.86, 0.75, 0.99]), strict=True))
    )
    made = e_values(rows, "binomial").iloc[0]
    assert made["estimate"] == pytest.approx(0.9274, abs=1e-4)
    assert made["e_value"] == pytest.approx(1.3687, abs=5e-4)
    assert made["e_value_limit"] == pytest.approx(1.0763, abs=5e-4)


def test_a_ratio_of_counts_counts_as_it_is() -> None:
    rows = pd.DataFrame(
        {"term": ["x"], "estimate": np.log(3.9), "ci_low": np.log(1.8), "ci_high": np.log(8.7)}
    )
    assert e_values(rows, "poisson")["e_value"].iloc[0] == pytest.approx(7.26, abs=0.005)


@pytest.mark.parametrize(
    ("kind", "link", "has"),
    [
        ("binomial", "logit", True),
        ("ordinal", "logit", True),
        ("partial", "logit", True),
        ("poisson", "logit", True),
        ("ordinal", "probit", False),
        ("binomial", "cloglog", False),
        ("multinomial", "logit", False),
        ("gaussian", "logit", False),
    ],
)
def test_only_logarithms_of_ratios_have_e_values(kind: str, link: str, has: bool) -> None:
    assert has_e_values(kind, link) is has


def test_what_is_no_effect_by_itself_has_no_e_value() -> None:
    terms = terms_of("a + b + spline(c, 3) + d + a:d")
    whole = {"ilr": "mix", "parts": {"one": ["x"], "two": ["y"]}}
    assert plain_variables([*terms, *terms_of([whole])]) == ["b"]


@pytest.fixture(scope="module")
def design() -> SurveyDesign:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"x": rng.normal(size=400), "z": rng.normal(size=400)})
    frame["y"] = 0.5 * frame["x"] + rng.logistic(size=400)
    frame["up"] = (frame["y"] > 0).astype(int)
    frame["w"] = rng.uniform(1, 3, 400)
    return SurveyDesign(frame, weights="w")


def test_a_fit_tells_its_e_values(design: SurveyDesign) -> None:
    fit = ns.glm("up ~ x + z", design, family="binomial")
    made = fit.e_values().set_index("term")
    rows = fit.confint().set_index("term").loc["x"]
    root = np.exp(rows[["estimate", "ci_low", "ci_high"]] / 2)
    assert list(made.index) == ["x", "z"]
    assert made.loc["x", "estimate"] == pytest.approx(root["estimate"])
    assert made.loc["x", "e_value_limit"] == pytest.approx(
        float(e_value_of_limits(root["ci_low"], root["ci_high"]))
    )


def test_a_linear_fit_does_not_depend_on_the_unit_of_its_outcome(design: SurveyDesign) -> None:
    tenfold = design.assign(y=10 * design.frame["y"])
    first, second = (ns.glm("y ~ x + z", of).e_values() for of in (design, tenfold))
    np.testing.assert_allclose(first["e_value"], second["e_value"], rtol=1e-9)
    deviation = np.sqrt(np.cov(design.frame["y"], aweights=design.weights, ddof=0))
    slope = ns.glm("y ~ x + z", design).confint().set_index("term").loc["x", "estimate"]
    assert first["estimate"].iloc[0] == pytest.approx(float(np.exp(0.91 * slope / deviation)))


def test_crossed_and_curved_terms_of_a_fit_are_left_out(design: SurveyDesign) -> None:
    more = design.assign(v=design.frame["x"] ** 2)
    fit = ns.glm("up ~ x * z + v", more, family="binomial")
    assert list(fit.e_values()["term"]) == ["v"]


def test_a_probit_is_refused_with_what_works(design: SurveyDesign) -> None:
    fit = ns.glm("up ~ x", design, family="binomial", link="probit")
    with pytest.raises(InputError, match=r"no E-value.*binomial, probit.*fit a logit"):
        fit.e_values()


MODEL = {"kind": "ordinal", "terms": ["rural", "form_group", {"variable": "age", "per": 10}]}


def coefficients() -> pd.DataFrame:
    """Released coefficients of a model ``m`` of which one level is withheld."""
    rows = [
        ("rural=rural", "rural", "rural", 0.7, 0.42, 1.0),
        ("form_group=public_foundation", "form_group", "public_foundation", np.nan, np.nan, np.nan),
        ("age", "age", "", -0.1, -0.25, 0.05),
        ("shrank|unchanged", "", "", -0.8, -1.4, -0.2),
    ]
    names = ["term", "variable", "level", "estimate", "ci_low", "ci_high"]
    frame = pd.DataFrame(rows, columns=names).assign(model="m")
    frame["key"] = "model/m/coefficient/" + frame["term"]
    return frame.reindex(columns=FAMILIES["coefficients"])


def test_released_e_values_are_those_of_released_coefficients() -> None:
    made = released_e_values(coefficients(), {"m": MODEL}).set_index("name")["value"]
    assert made["e_value/rural=rural"] == pytest.approx(float(e_value(np.exp(0.35))), abs=0.005)
    assert made["e_value_limit/rural=rural"] == pytest.approx(
        float(e_value(np.exp(0.21))), abs=0.005
    )
    assert made["e_value_limit/age"] == 1


def test_what_is_withheld_has_no_e_value() -> None:
    made = released_e_values(coefficients(), {"m": MODEL}).set_index("name")["value"]
    assert made.filter(like="form_group").isna().all()
    assert len(made.filter(like="form_group")) == 2


def test_a_cut_point_and_a_model_of_another_scale_have_none() -> None:
    made = released_e_values(coefficients(), {"m": MODEL})
    assert not made["name"].str.contains("|", regex=False).any()
    assert released_e_values(coefficients(), {"m": MODEL | {"link": "probit"}}).empty
    assert released_e_values(coefficients(), {"m": MODEL | {"kind": "multinomial"}}).empty


def test_a_chapter_prints_coefficient_and_e_values(study, tmp_path) -> None:
    small_store(tmp_path)
    rows = coefficients()
    rows = rows.replace("m", "audience").assign(key=rows["key"].str.replace("/m/", "/audience/"))
    write(rows, "coefficients", tmp_path / "coefficients" / "audience.csv")
    made = released_e_values(rows, {"audience": MODEL}).drop(columns="file")
    write(made, "diagnostics", tmp_path / "diagnostics" / "audience.csv")
    template = TemplateFunctions(
        study,
        Results.load(tmp_path),
        Labels.load(study, "en"),
        language("en"),
        study.section("report")["rules"],
    )
    mark = ModelsCompared(template, Numbering("9")).unmeasured("audience", "All", ["B", "E", "L"])
    found = next(part for part in template.slots.split(mark) if isinstance(part, Table))
    printed = [[plain(cell.content) for cell in row.cells] for row in found.rows]
    assert [row[1:] for row in printed] == [["2.19", "1.77"], ["not published"] * 2, [
        "1.28", "1.00"
    ]]  # fmt: skip
