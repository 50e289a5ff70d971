"""The released tables as data for the explorer, small enough to stand in the page.

Nothing is computed: every figure is one of the results store, rounded as tables print it. Left out
for want of room, and said so in the page: quartiles, totals, shares of rows and of answers, numbers
of answers, lower places of ranked choices, and the shares of single points where a battery has
means.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.present.html.explorer.numbers import Figure, Pairs, count, write
from ngo_survey.present.words.catalogue import FILTERS, own_words
from ngo_survey.present.xlsx.builder import FORM_OF, member_name
from ngo_survey.present.xlsx.condition import in_words
from ngo_survey.present.xlsx.names import Names
from ngo_survey.present.xlsx.row_order import Order
from ngo_survey.present.xlsx.table_words import table_words
from ngo_survey.tables.declared import TableSpec
from ngo_survey.tables.spec import specs

if TYPE_CHECKING:
    from ngo_survey.codebook import Questionnaire
    from ngo_survey.results.store import Results
    from ngo_survey.study import Study

#: Statistics that the explorer shows.
SHOWN = frozenset(
    {
        *("proportion", "mean", "top_two", "net", "first", "top_three", "mean_share", "any"),
    }
)
Row = Mapping[str, Any]


@dataclass
class Words:
    """Texts, each once; a place in the list stands for a text.

    ``known`` are the texts that the page holds already; those of the explorer go on from there.
    """

    known: Mapping[str, int]
    own: dict[str, int] = field(default_factory=dict)

    def __call__(self, text: str) -> int:
        """Return the place of a text."""
        if text in self.known:
            return self.known[text]
        return self.own.setdefault(text, len(self.known) + len(self.own))


@dataclass
class Entries:
    """Names of choices and items with their words, each pair once."""

    words: Words
    places: dict[tuple[str, int], int] = field(default_factory=dict)

    def __call__(self, name: str, label: str) -> int:
        """Return the place of a name with its words."""
        return self.places.setdefault((name, self.words(label)), len(self.places))


@dataclass(frozen=True)
class Banner:
    """A banner of a group of respondents: its levels in order, each with its labels."""

    name: str
    title: str
    levels: Mapping[str, str]


def tables(
    study: Study,
    results: Results,
    codebooks: Mapping[str, Questionnaire],
    code: str,
    known: Sequence[str] = (),
    left_out: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Any]:
    """Return every table of the store as plain data.

    ``left_out`` names banners by group of respondents that the page has no room for. ``known`` are
    texts that the page holds already; ``words`` are the others, and a place counts
    through both. ``names`` and ``labels`` are names of choices and items and the places of their
    words. ``groups`` holds one entry a group of respondents: its words and its banners ``[name,
    title, levels]``, levels as places of names.
    ``tables`` holds one entry a table: ``[id, group, question, title, wording, asked, filter,
    columns, bases, blocks, figures]``; ``question`` is the same for tables of one question,
    ``columns`` are places of banners or ``[banner, [place of a level...]]``, ``blocks`` are
    ``[heading, statistic, ending of the key, kind, rows]``, rows as places of names. Lists of
    numbers, ``bases``, ``pairs`` and ``figures`` are texts of ``numbers``, rows of figures parted
    by ``!``; the column of all comes first.
    """
    words, own = Words({text: place for place, text in enumerate(known)}), study.words
    entries = Entries(words)
    groups: list[Any] = []
    made: list[_Table] = []
    for place, name in enumerate(study.populations):
        book = codebooks[name]
        chosen = [spec for spec in specs(study, name, book) if results.rows("estimates", spec.id)]
        without = (left_out or {}).get(name, ())
        rows = {
            s.id: [r for r in results.rows("estimates", s.id) if r["by"] not in without]
            for s in chosen
        }
        banners = _banners(rows.values(), book, code)
        data = [
            [b.name, words(b.title), "".join(count(entries(*e)) for e in b.levels.items())]
            for b in banners.values()
        ]
        groups.append([words(study.population(name).label(code)), data])
        made += [
            _Table(s, place, rows[s.id], book, code, banners, words, entries, own) for s in chosen
        ]
    blocks = [list(table.blocks()) for table in made]
    shares = (f for table in blocks for b in table if b.kind == "s" for row in b.rows for f in row)
    pairs = Pairs.of(shares)
    data = [table.data(part, pairs) for table, part in zip(made, blocks, strict=True)]
    return {
        "groups": groups,
        "tables": data,
        "pairs": pairs.text(),
        "long": pairs.long,
        "names": " ".join(name for name, _ in entries.places),
        "labels": "".join(count(place) for _, place in entries.places),
        "from": len(known),
        "words": list(words.own),
    }


def _banners(tables: Any, book: Questionnaire, code: str) -> dict[str, Banner]:
    """Return the banners of some tables, each with every level that a table has of it."""
    found: dict[str, dict[str, None]] = {}
    for rows in tables:
        for row in rows:
            if row["by"]:
                found.setdefault(str(row["by"]), {})[str(row["by_level"])] = None
    made = {}
    for by, levels in found.items():
        names = Names(book, code, by.split(".")[0])
        labels = {level: " · ".join(names.levels(by, level)) for level in levels}
        made[by] = Banner(by, names.banner(by), labels)
    return made


@dataclass(frozen=True)
class Block:
    """Rows of a table under one heading: one statistic, printed in one way.

    ``kind`` is ``s`` (shares), ``p`` (other percents) or ``m`` (hundredths); ``ending`` is what the
    key of a row has after the name.
    """

    heading: str
    statistic: str
    ending: str
    kind: str
    labels: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Figure, ...], ...]


@dataclass(frozen=True)
class _Table:
    """One table on its way into the page."""

    spec: TableSpec
    group: int
    records: Sequence[Row]
    book: Questionnaire
    code: str
    banners: Mapping[str, Banner]
    words: Words
    entries: Entries
    own: Path | None

    def data(self, blocks: Sequence[Block], pairs: Pairs) -> list[Any]:
        """Return the entry of the table."""
        spec, words, names = self.spec, self.words, self._names()
        title = spec.title.get(self.code, "") or names.title()
        figures = [
            pairs.write(row) if block.kind == "s" else write(row)
            for block in blocks
            for row in block.rows
        ]
        return [
            *(spec.id, self.group, spec.id if spec.form == "group" else spec.question),
            *(words(text) for text in (title, names.wording(), self._asked(names), self._filter())),
            [self._told(by, levels) for by, levels in self._columns[1:]],
            "".join(self._bases(self._columns)),
            [
                [
                    *(words(b.heading), words(b.statistic), b.ending, b.kind),
                    "".join(count(self.entries(*label)) for label in b.labels),
                ]
                for b in blocks
            ],
            "!".join(figures),
        ]

    def blocks(self) -> Iterator[Block]:
        """Yield the rows of the table, those of one heading and statistic together."""
        columns = self._columns
        of = {(str(r["by"]), str(r["by_level"]), _name(r)): r for r in self.records}
        said = table_words(self.code, self.own)
        for (heading, statistic), same in groupby(self._members(), key=lambda m: (m[1], m[0][2])):
            labels, rows = [], []
            form = FORM_OF.get(statistic, "percent")
            for member, _, label in same:
                name = member_name(*member)
                rows.append(
                    tuple(
                        _figure(of.get((by, level, name)), form)
                        for by, levels in columns
                        for level in levels
                    )
                )
                labels.append((name, label))
            ending = f".{statistic}"
            if not all(name.endswith(ending) for name, _ in labels):
                ending = ""
            shares = all(f.is_share for row in rows for f in row if f.status == "shown")
            yield Block(
                heading=heading,
                statistic=said(f"statistic.{statistic}"),
                ending=ending,
                kind="m" if form != "percent" else "s" if shares else "p",
                labels=tuple((name.removesuffix(ending), label) for name, label in labels),
                rows=tuple(rows),
            )

    @property
    def _total(self) -> list[Row]:
        return [row for row in self.records if row["by"] == ""]

    def _names(self) -> Names:
        items = list(dict.fromkeys(str(row["item"]) for row in self._total))
        question = None if self.spec.form == "group" else self.spec.question
        return Names.of(self.book, self.code, self.spec.id, question, items, self.own)

    def _members(self) -> Iterator[tuple[Any, str, str]]:
        total = self._total
        statistics = frozenset(str(row["statistic"]) for row in total)
        order = Order(self._names(), table_words(self.code, self.own), statistics)
        members = list(
            dict.fromkeys((str(r["item"]), str(r["category"]), str(r["statistic"])) for r in total)
        )
        # Of a battery of ratings the means and the two highest points; all points would be half of
        # all figures.
        rated = any(item and statistic == "mean" for item, _, statistic in members)
        kept = [
            m
            for m in members
            if m[2] in SHOWN and not (rated and m[0] and m[2] in ("proportion", "net"))
        ]
        return order.rows(kept)

    @cached_property
    def _columns(self) -> list[tuple[str, list[str]]]:
        """Return the banners of which something is told, each with its levels."""
        levels: dict[str, dict[str, None]] = {}
        told = set()
        for row in self.records:
            if row["by"]:
                levels.setdefault(str(row["by"]), {})[str(row["by_level"])] = None
                if row["status"] == "shown" and row["statistic"] in SHOWN:
                    told.add(str(row["by"]))
        return [("", ["total"]), *((by, list(found)) for by, found in levels.items() if by in told)]

    def _told(self, by: str, levels: Sequence[str]) -> Any:
        place, known = list(self.banners).index(by), list(self.banners[by].levels)
        return place if list(levels) == known else [place, [known.index(name) for name in levels]]

    def _bases(self, columns: Sequence[tuple[str, list[str]]]) -> Iterator[str]:
        """Say the least base of each column twice over; one more says that a larger one follows.

        Nought stands for a base that may not be told.
        """
        found: dict[tuple[str, str], list[int]] = {}
        for row in self.records:
            base = float(row["base"])
            if not math.isnan(base) and row["statistic"] in SHOWN:
                found.setdefault((str(row["by"]), str(row["by_level"])), []).append(int(base))
        for by, levels in columns:
            for level in levels:
                bases = found.get((by, level), [0])
                more = max(bases) - min(bases)
                yield count(2 * min(bases) + bool(more)) + (count(more) if more else "")

    def _asked(self, names: Names) -> str:
        return in_words(names.asked(), self.book, self.code, self.own)

    def _filter(self) -> str:
        from ngo_survey.codebook.filters import parse

        if not self.spec.filter:
            return ""
        return parse(self.spec.filter, self.book).describe(
            self.code, own_words(self.code, self.own).get(FILTERS)
        )


def _name(row: Row) -> str:
    return member_name(str(row["item"]), str(row["category"]), str(row["statistic"]))


def _figure(row: Row | None, form: str) -> Figure:
    """Return a figure of the store as whole numbers; of what is not shown its status alone."""
    if row is None:
        return Figure("")
    if row["status"] != "shown":
        return Figure("empty" if row["status"] == "empty" else "hidden")
    value, low, high = (float(row[c]) for c in ("estimate", "ci_low", "ci_high"))
    below = form == "percent" and 0 < value * 100 < 0.5
    whole = _whole(value, form)
    if math.isnan(low) or math.isnan(high):
        return Figure("shown", whole, below=below)
    ends = min(_whole(low, form), whole), max(_whole(high, form), whole)
    return Figure("shown", whole, *ends, below)


def _whole(number: float, form: str) -> int:
    """Return a number as a table prints it, in percents or in hundredths."""
    return (
        int(f"{number * 100:.0f}") if form == "percent" else int(f"{number:.2f}".replace(".", ""))
    )
