"""What the machine refuses ends in one sentence, and links lead nowhere that they should not."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from ngo_survey.cli import main
from ngo_survey.results import files
from ngo_survey.study import Study
from ngo_survey.study.study import RAW
from ngo_survey.workflow.machine_faults import sentence
from ngo_survey.workflow.products import Products
from ngo_survey.workflow.verbs import read as stage
from plain_study import plain_study

GROUP = "visitors"
CODES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "this user may not read or write it",
    errno.EPERM: "this user may not read or write it",
    errno.ENOENT: "the file is missing",
    errno.ENOMEM: "there is not enough memory",
    errno.ELOOP: "this is a symbolic link",
}


@pytest.fixture
def park(tmp_path: Path, stages: None) -> Study:
    return plain_study(tmp_path / "study", [GROUP])


def call(study: Study, verb: str = "read", *more: str) -> int:
    return main([verb, "--population", GROUP, "--config", str(study.file), *more])


def only_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert said.startswith("ngo-survey ")
    return said


@pytest.mark.parametrize("code", CODES)
def test_an_error_of_the_machine_is_one_sentence(
    code: int, park: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(park.paths.responses(GROUP))

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code), place)

    monkeypatch.setattr(files.Path, "replace", fail)
    assert call(park) == 1
    said = only_line(capsys)
    assert CODES[code] in said
    if code not in (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM):
        assert f"read: data/processed/{GROUP}/responses.csv: " in said


def test_memory_that_runs_out_is_one_sentence(
    park: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(stage, "read_responses", fail)
    assert call(park) == 1
    assert "there is not enough memory" in only_line(capsys)


def test_a_defect_of_the_program_is_still_shown_whole(
    park: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(stage, "read_responses", fail)
    with pytest.raises(OSError, match="Bad file"):
        call(park)


def test_a_log_that_cannot_be_written_is_one_sentence(
    park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.log").symlink_to(tmp_path / "outside")
    assert call(park, "read", "--log", str(tmp_path / "x.log")) == 1
    assert "x.log: this is a symbolic link" in only_line(capsys)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("verb", ["clean", "weight", "estimate", "tabulate", "precision"])
def test_a_verb_before_its_time_says_what_comes_before(
    verb: str, park: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(park, verb) == 1
    said = only_line(capsys)
    assert "this file is not made yet" in said
    assert "what comes before: read" in said


@pytest.mark.parametrize(
    "verb", ["round", "draw", "workbook", "package", "report", "crate", "summary", "sheet"]
)
def test_a_verb_of_the_whole_study_before_its_time_is_one_sentence(
    verb: str, park: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([verb, "--config", str(park.file)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert status == 0 or said.err.count("\n") == 1


def test_memory_and_errors_without_a_file_have_no_place() -> None:
    assert sentence(OSError(errno.EACCES, "no"), Path("/")) == ""


# -- symbolic links --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        *(f"data/raw/{kind}/{GROUP}.csv" for kind in ("responses", "sample", "register")),
        *(f"data/raw/questionnaires/{GROUP}.xlsx", "data/raw/responses", "data/raw", "data"),
        *("words/de.yaml", "words"),
    ],
)
def test_a_link_does_not_lead_reading_out_of_the_study(
    place: str, park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = park.root / place
    shutil.move(link, tmp_path / "outside")
    link.symlink_to(tmp_path / "outside")
    assert call(park) == 1
    assert f"{place}: this symbolic link leads out of the study" in only_line(capsys)


def test_a_plan_of_snakemake_refuses_such_a_link_too(park: Study, tmp_path: Path) -> None:
    shutil.move(park.root / "words", tmp_path / "outside")
    (park.root / "words").symlink_to(tmp_path / "outside")
    with pytest.raises(Exception, match="words: this symbolic link leads out"):
        Products.load(str(park.file))


def test_a_link_within_the_study_and_to_the_restricted_disk_is_read(
    park: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = park.population(GROUP).responses
    answers.rename(park.root / "answers.csv")
    answers.symlink_to(park.root / "answers.csv")
    assert call(park) == 0
    disk = tmp_path / "disk"
    disk.mkdir()
    (park.root / "answers.csv").rename(disk / "answers.csv")
    answers.unlink()
    answers.symlink_to(disk / "answers.csv")
    assert call(park) == 1
    monkeypatch.setenv(RAW, str(disk))
    assert call(park) == 0


@pytest.mark.parametrize(
    "place", ["data/processed", f"data/processed/{GROUP}", "figures", "reports", ".ngo-survey"]
)
def test_a_folder_of_products_is_no_link(
    place: str, park: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outside").mkdir()
    (park.root / place).parent.mkdir(exist_ok=True)
    (park.root / place).symlink_to(tmp_path / "outside")
    assert call(park) == 1
    assert f"{place}: this folder of products is a symbolic link" in only_line(capsys)
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_study_that_is_reached_by_a_link_is_read(park: Study, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(park.root)
    assert (
        main(["read", "--population", GROUP, "--config", str(tmp_path / "link/config.yaml")]) == 0
    )


# -- names of folders ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["{x}", "a {population} b", "{{", "}", "100%", "new\nline"])
def test_a_study_may_lie_in_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    study = plain_study(tmp_path / name, [GROUP])
    assert call(study) == 0
    assert Study.load(study.file).paths.responses(GROUP).is_file()


def test_snakemake_plans_a_study_in_such_a_folder_with_raw_data_in_another(
    tmp_path: Path, snakemake
) -> None:
    study = plain_study(tmp_path / "{x} {population}", [GROUP])
    disk = tmp_path / "{y}" / "responses"
    disk.parent.mkdir()
    shutil.move(study.root / "data" / "raw" / "responses", disk)
    text = "from ngo_survey.workflow import SNAKEFILE\n\ninclude: SNAKEFILE\n\n\n"
    text += "rule all:\n    input:\n        make.targets,\n"
    (study.root / "Snakefile").write_text(text, encoding="utf-8")
    target = f"data/processed/{GROUP}/clean.csv"
    done = snakemake(study.root, "--cores", "1", target, environment={RAW: str(disk.parent)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert (study.root / target).is_file()
