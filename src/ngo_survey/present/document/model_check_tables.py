"""Tables about how far the models can be trusted: imputation, curves, families, power."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.chapter_functions import labelled
from ngo_survey.present.document.document import Cell, Row, Slot
from ngo_survey.present.document.model_functions import ModelFunctions
from ngo_survey.present.document.template_functions import ResultRow


@dataclass(frozen=True)
class ModelCheckFunctions(ModelFunctions):
    """Functions of a chapter that tell of the models' checks."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call."""
        return {
            "imputed_effects": self.imputed_effects,
            "moves": self.moves,
            "family_tests": self.family_tests,
            "detectable": self.detectable,
            "scores": self.scores,
            "registered": self.registered,
        }

    def imputed_effects(
        self, model: str, outcome: str, caption: str, columns: Sequence[str]
    ) -> str:
        """Print effects on one outcome on complete cases and pooled over imputed data sets.

        ``columns`` heads the points and limits of both, and the information that is missing.
        """
        rows = []
        for entry in self.template.entries(
            "imputed", model=model, quantity="effect", outcome=outcome
        ):
            cells = (
                self.number(entry.n("signed", "complete")),
                self._range(entry, "complete_low", "complete_high"),
                self.number(entry.n("signed")),
                self._range(entry, "ci_low", "ci_high"),
                self.number(entry.n("percent", "fmi")),
            )
            rows.append(labelled(self._step(entry.row), cells))
        return self.build_table(f"imputed-{model}-{outcome}", caption, columns, rows)

    def moves(self, model: str, caption: str, columns: Sequence[str]) -> str:
        """Print how each followed effect moves over the specification curve.

        ``columns`` heads specifications run, median, lowest and highest effect, and the share of
        specifications whose limits leave zero out on the side of the median.
        """
        fields = (
            ("run", "count"),
            ("median", "signed"),
            ("lowest", "signed"),
            ("highest", "signed"),
            ("clear", "percent"),
        )
        rows = []
        for term in self.template.study.section("models")["specifications"][model]["effects"]:
            variable, _, level = term.partition("=")
            row = {"model": model, "variable": variable, "level": level}
            start = f"model/{model}/diagnostic/specification/{term}"
            cells = [self.number(self.template.n(f"{start}/{name}", form)) for name, form in fields]
            rows.append(labelled(self._step(row), cells))
        return self.build_table(f"moves-{model}", caption, columns, rows)

    def family_tests(self, model: str, caption: str, columns: Sequence[str]) -> str:
        """Print the tests of a model's variables by declared family: F, its degrees, adjusted p."""
        population = self._declared(model)["population"]
        word = self.template.language.word
        rows: list[Row] = []
        for family, variables in self.template.study.section("models").get("families", {}).items():
            own = [(name, f"model/{model}/diagnostic/family/{family}/{name}") for name in variables]
            own = [(name, key) for name, key in own if self.template.has(key)]
            if own:
                name = self.template.language.words["terms"]["family"].get(family, family)
                words = word("trusted.family", name=name, size=str(len(own)))
                rows.append(labelled(words, source="rule", kind="group"))
            for name, key in own:
                cells = [
                    self.number(self.template.n(key, form, field=field))
                    for field, form in (("value", "mean"), ("df1", "count"), ("p", "p"))
                ]
                rows.append(labelled(self._title(population, name), cells))
        return self.build_table(f"families-{model}", caption, columns, rows)

    def scores(self, caption: str, stub: str) -> str:
        """Print the scores of every validated model out of fold, one column a model."""
        rows = []
        for name, form in (
            ("rps", "decimal3"),
            ("rps_margin", "decimal3"),
            ("skill", "percent1"),
            ("skill_apparent", "percent1"),
        ):
            keys = [f"validation/{model}/{name}" for model in self._models()]
            words = self.template.language.word(f"trusted.scores.{name}")
            rows.append(labelled(words, self.numbers(keys, form), source="rule"))
        return self.build_table("scores", caption, self._titles(), rows, stub)

    def detectable(
        self, population: str, variable: str, category: str, by: str, caption: str, column: str
    ) -> str:
        """Print for every two groups the smallest difference that this wave finds, and how many
        respondents of the two would find each declared difference.

        ``column`` heads the first; the others are headed by their difference.
        """
        word, form = self.template.language.word, self.template.language.format
        declared = self.template.study.section("models")["power"]["differences"]
        start = f"precision/{variable}.{category}@{by}"
        rows = []
        for entry in self.template.entries(
            "precision", population=population, variable=variable, by=by, statistic="detectable"
        ):
            first, second = str(entry["level"]), str(entry["against"])
            labels = [
                self.template.labels.choice(population, by, level) for level in (first, second)
            ]
            words = word("trusted.pair", first=labels[0], second=labels[1])
            keys = [f"{start}/{first}~{second}/needed/{100 * d:g}" for d in declared]
            cells = (
                self.number(self._or_none(entry.key, "points")),
                *(self.number(self._or_none(key, "count")) for key in keys),
            )
            rows.append(labelled(words, cells))
        needed = [word("trusted.needed", points=form(d, "points")) for d in declared]
        return self.build_table(
            f"power-{variable}-{by}", caption, [column, *self.heads(needed)], rows
        )

    def registered(self) -> Mapping[str, Any]:
        """Return the row on the registration of the models, for conditions."""
        return self.template.results.row("registration/models")

    # -- parts -----------------------------------------------------------------------------------

    def _or_none(self, key: str, form: str) -> str:
        """Print a number, or a dash where there is none to be had."""
        if math.isnan(self.template.results.value(key)):
            return self.template.words(self.template.language.word("number.none"), "result", key)
        return self.template.n(key, form)

    def _range(self, entry: ResultRow, low: str, high: str) -> Cell:
        """Return limits as a cell; a model without complete cases has none."""
        ends = [float(entry[low]), float(entry[high])]
        word = self.template.language.word
        if any(math.isnan(end) for end in ends):
            return Cell((Slot(word("number.none"), "result", entry.key, low),), number=True)
        words = [self.template.language.format(end, "signed") for end in ends]
        text = word("number.range", low=words[0], high=words[1])
        return Cell((Slot(text, "result", entry.key, low),), number=True)
