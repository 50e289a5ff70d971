"""Run a reader in a process of its own: the side that reads.

:func:`main` takes a pickled job on the input of its process and gives a pickled pair on the output:
what became of it (``read``, ``refused``, ``broken``, ``memory``), and what was read, the parts of
the error, or what the library said. It is imported anew each time, and so imports little.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import traceback
from importlib import import_module
from typing import Any

from ngo_survey.errors import SurveyError
from ngo_survey.reading.limits import Limits

LONGEST = 160


def main() -> None:
    """Do one job; what a library prints goes where errors go."""
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)
        module, name, given, limits = pickle.load(sys.stdin.buffer)
        _hold(limits)
        pickle.dump(_done(module, name, given, limits), output, protocol=5)


def _hold(limits: Limits) -> None:
    """Set the limits of the operating system; it leaves no image of memory behind."""
    wanted = {
        resource.RLIMIT_AS: limits.memory * 1_000_000,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (least, hard))
        except (OSError, ValueError):  # macOS does not limit the address space
            continue
    # Ends the process when the time is over, whatever a library is doing.
    signal.alarm(max(1, int(limits.seconds)))


def _done(module: str, name: str, given: tuple[Any, ...], limits: Limits) -> tuple[str, Any]:
    try:
        return "read", getattr(import_module(module), name)(*given, limits)
    except SurveyError as error:
        kept = ("problem", "hint", "sheet", "row", "column", "value")
        return "refused", {part: getattr(error, part) for part in kept}
    except MemoryError:
        return "memory", ""
    except BaseException as error:  # a panic of Rust is no Exception
        traceback.print_exc()
        lines = str(error).strip().splitlines() or [""]
        said = "".join(c if c.isprintable() else "?" for c in lines[0])[:LONGEST].strip()
        return "broken", said or type(error).__name__
