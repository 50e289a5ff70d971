"""The words of the questionnaires behind the names in the results."""

from __future__ import annotations

import csv
import re
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import InputError, ResultError, SurveyError, nearest

if TYPE_CHECKING:
    from ngo_survey.codebook import Question, Questionnaire
    from ngo_survey.study import Study
from ngo_survey.tables.declared import NESTED, Chosen, chosen, chosen_of, own_questions

#: Characters of a title that a sentence can hold.
LONGEST = 70
#: Brackets that hold examples.
EXAMPLES = re.compile(
    r"\s*\((?:e\. ?g\.|for example|such as|например|напр\.|мысалы)[^()]*\)",
    re.IGNORECASE,
)


def shortened(title: str) -> str:
    """Return a title of at most ``LONGEST`` characters; one that fits stands as it is."""
    if len(title) <= LONGEST:
        return title
    bare = EXAMPLES.sub("", title)
    sentence = re.split(r"(?<=[.?!])\s+(?=\w)", bare, maxsplit=1)[0]
    if len(sentence) <= LONGEST:
        return sentence.rstrip(".")
    return textwrap.shorten(sentence, LONGEST, placeholder="…").replace(",…", "…")


@dataclass(frozen=True)
class OfficialWords:
    """A table of texts, one column a language; the first is the language of the official data."""

    file: str
    source: str
    words: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, path: Path, shown: str) -> OfficialWords:
        """Read a CSV file; raises :class:`InputError` when it is missing."""
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
        except FileNotFoundError:
            raise InputError("the words of the official data are missing", file=shown) from None
        source = next(iter(rows[0])) if rows else ""
        return cls(shown, source, {row[source]: row for row in rows})

    def __call__(self, text: str, language: str) -> str:
        """Return a text in a language; raises :class:`SurveyError` when the table lacks it."""
        if language == self.source or not any(letter.isalpha() for letter in text):
            return text
        found = self.words.get(text, {}).get(language)
        if not found:
            raise SurveyError(
                f"a text of the official data has no words in the language {language}",
                file=self.file,
                column=language,
                value=text,
                hint="add a row, or correct the text",
            )
        return found


