"""Which rows a table has, in which order and under which headings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ngo_survey.present.table_layout.names import Names
from ngo_survey.present.table_layout.table_words import TableWords

#: Item, category and statistic of a figure.
Member = tuple[str, str, str]
#: Statistics that say the same distribution another way; they come after it.
AFTER = ("share_of_answers", "row_percent")


@dataclass(frozen=True)
class Order:
    """The order of the rows of one table.

    ``statistics`` are those of its total column: they tell what kind of question it is.
    """

    names: Names
    words: TableWords
    statistics: frozenset[str]

    def rows(self, members: list[Member]) -> Iterator[tuple[Member, str, str]]:
        """Yield each member with the heading it stands under and its own label."""
        yield from self._ordered([m for m in members if m[2] not in AFTER])
        for statistic in AFTER:
            for member in members:
                if member[2] == statistic:
                    item, category, _ = member
                    heading = self._figure(member)
                    if item:
                        heading = f"{heading}: {self.names.item(item)}"
                    yield member, heading, self.names.category(category, item)

    def _ordered(self, members: list[Member]) -> Iterator[tuple[Member, str, str]]:
        points = "top_two" in self.statistics
        if self.names.group:
            for question in self.names.group:
                for member in members:
                    if member[0] == question:
                        yield member, self.names.item(question), self._own(member)
        elif not any(item for item, _, _ in members) and "first" not in self.statistics:
            for member in members:
                yield member, "", self._own(member)
        elif {m[2] for m in members} <= {"proportion"}:
            for member in members:
                yield member, self.names.item(member[0]), self.names.category(member[1])
        else:
            # One block a statistic (a point of a scale), one row an item (a choice that is ranked).
            kinds = dict.fromkeys((m[2], m[1] if points else "") for m in members)
            for kind, category in sorted(kinds, key=lambda k: (k[0] == "proportion", k[1])):
                for member in members:
                    if (member[2], member[1] if points else "") == (kind, category):
                        own = (
                            self.names.item(member[0])
                            if member[0]
                            else self.names.category(member[1])
                        )
                        yield member, self._heading(member, category), own

    def _heading(self, member: Member, category: str) -> str:
        return self.names.category(category) if category else self._figure(member)

    def _own(self, member: Member) -> str:
        item, category, _ = member
        return self.names.category(category, item) if category else self._figure(member)

    def _figure(self, member: Member) -> str:
        rating = member[2] == "net" and "top_two" in self.statistics
        return self.words("statistic.net_rating" if rating else f"statistic.{member[2]}")
