"""Symbolic links: none leads what is read out of the study, none leads what is written anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ngo_survey.errors import InputError
from ngo_survey.study.study import RAW, Study

#: Folders that people fill, and folders that the program fills, below that of the study.
READ = ("data/raw",)
WRITTEN = ("data/processed", "figures", "reports", "pictures", "logs", ".ngo-survey")


def refuse_links(study: Study) -> None:
    """Raise :class:`InputError` for a link that a verb would follow to where it has no business.

    What people provide may be a link to another file of the study, or of the folder of restricted
    data that the environment variable ``NGO_SURVEY_RAW`` names; anything else it leads to would be
    read, and printed, as if it were part of the study. A folder of products is never a link: what
    is written would land elsewhere, in the place of other files. (A product itself is moved to its
    place, which puts it in place of a link.)
    """
    root, kept = study.root, [Path(path) for path in filter(None, [os.environ.get(RAW)])]
    allowed = [place.resolve() for place in (root, *kept)]
    # Above the folder of the study, links are the business of whoever owns the machine.
    read = [*(root / name for name in READ), study.chapters, root / "words"]
    for link in _links([*read, *(place.resolve() for place in kept)]):
        if not any(link.resolve().is_relative_to(place) for place in allowed):
            raise InputError(
                "this symbolic link leads out of the study",
                file=_shown(link, root),
                value=link.readlink(),
                hint=f"copy the file here, or name the folder of restricted data in {RAW}",
            )
    for link in _links(root / name for name in WRITTEN):
        if link.is_dir():
            raise InputError(
                "this folder of products is a symbolic link, and no product is written through one",
                file=_shown(link, root),
                value=link.readlink(),
                hint="remove the link; to keep products elsewhere, move the folder of the study",
            )


def _links(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield every link in some folders, the folders themselves and those above them included."""
    for top in folders:
        yield from (place for place in (top.parent, top) if place.is_symlink())
        for folder, folders_in, files in os.walk(top):
            for name in sorted([*folders_in, *files]):
                if (found := Path(folder, name)).is_symlink():
                    yield found


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
