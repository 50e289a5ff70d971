"""The words of the questionnaires behind the names in the results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ResultError, nearest

if TYPE_CHECKING:
    from ngo_survey.questionnaire import Questionnaire


@dataclass(frozen=True)
class Labels:
    """Codebooks by group of respondents, and the language they are read in."""

    codebooks: Mapping[str, Questionnaire]
    language: str

    def codebook(self, population: str) -> Questionnaire:
        """Return the codebook of a group of respondents."""
        try:
            return self.codebooks[population]
        except KeyError:
            raise ResultError(
                "no such group of respondents",
                value=population,
                mend=nearest(population, self.codebooks),
            ) from None

    def question(self, population: str, name: str) -> str:
        """Return the words of a question, or of the battery that ``name`` is."""
        book = self.codebook(population)
        if name in book.questions:
            return book.label(name, self.language)
        items = book.battery(name)
        if not items:
            raise ResultError(
                f"the questionnaire of {population} has no question",
                value=name,
                mend=nearest(name, book.questions),
            )
        return "; ".join(book.label(item.name, self.language) for item in items)

    def choice(self, population: str, name: str, choice: str) -> str:
        """Return the words of a choice; a battery has the choices of its items."""
        book = self.codebook(population)
        if name not in book.questions:
            items = book.battery(name)
            name = items[0].name if items else name
        return book.choice_label(name, choice, self.language)

    def has(self, population: str, name: str) -> bool:
        """Say whether a codebook knows a question or battery."""
        book = self.codebook(population)
        return name in book.questions or bool(book.battery(name))

    def question_name(self, row: Mapping[str, Any]) -> str:
        """Return the question (or battery) that a row of estimates is about."""
        population, item = str(row["population"]), str(row["item"])
        table = str(row["analysis"]).split("_by_")[0].removeprefix("gov_")
        for name in (item, f"{table}_{item}" if item else table, table):
            if name and self.has(population, name):
                return name
        return item or table

    def member(self, row: Mapping[str, Any]) -> str:
        """Return what a row of estimates counts: a choice, an item or the question itself."""
        population, category = str(row["population"]), str(row["category"])
        name = self.question_name(row)
        if category:
            if self.has(population, name) and self._is_choice(population, name, category):
                return self.choice(population, name, category)
            return category
        return self.question(population, name) if self.has(population, name) else name

    def group(self, row: Mapping[str, Any]) -> str:
        """Return the words of the group of respondents that a row is about ("" for all)."""
        by, level = str(row["by"]), str(row["by_level"])
        if not by:
            return ""
        return self.choice(str(row["population"]), by, level)

    def _is_choice(self, population: str, name: str, category: str) -> bool:
        book = self.codebook(population)
        if name not in book.questions:
            items = book.battery(name)
            return bool(items) and category in items[0].choice_names
        return category in book.questions[name].choice_names
