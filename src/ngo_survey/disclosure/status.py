"""Mark every row of the estimates by what may be released of it, and blank what may not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.thresholds import Decision
from ngo_survey.tables.estimand import LEADERS, Panel

#: What is blanked with a hidden figure; its base stays, unless that is hidden itself.
BLANKED = ("n", "estimate", "se", "ci_low", "ci_high", "df", "deff")
#: What is blanked with a hidden base.
BASES = ("base", "weighted_base", "n_effective")


@dataclass(frozen=True)
class Marks:
    """The cells of one table by panel, and what was decided about cells.

    Attributes
    ----------
    told_bases: bases whose weights tell who is in them.
    """

    linked: Linked
    decision: Decision
    hidden: Bools
    table: int
    told_bases: Ids

    def block(self, panel: int) -> CellBlock | None:
        """The block of a panel; None for figures that follow another panel's."""
        return self.linked.by_place.get((self.table, panel))

    def leader(self, panels: list[Panel], panel: int) -> tuple[CellBlock, ...]:
        """The blocks whose cells decide over a panel's figures.

        Quantiles and totals follow the mean of their variable; shares of answers follow the share
        of respondents and the number of answers; row percentages follow the counts.
        """
        own = self.block(panel)
        if own is not None:
            return (own,)
        found = [
            block
            for place, other in enumerate(panels)
            if other.variable == panels[panel].variable
            and other.kind in LEADERS[panels[panel].kind]
            and (block := self.block(place)) is not None
        ]
        return tuple(found)

    def digest(self, panels: list[Panel]) -> str:
        """Return a hash of all that was decided about the figures of a table's panels."""
        digest = hashlib.sha256()
        for place in range(len(panels)):
            for block in self.leader(panels, place):
                names = [self.linked.columns.names[column] for column in block.columns]
                digest.update(repr((place, block.cells.shape, names)).encode())
                digest.update(self.hidden[block.cells].tobytes())
                digest.update(self.decision.primary[block.cells].tobytes())
                digest.update(self.hidden[block.base].tobytes())
                digest.update(np.isin(block.base, self.told_bases).tobytes())
        return digest.hexdigest()


def release(table: pd.DataFrame, panels: list[Panel], marks: Marks) -> pd.DataFrame:
    """Return the estimates of a table with ``status``, hidden figures blanked.

    ``table`` is what ``estimates.estimate`` gives; its positions are kept.
    """
    status = np.full(len(table), "shown", dtype=object)
    base_hidden, base_told = np.zeros((2, len(table)), dtype=bool)
    of = marks.linked.columns.of
    for (panel, banner), rows in table.groupby(["panel", "by"], sort=False).indices.items():
        member = table["member"].to_numpy()[rows]
        column = of[str(banner)][table["level"].to_numpy()[rows]]
        by_row = panels[int(panel)].kind == "row_share"
        for block in marks.leader(panels, int(panel)):
            order = np.argsort(block.columns)
            place = order[np.searchsorted(block.columns[order], column)]
            line = np.minimum(member, len(block.cells) - 1)
            cells: Ids = block.cells[line, place]
            status[rows[marks.hidden[cells] & (status[rows] == "shown")]] = "suppressed-secondary"
            status[rows[marks.decision.primary[cells]]] = "suppressed-primary"
            if by_row:
                base_hidden[rows] |= _row_hidden(marks, block, str(banner))[line]
            else:
                base_hidden[rows] |= marks.hidden[block.base[place]]
                base_told[rows] |= np.isin(block.base[place], marks.told_bases)
                base = marks.linked.value[block.base[place]]
                status[rows[base < marks.decision.minimum_base]] = "suppressed-primary"
    # A share and its limits tell their base: n over p, and the limits of none.
    status[base_hidden & (status == "shown")] = "suppressed-secondary"
    status[table["base"].to_numpy() == 0] = "empty"
    released = table.assign(status=status)
    released.loc[status != "shown", list(BLANKED)] = np.nan
    released.loc[status != "shown", "flag"] = ""
    released.loc[base_hidden, list(BASES)] = np.nan
    # The effective base goes with it when figures are rounded, which takes their steps from it.
    released.loc[base_told, "weighted_base"] = np.nan
    return released


def _row_hidden(marks: Marks, block: CellBlock, banner: str) -> Bools:
    """Say of each answer whether the base of its row percentages is hidden.

    It is those who gave the answer and whom the banner holds: all of them, less whom it leaves out.
    """
    names = marks.linked.columns.names
    left = [i for i, c in enumerate(block.columns) if names[c] == (banner, "")]
    hidden: Bools = marks.hidden[block.cells[:, [0, *left]]]
    return np.asarray(hidden.any(axis=1))


def cells_under(marks: Marks, panel: int, banner: str) -> tuple[Bools, Bools]:
    """Return which figures of a panel under a banner, (members, levels), are hidden.

    The second array says which of these must keep an interval.
    """
    block = marks.block(panel)
    if block is None:
        return np.zeros((0, 0), dtype=bool), np.zeros((0, 0), dtype=bool)
    names = [marks.linked.columns.names[column] for column in block.columns]
    levels = [place for place, (of, level) in enumerate(names) if of == banner and level]
    cells = block.cells[:, levels]
    hidden: Bools = marks.hidden[cells]
    return hidden, hidden & marks.decision.sensitive[cells]


def hidden_in(marks: Marks, panel: int, banner: str) -> tuple[bool, bool]:
    """Say of a panel under a banner whether any figure is hidden, and whether all are."""
    block = marks.block(panel)
    if block is None:
        return False, False
    columns = [
        position
        for position, column in enumerate(block.columns)
        if marks.linked.columns.names[column][0] == banner
        and marks.linked.columns.names[column][1] != ""
    ]
    hidden = marks.hidden[block.cells[:, columns]]
    return bool(hidden.any()), bool(hidden.all())
