"""Models as a configuration declares them: names are checked, failures are rows with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import ConfigError
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.name_check import check_names
from ngo_survey.workflow.verbs import model as stage
from small_tables import RULES

from conftest import copy_study

OUTCOME = ["shrank", "unchanged", "grew"]
FORMS = ["public_association", "public_foundation"]


@pytest.fixture
def folder(tmp_path: Path, stages: None) -> Path:
    return copy_study(tmp_path / "study")


def declare(folder: Path, lines: str) -> Study:
    """Return the shipped study with one more model of the given lines."""
    file = folder / "config.yaml"
    text = file.read_text(encoding="utf-8")
    head = "    extra:\n      title: {en: Extra, ru: Extra, kk: Extra}\n      population: ngo\n"
    body = "".join(f"      {line}\n" for line in lines.strip("\n").splitlines())
    place = "  declared:\n"
    assert place in text
    file.write_text(text.replace(place, place + head + body, 1), encoding="utf-8")
    return Study.load(file)


def refusal(folder: Path, lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        check_names(declare(folder, lines))
    message = str(caught.value)
    assert "\n" not in message
    assert "config.yaml" in message
    assert "models.declared.extra" in message
    return message


ORDINAL = "kind: ordinal\noutcome: audience3\n"
#: What is declared, and what the message must name.
WRONG = {
    "an unknown name in a formula": (
        ORDINAL + "terms: form_group + spline(agee, 3)",
        ("agee", "did you mean age"),
    ),
    "code in a formula": (ORDINAL + "terms: \"open('x') + age\"", ("open", "a sign it may not")),
    "code in a list of terms": (ORDINAL + "terms: [\"__import__('os')\"]", ("__import__",)),
    "an unknown function": (ORDINAL + "terms: poly(age) + rural", ("poly", "known: ilr")),
    "an interaction before its terms": (
        ORDINAL + "terms: rural + rural:reach",
        ("reach", "term before it"),
    ),
    "a nominal variable that is no term": (
        "kind: partial\noutcome: audience3\nnominal: [reech]\nterms: [rural, reach]",
        ("reech", "did you mean reach"),
    ),
    "nominal in a model that has none": (
        ORDINAL + "nominal: [rural]\nterms: [rural]",
        ("ordinal has no nominal", "partial"),
    ),
    "an outcome without an order": (
        "kind: ordinal\noutcome: region\nterms: [rural]",
        ("needs an outcome whose choices are in order", "analysis_form", "multinomial"),
    ),
    "a link that a kind does not have": (
        "kind: multinomial\noutcome: audience3\nlink: probit\nterms: [rural]",
        ("multinomial has no link",),
    ),
    "a reference that is no level": (
        "kind: multinomial\noutcome: audience3\nreference: same\nterms: [rural]",
        ("same", "known: grew, shrank, unchanged"),
    ),
    "a whole with an item left over": (
        ORDINAL + "terms: [{ilr: funding, parts: {a: [state_order], b: [foreign]}}]",
        ("is in no part", "state_grants"),
    ),
    "a whole with a mistyped item": (
        ORDINAL + "terms: [{ilr: funding, parts: {a: [state_orders], b: [foreign]}}]",
        ("state_orders", "did you mean state_order"),
    ),
    "a whole that is none": (
        ORDINAL + "terms: [{ilr: trust, parts: {a: [akimat], b: [education]}}]",
        ("trust", "battery of parts of a whole"),
    ),
    "a shift of free shares": (
        ORDINAL
        + "shifts: [{battery: funding, from: foreign, to: services, points: 10}]\n"
        + "terms: [funding_foreign, funding_services]",
        ("funding", "ilr term of the model"),
    ),
    "contrasts of what is no term": (
        ORDINAL + "contrasts: [form_grup]\nterms: [form_group]",
        ("form_grup", "did you mean form_group"),
    ),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_what_does_not_fit_is_named_with_its_key(case: str, folder: Path) -> None:
    lines, parts = WRONG[case]
    message = refusal(folder, lines)
    for part in parts:
        assert part in message


def test_a_formula_may_be_the_terms_of_a_model(folder: Path) -> None:
    study = declare(
        folder, ORDINAL + "terms: form_group + spline(age, 3) + rural + form_group:rural"
    )
    check_names(study)


def answers(n: int = 900) -> SurveyDesign:
    """Answers to a few questions of the shipped study."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "form_group": pd.Categorical(
                rng.choice(["public_association", "public_foundation"], n)
            ),
            "rural": pd.Categorical(rng.choice(["urban", "rural"], n), ["urban", "rural"]),
            "region": pd.Categorical(rng.choice([f"r{i}" for i in range(12)], n)),
            "age": rng.integers(0, 30, n).astype(float),
            "h": rng.integers(0, 6, n),
            "w": rng.uniform(1, 4, n),
        }
    )
    latent = 0.5 * (frame["form_group"] == "public_foundation") + rng.logistic(size=n)
    frame["audience3"] = pd.cut(latent, [-np.inf, -1, 0.6, np.inf], labels=OUTCOME)
    return SurveyDesign(frame, weights="w", strata="h")


DECLARED = {"outcome": "audience3", "terms": ["form_group", "rural", "age"]}


