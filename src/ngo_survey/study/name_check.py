"""Every name that the configuration uses is held against what the study has, before anything runs.

The schema knows keys, not questions. A mistyped variable of a model or a figure would otherwise
come to light minutes later, in another room.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import items, sources
from ngo_survey.codebook.expressions import check_rules
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.declared_changes import books_of, changes
from ngo_survey.study.declared_comparisons import declared
from ngo_survey.study.declared_models import check_model
from ngo_survey.study.declared_pairs import check_pairs, declared_pairs
from ngo_survey.study.declared_tables import specs
from ngo_survey.study.declared_weighting import columns_of, from_register, margins_of, strata_of
from ngo_survey.study.known_names import KnownNames
from ngo_survey.study.languages import labels
from ngo_survey.study.model_names import check_model_options


def check_names(study: Study) -> None:
    """Raise ConfigError for the first name that the study does not have."""
    books = {name: codebook(study, name) for name in study.populations}
    NameCheck(study, books).check()


class NameCheck(KnownNames):
    """Holds every section of the configuration against the names of the study."""

    def check(self) -> None:
        """Hold every section against the names."""
        self._labels()
        self._prefixes()
        for code in self.study.table_languages:
            self._words(code)
        for name, book in self.books.items():
            check_rules(book)
            self._population(name, book)
        for number, indicator in enumerate(self.study.section("indicators") or ()):
            self._indicator(indicator, f"indicators.{number}")
        declared(self.study, self.books)
        changed = changes(self.study, books_of(self.study))
        for name, model in self.study.section("models").get("declared", {}).items():
            check_model(self, model, f"models.declared.{name}")
        check_model_options(self)
        for name, series in self.study.section("trends").get("series", {}).items():
            known = self.study.section("official")
            self.known(series["dataset"], known, f"trends.series.{name}.dataset", "data set")
        shown = self.study.section("report").get("dashboard", {}).get("figures", ())
        for place, name in enumerate(shown):
            at = f"report.dashboard.figures.{place}"
            self.known(name, self.study.section("figures"), at, "figure")
        analyses = self.analyses()
        for name, figure in self.study.section("figures").items():
            self._figure(figure, analyses, f"figures.{name}")
            if figure["kind"] in ("map", "tiles"):
                self._mapped(figure["kind"], f"figures.{name}")
            if "wave" in figure:
                self.known(figure["wave"], self.study.waves, f"figures.{name}.wave", "wave")
            if figure["kind"] == "slope":
                compared = [c.analysis for c in changed]
                compared += [f"{c.analysis}_by_{banner}" for c in changed for banner in c.by]
                what, where = "table compared by waves.change", f"figures.{name}.analysis"
                self.known(figure.get("analysis", ""), compared, where, what)

    def _labels(self) -> None:
        """Raise for the first text that a language of the report lacks, wherever it stands."""
        languages = self.study.languages
        written = list(labels(self.study.raw, languages))
        written += [
            (f"populations.{n}.questionnaire", set(b.languages)) for n, b in self.books.items()
        ]
        for where, codes in written:
            for code in languages:
                if code not in codes:
                    raise self.study.mistake(
                        "there are no words in a language of the report",
                        where,
                        code,
                        "add them, or leave the language out of study.languages",
                    )

    def _words(self, code: str) -> None:
        """Raise for the first label that a language of the tables lacks."""
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
        for where, label in needed.items():
            if code not in label:
                raise self.study.mistake(
                    "there are no words in a language of the tables",
                    where,
                    code,
                    "add them, or leave the language out of tables.languages",
                )

    def _population(self, name: str, book: Questionnaire) -> None:
        block = self.study.population(name).raw
        asked = [q.name for q in book if q.type != "derived"]
        where = f"populations.{name}"
        for entry in block.get("cleaning", {}).get("key_questions", ()):
            for question in [entry] if isinstance(entry, str) else entry:
                self.known(question, asked, f"{where}.cleaning.key_questions", "question")
        for question in block.get("cleaning", {}).get("coding", {}):
            for needed in (question, f"{question}_other"):
                self.known(needed, asked, f"{where}.cleaning.coding", "question")
        for header, question in block.get("sources", {}).get("columns", {}).items():
            self.known(
                question.partition("/")[0], asked, f"{where}.sources.columns.{header}", "question"
            )
        self._sources(block.get("sources", {}), book, asked, f"{where}.sources")
        weighting = block["weighting"]
        # A register knows what was asked; margins of shares may be of derived variables.
        margins = asked if from_register(weighting) else list(book.questions)
        for key, names, variables in (
            ("strata", strata_of(weighting), asked),
            ("margins", margins_of(weighting), margins),
            ("weights", columns_of(weighting), asked),
        ):
            for variable in names:
                self.known(variable, variables, f"{where}.weighting.{key}", "question")
        shares = {} if from_register(weighting) or weighting == "none" else weighting
        for variable, said in shares.get("margins", {}).items():
            for level in said:
                choices = book.question(variable).choice_names
                self.known(level, choices, f"{where}.weighting.margins.{variable}", "choice")
        merges = weighting.get("merge", {}) if isinstance(weighting, Mapping) else {}
        for variable, merged in merges.items():
            self.known(variable, margins, f"{where}.weighting.merge", "question")
            for old in (level for levels in merged.values() for level in levels):
                known = book.question(variable).choice_names
                self.known(old, known, f"{where}.weighting.merge.{variable}", "choice")
        for derived, rule in block.get("derive", {}).items():
            # Codes lie beside the answers: where these are kept elsewhere, so are they.
            here = self.study.population(name).responses.is_file()
            self._derived(rule, book, f"{where}.derive.{derived}", here)

    def _sources(
        self, sources: Mapping[str, Any], book: Questionnaire, asked: list[str], where: str
    ) -> None:
        for key, more in (("answers", ()), ("missing", ("all",))):
            said = sources.get(key)
            for question in said if isinstance(said, Mapping) else ():
                self.known(question, [*asked, *more], f"{where}.{key}", "question")
        for entry in sources.get("shares", ()):
            self.known(entry, [*asked, *book.batteries], f"{where}.shares", "question or battery")
        for question in sources.get("keep", ()):
            self.known(question, asked, f"{where}.keep", "question")
        for entry in sources.get("not_exported", ()):
            question, _, choice = entry.partition("/")
            self.known(question, asked, f"{where}.not_exported", "question")
            if not choice:
                continue
            choices = book.question(question).choice_names
            self.known(choice, choices, f"{where}.not_exported", f"choice of {question}")

    def _derived(
        self, rule: Mapping[str, Any], book: Questionnaire, where: str, here: bool
    ) -> None:
        choices = [c for q in items(book, rule) for c in q.choice_names]
        named = [*rule.get("values", ()), *rule.get("except", ())]
        named += [old for level in rule.get("levels", {}).values() for old in level.get("from", ())]
        if here and "codes" in rule and not self.study.path(rule["codes"]).is_file():
            raise self.study.mistake(
                "the coders' file is missing",
                f"{where}.codes",
                rule["codes"],
                "put it there or correct its name",
            )
        for choice in named:
            self.known(choice, choices, where, f"choice of {' or '.join(sources(rule))}")

    def _indicator(self, declared: Mapping[str, Any], where: str) -> None:
        book = self.book(declared["population"], f"{where}.population")
        for key in ("variable", "denominator", "by"):
            if key in declared:
                self.known(declared[key], book.questions, f"{where}.{key}", "variable")
        wanted = declared.get("category", [])
        for category in [wanted] if isinstance(wanted, str) else wanted:
            choices = book.question(declared["variable"]).choice_names
            self.known(category, choices, f"{where}.category", "choice")

    def analyses(self) -> dict[str, Questionnaire]:
        """Return every analysis of tables and pairs with its codebook, by id and banner."""
        found: dict[str, Questionnaire] = {}
        for population, book in self.books.items():
            for spec in specs(self.study, population, book):
                found[spec.id] = book
                found |= {f"{spec.id}_by_{banner}": book for banner in spec.banners}
        for pair in declared_pairs(self.study):
            book = self.books[pair.population]
            check_pairs(self.study, pair, book)
            found[pair.name] = book
        return found

    def _asked(
        self,
        spec: Mapping[str, Any],
        key: str,
        analyses: Mapping[str, Questionnaire],
        where: str,
    ) -> None:
        """Refuse a question that a group of the figure has no table of."""
        groups = self.study.populations
        for name in spec.get("groups") or self.study.sides:
            self.known(name, groups, f"{where}.groups", "group of respondents")
            prefix = groups[name].table_prefix
            own = [a.removeprefix(prefix) for a in analyses if a.startswith(prefix)]
            self.known(spec[key], own, f"{where}.{key}", f"table of {name}")

    def _mapped(self, kind: str, where: str) -> None:
        """Refuse a map without outlines, and tiles without their places."""
        geography = self.study.section("geography")
        tiles = [r for r in geography.get("regions", {}).values() if "tile" in r]
        lacks = "outlines" not in geography if kind == "map" else not tiles
        if lacks:
            key = "geography.outlines" if kind == "map" else "tile of geography.regions"
            raise self.study.mistake(
                f"this figure needs the key {key}",
                f"{where}.kind",
                kind,
                "describe the regions (docs/config.md, geography), or take the figure out",
            )

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

    def _figure(
        self, spec: Mapping[str, Any], analyses: Mapping[str, Questionnaire], where: str
    ) -> None:
        named = [("analysis", spec)] if "analysis" in spec else []
        named += [(f"analyses.{i}", entry) for i, entry in enumerate(spec.get("analyses", ()))]
        banners = [*spec.get("banners", ()), *([spec["banner"]] if "banner" in spec else ())]
        for place, entry in named:
            name = entry["analysis"]
            self.known(name, analyses, f"{where}.{place}", "analysis")
            level, by = entry.get("level"), name.partition("_by_")[2]
            if level is not None and by:
                levels = analyses[name].question(by).choice_names
                self.known(level, levels, f"{where}.{place}.level", "level")
            for banner in banners:
                crossed = [a.partition("_by_")[2] for a in analyses if a.startswith(f"{name}_by_")]
                self.known(banner, crossed, f"{where}.banner", f"banner of {name}")
        for key in ("table", "battery"):
            if key in spec:
                self._asked(spec, key, analyses, where)
        if "model" in spec:
            known = self.study.section("models").get("declared", {})
            self.known(spec["model"], known, f"{where}.model", "model")
        if spec["kind"] == "contrasts":
            model = self.study.section("models")["declared"][spec["model"]]
            wholes = [shift["battery"] for shift in model.get("shifts", ())]
            compared = [*model.get("contrasts", ()), *wholes]
            self.known(spec.get("variable", ""), compared, f"{where}.variable", "contrast or shift")
        if spec["kind"] == "specification":
            curves = self.study.section("models").get("specifications", {})
            self.known(spec.get("model", ""), curves, f"{where}.model", "specification curve")
            effects = curves[spec["model"]]["effects"]
            self.known(spec.get("term", ""), effects, f"{where}.term", "effect of the curve")
        for series in spec.get("series", ()):
            known = self.study.section("trends").get("series", {})
            self.known(series, known, f"{where}.series", "series")
        if "population" in spec:
            book = self.book(spec["population"], f"{where}.population")
            if "variable" in spec:
                self.known(spec["variable"], book.questions, f"{where}.variable", "variable")
