"""Files of a study and their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ngo_survey.errors import InputError, nearest
from ngo_survey.results.store import read_text_csv
from ngo_survey.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: What a release lists its files in.
MANIFEST = "manifest.csv"


#: How like a column a header must be to be taken for it, mistyped.
ALMOST = 0.75


def read_table(
    study: Study, file: str, columns: Sequence[str] = (), optional: Sequence[str] = ()
) -> pd.DataFrame:
    """Return a CSV that the configuration names, as text; it has at least ``columns``.

    Raises
    ------
    InputError: there is no such file, it is no CSV, a column is missing, or a header is almost that
        of an ``optional`` column, which would be left out without a word.
    """
    try:
        frame = read_text_csv(study.path(file))
    except FileNotFoundError:
        raise InputError(
            "the file is missing", file=file, hint="put it there or name another in config.yaml"
        ) from None
    for column in columns:
        if column not in frame:
            raise InputError(
                "a column is missing", file=file, value=column, hint=nearest(column, frame.columns)
            )
    lacking = [column for column in optional if column not in frame]
    for header in frame.columns:
        known = header in (*columns, *optional)
        if not known and get_close_matches(str(header).casefold(), lacking, 1, cutoff=ALMOST):
            raise InputError(
                "a column has almost the header that this table may have",
                file=file,
                row=1,
                value=header,
                hint=nearest(str(header).casefold(), lacking),
            )
    return frame


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file; raises :class:`InputError` when it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise InputError("the file is missing", file=path) from None


def raw_hashes(study: Study) -> dict[str, str]:
    """Return the SHA-256 of every raw file; of one that is kept elsewhere, as the lock records it.

    So what is made from released results alone names the same sources, and has the same bytes.
    """
    return {path: raw_hash(study, path) for path in raw_files(study)}


def raw_hash(study: Study, path: str) -> str:
    """Return the SHA-256 of one raw file; see :func:`raw_hashes`."""
    file = study.path(path)
    return sha256(file) if file.is_file() else _recorded(study, path)


def _recorded(study: Study, path: str) -> str:
    """Return the SHA-256 of a raw file from the line of the lock that begins with its name."""
    text = study.paths.lock.read_text(encoding="utf-8") if study.paths.lock.is_file() else ""
    for line in text.splitlines():
        cells = line.split("\t")
        if len(cells) > 2 and cells[1] == path and len(cells[2]) == 64:
            return cells[2]
    raise InputError(
        "the file is missing, and results.lock does not record it",
        file=path,
        hint="put it there, or take results.lock from version control",
    )


def raw_files(study: Study, population: str | None = None) -> list[str]:
    """Return the files that a study reads, as its configuration names them, sorted.

    With ``population`` only those of one group of respondents; without, the official data as well.
    """
    kinds = ("questionnaire", "responses", "sample", "register")
    chosen = [population] if population else list(study.populations)
    blocks = [study.population(name).raw for name in chosen]
    named = {str(block[kind]) for block in blocks for kind in kinds if kind in block}
    if population is None:
        registered = study.section("models").get("registration")
        named |= {str(registered)} if registered else set()
        words = study.section("report").get("official_words")
        named |= {str(words)} if words else set()
        named |= {str(dataset["file"]) for dataset in study.section("official").values()}
    return sorted(named)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file; ``-`` for one that is not here.

    A process reads each file once, unless the file system says that it is another one.
    """
    try:
        found = path.stat()
    except OSError:
        return "-"
    return _hash(path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@cache
def _hash(path: Path, *_: int) -> str:
    return sha256(path)
