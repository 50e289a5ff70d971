"""Which wave a figure shows: where its results lie, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.load import codebook
from ngo_survey.results.store import Results
from ngo_survey.study import Study

#: Kinds that show all waves at once, or none.
WITHOUT = frozenset({"series", "slope"})


@dataclass(frozen=True)
class Shelf:
    """Results and codebooks of one wave; ``study`` is the study as of that wave."""

    study: Study
    results: Results
    books: Mapping[str, Questionnaire]


@dataclass(frozen=True)
class Shelves:
    """Results by wave, each read once."""

    study: Study
    read: dict[str, Shelf] = field(default_factory=dict)

    def shelf(self, spec: Mapping[str, Any]) -> Shelf:
        """Return what a figure is drawn from: the present wave, or the one that ``wave`` names.

        Raises
        ------
        ResultError: the wave has no results yet.
        """
        wave = str(spec.get("wave", self.study.present.id))
        if wave not in self.read:
            study = self.study if wave == self.study.present.id else self.study.wave(wave)
            books = {name: codebook(study, name) for name in study.populations}
            self.read[wave] = Shelf(study, Results.load(study.paths.results), books)
        return self.read[wave]

    def label(self, spec: Mapping[str, Any], language: str) -> str:
        """Return the label of the wave that a figure shows; "" where the study has one wave."""
        if not self.study.earlier_waves or spec["kind"] in WITHOUT:
            return ""
        wave = str(spec.get("wave", self.study.present.id))
        return self.study.waves[wave].label(language)