@dataclass(frozen=True)
class Labels:
    """Codebooks by group of respondents, the language they are read in, and what indicators are.

    ``sides`` names the two groups that are compared: their questions are read on the first;
    ``official_words`` is the table of words of the official data; ``pairs`` names for
    each analysis of pairs the two questions whose answers are crossed; ``prefixes`` what stands
    before the name of a question in the ids of a group's tables, ``own_questions`` the questions of
    tables with ids of their own, ``groups`` the words of each group, ``chosen`` whom tables
    with ids of their own are of.
    """

    codebooks: Mapping[str, Questionnaire]
    language: str
    indicators: Mapping[str, str] = field(default_factory=dict)
    sides: tuple[str, ...] = ()
    official_words: OfficialWords | None = None
    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    own_questions: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, Chosen] = field(default_factory=dict)

    @classmethod
    def load(cls, study: Study, language: str) -> Labels:
        """Read the questionnaires of a study, and which question each indicator is about."""
        from ngo_survey.study.codebooks import codebook

        books = {name: codebook(study, name) for name in study.populations}
        declared = {str(i["id"]): str(i["variable"]) for i in study.section("indicators")}
        crossed = {
            str(name): (str(pair["rows"]), str(pair.get("with", pair["rows"])))
            for name, pair in study.section("tables").get("pairs", {}).items()
        }
        named = study.section("report").get("official_words")
        words = OfficialWords.read(study.path(named), named) if named else None
        prefixes = {name: group.table_prefix for name, group in study.populations.items()}
        tables = study.section("tables")
        own, of = own_questions(tables), chosen(tables)
        groups = {name: group.label(language) for name, group in study.populations.items()}
        return cls(
            books, language, declared, study.sides, words, crossed, prefixes, own, groups, of
        )

    def codebook(self, population: str) -> Questionnaire:
        """Return the codebook of a group of respondents."""
        try:
            return self.codebooks[population]
        except KeyError:
            raise ResultError(
                "no such group of respondents",
                value=population,
                hint=nearest(population, self.codebooks),
            ) from None

    def chosen_of(self, analysis: str) -> Chosen:
        """Return whom an analysis is of: the filter and the base of its table."""
        return chosen_of(analysis, self.chosen)

    def has(self, population: str, name: str) -> bool:
        """Say whether a codebook knows a question or battery."""
        book = self.codebook(population)
        return name in book or name in book.batteries

    def question(self, population: str, name: str) -> str:
        """Return the wording of a question or battery; an item is read after its battery."""
        book = self.codebook(population)
        if name in book.batteries:
            return book.battery_labels[name][self.language]
        return book.label(name, self.language)

    def title(self, population: str, name: str) -> str:
        """Return the short title of a question or battery."""
        book = self.codebook(population)
        if name in book.batteries:
            return book.battery_title(name, self.language)
        return book.title(name, self.language)

    def condition(self, population: str, name: str) -> str:
        """Return the condition under which a question was asked ("": of all who consented)."""
        book = self.codebook(population)
        return self.condition_of(book, book.question(self._item(population, name)))

    @staticmethod
    def condition_of(book: Questionnaire, question: Question) -> str:
        """Return the condition of one question, that of consent left out."""
        consent = book.find_role("consent")
        if consent is None:
            return question.relevant
        agreed = rf"\(\$\{{{re.escape(consent.name)}\}} = '[^']*'\)( and )?"
        return re.sub(agreed, "", question.relevant)

    def choice(self, population: str, name: str, choice: str) -> str:
        """Return the words of a choice; a battery has the choices of its items."""
        return self.codebook(population).choice_label(
            self._item(population, name), choice, self.language
        )

    def of_two(self, population: str, name: str) -> bool:
        """Say whether everybody who answers a question gives one of its two answers."""
        question = self.codebook(population).question(self._item(population, name))
        return question.form in ("single", "scale") and len(question.choices) == 2

    def short_title(self, population: str, name: str) -> str:
        """Return the title of a question or battery as a sentence can hold it.

        A title that the form gives stands as its authors wrote it. Where the wording stands for
        one, examples in brackets are left out of a long one, then what follows its first sentence,
        then the words that do not fit, with three dots; unless another question would be called
        the same.
        """
        title = self.title(population, name)
        if title != self.question(population, name):
            return title
        return title if self._short[population][shortened(title)] > 1 else shortened(title)

    @cached_property
    def _short(self) -> dict[str, Counter[str]]:
        """How many questions and batteries of each group have a shortened title."""
        return {
            group: Counter(
                shortened(self.title(group, name)) for name in (*book.questions, *book.batteries)
            )
            for group, book in self.codebooks.items()
        }

    def question_name(self, row: Mapping[str, Any]) -> str:
        """Return the question (or battery) that a row of estimates, ranks or sides is about."""
        population, item = self.population(row), str(row["item"])
        book = self.codebook(population)
        analysis = str(row["analysis"]).split("_by_")[0]
        if analysis in self.indicators:
            return self.indicators[analysis]
        if analysis in self.pairs:
            return self.pairs[analysis][0]
        table = self.table(row)
        items = book.battery(table) if table in book.batteries else []
        own = next((q.name for q in items if q.item == item), "")
        for name in (own, item, table):
            if name and (name in book or name in book.batteries):
                return name
        return item or table

    def is_year(self, row: Mapping[str, Any]) -> bool:
        """Say whether a row of estimates is about a question whose answer is a year."""
        book, name = self.codebook(self.population(row)), self.question_name(row)
        return name in book and book.question(name).is_year

    def table(self, row: Mapping[str, Any]) -> str:
        """Return what a row's table is called without the prefix of its group and the banner."""
        if row["analysis"] in self.own_questions:
            return self.own_questions[str(row["analysis"])]
        prefix = self.prefixes.get(self.population(row), "")
        return str(row["analysis"]).split("_by_", maxsplit=1)[0].removeprefix(prefix)

    def population(self, row: Mapping[str, Any]) -> str:
        """Return the group of respondents whose questionnaire names what a row is about."""
        return str(row["population"]) if row.get("population") else self.sides[0]

    def member(self, row: Mapping[str, Any]) -> str:
        """Return what a row counts: a choice, an item or the question itself."""
        population, category = self.population(row), str(row["category"])
        name = self.question_name(row)
        if row["analysis"] in self.pairs:
            given = zip(self.pairs[str(row["analysis"])], (row["item"], category), strict=True)
            return " + ".join(self._answer(population, of, str(answer)) for of, answer in given)
        if not self.has(population, name):
            return category or name
        if category and category in self._choices(population, name):
            return self.choice(population, name, category)
        return self.title(population, name)

    def _answer(self, population: str, name: str, answer: str) -> str:
        """Return the words of an answer to a question, or of an item of a battery."""
        if name in self.codebook(population).batteries:
            return self.title(population, f"{name}_{answer}")
        return self.choice(population, name, answer)

    def official(self, text: str) -> str:
        """Return a text of the official data in the language of the report.

        Without a table of words the text stands as it was read.
        """
        return text if self.official_words is None else self.official_words(text, self.language)

    def group(self, row: Mapping[str, Any]) -> str:
        """Return the words of the group of respondents that a row is about ("" for all)."""
        by, level = str(row.get("by", "")), str(row.get("by_level", ""))
        if not by:
            return ""
        nested = zip(by.split(NESTED), level.split(NESTED), strict=True)
        return ", ".join(self.choice(str(row["population"]), *part) for part in nested)

    def _choices(self, population: str, name: str) -> tuple[str, ...]:
        item = self._item(population, name)
        return self.codebook(population).question(item).choice_names

    def _item(self, population: str, name: str) -> str:
        """Return the question itself, or the first of a battery: they share their choices."""
        book = self.codebook(population)
        return book.battery(name)[0].name if name in book.batteries else name
