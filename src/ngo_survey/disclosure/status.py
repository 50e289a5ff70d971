"""Mark every row of the estimates by what may be released of it, and blank what may not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ngo_survey.disclosure.blocks import CellBlock, Linked
from ngo_survey.disclosure.cells import Bools, Ids
from ngo_survey.disclosure.thresholds import Decision
from ngo_survey.tables.estimand import LEADERS, Estimand

#: What is blanked with a hidden figure; its base stays, unless that is hidden itself.
BLANKED = ("n", "estimate", "se", "ci_low", "ci_high", "df", "deff")
#: What is blanked with a hidden base.
BASES = ("base", "weighted_base", "n_effective")


@dataclass(frozen=True)
class Marks:
    """The cells of one table by estimand, and what was decided about cells.

    Attributes
    ----------
    told_bases: bases whose weights tell who is in them.
    """

    linked: Linked
    decision: Decision
    hidden: Bools
    table: int
    told_bases: Ids

    def block(self, estimand: int) -> CellBlock | None:
        """The block of an estimand; None for figures that follow another estimand's."""
        return self.linked.by_place.get((self.table, estimand))

    def leader(self, estimands: list[Estimand], estimand: int) -> tuple[CellBlock, ...]:
        """The blocks whose cells decide over an estimand's figures.

        Quantiles and totals follow the mean of their variable; shares of answers follow the share
        of respondents and the number of answers; row percentages follow the counts.
        """
        own = self.block(estimand)
        if own is not None:
            return (own,)
        found = [
            block
            for place, other in enumerate(estimands)
            if other.variable == estimands[estimand].variable
            and other.kind in LEADERS[estimands[estimand].kind]
            and (block := self.block(place)) is not None
        ]
        return tuple(found)

    def digest(self, estimands: list[Estimand]) -> str:
        """Return a hash of all that was decided about the figures of a table's estimands."""
        digest = hashlib.sha256()
        for place in range(len(estimands)):
            for block in self.leader(estimands, place):
                names = [self.linked.columns.names[column] for column in block.columns]
                digest.update(repr((place, block.cells.shape, names)).encode())
                digest.update(self.hidden[block.cells].tobytes())
                digest.update(self.decision.primary[block.cells].tobytes())
                digest.update(self.hidden[block.base].tobytes())
                digest.update(np.isin(block.base, self.told_bases).tobytes())
        return digest.hexdigest()


def release(table: pd.DataFrame, estimands: list[Estimand], marks: Marks) -> pd.DataFrame:
    """Return the estimates of a table with ``status``, hidden figures blanked.

    ``table`` is what ``estimates.estimate`` gives; its positions are kept.
    """
    status = np.full(len(table), "shown", dtype=object)
    base_hidden, base_told = np.zeros((2, len(table)), dtype=bool)
    of = marks.linked.columns.of
    for (estimand, banner), rows in table.groupby(["estimand", "by"], sort=False).indices.items():
        member = table["member"].to_numpy()[rows]
        column = of[str(banner)][table["level"].to_numpy()[rows]]
        by_row = estimands[int(estimand)].kind == "row_share"
        for block in marks.leader(estimands, int(estimand)):
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


def cells_under(marks: Marks, estimand: int, banner: str) -> tuple[Bools, Bools]:
    """Return which figures of an estimand under a banner, (members, levels), are hidden.

    The second array says which of these must keep an interval.
    """
    block = marks.block(estimand)
    if block is None:
        return np.zeros((0, 0), dtype=bool), np.zeros((0, 0), dtype=bool)
    names = [marks.linked.columns.names[column] for column in block.columns]
    levels = [place for place, (of, level) in enumerate(names) if of == banner and level]
    cells = block.cells[:, levels]
    hidden: Bools = marks.hidden[cells]
    return hidden, hidden & marks.decision.sensitive[cells]
