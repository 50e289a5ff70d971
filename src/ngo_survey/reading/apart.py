"""Run a reader in a process of its own: the side that asks."""

from __future__ import annotations

import logging
import pickle
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ngo_survey.errors import InputError
from ngo_survey.reading.limits import Limits
from ngo_survey.reading.server import run_in_turn

Made = TypeVar("Made")
logger = logging.getLogger(__name__)
#: What C++, Python and Rust say when memory that they ask for is not given.
NO_MEMORY = ("MemoryError", "memory allocation of", "bad_alloc", "Cannot allocate memory")


def run_apart(
    function: Callable[..., Made],
    *given: Any,
    what: str,
    shown: str | None,
    hint: str,
    limits: Limits,
    libraries: Sequence[str] = (),
) -> Made:
    """Return what a function of a module makes of ``given`` and ``limits`` in another process.

    Parameters
    ----------
    function: importable by its name. Its module is imported once by the process from which
        readers are forked.
    given: what can be pickled, as what it returns can.
    what: what is read, as errors call it ("SPSS file").
    shown: how errors name the file, None where there is none.
    hint: how a broken file is corrected.
    libraries: modules that the function imports itself, to be imported once too.

    Raises
    ------
    InputError: what the function refuses; a file that its library cannot read, that brings the
        library down, or that takes more memory or time than the limits allow.
    """
    job = (str(Path.cwd()), function.__module__, function.__qualname__, given, limits)
    kind: str
    made: Any
    ended, output, said = run_in_turn((function.__module__, *libraries), pickle.dumps(job))
    # What comes back is pickled by our own code in the child, never by the file.
    kind, made = pickle.loads(output) if not ended else _why(ended, said)
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


def _why(ended: int, said: str) -> tuple[str, str]:
    """Return why a process ended that brought nothing back."""
    if ended in (-signal.SIGXCPU, -signal.SIGALRM):
        return "time", ""
    if ended == -signal.SIGKILL or any(words in said for words in NO_MEMORY):
        return "memory", ""
    how = signal.Signals(-ended).name if ended < 0 else f"exit {ended}"
    return "broken", f"it brings its reader down, {how}"
