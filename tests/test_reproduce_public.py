"""Raw data may be kept elsewhere: on another disk, or nowhere that this study can see."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from builds import copied
from ngo_survey.cli import main
from ngo_survey.study import Study
from ngo_survey.study.study import RAW
from ngo_survey.workflow.lock import products
from small_study import small_study

from conftest import run

#: What of the raw data is about respondents.
RESTRICTED = ("responses", "sample", "coding", "aliases")


def test_answers_on_a_restricted_disk_are_read_as_if_they_lay_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_study(tmp_path / "study")
    call = ["read", "--population", "government", "--config", str(folder / "config.yaml")]
    assert main(call) == 0
    made = folder / "data" / "processed" / "government" / "responses.csv"
    here = made.read_bytes()
    disk = tmp_path / "restricted"
    disk.mkdir()
    shutil.move(folder / "data" / "raw" / "responses", disk / "responses")
    assert main(call) == 1
    monkeypatch.setenv(RAW, str(disk))
    made.unlink()
    assert main(call) == 0
    assert made.read_bytes() == here


def test_released_results_make_the_same_pages_without_the_answers(
    small_built: Study, tmp_path: Path, thorough: bool
) -> None:
    """The thorough suite makes all pages again, the quick one a workbook."""
    folder = copied(small_built.root, tmp_path / "study")
    config = ["--config", str(folder / "config.yaml")]
    assert main(["verify", "--update", *config]) == 0
    assert main(["verify", *config]) == 0
    study = Study.load(folder / "config.yaml")
    before = {p: p.read_bytes() for p in products(study)}
    for name in RESTRICTED:
        shutil.rmtree(folder / "data" / "raw" / name)
    for path in (folder / "data" / "processed" / name for name in study.populations):
        shutil.rmtree(path)
    shutil.rmtree(folder / ".snakemake")
    if thorough:
        shutil.rmtree(folder / "figures")
        shutil.rmtree(folder / "reports")
    else:
        (folder / "reports" / "tables.en.xlsx").unlink()
    done = run(["snakemake", "--profile", "profiles/public", "pages"], folder, {RAW: os.devnull})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert {p: p.read_bytes() for p in products(study)} == {
        p: was for p, was in before.items() if p.is_relative_to(folder) and p.exists()
    }
    assert {p.name for p in before} - {p.name for p in products(study)} >= {"clean.csv"}
    assert main(["verify", "--released", *config]) == 0
    assert main(["verify", *config]) == 1
    assert main(["verify", "--update", *config]) == 1, "a part must not replace the whole"
