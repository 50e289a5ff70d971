"""Table forms: what each type of question is turned into before it is estimated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ngo_survey.tables.forms.battery import constant_sum, rank
from ngo_survey.tables.forms.multiple import multiple
from ngo_survey.tables.forms.number import number
from ngo_survey.tables.forms.rating import rating
from ngo_survey.tables.forms.single import single

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.questionnaire import Questionnaire
    from ngo_survey.tables.panel import Panel
    from ngo_survey.tables.spec import TableSpec

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


def panels(spec: TableSpec, frame: pd.DataFrame, codebook: Questionnaire) -> list[Panel]:
    """Return the panels of a table: typed answers in, numbers out."""
    return MAKERS[spec.form](spec, frame, codebook)
