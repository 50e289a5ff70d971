"""Every name that the configuration uses is held against what the study has, before anything runs.

The schema knows keys, not questions. A mistyped variable of a model or a figure would otherwise
come to light minutes later, in another room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.expressions import check_rules
from ngo_survey.errors import Faults
from ngo_survey.study import Study
from ngo_survey.study.codebooks import sound_codebook
from ngo_survey.study.declared_areas import check_areas
from ngo_survey.study.declared_changes import Books, read_changes
from ngo_survey.study.declared_comparisons import read_declared
from ngo_survey.study.declared_pairs import check_pairs, declared_pair
from ngo_survey.study.declared_tables import read_specs
from ngo_survey.study.figure_fit import check_fit
from ngo_survey.study.figure_names import check_figure, check_kind
from ngo_survey.study.group_names import check_group
from ngo_survey.study.known_names import KnownNames
from ngo_survey.study.languages import labels
from ngo_survey.study.model_names import check_models
from ngo_survey.tables.compared import Changed
from ngo_survey.tables.declared import TableSpec


def check_names(study: Study) -> None:
    """Raise for every name that the study does not have, all at once.

    Raises
    ------
    ConfigError: one name; several are a :class:`~ngo_survey.errors.SeveralFaultsError`.
    """
    faults = Faults()
    find_names(study, faults)
    faults.refuse()


def find_names(study: Study, faults: Faults) -> None:
    """Keep every name that the study does not have; names of what is at fault are not judged."""
    books: dict[str, Questionnaire] = {}
    for name in study.populations:
        with faults.check(name):
            books[name] = sound_codebook(study, name, faults)
    NameCheck(study, books, faults).check()


class NameCheck(KnownNames):
    """Holds every section of the configuration against the names of the study."""

    def check(self) -> None:
        """Hold every section against the names."""
        self._labels()
        with self.faults.check():
            self._prefixes()
        for code in self.study.table_languages:
            self._words(code)
        for name, book in self.books.items():
            with self.faults.check():
                check_rules(book)
            check_group(self, name, book)
        for number, indicator in enumerate(self.study.section("indicators") or ()):
            with self.faults.check(indicator["id"]):
                self._indicator(indicator, f"indicators.{number}")
        with self.faults.check():
            check_models(self)
        for name, series in self.study.section("trends").get("series", {}).items():
            known = self.study.section("official")
            with self.faults.check():
                self.known(series["dataset"], known, f"trends.series.{name}.dataset", "data set")
        shown = self.study.section("report").get("dashboard", {}).get("figures", ())
        for place, name in enumerate(shown):
            at = f"report.dashboard.figures.{place}"
            with self.faults.check():
                self.known(name, self.study.section("figures"), at, "figure")
        analyses = self.analyses()
        check_areas(self, analyses)
        if len(self.books) < len(self.study.populations):
            self.faults.leave("comparisons, changes between waves and figures")
            return
        read_declared(self.study, self.books, self.faults)
        changed: Sequence[Changed] = ()
        with self.faults.check():
            changed = read_changes(self.study, self._books_of_waves(), self.faults)
        tables = self._tables()
        for name, figure in self.study.section("figures").items():
            with self.faults.check():
                check_figure(self, figure, analyses, f"figures.{name}")
            with self.faults.check():
                check_kind(self, figure, changed, f"figures.{name}")
            with self.faults.check():
                check_fit(self, figure, tables, f"figures.{name}")

    def _tables(self) -> dict[str, TableSpec]:
        """Return the spec of every table, by its id and with each of its banners."""
        return {
            name: spec
            for population, book in self.books.items()
            # What is wrong with a table is told where tables are read.
            for spec in read_specs(self.study, population, book, Faults())
            for name in (spec.id, *(f"{spec.id}_by_{banner}" for banner in spec.banners))
        }

    def _books_of_waves(self) -> Books:
        earlier = {
            wave.id: {
                name: sound_codebook(self.study.wave(wave.id), name, self.faults)
                for name in wave.relations
            }
            for wave in self.study.earlier_waves
        }
        return earlier | {self.study.present.id: self.books}

    def _labels(self) -> None:
        """Keep each text that a language of the report lacks, wherever it stands."""
        languages = self.study.languages
        written = list(labels(self.study.raw, languages))
        written += [
            (f"populations.{n}.questionnaire", set(b.languages)) for n, b in self.books.items()
        ]
        lacking = [(where, c) for where, codes in written for c in languages if c not in codes]
        for where, code in lacking:
            self.faults.add(
                self.study.mistake(
                    "there are no words in a language of the report",
                    where,
                    code,
                    "add them, or leave the language out of study.languages",
                )
            )

    def _words(self, code: str) -> None:
        """Keep each label that a language of the tables lacks."""
        needed = {"study.title": self.study.raw["study"]["title"]}
        for name, book in self.books.items():
            where = f"populations.{name}"
            block = self.study.population(name).raw
            needed[f"{where}.label"] = block["label"]
            needed[f"{where}.questionnaire"] = dict.fromkeys(book.languages, "")
            for derived, rule in block.get("derive", {}).items():
                needed[f"{where}.derive.{derived}.labels"] = rule["labels"]
                for level, given in rule.get("levels", {}).items():
                    needed[f"{where}.derive.{derived}.levels.{level}"] = given["labels"]
        for where in (where for where, label in needed.items() if code not in label):
            self.faults.add(
                self.study.mistake(
                    "there are no words in a language of the tables",
                    where,
                    code,
                    "add them, or leave the language out of tables.languages",
                )
            )

    def _indicator(self, declared: Mapping[str, Any], where: str) -> None:
        book = self.book(declared["population"], f"{where}.population")
        for key in ("variable", "denominator", "by"):
            if key in declared:
                self.known(declared[key], book.questions, f"{where}.{key}", "variable")
        wanted = declared.get("category", [])
        if wanted:
            choices = book.question(declared["variable"]).choice_names
            named = [wanted] if isinstance(wanted, str) else wanted
            self.each_known(named, choices, f"{where}.category", "choice")

    def analyses(self) -> dict[str, Questionnaire]:
        """Return every analysis of tables and pairs with its codebook, by id and banner."""
        found: dict[str, Questionnaire] = {}
        for population, book in self.books.items():
            for spec in read_specs(self.study, population, book, self.faults):
                found[spec.id] = book
                found |= {f"{spec.id}_by_{banner}": book for banner in spec.banners}
        for name in self.study.section("tables").get("pairs", {}):
            with self.faults.check(name):
                pair = declared_pair(self.study, name)
                book = self.book(pair.population, f"tables.pairs.{name}.population")
                check_pairs(self.study, pair, book)
                found[pair.name] = book
        return found

    def _prefixes(self) -> None:
        """Refuse two groups whose tables would have the same ids."""
        taken: dict[str, str] = {}
        for name, group in self.study.populations.items():
            if group.table_prefix in taken:
                raise self.study.mistake(
                    f"the tables of {taken[group.table_prefix]} have this prefix too",
                    f"populations.{name}.table_prefix",
                    group.table_prefix,
                    f"write another, or leave it out: {name}_ is taken then",
                )
            taken[group.table_prefix] = name
