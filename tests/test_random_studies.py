"""No configuration that passes `check` ends in a traceback, and `check` says all faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from every_stage import calls
from mended_study import mended
from ngo_survey.cli import main
from ngo_survey.workflow.products import Products
from random_study import random_study, thin

#: Seeds of studies: each takes three to four seconds of processor time, all together 80.
SEEDS = range(22)
#: Seeds of studies of whose questions some have one answer, or none: what a table, an indicator, a
#: model or a curve cannot be made of ends with a reason, not the build.
THIN = (110, 202, 213, 225, 245, 250)
#: Rounds of check and mending that a study has at most: what a fault kept from being looked at is
#: said in the second, and what goes with that in the third.
ROUNDS = 4
#: What `check` may say after a first round that kept nothing from being looked at: what names a
#: part that was taken out for its fault.
GONE = ("there is no such", "the report has no such", "is missing")


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    printed = capsys.readouterr()
    return (printed.err + printed.out).splitlines()


def faults(lines: list[str]) -> list[str]:
    marks = ("ngo-survey check: ", "cannot run: ")
    return [x for x in lines if any(m in x for m in marks) and "no question has the role" not in x]


def rounds(file: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """Check and mend the study until `check` lets it pass; yields what each check printed."""
    for _ in range(ROUNDS):
        passes = main(["check", "--config", str(file)]) == 0
        lines = said(capsys)
        yield lines
        if passes:
            return
        assert faults(lines), lines
        assert mended(file, faults(lines)), faults(lines)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
def test_what_passes_check_ends_in_no_traceback(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = random_study(tmp_path, seed)
    checked = list(rounds(file, capsys))
    for later in checked[1:]:
        found = faults(later)
        if not any("not checked: " in line for line in checked[0]):
            assert all(any(gone in line for gone in GONE) for line in found), (seed, found)
    monkeypatch.chdir(tmp_path)
    for call in calls(Products.load("config.yaml"), []):
        # What only the figures tell may still stop a stage: with a sentence, never a traceback.
        if main(call) != 0:
            lines = said(capsys)
            assert any(line.startswith(f"ngo-survey {call[0]}: ") for line in lines), (seed, lines)
            return


@pytest.mark.thorough
@pytest.mark.parametrize("seed", THIN)
def test_what_too_few_answered_stops_no_stage_but_the_figures_that_name_it(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = random_study(tmp_path, seed)
    thin(file, seed)
    assert list(rounds(file, capsys))
    monkeypatch.chdir(tmp_path)
    for call in calls(Products.load("config.yaml"), []):
        if main(call) != 0:
            assert call[0] == "draw", (seed, call, said(capsys))
            return
