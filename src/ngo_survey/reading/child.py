"""Run a reader in a process of its own: the side that reads.

:func:`serve` is the process from which readers are forked, so that a library is imported once and
not for each file. It reads nothing itself, and so nothing of one file is left for the next.
:func:`main` does one job in a process that is forked: it takes it, pickled, on the input and gives
a pickled pair on the output: what became of it (``read``, ``refused``, ``broken``, ``memory``), and
what was read, the parts of the error, or what the library said.

`multiprocessing` has such a server too. It runs the script of its caller again in every child,
looks for modules in the folder where it is called, and needs a third process.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any

from ngo_survey.errors import SurveyError
from ngo_survey.reading.limits import Limits

LONGEST = 160
#: Bytes of the names of modules.
NAMES = 1024
#: The input, output and errors of a process that reads.
STREAMS = 3


def serve(descriptor: int) -> None:
    """Fork a process for each job that is asked for, until whoever asks is gone.

    A message is the names of modules that are imported first, with the three streams of the process
    that is to be forked; the answer is how it ended, as :func:`os.waitstatus_to_exitcode` says it.

    Parameters
    ----------
    descriptor: of a Unix socket.
    """
    # Ctrl+C ends whoever asks, and with it this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as asker:
        while True:
            modules, streams, *_ = socket.recv_fds(asker, NAMES, STREAMS)
            if not modules:
                return
            for module in modules.decode().split():
                # A reader that lacks one says so itself.
                with suppress(ImportError):
                    import_module(module)
            status = _forked(asker, streams)
            if status is None:
                return
            asker.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _forked(asker: socket.socket, streams: list[int]) -> int | None:
    """Return how a process ended that did one job; end it and return None if nobody waits."""
    ends, lives = os.pipe()
    reader = os.fork()
    if not reader:
        asker.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
            os.close(stream)
        try:
            main()
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    for stream in (lives, *streams):
        os.close(stream)
    # The other end of the pipe is closed when the process ends. Whoever asks says nothing before:
    # a socket that can be read is one that was closed.
    if asker.fileno() in select.select([asker.fileno(), ends], [], [])[0]:
        os.kill(reader, signal.SIGKILL)
    os.close(ends)
    _, status = os.waitpid(reader, 0)
    gone = select.select([asker], [], [], 0)[0]
    return None if gone else status


def main() -> None:
    """Do one job; what a library prints goes where errors go."""
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)
        with os.fdopen(os.dup(0), "rb") as job:
            folder, module, name, given, limits = pickle.load(job)
        os.chdir(folder)
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
