"""The process from which readers are forked, as the program that asks it sees it."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from ngo_survey.reading import child

PACKAGES = Path(__file__).parents[2]
PORTION = 1 << 16


class ReaderServer:
    """A process that waits, with libraries imported, to be asked for a reader.

    It is started for the first file that is read and ends with the program, however that ends: it
    sees its end of a socket close.

    Attributes
    ----------
    owner: the process that started it; one that was forked from that needs its own.
    """

    def __init__(self, paths: str) -> None:
        self.paths = paths
        self.owner = os.getpid()
        self._socket, theirs = socket.socketpair()
        # The same program as here, however it was found, and no module of the folder where it is
        # called (-P). Nothing starts a thread before a reader is forked, nor needs one to read.
        surroundings = {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
        code = f"from {child.__name__} import serve; serve({theirs.fileno()})"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **surroundings},
                pass_fds=[theirs.fileno()],
            )

    def run(self, modules: Sequence[str], job: bytes) -> tuple[int, bytes, str]:
        """Have one job done by a process of its own, as :func:`ngo_survey.reading.child.main` does.

        Parameters
        ----------
        modules: what the server is to import before.

        Returns
        -------
        How the process ended (0, an exit status, or minus a signal), its output, its errors.
        """
        (taken, given), (out, output), (err, errors) = (os.pipe() for _ in range(3))
        with (
            os.fdopen(given, "wb", buffering=0) as there,
            os.fdopen(out, "rb", buffering=0) as made,
            os.fdopen(err, "rb", buffering=0) as said,
        ):
            # A process that ends early takes nothing more; how it ended is told below.
            with suppress(BrokenPipeError):
                try:
                    socket.send_fds(
                        self._socket, [" ".join(modules).encode()], [taken, output, errors]
                    )
                finally:
                    for stream in (taken, output, errors):
                        os.close(stream)
                _write(there, job)
            there.close()
            what, words = _all_of(made, said)
        # The child keeps its own time: to wait with a timeout fails where a clock is set ahead.
        ended = b""
        with suppress(ConnectionResetError):
            ended = self._socket.recv(PORTION)
        status = int(ended) if ended else self._process.wait()
        return status, what, words.decode("utf-8", "replace")

    def serves(self, paths: str) -> bool:
        """Say whether this process may ask it: it runs, and finds the same modules."""
        return self.owner == os.getpid() and self.paths == paths and self._process.poll() is None

    def close(self) -> None:
        """Let it end, and wait for it where this process started it."""
        if self.owner == os.getpid():
            # What was forked from this process may have the socket too: to close it is not enough.
            with suppress(OSError):  # the other end is gone
                self._socket.shutdown(socket.SHUT_RDWR)
            self._process.wait()
        self._socket.close()


_server: ReaderServer | None = None
#: One reader at a time: a program of several threads takes turns.
_turn = threading.Lock()


def run_in_turn(modules: Sequence[str], job: bytes) -> tuple[int, bytes, str]:
    """Have one job done by the server of this process, as :meth:`ReaderServer.run` says."""
    global _server  # noqa: PLW0603 - one server for one process, started when it is needed
    paths = os.pathsep.join([str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
    with _turn:
        if _server is None or not _server.serves(paths):
            close()
            _server = ReaderServer(paths)
        try:
            return _server.run(modules, job)
        except BaseException:
            # Whoever was interrupted has not heard the answer: the next one must not get it.
            close()
            raise


def close() -> None:
    """End the server of this process, if there is one."""
    global _server
    server, _server = _server, None
    if server is not None:
        server.close()


atexit.register(close)


def _write(pipe: FileIO, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[pipe.write(left) :]


def _all_of(*pipes: FileIO) -> list[bytes]:
    """Return all that pipes bring until each ends, none of them left to fill up."""
    brought: dict[FileIO, list[bytes]] = {pipe: [] for pipe in pipes}
    with DefaultSelector() as waiting:
        for pipe, parts in brought.items():
            waiting.register(pipe, EVENT_READ, (pipe, parts))
        while waiting.get_map():
            for ready, _ in waiting.select():
                pipe, parts = ready.data
                parts.append(pipe.read(PORTION))
                if not parts[-1]:
                    waiting.unregister(pipe)
    return [b"".join(parts) for parts in brought.values()]
