"""Does what stands agree with the lock? Identical, equal within tolerance, or changed."""

from __future__ import annotations

from dataclasses import dataclass

from ngo_survey.results.tolerance import of_file
from ngo_survey.workflow.attribute import Attribution, ResultChange
from ngo_survey.workflow.compare import Difference, compare, table
from ngo_survey.workflow.lock import Lock, Output

IDENTICAL, CLOSE, CHANGED = "identical", "equal within tolerance", "changed"
#: Most lines of one kind that the verdict lists.
MOST = 40
#: Folder of what only those see who may see respondents; the results store in it is released.
RESTRICTED, RELEASED = "data/processed/", "data/processed/released/"


@dataclass(frozen=True)
class Verdict:
    """What came of the comparison: paths by status, figures that differ, causes that differ."""

    files: dict[str, tuple[str, ...]]
    values: Difference
    changes: tuple[ResultChange, ...] = ()

    @property
    def status(self) -> str:
        """``identical``, ``equal within tolerance`` or ``changed``."""
        lost = self.files[CHANGED] or self.files["missing"] or self.files["unknown"]
        if lost or not self.values.is_none:
            return CHANGED
        return CLOSE if self.files[CLOSE] or self.values.close else IDENTICAL

    def text(self) -> str:
        """Return the verdict in words, the same for the same results everywhere."""
        lines = [f"Results against results.lock: {self.status}", ""]
        for status, paths in self.files.items():
            if paths or status not in _SELDOM:
                lines.append(f"{len(paths):6} files {_WORDS[status]}")
            if status != IDENTICAL:
                lines += _listed(paths)
        difference = self.values
        lines += ["", f"{difference.same:6} figures identical"]
        for name, keys in (("new", difference.added), ("gone", difference.gone)):
            if keys:
                lines += [f"{len(keys):6} figures {name}", *_listed(keys)]
        if difference.close:
            lines.append(f"{difference.close:6} figures equal within tolerance")
        if difference.moved:
            lines.append(f"{len(difference.moved):6} figures moved")
            lines += table(difference.moved, MOST)
        elif not (difference.added or difference.gone):
            lines.append("No figure moved.")
        if self.changes:
            lines += ["", "Made from something else than the lock records:"]
            lines += _listed([change.text for change in self.changes])
        return "\n".join(lines) + "\n"


_WORDS = {
    IDENTICAL: "identical",
    CLOSE: "equal within tolerance",
    CHANGED: "changed",
    "missing": "in the lock but not here",
    "unknown": "here but not in the lock",
    "kept": "of respondents, not released and not here",
}
_SELDOM = {"kept"}


def verify(lock: Lock, stands: Lock, released: bool = False) -> Verdict:
    """Hold what stands against the lock; with ``released``, only what may be released.

    A CSV is equal within tolerance when its words are the same and its numbers agree. A drawing, a
    page or a workbook has no numbers of its own to compare: when the results behind it are equal
    only within tolerance its bytes may differ; when they are identical they may not.
    """
    files: dict[str, list[str]] = {status: [] for status in _WORDS}
    rendered: list[str] = []
    for path in sorted(lock.outputs.keys() | stands.outputs.keys()):
        if path not in stands.outputs:
            files["kept" if released and restricted(path) else "missing"].append(path)
        elif path not in lock.outputs:
            files["unknown"].append(path)
        elif lock.outputs[path].sha256 == stands.outputs[path].sha256:
            files[IDENTICAL].append(path)
        elif stands.outputs[path].print is None:
            rendered.append(path)
        else:
            agrees = _agrees(path, lock.outputs[path], stands.outputs[path])
            files[CLOSE if agrees else CHANGED].append(path)
    values = compared(lock, stands)
    only_close = bool(files[CLOSE]) and not files[CHANGED] and values.is_none
    files[CLOSE if only_close else CHANGED] += rendered
    changes = Attribution(lock, stands).all if lock.made.stages else ()
    # A file that is kept elsewhere has no hash here: that is no change.
    changes = tuple(c for c in changes if "-" not in (c.before, c.after))
    return Verdict(
        {status: tuple(sorted(paths)) for status, paths in files.items()}, values, changes
    )


def compared(before: Lock, after: Lock) -> Difference:
    """Compare the figures of two locks; where one holds headlines alone, those alone."""
    one, other = before.values, after.values
    if before.whole and not after.whole:
        one = {key: value for key, value in one.items() if key in other}
    elif after.whole and not before.whole:
        other = {key: value for key, value in other.items() if key in one}
    return compare(one, other)


def restricted(path: str) -> bool:
    """Say whether a product holds respondents' answers."""
    return path.startswith(RESTRICTED) and not path.startswith(RELEASED)


def _agrees(path: str, lock: Output, stands: Output) -> bool:
    if lock.print is None or stands.print is None:
        return False
    return stands.print.agrees(lock.print, of_file(path).relative)


def _listed(lines: tuple[str, ...] | list[str]) -> list[str]:
    more = [f"         and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [f"         {line}" for line in lines[:MOST]] + more
