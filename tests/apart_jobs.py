"""What tests of readers have done in a process of its own; imported by that process too."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any


def processes(limits: Any) -> tuple[int, int]:
    """Return the process that reads, and the one that it was forked from."""
    return os.getpid(), os.getppid()


def keep(name: str, limits: Any) -> bool:
    """Say whether an earlier reader has left something behind, and leave it."""
    there = hasattr(sys, name)
    setattr(sys, name, True)
    return there


def wait(sign: str, seconds: float, limits: Any) -> str:
    """Write who waits into a file, and wait."""
    Path(sign).with_suffix(".part").write_text(f"{os.getpid()} {os.getppid()}")
    Path(sign).with_suffix(".part").rename(sign)
    time.sleep(seconds)
    return "waited"


def talk(letters: int, limits: Any) -> str:
    """Print and return much."""
    print("a" * letters)
    sys.stderr.write("b" * letters)
    return "c" * letters


def length(given: str, limits: Any) -> int:
    return len(given)


def content(path: str, limits: Any) -> str:
    return Path(path).read_text()
