"""Does what stands agree with the lock? Identical, equal within tolerance, or changed."""

from __future__ import annotations

from dataclasses import dataclass

from ngo_survey.reproduce.compare import Difference, compare, table, tolerance
from ngo_survey.reproduce.lock import Lock, Output

IDENTICAL, CLOSE, CHANGED = "identical", "equal within tolerance", "changed"
#: Most lines of one kind that the verdict lists.
MOST = 40


@dataclass(frozen=True)
class Verdict:
    """What came of the comparison: paths by status, and figures that differ."""

    files: dict[str, tuple[str, ...]]
    values: Difference

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
            lines.append(f"{len(paths):6} files {_WORDS[status]}")
            if status != IDENTICAL:
                lines += [f"         {path}" for path in paths[:MOST]]
                if len(paths) > MOST:
                    lines.append(f"         and {len(paths) - MOST} more")
        difference = self.values
        lines.append("")
        for name, keys in (("new", difference.added), ("gone", difference.gone)):
            if keys:
                lines += [f"{len(keys):6} headline figures {name}", *_listed(keys)]
        if difference.moved:
            lines.append(f"{len(difference.moved):6} headline figures moved")
            lines += table(difference.moved, MOST)
        elif not (difference.added or difference.gone):
            lines.append("No headline figure moved.")
        return "\n".join(lines) + "\n"


_WORDS = {
    IDENTICAL: "identical",
    CLOSE: "equal within tolerance",
    CHANGED: "changed",
    "missing": "in the lock but not here",
    "unknown": "here but not in the lock",
}


def verify(lock: Lock, stands: Lock) -> Verdict:
    """Hold what stands against the lock.

    A CSV is equal within tolerance when its words are the same and its numbers agree. A drawing, a
    page or a workbook has no numbers of its own to compare: when the results behind it are equal
    only within tolerance its bytes may differ; when they are identical they may not.
    """
    files: dict[str, list[str]] = {status: [] for status in _WORDS}
    rendered: list[str] = []
    for path in sorted(lock.outputs.keys() | stands.outputs.keys()):
        if path not in stands.outputs:
            files["missing"].append(path)
        elif path not in lock.outputs:
            files["unknown"].append(path)
        elif lock.outputs[path].sha256 == stands.outputs[path].sha256:
            files[IDENTICAL].append(path)
        elif stands.outputs[path].print is None:
            rendered.append(path)
        else:
            agrees = _agrees(path, lock.outputs[path], stands.outputs[path])
            files[CLOSE if agrees else CHANGED].append(path)
    values = compare(lock.values, stands.values)
    only_close = bool(files[CLOSE]) and not files[CHANGED] and values.is_none
    files[CLOSE if only_close else CHANGED] += rendered
    return Verdict({status: tuple(sorted(paths)) for status, paths in files.items()}, values)


def _agrees(path: str, lock: Output, stands: Output) -> bool:
    if lock.print is None or stands.print is None:
        return False
    return stands.print.agrees(lock.print, tolerance(path))


def _listed(keys: tuple[str, ...]) -> list[str]:
    more = [f"         and {len(keys) - MOST} more"] if len(keys) > MOST else []
    return [f"         {key}" for key in keys[:MOST]] + more
