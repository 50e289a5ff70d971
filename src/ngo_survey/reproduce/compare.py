"""Two sets of figures held against each other, key by key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ngo_survey.reproduce.lock import Value

#: How close two figures must be to count as equal, relative to the larger: what differs between
#: processors, Python versions and linear-algebra kernels stays below, what a changed row or rule
#: does stays above. Models are found by iteration, so that their last digits are less certain.
TOLERANCE = 1e-7
MODEL_TOLERANCE = 1e-5
#: Families of results that are found by iteration.
ITERATED = ("coefficients", "effects", "predictions", "contrasts", "diagnostics")
#: Below this a difference is nothing, whatever the figures (a p-value of 1e-20, say).
FLOOR = 1e-9


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
    """Keys that came, went, moved, and that are equal only within the tolerance."""

    added: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[Moved, ...]
    close: int

    @property
    def is_none(self) -> bool:
        """Whether nothing came, went or moved."""
        return not (self.added or self.gone or self.moved)


def compare(before: Mapping[str, Value], after: Mapping[str, Value]) -> Difference:
    """Return what differs; moved figures in order of their size against the standard error."""
    both = sorted(before.keys() & after.keys())
    unequal = [Moved(k, before[k], after[k]) for k in both if not _same(before[k], after[k], 0.0)]
    moved = [m for m in unequal if not _same(m.before, m.after, tolerance(m.key))]
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
        moved=tuple(sorted(moved, key=_size)),
        close=len(unequal) - len(moved),
    )


def tolerance(name: str) -> float:
    """Return the tolerance for a key, or for the path of an output."""
    modelled = name.startswith("model/") or any(f"/results/{f}/" in name for f in ITERATED)
    return MODEL_TOLERANCE if modelled else TOLERANCE


def table(moved: Sequence[Moved], most: int) -> list[str]:
    """Return moved figures as aligned lines: key, before, after, change, standard errors."""
    rows = [("key", "before", "after", "change", "in SE")]
    for m in moved[:most]:
        rows.append(
            (m.key, _text(m.before.value), _text(m.after.value), _text(m.change), _se(m.in_errors))
        )
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


def _same(a: Value, b: Value, relative: float) -> bool:
    return _close(a.value, b.value, relative) and _close(a.se, b.se, relative)


def _close(a: float, b: float, relative: float) -> bool:
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if relative == 0:
        return a == b
    return abs(a - b) <= max(relative * max(abs(a), abs(b)), FLOOR)


def _size(moved: Moved) -> tuple[float, str]:
    size = moved.in_errors
    return (-math.inf if math.isnan(size) else -size, moved.key)


def _text(number: float) -> str:
    return "not shown" if math.isnan(number) else f"{number:.6g}"


def _se(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.2f}"
