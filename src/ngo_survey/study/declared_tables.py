"""Read the section ``tables`` of a configuration against a codebook: one spec a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ngo_survey.codebook.derived import settles
from ngo_survey.errors import ConfigError, Faults, nearest
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.register_variables import settled_by
from ngo_survey.tables.declared import FORMS, NESTED, STATISTICS, Standard, TableSpec

if TYPE_CHECKING:
    from ngo_survey.codebook import Question, Questionnaire
    from ngo_survey.study import Study

#: Roles of questions that identify or admit a respondent: nothing to tabulate.
KEYS = ("id", "consent")


def table_ids(study: Study, population: str) -> list[str]:
    """Return the id of every table of a population, in the order of the questionnaire."""
    return [spec.id for spec in specs(study, population, codebook(study, population))]


def specs(study: Study, population: str, book: Questionnaire) -> list[TableSpec]:
    """Return every declared table of a population.

    Raises
    ------
    ConfigError: a name in the section ``tables`` or among the population's banners is no question
        that can be tabulated, or cannot make columns; a filter that cannot be read; a statistic
        that the question does not have. The message holds the line and the nearest names.
    """
    faults = Faults()
    read = read_specs(study, population, book, faults)
    faults.refuse()
    return read


def read_specs(
    study: Study, population: str, book: Questionnaire, faults: Faults
) -> list[TableSpec]:
    """Return the declared tables of a population that are sound; ``faults`` keeps the others."""
    return _TableReader(study, population, book, faults).read()


def nested(text: str) -> tuple[str, ...]:
    """Return the variables of a banner as it is written: ``form_group > rural``."""
    return tuple(part.strip() for part in text.split(">"))


class _TableReader:
    """Reads the section ``tables`` against one codebook."""

    def __init__(
        self, study: Study, population: str, codebook: Questionnaire, faults: Faults
    ) -> None:
        self.study, self.population, self.codebook = study, population, codebook
        self.faults = faults
        self.section: Mapping[str, Any] = study.section("tables")
        self.standard = Standard.of(self.section)
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
        derive = study.population(population).raw.get("derive", {})
        made = ((n, rule) for n, rule in derive.items() if n in codebook)
        self.settles = [pair for n, rule in made for pair in settles(n, rule, codebook)]
        written = study.population(population).raw.get("banners", ())
        where = f"populations.{population}.banners"
        self.standing = self._banners(written, where)

    def read(self) -> list[TableSpec]:
        chosen = self._all_questions()
        for number, entry in enumerate(self.section.get("more", ())):
            if entry["population"] == self.population:
                rows = [entry["rows"]] if isinstance(entry["rows"], str) else entry["rows"]
                with self.faults.check(str(entry.get("id", rows[0]))):
                    spec = self._more(entry, f"tables.more.{number}")
                    chosen[spec.id] = spec
        return list(chosen.values())

    # -- entries ---------------------------------------------------------------------------------

    def _all_questions(self) -> dict[str, TableSpec]:
        # A study that declares no table gets one of every question.
        plain = {} if "more" in self.section else dict.fromkeys(self.study.populations, "standing")
        declared = self.section.get("all_questions", plain)
        for name in declared:
            with self.faults.check():
                self.study.population(name)
        if self.population not in declared:
            return {}
        where = f"tables.all_questions.{self.population}"
        given = declared[self.population]
        banners = self.standing if given == "standing" else self._banners(given, where)
        omitted = self.section.get("omit", {}).get(self.population, ())
        for name in omitted:
            where = f"tables.omit.{self.population}"
            with self.faults.check():
                self._known(name, self.rows, where, "question or battery")
        found: dict[str, TableSpec] = {}
        for name in (q for q in self.rows if q not in set(omitted)):
            with self.faults.check(name):
                spec = self._spec(name, banners)
                found[spec.id] = spec
        return found

    def _more(self, entry: Mapping[str, Any], where: str) -> TableSpec:
        rows = entry["rows"]
        names = [rows] if isinstance(rows, str) else list(rows)
        for name in names:
            self._known(name, self.rows, f"{where}.rows", "question or battery")
        columns = entry.get("columns")
        banners = self.standing if columns is None else self._banners(columns, f"{where}.columns")
        altered = [key for key in ("filter", "base", "statistics") if key in entry]
        if "id" not in entry and (altered or len(names) > 1):
            raise self.study.mistake(
                "a table of other people, another base or several questions needs an id of its own",
                where,
                altered[0] if altered else ", ".join(names),
                "add id, so that it does not take the place of the plain table",
            )
        own_id = str(entry.get("id", ""))
        if len(names) == 1:
            made = self._spec(names[0], banners, own_id)
        else:
            made = self._group(names, banners, own_id)
        text = self._filter(entry, where)
        return replace(
            made,
            filter=text,
            base=entry.get("base", "answered"),
            parts=tuple(replace(p, base=entry.get("base", "answered")) for p in made.parts),
            statistics=self._statistics(entry, made, where),
            tests=tuple(entry.get("tests", self.standard.tests)),
            sort=entry.get("sort", ""),
            note=entry.get("note", {}),
            title=entry.get("title", {}),
            show=tuple(entry.get("show", self.standard.show)),
        )

    def _filter(self, entry: Mapping[str, Any], where: str) -> str:
        from ngo_survey.codebook.filters import parse

        if "filter" not in entry:
            return ""
        try:
            return parse(str(entry["filter"]), self.codebook).text
        except ConfigError as error:
            raise self.study.mistake(
                error.problem, f"{where}.filter", error.value, error.hint
            ) from error

    def _statistics(self, entry: Mapping[str, Any], made: TableSpec, where: str) -> tuple[str, ...]:
        chosen = tuple(entry.get("statistics", ()))
        known = {s for part in made.rows for s in STATISTICS[part.form]}
        for statistic in chosen:
            self._known(statistic, known, f"{where}.statistics", "statistic of these rows")
        return chosen

    # -- one table -------------------------------------------------------------------------------

    def _group(self, names: list[str], banners: tuple[str, ...], own_id: str) -> TableSpec:
        parts = []
        for name in names:
            part = self._spec(name, banners, own_id)
            parts.append(replace(part, items=part.variables))
        return TableSpec(
            id=own_id,
            population=self.population,
            form="group",
            question=names[0],
            variables=tuple(v for part in parts for v in part.variables),
            items=tuple(v for part in parts for v in part.variables),
            # A column that any of the questions is a reading of would cross it with itself.
            banners=tuple(b for b in banners if all(b in part.banners for part in parts)),
            totals=tuple(t for part in parts for t in part.totals),
            parts=tuple(parts),
        )

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
            id=own_id or self.study.population(self.population).table_prefix + name,
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
            tests=self.standard.tests,
            show=self.standard.show,
        )

    def _same(self, banner: str, name: str) -> bool:
        """Whether one of the two is only a coarser reading of the other: nothing to cross."""
        parts = (banner,) if banner in self.open else banner.split(NESTED)
        settled = self._settled(name)
        return any(part in settled or name in self._settled(part) for part in parts)

    def _settled(self, name: str) -> set[str]:
        """Return a variable and all those whose answers follow from its own."""
        return settled_by([name], self.settles)

    def _net(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        declared = self.section.get("net", {}).get(name)
        if declared is None:
            return None
        known = {c for q in self.rows[name] for c in q.choice_names}
        for side in ("up", "down"):
            for choice in declared[side]:
                self._known(choice, known, f"tables.net.{name}.{side}", "choice")
        return tuple(declared["up"]), tuple(declared["down"])

    # -- names -----------------------------------------------------------------------------------

    def _banners(self, texts: Iterable[str], where: str) -> tuple[str, ...]:
        """Return the banners that are sound; what another may have meant is not judged."""
        found: list[str] = []
        for text in texts:
            meant = get_close_matches(text, self.open)
            with self.faults.check(text, *meant):
                found.append(self._banner(text, where))
        return tuple(found)

    def _banner(self, text: str, where: str) -> str:
        singles = {n: q for n, q in self.open.items() if q.form in ("single", "scale")}
        for name in nested(text):
            if name in self.open and name not in singles:
                raise self.study.mistake(
                    f"a question of the form {self.open[name].form} cannot make columns",
                    where,
                    name,
                    "name a question with one answer from a list, or derive one",
                )
            self._known(name, singles, where, "question with one answer")
        return NESTED.join(nested(text))

    def _known(self, name: str, known: Iterable[str], where: str, what: str) -> None:
        if name not in known:
            problem = f"there is no such {what} of {self.population}"
            raise self.study.mistake(problem, where, name, nearest(name, known))
