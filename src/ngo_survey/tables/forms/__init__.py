"""Table forms: what each type of question is turned into before it is estimated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ngo_survey.tables.estimand import LEADERS, Panel
from ngo_survey.tables.forms.constant_sum import constant_sum
from ngo_survey.tables.forms.multiple import multiple
from ngo_survey.tables.forms.number import number
from ngo_survey.tables.forms.rank import rank
from ngo_survey.tables.forms.rating import rating
from ngo_survey.tables.forms.single import single

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.tables.declared import TableSpec
    from ngo_survey.tables.estimand import Bools, Columns

Form = Callable[["TableSpec", "pd.DataFrame", "Questionnaire"], "list[Panel]"]

#: The maker of each form.
MAKERS: dict[str, Form] = {
    "single": single,
    "scale": single,
    "multiple": multiple,
    "constant_sum": constant_sum,
    "rating": rating,
    "rank": rank,
    "number": number,
}


def panels(
    spec: TableSpec,
    frame: pd.DataFrame,
    codebook: Questionnaire,
    within: Bools | None = None,
) -> list[Panel]:
    """Return the panels of a table: typed answers in, numbers out.

    ``within`` says who is inside the table's filter. Panels of statistics that the table does not
    ask for are left out, unless another follows from them.
    """
    made = [
        replace(panel, form=part.form)
        for part in spec.rows
        for panel in MAKERS[part.form](part, frame, codebook)
    ]
    asked = [p for panel in made if (p := _asked_for(panel, spec)) is not None]
    chosen = [replace(panel, follows=_followed(panel, asked)) for panel in asked]
    if within is None:
        return chosen
    return [replace(p, valid=p.valid & within, within=within, answered=p.valid) for p in chosen]


def _followed(panel: Panel, panels: list[Panel]) -> Columns:
    """Return the widest columns in which a panel that follows this one is shown."""
    wide: tuple[Columns, ...] = ("none", "total", "all")
    found: list[Columns] = [
        other.columns
        for other in panels
        if other.variable == panel.variable and panel.kind in LEADERS.get(other.kind, ())
    ]
    return max(found, key=wide.index, default="none")


def _asked_for(panel: Panel, spec: TableSpec) -> Panel | None:
    """Return the panel as the table tells it, or None where nothing needs it."""
    wanted = set(spec.statistics)
    if not wanted:
        return panel
    kept = [member for member in panel.members if member.statistic in wanted]
    if not kept:
        return replace(panel, columns="none") if panel.name else None
    # A statistic that is asked for by name stands under every banner.
    if panel.kind == "quantile":
        return replace(panel, columns="all", members=tuple(kept))
    return replace(panel, columns="all")
