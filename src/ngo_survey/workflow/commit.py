"""The commit that the code stands at."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ngo_survey.workflow.code import SOURCE


def commit(files: Sequence[Path]) -> str:
    """Return the commit of the code, and whether any of ``files`` differs from it.

    "" when the program is installed without its repository, or git is not there.
    """
    git = shutil.which("git")
    if git is None:
        return ""
    head = _ask(git, "rev-parse", "HEAD")
    if not head:
        return ""
    changed = _ask(git, "status", "--porcelain", "--", *(str(file) for file in files))
    count = len(changed.splitlines())
    return f"{head} with {count} of these files changed since" if count else head


def _ask(git: str, *words: str) -> str:
    done = subprocess.run(
        [git, "-C", str(SOURCE), *words], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""
