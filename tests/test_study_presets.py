"""Presets of disclosure control: what holds, what a study may change, and what may not leave."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.errors import ConfigError
from ngo_survey.present.document.language import language
from ngo_survey.present.document.warning import warning
from ngo_survey.present.table_layout.table_words import table_words
from ngo_survey.study import Study
from ngo_survey.study.layers import of_command_line
from ngo_survey.study.release import check_release
from test_study_layers import LEAST


def written(folder: Path, text: str = "") -> Path:
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(LEAST) + text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "threshold", "base"),
    [
        ("", 5, 10),
        ("disclosure: public\n", 5, 10),
        ("disclosure: small study\n", 3, 6),
        ("disclosure: internal\n", 1, 10),
        ("disclosure: {preset: small study, minimum_base: 8}\n", 3, 8),
        ('disclosure: {off: "a class exercise"}\n', 1, 1),
    ],
)
def test_a_preset_says_what_the_study_leaves_open(
    tmp_path: Path, text: str, threshold: int, base: int
) -> None:
    section = Study.load(written(tmp_path, text)).section("disclosure")
    rules = Rules.of(section)
    assert (rules.threshold, rules.minimum_base) == (threshold, base)
    assert rules.protection == threshold
    assert Rounding.of(section).count == threshold


def test_the_command_line_names_another_preset(tmp_path: Path) -> None:
    study = Study.load(written(tmp_path), of_command_line(["disclosure=internal"]))
    assert study.section("disclosure")["threshold"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("disclosure: publik\n", "key disclosure.preset: .*did you mean public"),
        ("disclosure: {threshold: 1}\n", "key disclosure.threshold: 1 is less"),
        ('disclosure: {off: ""}\n', "key disclosure.off"),
        ("disclosure: {off: why, threshold: 3}\n", "key disclosure.threshold: .*take off away"),
        ("disclosure: {off: false}\n", "key disclosure.off: .*not of type 'string'"),
    ],
)
def test_what_is_no_preset_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Study.load(written(tmp_path, text))


@pytest.mark.parametrize("text", ["", "disclosure: small study\n", "disclosure: {threshold: 9}\n"])
def test_what_is_protected_may_be_released(tmp_path: Path, text: str) -> None:
    study = Study.load(written(tmp_path, text))
    check_release(study)
    assert warning(study, language("en")) == ("", "")


@pytest.mark.parametrize(
    ("text", "key"), [("disclosure: internal\n", "preset"), ("disclosure: {off: why}\n", "off")]
)
def test_what_is_not_protected_is_refused(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError, match=rf"key disclosure.{key}: .*write disclosure: public"):
        check_release(Study.load(written(tmp_path, text)))


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
@pytest.mark.parametrize("text", ["disclosure: internal\n", "disclosure: {off: why-so}\n"])
def test_what_is_not_protected_says_so_on_every_page(tmp_path: Path, text: str, code: str) -> None:
    study = Study.load(written(tmp_path, text))
    mark, long = warning(study, language(code))
    assert mark and long
    assert ("why-so" in long) == ("off" in text)
    assert table_words(code)(f"unprotected.{study.unprotected}", reason="why-so")
