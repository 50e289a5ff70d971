"""What several tests share: the study as it ships, and one build of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ngo_survey.study import Study

ROOT = Path(__file__).parent.parent


def copy_study(folder: Path) -> Path:
    """Copy what a researcher has after cloning, without any product, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "docs").mkdir(exist_ok=True)
    for name in ("config.yaml", "Snakefile", "requirements.lock", "docs/environment.yaml"):
        shutil.copy(ROOT / name, folder / name)
    for part in ("data/raw", "chapters", "words"):
        shutil.copytree(ROOT / part, folder / part, dirs_exist_ok=True)
    if (ROOT / "results.lock").exists():
        shutil.copy(ROOT / "results.lock", folder / "results.lock")
    return folder


def run(
    command: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of this Python's environment as a user would in ``folder``."""
    here = Path(sys.executable).parent
    path = os.pathsep.join([str(here), os.environ["PATH"]])
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="session")
def study() -> Study:
    """The study as it ships."""
    return Study.load(ROOT / "config.yaml")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study as it ships, built once by `snakemake` in a folder of its own.

    The path has a space and Cyrillic letters, the time zone and hash seed are not the builder's,
    and there is one core: outputs must not depend on any of it.
    """
    folder = copy_study(tmp_path_factory.mktemp("сборка исследования"))
    done = run(["snakemake", "--cores", "2"], folder, {"TZ": "Asia/Almaty", "PYTHONHASHSEED": "11"})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return Study.load(folder / "config.yaml")


@pytest.fixture(scope="session")
def small_built(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A small study that goes through every rule, built once; to be copied before it is touched."""
    from small_study import small_study

    folder = small_study(tmp_path_factory.mktemp("small") / "study")
    done = run(["snakemake", "--cores", "2"], folder)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return Study.load(folder / "config.yaml")
