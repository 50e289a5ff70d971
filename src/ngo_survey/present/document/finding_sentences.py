"""Findings in words: sentences that a study phrases, or plain ones of the program.

``findings`` of the words of a language holds the program's sentences. A study says over them what
stands after a share for a group of respondents (``sides``, ``groups``: "42% of *NGOs in villages*")
and how a difference of a table reads (``said``); figures, and which of them is the larger, come
from the results alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ngo_survey.errors import ConfigError, nearest
from ngo_survey.present.document.definition import measure
from ngo_survey.present.document.findings import MEANS, SHARES, Finding, Record
from ngo_survey.present.document.template_functions import ResultRow, TemplateFunctions
from ngo_survey.present.table_layout.condition import filter_in_words
from ngo_survey.study.declared_tables import specs

#: What a label of a plain share need not say.
PLAIN = frozenset({"proportion", "mean"})
#: Shares of respondents; a share of something else is an amount that respondents have.
OF_RESPONDENTS = SHARES - {"mean_share"}
#: From where on a mean needs no decimals to be told from another.
WHOLE = 100


@dataclass(frozen=True)
class Cased:
    """A number for a place in the words: ``{high}``, or ``{high:possessive}`` for a case of it."""

    said: Callable[[str], str]

    def __format__(self, case: str) -> str:
        return self.said(case)


@dataclass(frozen=True)
class FindingSentences:
    """The sentence of each finding, made of marks (see ``placeholders``)."""

    template: TemplateFunctions

    def question(self, row: Record) -> str:
        """Return the words of the question, or the battery, that a row of a table is about.

        The filter of a table of some respondents follows in brackets.
        """
        labels, language = self.template.labels, self.template.language
        population, item = labels.population(row), str(row["item"])
        # A table of several questions has each as an item.
        asked = item if item and labels.has(population, item) else self._asked_of(row)
        title, text = (
            labels.short_title(population, asked),
            labels.chosen_of(str(row["analysis"])).filter,
        )
        book = labels.codebook(population)
        of = filter_in_words(text, book, language.code, language.own)
        return f"{title} ({of})" if of else title

    def sentence(self, finding: Finding, whole: bool = True) -> str:
        """Return a finding in words: with its question, or what follows it in a list about it."""
        if finding.kind == "effect":
            return self._effect(finding.row)
        row, own = finding.row, ResultRow(finding.row, self.template)
        if finding.kind == "change":
            fill = self._figures(own, "after", own, "before")
            fill |= {"high_group": own.text("wave"), "low_group": own.text("against")}
            return self._word("change", what=self._what(row, whole), **fill)
        if finding.kind == "split" and finding.other is not None:
            fill = self._figures(own, None, ResultRow(finding.other, self.template), None)
            named = [self._group(each) for each in (row, finding.other)]
        else:
            ends, sides = ["first", "second"], [*self.template.labels.sides]
            if float(row["first"]) < float(row["second"]):
                ends, sides = ends[::-1], sides[::-1]
            fill = self._figures(own, ends[0], own, ends[1])
            named = [self._side(side) for side in sides]
        fill |= dict(
            zip(("high_group", "low_group"), (self._label(n or b) for n, b in named), strict=True)
        )
        if not all(noun for noun, _ in named):
            return self._word("beside", what=self._what(row, whole), **fill)
        phrase = self._phrase(_table(finding), row["category"], row["statistic"])
        if whole and phrase:
            fill["label"] = self._quotable(self._answer(row))
            fill["item"] = self._quotable(self._item(row))
            return _filled(phrase, fill)
        shape = "mean" if row["statistic"] in MEANS else "amount"
        shape = "share" if row["statistic"] in OF_RESPONDENTS else shape
        return self._word(shape, what=self._what(row, whole), **fill)

    def _figures(
        self, high: ResultRow, high_field: str | None, low: ResultRow, low_field: str | None
    ) -> dict[str, object]:
        return {"high": self._number(high, high_field), "low": self._number(low, low_field)}

    def _number(self, entry: ResultRow, field: str | None) -> Cased:
        """Return a figure; one of hundreds without decimals."""
        mean = entry["statistic"] in MEANS
        form = "count" if mean and abs(float(entry[field or "estimate"])) >= WHOLE else None
        return Cased(lambda case: entry.n(form, field, case=case))

    def _effect(self, row: Record) -> str:
        labels, template = self.template.labels, self.template
        model, outcome = str(row["model"]), str(row["outcome"])
        declared = template.study.section("models")["declared"][model]
        population, variable = str(declared["population"]), str(row["variable"])
        levels = [str(row["level"]), str(row["against"])]
        if float(row["estimate"]) < 0:
            levels.reverse()
        points = Cased(
            lambda case: template.words(
                template.language.points(float(row["estimate"]), case),
                *("result", str(row["key"]), "estimate"),
            )
        )
        nouns = [self._noun(population, variable, level) for level in levels]
        phrase = self._phrase(model, outcome)
        if phrase and all(nouns):
            high, low = (self._label(noun) for noun in nouns)
            return _filled(phrase, {"points": points, "high_group": high, "low_group": low})
        high, low = (self._quotable(labels.choice(population, variable, level)) for level in levels)
        return self._word(
            "effect",
            question=self._label(labels.short_title(population, str(declared["outcome"]))),
            label=self._quotable(labels.choice(population, str(declared["outcome"]), outcome)),
            points=points,
            high_group=high,
            low_group=low,
        )

    def _word(self, name: str, **fill: object) -> str:
        return self.template.language.word(f"findings.{name}", **fill)

    def _label(self, words: str) -> str:
        return self.template.words(words, "label")

    def _quotable(self, words: str) -> str:
        """Return the mark of words that stand in quotation marks."""
        return self._label(self.template.language.nested(words))

    # -- the study's own words -----------------------------------------------------------------

    def _own(self, *path: str) -> Any:
        """Return what the words of the language hold under ``findings``, {} where nothing."""
        found: Any = self.template.language.words["findings"]
        for step in path:
            found = found.get(step, {}) if isinstance(found, Mapping) else {}
        return found

    def _phrase(self, table: str, *of: str) -> str:
        """Return how the study says a difference of a table: of its answer, else its statistic."""
        for name in filter(None, of):
            if found := self._own("said", table, name):
                return str(found)
        return ""

    def _noun(self, population: str, by: str, level: str) -> str:
        return str(self._own("groups", population, by, level) or "")

    def _group(self, row: Record) -> tuple[str, str]:
        """Return the noun of the study for a column of a table, "" for none, and its label."""
        labels, by = self.template.labels, (str(row["by"]), str(row["by_level"]))
        return self._noun(labels.population(row), *by), labels.group(row)

    def _side(self, population: str) -> tuple[str, str]:
        template = self.template
        label = template.study.populations[population].label(template.language.code)
        return str(self._own("sides", population) or ""), label

    # -- what a figure is about ----------------------------------------------------------------

    @cached_property
    def _asked(self) -> dict[str, str]:
        """Return the question or battery of each table."""
        study, labels = self.template.study, self.template.labels
        return {
            spec.id: spec.question
            for name in study.populations
            for spec in specs(study, name, labels.codebook(name))
        }

    def _asked_of(self, row: Record) -> str:
        return self._asked[str(row["analysis"]).removesuffix(f"_by_{row.get('by')}")]

    def _what(self, row: Record, whole: bool) -> str:
        """Return what a figure counts: question, item, answer in quotation marks, and its kind.

        Without ``whole`` what a list about the question need not repeat is left out.
        """
        template, question = self.template, self.question(row)
        parts = [self._item(row)] if row["item"] and row["category"] else []
        parts += [self._answer(row)] if row["category"] or row["item"] else []
        quoted = [
            template.language.quoted(part) for part in dict.fromkeys(parts) if part != question
        ]
        kind = [] if row["statistic"] in PLAIN else [measure(row, template.language)]
        said = [question, *quoted, *kind] if whole else quoted or kind or [question]
        return self._label(", ".join(said))

    def _answer(self, row: Record) -> str:
        labels, population = self.template.labels, self.template.labels.population(row)
        if row["category"] and not labels.has(population, labels.question_name(row)):
            # A table under a name of its own.
            return labels.choice(population, self._asked_of(row), str(row["category"]))
        return labels.member(row)

    def _item(self, row: Record) -> str:
        labels = self.template.labels
        return labels.title(labels.population(row), labels.question_name(row))


def _filled(phrase: str, fill: Mapping[str, object]) -> str:
    """Return a sentence of the study with its places filled; raises for an unknown place."""
    try:
        return phrase.format(**fill)
    except KeyError as error:
        place = str(error.args[0])
        raise ConfigError(
            "a sentence of findings has a place that nothing fills",
            column="report.findings.said",
            value=phrase,
            hint=nearest(place, fill) or f"fill {', '.join(sorted(fill))}",
        ) from error


def _table(finding: Finding) -> str:
    return str(finding.row["analysis"]).removesuffix(f"_by_{finding.by}")
