"""Settings in layers: the program's defaults, the study's file, the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ngo_survey.cli import main
from ngo_survey.errors import ConfigError
from ngo_survey.statistics.trends.rule import ProjectionRule
from ngo_survey.study import Study
from ngo_survey.study.layers import SETTINGS, of_command_line, of_snakemake, with_defaults
from ngo_survey.tables.declared import Standard

#: What a study cannot leave out.
LEAST: dict[str, Any] = {
    "study": {
        "id": "visitors",
        "title": {"de": "Besucher"},
        "data": "collected",
        "seed": 1,
        "languages": ["de"],
        "fieldwork": {"from": "2026-01-01", "to": "2026-02-01", "year": 2026},
    },
    "populations": {
        "visitors": {
            "label": {"de": "Besucher"},
            "weighting": {"strata": ["region"], "margins": ["region"]},
        }
    },
}


def written(folder: Path, **more: Any) -> Path:
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(LEAST | more, allow_unicode=True), encoding="utf-8")
    return file


def test_a_study_names_only_what_is_its_own(tmp_path: Path) -> None:
    study = Study.load(written(tmp_path))
    group = study.population("visitors")
    assert group.responses == tmp_path / "data/raw/responses/visitors.csv"
    assert study.section("disclosure")["threshold"] == 5
    assert study.report_formats == ("html", "pdf", "docx")
    assert study.title("de") == "Besucher"
    assert study.section("trends") == study.section("geography") == {}


def test_what_the_study_says_lies_over_the_defaults_key_by_key(tmp_path: Path) -> None:
    own = {"disclosure": {"threshold": 10}, "report": {"formats": ["html"]}}
    study = Study.load(written(tmp_path, **own))
    assert study.section("disclosure")["threshold"] == 10
    assert study.section("disclosure")["minimum_base"] == 10
    assert study.report_formats == ("html",)
    assert study.section("report")["rules"]["alpha"] == 0.05


@pytest.mark.parametrize(
    ("formats", "beside", "pictures"),
    [
        (["html"], {"dashboard": ["html"]}, False),
        (["pdf"], {n: ["pdf"] for n in ("brief", "annex", "topline", "dashboard")}, False),
        (["html", "pptx"], {"slides": ["pptx"], "dashboard": ["html"]}, True),
    ],
)
def test_each_document_is_made_in_those_of_the_named_formats_that_it_has(
    tmp_path: Path, formats: list[str], beside: dict[str, list[str]], pictures: bool
) -> None:
    study = Study.load(written(tmp_path, report={"formats": formats}))
    made: dict[str, list[str]] = {}
    for name, form in study.documents:
        made.setdefault(name, []).append(form)
    assert made.pop("report") == [form for form in formats if form != "pptx"]
    assert made == beside
    assert study.pictures is pictures


@pytest.mark.parametrize("formats", [[], ["pptx"]])
def test_a_report_without_a_format_is_refused_with_those_it_has(
    tmp_path: Path, formats: list[str]
) -> None:
    file = written(tmp_path, report={"formats": formats})
    with pytest.raises(ConfigError, match=r"report\.formats.*html, pdf, docx"):
        Study.load(file)


def test_the_defaults_are_those_of_the_functions_they_are_handed_to() -> None:
    made = with_defaults({"trends": {}})
    assert Standard.of(made["tables"]) == Standard()
    assert ProjectionRule.of(made["trends"]) == ProjectionRule()


def test_the_command_line_lies_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, disclosure={"threshold": 10})
    set_ = of_command_line(["disclosure.threshold=7", "tables.standard.tests=[overall]"])
    study = Study.load(file, set_)
    assert study.section("disclosure")["threshold"] == 7
    assert study.section("tables")["standard"]["tests"] == ["overall"]
    assert study.section("tables")["standard"]["family"] == "banner"


def test_what_the_command_line_sets_wrongly_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--config or --set, key disclosure: .*threshold\?"):
        Study.load(written(tmp_path), of_command_line(["disclosure.treshold=7"]))


def test_a_setting_that_is_none_stops_the_verb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path)
    assert main(["check", "--config", str(file), "--set", "disclosure.threshold"]) == 1
    assert "--set disclosure.threshold=10" in capsys.readouterr().err


def test_the_settings_of_snakemake_reach_the_verbs_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTINGS, "{}")
    file, settings = of_snakemake({"study": "a/config.yaml", "disclosure": {"threshold": "8"}})
    assert file == "a/config.yaml"
    assert settings == of_command_line([]) == {"disclosure": {"threshold": 8}}
    study = Study.load(written(tmp_path), of_command_line([]))
    assert study.section("disclosure")["threshold"] == 8


def test_the_section_study_can_be_set_by_snakemake_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS, "{}")
    assert of_snakemake({"study": {"seed": 5}}) == ("config.yaml", {"study": {"seed": 5}})
