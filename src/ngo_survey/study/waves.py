"""Waves: the same study at another time. An earlier wave is the study with other files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ngo_survey.study.languages import said
from ngo_survey.study.layers import overlay

#: Keys of a wave's group of respondents that are about the relation of samples, not about files.
RELATION = frozenset({"samples", "unit"})


@dataclass(frozen=True)
class Relation:
    """How the sample of a group in an earlier wave and that of the present wave relate.

    Attributes
    ----------
    overlapping: whether they may share units; independent samples share none but by chance.
    unit: column of both sample files that names a unit.
    """

    overlapping: bool
    unit: str


@dataclass(frozen=True)
class Wave:
    """One wave.

    Attributes
    ----------
    id, year: as the configuration names it, and the year of its fieldwork (0 where it says none).
    relations: its groups of respondents; empty for the present wave.
    """

    id: str
    year: int
    labels: Mapping[str, str]
    relations: Mapping[str, Relation]

    def label(self, language: str) -> str:
        """Return the name of the wave as readers see it."""
        return said(self.labels, language)


def waves_of(raw: Mapping[str, Any]) -> dict[str, Wave]:
    """Return the waves of a configuration by id, earlier ones in their order, the present last."""
    section = raw.get("waves", {})
    made = [
        _wave(
            entry["id"],
            entry["fieldwork"]["year"],
            entry,
            {
                name: Relation(block["samples"] == "overlapping", block.get("unit", "sample_id"))
                for name, block in entry["populations"].items()
            },
        )
        for entry in section.get("earlier", ())
    ]
    year = int(raw["study"].get("fieldwork", {}).get("year", 0))
    made.append(_wave(section.get("id", str(year or "present")), year, section, {}))
    return {wave.id: wave for wave in made}


def as_of(raw: Mapping[str, Any], wave: str) -> dict[str, Any]:
    """Return the configuration as it is for an earlier wave.

    What the wave says of a group of respondents is laid over the block of the group, key by key; a
    list takes the place of a list. Groups that the wave does not name keep their block.
    """
    entry = next(e for e in raw["waves"]["earlier"] if e["id"] == wave)
    over = {
        name: {key: value for key, value in block.items() if key not in RELATION}
        for name, block in entry["populations"].items()
    }
    made: dict[str, Any] = overlay(
        {k: v for k, v in raw.items() if k != "waves"}, {"populations": over}
    )
    return made | {"study": raw["study"] | {"fieldwork": entry["fieldwork"]}}


def _wave(
    name: str, year: int, block: Mapping[str, Any], relations: Mapping[str, Relation]
) -> Wave:
    return Wave(name, year, block.get("label", {"": name}), relations)
