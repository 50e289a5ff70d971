"""The configuration is checked before anything runs, and says what is wrong in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ngo_survey.errors import ConfigError
from ngo_survey.study import Study

ROOT = Path(__file__).parent.parent


def changed(folder: Path, old: str, new: str) -> Path:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    file = folder / "config.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def refusal(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        Study.load(file)
    message = str(caught.value)
    assert "\n" not in message
    assert str(file) in message
    return message


def test_the_shipped_study_loads_and_is_marked_simulated(study: Study) -> None:
    assert study.simulated
    assert list(study.populations) == ["ngo", "government"]


def test_a_mistyped_key_is_named_with_the_right_one(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "  seed:", "  sead:"))
    assert "unknown key 'sead'" in message
    assert "seed" in message.split(";")[1]


def test_a_value_outside_the_list_shows_the_list(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "data: simulated", "data: real"))
    assert "study.data" in message
    assert "collected" in message
    assert "simulated" in message


def test_a_key_written_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "  seed:", "  id: twice\n  seed:"))
    assert "written twice" in message
    assert "row " in message


def test_a_key_that_yaml_takes_for_a_number_is_refused(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, '"5_9":', "5_9:"))
    assert "put it in quotes" in message
    assert "59" in message


def test_what_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "  seed:", "  - seed: ["))
    assert "not YAML" in message
    assert "row " in message


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert "missing" in refusal(tmp_path / "config.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes("study: {title: {ru: Опрос}}".encode("cp1251"))
    assert "UTF-8" in refusal(file)


def test_a_path_may_not_leave_the_study(tmp_path: Path) -> None:
    message = refusal(changed(tmp_path, "data/raw/responses/ngo.csv", "../ngo.csv"))
    assert "populations.ngo.responses" in message


def test_an_unknown_group_of_respondents_is_named(study: Study) -> None:
    with pytest.raises(ConfigError, match="goverment.*did you mean government"):
        study.population("goverment")


def test_streams_of_random_numbers_depend_on_name_and_seed_alone(study: Study) -> None:
    first, again, other = (study.rng(n).random(3).tolist() for n in ("a", "a", "b"))
    assert first == again
    assert first != other
