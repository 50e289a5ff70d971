"""The command line keeps its word on exit statuses and on one line an error."""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from ngo_survey.cli import VERBS, main

ROOT = Path(__file__).parent.parent


#: What the parser gives under one name in the list of verbs.
SEVERAL = {"places": ("before", "after", "build", "cores", "markdown", "html")}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_stage_that_takes_what_the_parser_gives(verb: str) -> None:
    stage = import_module(f"ngo_survey.workflow.verbs.{verb}")
    given = [argument for want in VERBS[verb][1] for argument in SEVERAL.get(want, (want,))]
    assert list(signature(stage.run).parameters) == ["study", *given]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([verb, "--help"])
    assert stop.value.code == 0
    assert verb in capsys.readouterr().out


def test_a_wrong_call_ends_with_status_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["tabulte"])
    assert stop.value.code == 2


def test_bad_data_end_with_status_one_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "config.yaml"
    assert main(["check", "--config", str(missing)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("ngo-survey check: ")
    assert str(missing) in said
    assert said.count("\n") == 1
