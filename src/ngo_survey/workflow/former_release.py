"""The release of the same interviews that is out already: where it lies and what it tells.

``disclosure.after`` names its folder, as ``ngo-survey release`` wrote it. Its manifest stands for
all of it among the files that a stage reads: each file is held against the hash that is there.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ngo_survey.disclosure.former_release import FormerRelease
from ngo_survey.errors import InputError
from ngo_survey.results.store import FAMILIES, read, read_text_csv
from ngo_survey.study import Paths, Study
from ngo_survey.workflow.files import MANIFEST, sha256


def former_folder(study: Study) -> Path | None:
    """Return the folder of the former release; None without one, and for an earlier wave."""
    named = study.section("disclosure").get("after")
    return study.path(str(named)) if named and not study.earlier else None


def former_release(study: Study) -> FormerRelease | None:
    """Return what the former release tells in tables; None where there is none.

    Raises
    ------
    InputError: the folder is no release, or a file in it was changed.
    """
    folder = former_folder(study)
    return None if folder is None else FormerRelease.of(former_rows(folder, "estimates"))


def former_rows(folder: Path, family: str) -> pd.DataFrame:
    """Return all rows of a family that a release holds.

    Raises
    ------
    InputError: the folder is no release, or a file in it was changed.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise InputError(
            "there is no release in this folder",
            file=str(folder),
            hint="name a folder that `ngo-survey release` wrote",
        )
    hashes = read_text_csv(manifest).set_index("file")["sha256"]
    start = (Paths(Path()).released / family).as_posix()
    frames = []
    for name, told in hashes[hashes.index.str.startswith(f"{start}/")].items():
        file = folder / str(name)
        if sha256(file) != told:
            raise InputError(
                "this file is not the one that was released",
                file=str(file),
                hint=f"take the release from where it was published; {MANIFEST} tells its hash",
            )
        frames.append(read(family, file))
    empty = pd.DataFrame(columns=list(FAMILIES[family]))
    return pd.concat(frames, ignore_index=True) if frames else empty
