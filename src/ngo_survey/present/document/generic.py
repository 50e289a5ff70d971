"""What the chapters of the program call: a study that has none of its own gets a plain report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.present.document.chapter_functions import ChapterFunctions
from ngo_survey.present.document.checklist import has
from ngo_survey.present.document.exhibits import Drawings
from ngo_survey.present.table_layout.condition import in_words
from ngo_survey.study.declared_tables import specs
from ngo_survey.study.declared_weighting import design_of, kind_of
from ngo_survey.study.languages import said
from ngo_survey.tables.declared import NESTED

#: Forms of questions whose answers are counted.
COUNTED = frozenset({"single", "scale", "multiple"})
#: So many of the most frequent answers are named at most.
FOREMOST = 3
#: A printed share is a multiple of what two respondents change in it, and so at most one away.
ROUNDED = 1.0
#: Where the authors state what only they know.
STATEMENTS = "report.statements"
#: What checklists ask that the configuration may state; how the sample and the weights were made
#: has places of its own.
FACTS = (
    *(f"study.{key}" for key in ("authors", "sponsor", "modes", "incentives", "ethics")),
    *(f"{STATEMENTS}.{key}" for key in ("pretest", "preparation", "sample_size", "conflicts")),
)


@dataclass(frozen=True)
class QuestionGroup:
    """A group of respondents.

    Attributes
    ----------
    name, label: its name, and its label as a mark.
    tables, banners: ids of its tables, and by what they are divided.
    weighting: where its weights come from: ``register``, ``given`` (a column of the export),
        ``shares`` (of the population), ``given_shares`` or ``none``.
    """

    name: str
    label: str
    tables: tuple[str, ...]
    banners: tuple[str, ...]
    weighting: str


@dataclass(frozen=True)
class AskedQuestion:
    """A question as it was put.

    ``table`` is that of its answers, ``counted`` whether these are counted (and not added up or
    rated), ``tells`` whether answers are shown and not all gave one, ``open`` whether one that is
    not shown may be more frequent than the ``FOREMOST`` that are; as marks its title, that as a
    sentence can hold it, its wording, and of whom it was asked ("" of all).
    """

    table: str
    counted: bool
    tells: bool
    open: bool
    anchor: str
    title: str
    short: str
    wording: str
    asked: str


@dataclass(frozen=True)
class DrawnFigure:
    """A declared figure: its name, and as a mark its title."""

    name: str
    title: str


@dataclass(frozen=True)
class Generic(ChapterFunctions):
    """Functions that go through all that a study has, whatever it is."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions under the names chapters use."""
        return {
            "groups": self.groups,
            "asked_questions": self.asked_questions,
            "figures": self.figures,
            "drawn_figures": self.drawn_figures,
            "estimation": self.estimation,
            "statement": self.statement,
            "stated_facts": self.stated_facts,
        }

    def groups(self) -> list[QuestionGroup]:
        """Return the groups of respondents, in the order of the configuration."""
        template = self.template
        made = []
        for name, group in template.study.populations.items():
            found = specs(template.study, name, template.labels.codebook(name))
            label = template.words(group.label(template.language.code), "label")
            banners = tuple(dict.fromkeys(by for spec in found for by in spec.banners))
            plain = tuple(banner for banner in banners if NESTED not in banner)
            tables, weighting = tuple(spec.id for spec in found), kind_of(group.raw["weighting"])
            made.append(QuestionGroup(name, label, tables, plain, weighting))
        return made

    def estimation(self) -> str:
        """Print what estimates take in of the design, group by group where they differ."""
        template = self.template
        word, join, code = template.language.word, template.language.join, template.language.code
        found = {}
        for group in template.study.populations.values():
            parts = [word(f"generic.design_of.{p}") for p in design_of(group.raw.get("weighting"))]
            sentence = word("generic.takes_in", parts=join(parts)) if parts else ""
            found[group.label(code)] = sentence or word("generic.takes_in_nothing")
        alike = len(set(found.values())) == 1
        told = found.values() if alike else (f"{label}: {words}" for label, words in found.items())
        return template.words(" ".join(dict.fromkeys(told)), "structure")

    def statement(self, name: str) -> str:
        """Print what the authors state under ``report.statements``."""
        path = f"{STATEMENTS}.{name}"
        words = said(self.template.raw(path), self.template.language.code)
        return self.template.words(words, "config", path)

    def stated_facts(self) -> list[str]:
        """Return what the configuration states of the study, each named, as checklists ask it."""
        template, raw = self.template, self.template.study.raw
        made = []
        for path in FACTS:
            section, _, key = path.rpartition(".")
            if has(raw, path):
                value = self.statement(key) if section == STATEMENTS else template.config(path)
                made.append(f"{template.word(f'generic.stated.{key}')}: {value}")
        return made

    def asked_questions(self, group: QuestionGroup) -> list[AskedQuestion]:
        """Return the questions of a group that have a table, each once, in the form's order."""
        template, labels = self.template, self.template.labels
        code, book = template.language.code, labels.codebook(group.name)
        made = {}
        for spec in specs(template.study, group.name, book):
            name = spec.question
            if name in made or spec.filter or not labels.has(group.name, name):
                continue
            foremost = [row["estimate"] for row in template.rows(spec.id)[:FOREMOST]]
            asked = in_words(labels.condition(group.name, name), book, code, template.language.own)
            made[name] = AskedQuestion(
                spec.id,
                spec.form in COUNTED,
                template.varies(spec.id) and bool(foremost),
                left_open(
                    template.results.analysed(spec.id), foremost, several=spec.form == "multiple"
                ),
                f"{group.name}-{spec.id}".replace("_", "-"),
                template.words(labels.title(group.name, name), "label"),
                template.words(labels.short_title(group.name, name), "label"),
                template.words(labels.question(group.name, name), "label"),
                template.words(asked, "label") if asked else "",
            )
        return list(made.values())

    def drawn_figures(self, limit: int | None = None) -> list[DrawnFigure]:
        """Return the first figures of the study, or all, each with its title."""
        template = self.template
        declared = [*template.study.section("figures").items()][:limit]
        return [
            DrawnFigure(name, template.words(said(spec["title"], template.language.code), "label"))
            for name, spec in declared
        ]

    def figures(self, reads: str, limit: int | None = None) -> str:
        """Place the first figures of the study, or all, under their titles; ``reads`` as in
        ``figure``.
        """
        drawings, drawn = Drawings(self.template, self.numbering), self.drawn_figures(limit)
        return "".join(drawings.figure(figure.name, figure.title, reads) for figure in drawn)


def left_open(rows: Sequence[Mapping[str, Any]], foremost: Sequence[float], several: bool) -> bool:
    """Say whether a hidden answer may be more frequent than the ``foremost`` that are named.

    Of one answer each, the hidden ones have together what the shown ones leave of the whole, as far
    as these are rounded; of ``several`` answers, or of several items, nothing is known of them.
    """
    told = [r for r in rows if r["by_level"] == "total" and r["statistic"] == "proportion"]
    shown = [r for r in told if r["status"] == "shown"]
    if len(shown) == len(told) or not foremost:
        return False
    rounded = sum(ROUNDED / r["base"] for r in shown)
    left = 1 - sum(r["estimate"] for r in shown) + rounded
    return several or any(r["item"] for r in told) or left > min(foremost)
