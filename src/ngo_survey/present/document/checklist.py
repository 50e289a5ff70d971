"""Reporting checklists as data: each item points to the place of the report that answers it.

An item is filled when its place exists and the configuration holds what it needs; otherwise the
report lists it as unfilled, with the reason. A place that does not exist fails the build.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ngo_survey.errors import ResultError, SurveyError, nearest
from ngo_survey.present.document.document import Chapter, Document, Heading, placed
from ngo_survey.present.words.language import read_yaml

NAMES = ("aapor", "cross")


@dataclass(frozen=True)
class Item:
    """One item: ``at`` is an anchor of the report, ``needs`` a dotted key of the configuration."""

    id: str
    text: Mapping[str, str]
    at: str = ""
    needs: str = ""
    unfilled: Mapping[str, str] | None = None

    def filled(self, config: Mapping[str, Any]) -> bool:
        """Say whether the report answers this item."""
        return bool(self.at) and self.unfilled is None and has(config, self.needs)


@cache
def items(name: str) -> tuple[Item, ...]:
    """Return the items of a checklist; raises :class:`SurveyError` for an unknown one."""
    if name not in NAMES:
        raise SurveyError("there is no such checklist", value=name, hint=nearest(name, NAMES))
    file = files("ngo_survey.present.document") / "checklists" / f"{name}.yaml"
    return tuple(Item(**item) for item in read_yaml(file.read_text(encoding="utf-8"))["items"])


def has(config: Mapping[str, Any], path: str) -> bool:
    """Say whether the configuration holds something at a dotted key ("" is always there)."""
    found: Any = config
    for step in path.split(".") if path else ():
        found = found.get(step) if isinstance(found, Mapping) else None
    return bool(found)


def refuse_dead_places(document: Document, checklists: Sequence[str] = NAMES) -> None:
    """Raise when an item of a checklist points to a place that the report does not have."""
    places = {part.anchor for part in placed(document) if isinstance(part, Chapter | Heading)}
    for name in checklists:
        for item in items(name):
            if item.at or item.unfilled is None:
                _exists(item, name, places)


def _exists(item: Item, checklist: str, places: Collection[str]) -> None:
    if item.at not in places:
        raise ResultError(
            f"an item of the checklist {checklist} points to a place that the report lacks",
            value=item.at,
            hint=nearest(item.at, places),
        )