@pytest.mark.parametrize(
    ("kind", "options", "slopes"),
    [
        ("ordinal", {"link": "probit"}, 3),
        ("partial", {"nominal": ["age"]}, 4),
        ("multinomial", {"reference": "unchanged"}, 6),
        ("binomial", {"event": ["grew"], "link": "cloglog"}, 3),
    ],
)
def test_every_kind_is_fitted_as_declared(kind: str, options: dict, slopes: int) -> None:
    fit = stage.fit_declared(answers(), {"kind": kind, **options, **DECLARED})
    assert fit.kind == kind
    assert len(fit.slopes) == slopes
    link = options.get("link")
    if link:
        assert fit.likelihood.link.name == link


def test_a_model_may_be_asked_of_what_made_the_register() -> None:
    declared = {"kind": "ordinal", **DECLARED}
    frame = answers().frame
    half = SurveyDesign(frame.assign(one=2.0, N=2 * len(frame)), weights="one", fpc="N")
    of_register, of_process = (
        stage.fit_declared(half, {**declared, "finite_population": whole}).coefficients
        for whole in (True, False)
    )
    assert (of_process["estimate"] == of_register["estimate"]).all()
    assert (of_process["se"] > of_register["se"]).all()


def test_a_separated_outcome_falls_back_where_that_is_declared() -> None:
    design = answers()
    grew = design.frame["audience3"] == "grew"
    few = grew & (grew.cumsum() <= 9)
    column = pd.Categorical(np.where(few, "yes", "no"), ["no", "yes"])
    separated = design.assign(rural=column)
    fit = stage.fit_declared(
        separated, {"kind": "binomial", "event": ["grew"], "fallback": "firth", **DECLARED}
    )
    diagnostics = fit.diagnostics().set_index("name")
    assert "Firth" in diagnostics.loc["penalised", "note"]
    assert np.isfinite(fit.coefficients["estimate"]).all()


def test_levels_whose_answers_are_all_alike_leave_their_term_without_a_test() -> None:
    grew = answers().frame["audience3"] == "grew"
    first = grew & (grew.cumsum() <= 30)
    level = np.select([first, grew & (grew.cumsum() <= 60)], ["some", "others"], "rest")
    column = pd.Categorical(level, ["rest", "some", "others"])
    design = SurveyDesign(answers().assign(rural=column).frame, weights=np.ones(900))
    alone = {"outcome": "audience3", "event": ["grew"], "terms": ["rural"], "fallback": "firth"}
    fit = stage.fit_declared(design, {"kind": "binomial", **alone})
    assert np.isnan(fit.diagnostics().set_index("name").loc["term/rural", "value"])


def test_keys_of_every_family_are_of_one_kind_and_unique() -> None:
    declared = {
        "kind": "ordinal",
        "contrasts": ["form_group"],
        "sensitivity": ["region"],
        **DECLARED,
    }
    design = answers()
    fit = stage.fit_declared(design, declared)
    frames = stage.result_frames("m", fit, declared, {}, RULES)
    stage._add_sensitivity(frames, "m", design, declared)
    keys = pd.concat([frame["key"] for frame in frames.values()])
    assert keys.is_unique
    assert keys.str.startswith("model/m/").all()
    assert "model/m/contrast/form_group/public_foundation-public_association@grew" in set(keys)
    assert "model/m/region/dummies/coefficient/rural=rural" in set(keys)
    assert "model/m/diagnostic/sensitivity/region/random/sd" in set(keys)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.5])
def test_limits_leave_zero_out_where_the_declared_level_finds_a_difference(alpha: float) -> None:
    declared = {"kind": "ordinal", "contrasts": ["form_group"], **DECLARED}
    fit = stage.fit_declared(answers(), declared)
    frames = stage.result_frames("m", fit, declared, {"all": ["rural"]}, RULES, alpha)
    for family in ("effects", "contrasts"):
        rows = frames[family].dropna(subset=["p_adjusted"])
        apart = (rows["ci_low"] > 0) | (rows["ci_high"] < 0)
        assert len(rows) and (apart == (rows["p_adjusted"] < alpha)).all()


def test_a_shift_of_few_has_no_figures() -> None:
    design = answers()
    rng = np.random.default_rng(1)
    has = np.arange(900) < 8
    given = np.where(has, rng.integers(20, 60, 900), 0).astype(float)
    mixed = design.assign(
        funding_foreign=given, funding_fees=60.0 - given / 2, funding_other=40.0 - given / 2
    )
    declared = {
        "kind": "ordinal",
        "outcome": "audience3",
        "terms": ["rural", {"ilr": "funding", "parts": ["foreign", "fees", "other"]}],
        "shifts": [{"battery": "funding", "from": "foreign", "to": "fees", "points": 10}],
    }
    fit = stage.fit_declared(mixed, declared)
    for least, shown in ((10, False), (5, True)):
        made = stage._contrasts("m", fit, declared, least)
        assert made["estimate"].notna().all() == shown
        assert made["n"].notna().all() == shown


def test_the_shipped_models_have_labels_for_every_part(study: Study) -> None:
    book = codebook(study, "ngo")
    terms = study.section("models")["declared"]["audience_mix"]["terms"]
    whole = next(term for term in terms if not isinstance(term, str) and "ilr" in term)
    items = [item for part in whole["parts"].values() for item in part]
    assert sorted(items) == sorted(question.item for question in book.battery("funding"))
