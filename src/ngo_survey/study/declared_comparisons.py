"""What a study compares and ranks: the section ``compare`` held against its codebooks.

Nothing here reads an answer, and nothing slow is imported: the Snakefile asks which files come out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ConfigError, Faults, nearest
from ngo_survey.study.declared_tables import read_specs
from ngo_survey.tables.compared import Declared, Measured
from ngo_survey.tables.declared import TableSpec

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study import Study

#: By form: the statistics that can be compared and ranked, as the configuration calls them, and as
#: the tables do. The first is taken where none is named.
STATISTICS: dict[str, dict[str, str]] = {
    "single": {"share": "proportion"},
    "scale": {"share": "proportion"},
    "multiple": {"share": "proportion"},
    "rating": {"mean": "mean", "top_two": "top_two", "share": "proportion"},
    "rank": {"top_three": "top_three", "first": "first"},
    "constant_sum": {"mean": "mean_share", "any": "any"},
    "number": {"mean": "mean"},
}


def declared(study: Study, books: Mapping[str, Questionnaire]) -> Declared:
    """Read the section ``compare``; raises :class:`ConfigError` with the nearest right names."""
    faults = Faults()
    read = read_declared(study, books, faults)
    faults.refuse()
    return read


def read_declared(study: Study, books: Mapping[str, Questionnaire], faults: Faults) -> Declared:
    """Read what of the section ``compare`` is sound; ``faults`` keeps what is not."""
    return Reader(study, books, faults).read()


class Reader:
    """Reads the section against tables and codebooks.

    ``books``: codebooks of the groups of respondents that may be named. ``faults`` keeps what is
    wrong in an entry, and in the tables that are compared.
    """

    def __init__(self, study: Study, books: Mapping[str, Questionnaire], faults: Faults) -> None:
        self.study, self.books, self.faults = study, books, faults
        self.section: Mapping[str, Any] = study.section("compare")
        self.made: dict[str, dict[str, TableSpec]] = {}

    def read(self) -> Declared:
        """Return the section ``compare``."""
        sides: tuple[str, str] = ("", "")
        shared: list[tuple[Measured, Measured]] = []
        with self.faults.check():
            sides, shared = self._sides()
        taken = {m.name for pair in shared for m in pair if m.ordered}
        rankings: list[Measured] = []
        for number, entry in enumerate(self.section.get("ranks", ())):
            with self.faults.check():
                ranking = self._ranked(entry, taken, f"compare.ranks.{number}")
                taken.add(ranking.name)
                rankings.append(ranking)
        paired = tuple(pair["population"] for pair in self.section.get("pairs", {}).values())
        return Declared(sides, tuple(shared), tuple(rankings), paired)

    def _ranked(self, entry: Mapping[str, Any], taken: Collection[object], where: str) -> Measured:
        ranking = self.measured(entry["population"], entry, where, entry.get("leave_out", ()))
        if not ranking.ordered:
            raise ConfigError(
                "these figures have no order",
                file=self.study.file,
                column=where,
                value=entry["question"],
                hint="rank the items of a battery by a mean or by the share of one answer "
                "(`categories`), or the answers of a question by their shares",
            )
        if ranking.name in taken:
            raise ConfigError(
                "this is ranked already, here or as one of the two sides",
                file=self.study.file,
                column=where,
                value=entry["question"],
                hint="take one of the two out",
            )
        return ranking

    def _sides(self) -> tuple[tuple[str, str], list[tuple[Measured, Measured]]]:
        block = self.section.get("sides")
        if block is None:
            return ("", ""), []
        first, second = block["first"], block["second"]
        for side in ("first", "second"):
            self._population(block[side], f"compare.sides.{side}")
        if first == second:
            raise ConfigError(
                "the two sides are one group of respondents",
                file=self.study.file,
                column="compare.sides.second",
                value=second,
                hint="name the other",
            )
        left = tuple(block.get("leave_out", ()))
        entries = block["items"]
        if entries == "shared":
            entries = self._alike(first, second)
        shared = []
        for number, entry in enumerate(entries):
            where = f"compare.sides.items.{number}"
            asked = {"question": entry} if isinstance(entry, str) else entry
            with self.faults.check(asked["question"]):
                pair = (
                    self.measured(first, asked, where, left, known=False),
                    self.measured(second, asked, where, left, known=False),
                )
                self._alike_or_refuse(*pair, where)
                shared.append(pair)
        names = [first.spec.id for first, _ in shared]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise ConfigError(
                    "this question is compared twice",
                    file=self.study.file,
                    column=f"compare.sides.items.{number}",
                    value=name,
                    hint="take one of the two out",
                )
        known = {c for pair in shared for m in pair for c in self.answers(m.spec)}
        for name in left:
            self._known(name, known, "compare.sides.leave_out", "answer to what is compared")
        return (first, second), shared

    def _alike(self, first: str, second: str) -> list[str]:
        """Return what both were asked in the same words: name, form, items and choices.

        Standing columns are left out: they tell who answered, not what they think.
        """
        ours, theirs = self.tables(first), self.tables(second)
        standing = {
            banner
            for name in (first, second)
            for banner in self.study.population(name).raw.get("banners", ())
        }
        return [
            name
            for name, spec in ours.items()
            if name in theirs
            and name not in standing
            and (spec.form, spec.items) == (theirs[name].form, theirs[name].items)
            and self.answers(spec) == self.answers(theirs[name])
        ]

    def measured(
        self,
        population: str,
        entry: Mapping[str, Any],
        where: str,
        leave_out: Iterable[str],
        known: bool = True,
    ) -> Measured:
        """Return what an entry ``{question, statistic, categories}`` means.

        ``where`` is its place in the configuration; with ``known`` what is left out must be there.
        """
        self._population(population, f"{where}.population")
        tables = self.tables(population)
        self._known(
            entry["question"], tables, f"{where}.question", f"table of {population} to compare"
        )
        spec = tables[entry["question"]]
        options = STATISTICS[spec.form]
        word = entry.get("statistic", next(iter(options)))
        self._known(word, options, f"{where}.statistic", f"statistic of a {spec.form} question")
        categories = tuple(entry.get("categories", ()))
        for category in categories:
            self._known(
                category,
                self._choices(spec),
                f"{where}.categories",
                f"answer to {entry['question']}",
            )
        if known:
            for name in leave_out:
                what = f"answer to, or item of, {entry['question']}"
                self._known(name, self.answers(spec), f"{where}.leave_out", what)
        return Measured(spec, options[word], categories, tuple(leave_out))

    def _alike_or_refuse(self, first: Measured, second: Measured, where: str) -> None:
        if first.spec.form != second.spec.form:
            raise ConfigError(
                f"the two sides were asked in different ways: {first.spec.form} and "
                f"{second.spec.form}",
                file=self.study.file,
                column=where,
                value=first.spec.question,
                hint="leave it out",
            )
        if not set(self.answers(first.spec)) & set(self.answers(second.spec)):
            raise ConfigError(
                "the two sides share no answer or item of this question",
                file=self.study.file,
                column=where,
                value=first.spec.question,
                hint="leave it out",
            )

    def tables(self, population: str) -> dict[str, TableSpec]:
        """Return a group's tables by question; where one has several, that of all questions."""
        if population not in self.made:
            found: dict[str, TableSpec] = {}
            for spec in read_specs(self.study, population, self.books[population], self.faults):
                if spec.form in STATISTICS and (
                    spec.question not in found
                    or spec.id == self.study.population(population).table_prefix + spec.question
                ):
                    found[spec.question] = spec
            self.made[population] = found
        return self.made[population]

    def _choices(self, spec: TableSpec) -> tuple[str, ...]:
        """Return the answers of a table's questions: items of a battery share theirs."""
        book = self.books[spec.population]
        return tuple(str(c) for c in book.question(spec.variables[0]).choice_names)

    def answers(self, spec: TableSpec) -> tuple[str, ...]:
        """Return items and answers of a table; the number itself where it has neither."""
        found = (*(item for item in spec.items if item), *self._choices(spec))
        return found or (spec.question,)

    def _population(self, name: str, where: str) -> None:
        self._known(name, self.books, where, "group of respondents")

    def _known(self, name: str, known: Iterable[str], where: str, what: str) -> None:
        names = list(known)
        if name not in names:
            raise ConfigError(
                f"there is no such {what}",
                file=self.study.file,
                column=where,
                value=name,
                hint=nearest(name, names),
            )
