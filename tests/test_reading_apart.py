"""Each file is read by a process of its own, forked from one that has libraries imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import apart_jobs
from ngo_survey.reading import server
from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits

from conftest import ROOT


@pytest.fixture(autouse=True)
def _of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let processes find the jobs of these tests."""
    monkeypatch.setenv("PYTHONPATH", f"{server.PACKAGES}{os.pathsep}{ROOT / 'tests'}")
    yield
    server.close()


def apart(job: Callable[..., Any], *given: Any) -> Any:
    return run_apart(job, *given, what="file", shown="a.sav", hint="correct it", limits=Limits())


def test_each_file_has_a_process_of_its_own_and_libraries_are_imported_once() -> None:
    (one, first), (other, second) = apart(apart_jobs.processes), apart(apart_jobs.processes)
    assert one != other
    assert first == second != os.getpid()


def test_a_file_leaves_nothing_to_the_next_one() -> None:
    assert [apart(apart_jobs.keep, "left_behind") for _ in range(2)] == [False, False]


def test_what_a_library_prints_is_no_result_however_much_it_is() -> None:
    assert apart(apart_jobs.talk, 300_000) == "c" * 300_000
    assert apart(apart_jobs.length, "d" * 300_000) == 300_000


def test_a_path_is_looked_up_where_the_program_stands_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart(apart_jobs.processes)
    (tmp_path / "a.sav").write_text("answers")
    monkeypatch.chdir(tmp_path)
    assert apart(apart_jobs.content, "a.sav") == "answers"


def test_no_module_of_the_folder_of_the_study_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pickle", "pandas", "apart_jobs"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert apart(apart_jobs.length, "abc") == 3


def test_threads_take_turns() -> None:
    with ThreadPoolExecutor(4) as threads:
        said = threads.map(lambda n: apart(apart_jobs.length, "e" * n), range(8))
        assert list(said) == list(range(8))


def test_a_program_that_was_forked_asks_a_process_of_its_own() -> None:
    _, ours = apart(apart_jobs.processes)
    taken, given = os.pipe()
    child = os.fork()
    if not child:
        _, theirs = apart(apart_jobs.processes)
        os.write(given, str(theirs).encode())
        server.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(taken, 100)) != ours
    for end in (taken, given):
        os.close(end)
    assert apart(apart_jobs.processes)[1] == ours


def test_what_was_forked_from_a_program_does_not_keep_it_from_ending() -> None:
    apart(apart_jobs.processes)
    taken, given = os.pipe()
    child = os.fork()
    if not child:
        os.close(given)
        os.read(taken, 1)
        os._exit(0)
    ending = threading.Thread(target=server.close, daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
    for end in (taken, given):
        os.close(end)
    os.waitpid(child, 0)


def test_the_next_file_is_read_when_the_process_to_fork_from_was_ended() -> None:
    _, first = apart(apart_jobs.processes)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert apart(apart_jobs.processes)[1] != first


class Interruption(BaseException):
    """What Ctrl+C raises, under a name of its own: workers of pytest do not heed that signal."""


def test_whoever_was_interrupted_gets_no_answer_of_before(tmp_path: Path) -> None:
    here = threading.get_ident()

    def interrupt() -> None:
        written(tmp_path / "waits")
        signal.pthread_kill(here, signal.SIGUSR1)

    def interrupted(*_: object) -> None:
        raise Interruption

    before = signal.signal(signal.SIGUSR1, interrupted)
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Interruption):
        apart(apart_jobs.wait, str(tmp_path / "waits"), 60)
    thread.join()
    signal.signal(signal.SIGUSR1, before)
    assert apart(apart_jobs.length, "abc") == 3
    assert gone(written(tmp_path / "waits"))


def test_a_program_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    code = "import sys, test_reading_apart as t; t.apart(t.apart_jobs.wait, sys.argv[1], 60)"
    program = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "waits")])
    processes = written(tmp_path / "waits")
    program.kill()
    program.wait()
    assert gone(processes)


def written(sign: Path) -> list[int]:
    """Return the processes that a job of :func:`apart_jobs.wait` writes down when it begins."""
    until = time.monotonic() + 30
    while not sign.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return [int(process) for process in sign.read_text().split()]


def gone(processes: list[int]) -> bool:
    """Wait until none of the processes runs; where one goes on, the job ends first."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if not any(_runs(process) for process in processes):
            return True
        time.sleep(0.01)
    return False


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # One whose parent was killed stays in the table until its new parent asks for it.
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
