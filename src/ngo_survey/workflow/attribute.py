"""What moved a figure: the causes that changed between two locks, followed through the stages.

A stage may move its products because something it uses itself changed, or because a product that it
takes did. So causes are handed on from stage to stage, but only past a stage whose products really
differ: a rule that was rewritten and cleans as before moves nothing. Of the changed causes of a
stage those that name the table or model of the figure come first; the others are named when none
does, since disclosure control sees all tables together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ngo_survey.workflow.causes import KINDS, MODEL, TABLE
from ngo_survey.workflow.compare import Moved
from ngo_survey.workflow.lock import Lock

UNKNOWN = "not recorded"
#: Products that other stages than the makers of pages take.
TAKEN = tuple(
    f"/{name}.csv"
    for name in ("responses", "clean", "weights", "calibration", "replicates", "imputed")
)
TABLES = "data/processed/results/estimates/"


@dataclass(frozen=True)
class ResultChange:
    """A cause that is not what it was; "" where there was, or is, none."""

    kind: str
    name: str
    before: str
    after: str

    @property
    def text(self) -> str:
        """The change in words: ``weights: populations.visitors.weighting.trim (5 -> 4)``."""
        return f"{self.kind}: {self.name} ({self._short(self.before)} -> {self._short(self.after)})"

    @staticmethod
    def _short(print_: str) -> str:
        # Of a whole SHA-256 its beginning tells enough.
        return (print_[:12] if len(print_) == 64 else print_) or "none"


@dataclass(frozen=True)
class ChangeGroup:
    """Moved figures with the same causes."""

    changes: tuple[ResultChange, ...]
    moved: tuple[Moved, ...]

    @property
    def title(self) -> str:
        """The kinds of the causes, the first as most concern a reader."""
        *most, last = dict.fromkeys(change.kind for change in self.changes) or (UNKNOWN,)
        return f"{', '.join(most)} and {last}" if most else last


class Attribution:
    """The changed causes between two locks, and which of them reach a figure."""

    def __init__(self, before: Lock, after: Lock) -> None:
        self.before, self.after = before, after
        self._reached: dict[str, frozenset[ResultChange]] = {}

    @cached_property
    def changes(self) -> dict[str, frozenset[ResultChange]]:
        """Changed causes by the stage that uses them itself."""
        known = [
            {(c.kind, c.name, stage): c.print for c in lock.made.causes for stage in c.stages}
            for lock in (self.before, self.after)
        ]
        found: dict[str, set[ResultChange]] = {}
        for kind, name, stage in known[0].keys() | known[1].keys():
            was, now = (part.get((kind, name, stage), "") for part in known)
            if was != now:
                found.setdefault(stage, set()).add(ResultChange(kind, name, was, now))
        return {stage: frozenset(changes) for stage, changes in found.items()}

    @cached_property
    def all(self) -> tuple[ResultChange, ...]:
        """Every changed cause once, by kind."""
        return _ordered(change for changes in self.changes.values() for change in changes)

    @cached_property
    def stirred(self) -> frozenset[str]:
        """Paths of products that came, went or have other bytes."""
        one, other = self.before.outputs, self.after.outputs
        return frozenset(
            path
            for path in one.keys() | other.keys()
            if path not in one or path not in other or one[path].sha256 != other[path].sha256
        )

    @cached_property
    def handing(self) -> frozenset[str]:
        """Stages that hand something else on than before to the stages after them."""
        return (
            frozenset(
                lock.outputs[path].stage
                for lock in (self.before, self.after)
                for path in self.stirred & lock.outputs.keys()
                if path.endswith(TAKEN) or path.startswith(TABLES)
            )
            | self.unrecorded
        )

    @cached_property
    def unrecorded(self) -> frozenset[str]:
        """Stages without a product in either lock, as of collected data: any may have moved."""
        stages = {stage for lock in (self.before, self.after) for stage in lock.made.stages}
        locks = (self.before, self.after)
        return frozenset(stages - {o.stage for lock in locks for o in lock.outputs.values()})

    def reaching(self, stage: str) -> frozenset[ResultChange]:
        """Return the changed causes that a stage uses or that reach it through others."""
        if stage not in self._reached:
            found = set(self.changes.get(stage, ()))
            for lock in (self.before, self.after):
                for earlier in lock.made.stages.get(stage, ()):
                    if earlier in self.handing:
                        found |= self.reaching(earlier)
            self._reached[stage] = frozenset(found)
        return self._reached[stage]

    def of(self, key: str) -> tuple[ResultChange, ...]:
        """Return what moved a figure, by kind; nothing when neither lock records it."""
        lock = self.after if key in self.after.values else self.before
        stage = lock.stage(key)
        changes = self.reaching(stage) if stage else frozenset()
        # Every released figure went through the rounding.
        changes |= self.changes.get("round", frozenset()) if stage else frozenset()
        own = self.changes.get(stage, frozenset()) & changes
        name = lock.values[key].file.rpartition("/")[2].removesuffix(".csv")
        elsewhere = {c for c in own if c.kind in (TABLE, MODEL) and _entry(c.name)}
        concerned = {c for c in elsewhere if _concerns(_entry(c.name), name)}
        if concerned or changes - elsewhere:
            changes = (changes - elsewhere) | concerned
        return _ordered(changes)

    def groups(self, moved: Iterable[Moved]) -> list[ChangeGroup]:
        """Return moved figures by what moved them, the largest group first."""
        found: dict[tuple[ResultChange, ...], list[Moved]] = {}
        for one in moved:
            found.setdefault(self.of(one.key), []).append(one)
        groups = [ChangeGroup(changes, tuple(members)) for changes, members in found.items()]
        return sorted(groups, key=lambda g: (-len(g.moved), [c.text for c in g.changes]))


#: Parts of the configuration whose entries name a table, an indicator or a model.
_NAMED = (
    *("tables.more.", "tables.pairs.", "indicators.", "models.declared.", "trends.series."),
    "compare.ranks.",
)


def _entry(name: str) -> str:
    """Return the table or model that a cause is about ("" for one about all of them)."""
    start = next((s for s in _NAMED if name.startswith(s)), None)
    return name.removeprefix(start) if start else ""


def _concerns(entry: str, file: str) -> bool:
    """Say whether a file of results holds the table or model: ``x``, ``x_by_y``, ``families_x``."""
    return file == entry or file.startswith(f"{entry}_by_") or file.endswith(f"_{entry}")


def _ordered(changes: Iterable[ResultChange]) -> tuple[ResultChange, ...]:
    return tuple(
        sorted(set(changes), key=lambda c: (KINDS.index(c.kind), c.name, c.before, c.after))
    )
