"""Tables and sentences of change between waves: what `change` has tested, said in words.

A study of one wave has no such rows, and the chapters then say nothing of waves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.chapter_functions import labelled
from ngo_survey.present.document.comparison_functions import ComparisonFunctions
from ngo_survey.present.document.document import Cell, Row
from ngo_survey.present.document.exhibits import Drawings
from ngo_survey.present.document.template_functions import ResultRow
from ngo_survey.study.languages import said


@dataclass(frozen=True)
class Comparison:
    """One table of one earlier wave against the present: a question, perhaps by a banner."""

    analysis: str
    against: str
    entries: tuple[ResultRow, ...]
    changes: ChangeFunctions

    @property
    def question(self) -> str:
        """The question, in words, with its banner."""
        return self.changes.titled(self.entries[0])

    @property
    def group(self) -> str:
        """The group of respondents, in words."""
        template = self.changes.template
        group = template.study.population(str(self.entries[0]["population"]))
        return template.words(group.label(template.language.code), "label")

    @property
    def before(self) -> str:
        """The earlier wave, in words."""
        return self.changes.wave(self.against)

    @property
    def clear(self) -> list[ResultRow]:
        """What changed beyond chance, the largest change first."""
        alpha = self.changes.template.rules["alpha"]
        shown = [e for e in self.entries if self.changes.template.is_shown(e.row)]
        found = [e for e in shown if float(e["p_adjusted"]) < alpha]
        return sorted(found, key=lambda entry: -abs(float(entry["difference"])))

    @property
    def moved(self) -> str:
        """What changed beyond chance, as a list, each with its difference."""
        return self.changes.moved(self.clear)


@dataclass(frozen=True)
class ChangeFunctions(ComparisonFunctions):
    """Functions of a chapter that tell of change between waves."""

    def functions(self) -> dict[str, Any]:
        """Return what chapters may call, and whether the study has several waves."""
        return {
            "waves": len(self.template.study.waves) > 1,
            "changes": self.changes,
            "changed": self.changed,
            "slopes": self.slopes,
            "wave": self.wave,
        }

    def changes(self) -> list[Comparison]:
        """Return what is compared, in the order of the store: totals before banners."""
        found: dict[tuple[str, str], list[ResultRow]] = {}
        for entry in self.template.entries("change"):
            found.setdefault((str(entry["analysis"]), str(entry["against"])), []).append(entry)
        return [Comparison(*names, tuple(entries), self) for names, entries in found.items()]

    def changed(
        self, table: Comparison, caption: str, columns: Sequence[str], stub: str = ""
    ) -> str:
        """Print a table of change: before, after, the difference, its limits, the p of its test.

        ``columns`` heads the difference, its limits and the p (adjusted for the table); the waves
        head their own.
        """
        waves, code = self.template.study.waves, self.template.language.code
        own = [waves[name].label(code) for name in (table.against, self.template.study.present.id)]
        heads = [*self.heads(own), *columns]
        rows = [self._row(entry) for entry in table.entries]
        name = f"change-{table.analysis}-{table.against}"
        return self.build_table(name, caption, heads, rows, stub)

    def slopes(self, reads: str) -> str:
        """Place every declared figure of the kind ``slope`` that has no place yet, by its title.

        ``reads`` as in :meth:`Drawings.figure`.
        """
        drawings, code = Drawings(self.template, self.numbering), self.template.language.code
        placed = []
        for name, spec in self.template.study.section("figures").items():
            if spec["kind"] == "slope" and f"figure-{name}" not in self.numbering.taken:
                title = self.template.words(said(spec["title"], code), "label")
                placed.append(drawings.figure(name, title, reads))
        return "".join(placed)

    def wave(self, name: str = "") -> str:
        """Print the label of a wave, of the present one without a name."""
        study = self.template.study
        chosen = study.waves[name] if name else study.present
        return self.template.words(chosen.label(self.template.language.code), "config", "waves")

    def titled(self, entry: ResultRow) -> str:
        """Print the title of the question that a row is about, with its banner."""
        labels = self.template.labels
        population = labels.population(entry.row)
        words = labels.title(population, labels.table(entry.row))
        if entry["by"]:
            banner = labels.title(population, str(entry["by"]))
            words = self.template.language.word("change.by", question=words, banner=banner)
        return self.template.words(words, "label")

    def moved(self, entries: Sequence[ResultRow]) -> str:
        """Print rows as a list, each with its difference in brackets."""
        language = self.template.language
        said = [
            language.word(
                "list.item",
                label=self.template.words(language.nested(self._member(entry)), "label"),
                value=entry.n(),
            )
            for entry in entries
        ]
        return language.join(said)

    def _row(self, entry: ResultRow) -> Row:
        shown = self._shown(entry)
        cells = (
            self._number(entry, "before"),
            self._number(entry, "after"),
            self._number(entry, "difference"),
            self.limits(entry.row),
            self._number(entry, "p_adjusted", "p") if shown else Cell(()),
        )
        return labelled(self._member(entry), cells)

    def _member(self, entry: ResultRow) -> str:
        """Return what a row is about: its level of a banner, its item, its answer."""
        labels, parts = self.template.labels, []
        if entry["by"]:
            parts.append(labels.group(entry.row))
        if entry["item"]:
            parts.append(entry.named(True))
        if entry["category"] or not entry["item"]:
            parts.append(entry.named(False))
        return ": ".join(parts)
