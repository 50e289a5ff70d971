"""``ngo-survey diff``: which results differ between two folders or locks.

Reads two results folders, study folders or ``results.lock`` files; writes to the terminal alone.
"""

from __future__ import annotations

from pathlib import Path

from ngo_survey.errors import ResultError
from ngo_survey.reproduce import lock as locks
from ngo_survey.reproduce.compare import compare, table
from ngo_survey.store import FAMILIES, Results
from ngo_survey.study import Paths, Study

#: Most moved figures that are listed.
MOST = 60


def run(study: Study, before: Path, after: Path) -> int:
    """Print what came, went and moved; return 0 when nothing did, otherwise 1.

    A lock holds the headline figures alone: held against one, so does a folder.
    """
    headline = before.is_file() or after.is_file()
    difference = compare(values(before, headline), values(after, headline))
    print(f"{before} -> {after}")
    for name, keys in (("new", difference.added), ("gone", difference.gone)):
        print(f"{len(keys):7,} {name}")
        for key in keys[:MOST]:
            print(f"          {key}")
    print(f"{len(difference.moved):7,} moved")
    if difference.moved:
        print("\n".join(table(difference.moved, MOST)))
    if difference.close:
        print(f"{difference.close:7,} equal within tolerance only")
    return 0 if difference.is_none else 1


def values(place: Path, headline: bool) -> dict[str, locks.Value]:
    """Return the figures in a lock, a results folder or the folder of a study."""
    if place.is_file():
        return locks.read(place).values
    for folder in (place, Paths(place).results):
        if any((folder / family).is_dir() for family in FAMILIES):
            results = Results.load(folder)
            if headline:
                return locks.headline(results)
            return {k: v for f in FAMILIES for k, v in locks.figures(results, f).items()}
    raise ResultError(
        "there are no results here",
        file=place,
        mend="name a results folder, the folder of a study or a results.lock",
    )
