"""What is compared and ranked: which figures of which tables, as a study declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ngo_survey.tables.declared import TableSpec

#: Where the rank correlations of all questions stand.
CORRELATIONS = "rank_correlations"


@dataclass(frozen=True)
class Measured:
    """Which figures of a table are meant.

    Attributes
    ----------
    statistic: as the family ``estimates`` calls it.
    categories: the answers that count; all of them where there are none.
    leave_out: answers or items that have no place in the order.
    """

    spec: TableSpec
    statistic: str
    categories: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()

    @property
    def ordered(self) -> bool:
        """Whether its figures have one order: items by one figure each, or answers of one question.

        One figure has none, nor have shares of several answers to each item of a battery.
        """
        one_answer = len(self.categories) == 1
        if self.spec.form == "rank":  # its variables are places, what is ranked are the answers
            return not one_answer
        if self.statistic == "proportion":
            return one_answer == (len(self.spec.items) > 1)
        return len(self.spec.items) > 1

    @property
    def name(self) -> tuple[str, str, tuple[str, ...]]:
        """What tells it from other rankings."""
        return self.spec.id, self.statistic, self.categories


@dataclass(frozen=True)
class Declared:
    """The section ``compare``, read.

    Attributes
    ----------
    sides: names of the first and the second group of respondents; ("", "") without a comparison.
    shared: for each question put to both, what is meant on the first side and on the second.
    rankings: what is ranked within one group.
    paired: groups whose answers are crossed (``compare.pairs``).
    """

    sides: tuple[str, str]
    shared: tuple[tuple[Measured, Measured], ...]
    rankings: tuple[Measured, ...]
    paired: tuple[str, ...] = ()

    @property
    def populations(self) -> list[str]:
        """Groups of respondents that anything is asked of, sorted."""
        named = {m.spec.population for m in self._ranked()} | {p for p in self.sides if p}
        return sorted(named | set(self.paired))

    @property
    def tables(self) -> list[TableSpec]:
        """The tables whose released figures say what may be released, each once."""
        both = (m for pair in self.shared for m in pair)
        return list({m.spec.id: m.spec for m in (*both, *self.rankings)}.values())

    @property
    def ranked(self) -> list[str]:
        """Analyses with ranks: names of the files of the family ``ranks``."""
        return list(dict.fromkeys(m.spec.id for m in self._ranked()))

    @property
    def compared(self) -> list[str]:
        """Analyses with two sides: names of the files of the family ``sides``."""
        return list(dict.fromkeys(first.spec.id for first, _ in self.shared))

    def _ranked(self) -> list[Measured]:
        return [m for pair in self.shared for m in pair if m.ordered] + list(self.rankings)


@dataclass(frozen=True)
class Changed:
    """Figures of one table that are compared between waves.

    Attributes
    ----------
    measured: what is meant in each wave that asked it, by id of the wave, the present one last.
    by: banners within whose levels they are compared too.
    """

    measured: Mapping[str, Measured]
    by: tuple[str, ...]

    @property
    def analysis(self) -> str:
        """Name of the table, and of its files in the families ``waves`` and ``change``."""
        return next(iter(self.measured.values())).spec.id

    @property
    def population(self) -> str:
        """The group of respondents."""
        return next(iter(self.measured.values())).spec.population
