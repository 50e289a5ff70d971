"""What a chapter can say: the functions its template may call.

Every function that prints something returns a mark (see ``slots``) whose words come from the
results store, the configuration, the questionnaires or a written rule. Nothing here computes a
statistic; the words for a comparison follow the rule in ``words/<language>.yaml``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ngo_survey.errors import Faults, ResultError, SurveyError
from ngo_survey.present.document.chapter_known import Known, known_names
from ngo_survey.present.document.definition import MEASURED, form_of, limits_in_words
from ngo_survey.present.document.document import Slot
from ngo_survey.present.document.labels import Labels
from ngo_survey.present.document.localize import localized
from ngo_survey.present.document.placeholders import Placeholders
from ngo_survey.present.words.language import Language, Points
from ngo_survey.present.words.plural import plural
from ngo_survey.results.store import HEADLINE, Results
from ngo_survey.study import Study

MISSING = "–"


@dataclass
class TemplateFunctions:
    """The template functions of one chapter."""

    study: Study
    results: Results
    labels: Labels
    language: Language
    rules: Mapping[str, float]
    slots: Placeholders = field(default_factory=Placeholders)
    #: What chapters may name, read once for all of them where there are several.
    known: Callable[[], Known] | None = None

    @property
    def known_names(self) -> Known:
        """What chapters may name, by what it is called."""
        if self.known:
            return self.known()
        return known_names(self.study, self.labels.codebooks, Faults())

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions under the names chapters use."""
        names = "n has shown fact config questions label choice top bottom listed rows entries"
        more = "count compare certainty tested effect assumption interval word"
        return {name: getattr(self, name) for name in f"{names} {more}".split()}

    # -- printing ------------------------------------------------------------------------------

    def words(self, text: str, source: str, key: str = "", field: str = "") -> str:
        """Return the mark of a slot."""
        return self.slots.mark(Slot(text, source, key, field))

    def n(
        self,
        key: str,
        form: str | None = None,
        field: str | None = None,
        ci: bool = False,
        noun: str = "",
        case: str = "",
    ) -> str:
        """Print the figure that ``key`` names; with ``ci`` its limits after it.

        ``noun`` names what is counted, in the form that goes with the number (``nouns`` of the
        words); ``case`` is the one the sentence asks of a percentage or of points. A suppressed or
        empty figure is said as such, never as a number.
        """
        text, column = self.spoken(key, form, field, case)
        printed = self.words(text, "result", key, column)
        row = self.results.row(key)
        if not self.is_shown(row):
            return printed
        printed = self.counted(printed, noun, self.results.value(key, column))
        if not ci:
            return printed
        chosen = form or form_of(row, column, self.labels)
        limits = limits_in_words(row, chosen, self.language)
        return f"{printed} {self.words(limits, 'result', key, 'ci_low')}"

    def counted(self, printed: str, noun: str, number: float) -> str:
        """Return a printed number with the noun that it counts, if one is named."""
        if not noun:
            return printed
        form = plural(self.language.code, round(number))
        return self.language.word(f"nouns.{noun}.{form}", value=printed)

    def spoken(
        self, key: str, form: str | None, field: str | None, case: str = ""
    ) -> tuple[str, str]:
        """Return the words for a figure and the column they are made of."""
        row = self.results.row(key)
        column = field or HEADLINE.get(row["family"], "estimate")
        value = self.results.value(key, column)
        if math.isnan(value) and column != HEADLINE.get(row["family"], "estimate"):
            return self.language.word("number.none"), column
        if math.isnan(value):
            status = row.get("status") or "missing"
            return self.language.word(f"status.{status if status != 'shown' else 'empty'}"), column
        return self.language.format(value, form or form_of(row, column, self.labels), case), column

    def fact(self, key: str, field: str, form: str = "") -> str:
        """Print a text of the row that ``key`` names: a law's number, a source, a year.

        ``form`` is ``date`` for an ISO date.
        """
        row = self.results.row(key)
        if field not in row:
            raise ResultError(f"results of the family {row['family']} have no text", value=field)
        value = row[field]
        if isinstance(value, float):
            return self.n(key, "year" if field == "year" else None, field=field)
        if value and form == "date":
            text = self.language.date(str(value))
        else:
            text = localized(row, field, self.labels, self.language)
        return self.words(text or self.language.word("number.none"), "fact", key, field)

    def config(self, path: str, form: str = "plain", noun: str = "", case: str = "") -> str:
        """Print a value of ``config.yaml`` by its dotted path.

        ``form`` as in :meth:`n`, or ``date`` for an ISO date; ``noun`` and ``case`` too.
        """
        printed = self.words(self.setting(path, form, case), "config", path)
        return self.counted(printed, noun, float(self.raw(path)) if noun else 0.0)

    def setting(self, path: str, form: str = "plain", case: str = "") -> str:
        """Return the words for a value of the configuration."""
        found = self.raw(path)
        if isinstance(found, bool | str):
            return self.language.date(str(found)) if form == "date" else str(found)
        if isinstance(found, int | float):
            return self.language.format(float(found), form, case)
        return self.language.join([str(item) for item in found])

    def questions(self, population: str, path: str) -> str:
        """Print the titles of the questions that a list in the configuration names, crossed ones
        (lists within the list) joined by a multiplication sign.
        """
        titles = [
            " × ".join(
                self.labels.title(population, name)
                for name in ([entry] if isinstance(entry, str) else entry)
            )
            for entry in self.raw(path)
        ]
        return self.words(self.language.join(titles), "config", path)

    def raw(self, path: str) -> Any:
        """Return a value of the configuration by its dotted path, as it stands there."""
        found: Any = self.study.raw
        for step in path.split("."):
            if not isinstance(found, Mapping) or step not in found:
                raise SurveyError("the configuration has no such key", column=path)
            found = found[step]
        return found

    def label(self, population: str, question: str) -> str:
        """Print the words of a question."""
        return self.words(self.labels.question(population, question), "label")

    def choice(self, population: str, question: str, choice: str) -> str:
        """Print the words of a choice, in quotation marks."""
        words = self.labels.choice(population, question, choice)
        return self.words(self.language.quoted(words), "label")

    def word(self, path: str) -> str:
        """Print a name from the words of the language that holds a digit (a method, a hash)."""
        return self.words(self.language.word(path), "structure")

    # -- asking --------------------------------------------------------------------------------

    def has(self, key: str) -> bool:
        """Say whether the store has a key."""
        return self.results.has(key)

    def is_shown(self, row: Mapping[str, Any]) -> bool:
        """Say whether a row may be printed as a number."""
        return row.get("status", "shown") == "shown"

    def shown(self, key: str) -> bool:
        """Say whether a key is there and may be printed as a number."""
        return self.has(key) and self.is_shown(self.results.row(key))

    def entries(self, family: str, **where: str) -> list[ResultRow]:
        """Return the rows of a family whose columns equal ``where``, in file order."""
        rows = self.results.every(family)
        for column, value in where.items():
            rows = [row for row in rows if row[column] == value]
        return [ResultRow(row, self) for row in rows]

    def count(self, family: str, noun: str = "", **where: str) -> str:
        """Print how many rows of a family equal ``where``; ``noun`` as in :meth:`n`."""
        number = len(self.entries(family, **where))
        printed = self.words(self.language.format(number, "count"), "result")
        return self.counted(printed, noun, number)

    def rows(
        self,
        analysis: str,
        statistic: str | None = None,
        by_level: str = "total",
        ranked: bool = True,
        leave: Sequence[str] = ("none", "dont_know", "other"),
        category: str | None = None,
    ) -> list[ResultRow]:
        """Return the shown rows of an analysis, highest estimate first unless not ``ranked``.

        ``statistic`` defaults to the first of the analysis; ``leave`` names categories that are
        no answer of substance; ``category`` keeps one answer to each item of a battery.
        """
        kept = [
            row
            for row in self._of(analysis, by_level, statistic)
            if row["status"] == "shown"
            and row["category"] not in leave
            and category in (None, row["category"])
        ]
        if ranked:
            kept.sort(key=lambda row: (math.isnan(row["estimate"]), -row["estimate"]))
        return [ResultRow(row, self) for row in kept]

    def varies(self, analysis: str) -> bool:
        """Say whether an analysis tells respondents apart: not all of them gave one answer.

        Of several answers or items each must be of all or of none for it to tell nothing.
        """
        shares = [
            row
            for row in self.results.analysed(analysis)
            if row["by_level"] == "total" and row["statistic"] == "proportion"
        ]
        return not shares or any(row["n"] not in (0, row["base"]) for row in shares)

    def _of(self, analysis: str, by_level: str, statistic: str | None) -> list[dict[str, Any]]:
        """Return the rows of an analysis at one level: of a statistic, or of the first there is."""
        rows = [r for r in self.results.analysed(analysis) if r["by_level"] == by_level]
        return [r for r in rows if r["statistic"] == (statistic or rows[0]["statistic"])]

    # -- saying --------------------------------------------------------------------------------

    def top(self, analysis: str, count: int, statistic: str | None = None, **more: Any) -> str:
        """Print the ``count`` highest of an analysis as a list: “label” (value), …

        ``category`` and ``by_level`` as in :meth:`rows`; ``form`` and ``bare`` as in
        :meth:`named`.
        """
        said = {name: more.pop(name) for name in ("form", "bare") if name in more}
        rows = self.rows(analysis, statistic, **more)
        return self._named(rows[:count], one_answer=_of_one_answer(rows), **said)

    def bottom(self, analysis: str, count: int, statistic: str | None = None, **more: Any) -> str:
        """Print the ``count`` lowest of an analysis, lowest first; options as in :meth:`top`."""
        said = {name: more.pop(name) for name in ("form", "bare") if name in more}
        rows = self.rows(analysis, statistic, **more)[::-1]
        return self._named(rows[:count], one_answer=_of_one_answer(rows), **said)

    def named(
        self, entries: Sequence[ResultRow], form: str | None = None, bare: bool = False
    ) -> str:
        """Print rows as a list in a sentence, each label in quotation marks with its value.

        One answer to many items is named by its items, many answers to many items by both,
        otherwise a row by its answer. Labels and values are slots of their own. ``bare`` labels are
        names of places or bodies: they need no marks.
        """
        return self._named(entries, _of_one_answer(entries), form, bare)

    def _named(
        self,
        entries: Sequence[ResultRow],
        one_answer: bool,
        form: str | None = None,
        bare: bool = False,
    ) -> str:
        """Print rows as a list, by their items alone where all could only be of ``one_answer``.

        The highest of a battery may happen to be one answer to several items; which one it is must
        be said all the same, since others could have been named.
        """
        crossed = not one_answer and any(entry["item"] for entry in entries)
        items = [
            self.language.word(
                "list.bare" if bare else "list.item",
                label=self.name(
                    entry.whole if crossed else entry.named(one_answer),
                    bare,
                ),
                value=entry.n(form),
            )
            for entry in entries
        ]
        return self.language.join(items) if items else self.words(MISSING, "rule")

    def name(self, label: str, bare: bool) -> str:
        """Return the mark of a label, to stand in quotation marks unless ``bare``."""
        return self.words(label if bare else self.language.nested(label), "label")

    def listed(self, analysis: str, statistic: str | None = None, **more: Any) -> str:
        """Print every row of an analysis in the questionnaire's order, the hidden ones as such."""
        rows = self._of(analysis, more.pop("by_level", "total"), statistic)
        return self.named([ResultRow(row, self) for row in rows], **more)

    def compare(self, key: str, other: str, words: str = "often") -> str:
        """Print how one figure stands to another: “more often than”, by the written rule.

        ``words`` is ``often`` for shares of respondents, ``high`` for means.
        """
        if not (self.shown(key) and self.shown(other)):
            return self.words(self.language.word("compare.unknown"), "rule")
        return self.words(self.language.word(f"compare.{self.relation(key, other, words)}"), "rule")

    def relation(self, key: str, other: str, words: str = "often") -> str:
        """Return direction and size of a comparison as a path in the words of the language."""
        first, second = self.results.value(key), self.results.value(other)
        up, down = ("more", "less") if words == "often" else ("higher", "lower")
        size = self.size(abs(first - second), self.results.row(key))
        return f"{up if first > second else down}.{size}"

    def size(self, difference: float, row: Mapping[str, Any]) -> str:
        """Return ``same``, ``small`` or ``large`` by ``report.rules`` of the configuration."""
        points = form_of(row, "estimate", self.labels) == "percent"
        same, large = ("same", "large") if points else ("same_points", "large_points")
        if difference < self.rules[same]:
            return "same"
        return "large" if difference >= self.rules[large] else "small"

    def certainty(self, key: str, other: str) -> str:
        """Print whether the limits of two figures overlap; no test is claimed."""
        rows = self.results.row(key), self.results.row(other)
        if not all(self.is_shown(row) for row in rows):
            return self.words(self.language.word("compare.unknown"), "rule")
        word = "compare.apart" if self.apart(key, other) else "compare.overlap"
        return self.words(self.language.word(word), "rule")

    def apart(self, key: str, other: str) -> bool:
        """Say whether the limits of two figures do not overlap."""
        first, second = self.results.row(key), self.results.row(other)
        return bool(first["ci_low"] > second["ci_high"] or second["ci_low"] > first["ci_high"])

    def tested(self, key: str) -> str:
        """Print what a design-based test says, with its p adjusted for the family if it is."""
        if not self.has(key) or math.isnan(self.results.value(key)):
            return self.words(self.language.word("test.none"), "rule")
        row = self.results.row(key)
        field = "p" if math.isnan(float(row["p_adjusted"])) else "p_adjusted"
        p = self.results.value(key, field)
        words = self.language.word("test.differ" if p < self.rules["alpha"] else "test.chance")
        printed = self.words(self.language.format(p, "p"), "result", key, field)
        return f"{self.words(words, 'rule')} ({printed})"

    def effect(self, key: str) -> str:
        """Print an average marginal effect: “8 percentage points more likely”, with its limits.

        No cause is claimed: the words say by how much the probability differs in the model.
        """
        row = self.results.row(key)
        value = float(row["estimate"])
        if row["ci_low"] <= 0 <= row["ci_high"]:
            return self.words(self.language.word("effect.none"), "result", key, "estimate")
        points = Points(self.language, value)
        word = self.language.word("effect.up" if value > 0 else "effect.down", points=points)
        return self.words(word, "result", key, "estimate")

    def assumption(self, key: str) -> str:
        """Print whether a test of an assumption leaves it standing, with its p."""
        p = self.results.value(key, "p")
        word = "assumption.rejected" if p < self.rules["alpha"] else "assumption.kept"
        return f"{self.words(self.language.word(word), 'rule')} ({self.n(key, 'p', field='p')})"

    def interval(self, key: str) -> str:
        """Print where the limits of a figure lie: above zero, below zero or around it."""
        row = self.results.row(key)
        place = "above" if row["ci_low"] > 0 else "below" if row["ci_high"] < 0 else "around"
        return self.words(self.language.word(f"interval.{place}"), "rule")


