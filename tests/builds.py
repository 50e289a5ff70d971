"""Builds that tests share: one of each study, kept by the content of all that it is made from.

A build lies in a folder of its own under ``.pytest_cache/builds``. It is found again as long as
code, configuration, data and libraries are the same, by another session as well as by another
worker of this one: a change of a test alone builds nothing. Nobody may change a file of it: whoever
needs to copies the folder (`copied`).
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: The fixture that runs Snakemake.
Snakemake = Callable[..., subprocess.CompletedProcess[str]]
FOLDER = ROOT / ".pytest_cache" / "builds"
#: What a researcher has of a study after cloning; what is not there is left out.
STUDY = (
    *("config.yaml", "data/raw", "chapters", "words", "Snakefile", "profiles", "requirements.lock"),
    *("docs/environment.yaml", "results.lock"),
)
#: What a build of it is made from; a folder stands for every file in it.
INPUTS = (
    *(name for name in STUDY if name != "results.lock"),
    *("src/ngo_survey", "tests/builds.py", "tests/every_stage.py"),
)
#: Linear algebra on one thread: beside other processes, threads spend their time waiting.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
#: Written last: the files of a build that is whole, each with its size and date.
MANIFEST = "manifest.txt"
#: Builds of one study that are kept; older ones are removed.
KEPT = 2


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of this Python's environment as a user would in ``folder``."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**user_environment(), **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def user_environment() -> dict[str, str]:
    """Return the variables of a shell in which this Python's environment is active.

    Of those that the tests set for themselves a user has none: the program must set its own.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    return {**kept, "PATH": path}


def copy_study(folder: Path) -> Path:
    """Copy what a researcher has after cloning, without any product, into ``folder``."""
    for name in STUDY:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
        elif (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def build(
    name: str,
    make: Callable[[Path], object],
    *,
    inputs: Sequence[str] = INPUTS,
    folder: str = "study",
) -> Path:
    """Return the folder of a whole build, made now unless one of the same content is kept.

    ``make`` writes and builds a study in a new folder, whose name is ``folder``. Workers of one
    session that ask at once wait for the first of them.
    """
    place = FOLDER / name / _content(inputs)
    study = place / folder
    with _alone(FOLDER / f"{name}.lock"):
        if unchanged(study):
            os.utime(place)
            return study
        shutil.rmtree(place, ignore_errors=True)
        study.mkdir(parents=True)
        make(study)
        (place / MANIFEST).write_text(_listing(study), encoding="utf-8")
        _prune(FOLDER / name)
    return study


def snakemake(folder: Path, *targets: str, environment: Mapping[str, str] | None = None) -> None:
    """Build files of a study, all of them unless any is named."""
    done = run(["snakemake", "--cores", "2", *targets], folder, environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def draw_less(folder: Path) -> None:
    """Have the study that ships complete missing answers five times and draw twenty samples anew.

    Both are repeated as often as is declared in the thorough suite, where a third of the time is
    theirs.

    Raises AssertionError where its configuration does not say how often, each in one place.
    """
    config = folder / "config.yaml"
    text = config.read_text(encoding="utf-8")
    for often, fewer in ((r"(?m)^(    m: )\d+$", 5), (r"(\breplicates: )\d+\b", 20)):
        text, found = re.subn(often, rf"\g<1>{fewer}", text)
        assert found == 1
    config.write_text(text, encoding="utf-8")


def every_stage(
    folder: Path, *languages: str, wrapper: Sequence[str] = (), **environment: str
) -> None:
    """Build a study in one process, its pages in all languages unless any is named.

    The process is a child, so that one that is killed or set up otherwise is not that of the tests.
    ``wrapper`` is a command that starts it.
    """
    command = [*wrapper, sys.executable, str(ROOT / "tests" / "every_stage.py"), *languages]
    done = run(command, folder, ONE_THREAD | environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def unchanged(study: Path) -> bool:
    """Say whether a build is whole and every file of it is as it was made."""
    manifest = study.parent / MANIFEST
    return manifest.is_file() and manifest.read_text(encoding="utf-8") == _listing(study)


def copied(study: Path, folder: Path) -> Path:
    """Copy a build into a new folder, to be changed there; for Snakemake it is up to date."""
    shutil.copytree(study, folder, symlinks=True)
    return folder


def _content(inputs: Sequence[str]) -> str:
    """Return the hash of files and folders of the repository, of Python and of its libraries."""
    digest = hashlib.sha256(sys.version.encode())
    installed = {f"{d.name} {d.version}" for d in importlib.metadata.distributions()}
    digest.update("\n".join(sorted(installed)).encode())
    for name in inputs:
        top = ROOT / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:16]


def _listing(study: Path) -> str:
    """Return every file that a test can see, with size and date; no logs of a run."""
    lines = [
        f"{path.relative_to(study).as_posix()} {path.stat().st_size} {path.stat().st_mtime_ns}"
        for path in sorted(study.rglob("*"))
        if path.is_file() and not {".snakemake", "logs"} & set(path.relative_to(study).parts)
    ]
    return "\n".join(lines)


def _prune(folder: Path) -> None:
    """Remove the builds that nobody asked for lately."""
    for old in sorted(folder.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(old)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Wait until no other process holds the file, and hold it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
