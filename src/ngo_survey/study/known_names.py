"""The names that a study has, which those that its configuration uses are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import nearest
from ngo_survey.study.study import Study


@dataclass(frozen=True)
class KnownNames:
    """The codebooks of a study and the sections of its configuration."""

    study: Study
    books: Mapping[str, Questionnaire]

    def known(self, name: str, known: Iterable[str], where: str, what: str) -> None:
        """Raise :class:`ConfigError` unless ``name`` is one of ``known``."""
        names = list(known)
        if name not in names:
            raise self.study.mistake(f"there is no such {what}", where, name, nearest(name, names))

    def book(self, population: str, where: str) -> Questionnaire:
        """Return the codebook of a group of respondents."""
        self.known(population, self.books, where, "group of respondents")
        return self.books[population]
