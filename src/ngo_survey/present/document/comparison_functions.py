"""Tables and sentences of the two sides and of orders: what `compare` has tested, said in words.

No difference is claimed without its design-based test, no place in an order without the places that
the data leave beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ngo_survey.errors import ResultError, nearest
from ngo_survey.present.document.chapter_functions import ChapterFunctions, labelled
from ngo_survey.present.document.definition import SHARES
from ngo_survey.present.document.document import Cell, Slot
from ngo_survey.present.document.template_functions import ResultRow


@dataclass(frozen=True)
class ComparisonFunctions(ChapterFunctions):
    """Functions of a chapter that tell of the two sides and of orders."""

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that chapters may call."""
        return {
            "sides": self.sides,
            "gaps": self.gaps,
            "ranked": self.ranked,
            "two_orders": self.two_orders,
            "foremost": self.foremost,
            "hindmost": self.hindmost,
            "agreement": self.agreement,
        }

    # -- the two sides ---------------------------------------------------------------------------

    def gaps(self, analysis: str) -> list[ResultRow]:
        """Return the items of a question that both sides were asked, the first side's most first.

        Items that may not be shown come last.
        """
        entries = self._entries("sides", analysis)
        return sorted(entries, key=lambda e: -e["first"] if self._shown(e) else math.inf)

    def sides(self, analysis: str, caption: str, columns: Sequence[str], stub: str = "") -> str:
        """Print a question that both sides were asked, item by item.

        ``columns`` heads the figure of each side, the difference, its limits, the p of its test
        (adjusted for the table), the words of the comparison, and the rank on each side with the
        ranks that the data leave.
        """
        rows = []
        for entry in self.gaps(analysis):
            shown = self._shown(entry)
            numbers = [
                self._number(entry, "first"),
                self._number(entry, "second"),
                self._number(entry, "difference"),
                self.limits(entry.row),
                self._number(entry, "p_adjusted", "p") if shown else Cell(()),
            ]
            words = self.template.language.word(f"compare_short.{self._relation(entry)}")
            said = Cell((Slot(words, "rule"),) if shown else ())
            ranks = [self._place(key) for key in self._orders(entry)]
            rows.append(labelled(self._label(entry), [*numbers, said, *ranks]))
        return self.build_table(f"sides-{analysis}", caption, columns, rows, stub)

    def agreement(self, analysis: str) -> str:
        """Print the rank correlation of the two sides with its limits, and what it says."""
        key = f"test/sides_{analysis}/rank_correlation"
        word = self.template.language.word
        if not self.template.has(key):
            return self.template.words(word("agreement.none"), "rule")
        row = self.template.results.row(key)
        low, high = float(row["effect_low"]), float(row["effect_high"])
        says = "alike" if low > 0 else "opposed" if high < 0 else "open"
        ends = {"low": low, "high": high}
        printed = {name: self.template.language.format(v, "decimal2") for name, v in ends.items()}
        limits = self.template.words(word("number.limits", **printed), "result", key, "effect_low")
        number = self.template.n(key, "decimal2", field="effect")
        return f"{number} {limits}: {self.template.words(word(f'agreement.{says}'), 'rule')}"

    # -- orders ----------------------------------------------------------------------------------

    def ranked(self, analysis: str, caption: str, columns: Sequence[str], stub: str = "") -> str:
        """Print an order: figure, its limits, the rank, the ranks that the data leave, the base.

        What may not be shown is in no order and comes last.
        """
        rows = []
        for entry in self._in_order(analysis):
            estimate = self.template.results.row(self._released(entry))
            cells = (
                self._number(entry, "estimate"),
                self.limits(estimate),
                self._rank(entry),
                self.number(self._places(entry)),
                self.number(entry.n("count", field="base")),
            )
            rows.append(labelled(self._label(entry), cells))
        return self.build_table(f"ranked-{analysis}", caption, columns, rows, stub)

    def two_orders(
        self, first: str, second: str, caption: str, columns: Sequence[str], stub: str = ""
    ) -> str:
        """Print two orders of the same items side by side, in the first order.

        ``columns`` heads the figure of each order and the rank with those that the data leave.
        """
        others = {entry["item"]: entry for entry in self._in_order(second)}
        rows = []
        for entry in self._in_order(first):
            both = [entry, *filter(None, [others.get(entry["item"])])]
            cells = [
                cell
                for one in both
                for cell in (self._number(one, "estimate"), self._place(one.key))
            ]
            cells += [Cell((), number=True)] * (4 - len(cells))
            rows.append(labelled(self._label(entry), cells))
        return self.build_table(f"orders-{first}-{second}", caption, columns, rows, stub)

    def foremost(self, analysis: str, bare: bool = False) -> str:
        """Print, as a list, what may be the first of all; ``bare`` names need no marks."""
        return self._named([e for e in self._in_order(analysis) if e["rank_low"] == 1], bare)

    def hindmost(self, analysis: str, bare: bool = False) -> str:
        """Print, as a list, what may be the last of all, the last by its estimate first."""
        placed = [e for e in self._in_order(analysis) if not math.isnan(e["rank"])]
        return self._named([e for e in placed[::-1] if e["rank_high"] == len(placed)], bare)

    # -- parts -----------------------------------------------------------------------------------

    def _entries(self, family: str, analysis: str) -> list[ResultRow]:
        found = self.template.entries(family, analysis=analysis)
        if not found:
            known = {str(row["analysis"]) for row in self.template.results.every(family)}
            raise ResultError(
                f"the family {family} has no such analysis",
                value=analysis,
                hint=f"declare it in the section compare, or: {nearest(analysis, sorted(known))}",
            )
        return found

    def _in_order(self, analysis: str) -> list[ResultRow]:
        entries = self._entries("ranks", analysis)
        return sorted(entries, key=lambda e: math.inf if math.isnan(e["rank"]) else e["rank"])

    def _shown(self, entry: ResultRow) -> bool:
        return self.template.is_shown(entry.row)

    def _released(self, entry: ResultRow) -> str:
        """Return the key of the estimate behind a rank."""
        return f"{entry.key.removeprefix('rank/')}@total"

    def _label(self, entry: ResultRow) -> str:
        """Return the words for what a row is about: the item of a battery, otherwise the answer."""
        return entry.named(bool(entry["item"]))

    def _named(self, entries: Sequence[ResultRow], bare: bool) -> str:
        language = self.template.language
        names = [self.template.name(self._label(entry), bare) for entry in entries]
        if not bare:
            names = [language.word("list.quoted", label=name) for name in names]
        return language.join(names)

    def _places(self, entry: ResultRow) -> str:
        """Print the ranks that the data leave: "2–6", or "1" where they leave one."""
        low, high = entry["rank_low"], entry["rank_high"]
        if math.isnan(low) or low == high:
            return entry.n("count", field="rank_low")
        ends = {"low": f"{low:.0f}", "high": f"{high:.0f}"}
        words = self.template.language.word("number.places", **ends)
        return self.template.words(words, "result", entry.key, "rank_low")

    def _relation(self, entry: ResultRow) -> str:
        """Return the words of a comparison as a path; without a test that tells, none is made."""
        if not self._shown(entry):
            return "untold"
        difference = float(entry["difference"])
        fixed = entry["se"] == 0 and difference != 0
        if not (fixed or float(entry["p_adjusted"]) < self.template.rules["alpha"]):
            return "untold"
        up, down = ("more", "less") if entry["statistic"] in SHARES else ("higher", "lower")
        size = self.template.size(abs(difference), entry.row)
        return f"{up if difference > 0 else down}.{size}"

    def _number(self, entry: ResultRow, field: str, form: str | None = None) -> Cell:
        if self._shown(entry):
            return self.number(entry.n(form, field=field))
        mark = Slot(self.template.language.word("status.mark"), "result", entry.key, field)
        return Cell((mark,), number=True)

    def _rank(self, entry: ResultRow) -> Cell:
        """Return a rank; "–" where something has no place in the order."""
        text = self.template.language.format(float(entry["rank"]), "count")
        return Cell((Slot(text, "result", entry.key, "rank"),), number=True)

    def _orders(self, entry: ResultRow) -> list[str]:
        """Return the keys of an item's ranks on the two sides."""
        prefixes = (
            self.template.study.population(p).table_prefix for p in self.template.labels.sides
        )
        first, second = prefixes
        _, analysis, name = entry.key.split("/", 2)
        return [f"rank/{of}{analysis.removeprefix(first)}/{name}" for of in (first, second)]

    def _place(self, key: str) -> Cell:
        """Return a rank and those that the data leave: "2 (1–4)"; "–" without a place."""
        word = self.template.language.word
        row = self.template.results.row(key) if self.template.has(key) else None
        if row is None or math.isnan(row["rank"]):
            return Cell((Slot(word("number.none"), "rule"),), number=True)
        rank, low, high = (f"{row[field]:.0f}" for field in ("rank", "rank_low", "rank_high"))
        text = rank if low == high else word("number.place", rank=rank, low=low, high=high)
        return Cell((Slot(text, "result", key, "rank"),), number=True)
