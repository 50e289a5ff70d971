"""The draft of a form as it grows: names and lists of choices are given once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ngo_survey.ingest.table import ExportTable
from ngo_survey.workflow.new_study.given_answers import GivenAnswers
from ngo_survey.workflow.new_study.roles import DesignRoles
from ngo_survey.workflow.new_study.unique_names import UniqueNames


@dataclass
class DraftState:
    """The draft as it grows; names and lists are given once."""

    table: ExportTable
    roles: DesignRoles
    names: UniqueNames = field(default_factory=UniqueNames)
    lists: dict[tuple[tuple[str, str], ...], str] = field(default_factory=dict)
    list_names: UniqueNames = field(default_factory=UniqueNames)
    ignored: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    odd: dict[str, list[str]] = field(default_factory=dict)
    shares: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)

    def column(self, header: str) -> pd.Series:
        """Return the cells of a column."""
        return self.table.frame[header]

    def answers(self, header: str) -> GivenAnswers:
        """Return the distinct answers of a column."""
        return GivenAnswers.of(self.column(header))

    def listed(self, name: str, choices: Mapping[str, str]) -> str:
        """Return the name of a list of choices; the same list is written once."""
        key = tuple(sorted(choices.items()))
        if key not in self.lists:
            self.lists[key] = self.list_names.give(name, "list")
        return self.lists[key]
