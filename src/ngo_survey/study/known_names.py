"""The names that a study has, which those that its configuration uses are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import Faults, nearest
from ngo_survey.study.study import Study


@dataclass(frozen=True)
class KnownNames:
    """The codebooks of a study and the sections of its configuration.

    ``faults`` keeps what is wrong, so that one name at fault does not hide the next.
    """

    study: Study
    books: Mapping[str, Questionnaire]
    faults: Faults = field(default_factory=Faults)

    def known(self, name: str, known: Iterable[str], where: str, what: str) -> None:
        """Raise :class:`ConfigError` unless ``name`` is one of ``known``."""
        names = list(known)
        if name not in names:
            raise self.study.mistake(f"there is no such {what}", where, name, nearest(name, names))

    def each_known(self, names: Iterable[str], known: Iterable[str], where: str, what: str) -> None:
        """Keep a fault for each of ``names`` that is none of ``known``."""
        names, listed = list(names), list(known)
        for name in names:
            with self.faults.check():
                self.known(name, listed, where, what)

    def book(self, population: str, where: str) -> Questionnaire:
        """Return the codebook of a group of respondents."""
        self.known(population, self.books, where, "group of respondents")
        return self.books[population]
