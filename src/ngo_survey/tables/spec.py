"""Which tables a study declares: every question by the standing banners, and what is said beyond.

The section ``tables`` of the configuration names, for each population, which banners every
question is crossed with (``all_questions``), tables left out (``omit``), and tables of their own
(``more``). :func:`specs` turns that into one :class:`TableSpec` a table; nothing here reads an
answer, and nothing slow is imported, because the Snakefile asks for :func:`table_ids`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ConfigError, nearest

if TYPE_CHECKING:
    from ngo_survey.questionnaire import Question, Questionnaire
    from ngo_survey.study import Study

#: Forms that can be tabulated; what each gives is in ``tables/forms``.
FORMS = ("single", "scale", "multiple", "constant_sum", "rating", "rank", "number")
#: Roles of questions that identify or admit a respondent: nothing to tabulate.
KEYS = ("id", "consent")
#: What stands before the name of a question in the ids of a population's tables.
PREFIX = {"government": "gov_"}


@dataclass(frozen=True)
class TableSpec:
    """One declared table.

    Attributes
    ----------
    id: name of the result file and of the analysis of its total column.
    form: one of :data:`FORMS`.
    question: the question, or the battery.
    variables: the columns of the frame that it stands on.
    items: suffix of each variable in its battery; ("",) for a single question.
    banners: column variables, in order.
    net: categories counted up and down, for the statistic ``net``.
    totals: numbers that add up over respondents, so that their total means something.
    filter: expression that says which respondents the table is about ("": all).
    note: a line of the study's own under the table, by language.
    sort: order of the rows ("": that of the questionnaire).
    show: what the workbook shows under each figure: ``se``, ``limits``.
    """

    id: str
    population: str
    form: str
    question: str
    variables: tuple[str, ...]
    items: tuple[str, ...]
    banners: tuple[str, ...]
    net: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    totals: tuple[str, ...] = ()
    filter: str = ""
    note: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    show: tuple[str, ...] = ()

    def analysis(self, banner: str = "") -> str:
        """Name of the analysis of one banner; of the total column without one."""
        return f"{self.id}_by_{banner}" if banner else self.id


def table_ids(study: Study, population: str) -> list[str]:
    """Return the id of every table of a population, in the order of the questionnaire."""
    from ngo_survey.questionnaire.codebook import codebook

    return [spec.id for spec in specs(study, population, codebook(study, population))]


def specs(study: Study, population: str, codebook: Questionnaire) -> list[TableSpec]:
    """Return every declared table of a population.

    Raises
    ------
    ConfigError: a name in the section ``tables`` or among the population's banners is no question
        that can be tabulated, or cannot make columns; the message holds the nearest names.
    """
    return _Reader(study, population, codebook).read()


class _Reader:
    """Reads the section ``tables`` against one codebook."""

    def __init__(self, study: Study, population: str, codebook: Questionnaire) -> None:
        self.study, self.population, self.codebook = study, population, codebook
        self.section: Mapping[str, Any] = study.section("tables")
        self.standing = tuple(study.population(population).raw.get("banners", ()))
        self.open = {
            name: question
            for name, question in codebook.questions.items()
            if question.form in FORMS
            and question.disclosure == "open"
            and question.role not in KEYS
        }
        self.rows: dict[str, list[Question]] = {}
        for name, question in self.open.items():
            self.rows.setdefault(question.battery or name, []).append(question)

    def read(self) -> list[TableSpec]:
        for banner in self.standing:
            self._banner(banner, f"populations.{self.population}.banners")
        chosen = self._all_questions()
        for number, entry in enumerate(self.section.get("more", ())):
            if entry["population"] == self.population:
                spec = self._more(entry, f"tables.more.{number}")
                chosen[spec.id] = spec
        return list(chosen.values())

    def _all_questions(self) -> dict[str, TableSpec]:
        declared = self.section.get("all_questions", {})
        for name in declared:
            self.study.population(name)
        if self.population not in declared:
            return {}
        where = f"tables.all_questions.{self.population}"
        banners = declared[self.population]
        names = self.standing if banners == "standing" else tuple(banners)
        for banner in names:
            self._banner(banner, where)
        omitted = self.section.get("omit", {}).get(self.population, ())
        for name in omitted:
            self._known(name, self.rows, f"tables.omit.{self.population}", "question or battery")
        found = [self._spec(q, names) for q in self.rows if q not in set(omitted)]
        return {spec.id: spec for spec in found}

    def _more(self, entry: Mapping[str, Any], where: str) -> TableSpec:
        name = str(entry["question"])
        self._known(name, self.rows, f"{where}.question", "question or battery")
        banners = tuple(entry.get("banners", self.standing))
        for banner in banners:
            self._banner(banner, f"{where}.banners")
        return self._spec(name, banners, str(entry.get("id", "")), entry.get("show"))

    def _spec(
        self,
        name: str,
        banners: Iterable[str],
        own_id: str = "",
        show: Iterable[str] | None = None,
    ) -> TableSpec:
        questions = self.rows[name]
        battery = bool(questions[0].battery)
        return TableSpec(
            id=own_id or PREFIX.get(self.population, "") + name,
            population=self.population,
            form=str(questions[0].form),
            question=name,
            variables=tuple(q.name for q in questions),
            items=tuple(q.item if battery else "" for q in questions),
            banners=tuple(b for b in banners if not self._same(b, name)),
            net=self._net(name),
            totals=tuple(
                q.name
                for q in questions
                if q.name in self.section.get("totals", {}).get(self.population, ())
            ),
            show=tuple(self.section.get("standard", {}).get("show", ()) if show is None else show),
        )

    def _same(self, banner: str, name: str) -> bool:
        """Whether one of the two is only a coarser reading of the other: nothing to cross."""
        related = self._ancestors(banner), self._ancestors(name)
        return banner in related[1] or name in related[0]

    def _ancestors(self, name: str) -> set[str]:
        """Return a variable and those it is a recoding of."""
        found = {name}
        derive = self.study.population(self.population).raw.get("derive", {})
        waiting = [name]
        while waiting:
            source = _recoded(derive.get(waiting.pop()))
            if source and source not in found:
                found.add(source)
                waiting.append(source)
        return found

    def _net(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        declared = self.section.get("net", {}).get(name)
        if declared is None:
            return None
        known = {c for q in self.rows[name] for c in q.choice_names}
        for side in ("up", "down"):
            for choice in declared[side]:
                self._known(choice, known, f"tables.net.{name}.{side}", "choice")
        return tuple(declared["up"]), tuple(declared["down"])

    def _banner(self, name: str, where: str) -> None:
        singles = {n: q for n, q in self.open.items() if q.form in ("single", "scale")}
        if name in self.open and name not in singles:
            raise ConfigError(
                f"a question of the form {self.open[name].form} cannot make columns",
                file=self.study.file,
                column=where,
                value=name,
                mend="name a question with one answer from a list, or derive one",
            )
        self._known(name, singles, where, "question with one answer")

    def _known(self, name: str, known: Iterable[str], where: str, what: str) -> None:
        if name not in known:
            raise ConfigError(
                f"there is no such {what} of {self.population}",
                file=self.study.file,
                column=where,
                value=name,
                mend=nearest(name, known),
            )


def _recoded(rule: Any) -> str:
    """Return the one variable that a derived variable recodes, or "" when it is made otherwise."""
    if isinstance(rule, Mapping) and rule.get("op") == "recode" and isinstance(rule["of"], str):
        return rule["of"]
    return ""
