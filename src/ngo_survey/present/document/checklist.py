"""Reporting checklists as data: each item points to the place of the report that answers it.

An item is filled when its place exists and the configuration holds what it needs; otherwise the
report lists it as unfilled, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ngo_survey.errors import SurveyError, nearest
from ngo_survey.present.document.document import Chapter, Document, Heading, placed
from ngo_survey.present.words.catalogue import read_yaml
from ngo_survey.study.declared_weighting import kind_of

NAMES = ("aapor", "cross")
#: Facts of the design, by the kinds of weighting that declare them; of any other kind only the
#: authors know, and state, them.
FACTS = {
    "sample": frozenset({"register"}),
    "weights": frozenset({"register", "shares", "none"}),
}


@dataclass(frozen=True)
class Item:
    """One item: ``at`` is a place of the report, ``needs`` a dotted key of the configuration.

    A place is the anchor of a chapter or heading, unless ``report.places`` of the configuration
    says which anchor a study has for it. ``asks`` is a fact of the design, a key of :data:`FACTS`.
    """

    id: str
    text: Mapping[str, str]
    at: str = ""
    needs: str = ""
    asks: str = ""

    def anchor(self, config: Mapping[str, Any]) -> str:
        """Return the anchor that answers this item."""
        return str(config.get("report", {}).get("places", {}).get(self.at, self.at))

    def filled(self, config: Mapping[str, Any], places: Collection[str]) -> bool:
        """Say whether a report with these anchors answers this item."""
        return self.anchor(config) in places and not self.missing(config)

    def missing(self, config: Mapping[str, Any]) -> str:
        """Return the key of the configuration that this item lacks, "" where it lacks none."""
        if not has(config, self.needs):
            return self.needs
        stated = f"report.statements.{self.asks}"
        if not self.asks or has(config, stated):
            return ""
        groups = config.get("populations", {}).values()
        kinds = {kind_of(group.get("weighting")) for group in groups}
        return "" if kinds <= FACTS[self.asks] else stated


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


def anchors(document: Document) -> frozenset[str]:
    """Return the anchors of chapters and headings, which items of checklists may point to."""
    parts = (part for part in placed(document) if isinstance(part, Chapter | Heading))
    return frozenset(part.anchor for part in parts)
