"""The JSON Schema that editors read says of a configuration what the program says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import yaml_text
from config_keys import keys
from ngo_survey.cli import main
from ngo_survey.errors import SurveyError
from ngo_survey.study import Study
from ngo_survey.study.published_schema import FILE, MODELINE, published_schema
from ngo_survey.study.schema_check import parts
from ngo_survey.workflow.new_study.folder import write_example
from plain_study import plain_study
from small_study import declared

from conftest import ROOT

VALIDATOR = Draft202012Validator(published_schema())


def faults(config: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(config)]


def read(file: Path) -> Any:
    return yaml_text.load(file.read_text(encoding="utf-8"))


def test_the_schema_is_a_schema_without_references_to_other_files() -> None:
    schema = published_schema()
    Draft202012Validator.check_schema(schema)
    assert '"$ref": "study' not in json.dumps(schema)
    assert faults({"study": 5}) != []


def test_every_reference_of_the_schema_leads_to_a_part_of_it() -> None:
    schema = published_schema()
    pointers = set(re.findall(r'"\$ref": "#(/[^"]*)"', json.dumps(schema)))
    assert len(pointers) > 10
    for pointer in pointers:
        part: Any = schema
        for name in pointer.split("/")[1:]:
            assert name in part, pointer
            part = part[name]


def test_every_key_says_what_it_is() -> None:
    found = list(keys(published_schema()))
    assert [key.path for key in found if not key.description] == []
    # The keys that are looked at are all that the files of the schema name.
    assert {key.path[-1] for key in found} == set(named_keys(list(parts().values())))


def named_keys(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from tree.get("properties", {})
        for part in tree.values():
            yield from named_keys(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from named_keys(part)


def test_configurations_that_the_program_takes_fit_the_schema(tmp_path: Path) -> None:
    write_example(tmp_path / "example")
    plain_study(tmp_path / "plain", ["visitors", "wardens"])
    configs = [read(ROOT / "config.yaml"), declared()]
    configs += [read(tmp_path / name / "config.yaml") for name in ("example", "plain")]
    for config in configs:
        assert faults(config) == []


def test_a_section_may_be_the_name_of_a_file_or_of_a_preset() -> None:
    config = read(ROOT / "config.yaml")
    config["tables"], config["disclosure"] = "config/tables.yaml", "small study"
    config["populations"]["ngo"]["derive"] = "config/derive.yml"
    assert faults(config) == []


def test_earlier_waves_fit_the_schema() -> None:
    config = read(ROOT / "config.yaml")
    wave = {
        "id": "2024",
        "fieldwork": {"from": "2024-03-04", "to": "2024-04-26", "year": 2024},
        "populations": {"ngo": {"responses": "a.csv", "samples": "independent"}},
    }
    assert faults(config | {"waves": {"earlier": [wave], "change": "all"}}) == []
    wave["fieldwork"] = {"from": "2024"}
    assert faults(config | {"waves": {"earlier": [wave]}}) != []


def without(*path: str) -> Callable[[Any], object]:
    def change(config: Any) -> None:
        for part in path[:-1]:
            config = config[part]
        del config[path[-1]]

    return change


def put(value: Any, *path: Any) -> Callable[[Any], object]:
    def change(config: Any) -> None:
        for part in path[:-1]:
            config = config[part]
        config[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        put(1, "sections"),
        put("a", "study", "sponsr"),
        put("collectd", "study", "data"),
        put("many", "study", "seed"),
        put([], "study", "languages"),
        put(5, "populations", "visitors", "banners"),
        put({"visitors": 1}, "populations"),
        put({}, "populations", "Visitors"),
        put("/etc/passwd", "populations", "visitors", "responses"),
        put("half", "populations", "visitors", "weighting"),
        put({"op": "recod"}, "populations", "visitors", "derive"),
        put({"threshold": "five"}, "disclosure"),
        put("open", "disclosure"),
        put({"a": {"kind": "barz", "title": {"en": "A"}}}, "figures"),
        without("study", "title"),
        without("populations", "visitors", "label"),
    ],
)
def test_what_the_program_refuses_an_editor_marks(
    change: Callable[[Any], object], tmp_path: Path
) -> None:
    plain_study(tmp_path, ["visitors"], "en")
    file = tmp_path / "config.yaml"
    config = read(file)
    change(config)
    assert faults(config) != []
    file.write_text(yaml_text.dump(config), encoding="utf-8")
    with pytest.raises(SurveyError, match=r"config\.yaml"):
        Study.load(file)


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == published_schema()


def test_a_new_study_points_its_editor_to_the_schema_beside_it(tmp_path: Path) -> None:
    write_example(tmp_path / "study")
    text = (tmp_path / "study" / "config.yaml").read_text(encoding="utf-8")
    assert text.startswith(MODELINE)
    assert json.loads((tmp_path / "study" / FILE).read_text(encoding="utf-8")) == published_schema()
