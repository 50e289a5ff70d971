"""Answers of people are not committed by accident: git is asked, and check warns."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ngo_survey.cli import main
from ngo_survey.study import Study
from ngo_survey.workflow.ignored import committable, template
from plain_study import plain_study

FILES = ["data/raw/responses/visitors.csv", "data/raw/sample/visitors.csv"]


def collected(folder: Path, repository: bool = True) -> Study:
    study = plain_study(folder, ["visitors"])
    text = study.file.read_text(encoding="utf-8")
    study.file.write_text(text.replace("data: simulated", "data: collected"), encoding="utf-8")
    if repository:
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return Study.load(study.file)


def test_what_git_would_commit_is_told_with_the_line_that_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = collected(tmp_path)
    assert committable(study) == FILES
    assert main(["check", "--config", str(study.file)]) == 0
    said = capsys.readouterr().out
    assert f"WARNING: git would commit {FILES[0]}: add a line /{FILES[0]} to .gitignore" in said
    (tmp_path / ".gitignore").write_text("".join(f"/{file}\n" for file in FILES))
    assert committable(study) == []


def test_the_template_covers_them(tmp_path: Path) -> None:
    study = collected(tmp_path)
    (tmp_path / ".gitignore").write_text(template(), encoding="utf-8")
    assert committable(study) == []


def test_what_is_committed_already_is_told_though_it_is_ignored(tmp_path: Path) -> None:
    study = collected(tmp_path)
    subprocess.run(["git", "-C", str(tmp_path), "add", FILES[0]], check=True)
    (tmp_path / ".gitignore").write_text(template(), encoding="utf-8")
    assert committable(study) == [FILES[0]]


def test_a_simulated_study_and_one_without_git_are_left_alone(tmp_path: Path) -> None:
    assert committable(plain_study(tmp_path / "simulated", ["visitors"])) == []
    assert committable(collected(tmp_path / "plain", repository=False)) == []
