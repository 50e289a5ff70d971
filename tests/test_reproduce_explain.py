"""Any number can be followed back to its question, rule, code, files, rows and cleaning."""

from __future__ import annotations

import hashlib

import pytest

from ngo_survey.errors import ResultError
from ngo_survey.present.document.labels import Labels
from ngo_survey.study import Study
from ngo_survey.workflow.explain import Explainer
from ngo_survey.workflow.files import raw_files
from small_store import small_store


@pytest.fixture
def explainer(study, tmp_path) -> Explainer:
    """A small store beside raw files of its own, read with the questionnaires that ship."""
    models = {"declared": {"m": {"population": "ngo", "formula": "audience_change ~ main_funding"}}}
    official = {"laws": {"file": "data/raw/official/laws.csv"}}
    raw = {**study.raw, "models": models, "official": official}
    here = Study(tmp_path, tmp_path / "config.yaml", raw)
    for path in raw_files(here):
        here.path(path).parent.mkdir(parents=True, exist_ok=True)
        here.path(path).write_text(path, encoding="utf-8")
    labels = Labels.load(study, "en")
    return Explainer(here, small_store(tmp_path / "results"), labels)


def explained(explainer, key):
    return {title: "\n".join(lines) for title, lines in explainer.explain(key)}


def test_a_figure_of_a_table_tells_its_question_base_and_limits(explainer):
    number = explained(explainer, "barriers/funding@total")["Number"]
    assert "Question: What stands in the way of interaction between NGOs and the state?" in number
    assert "Base (unweighted): 400" in number
    assert "95% limits: 58% to 66%" in number
    assert "Standard error: 2.0%" in number


def test_rule_and_code_are_those_of_the_verb_that_made_it(explainer):
    made = explained(explainer, "barriers/funding@total")
    assert made["Rule"].startswith("ngo-survey tabulate --population ngo")
    assert "src/ngo_survey/workflow/verbs/tabulate.py" in made["Code"]
    assert "commit: " in made["Code"]
    assert "tables (tabulate)" in made["Configuration"]


def test_inputs_are_named_with_their_hashes(explainer):
    path = "data/raw/responses/ngo.csv"
    digest = hashlib.sha256(path.encode()).hexdigest()
    assert f"{digest}  {path}" in explained(explainer, "barriers/funding@total")["Inputs"]


def test_rows_and_the_cleaning_of_the_question_are_counted(explainer):
    made = explained(explainer, "barriers/funding@total")
    assert made["Rows"].splitlines() == ["1,240 read", "1,187 complete"]
    assert made["Cleaning"] == "alias changed 17 cells of barriers"


def test_a_question_that_no_rule_touched_is_said_to_be_so(explainer):
    cleaning = explained(explainer, "trust/akimat@total")["Cleaning"]
    assert cleaning == "no rule changed a cell of trust_akimat"


def test_a_figure_by_a_banner_tells_its_group_and_the_banner_s_cleaning(explainer):
    made = explained(explainer, "audience_change_by_settlement/grew@village")
    assert "Among: Village" in made["Number"]
    assert "settlement" in made["Cleaning"]


def test_an_effect_of_a_model_tells_the_model_and_every_question_in_it(explainer):
    made = explained(explainer, "model/m/effect/up@grew")
    assert "formula: audience_change ~ main_funding" in made["Configuration"]
    for question in ("audience_change", "main_funding", "funding_state_order"):
        assert question in made["Cleaning"]


def test_an_official_figure_tells_its_source_and_its_file_alone(explainer):
    made = explained(explainer, "official/laws/36-III")
    assert "Source: https://adilet.zan.kz/eng/docs/Z050000036_" in made["Number"]
    assert made["Inputs"].endswith("data/raw/official/laws.csv")
    assert len(made["Inputs"].splitlines()) == 1
    assert "Rows" not in made


def test_an_unknown_key_is_answered_with_the_nearest(explainer):
    with pytest.raises(ResultError, match="did you mean barriers/funding@total"):
        explainer.explain("barriers/founding@total")
