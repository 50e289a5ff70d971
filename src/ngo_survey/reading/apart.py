"""Run a reader in a process of its own: the side that asks."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ngo_survey.errors import InputError
from ngo_survey.reading import child
from ngo_survey.reading.limits import Limits

Made = TypeVar("Made")
logger = logging.getLogger(__name__)
#: What C++, Python and Rust say when memory that they ask for is not given.
NO_MEMORY = ("MemoryError", "memory allocation of", "bad_alloc", "Cannot allocate memory")
PACKAGES = Path(__file__).parents[2]


def run_apart(
    function: Callable[..., Made],
    *given: Any,
    what: str,
    shown: str | None,
    hint: str,
    limits: Limits,
) -> Made:
    """Return what a function of a module makes of ``given`` and ``limits`` in another process.

    Parameters
    ----------
    function: importable by its name, with no heavy module above it: its import is paid each time.
    given: what can be pickled, as what it returns can.
    what: what is read, as errors call it ("SPSS file").
    shown: how errors name the file, None where there is none.
    hint: how a broken file is corrected.

    Raises
    ------
    InputError: what the function refuses; a file that its library cannot read, that brings the
        library down, or that takes more memory or time than the limits allow.
    """
    job = pickle.dumps((function.__module__, function.__qualname__, given, limits))
    # The same program as here, however it was found, and no module of the folder where it is
    # called (-P); a library needs no second thread to read.
    paths = [str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    surroundings = {"PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
    kind: str
    made: Any
    command = [sys.executable, "-P", "-c", f"from {child.__name__} import main; main()"]
    # The child keeps its own time: waiting for it with a timeout fails where a clock is set ahead.
    done = subprocess.run(
        command, input=job, capture_output=True, env={**os.environ, **surroundings}, check=False
    )
    said = done.stderr.decode("utf-8", "replace")
    # What comes back is pickled by our own code in the child, never by the file.
    kind, made = pickle.loads(done.stdout) if not done.returncode else _ended(done, said)
    if kind == "read":
        return made
    if kind == "refused":
        raise InputError(**made, file=shown)
    logger.info("reading %s ended: %s %s\n%s", shown, kind, made, said)
    if kind == "memory":
        raise InputError(
            f"reading the {what} takes more than {limits.memory:,} MB of memory",
            file=shown,
            hint=f"{hint}{limits.above('memory')}",
        )
    if kind == "time":
        raise InputError(
            f"reading the {what} takes longer than {limits.seconds:,} s",
            file=shown,
            hint=f"{hint}{limits.above('seconds')}",
        )
    raise InputError(f"the {what} cannot be read ({made})", file=shown, hint=hint)


def _ended(done: subprocess.CompletedProcess[bytes], said: str) -> tuple[str, str]:
    """Return why a process ended that brought nothing back."""
    if done.returncode in (-signal.SIGXCPU, -signal.SIGALRM):
        return "time", ""
    if done.returncode == -signal.SIGKILL or any(words in said for words in NO_MEMORY):
        return "memory", ""
    code = done.returncode
    how = signal.Signals(-code).name if code < 0 else f"exit {code}"
    return "broken", f"it brings its reader down, {how}"
