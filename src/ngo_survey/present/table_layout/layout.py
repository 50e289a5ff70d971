"""Lay a table out: columns, rows, cells, bases and notes (see ``parts``)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ResultError, nearest
from ngo_survey.present.table_layout.annotations import Comparisons
from ngo_survey.present.table_layout.condition import in_words
from ngo_survey.present.table_layout.names import Names
from ngo_survey.present.table_layout.parts import (
    BLANK,
    LayoutCell,
    LayoutColumn,
    LayoutNote,
    LayoutRow,
    LayoutTest,
    TableLayout,
)
from ngo_survey.present.table_layout.row_order import AFTER, Member, Order
from ngo_survey.present.table_layout.table_words import TableWords, table_words
from ngo_survey.present.words.language import OF_YEARS, Language, numbers
from ngo_survey.results.store import Results
from ngo_survey.tables.member import Member as Figure

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import Base

Record = dict[str, Any]
#: How the figures of each statistic are printed (see ``words.language``).
FORM_OF: dict[str, str] = {
    "mean": "mean",
    "median": "plain",
    "p25": "plain",
    "p75": "plain",
    "total": "count",
    "mean_answers": "mean",
    "mean_rank": "mean",
    "borda": "mean",
}


def form_of(statistic: str, names: Names, item: str) -> str:
    """Return how a figure of a table is printed: by its statistic, a year as a year."""
    form = FORM_OF.get(statistic, "percent")
    return OF_YEARS.get(form, form) if form != "percent" and names.is_year(item) else form


#: Columns of the store that further base rows tell.
BASES = ("weighted_base", "n_effective")


def layout(
    results: Results,
    table_id: str,
    codebook: Questionnaire,
    language_code: str,
    banners: Sequence[str] | None = None,
    question: str | None = None,
    *,
    whole: bool = False,
    alpha: float = 0.05,
    family: str = "banner",
    own: Path | None = None,
    weighting: str = "register",
    base: Base = "answered",
) -> TableLayout:
    """Lay out one table of the results store.

    Parameters
    ----------
    codebook: the questionnaire of the table's population, derived variables included.
    language_code: language of labels and numbers.
    banners: which banners, in order; None means all that the store holds; () only the total.
    question: name of the question or battery, where the id of the table does not say it.
    whole: every statistic; without it, no shares of rows, and shares of answers only in a column
        beside the total.
    alpha: level at which a figure is marked as other than that of all other respondents.
    family: what comparisons are adjusted within (``tables.standard.family``), for the note.
    own: folder of the study's own words.
    weighting: where the weights come from (``declared_weighting.kind_of``), for the note.
    base: what percentages stand on, for the note.

    Raises
    ------
    ResultError: no such table, or no such banner in it.
    """
    rows = results.rows("estimates", table_id)
    if not rows:
        known = results.names("estimates")
        raise ResultError("no such table", value=table_id, hint=nearest(table_id, known))
    return TableBuilder(
        results,
        table_id,
        rows,
        codebook,
        language_code,
        banners,
        question,
        whole,
        alpha,
        family,
        own,
        weighting,
        base,
    ).build()


class TableBuilder:
    """Everything that laying out one table needs to know."""

    def __init__(
        self,
        results: Results,
        table_id: str,
        rows: Sequence[Record],
        codebook: Questionnaire,
        code: str,
        banners: Sequence[str] | None,
        question: str | None,
        whole: bool,
        alpha: float,
        family: str,
        own: Path | None = None,
        weighting: str = "register",
        base: Base = "answered",
    ) -> None:
        self.family, self.weighting, self.base = family, weighting, base
        self.results, self.id, self.whole, self.alpha = results, table_id, whole, alpha
        self.say: Language = numbers(code, own)
        self.words: TableWords = table_words(code, own)
        self.records: dict[str, Record] = {str(row["key"]): row for row in rows}
        self.total = [r for r in self.records.values() if r["by"] == ""]
        self.population = str(self.total[0]["population"])
        self.statistics = {str(r["statistic"]) for r in self.total}
        self.of: dict[tuple[str, str], list[Record]] = {}
        for record in self.records.values():
            place = str(record["analysis"]), str(record["by_level"])
            self.of.setdefault(place, []).append(record)
        self.banners, self.dropped = self._banners(banners)
        items = list(dict.fromkeys(str(r["item"]) for r in self.total))
        self.names = Names.of(codebook, code, table_id, question, items, own)
        self.compared = Comparisons(results, table_id, alpha)

    def _banners(self, asked: Sequence[str] | None) -> tuple[list[str], list[str]]:
        """Return the banners that are laid out, and those of which everything is hidden."""
        held = list(dict.fromkeys(str(r["by"]) for r in self.records.values() if r["by"]))
        for name in asked or ():
            if name not in held:
                raise ResultError(
                    f"the table {self.id} has no such banner", value=name, hint=nearest(name, held)
                )
        chosen = held if asked is None else list(asked)
        with_figures = {
            str(r["by"])
            for r in self.records.values()
            if r["status"] == "shown" and not (r["statistic"] == "proportion" and r["n"] == 0)
        }
        laid_out = [banner for banner in chosen if banner in with_figures]
        return laid_out, [banner for banner in chosen if banner not in with_figures]

    def build(self) -> TableLayout:
        """Put the parts together."""
        members = self._members()
        columns = self._columns(members)
        rows = self._rows(columns, members)
        bases = tuple(self._further_bases(columns))
        return TableLayout(
            id=self.id,
            population=self.population,
            title=self.names.title(),
            question=self.names.wording(),
            asked=in_words(
                self.names.asked(), self.names.codebook, self.names.code, self.names.own
            ),
            columns=tuple(columns),
            rows=tuple(rows),
            bases=bases,
            notes=tuple(LayoutNote(*note) for note in self._notes([*rows, *bases])),
            tests=tuple(self._tests(rows)),
        )

    def _members(self) -> list[Member]:
        """Return the figures that make rows, those of the total column first."""
        chosen = {"", *self.banners} if self.whole else {""}
        shown = [r for r in self.records.values() if str(r["by"]) in chosen]
        shown.sort(key=lambda r: r["by"] != "")
        found = dict.fromkeys(
            (str(r["item"]), str(r["category"]), str(r["statistic"])) for r in shown
        )
        if self.whole and any(r["by"] and r["statistic"] == "share_of_answers" for r in shown):
            return list(found)
        return [m for m in found if m[2] not in (AFTER if not self.whole else AFTER[:1])]

    # -- columns ---------------------------------------------------------------------------------

    def _columns(self, members: list[Member]) -> list[LayoutColumn]:
        heading = self.words("total")
        letter = self.compared.letter
        columns = [
            LayoutColumn(
                self.id, "", "total", (heading, self.words("all")), letter=letter("", "total")
            )
        ]
        in_rows = {m[2] for m in members}
        if "share_of_answers" in self.statistics - in_rows:
            heads = (heading, self.words("share_of_answers"))
            columns.append(LayoutColumn(self.id, "", "total", heads, statistic="share_of_answers"))
        for banner in self.banners:
            levels = dict.fromkeys(
                str(r["by_level"]) for r in self.records.values() if r["by"] == banner
            )
            columns += [
                LayoutColumn(
                    f"{self.id}_by_{banner}",
                    banner,
                    level,
                    (self.names.banner(banner), *self.names.levels(banner, level)),
                    letter=letter(banner, level),
                )
                for level in levels
            ]
        return columns

    # -- rows ------------------------------------------------------------------------------------

    def _rows(self, columns: list[LayoutColumn], members: list[Member]) -> list[LayoutRow]:
        order = Order(self.names, self.words, frozenset(self.statistics))
        several = len(self.names.group) > 1
        rows: list[LayoutRow] = []
        group, block = None, ""
        for member, heading, label in order.rows(members):
            if several and block and member[0] != block:
                rows.append(self._base_row(columns, "base", block))
            if heading != group and heading:
                rows.append(LayoutRow("group", heading))
            group, block = heading, member[0]
            cells = tuple(self._cell(column, *member) for column in columns)
            rows.append(LayoutRow("body", label, cells, *member))
        rows.append(self._base_row(columns, "base", block if several else None))
        return rows

    def _further_bases(self, columns: list[LayoutColumn]) -> Iterator[LayoutRow]:
        for field in BASES:
            row = self._base_row(columns, field)
            if any(cell.status == "shown" for cell in row.cells):
                yield row

    def _base_row(
        self, columns: list[LayoutColumn], field: str, item: str | None = None
    ) -> LayoutRow:
        cells = tuple(self._base(column, field, item) for column in columns)
        return LayoutRow(field, self.words(field), cells, item or "")

    # -- cells -----------------------------------------------------------------------------------

    def _cell(self, column: LayoutColumn, item: str, category: str, statistic: str) -> LayoutCell:
        if column.statistic and (not category or statistic != "proportion"):
            return BLANK
        chosen = column.statistic or statistic
        key = f"{column.analysis}/{member_name(item, category, chosen)}@{column.by_level}"
        record = self.records.get(key)
        if record is None:
            return BLANK
        form = form_of(chosen, self.names, item)
        status = str(record["status"])
        if status != "shown":
            return LayoutCell(key, math.nan, self.words(f"mark.{status}"), status, form)
        return LayoutCell(
            key,
            float(record["estimate"]),
            "",
            status,
            form,
            self.say,
            float(record["se"]),
            float(record["ci_low"]),
            float(record["ci_high"]),
            *self.compared.beside(key, str(record["flag"])),
        )

    def _base(self, column: LayoutColumn, field: str, item: str | None) -> LayoutCell:
        """A base of a column: one number, or the range over the rows of the table."""
        if column.statistic:
            return BLANK
        rows = self.of[column.analysis, column.by_level]
        if item is not None:
            rows = [r for r in rows if r["item"] == item] or rows
        # A percentage of a row stands on those who gave the answer, not on the column.
        rows = [r for r in rows if r["statistic"] != "row_percent"] or rows
        values = [float(r.get(field, math.nan)) for r in rows]
        known = [value for value in values if not math.isnan(value)]
        if not known:
            mark = self.words("mark.suppressed")
            key = str(rows[0]["key"])
            return LayoutCell(key, math.nan, mark, "suppressed", "count")
        least, most = min(known), max(known)
        key = str(rows[values.index(least)]["key"])
        low, high = (self.say.format(bound, "count") for bound in (least, most))
        if high == low:
            return LayoutCell(key, least, "", "shown", "count", self.say)
        return LayoutCell(key, math.nan, self.words("range", low=low, high=high), "shown", "count")

    # -- notes -----------------------------------------------------------------------------------

    def _notes(self, rows: list[LayoutRow]) -> Iterator[tuple[str, str]]:
        counted = self.words(f"counted.{self.base}")
        yield "base", self.words(f"weighted.{self.weighting}", counted=counted)
        if any(row.kind == "n_effective" for row in rows):
            yield "n_effective", self.words("note.n_effective")
        if "mean_answers" in self.statistics:
            yield "multiple", self.words("note.multiple")
        for banner in self.dropped:
            yield "dropped", self.words("note.dropped", banner=self.names.banner(banner))
        cells = [cell for row in rows for cell in row.cells]
        statuses = {cell.status for cell in cells}
        if "suppressed" in statuses:
            yield "legend", self.words("legend")
        if "empty" in statuses:
            yield "legend_empty", self.words("legend_empty")
        alpha = self.say.format(self.alpha, "percent")
        family = self.words(f"family.{self.family}")
        if any(cell.above for cell in cells):
            yield "letters", self.words("note.letters", alpha=alpha, family=family)
        signs = {sign for cell in cells for sign in cell.signs}
        if signs & {"higher", "lower"}:
            yield "rest", self.words("note.rest", alpha=alpha, family=family)
        for flag in ("small-base", "imprecise"):
            if flag in signs:
                yield flag, self.words(f"note.{flag}")
        yield from self._tested()

    def _tested(self) -> Iterator[tuple[str, str]]:
        """Say the tests of the table as a whole; those of single rows stand with all tests."""
        own = self._own_tests()
        for banner in self.banners:
            # Of a test whose level would tell of those who are hidden nothing is told.
            told = [t for t in own if not math.isnan(float(t["p_adjusted"]))]
            found = [t for t in told if t["analysis"] == f"{self.id}_by_{banner}"]
            for test in found:
                what, _, kind = str(test["test"]).rpartition(".")
                if what and kind != "overall" and len(found) > 1:
                    continue
                words = {
                    "test": self.words(f"test.{kind}"),
                    "banner": self.names.banner(banner),
                    "p": self.say.format(float(test["p_adjusted"]), "p"),
                }
                if what and kind == "overall":
                    words["item"] = self.names.item(what)
                yield (
                    "tested",
                    self.words("note.tested_item" if "item" in words else "note.tested", **words),
                )
        if own and self.banners:
            family = self.words(f"tested_family.{self.family}")
            yield "adjusted", self.words("note.adjusted", family=family)

    def _own_tests(self) -> list[Record]:
        return self.results.rows("tests", self.id)

    def _tests(self, rows: list[LayoutRow]) -> Iterator[LayoutTest]:
        """Say what each test of the store is about."""
        said = {
            member_name(row.item, row.category, row.statistic): row.label
            for row in rows
            if row.kind == "body"
        }
        said |= {row.item: self.names.item(row.item) for row in rows if row.item}
        for test in self._own_tests():
            what, _, kind = str(test["test"]).rpartition(".")
            if what.rpartition(".")[2] in self.words.words["statistic"]:
                item, _, statistic = what.rpartition(".")
                label = said.get(item, "") or self.words(f"statistic.{statistic}")
            else:
                label = said.get(what, what)
            banner = str(test["analysis"]).removeprefix(f"{self.id}_by_")
            yield LayoutTest(
                str(test["key"]), self.names.banner(banner), label, self.words(f"test.{kind}")
            )


@cache
def member_name(item: str, category: str, statistic: str) -> str:
    """Return the part of a key that names a figure of a table."""
    return Figure(item, category, statistic).name
