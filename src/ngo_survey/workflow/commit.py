"""The commit that the code stands at, and the name that git gives to the code itself."""

from __future__ import annotations

import hashlib
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


def tree(folder: Path = SOURCE) -> str:
    """Return git's name of the source tree: the SHA-1 of its tree object, made without git.

    It is told by the bytes of the files alone, so it is the same in a clone, an archive and an
    installed package, and ``git log -t --find-object=TREE`` finds the commits that hold it.
    Compiled files are left out, as they are in the repository. Every file counts as mode 100644.
    """
    entries = []
    for path in folder.iterdir():
        if path.name == "__pycache__" or path.suffix == ".pyc":
            continue
        # git sorts a folder as if its name ended in a slash.
        if path.is_dir():
            entries.append((f"{path.name}/", b"40000", path.name, bytes.fromhex(tree(path))))
        else:
            blob = _object(b"blob", path.read_bytes())
            entries.append((path.name, b"100644", path.name, bytes.fromhex(blob)))
    body = b"".join(
        mode + b" " + name.encode() + b"\0" + digest
        for _, mode, name, digest in sorted(entries, key=lambda entry: entry[0].encode())
    )
    return _object(b"tree", body)


def _object(kind: bytes, content: bytes) -> str:
    head = kind + b" " + str(len(content)).encode() + b"\0"
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()
