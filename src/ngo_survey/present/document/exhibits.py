"""Tables and figures of a chapter, made from rows of the results store.

``listing`` prints any rows as a table: laws, official figures, the response flow, coefficients.
``figure`` places a drawing of the ``figures`` room with its caption.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ngo_survey.errors import SurveyError, nearest
from ngo_survey.present.document.chapter_functions import ChapterFunctions
from ngo_survey.present.document.document import (
    Cell,
    Figure,
    Inline,
    Link,
    Row,
    Slot,
    Table,
    Text,
    plain,
)
from ngo_survey.present.document.template_functions import ResultRow
from ngo_survey.present.table_layout.condition import filter_in_words
from ngo_survey.present.table_layout.layout import layout
from ngo_survey.present.table_layout.parts import LayoutRow, TableLayout
from ngo_survey.present.table_layout.table_words import table_words
from ngo_survey.results.rows import NUMBERS
from ngo_survey.statistics.trends.rule import ProjectionRule

#: Columns of a listing that are words of the entry.
WORDS = ("@label", "@item", "@group", "@question")
#: A column of a listing: its heading, the field of the row and, for numbers, the form. The fields
#: of :data:`WORDS` and ``@limits`` are made of several.
Column = Sequence[str]


@dataclass(frozen=True)
class Listings(ChapterFunctions):
    """Tables made of rows of the store as they are."""

    def listing(
        self,
        name: str,
        entries: Sequence[ResultRow],
        columns: Sequence[Column],
        caption: str,
        stub: Column,
        notes: Sequence[str] = (),
        folded: bool = False,
    ) -> str:
        """Print rows of the store as a table: ``stub`` labels each row, then its columns."""
        rows = [
            Row(self._cell(entry, stub).content, tuple(self._cell(entry, c) for c in columns))
            for entry in entries
        ]
        heads = [column[0] for column in columns]
        return self.build_table(name, caption, heads, rows, stub[0], notes=notes, folded=folded)

    def series_tables(self, columns: Sequence[str], stub: str) -> str:
        """Print every official series, one table each: year by year, then its projection.

        ``columns`` heads the kind, the value, its limits, how it was printed, how certain it is,
        the source and the note; a series that is not projected has no limits, and says why. The
        first model of the configuration is printed, as it is drawn.
        """
        first = ProjectionRule.of(self.template.study.section("trends")).models[0]
        fields = ("kind", "value", "low95", "high95", "qualifier", "certainty", "source", "note")
        declared = self.template.study.section("trends")["series"]
        made = []
        for name in dict.fromkeys(row["series"] for row in self.template.results.every("series")):
            entries = [
                *self.template.entries("series", series=name, kind="observed"),
                *self.template.entries("series", series=name, kind="projected", model=first),
            ]
            refused = self.template.entries("series", series=name, kind="not_projected")
            notes = [self._not_projected(entry) for entry in refused]
            projected = any(entry["kind"] == "projected" for entry in entries)
            specs = [
                (head, field, "count") if field in NUMBERS else (head, field)
                for head, field in zip(columns, fields, strict=True)
                if projected or field not in {"kind", "low95", "high95"}
            ]
            concept = declared[name]["concept"][self.template.language.code]
            caption = self.template.words(concept, "config", f"trends.series.{name}.concept")
            made.append(
                self.listing(f"series-{name}", entries, specs, caption, (stub, "year"), notes)
            )
        return "".join(made)

    def _not_projected(self, entry: ResultRow) -> str:
        """Return the sentence that a series is not continued, and why."""
        template, needed = (
            self.template,
            ProjectionRule.of(self.template.study.section("trends")).minimum_points,
        )
        if float(entry["points"]) >= needed:
            return template.language.word("series.not_fitted")
        return template.language.word(
            "series.not_projected",
            points=entry.n("count", "points"),
            needed=template.words(
                template.language.format(needed, "count"), "config", "trends.minimum_points"
            ),
        )

    def _cell(self, entry: ResultRow, column: Column) -> Cell:
        field = column[1]
        form = column[2] if len(column) > 2 else None
        row = entry.row
        if field == "source":
            return Cell(_sources(str(row["source"]), entry.key))
        if field.startswith("@"):
            if field == "@limits":
                return self.limits(row, form)
            if field not in WORDS:
                raise SurveyError("a listing has no such column", value=field)
            return Cell(self.inlines(getattr(entry, field[1:])))
        printed = entry.n(form, field) if _is_number(column) else entry.text(field)
        return Cell(self.inlines(printed), number=_is_number(column))


@dataclass(frozen=True)
class CrossTables(ChapterFunctions):
    """Tables of questions by banners, as ``layout`` lays them out."""

    def table(
        self,
        name: str,
        banners: Sequence[str] = (),
        caption: str | None = None,
        notes: Sequence[str] = (),
        folded: bool = False,
        anchor: str | None = None,
        statistics: Sequence[str] = (),
    ) -> str:
        """Print one table of the results store; without ``banners`` only its total.

        The workbook holds every table with every banner and figure; a chapter prints the columns
        and ``statistics`` it speaks of.
        """
        template = self.template
        population = str(template.results.analysed(name)[0]["population"])
        codebook = template.labels.codebook(population)
        code = template.language.code
        question = template.labels.own_questions.get(name)
        own = template.language.own
        laid = layout(template.results, name, codebook, code, banners, question, own=own)
        place, number = self.numbering.next("table", anchor or name)
        words = (Slot(laid.title, "label"),)
        table = Table(
            anchor=place,
            number=number,
            caption=words if caption is None else self.inlines(caption),
            stub="",
            header=_heads(laid),
            rows=tuple(_row(row) for row in _chosen(laid.rows, statistics)),
            notes=(
                *(self.inlines(note) for note in notes),
                *(
                    (Slot(note, "rule"),)
                    for note in [*self._whom(name, population), *_own_notes(laid)]
                ),
            ),
            folded=folded,
        )
        return self.place(table)

    def _whom(self, name: str, population: str) -> Iterator[str]:
        """Yield what sets apart a table of some respondents only, or of another base."""
        labels, language = self.template.labels, self.template.language
        words, of = table_words(language.code, language.own), labels.chosen_of(name)
        book = labels.codebook(population)
        if of.filter:
            said = filter_in_words(of.filter, book, language.code, language.own)
            yield words("note.only", filter=said)
        if of.base == "all":
            yield words("note.all")


def _heads(laid: TableLayout) -> tuple[tuple[Cell, ...], ...]:
    """Return the header: spanners above, labels below; one row when there is only the total."""
    *over, labels = laid.head_rows
    if len(laid.spanners) == 1:
        over = []
    return (
        *(tuple(Cell((Slot(words, "label"),), span=span) for words, span in row) for row in over),
        tuple(Cell((Slot(words, "label"),), number=True) for words, _ in labels),
    )


def _own_notes(laid: TableLayout) -> list[str]:
    """Return the notes that this table alone needs.

    What holds for every table stands once, in the summary and the methods; letters and flags are
    marks of the workbook.
    """
    kinds = {"multiple", "dropped", "legend", "legend_empty", "tested"}
    return [note.text for note in laid.notes if note.kind in kinds]


def _chosen(rows: Sequence[LayoutRow], statistics: Sequence[str]) -> list[LayoutRow]:
    """Return the rows of some statistics, with the headings that still have rows, and the bases."""
    if not statistics:
        return list(rows)
    kept = [row for row in rows if row.kind != "body" or row.statistic in statistics]
    after = [*kept[1:], None]
    return [
        row
        for row, following in zip(kept, after, strict=True)
        if row.kind != "group" or (following is not None and following.kind == "body")
    ]


def _row(row: LayoutRow) -> Row:
    cells = tuple(Cell((Slot(c.text, "result", c.key),), number=True) for c in row.cells)
    return Row((Slot(row.label, "label"),), cells, row.kind)


def _is_number(column: Column) -> bool:
    return column[1] == "@limits" or len(column) > 2


def _sources(text: str, key: str) -> tuple[Inline, ...]:
    """Return the addresses in a source as links named after their host, other words as they are."""
    made: list[Inline] = []
    for part in (p.strip() for p in text.split(" ; ")):
        address, _, rest = part.partition(" ")
        if made:
            made.append(Text("; "))
        if address.startswith(("https://", "http://")):
            host = address.split("/")[2].removeprefix("www.")
            made.append(Link(address, (Slot(host, "fact", key, "source"),)))
            if rest:
                made.append(Slot(f" {_short(rest)}", "fact", key, "source"))
        elif part:
            made.append(Slot(part, "fact", key, "source"))
    return tuple(made)


@dataclass(frozen=True)
class Drawings(ChapterFunctions):
    """Figures of the ``figures`` room."""

    def figure(self, name: str, caption: str, reads: str, notes: Sequence[str] = ()) -> str:
        """Place a figure; ``reads`` tells who cannot see it what it shows and how."""
        declared = self.template.study.section("figures")
        if name not in declared:
            raise SurveyError("no such figure", value=name, hint=nearest(name, declared))
        anchor, number = self.numbering.next("figure", name)
        placed = Figure(
            anchor=anchor,
            number=number,
            name=name,
            caption=self.inlines(caption),
            alternative=plain(self.inlines(reads)),
            notes=tuple(self.inlines(note) for note in notes),
        )
        return self.place(placed)


def _short(words: str) -> str:
    """Return words with the middle of a long path left out; the definition holds them whole."""
    return re.sub(r"(\S{8})\S{24,}?(/[^/\s]+)(?=\s|$)", r"\1…\2", words)
