"""A second release of the same interviews: what it tells beside the one that is out already.

A file is corrected, or a hundred interviews become a hundred and six, and the tables are released
again. Who holds both subtracts: every count that both show tells how many of the added respondents
gave that answer, and of six there are small groups. The differences add up as the counts do, so
they are protected in the same way, as a table of their own:

* what the former release hid stays hidden: shown now, it would be known to within what was added;
* a count that differs by fewer respondents than the threshold is hidden, and so is one whose
  complement does;
* further cells are hidden until each such difference keeps an interval as wide as the protection,
  whatever both releases tell (Hundepool et al. 2012, Statistical Disclosure Control, sec. 4.2.3 on
  linked tables). Where all counts rose an attacker knows that respondents were only added, so that
  no difference is negative; where all fell, that they were only taken away.

A release that differs by fewer respondents than the threshold cannot be protected at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ngo_survey.disclosure.audit import DisclosureError, derived
from ngo_survey.disclosure.blocks import Linked
from ngo_survey.disclosure.cells import Bools, Cells
from ngo_survey.disclosure.linear_program import LinearProgramme
from ngo_survey.disclosure.repair import UnprotectedError
from ngo_survey.disclosure.secondary_suppression import protect
from ngo_survey.disclosure.thresholds import Decision, Rules, sensitive_counts
from ngo_survey.tables.estimand import Floats

#: What a row of the estimates is known by.
ROW = ["analysis", "item", "category", "statistic", "by_level"]
Row = tuple[str, str, str, str, str]
#: An equation that is wrong by less holds.
SAME = 1e-6


@dataclass(frozen=True)
class FormerRelease:
    """What a former release shows.

    Attributes
    ----------
    counts: {row: (n, base)}, NaN for what it hides.
    pairs: {row: places} of answers that go together (``pairs.places``).
    """

    counts: Mapping[Row, tuple[float, float]]
    pairs: Mapping[Row, tuple[tuple[int, int, int], tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, estimates: pd.DataFrame) -> FormerRelease:
        """Take them from released rows of the family ``estimates``."""
        rows = estimates[ROW].itertuples(index=False, name=None)
        numbers = estimates[["n", "base"]].astype(float).itertuples(index=False, name=None)
        return cls(dict(zip(rows, numbers, strict=True)))

    def cells(self, linked: Linked) -> FormerCells:
        """Find the cells of the present tables in the former ones."""
        value = np.full(len(linked.cells), np.nan)
        hidden = np.zeros(len(value), dtype=bool)
        for row, cell, base in self._places(linked):
            if row in self.counts:
                ids, told = [cell, base], np.array(self.counts[row])
                hidden[ids] |= np.isnan(told)
                # Of sums of values a release tells a rounded mean, and so no sum.
                told[~np.array(linked.cells.is_count, dtype=bool)[ids]] = np.nan
                value[ids] = np.where(np.isnan(told), value[ids], told)
        for row, cell, whole, left in self._row_shares(linked):
            count, in_levels = self.counts.get(row, (np.nan, np.nan))
            value[cell] = value[cell] if np.isnan(count) else count
            if left >= 0 and not np.isnan(in_levels):
                # Of all who gave the answer the banner leaves out those who are not in its levels.
                value[left] = value[whole] - in_levels
        return FormerCells(value, hidden & np.isnan(value))

    def _places(self, linked: Linked) -> Iterator[tuple[Row, int, int]]:
        """Yield each row that the tables tell with its cell and that of its base."""
        for block in linked.tables:
            for place in () if block.difference else np.flatnonzero(linked.shows(block)):
                banner, level = linked.columns.names[block.columns[place]]
                analysis, base = block.spec.analysis(banner), int(block.base[place])
                for cell, member in zip(block.cells[:, place], block.source.members, strict=True):
                    row = (analysis, member.item, member.category, member.statistic, level)
                    yield row, int(cell), base
        yield from self._pairs(linked)

    def _pairs(self, linked: Linked) -> Iterator[tuple[Row, int, int]]:
        for row, (pair, of_base) in self.pairs.items():
            own, whole = linked.by_place.get(pair[:2]), linked.by_place.get(of_base)
            if own is not None and whole is not None:
                yield row, int(own.cells[pair[2], 0]), int(whole.base[0])

    def _row_shares(self, linked: Linked) -> Iterator[tuple[Row, int, int, int]]:
        """Yield each row percentage with its cell, all who gave the answer, and who is left out.

        The last is -1 where the levels of the banner leave nobody out.
        """
        names = linked.columns.names
        for block in linked.tables:
            if block.difference or not block.row_shares:
                continue
            out = {names[c][0]: p for p, c in enumerate(block.columns) if not names[c][1]}
            for place in np.flatnonzero(linked.shows(block)):
                banner, level = names[block.columns[place]]
                for cells, member in zip(block.cells, block.source.members, strict=True):
                    row = (block.spec.analysis(banner), member.item, member.category)
                    left = int(cells[out[banner]]) if banner in out else -1
                    yield (*row, "row_percent", level), int(cells[place]), int(cells[0]), left


@dataclass(frozen=True)
class FormerCells:
    """What a former release says of each cell.

    Attributes
    ----------
    value: (cells,) the count that it shows; NaN where it shows none.
    hidden: (cells,) a figure of it that was hidden.
    """

    value: Floats
    hidden: Bools

    def keep_hidden(self, decision: Decision) -> None:
        """Hide in a decision what was hidden before."""
        again = self.hidden & decision.published & ~decision.primary
        decision.hidden[again] = True
        decision.dropped[again] = True


def protect_differences(
    linked: Linked,
    decision: Decision,
    hidden: Bools,
    former: FormerCells,
    rules: Rules,
    rng: np.random.Generator,
) -> Bools:
    """Return which cells are hidden so that the two releases tell of no small group together.

    Parameters
    ----------
    hidden: (cells,) what is hidden for the sake of the present release alone.

    Raises
    ------
    DisclosureError: the two releases differ by so few respondents that nothing hides it.
    """
    change = _Change(linked, former)
    if not change.any:
        return hidden
    few = change.sensitive(rules)
    shown = ~np.isnan(former.value)
    unknown = hidden | ~shown
    for block in linked.tables:
        whole = int(block.base[0])
        if few[whole] and block.source.valid[linked.columns.member[:, 0]].all():
            raise _too_few(linked, whole, rules)
    own = replace(
        decision,
        primary=decision.primary | few,
        hidden=unknown | few,
        dropped=decision.dropped | unknown,
        sensitive=few,
        need=np.full(len(few), float(rules.protection)),
        cost=decision.cost.copy(),
        kept=np.zeros(len(few), dtype=bool),
        groups=np.zeros(len(few), dtype=bool),
    )
    try:
        found = protect(change.linked, own, rng).hidden
    except UnprotectedError as error:
        raise _too_few(linked, int(error.cells[0]), rules) from None
    return hidden | (found & shown) | (few & decision.published)


def _too_few(linked: Linked, cell: int, rules: Rules) -> DisclosureError:
    return DisclosureError(
        "this release and the former one differ by too few respondents: fewer than "
        f"{rules.threshold} of them could be told from the difference, and hiding other figures "
        "does not help",
        value=linked.place(cell),
        hint="release again when more interviews have come in, or leave the table out "
        "(config: tables.omit)",
    )


class _Change:
    """The differences between two releases of the same tables, as a linear system.

    Attributes
    ----------
    linked: the system, whose values are the differences: what was added, or else what was taken
        away where nothing was added. What the former release does not tell is completed in a way
        that fits.
    any: whether any count differs.
    """

    def __init__(self, linked: Linked, former: FormerCells) -> None:
        known = ~np.isnan(former.value)
        change = np.where(known, linked.value - former.value, 0.0)
        self.any = bool((np.abs(change) > SAME).any())
        self.unknown = ~known
        if (change <= 0).all():
            change = -change
        # Where some counts rose and others fell, a count cannot have lost more than it had.
        most = float(linked.value.max(initial=0.0))
        had = np.where(known, former.value, most)
        lower = np.zeros(len(change)) if (change >= 0).all() else -had
        sums = ~np.array(linked.cells.is_count, dtype=bool)
        lower[sums] = -np.inf
        value, wrong = _completed(linked.cells, change, self.unknown, lower)
        relations = [r for r, bad in zip(linked.cells.relations, wrong, strict=True) if not bad]
        cells = Cells(value.tolist(), linked.cells.is_count, lower.tolist(), relations)
        self.linked = replace(linked, cells=cells)

    @cached_property
    def derivable(self) -> Bools:
        """(cells,): whose difference the two releases tell if the new one hides nothing."""
        return ~derived(self.linked.cells.matrix(), self.unknown)

    def sensitive(self, rules: Rules) -> Bools:
        """(cells,): whose difference is small, or whose complement's is."""
        few = np.zeros(len(self.derivable), dtype=bool)
        value = np.array(self.linked.cells.value, dtype=np.float64).round(6)
        size = np.where(self.derivable, np.abs(value), 0.0)
        for block in self.linked.tables:
            levels = self.linked.columns.under(self.linked.columns.of)[block.columns]
            few[sensitive_counts(block, size, rules, levels)] = True
        return few & self.derivable


def _completed(
    cells: Cells, change: Floats, unknown: Bools, lower: Floats
) -> tuple[Floats, list[bool]]:
    """Return differences of all cells that fit those that are known, and which equations do not.

    An equation may hold of one release alone: two questions that the same people answered then.
    """
    from scipy import sparse

    matrix = cells.matrix()
    right = -(matrix @ np.where(unknown, 0.0, change))
    place = np.flatnonzero(unknown)
    lines = matrix.shape[0]
    eye = sparse.identity(lines, format="csr")
    system = sparse.hstack([matrix[:, place], eye, -eye], format="csr")
    free = np.concatenate([lower[place], np.zeros(2 * lines)])
    programme = LinearProgramme(system, right, free, np.full(len(free), np.inf))
    found = programme.least(np.concatenate([np.zeros(len(place)), np.ones(2 * lines)]))
    if found is None:
        raise DisclosureError("the differences from the former release could not be solved")
    value = change.copy()
    value[place] = found[: len(place)]
    slack = found[len(place) : len(place) + lines] + found[len(place) + lines :]
    return value, (slack > SAME).tolist()
