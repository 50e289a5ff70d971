"""What the chapters of the program call: a study that has none of its own gets a plain report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.chapter_functions import ChapterFunctions
from ngo_survey.present.document.exhibits import Drawings
from ngo_survey.study.declared_tables import specs
from ngo_survey.study.declared_weighting import kind_of
from ngo_survey.study.languages import said


@dataclass(frozen=True)
class QuestionGroup:
    """A group of respondents.

    Attributes
    ----------
    name, label: its name, and its label as a mark.
    tables: ids of its tables.
    weighting: where its weights come from: ``register``, ``given`` (a column of the export),
        ``shares`` (of the population), ``given_shares`` or ``none``.
    """

    name: str
    label: str
    tables: tuple[str, ...]
    weighting: str


@dataclass(frozen=True)
class Generic(ChapterFunctions):
    """Functions that go through all that a study has, whatever it is."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions under the names chapters use."""
        return {"groups": self.groups, "figures": self.figures}

    def groups(self) -> list[QuestionGroup]:
        """Return the groups of respondents, in the order of the configuration."""
        template = self.template
        made = []
        for name, group in template.study.populations.items():
            found = specs(template.study, name, template.labels.codebook(name))
            label = template.words(group.label(template.language.code), "label")
            weighting = kind_of(group.raw["weighting"])
            made.append(QuestionGroup(name, label, tuple(s.id for s in found), weighting))
        return made

    def figures(self, reads: str) -> str:
        """Place every figure of the study under its title; ``reads`` as in ``figure``."""
        template, drawings = self.template, Drawings(self.template, self.numbering)
        placed = []
        for name, spec in template.study.section("figures").items():
            title = template.words(said(spec["title"], template.language.code), "label")
            placed.append(drawings.figure(name, title, reads))
        return "".join(placed)
