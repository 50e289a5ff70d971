"""The same bytes in another folder, locale, time, under another user and without a network.

On a small study that goes through every rule; `.ci/run` builds the whole one twice, by Snakemake.
Each build here suffers several conditions at once: what holds under all of them holds under each.
The first is Snakemake's; the others run every stage in one process, and so prove as well that it
writes what Snakemake does.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from builds import every_stage
from ngo_survey.study import Study
from ngo_survey.workflow import lock as locks
from ngo_survey.workflow import lock_text
from ngo_survey.workflow.verify import CLOSE, IDENTICAL, verify
from small_study import small_study

from conftest import run

NOBODY = 65534


def works(*command: str) -> bool:
    """Say whether a wrapper can be used here."""
    if shutil.which(command[0]) is None:
        return False
    call = [*command, sys.executable, "-c", "import numpy"]
    return subprocess.run(call, capture_output=True, check=False).returncode == 0


def locale(name: str) -> str:
    """Return a locale that is installed, or else C: which letters are capitals must not matter."""
    listed = run(["locale", "-a"], Path.cwd()).stdout.lower().replace("-", "").split()
    return name if name.lower().replace("-", "") in listed else "C"


def without_network() -> list[str]:
    for wrapper in (["unshare", "-n"], ["unshare", "-rn"]):
        if works(*wrapper):
            return wrapper
    return []


def unprivileged(folder: Path) -> list[str]:
    """Give the folder to nobody and return the call that runs as nobody, who may read Python."""
    asked = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    asked += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    if os.geteuid() != 0 or not works(*asked):
        return []
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return asked


def read_only(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def writable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


def taken(folder: Path) -> locks.Lock:
    return locks.take(Study.load(folder / "config.yaml"))


def same_bytes(one: locks.Lock, other: locks.Lock) -> None:
    differ = [p for p, o in one.outputs.items() if other.outputs[p].sha256 != o.sha256]
    assert one.outputs.keys() == other.outputs.keys()
    assert differ == []


@pytest.mark.thorough
def test_another_place_user_locale_zone_and_no_network_make_the_same_bytes(
    small_built: Study, tmp_path: Path
) -> None:
    folder = small_study(tmp_path / "другая папка" / "с пробелами")
    raw = folder / "data" / "raw"
    home = tmp_path / "home"
    home.mkdir()
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(0o755)
    nobody = unprivileged(folder)
    os.chown(home, *((NOBODY, NOBODY) if nobody else (-1, -1)))
    read_only(raw)
    try:
        command = ["sh", "-c", 'umask 077; exec "$@"', "sh", *without_network(), *nobody]
        done = run(
            [*command, "snakemake", "--cores", "1"],
            folder,
            {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "42", "HOME": str(home)},
        )
    finally:
        writable(raw)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    same_bytes(locks.take(small_built), taken(folder))
    assert all((p.stat().st_mode & 0o077) == 0 for p in (folder / "reports").glob("*.xlsx"))


@pytest.mark.thorough
def test_a_year_later_in_turkish_with_more_threads_makes_the_same_bytes(
    small_built: Study, tmp_path: Path
) -> None:
    if not works("faketime", "-f", "+1y"):
        pytest.skip("libfaketime is not installed: the clock cannot be set ahead")
    folder = small_study(tmp_path / "later")
    every_stage(
        folder,
        wrapper=["faketime", "-f", "+1y"],
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        LC_ALL=locale("tr_TR.UTF-8"),
        LANGUAGE="tr",
        TZ="America/St_Johns",
        PYTHONHASHSEED="random",
        OPENBLAS_NUM_THREADS="2",
    )
    same_bytes(locks.take(small_built), taken(folder))


@pytest.mark.thorough
def test_another_kernel_of_linear_algebra_is_equal_within_tolerance(
    small_built: Study, tmp_path: Path
) -> None:
    """The kernel for processors without AVX sums in another order."""
    folder = small_study(tmp_path / "kernel")
    every_stage(folder, OPENBLAS_CORETYPE="Nehalem")
    study = Study.load(folder / "config.yaml")
    (folder / "results.lock").write_text(
        lock_text.write(locks.take(small_built)), encoding="utf-8", newline="\n"
    )
    verdict = verify(lock_text.read(study.paths.lock), locks.take(study))
    assert verdict.status in {IDENTICAL, CLOSE}, verdict.text()
