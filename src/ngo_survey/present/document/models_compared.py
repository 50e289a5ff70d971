"""Tables that hold models, levels and shares of a whole beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.chapter_functions import labelled
from ngo_survey.present.document.model_functions import ModelFunctions


@dataclass(frozen=True)
class ModelsCompared(ModelFunctions):
    """Functions of a chapter that compare what models say."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call."""
        return {
            "contrasts": self.contrasts,
            "shifts": self.shifts,
            "side_by_side": self.side_by_side,
            "approaches": self.approaches,
            "unmeasured": self.unmeasured,
        }

    def contrasts(
        self, model: str, variable: str, outcome: str, caption: str, columns: Sequence[str]
    ) -> str:
        """Print every two levels of a term on one outcome: points, limits, adjusted p."""
        population = self._declared(model)["population"]
        rows = []
        for entry in self.template.entries(
            "contrasts", model=model, kind="contrast", variable=variable, outcome=outcome
        ):
            first, second = (
                self.template.labels.choice(population, variable, str(entry[end]))
                for end in ("level", "against")
            )
            label = self.template.language.word("model.pair", first=first, second=second)
            rows.append(labelled(label, self._effect(entry)))
        return self.build_table(f"contrasts-{model}-{variable}", caption, columns, rows)

    def shifts(self, model: str, outcome: str, caption: str, columns: Sequence[str]) -> str:
        """Print what moved points of a whole do to one outcome: who has them, points, limits, p."""
        population = self._declared(model)["population"]
        book = self.template.labels.codebook(population)
        rows = []
        for entry in self.template.entries("contrasts", model=model, kind="shift", outcome=outcome):
            source, target = (
                book.title(f"{entry['variable']}_{entry[end]}", self.template.language.code)
                for end in ("against", "level")
            )
            points = entry.key.partition("@")[0].rpartition("/")[2]
            label = self.template.language.word(
                "model.shift", points=points, source=source, target=target
            )
            count = self.number(entry.n("count", "n"))
            rows.append(labelled(label, (count, *self._effect(entry))))
        return self.build_table(f"shifts-{model}-{outcome}", caption, columns, rows)

    def side_by_side(
        self,
        models: Sequence[str],
        outcome: str,
        caption: str,
        columns: Sequence[str],
        folded: bool = False,
    ) -> str:
        """Print the effects on one outcome of several models, in points; terms as in the first."""
        rows = []
        for entry in self.template.entries("effects", model=models[0], outcome=outcome):
            end = entry.key.partition("/effect/")[2]
            keys = [f"model/{model}/effect/{end}" for model in models]
            rows.append(labelled(self._step(entry.row), self.numbers(keys, "signed")))
        return self.build_table(
            f"side-{models[0]}-{outcome}", caption, columns, rows, folded=folded
        )

    def approaches(self, model: str, group: str, caption: str, first: str) -> str:
        """Print the coefficients of a model beside those that treat a group otherwise.

        ``first`` heads the column of the model itself; approaches that failed have no column.
        """
        found = [
            name
            for name in ("random", "random_weighted", "dummies", "clusters")
            if self.template.entries("coefficients", model=f"{model}/{group}/{name}")
        ]
        words = [self.template.language.word(f"model.approach.{name}") for name in found]
        heads = [first, *self.heads(words)]
        paths = [model, *(f"{model}/{group}/{name}" for name in found)]
        rows = []
        for entry in self.template.entries("coefficients", model=model):
            if not entry["variable"]:
                continue
            keys = [f"model/{path}/coefficient/{entry['term']}" for path in paths]
            rows.append(labelled(self._step(entry.row), self.numbers(keys)))
        return self.build_table(f"approaches-{model}-{group}", caption, heads, rows, folded=True)

    def unmeasured(
        self, model: str, caption: str, columns: Sequence[str], folded: bool = False
    ) -> str:
        """Print how strong something unmeasured would have to be to make a model's coefficients.

        ``columns`` heads the coefficient, its E-value, and that of its nearer limit. Terms whose
        coefficient is no effect by itself (crossed, curved, parts of a whole) have no row.
        """
        start = f"model/{model}/diagnostic"
        rows = []
        for entry in self.template.entries("coefficients", model=model):
            keys = [f"{start}/{name}/{entry['term']}" for name in ("e_value", "e_value_limit")]
            if not self.template.has(keys[0]):
                continue
            cells = (self.number(entry.n()), *self.numbers(keys, "decimal2"))
            rows.append(labelled(self._step(entry.row), cells))
        return self.build_table(f"unmeasured-{model}", caption, columns, rows, folded=folded)
