"""What a declared table is: its rows, columns, people and figures.

The section ``tables`` of the configuration names, for each population, which banners every
question is crossed with (``all_questions``), tables left out (``omit``), and tables of their own
(``more``). :func:`ngo_survey.study.declared_tables.specs` turns that into one
:class:`TableSpec` a table; nothing here reads an answer, and nothing slow is imported, because the
Snakefile asks for the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

#: Forms that can be tabulated; what each gives is in ``tables/forms``.
FORMS = ("single", "scale", "multiple", "constant_sum", "rating", "rank", "number")
#: Statistics of each form, those that need no asking first.
STATISTICS: dict[str, tuple[str, ...]] = {
    "single": ("proportion", "row_percent"),
    "scale": ("proportion", "row_percent", "net"),
    "multiple": ("proportion", "share_of_answers", "mean_answers"),
    "constant_sum": ("mean_share", "any"),
    "rating": ("mean", "top_two", "bottom_two", "net", "proportion"),
    "rank": ("first", "top_three", "borda", "mean_rank", "place_2", "place_3"),
    "number": ("mean", "median", "p25", "p75", "total"),
}
#: Tests that a table can ask for.
TESTS = ("overall", "letters", "rest", "trend")
#: What a nested banner's parts are joined by, in names and in levels.
NESTED = "."

Base = Literal["answered", "all"]


def own_questions(section: Mapping[str, Any]) -> dict[str, str]:
    """Return the question of each table with an id of its own that stands on one question.

    The id of any other table says its question: after the prefix of its group, before a banner.

    Parameters
    ----------
    section: the section ``tables`` of a configuration.
    """
    named = {}
    for entry in section.get("more", ()):
        rows = entry["rows"]
        rows = [rows] if isinstance(rows, str) else rows
        if "id" in entry and len(rows) == 1:
            named[str(entry["id"])] = str(rows[0])
    return named


class Chosen(NamedTuple):
    """Whom a table is of: its filter as it is declared ("" for everybody), and its base."""

    filter: str = ""
    base: Base = "answered"


def chosen(section: Mapping[str, Any]) -> dict[str, Chosen]:
    """Return whom each table with an id of its own is of; every other is of all who answered.

    Parameters
    ----------
    section: the section ``tables`` of a configuration.
    """
    return {
        str(entry["id"]): Chosen(str(entry.get("filter", "")), entry.get("base", "answered"))
        for entry in section.get("more", ())
        if "id" in entry
    }


def chosen_of(analysis: str, tables: Mapping[str, Chosen]) -> Chosen:
    """Return whom an analysis is of: the table itself, or one of its banners."""
    made_of = [name for name in tables if analysis == name or analysis.startswith(f"{name}_by_")]
    return tables[max(made_of, key=len)] if made_of else Chosen()


@dataclass(frozen=True)
class Standard:
    """What holds for every table unless it says otherwise (``tables.standard``).

    Attributes
    ----------
    tests: which of :data:`TESTS` are made.
    family: what comparisons of columns are adjusted within: the table under one ``banner``, one
        ``row`` of it, or the whole ``table``.
    level: error of the family.
    base, effective: respondents, and effective respondents, below which a figure is flagged.
    width, relative_width: widest limits, and widest limits over a share, without a flag.
    last: choices that stay last when rows are sorted.
    """

    tests: tuple[str, ...] = ("overall", "letters", "rest", "trend")
    family: Literal["banner", "row", "table"] = "banner"
    level: float = 0.05
    base: float = 30
    effective: float = 30
    width: float = 0.3
    relative_width: float = 1.3
    last: tuple[str, ...] = ("other", "none", "dont_know", "no_answer")
    show: tuple[str, ...] = ()

    @classmethod
    def of(cls, section: Mapping) -> Standard:
        """Read ``tables.standard``."""
        given: dict[str, Any] = dict(section.get("standard", {}))
        given |= given.pop("flags", {})
        values: Any = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
        return cls(**values)


@dataclass(frozen=True)
class TableSpec:
    """One declared table.

    Attributes
    ----------
    id: name of the result file and of the analysis of its total column.
    form: one of :data:`FORMS`, or ``group`` for a table of several questions.
    question: the question, or the battery; of a group its first.
    variables: the columns of the frame that it stands on.
    items: suffix of each variable in its battery; ("",) for a single question; in a group the name
        of the variable.
    banners: column variables, in order; the parts of a nested one are joined by a dot.
    net: categories counted up and down, for the statistic ``net``.
    totals: numbers that add up over respondents, so that their total means something.
    filter: who is in the table, in the language of ``questionnaire.filters``; "" for everybody.
    base: what percentages stand on: those who ``answered``, or ``all`` in the table.
    statistics: which are estimated; () for those of the form.
    tests: which of :data:`TESTS` are made.
    sort: ``descending`` or ``ascending`` by the total column, "" for the questionnaire's order.
    note: words under the table, by language.
    title: words over the table, by language, in place of the question's.
    show: what stands beside each figure on demand: ``se``, ``limits``.
    parts: the questions of a group, each a table of its own.
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
    base: Base = "answered"
    statistics: tuple[str, ...] = ()
    tests: tuple[str, ...] = ("overall", "letters", "rest", "trend")
    sort: str = ""
    note: Mapping[str, str] = field(default_factory=dict, hash=False)
    title: Mapping[str, str] = field(default_factory=dict, hash=False)
    show: tuple[str, ...] = ()
    parts: tuple[TableSpec, ...] = ()

    @property
    def rows(self) -> tuple[TableSpec, ...]:
        """The table's questions: itself, or the parts of a group."""
        return self.parts or (self,)

    def analysis(self, banner: str = "") -> str:
        """Name of the analysis of one banner; of the total column without one."""
        return f"{self.id}_by_{banner}" if banner else self.id


#: The form of tables of pairs of answers; what a researcher declares has another.
PAIR = "pair"


@dataclass(frozen=True)
class Pairs:
    """One declared analysis: which answers are crossed, and whose share is estimated.

    Attributes
    ----------
    rows, columns: a question with many answers, or a battery; the same twice for its own pairs.
    categories: the answers to an item of a battery that count.
    of_rows: whether shares are of those who gave the answer of the row, not of all who were asked.
    """

    name: str
    population: str
    rows: str
    columns: str
    categories: tuple[str, ...] = ()
    of_rows: bool = False

    @property
    def file(self) -> str:
        """Name of the result file."""
        return f"pairs_{self.name}"
