"""What the machine refuses, in one sentence: no space, no right to write, no memory, no file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

MEMORY = (
    "there is not enough memory; close other programs, let fewer stages run at once "
    "(snakemake --cores 1), or use a machine with more"
)
FULL = "the disk is full; free some space and run again"
FORBIDDEN = "this user may not read or write it; ask its owner, or work in a copy of the study"
#: What is said of a file, by the number of the error.
OF_A_FILE = {
    errno.EROFS: "the disk is read-only; work in a copy of the study on another one",
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.ELOOP: "this is a symbolic link, and nothing is written through one; remove it",
    errno.ENOENT: "the file is missing; run snakemake if it is a product, else put it there",
}


def sentence(error: OSError | MemoryError, root: Path) -> str:
    """Return what a user can do about an error of the machine; "" for one that is none of these.

    Parameters
    ----------
    root: the folder of the study, below which files are named.
    """
    if isinstance(error, MemoryError) or error.errno == errno.ENOMEM:
        return MEMORY
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    said = OF_A_FILE.get(error.errno or 0)
    if said is None or error.filename is None:
        return ""
    file = Path(os.fsdecode(error.filename))
    return f"{file.relative_to(root) if file.is_relative_to(root) else file}: {said}"
