"""Group disclosure: what all of a small group gave, or none of them, is known of each of them.

Nobody need be found for it: who knows that a foundation is one of the twelve of its kind knows its
answer when all twelve gave the same (Hundepool et al. 2012, Statistical Disclosure Control, ch. 5;
the second edition of the ESSnet handbook, 2024, sec. 5.2, calls it group attribute disclosure, and
counts learning that a group does not have an attribute). Which figures are hidden:

======================  ==========================================================================
question with           of a group smaller than ``group_base``
======================  ==========================================================================
one answer              all gave one category: the whole column of the group. A category that
                        nobody gave stays while two or more were given: it says what each is not,
                        and leaves open what each is.
many answers            a choice that all gave, and one that nobody gave: of each choice every
                        respondent said yes or no, so that "none" is "all said no". So it is with
                        sources of money that anybody has, and with pairs of answers.
a box of a scale        all are in it
a number                all gave the same one
======================  ==========================================================================

A table is read both ways: where all who gave an answer are in one level of a banner, and they are
few, the row is hidden under that banner.

Left alone is what says nothing new of anybody:

* what the register tells (strata, margins, and what is a coarser reading of them);
* what the form makes so: the question behind the skip rule or the filter of those who are in the
  table, where it lets in those who gave this answer alone;
* what is told of a larger group: where none of forty gave an answer, none of twelve among them did.
  Such zeros follow along the relations of the linear system.

A rule of its own beside counts below the threshold: "none" is no small count, and "all" leaves no
complement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.tables.declared import NESTED, PAIR
from ngo_survey.tables.estimand import Floats

if TYPE_CHECKING:
    from scipy import sparse

#: Forms of questions of which a choice is a question by itself: not to give it is an answer.
YES_OR_NO = frozenset({"multiple", "constant_sum", PAIR})


@dataclass(frozen=True)
class Public:
    """What anybody can look up, or read in the questionnaire.

    Attributes
    ----------
    variables: those that the register tells of everybody in it.
    behind: questions that the skip rule of a question, or a filter (by its text), is about.
    """

    variables: frozenset[str] = frozenset()
    behind: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def looked_up(self, banner: str) -> bool:
        """Say whether the register tells a banner: every part of a nested one."""
        return banner in self.variables or self.variables.issuperset(banner.split(NESTED))


@dataclass(frozen=True)
class Fact:
    """All, or none, of a small group gave an answer.

    Attributes
    ----------
    hidden: cells that would tell it.
    targets: the cell that must keep an interval; none where it is one with its base.
    zeros: cells that are zero if it is so: where all of them are told, so is the fact.
    """

    hidden: Ids
    targets: Ids
    zeros: Ids


class Groups:
    """Small groups of whom all or none gave an answer, in the tables of one population.

    Parameters
    ----------
    least: smallest group whose "all" and "none" may be told; 0 for no rule.
    threshold: groups below it are hidden themselves.
    small: (cells,) what is hidden because too few stand behind it.

    Attributes
    ----------
    hidden, sensitive: (cells,) what may not be told, and what must keep an interval.
    """

    def __init__(
        self, linked: Linked, least: int, threshold: int, small: Bools, public: Public | None
    ) -> None:
        self.linked, self.least, self.threshold = linked, least, threshold
        self.public = public or Public()
        size = len(linked.cells)
        self.hidden, self.sensitive = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        if least <= 0:
            return
        facts = [fact for block in linked.tables for fact in self._facts(block)]
        told = self._told(facts, small)
        for fact in facts:
            if not told[fact.zeros].all():
                self.hidden[fact.hidden] = True
                self.sensitive[fact.targets] = True

    def withheld(self, block: CellBlock) -> Bools:
        """(members, columns): what ``indicators.withhold`` hides, which knows no other table."""
        if block.spec.form != "indicator":
            return np.zeros(block.cells.shape, dtype=bool)
        base, count = self.linked.value[block.base], self.linked.value[block.cells]
        alike = (count == 0) | (count == base) if block.counts else self._one_number(block)
        return np.asarray((base > 0) & (base < self.least) & alike)

    # -- facts -----------------------------------------------------------------------------------

    def _facts(self, block: CellBlock) -> Iterator[Fact]:
        """Yield what all or none of a small group gave, told elsewhere or not."""
        columns, value = self.linked.columns, self.linked.value
        base = value[block.base]
        if block.spec.form == PAIR and block.difference:
            # Those who did not give an answer are no group of any table.
            return
        levels = columns.under(columns.of)[block.columns]
        small = levels & (base >= self.threshold) & (base < self.least)
        looked_up = block.source.variable in self.public.variables
        if not block.counts:
            if block.source.form == "number" and not looked_up:
                for cell in block.cells[:, small & self._one_number(block)].reshape(-1, 1):
                    yield Fact(cell, cell, cell)
            return
        count = value[block.cells]
        if not looked_up:
            every = (count == base) & small & ~self._forced(block, base - count)
            none = (count == 0) & small & ~self._forced(block, count)
            every[_itself(block)] = none[_itself(block)] = False
            yield from self._columns(block, every, none)
        for own in self._rows(block, levels & (base > 0)):
            cells = block.cells[:, own]
            whole = count[:, own].sum(axis=1)
            few = (whole >= self.threshold) & (whole < self.least) & (own.sum() > 1)
            for row in np.flatnonzero(few & (count[:, own].max(axis=1, initial=0) == whole)):
                full = value[cells[row]] > 0
                yield Fact(cells[row], cells[row][full], cells[row][~full])

    def _columns(self, block: CellBlock, every: Bools, none: Bools) -> Iterator[Fact]:
        """Yield what all or none of those in a column gave."""
        for row, column in np.argwhere(every):
            cell = block.cells[row, [column]]
            # All of everybody gave it: no interval can part it from its base.
            targets = cell[cell != block.base[column]]
            if block.source.partition:
                whole = block.cells[:, column]
                yield Fact(whole, targets, np.delete(whole, row))
            else:
                yield Fact(cell, targets, block.rest[row, [column]])
        if not block.source.partition and {block.source.form, block.spec.form} & YES_OR_NO:
            for cell in block.cells[none].reshape(-1, 1):
                yield Fact(cell, cell, cell)

    def _rows(self, block: CellBlock, levels: Bools) -> Iterator[Bools]:
        """Yield the columns among which a row tells a variable that nobody can look up.

        Those of a banner; of a nested one also those that differ in one of its parts alone: of the
        villages' few who gave an answer all are of one form.
        """
        for banner, own in self._banners(block, levels):
            if not self.public.looked_up(banner):
                yield own
            parts = banner.split(NESTED)
            names = [self.linked.columns.names[c][1].split(NESTED) for c in block.columns]
            for place, part in enumerate(parts if len(parts) > 1 else ()):
                if part in self.public.variables:
                    continue
                others = [".".join(n[:place] + n[place + 1 :]) for n in names]
                for other in dict.fromkeys(np.array(others)[own]):
                    yield own & (np.array(others) == other)

    def _banners(self, block: CellBlock, levels: Bools) -> Iterator[tuple[str, Bools]]:
        """Yield each banner of a block with its levels that hold anybody."""
        banners = np.array([self.linked.columns.names[c][0] for c in block.columns])
        for banner in dict.fromkeys(banners[banners != ""]):
            yield str(banner), (banners == banner) & levels

    def _one_number(self, block: CellBlock) -> Bools:
        """(columns,): where all gave the same number."""
        member = self.linked.columns.member[:, block.columns] & block.source.valid[:, None]
        values = block.source.values[:, :1]
        low = np.where(member, values, np.inf).min(axis=0, initial=np.inf)
        high = np.where(member, values, -np.inf).max(axis=0, initial=-np.inf)
        return np.asarray(low == high)

    def _forced(self, block: CellBlock, others: Floats) -> Bools:
        """(members, columns): what the form makes so of everybody under a banner.

        ``others`` (members, columns) counts those who are not so.
        """
        variable, columns = block.source.variable, self.linked.columns
        found = np.zeros(block.cells.shape, dtype=bool)
        if variable in self.public.behind.get(block.spec.filter, ()):
            found |= others[:, :1] == 0
        levels = columns.under(columns.of)[block.columns]
        for banner, own in self._banners(block, levels):
            parts = (banner, *banner.split(NESTED))
            if any(variable in self.public.behind.get(part, ()) for part in parts):
                found[:, own] |= (others[:, own] == 0).all(axis=1)[:, None]
        return found

    # -- what larger groups tell -----------------------------------------------------------------

    def _told(self, facts: Iterable[Fact], small: Bools) -> Bools:
        """Say which cells are zero for all to see: told so, or what follows from that."""
        value, lower = self.linked.value, np.array(self.linked.cells.lower)
        told = np.zeros(len(value), dtype=bool)
        for block in self.linked.tables:
            if block.counts and not block.difference:
                shown = self.linked.shows(block)
                cells, rest = block.cells[:, shown], block.rest[:, shown]
                told[cells] = True
                told[rest[(rest >= 0) & ~small[cells]]] = True
        told &= ~small & (value == 0) & (lower >= 0)
        for fact in facts:
            told[fact.zeros] = False
        return _zeros(self.linked.cells.matrix(), told, lower >= 0)


def _zeros(matrix: sparse.csr_matrix, told: Bools, bounded: Bools) -> Bools:
    """Carry zeros along equations: where one side is zero, so is each term of the other."""
    positive, negative = (matrix > 0).astype(float), (matrix < 0).astype(float)
    sound = (positive + negative) @ (~bounded).astype(float) == 0
    known = told.copy()
    while True:
        before = known.sum()
        for one, other in ((positive, negative), (negative, positive)):
            known[other[np.flatnonzero(sound & (one @ (~known).astype(float) == 0))].indices] = True
        if known.sum() == before:
            return known


def _itself(block: CellBlock) -> Bools:
    """Say which members of a pair's block are the answer that those in it, or left out, gave."""
    names = [member.item or member.category for member in block.source.members]
    of_pair = block.spec.form == PAIR
    own = [of_pair and block.spec.id.endswith(f" {name}") for name in names]
    return np.array(own, dtype=bool)
