"""The released tables as plain data for the explorer.

Nothing is computed: every figure is one of the results store, rounded as tables print it; of a
figure that is not shown only its status leaves. Left out for size, and said so in the page:
quartiles, totals, shares of rows and of answers, numbers of answers, lower places of ranked
choices, and the shares of single points where a battery has means.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.present.table_layout.annotations import Comparisons
from ngo_survey.present.table_layout.condition import filter_in_words, in_words
from ngo_survey.present.table_layout.layout import FORM_OF, member_name
from ngo_survey.present.table_layout.names import Names
from ngo_survey.present.table_layout.row_order import Order
from ngo_survey.present.table_layout.table_words import table_words
from ngo_survey.study.declared_tables import specs
from ngo_survey.tables.declared import TableSpec

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


#: A figure as the page holds it: ``[value, low, high]`` in whole percents or hundredths, limits
#: None where there are none; a share above none that prints as less than one percent ends with
#: True. In its place ``"hidden"``, ``"empty"``, or None where the table has no such cell.
Figure = list[Any] | str | None


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
    left_out: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Any]:
    """Return every table of the store as plain data, in one language.

    ``left_out`` names banners by group of respondents that the page has no room for. ``groups``
    holds one entry a group of respondents: its label and its banners, each with name, title and
    levels ``[name, label]``. ``tables`` holds the tables (:meth:`_Table.data`); the first column
    of each is that of all respondents.
    """
    groups: list[Any] = []
    made: list[Any] = []
    for place, name in enumerate(study.populations):
        book = codebooks[name]
        chosen = [spec for spec in specs(study, name, book) if results.rows("estimates", spec.id)]
        without = (left_out or {}).get(name, ())
        rows = {
            s.id: [r for r in results.rows("estimates", s.id) if r["by"] not in without]
            for s in chosen
        }
        banners = _banners(rows.values(), book, code)
        described = [
            {"name": b.name, "title": b.title, "levels": list(b.levels.items())}
            for b in banners.values()
        ]
        groups.append({"label": study.population(name).label(code), "banners": described})
        level = float(study.section("tables")["standard"]["level"])
        made += [
            _Table(
                *(s, place, rows[s.id], book, code, banners, study.words),
                Comparisons(results, s.id, level),
            ).data()
            for s in chosen
        ]
    return {"groups": groups, "tables": made}


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
class _Table:
    """One table on its way into the page."""

    spec: TableSpec
    group: int
    records: Sequence[Row]
    book: Questionnaire
    code: str
    banners: Mapping[str, Banner]
    own: Path | None
    compared: Comparisons

    def data(self) -> dict[str, Any]:
        """Return the table as plain data.

        ``question`` is the same for tables of one question. ``columns`` are ``[banner, levels]``
        as places in the lists of the group; ``bases`` are ``[least, largest]`` a column, None where
        no base is released; ``letters`` what each column is called where columns are compared;
        ``blocks`` as :meth:`blocks` yields them.
        """
        spec, names = self.spec, self._names()
        return {
            "id": spec.id,
            "group": self.group,
            "question": spec.id if spec.form == "group" else spec.question,
            "title": spec.title.get(self.code, "") or names.title(),
            "wording": names.wording(),
            "asked": in_words(names.asked(), self.book, self.code, self.own),
            "filter": filter_in_words(self.spec.filter, self.book, self.code, self.own),
            "columns": [self._places(by, levels) for by, levels in self._columns[1:]],
            "bases": self._bases(),
            "letters": [
                self.compared.letter(by, level) for by, levels in self._columns for level in levels
            ],
            "blocks": list(self.blocks()),
        }

    def blocks(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the table, those of one heading and statistic together.

        ``kind`` is ``s`` (shares), ``p`` (other percents), ``m`` (hundredths) or ``y`` (hundredths
        of years). A row holds the name that ends its key, its label, its figures (see
        :data:`Figure`), and by place of a figure the letters of the columns that it exceeds.
        """
        of = {(str(r["by"]), str(r["by_level"]), _name(r)): r for r in self.records}
        said = table_words(self.code, self.own)
        parts = groupby(self._members(), key=lambda m: (m[1], m[0][2]))
        for (heading, statistic), same in ((named, list(rows)) for named, rows in parts):
            form = FORM_OF.get(statistic, "percent")
            rows = [
                {
                    "name": member_name(*member),
                    "label": label,
                    "figures": [
                        _figure(of.get((by, level, member_name(*member))), form)
                        for by, levels in self._columns
                        for level in levels
                    ],
                    "above": self._above(member_name(*member)),
                }
                for member, _, label in same
            ]
            shown = [f for row in rows for f in row["figures"] if isinstance(f, list)]
            shares = all(0 <= value <= 100 for value, *_ in shown)
            yield {
                "heading": heading,
                "statistic": said(f"statistic.{statistic}"),
                "kind": self._kind(form, shares, [member[0] for member, *_ in same]),
                "rows": rows,
            }

    def _above(self, name: str) -> dict[str, str]:
        """Return which columns the figures of a row exceed, as tables print it, by their place."""
        columns = [(by, level) for by, levels in self._columns for level in levels]
        found = {
            str(place): self.compared.beside(f"{self.spec.id}_by_{by}/{name}@{level}", "")[0]
            for place, (by, level) in enumerate(columns)
            if by
        }
        return {place: letters for place, letters in found.items() if letters}

    def _kind(self, form: str, shares: bool, items: Sequence[str]) -> str:
        if form == "percent":
            return "s" if shares else "p"
        return "y" if all(self._names().is_year(item) for item in items) else "m"

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
        """Return the banners of which something is released, each with its levels."""
        levels: dict[str, dict[str, None]] = {}
        released = set()
        for row in self.records:
            if row["by"]:
                levels.setdefault(str(row["by"]), {})[str(row["by_level"])] = None
                if row["status"] == "shown" and row["statistic"] in SHOWN:
                    released.add(str(row["by"]))
        return [
            ("", ["total"]),
            *((by, list(found)) for by, found in levels.items() if by in released),
        ]

    def _places(self, by: str, levels: Sequence[str]) -> list[Any]:
        known = list(self.banners[by].levels)
        return [list(self.banners).index(by), [known.index(name) for name in levels]]

    def _bases(self) -> list[list[int] | None]:
        """Return the least and the largest base of each column."""
        found: dict[tuple[str, str], list[int]] = {}
        for row in self.records:
            base = float(row["base"])
            if not math.isnan(base) and row["statistic"] in SHOWN:
                found.setdefault((str(row["by"]), str(row["by_level"])), []).append(int(base))
        columns = [(by, level) for by, levels in self._columns for level in levels]
        return [[min(found[c]), max(found[c])] if c in found else None for c in columns]


def _name(row: Row) -> str:
    return member_name(str(row["item"]), str(row["category"]), str(row["statistic"]))


def _figure(row: Row | None, form: str) -> Figure:
    """Return a figure of the store as whole numbers; of what is not shown its status alone."""
    if row is None:
        return None
    if row["status"] != "shown":
        return "empty" if row["status"] == "empty" else "hidden"
    value, low, high = (float(row[c]) for c in ("estimate", "ci_low", "ci_high"))
    whole = _whole(value, form)
    ends: list[Any] = [None, None]
    if not (math.isnan(low) or math.isnan(high)):
        ends = [min(_whole(low, form), whole), max(_whole(high, form), whole)]
    below = [True] if form == "percent" and 0 < value * 100 < 0.5 else []
    return [whole, *ends, *below]


def _whole(number: float, form: str) -> int:
    """Return a number as a table prints it, in percents or in hundredths."""
    return (
        int(f"{number * 100:.0f}") if form == "percent" else int(f"{number:.2f}".replace(".", ""))
    )
