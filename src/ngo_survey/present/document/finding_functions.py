"""Functions of a chapter that say findings: what a summary, a brief or a slide may claim."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ngo_survey.codebook.derived import items
from ngo_survey.present.document.chapter_functions import ChapterFunctions, labelled
from ngo_survey.present.document.chapter_known import ARGUMENTS, refuse_unknown
from ngo_survey.present.document.document import Cell, Slot
from ngo_survey.present.document.figure_findings import draws_bars, shows
from ngo_survey.present.document.finding_sentences import FindingSentences
from ngo_survey.present.document.findings import (
    Finding,
    FindingRules,
    Kind,
    Record,
    comparisons_made,
    findings,
)
from ngo_survey.study import Study

#: Part of a group that a question was asked of to speak for its margin of error.
MOST = 0.9


@dataclass(frozen=True)
class SaidFinding:
    """A finding as a chapter sees it; ``short`` is its ``sentence`` without the question."""

    finding: Finding
    sentence: str
    short: str

    @property
    def kind(self) -> str:
        """What kind of finding it is."""
        return self.finding.kind

    @property
    def table(self) -> str:
        """The table that shows it, without its banner."""
        return _table(self.finding)


@dataclass(frozen=True)
class FindingFunctions(ChapterFunctions):
    """What the results say, in words chosen by rule."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call."""
        return {
            "findings": self.findings,
            "claim": self.claim,
            "opening": self.opening,
            "no_difference": self.no_difference,
            "differs": self.differs,
            "errors": self.errors,
        }

    def findings(
        self,
        kind: Kind | None = None,
        limit: int = 8,
        population: str | None = None,
        by: Sequence[str] | str | None = None,
        tables: Sequence[str] = (),
        each: int = 1,
        figure: str = "",
        levels: Sequence[str] = (),
        without: Sequence[SaidFinding] = (),
    ) -> list[SaidFinding]:
        """Return what the results say, the weightiest first, as sentences.

        ``kind`` is ``split``, ``gap``, ``effect`` or ``change``, all of them unless one is named;
        ``by`` names banners and ``tables`` tables that it is about; at most ``each`` of one table,
        or of tables made of one question, are returned. ``levels`` names the two columns that a
        split is of, where a text compares one group with one other throughout. ``figure`` names one
        that shows them; ``without`` holds findings that the text has told already, which count
        towards ``each``.

        One finding is told once: of a question with two answers, one of which everybody gave, the
        share of one says that of the other.

        Raises
        ------
        SurveyError: the study has no such kind, group, banner, table, figure or answer. Under a
            name that is misspelt nothing would be found, and a chapter say that nothing is there.
        """
        banners = [by] if isinstance(by, str) else by
        tables = [tables] if isinstance(tables, str) else tables
        self._hold("findings", kind=kind, population=population, by=banners, tables=tables)
        self._hold("findings", figure=figure, levels=levels)
        drawn = self.template.study.section("figures")[figure] if figure else {}
        told = Counter(self._subject(one.finding) for one in without)
        said_already = {self._identity(one.finding) for one in without}
        made: list[SaidFinding] = []
        for finding in self._between(*levels) if levels else self._all:
            if finding.kind == "none" or (kind and finding.kind != kind):
                continue
            if population and self._population(finding) != population:
                continue
            if (banners and finding.by not in banners) or (
                tables and _table(finding) not in tables
            ):
                continue
            if drawn and not self._shown(drawn, finding):
                continue
            if (identity := self._identity(finding)) in said_already:
                continue
            said_already.add(identity)
            of = self._subject(finding)
            told[of] += 1
            if told[of] <= each and len(made) < limit:
                said = (self._sentences.sentence(finding, whole) for whole in (True, False))
                made.append(SaidFinding(finding, *said))
        return made

    def _shown(self, figure: Mapping[str, Any], finding: Finding) -> bool:
        """Say whether a figure shows a finding, and all of the bars that it is of."""
        if not shows(figure, finding, self.template.labels.sides):
            return False
        return draws_bars(figure, finding, self.template.results.analysis)

    def claim(self, otherwise: str, **which: Any) -> str:
        """Print the weightiest finding as a title, ``otherwise`` where there is none.

        ``which`` says of what, as in :meth:`findings`.
        """
        found = self.findings(**which, limit=1)
        return found[0].sentence if found else otherwise

    def opening(self, told: Sequence[SaidFinding]) -> str:
        """Print how many comparisons differ beyond chance, of how many, and the weightiest.

        ``told`` are the findings of the text, the weightiest first: a list after this sentence
        begins with the second.
        """
        made: dict[tuple[str, ...], bool] = {}
        for one in comparisons_made(self.template.results, self._rules):
            if self._told_apart(one.finding):
                identity = self._identity(one.finding)
                made[identity] = made.get(identity, False) or one.clear
        language = self.template.language
        if not made:
            return language.word("generic.nothing_compared")
        clear, of = (
            self.template.words(language.format(float(number), "count"), "result")
            for number in (sum(made.values()), len(made))
        )
        counted = language.word("generic.compared", clear=clear, all=of)
        first = "generic.foremost" if self._rules.weights else "generic.largest"
        if not told:
            return (
                f"{counted} {language.word('generic.none_large')}"
                if any(made.values())
                else (f"{language.word('generic.nothing_differs')} {counted}")
            )
        return f"{counted} {language.word(first, finding=told[0].sentence)}"

    def _subject(self, finding: Finding) -> tuple[str, str]:
        """Return the kind of a finding and the table, or the question behind it, that it is of."""
        return finding.kind, self._roots.get(_table(finding), _table(finding))

    def _identity(self, finding: Finding) -> tuple[str, ...]:
        """Return what makes two findings one: question, answer and banner, or the effect."""
        row = finding.row
        if finding.kind == "effect":
            return (finding.kind, str(row["key"]))
        parts = ("item", "category", "statistic", "wave", "against")
        of = {part: str(row.get(part, "")) for part in parts}
        if row["statistic"] == "proportion" and self._complementary(row):
            of["category"] = ""
        return (finding.kind, str(row["analysis"]), finding.by, *of.values())

    def _complementary(self, row: Record) -> bool:
        """Say whether a row is of a question with two answers, one of which everybody gave."""
        labels = self.template.labels
        population, name = labels.population(row), labels.question_name(row)
        paired = row["analysis"] in labels.pairs
        return not paired and labels.has(population, name) and labels.of_two(population, name)

    def _hold(self, function: str, **given: Sequence[str] | str | None) -> None:
        """Raise for a name among the arguments of a function that the study does not have."""
        for argument, names in given.items():
            for name in [names] if isinstance(names, str) else names or ():
                if name:
                    refuse_unknown(name, self.template.known_names, ARGUMENTS[function][argument])

    def no_difference(self, by: str, population: str, limit: int = 12) -> str:
        """Print as a list the questions that do not differ by a banner; "" where all do."""
        self._hold("no_difference", by=by, population=population)
        labels = self.template.labels
        names = dict.fromkeys(
            self._sentences.question(finding.other)
            for finding in self._all
            if finding.kind == "none"
            and finding.other is not None
            and finding.by == by
            and labels.population(finding.other) == population
        )
        quoted = [self.template.language.quoted(name) for name in [*names][:limit]]
        return self.template.words(self.template.language.join(quoted), "label") if names else ""

    def differs(self, key: str) -> bool:
        """Say whether a comparison or a test named by its key is beyond chance."""
        row = self.template.results.row(key)
        shown = self.template.is_shown(row)
        return shown and float(row["p_adjusted"]) < self.template.rules["alpha"]

    def errors(
        self, population: str, banners: Sequence[str], caption: str, columns: Sequence[str]
    ) -> str:
        """Print how far off a share may be: for all, and for each level of some banners.

        ``columns`` heads the base and the margin of error in percentage points: half of the widest
        95% limits that a share of that group has in any question that nearly all were asked.
        """
        self._hold("errors", population=population, banners=banners)
        labels, rows = self.template.labels, []
        for by in ("", *banners):
            if by:
                rows.append(labelled(labels.title(population, by), kind="group"))
            for asked in self._shares(population, by):
                largest = max(asked, key=_base)
                name = labels.group(largest) if by else self.template.language.word("findings.all")
                base = self.number(self.template.n(str(largest["key"]), "count", field="base"))
                rows.append(labelled(name, (base, self._margin(asked))))
        return self.build_table(f"errors-{population}", caption, columns, rows)

    def _shares(self, population: str, by: str) -> list[list[Record]]:
        """Return for each level of a banner the shares of what nearly all of it were asked."""
        found: dict[str, list[Record]] = {}
        for row in self.template.results.every("estimates"):
            if (row["population"], row["by"]) != (population, by) or row[
                "statistic"
            ] != "proportion":
                continue
            if row["status"] == "shown" and row["ci_high"] > row["ci_low"]:
                found.setdefault(row["by_level"], []).append(row)
        return [_of_most(rows) for rows in found.values()]

    def _margin(self, rows: Sequence[Record]) -> Cell:
        """Return half of the widest limits in points, rounded up: a margin is never understated."""
        widest = max(rows, key=lambda row: float(row["ci_high"]) - float(row["ci_low"]))
        points = 50 * (float(widest["ci_high"]) - float(widest["ci_low"]))
        words = self.template.language.format(math.ceil(round(points, 6)), "count")
        return Cell((Slot(words, "result", str(widest["key"]), "ci_low"),), number=True)

    @cached_property
    def _sentences(self) -> FindingSentences:
        return FindingSentences(self.template)

    @cached_property
    def _all(self) -> list[Finding]:
        return self._between()

    def _between(self, *levels: str) -> list[Finding]:
        made = findings(self.template.results, self._rules, levels)
        return [finding for finding in made if self._told_apart(finding)]

    @cached_property
    def _rules(self) -> FindingRules:
        return finding_rules(self.template.study, self._tied)

    def _told_apart(self, finding: Finding) -> bool:
        """Say whether a finding within one group is of a question that not all answered alike."""
        within, table = finding.kind in ("split", "none"), _table(finding)
        return not within or table not in self._of_all or self.template.varies(table)

    @cached_property
    def _of_all(self) -> set[str]:
        """The tables that have a column of all respondents."""
        estimates = self.template.results.every("estimates")
        return {str(row["analysis"]) for row in estimates if row["by_level"] == "total"}

    @cached_property
    def _roots(self) -> dict[str, str]:
        """Return the question behind each derived variable that is made of one alone, by table."""
        found = {}
        for group in self.template.study.populations.values():
            for derived, rule in group.raw.get("derive", {}).items():
                made_of = [*_batteries(rule)]
                if len(made_of) == 1:
                    prefix = group.table_prefix
                    found[f"{prefix}{derived}"] = f"{prefix}{made_of[0]}"
        return found

    @property
    def _tied(self) -> set[tuple[str, str]]:
        """Tables and banners one of which is made of the other, or both of one question."""
        labels, found = self.template.labels, set()
        for name, group in self.template.study.populations.items():
            book, derive = labels.codebook(name), group.raw.get("derive", {})
            made_of = {
                derived: {derived, *(q.name for q in items(book, rule)), *_batteries(rule)}
                for derived, rule in derive.items()
            }
            known = {n: made_of.get(n, {n}) for n in (*book.questions, *book.batteries)}
            for banner in group.raw.get("banners", ()):
                for question, parts in known.items():
                    if parts & known.get(banner, {banner}):
                        found.add((f"{group.table_prefix}{question}", banner))
        return found

    def _population(self, finding: Finding) -> str:
        if finding.kind == "effect":
            models = self.template.study.section("models")["declared"]
            return str(models[finding.row["model"]]["population"])
        return self.template.labels.population(finding.row)


def finding_rules(study: Study, tied: set[tuple[str, str]]) -> FindingRules:
    """Return the rules that the section ``report`` declares."""
    report = study.section("report")
    declared = report["findings"]
    return FindingRules(
        level=report["rules"]["alpha"],
        least=declared["least"],
        weights=declared["weights"],
        tied=tied,
    )


def _base(row: Record) -> float:
    return float(row["base"])


def _of_most(rows: Sequence[Record]) -> list[Record]:
    """Return the rows whose base is nearly the largest: some respondents leave a question out."""
    largest = max(map(_base, rows))
    return [row for row in rows if _base(row) >= MOST * largest]


def _table(finding: Finding) -> str:
    if finding.kind == "effect":
        return str(finding.row["model"])
    return str(finding.row["analysis"]).removesuffix(f"_by_{finding.by}")


def _batteries(rule: Any) -> Iterator[str]:
    of = rule.get("of", [])
    yield from [of] if isinstance(of, str) else of
