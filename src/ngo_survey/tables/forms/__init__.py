"""Table forms: what each type of question is turned into before it is estimated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ngo_survey.tables.estimand import LEADERS, Estimand
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

Form = Callable[["TableSpec", "pd.DataFrame", "Questionnaire"], "list[Estimand]"]

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


def estimands(
    spec: TableSpec,
    frame: pd.DataFrame,
    codebook: Questionnaire,
    within: Bools | None = None,
) -> list[Estimand]:
    """Return the estimands of a table: typed answers in, numbers out.

    ``within`` says who is inside the table's filter. Estimands of statistics that the table does
    not ask for are left out, unless another follows from them.
    """
    made = [
        replace(estimand, form=part.form)
        for part in spec.rows
        for estimand in MAKERS[part.form](part, frame, codebook)
    ]
    asked = [p for estimand in made if (p := _asked_for(estimand, spec)) is not None]
    chosen = [replace(estimand, follows=_followed(estimand, asked)) for estimand in asked]
    if within is None:
        return chosen
    return [replace(p, valid=p.valid & within, within=within, answered=p.valid) for p in chosen]


def _followed(estimand: Estimand, estimands: list[Estimand]) -> Columns:
    """Return the widest columns in which an estimand that follows this one is shown."""
    wide: tuple[Columns, ...] = ("none", "total", "all")
    found: list[Columns] = [
        other.columns
        for other in estimands
        if other.variable == estimand.variable and estimand.kind in LEADERS.get(other.kind, ())
    ]
    return max(found, key=wide.index, default="none")


def _asked_for(estimand: Estimand, spec: TableSpec) -> Estimand | None:
    """Return the estimand as the table tells it, or None where nothing needs it."""
    wanted = set(spec.statistics)
    if not wanted:
        return estimand
    kept = [member for member in estimand.members if member.statistic in wanted]
    if not kept:
        return replace(estimand, columns="none") if estimand.name else None
    # A statistic that is asked for by name stands under every banner.
    if estimand.kind == "quantile":
        return replace(estimand, columns="all", members=tuple(kept))
    return replace(estimand, columns="all")
