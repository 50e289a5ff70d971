"""Killed, out of disk, started twice, edited under way: never a half-written output for good."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from builds import copied
from ngo_survey.cli import main
from ngo_survey.study import Study
from ngo_survey.workflow.input_guard import PLANNED, plan
from ngo_survey.workflow.lock import products
from ngo_survey.workflow.verbs import read as stage
from small_study import small_study

from conftest import run

SEED = 20261124
#: Kills of the quick and of the thorough suite.
FEW, MANY = 3, 20
#: A kill comes after so many new outputs and then so many seconds, whatever the machine's speed.
OUTPUTS, SECONDS = 9, 2.0


def contents(study: Study) -> dict[str, bytes]:
    """Return every product that stands, by path."""
    return {p.relative_to(study.root).as_posix(): p.read_bytes() for p in products(study)}


def snakemake(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    return subprocess.Popen(
        ["snakemake", "--cores", "2", "--rerun-incomplete", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def forget(folder: Path) -> list[str]:
    """Remove what a short stage of a build wrote; return it, so that a run can make it again."""
    made = min((folder / "data/processed/results/precision").iterdir())
    made.unlink()
    return [made.relative_to(folder).as_posix()]


def finish(folder: Path, *targets: str) -> None:
    done = run(["snakemake", "--cores", "2", "--rerun-incomplete", *targets], folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_killed_at_random_moments_the_next_run_ends_with_the_same_bytes(
    small_built: Study, tmp_path: Path, thorough: bool
) -> None:
    """The thorough suite goes on to the last page, the quick one to the weights."""
    study = Study.load(small_study(tmp_path / "killed") / "config.yaml")
    folder = study.root
    weights = [study.paths.weights(name).relative_to(folder) for name in study.populations]
    targets = [] if thorough else [path.as_posix() for path in weights]
    wanted = contents(small_built)
    chance = random.Random(SEED)
    kills = MANY if thorough else FEW
    for number in range(1, kills + 1):
        wait_for = len(products(study)) + chance.randint(0, OUTPUTS)
        began = time.monotonic()
        # After a kill the folder stays locked; to unlock it takes as long as a short run.
        running = snakemake(folder, *([] if number == kills else ["--nolock"]), *targets)
        while running.poll() is None and len(products(study)) < wait_for:
            time.sleep(0.02)
        try:
            running.wait(chance.uniform(0, SECONDS))
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        moment = time.monotonic() - began
        standing = contents(study)
        partial = [p.name for p in folder.rglob(".*.partial")]
        print(f"kill {number:2} after {moment:4.1f} s: {len(standing)} outputs, partial {partial}")
        assert {path for path, was in standing.items() if was != wanted[path]} == set()
        if running.returncode == 0:
            for product in ("data/processed", "figures", "reports", ".snakemake"):
                shutil.rmtree(folder / product, ignore_errors=True)
    run(["snakemake", "--unlock"], folder)
    finish(folder, *targets)
    made = contents(study)
    assert made == {path: was for path, was in wanted.items() if path in made}
    assert made.keys() >= ({path.as_posix() for path in weights} if targets else wanted.keys())


def test_a_second_run_in_the_same_folder_is_refused(small_built: Study, tmp_path: Path) -> None:
    folder = copied(small_built.root, tmp_path / "twice")
    targets = forget(folder)
    first = snakemake(folder, *targets)
    try:
        locks = folder / ".snakemake" / "locks"
        while first.poll() is None and not (locks.is_dir() and any(locks.iterdir())):
            time.sleep(0.05)
        # It waits until the second run has been refused, however long that takes.
        os.killpg(first.pid, signal.SIGSTOP)
        # Without the flag it may be refused sooner: outputs under way look incomplete.
        second = run(["snakemake", "--cores", "1", "--rerun-incomplete", *targets], folder)
        os.killpg(first.pid, signal.SIGCONT)
        assert second.returncode != 0
        assert "cannot be locked" in second.stdout + second.stderr
        assert first.wait() == 0
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
    assert contents(Study.load(folder / "config.yaml")) == contents(small_built)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(call, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root alone")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    small_built: Study, small_disk: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = copied(small_built.root, tmp_path / "full")
    targets = forget(folder)
    shutil.copytree(folder / "data" / "processed", small_disk, dirs_exist_ok=True)
    here = folder / "data" / "processed"
    subprocess.run(["mount", "--bind", str(small_disk), str(here)], check=True)
    request.addfinalizer(lambda: subprocess.run(["umount", "-l", str(here)], check=True))
    filler = small_disk / ".filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"0" * 4096)
    done = run(["snakemake", "--cores", "2", *targets], folder)
    assert done.returncode != 0
    assert "the disk is full" in done.stdout + done.stderr
    wanted, study = contents(small_built), Study.load(folder / "config.yaml")
    assert all(was == wanted[path] for path, was in contents(study).items())
    filler.unlink()
    finish(folder, *targets)
    assert contents(study) == wanted


@pytest.fixture
def small(study: Study, tmp_path: Path) -> Study:
    """The small study, not built."""
    return Study.load(small_study(tmp_path / "study") / "config.yaml")


def test_a_raw_file_edited_while_it_is_read_is_a_clear_refusal(
    small: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    responses = small.population("government").responses
    reading = stage.read_responses

    def edited(study: Study, population: str) -> object:
        read = reading(study, population)
        responses.write_text(responses.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return read

    monkeypatch.setattr(stage, "read_responses", edited)
    config = str(small.root / "config.yaml")
    assert main(["read", "--population", "government", "--config", config]) == 1
    said = capsys.readouterr().err
    assert "data/raw/responses/government.csv: this changed while it was being read" in said
    monkeypatch.undo()
    assert main(["read", "--population", "government", "--config", config]) == 0


def test_a_configuration_edited_after_the_run_began_is_a_clear_refusal(
    small: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PLANNED, plan(small))
    file = small.root / "config.yaml"
    call = ["read", "--population", "government", "--config", str(file)]
    assert main(call) == 0
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("seed: 20261124", "seed: 1"), encoding="utf-8")
    assert main(call) == 1
    assert "this changed after the run began" in capsys.readouterr().err
