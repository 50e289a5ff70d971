"""Several studies in one run have the bytes that each has alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builds import Snakemake
from ngo_survey.cli import main
from ngo_survey.study import Study
from ngo_survey.workflow import input_guard
from ngo_survey.workflow.input_guard import PLANNED, announce, plan
from plain_study import plain_study

from conftest import ROOT

#: The Snakefile over several studies, as the documentation shows it.
SHOWN = re.search(
    r"```python\n(.*?)```", (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8"), re.DOTALL
)
MADE = ("data/processed/visitors/clean.csv", "data/processed/visitors/weights.csv")


def studies(folder: Path) -> list[Study]:
    """Two studies that differ, beside each other, and a Snakefile above them."""
    made = []
    for number, name in enumerate(("parks", "rivers")):
        made.append(plain_study(folder / name, ["visitors"], language="en"))
        config = folder / name / "config.yaml"
        text = config.read_text(encoding="utf-8")
        config.write_text(re.sub(r"seed: \d+", f"seed: {number}", text), encoding="utf-8")
    assert SHOWN is not None
    (folder / "Snakefile").write_text(SHOWN[1], encoding="utf-8")
    return made


def test_several_studies_in_one_run_have_the_bytes_of_each_alone(
    tmp_path: Path, snakemake: Snakemake
) -> None:
    studies(tmp_path / "together")
    for study in studies(tmp_path / "alone"):
        for verb in ("read", "clean", "weight"):
            config = str(study.root / "config.yaml")
            assert main([verb, "--population", "visitors", "--config", config]) == 0
    wanted = [f"{name}/{file}" for name in ("parks", "rivers") for file in MADE]
    done = snakemake(tmp_path / "together", "--cores", "1", *wanted)
    assert done.returncode == 0, done.stderr[-2000:]
    for file in wanted:
        together, alone = (tmp_path / of / file for of in ("together", "alone"))
        assert together.read_bytes() == alone.read_bytes()


def test_all_of_several_studies_is_planned(tmp_path: Path, snakemake: Snakemake) -> None:
    studies(tmp_path)
    done = snakemake(tmp_path, "--dry-run", "--quiet", "rules")
    assert done.returncode == 0, done.stderr[-2000:]
    counted = set(re.findall(r"^(\w+) +\d+$", done.stdout + done.stderr, re.MULTILINE))
    assert {"parks_report", "rivers_report", "parks_read", "rivers_read"} <= counted


def test_a_study_planned_beside_another_is_still_refused_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(input_guard, "_plans", {})
    monkeypatch.setenv(PLANNED, "")
    first, second = studies(tmp_path)
    first, second = Study.load(first.file), Study.load(second.file)
    assert plan(first) != plan(second)
    announce(first)
    announce(second)
    calls = [["read", "--population", "visitors", "--config", str(s.file)] for s in (first, second)]
    assert [main(call) for call in calls] == [0, 0]
    text = first.file.read_text(encoding="utf-8")
    first.file.write_text(text.replace("seed: 0", "seed: 7"), encoding="utf-8")
    assert [main(call) for call in calls] == [1, 0]
    assert "this changed after the run began" in capsys.readouterr().err
