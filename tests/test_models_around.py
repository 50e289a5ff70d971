"""Verbs around the models: names are held first, files keep promises, failures are rows."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import ConfigError, InputError, SurveyError
from ngo_survey.results import store
from ngo_survey.statistics import models
from ngo_survey.statistics.models.families import family_tests
from ngo_survey.study import Study
from ngo_survey.study.name_check import check_names
from ngo_survey.study.registration import section_hash
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.verbs import register, specify, validate
from ngo_survey.workflow.verbs.completed import cells

from reference import close, design, values


def changed(study: Study, *path: str, value: Any) -> Study:
    """The study with one key of its section `models` set otherwise."""
    raw = copy.deepcopy(dict(study.raw))
    place = raw["models"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return Study(study.root, study.file, raw)


def test_the_names_of_the_study_as_it_ships_are_known(study: Study) -> None:
    check_names(study)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("families", "main"), ["sso_experiense"], "models.families.main.*did you mean sso_exp"),
        (("imputation", "auxiliary"), {"ngo": ["budget_chang"]}, "imputation.*budget_change"),
        (("imputation", "auxiliary"), {"ngo": ["proposal"]}, "form text cannot be imputed"),
        (("specifications", "audience", "effects"), ["sso_experience=last"], "level of sso_exper"),
        (("specifications", "audience", "effects"), ["staff_paid=4"], "a number has no levels"),
        (("specifications", "audience", "effects"), ["budget_band"], "term of the model"),
        (("power", "outcomes"), [
            {"population": "ngo", "variable": "audience3", "category": "grown", "by": ["rural"]}
        ], "models.power.outcomes.0.category.*did you mean grew"),
    ],
)  # fmt: skip
def test_a_mistyped_name_around_the_models_is_said_before_anything_runs(
    study: Study, path: tuple[str, ...], value: Any, said: str
) -> None:
    with pytest.raises(SurveyError, match=said):
        check_names(changed(study, *path, value=value))


def test_a_curve_of_a_model_that_is_not_declared_is_refused(study: Study) -> None:
    curves = {"audiense": study.section("models")["specifications"]["audience"]}
    with pytest.raises(SurveyError, match="there is no such model.*did you mean audience"):
        check_names(changed(study, "specifications", value=curves))


def test_imputed_answers_without_an_imputation_are_refused(study: Study) -> None:
    raw = copy.deepcopy(dict(study.raw))
    del raw["models"]["imputation"]
    with pytest.raises(ConfigError, match="no imputation is declared"):
        check_names(Study(study.root, study.file, raw))


def test_a_study_without_any_of_it_has_none_of_its_products(study: Study) -> None:
    raw = copy.deepcopy(dict(study.raw))
    raw["models"] = {"declared": raw["models"]["declared"]}
    made = Products(Study(study.root, study.file, raw))
    assert made.imputed == made.pooled == made.curves == made.registration == []
    files = [path.as_posix() for path in made.results()]
    assert not [f for f in files if "imput" in f or "specification" in f]
    assert [f for f in files if "/validation/" in f]


def test_registering_writes_what_the_report_is_held_against(study: Study, tmp_path: Path) -> None:
    here = Study(tmp_path, tmp_path / "config.yaml", study.raw)
    file = study.section("models")["registration"]
    register.run(here, "2026-02-20")
    record = specify.read_record(tmp_path / file, file)
    assert (
        record["hash"] == section_hash(study.section("models")) == section_hash(record["section"])
    )
    assert record["date"] == "2026-02-20"
    with pytest.raises(InputError, match="this is no date.*2026-02-20"):
        register.run(here, "20 February")
    raw = {**study.raw, "models": {"declared": {}}}
    with pytest.raises(ConfigError, match="names no file"):
        register.run(Study(tmp_path, tmp_path / "config.yaml", raw), "2026-02-20")


def test_a_registration_that_is_missing_or_broken_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is missing.*ngo-survey register"):
        specify.read_record(tmp_path / "none.yaml", "none.yaml")
    (tmp_path / "odd.yaml").write_text("[a", encoding="utf-8")
    with pytest.raises(InputError, match="no YAML"):
        specify.read_record(tmp_path / "odd.yaml", "odd.yaml")
    (tmp_path / "list.yaml").write_text("- a", encoding="utf-8")
    with pytest.raises(InputError, match="holds no date"):
        specify.read_record(tmp_path / "list.yaml", "list.yaml")


def test_what_changed_since_the_registration_is_a_row_each(study: Study, tmp_path: Path) -> None:
    here = Study(tmp_path, tmp_path / "config.yaml", study.raw)
    register.run(here, "2026-02-20")
    later = changed(here, "declared", "grew", "kind", value="gaussian")
    specify._registration(later)
    rows = store.read("registration", later.paths.result("registration", "models"))
    head, change = rows.iloc[0], rows.iloc[1]
    assert (head["standing"], head["count"], head["date"]) == ("changed", 1, "2026-02-20")
    assert head["hash"] != head["registered"] == section_hash(study.section("models"))
    assert change["name"] == "declared.grew.kind"
    assert change["note"] == '"binomial" -> "gaussian"'


def test_tests_are_adjusted_within_their_family_alone() -> None:
    fit = models.glm(design("strat"), "aw", ["ell", "meals", "api99", "stype"], family="binomial")
    made = family_tests(fit, {"one": ["ell", "meals"], "two": ["api99", "not_in_it"]})
    made = made.set_index("name")
    raw = fit.diagnostics().set_index("name")["p"]
    pair = sorted(raw[f"term/{v}"] for v in ("ell", "meals"))
    adjusted = sorted(made.loc[[f"family/one/{v}" for v in ("ell", "meals")], "p"])
    close(adjusted, [min(1, 2 * pair[0]), max(pair[1], min(1, 2 * pair[0]))])
    close(made.loc["family/two/api99", "p"], raw["term/api99"])
    assert "family/two/not_in_it" not in made.index
    assert values("r_oracles3")["padjust"]  # Holm itself is held against R elsewhere


def test_thin_groups_of_a_calibration_are_not_shown() -> None:
    table = pd.DataFrame(
        {
            "n": [100, 100, 100, 8],
            "events": [3, 98, 0, 4],
            "observed": 0.5,
            "se": 0.1,
            "ci_low": 0.4,
            "ci_high": 0.6,
        }
    )
    made = validate._withhold(table, threshold=5, minimum=10)
    assert made["status"].tolist() == [
        "suppressed-primary",
        "suppressed-primary",
        "shown",
        "suppressed-primary",
    ]
    assert made["observed"].isna().tolist() == [True, True, False, True]
    assert "events" not in made


def test_imputed_cells_are_those_that_were_empty() -> None:
    given = pd.DataFrame(
        {"respondent": ["a", "b", "c"], "x": [1.0, np.nan, np.nan], "y": ["p", None, "q"]}
    )
    first = given.assign(x=[1.0, 2.0, np.nan], y=["p", "q", "q"])
    second = given.assign(x=[1.0, 2.5, np.nan], y=["p", "p", "q"])
    made = cells(given, (first, second), ["x", "y"])
    assert made.to_numpy().tolist() == [
        [1, "b", "x", "2"],
        [1, "b", "y", "q"],
        [2, "b", "x", "2.5"],
        [2, "b", "y", "p"],
    ]


# -- the study as it ships ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(built: Study) -> store.Results:
    return store.Results.load(built.paths.released)


def test_imputed_funding_adds_up_and_nobody_is_asked_out_of_turn(built: Study) -> None:
    filled = pd.read_csv(built.paths.imputed("ngo"), dtype=str)
    parts = filled[filled["variable"].str.startswith("funding_")]
    sums = parts["value"].astype(float).groupby([parts["imputation"], parts["respondent"]]).sum()
    assert (sums == 100).all()
    clean = pd.read_csv(built.paths.clean("ngo"), dtype=str).set_index("respondent")
    assert filled["imputation"].nunique() == built.section("models")["imputation"]["m"]
    empty = filled[filled["imputation"] == "1"]
    known = clean.isna()
    assert all(known.loc[r, v] for r, v in zip(empty["respondent"], empty["variable"], strict=True))
    assert not filled["variable"].isin(["growth_reasons", "sso_bodies"]).any()


def test_every_declared_choice_is_in_the_curve(built: Study, results: store.Results) -> None:
    curve = built.section("models")["specifications"]["audience"]
    rows = results.family("specifications")
    number = 1
    for choice in ("coding", "weights", "missing", "covariates", "link"):
        assert set(rows[choice]) == set(curve[choice])
        number *= len(curve[choice])
    assert rows["number"].nunique() == number
    assert len(rows) == number * len(curve["effects"])
    estimated = rows["estimate"].notna()
    assert estimated.mean() > 0.9
    assert (rows.loc[~estimated, "note"] != "").all()


def test_pooled_and_complete_results_stand_side_by_side(
    built: Study, results: store.Results
) -> None:
    imputed = results.family("imputed")
    assert set(imputed["model"]) == set(built.section("models")["declared"])
    effects = imputed[imputed["quantity"] == "effect"]
    beside = results.family("effects").set_index(["model", "term", "outcome"])["estimate"]
    own = effects.set_index(["model", "term", "outcome"])["complete"]
    np.testing.assert_allclose(own, beside.loc[own.index], rtol=1e-8)
    # What a level of few would tell is withheld in both.
    withheld = own.isna().to_numpy()
    assert withheld.mean() < 0.05
    assert (effects["fmi"].between(0, 0.5) | withheld).all()


def test_models_have_skill_and_promise_more_than_they_keep(results: store.Results) -> None:
    value = results.value
    for model in ("audience", "audience5", "grew"):
        assert 0 < value(f"validation/{model}/skill") < value(f"validation/{model}/skill_apparent")


def test_what_the_wave_can_see_is_told_for_every_group(
    built: Study, results: store.Results
) -> None:
    rows = results.family("precision")
    declared = built.section("models")["power"]["outcomes"][0]["by"]
    assert set(rows["by"]) == set(declared)
    seen = rows[rows["statistic"] == "detectable"]
    assert seen["value"].dropna().between(0, 1).all()
    assert (rows.loc[rows["statistic"] == "effective", "deff"] > 0).all()
