"""One table as a reader sees it: titles, spanners, rows and cells, each cell with its key.

:func:`layout` turns estimates of the results store into a :class:`TableLayout`; the workbook and
the HTML report render the same layout. Nothing is computed here: a cell holds the number that its
key names, or the mark of a number that may not be shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ResultError, nearest
from ngo_survey.report.language import Language, language
from ngo_survey.report.table_words import TableWords, table_words
from ngo_survey.store import Results
from ngo_survey.tables.panel import Member as Figure

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.questionnaire import Questionnaire

#: Item, category and statistic of a figure.
Member = tuple[str, str, str]
#: How the figures of each statistic are printed (see ``report.language``).
FORM_OF: dict[str, str] = {
    "mean": "mean",
    "median": "plain",
    "p25": "plain",
    "p75": "plain",
    "total": "count",
    "mean_answers": "mean",
}


@dataclass(frozen=True)
class LayoutColumn:
    """One column of figures.

    ``spanner`` is the banner's label (the word for all respondents over the total); adjacent
    columns with the same spanner stand under one heading. ``by`` and ``by_level`` are "" and
    ``total`` for the total column. ``category`` and ``statistic`` are set only for the extra
    columns of the total (points of a rating scale, share of answers); elsewhere the row says which
    figure is meant.
    """

    analysis: str
    by: str
    by_level: str
    spanner: str
    label: str
    category: str = ""
    statistic: str = ""


@dataclass(frozen=True)
class LayoutCell:
    """One figure: its ``key`` in the store ("" where there is none), the number, the text.

    ``value`` is NaN and ``text`` the mark of ``status`` when the figure may not be shown. ``form``
    is the form of the number (a key of ``report.language.FORMS``).
    """

    key: str
    value: float
    text: str
    status: str
    form: str


BLANK = LayoutCell("", math.nan, "", "", "")


@dataclass(frozen=True)
class LayoutRow:
    """One row: ``kind`` is ``group`` (a heading, no cells), ``body`` or ``base`` (unweighted n)."""

    kind: str
    label: str
    cells: tuple[LayoutCell, ...] = ()
    item: str = ""
    category: str = ""
    statistic: str = ""


@dataclass(frozen=True)
class TableLayout:
    """A whole table in one language.

    ``title`` is short (question or battery with the population); ``question`` the wording as asked;
    ``rows`` end with the base rows; ``notes`` say what the base is, what is not shown and why, and
    which tests were made.
    """

    id: str
    population: str
    title: str
    question: str
    columns: tuple[LayoutColumn, ...]
    rows: tuple[LayoutRow, ...]
    notes: tuple[str, ...]

    @property
    def spanners(self) -> tuple[tuple[str, int], ...]:
        """Headings over the columns: each with the number of columns it spans."""
        found: list[tuple[str, int]] = []
        for column in self.columns:
            if found and found[-1][0] == column.spanner:
                found[-1] = (column.spanner, found[-1][1] + 1)
            else:
                found.append((column.spanner, 1))
        return tuple(found)


def layout(
    results: Results,
    table_id: str,
    codebook: Questionnaire,
    language_code: str,
    banners: Sequence[str] | None = None,
    question: str | None = None,
) -> TableLayout:
    """Lay out one table of the results store.

    Parameters
    ----------
    codebook: the questionnaire of the table's population, derived variables included.
    language_code: language of labels and numbers.
    banners: which banners, in order; None means all that the store holds; () only the total.
    question: name of the question or battery, where the id of the table does not say it.

    Raises
    ------
    ResultError: no such table, or no such banner in it.
    """
    frame = results.family("estimates")
    rows = frame[frame["file"] == f"estimates/{table_id}.csv"]
    if rows.empty:
        known = {str(f).removeprefix("estimates/").removesuffix(".csv") for f in frame["file"]}
        raise ResultError("no such table", value=table_id, mend=nearest(table_id, known))
    return _Builder(results, table_id, rows, codebook, language_code, banners, question).build()


class _Builder:
    """Everything that laying out one table needs to know."""

    def __init__(
        self,
        results: Results,
        table_id: str,
        rows: pd.DataFrame,
        codebook: Questionnaire,
        code: str,
        banners: Sequence[str] | None,
        question: str | None,
    ) -> None:
        self.results, self.id, self.codebook = results, table_id, codebook
        self.say: Language = language(code)
        self.words: TableWords = table_words(code)
        self.code = code
        self.records: dict[str, dict[str, Any]] = {
            str(r["key"]): {str(k): v for k, v in r.items()} for r in rows.to_dict("records")
        }
        self.total = [r for r in self.records.values() if r["by"] == ""]
        self.population = str(self.total[0]["population"])
        self.statistics = {str(r["statistic"]) for r in self.total}
        held = list(dict.fromkeys(str(r["by"]) for r in self.records.values() if r["by"]))
        for name in banners or ():
            if name not in held:
                raise ResultError(
                    f"the table {table_id} has no such banner", value=name, mend=nearest(name, held)
                )
        chosen = held if banners is None else list(banners)
        told = {
            str(r["by"])
            for r in self.records.values()
            if r["status"] == "shown" and not (r["statistic"] == "proportion" and r["n"] == 0)
        }
        self.banners = [b for b in chosen if b in told]
        self.dropped = [b for b in chosen if b not in told]
        self.question = question or self._question()

    def _question(self) -> str:
        """Return the question or battery whose name the id of the table ends in."""
        known = {*self.codebook.questions, *self.codebook.batteries}
        fits = [name for name in known if self.id == name or self.id.endswith(f"_{name}")]
        if not fits:
            raise ResultError(
                "the table does not say its question", value=self.id, mend=nearest(self.id, known)
            )
        return max(fits, key=len)

    def build(self) -> TableLayout:
        """Put the parts together."""
        columns = self._columns()
        book, name, battery = self.codebook, self.question, self.question in self.codebook.batteries
        wording = book.battery_labels[name][self.code] if battery else book.label(name, self.code)
        rows = self._rows(columns)
        return TableLayout(
            id=self.id,
            population=self.population,
            title=self._title(name),
            question=wording,
            columns=tuple(columns),
            rows=tuple(rows),
            notes=tuple(self._notes(rows)),
        )

    # -- words -----------------------------------------------------------------------------------

    def _title(self, name: str) -> str:
        book = self.codebook
        if name in book.batteries:
            return book.battery_title(name, self.code)
        return book.title(name, self.code)

    def _item(self, item: str) -> str:
        return self.codebook.title(f"{self.question}_{item}", self.code)

    def _category(self, category: str, item: str = "") -> str:
        name = self.question
        if name in self.codebook.batteries:
            name = self.codebook.battery(name)[0].name
        return self.codebook.choice_label(name, category, self.code)

    # -- columns ---------------------------------------------------------------------------------

    def _columns(self) -> list[LayoutColumn]:
        heading = self.words("total")
        columns = [LayoutColumn(self.id, "", "total", heading, self.words("all"))]
        if "share_of_answers" in self.statistics:
            label = self.words("share_of_answers")
            columns.append(
                LayoutColumn(self.id, "", "total", heading, label, statistic="share_of_answers")
            )
        for banner in self.banners:
            levels = dict.fromkeys(
                str(r["by_level"]) for r in self.records.values() if r["by"] == banner
            )
            columns += [
                LayoutColumn(
                    f"{self.id}_by_{banner}",
                    banner,
                    level,
                    self._title(banner),
                    self.codebook.choice_label(banner, level, self.code),
                )
                for level in levels
            ]
        return columns

    # -- rows ------------------------------------------------------------------------------------

    def _rows(self, columns: list[LayoutColumn]) -> list[LayoutRow]:
        members = list(
            dict.fromkeys(
                (str(r["item"]), str(r["category"]), str(r["statistic"])) for r in self.total
            )
        )
        members = [m for m in members if m[2] != "share_of_answers"]
        rows: list[LayoutRow] = []
        group = None
        for member, heading, label in self._ordered(members):
            if heading != group and heading:
                rows.append(LayoutRow("group", heading))
            group = heading
            cells = tuple(self._cell(column, *member) for column in columns)
            rows.append(LayoutRow("body", label, cells, *member))
        base = tuple(self._base(column) for column in columns)
        rows.append(LayoutRow("base", self.words("base"), base))
        return rows

    def _ordered(self, members: list[Member]) -> Iterator[tuple[Member, str, str]]:
        """Yield each member with the heading it stands under and its own label."""
        batteries = any(item for item, _, _ in members)
        points = "top_two" in self.statistics
        if not batteries and not points and "first" not in self.statistics:
            for member in members:
                yield member, "", self._category(member[1]) if member[1] else self._figure(member)
        elif self.statistics <= {"proportion"}:
            for member in members:
                yield member, self._item(member[0]), self._category(member[1])
        elif not batteries and points:
            for member in members:
                yield member, "", self._category(member[1]) if member[1] else self._figure(member)
        else:
            kinds = list(dict.fromkeys((m[2], m[1] if points else "") for m in members))
            for kind, category in sorted(kinds, key=lambda k: (k[0] == "proportion", k[1])):
                for member in members:
                    if (member[2], member[1] if points else "") == (kind, category):
                        heading = self._category(category) if category else self._figure(member)
                        own = self._item(member[0]) if member[0] else self._category(member[1])
                        yield member, heading, own

    def _figure(self, member: Member) -> str:
        return self.words(f"statistic.{member[2]}")

    # -- cells -----------------------------------------------------------------------------------

    def _cell(self, column: LayoutColumn, item: str, category: str, statistic: str) -> LayoutCell:
        if column.statistic and (not category or statistic != "proportion"):
            return BLANK
        chosen = column.statistic or statistic
        key = f"{column.analysis}/{member_name(item, category, chosen)}@{column.by_level}"
        record = self.records.get(key)
        if record is None:
            return BLANK
        form = FORM_OF.get(chosen, "percent")
        status = str(record["status"])
        if status != "shown":
            return LayoutCell(key, math.nan, self.words(f"mark.{status}"), status, form)
        value = float(record["estimate"])
        return LayoutCell(key, value, self.say.format(value, form), status, form)

    def _base(self, column: LayoutColumn) -> LayoutCell:
        """The unweighted base of a column: one number, or the range over the items of a battery."""
        if column.statistic:
            return BLANK
        rows = [
            r
            for r in self.records.values()
            if r["analysis"] == column.analysis and r["by_level"] == column.by_level
        ]
        known = [r for r in rows if not math.isnan(float(r["base"]))]
        key = str(rows[0]["key"])
        if not known:
            mark = self.words("mark.suppressed-primary")
            return LayoutCell(key, math.nan, mark, "suppressed-primary", "count")
        low = min(known, key=lambda r: float(r["base"]))
        least, most = float(low["base"]), max(float(r["base"]) for r in known)
        text = self.say.format(least, "count")
        if most > least:
            high = self.say.format(most, "count")
            text = self.words("range", low=text, high=high)
        return LayoutCell(
            str(low["key"]), least if least == most else math.nan, text, "shown", "count"
        )

    # -- notes -----------------------------------------------------------------------------------

    def _notes(self, rows: list[LayoutRow]) -> Iterator[str]:
        yield self.words("note.base")
        if "mean_answers" in self.statistics:
            yield self.words("note.multiple")
        for banner in self.dropped:
            yield self.words("note.dropped", banner=self._title(banner))
        statuses = {cell.status for row in rows for cell in row.cells}
        if statuses & {"suppressed-primary", "suppressed-secondary"}:
            yield self.words("legend")
        if "empty" in statuses:
            yield self.words("legend_empty")
        tests = self.results.family("tests")
        own = tests[tests["file"] == f"tests/{self.id}.csv"]
        for banner in self.banners:
            found = own[own["analysis"] == f"{self.id}_by_{banner}"]
            if len(found) == 1:
                p = self.say.format(float(found["p_adjusted"].iloc[0]), "p")
                test = self.words(f"test.{found['test'].iloc[0].split('.')[-1]}")
                yield self.words("note.tested", test=test, banner=self._title(banner), p=p)
        if len(own) and self.banners:
            yield self.words("note.holm", size=len(own))


def member_name(item: str, category: str, statistic: str) -> str:
    """Return the part of a key that names a figure of a table."""
    return Figure(item, category, statistic).name
