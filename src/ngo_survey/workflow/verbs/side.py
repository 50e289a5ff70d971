"""What stages that compare start from: a group of respondents, and what its tables tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ngo_survey.results import store
from ngo_survey.study import Study
from ngo_survey.tables.measured import Side
from ngo_survey.workflow.verbs.design import existing, load_design


def load_side(study: Study, population: str, tables: Iterable[str]) -> Side:
    """Return the calibrated design of a group with the released rows of some of its tables.

    Raises
    ------
    InputError: an earlier step has not written what is needed.
    """
    released: dict[str, Mapping[str, Any]] = {}
    for name in tables:
        path = existing(study, study.paths.result("estimates", name))
        rows = store.read("estimates", path)
        released |= {str(row["key"]): row for row in rows.to_dict("records")}
    return Side(*load_design(study, population), released)
