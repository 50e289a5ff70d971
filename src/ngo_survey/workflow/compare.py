"""Two sets of figures held against each other, key by key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ngo_survey.results.tolerance import errors, of_figure
from ngo_survey.workflow.lock import Value


@dataclass(frozen=True)
class Moved:
    """A figure that is not what it was."""

    key: str
    before: Value
    after: Value

    @property
    def change(self) -> float:
        """After less before; NaN when one of the two may not be shown."""
        return self.after.value - self.before.value

    @property
    def in_errors(self) -> float:
        """The change in standard errors of the figure before (after, where it had none)."""
        se = self.after.se if math.isnan(self.before.se) else self.before.se
        return abs(self.change) / se if se > 0 else math.nan


@dataclass(frozen=True)
class Difference:
    """Keys that came, went and moved; how many are the same, how many only within tolerance."""

    added: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[Moved, ...]
    close: int
    same: int

    @property
    def is_none(self) -> bool:
        """Whether nothing came, went or moved."""
        return not (self.added or self.gone or self.moved)


def compare(before: Mapping[str, Value], after: Mapping[str, Value]) -> Difference:
    """Return what differs; moved figures in order of their size against the standard error."""
    both = sorted(before.keys() & after.keys())
    unequal = [Moved(k, before[k], after[k]) for k in both if not _identical(before[k], after[k])]
    moved = [m for m in unequal if not _close(m)]
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
        moved=tuple(sorted(moved, key=_size)),
        close=len(unequal) - len(moved),
        same=len(both) - len(unequal),
    )


#: What is reported of a moved figure.
COLUMNS = ("key", "before", "after", "change", "in SE")


def cells(m: Moved) -> tuple[str, ...]:
    """Return a moved figure as text, in the order of :data:`COLUMNS`."""
    return (m.key, _text(m.before.value), _text(m.after.value), _text(m.change), _se(m.in_errors))


def table(moved: Sequence[Moved], most: int) -> list[str]:
    """Return moved figures as aligned lines: key, before, after, change, standard errors."""
    rows = [COLUMNS, *(cells(m) for m in moved[:most])]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  "
        + row[0].ljust(widths[0])
        + "".join(f"  {c.rjust(w)}" for c, w in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    if len(moved) > most:
        lines.append(f"  and {len(moved) - most} more")
    return lines


def _identical(a: Value, b: Value) -> bool:
    return _equal(a.value, b.value) and _equal(a.se, b.se)


def _equal(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _close(moved: Moved) -> bool:
    before, after = moved.before, moved.after
    tolerance = of_figure(moved.key, after.file or before.file)
    return tolerance.same(before.value, after.value) and errors().same(before.se, after.se)


def _size(moved: Moved) -> tuple[int, float, str]:
    """Sort what came in or out of sight first, then by standard errors, then what has none."""
    if math.isnan(moved.change):
        return 0, 0.0, moved.key
    size = moved.in_errors
    return (2, 0.0, moved.key) if math.isnan(size) else (1, -size, moved.key)


def _text(number: float) -> str:
    return "not shown" if math.isnan(number) else f"{number:.6g}"


def _se(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.2f}"
