"""Write a file whole or not at all, so that only those read it who may.

What lies between the raw data and the released results holds respondents' answers, or figures that
tell of them: such files are readable by their owner alone (mode 600, folders 700), whatever the
umask says. Everything else is as the umask says.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

#: Modes of files and folders of what does not leave.
OWN_FILE, OWN_FOLDER = 0o600, 0o700
#: What a file may be read by where nothing is said against it, before the umask.
ANY = 0o666
#: Folders of the study that do not leave, by the names that lead to them.
PROCESSED, RELEASED, WAVES = ("data", "processed"), "released", "waves"
KEPT, LOGS = ".ngo-survey", "logs"
#: Windows has no such flag, and no links that anybody may make.
NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def is_internal(path: Path) -> bool:
    """Say whether a file or folder of a study is for its owner alone.

    Such are all of ``data/processed`` but ``released``, the present wave's and earlier ones',
    and ``.ngo-survey``. The folder ``data/processed`` itself is not, since the way to ``released``
    leads through it.
    """
    parts = path.parts
    if KEPT in parts:
        return True
    places = [i for i in range(1, len(parts)) if parts[i - 1 : i + 1] == PROCESSED]
    if not places:
        return False
    below = parts[places[-1] + 1 :]
    if below[:1] == (WAVES,):
        below = below[2:]
    return bool(below) and below[0] != RELEASED


def private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter, or close one that stands already."""
    folder.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) != OWN_FOLDER:
        folder.chmod(OWN_FOLDER)


def folder_of(path: Path) -> None:
    """Make the folders of a file; those that are for their owner alone are closed.

    Snakemake makes folders of products before a verb runs, open to everybody.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in (path.parent, *path.parent.parents):
        if not is_internal(folder):
            break
        private_folder(folder)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield the name under which a file is written; it is moved to its place afterwards.

    The file that is yielded stands already, new and empty, with the mode of its place: whoever
    opens it to write keeps that. What stood under this name is removed and never written through,
    so that a symbolic link leads nowhere; nor does one in the place of the file itself, since a
    move puts the file in place of the link.
    """
    folder_of(path)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    mode = OWN_FILE if is_internal(path) else ANY
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, mode))
    yield partial
    partial.replace(path)


def write_text(text: str, path: Path) -> None:
    """Write text as UTF-8 with LF line ends; the file appears whole or not at all."""
    write_bytes(text.encode("utf-8"), path)


def write_bytes(content: bytes, path: Path) -> None:
    """Write bytes; the file appears whole or not at all."""
    with atomic_write(path) as partial:
        partial.write_bytes(content)
    log.info("wrote %s: %d bytes", path, len(content))


def open_log(file: Path) -> int:
    """Return the descriptor of a new log, which its owner alone may read.

    Raises
    ------
    OSError: its place is a symbolic link, or cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_LINK
    descriptor = os.open(file, flags, OWN_FILE)
    os.fchmod(descriptor, OWN_FILE)
    return descriptor
