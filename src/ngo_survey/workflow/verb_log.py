"""What a verb says: all of it into its log, to the terminal only what people need.

Modules log by their own names. Warnings and errors always go to stderr. Called by hand, a verb
also says there what it made. With ``--log FILE`` every record goes into the file, and what was made
stands in its last line: a build prints it with its count of stages
(:mod:`ngo_survey.workflow.build_output`).
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ngo_survey.results.files import open_log

#: The logger of the line that says what a stage made.
STAGE = logging.getLogger("ngo_survey.stage")
#: What begins the line that says what a stage made.
MADE = "made: "


class _Terminal(logging.Formatter):
    """``ngo-survey clean: what is wrong``, and what was made with the time that it took."""

    def __init__(self, verb: str, stage: str) -> None:
        super().__init__(f"ngo-survey {verb}: %(message)s")
        self.stage, self.began = stage, time.monotonic()

    def format(self, record: logging.LogRecord) -> str:
        if record.name != STAGE.name:
            return super().format(record)
        took = duration(time.monotonic() - self.began)
        return f"{self.stage}: {record.getMessage().removeprefix(MADE)} ({took})"


class _Written(logging.StreamHandler[TextIO]):
    """A log in a file, which is closed with it."""

    def close(self) -> None:
        super().close()
        self.stream.close()


@contextmanager
def verb_log(verb: str, stage: str, file: Path | None) -> Iterator[None]:
    """Send what the package logs to the terminal and into ``file`` while the block runs.

    ``stage`` names what the verb is called for: ``clean visitors``.
    """
    package = logging.getLogger("ngo_survey")
    package.setLevel(logging.INFO)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(_Terminal(verb, stage))
    terminal.addFilter(
        lambda record: (
            record.levelno >= logging.WARNING or (file is None and record.name == STAGE.name)
        )
    )
    handlers: list[logging.Handler] = [terminal]
    if file is not None:
        written = _Written(os.fdopen(open_log(file), "w", encoding="utf-8"))
        written.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handlers.append(written)
    for handler in handlers:
        package.addHandler(handler)
    try:
        yield
    except Exception:
        package.removeHandler(terminal)  # Python prints the traceback there itself
        package.exception("%s ended with a defect of the program", stage)
        raise
    finally:
        for handler in handlers:
            package.removeHandler(handler)
            handler.close()


def made(file: Path) -> str:
    """Return what the last line of a log says that the stage made ("" where it says nothing)."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    _, found, text = lines[-1].partition(f"{STAGE.name}: {MADE}") if lines else ("", "", "")
    return text if found else ""


def duration(seconds: float) -> str:
    """Return a time as people say it: ``0.8 s``, ``12 s``, ``3 min 05 s``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