@dataclass(frozen=True)
class ResultRow:
    """One row of the store as a template sees it; each method returns a mark."""

    row: Mapping[str, Any]
    template: TemplateFunctions

    @property
    def key(self) -> str:
        """The key, for other functions."""
        return str(self.row["key"])

    @property
    def label(self) -> str:
        """What the row counts, in words."""
        if self.row["family"] in MEASURED:
            return self.template.words(self.template.labels.member(self.row), "label")
        return self.text("label")

    @property
    def item(self) -> str:
        """The item of a battery that the row is about, in words."""
        return self.template.words(self.named(True), "label")

    def named(self, by_item: bool) -> str:
        """Return what the row is about as bare words: its item, otherwise its answer."""
        labels = self.template.labels
        if not by_item:
            return labels.member(self.row)
        return labels.title(labels.population(self.row), labels.question_name(self.row))

    @property
    def whole(self) -> str:
        """What the row counts as bare words: an answer to an item of a battery with its item."""
        labels, item, answer = self.template.labels, self.named(True), self.named(False)
        of_item = self.row["item"] and self.row["category"]
        return (
            f"{item}: {answer}" if of_item and self.row["analysis"] not in labels.pairs else answer
        )

    @property
    def question(self) -> str:
        """The question that a row of the cleaning log is about, in words."""
        population, name = self["population"], self["variable"]
        known = self.template.labels.has(population, name)
        return self.template.words(
            self.template.labels.title(population, name) if known else name, "label"
        )

    @property
    def group(self) -> str:
        """The group of respondents, in words."""
        return self.template.words(self.template.labels.group(self.row), "label")

    def n(self, form: str | None = None, field: str | None = None, **more: Any) -> str:
        """Print a number of the row (see :meth:`TemplateFunctions.n`)."""
        return self.template.n(self.key, form, field, **more)

    def text(self, field: str, form: str = "") -> str:
        """Print a text of the row."""
        return self.template.fact(self.key, field, form)

    def __getitem__(self, field: str) -> Any:
        """Return a field bare, for conditions; what is printed goes through a method."""
        return self.row[field]


def _of_one_answer(entries: Sequence[ResultRow]) -> bool:
    """Say whether rows are one answer to several items, so that the items name them."""
    answers = {entry["category"] for entry in entries}
    return len(answers) == 1 and all(entry["item"] for entry in entries)
