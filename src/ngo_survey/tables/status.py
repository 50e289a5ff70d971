"""Mark every row of the estimates by what may be told of it, and blank what may not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ngo_survey.tables.cells import Bools, Ids
from ngo_survey.tables.disclosure import Decision
from ngo_survey.tables.linked import Block, Linked
from ngo_survey.tables.panel import Panel

#: What is blanked with a hidden figure; its base stays, unless that is hidden itself.
BLANKED = ("n", "estimate", "se", "ci_low", "ci_high", "df", "deff")


@dataclass(frozen=True)
class Marks:
    """The cells of one table by panel, and what was decided about cells."""

    linked: Linked
    decision: Decision
    hidden: Bools
    table: int

    def block(self, panel: int) -> Block | None:
        """The block of a panel; None for figures that follow another panel's."""
        for block in self.linked.blocks:
            if (block.table, block.panel) == (self.table, panel):
                return block
        return None

    def leader(self, panels: list[Panel], panel: int) -> tuple[Block, ...]:
        """The blocks whose cells decide over a panel's figures.

        Quantiles and totals follow the mean of their variable; shares of answers follow the share
        of respondents and the number of answers.
        """
        own = self.block(panel)
        if own is not None:
            return (own,)
        wanted = {"quantile": ("mean",), "total": ("mean",), "ratio": ("share", "mean")}
        found = [
            block
            for place, other in enumerate(panels)
            if other.variable == panels[panel].variable
            and other.kind in wanted[panels[panel].kind]
            and (block := self.block(place)) is not None
        ]
        return tuple(found)


def release(table: pd.DataFrame, panels: list[Panel], marks: Marks) -> pd.DataFrame:
    """Return the estimates of a table with ``status``, hidden figures blanked.

    ``table`` is what ``estimates.estimate`` gives.
    """
    status = np.full(len(table), "shown", dtype=object)
    base_hidden = np.zeros(len(table), dtype=bool)
    of = marks.linked.columns.of
    for (panel, banner), rows in table.groupby(["panel", "by"], sort=False).indices.items():
        member = table["member"].to_numpy()[rows]
        column = of[str(banner)][table["level"].to_numpy()[rows]]
        for block in marks.leader(panels, int(panel)):
            place = np.searchsorted(np.sort(block.columns), column)
            place = np.argsort(block.columns)[place]
            line = np.minimum(member, len(block.cells) - 1)
            cells: Ids = block.cells[line, place]
            status[rows[marks.hidden[cells] & (status[rows] == "shown")]] = "suppressed-secondary"
            status[rows[marks.decision.primary[cells]]] = "suppressed-primary"
            base_hidden[rows] |= marks.hidden[block.base[place]]
    # A share and its limits tell their base: n over p, and the limits of none.
    status[base_hidden & (status == "shown")] = "suppressed-secondary"
    status[table["base"].to_numpy() == 0] = "empty"
    told = table.drop(columns=["panel", "member", "level"]).assign(status=status)
    told.loc[status != "shown", list(BLANKED)] = np.nan
    told.loc[base_hidden, "base"] = np.nan
    return told


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
