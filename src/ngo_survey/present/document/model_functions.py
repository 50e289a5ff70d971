"""Tables and sentences about the declared models: what goes with an outcome, all else equal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.errors import SurveyError, nearest
from ngo_survey.present.document.chapter_functions import ChapterFunctions, labelled
from ngo_survey.present.document.document import Cell, Row
from ngo_survey.present.document.template_functions import ResultRow
from ngo_survey.statistics.models.formula import Term, terms_of

#: Checks of a model that the report lists, each with the field that says most.
CHECKS = (
    ("n", "value"),
    ("excluded", "value"),
    ("design_df", "value"),
    ("mcfadden", "value"),
    ("condition", "value"),
    ("parallel/score", "p"),
    ("parallel/wald", "p"),
    ("parallel/brant", "p"),
    ("parallel/likelihood_ratio", "p"),
    ("parallel/wolfe_gould", "p"),
    ("rps_skill", "value"),
    ("influence/together", "value"),
)


@dataclass(frozen=True)
class ModelFunctions(ChapterFunctions):
    """Functions of a chapter that tell of models."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call."""
        return {
            "effects": self.effects,
            "predictions": self.predictions,
            "clear": self.clear,
            "step": self.step,
            "terms": self.terms,
            "model_checks": self.model_checks,
        }

    def terms(self, model: str) -> str:
        """Print the variables of a model as a list."""
        population = self._declared(model)["population"]
        words = [
            self.template.words(
                self.template.language.quoted(self._named(population, term)),
                "label",
            )
            for _, term in self._terms(model)
        ]
        return self.template.language.join(words)

    def clear(self, model: str, outcome: str) -> list[ResultRow]:
        """Return effects on an outcome that the design-based tests put down to more than chance.

        The test is of the variable in its declared family, and behind it of the level (Holm).
        Largest first.
        """
        entries = self.template.entries("effects", model=model, outcome=outcome)
        found = [e for e in entries if e["p_adjusted"] < self.template.rules["alpha"]]
        return sorted(found, key=lambda entry: -abs(entry["estimate"]))

    def step(self, entry: ResultRow) -> str:
        """Print what an effect compares: a level with its reference, or a step of a number."""
        return self.template.words(self._step(entry.row), "label")

    def effects(self, model: str, outcome: str, caption: str, columns: Sequence[str]) -> str:
        """Print the average marginal effects on one outcome, in points: limits, adjusted p."""
        template = self.template
        population = self._declared(model)["population"]
        rows: list[Row] = []
        for variable, term in self._terms(model):
            entries = template.entries("effects", model=model, outcome=outcome, variable=variable)
            if entries and entries[0]["level"]:
                title = self._named(population, term)
                words = template.language.word("model.mix", title=title)
                if not term.ilr:
                    reference = self._reference(population, variable, term)
                    words = template.language.word("model.reference", title=title, label=reference)
                rows.append(labelled(words, kind="group"))
            for entry in entries:
                level = str(entry["level"])
                label = self._level(population, term, level) if level else self._step(entry.row)
                rows.append(labelled(label, self._effect(entry)))
        return self.build_table(f"effects-{model}-{outcome}", caption, columns, rows)

    def predictions(self, model: str, variable: str, caption: str, outcomes: Sequence[str]) -> str:
        """Print predicted probabilities by the levels of one variable, one column an outcome."""
        template = self.template
        declared = self._declared(model)
        population = declared["population"]
        heads = [template.labels.choice(population, declared["outcome"], o) for o in outcomes]
        entries = template.entries("predictions", model=model, variable=variable)
        rows = []
        for level in dict.fromkeys(str(entry["level"]) for entry in entries):
            keys = [f"model/{model}/prediction/{variable}={level}@{o}" for o in outcomes]
            cells = [self.number(template.n(key, "percent")) for key in keys]
            rows.append(labelled(template.labels.choice(population, variable, level), cells))
        stub = template.labels.title(population, variable)
        return self.build_table(
            f"predictions-{model}-{variable}", caption, self.heads(heads), rows, stub
        )

    def model_checks(self, caption: str, stub: str) -> str:
        """Print the checks of every declared model, one column a model."""
        rows = []
        for name, field in CHECKS:
            keys = [f"model/{model}/diagnostic/{name}" for model in self._models()]
            words = self.template.language.word(f"model.checks.{name.replace('/', '_')}")
            rows.append(labelled(words, self.numbers(keys, field=field), source="rule"))
        return self.build_table("model-checks", caption, self._titles(), rows, stub)

    # -- parts -----------------------------------------------------------------------------------

    def _declared(self, model: str) -> Mapping[str, Any]:
        models = self._models()
        if model not in models:
            raise SurveyError("no such model is declared", value=model, hint=nearest(model, models))
        return models[model]

    def _models(self) -> Mapping[str, Any]:
        return self.template.study.section("models").get("declared", {})

    def _titles(self) -> list[str]:
        """Return headings of columns, one a declared model."""
        code = self.template.language.code
        return self.heads([str(model["title"][code]) for model in self._models().values()])

    def _terms(self, model: str) -> Iterator[tuple[str, Term]]:
        for term in terms_of(self._declared(model)["terms"]):
            yield term.variable, term

    def _named(self, population: str, term: Term) -> str:
        """Return the title of a term: of a variable, a whole, or two variables crossed."""
        if term.interaction:
            first, second = (self._title(population, name) for name in term.interaction)
            return self.template.language.word("model.crossed", first=first, second=second)
        if term.ilr:
            book = self.template.labels.codebook(population)
            return book.battery_title(term.variable, self.template.language.code)
        return self._title(population, term.variable)

    def _level(self, population: str, term: Term, level: str) -> str:
        """Return the label of a level, or of a part of a whole."""
        if not term.ilr:
            return self.template.labels.choice(population, term.variable, level)
        items = dict(term.parts)[level]
        if len(items) > 1:
            return self.template.language.word("model.rest")
        book = self.template.labels.codebook(population)
        name = book.item(term.variable, items[0]).name
        return book.title(name, self.template.language.code)

    def _title(self, population: str, variable: str, worded: bool = False) -> str:
        """Return the title of a variable, or its wording, which names the unit of a number.

        An item of a battery is read after its battery.
        """
        book = self.template.labels.codebook(population)
        code, battery = self.template.language.code, book.question(variable).battery
        title = book.label(variable, code) if worded else book.title(variable, code)
        return f"{book.battery_title(battery, code)}: {title}" if battery else title

    def _reference(self, population: str, variable: str, term: Term) -> str:
        first = self.template.labels.codebook(population).question(variable).choice_names[0]
        return self.template.labels.choice(population, variable, term.reference or first)

    def _step(self, row: Mapping[str, Any]) -> str:
        model, variable, level = str(row["model"]), str(row["variable"]), str(row["level"])
        population = self._declared(model)["population"]
        term = dict(self._terms(model))[variable]
        title = self._named(population, term)
        word = self.template.language.word
        if level and term.ilr:
            return word("model.part", title=title, label=self._level(population, term, level))
        if level:
            label = self.template.labels.choice(population, variable, level)
            reference = self._reference(population, variable, term)
            return word("model.against", title=title, label=label, reference=reference)
        if term.transform == "log2p1":
            return word("model.doubling", title=title)
        if term.per != 1:
            if not (term.interaction or term.ilr):
                title = self._title(population, term.variable, worded=True)
            return word("model.per", title=title, per=f"{term.per:g}")
        return word("model.unit", title=title)

    def _effect(self, entry: ResultRow) -> tuple[Cell, ...]:
        """Print points, their limits, and the adjusted p where there is one."""
        p = "p_adjusted"
        return (
            self.number(entry.n("signed")),
            self.limits(entry.row, "signed"),
            self.number("" if math.isnan(float(entry[p])) else entry.n("p", p)),
        )
