"""Where a set of results is taken from: a commit, the folder of a study, a results folder, a lock.

Of a commit the lock that stands in it is read; or its tree is unpacked into a temporary folder,
built there with its own code, and recorded by it.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from ngo_survey.errors import ResultError, SurveyError
from ngo_survey.results.store import FAMILIES, Results
from ngo_survey.study import Paths, Study
from ngo_survey.workflow import lock_text
from ngo_survey.workflow.lock import Lock, take, values

HINT = "name a commit, a results folder, the folder of a study or a results.lock"


def results_at(study: Study, place: str, build: bool = False, cores: int = 1) -> Lock:
    """Return the results at a place.

    A name that is both a file and a commit is the file (``./name`` says so, ``heads/name`` not).

    Raises
    ------
    ResultError: there is no such place, no result in it, or its build failed.
    """
    path = Path(place)
    if path.is_file():
        return lock_text.read(path)
    if path.is_dir():
        return _of_folder(path)
    commit = _git(study, "rev-parse", "--verify", "--quiet", f"{place}^{{commit}}")
    if commit is None:
        raise ResultError("there is no such commit, folder or lock", value=place, hint=HINT)
    name = commit.decode().strip()
    return _built(study, place, name, cores) if build else _committed(study, place, name)


def _of_folder(path: Path) -> Lock:
    """Take what stands in the folder of a study (with its causes), or in a results folder."""
    if (path / "config.yaml").is_file():
        study = Study.load(path / "config.yaml")
        if study.paths.released.is_dir():
            return take(study)
    elif any(any((path / family).glob("*.csv")) for family in FAMILIES):
        return Lock({}, values(Results.load(path)))
    elif Paths(path).released.is_dir():
        return Lock({}, values(Results.load(Paths(path).released)))
    raise ResultError("there are no results here", file=path, hint=HINT)


def _committed(study: Study, place: str, commit: str) -> Lock:
    text = _git(study, "show", f"{commit}:./{study.paths.lock.name}")
    if text is None:
        raise ResultError(
            "no results.lock is committed there", value=place, hint="rebuild it with --build"
        )
    return lock_text.parse(text.decode("utf-8"), f"{place}:{study.paths.lock.name}")


def _built(study: Study, place: str, commit: str, cores: int) -> Lock:
    tree = _git(study, "archive", "--format=tar", commit)
    if tree is None:
        raise ResultError("the commit cannot be unpacked", value=place)
    with tempfile.TemporaryDirectory(prefix="ngo-survey-") as name:
        folder = Path(name)
        with tarfile.open(fileobj=io.BytesIO(tree)) as packed:
            packed.extractall(folder, filter="data")
        # Its own code goes before the installed one; the packages are those installed here.
        environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
        snakemake = ["-m", "snakemake", "--cores", str(cores), "--quiet", "rules"]
        for command in (snakemake, ["-m", "ngo_survey.cli", "verify", "--update"]):
            done = subprocess.run(
                [sys.executable, *command],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            # Verify says 1 where its lock is not of this machine; the lock is written all the same.
            if done.returncode and command is snakemake:
                said = f"{done.stderr}\n{done.stdout}".splitlines()
                reason = next((line for line in said if line.startswith("ngo-survey")), "")
                raise ResultError(
                    "this commit does not build here",
                    value=place,
                    hint=reason or "build it by hand to see why",
                )
        return lock_text.read(folder / study.paths.lock.name)


def _git(study: Study, *words: str) -> bytes | None:
    """Return what git says in the folder of the study; None when it fails."""
    git = shutil.which("git")
    if git is None:
        raise SurveyError("git is not installed", hint="compare folders or locks instead")
    done = subprocess.run([git, "-C", str(study.root), *words], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None
