"""Would version control take what respondents gave? Asked of git itself."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files

from ngo_survey.study import Study

#: What of a group's files is about respondents.
ABOUT_RESPONDENTS = ("responses", "sample")


def template() -> str:
    """Return the ``.gitignore`` of a study whose answers are collected."""
    return (files("ngo_survey.workflow") / "study.gitignore").read_text(encoding="utf-8")


def committable(study: Study) -> list[str]:
    """Return files of respondents that git would commit, or has; none of a simulated study.

    Nor of a folder that git does not keep, nor where git is not installed.
    """
    git = shutil.which("git")
    if study.simulated or git is None:
        return []
    blocks = [group.raw for group in study.populations.values()]
    names = {str(block[kind]) for block in blocks for kind in ABOUT_RESPONDENTS if kind in block}
    call = [git, "-C", str(study.root), "check-ignore", "--", *sorted(names)]
    asked = subprocess.run(call, capture_output=True, text=True, check=False)
    # 128: this is no repository. Tracked files are never said to be ignored.
    if asked.returncode not in (0, 1):
        return []
    return sorted(names - set(asked.stdout.splitlines()))
