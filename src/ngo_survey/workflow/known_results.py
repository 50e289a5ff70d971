"""What other results tell already: the declared indicators, as estimands that cannot be hidden.

An indicator stands on the same respondents as some table; what it says is known to the reader and
must not help to work out a hidden cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ngo_survey.disclosure.cells import Bools
from ngo_survey.study.declared_weighting import margins_of
from ngo_survey.tables.declared import TableSpec
from ngo_survey.tables.estimand import Estimand, Floats, Kind, Member

if TYPE_CHECKING:
    import pandas as pd

    from ngo_survey.codebook import Questionnaire
    from ngo_survey.study import Study

#: Statistics of indicators that are sums of values over a base; medians and ratios are none.
SUMS = ("mean", "total")


def indicators(
    study: Study, population: str, codebook: Questionnaire, frame: pd.DataFrame
) -> list[tuple[TableSpec, list[Estimand]]]:
    """Return each declared indicator of a population with its estimand."""
    found = []
    for entry in study.section("indicators") or ():
        if entry["population"] == population and entry["statistic"] in (*SUMS, "proportion"):
            estimand = _estimand(entry, codebook, frame)
            by = (str(entry["by"]),) if entry.get("by") else ()
            spec = TableSpec(
                id=f"indicator {entry['id']}",
                population=population,
                form="indicator",
                question=estimand.variable,
                variables=(estimand.variable,),
                items=("",),
                banners=by,
            )
            found.append((spec, [estimand]))
    return found


def margins(
    study: Study, population: str, codebook: Questionnaire, frame: pd.DataFrame
) -> list[tuple[TableSpec, list[Estimand]]]:
    """Return each weighting margin that is held against the sample, as counts of respondents.

    Weighting withholds the counts of a variable with a level that is too small, as the tables
    withhold an indicator.
    """
    weighting = study.population(population).raw["weighting"]
    found = []
    for variable in margins_of(weighting):
        estimand = _estimand({"variable": variable, "statistic": "proportion"}, codebook, frame)
        spec = TableSpec(
            id=f"margin {variable}",
            population=population,
            form="margin",
            question=variable,
            variables=(variable,),
            items=("",),
            banners=(),
        )
        found.append((spec, [estimand]))
    return found


def _estimand(entry: dict[str, Any], codebook: Questionnaire, frame: pd.DataFrame) -> Estimand:
    variable = str(entry["variable"])
    values: Floats
    if entry["statistic"] == "proportion":
        chosen = codebook.indicator(frame, variable)
        category = entry.get("category", ())
        names = (category,) if isinstance(category, str) else tuple(category)
        chosen = chosen[list(names or chosen.columns)]
        values = chosen.to_numpy(dtype=float)
        members = tuple(Member("", str(c), "proportion") for c in chosen.columns)
    else:
        values = codebook.numbers(frame, variable).to_numpy(dtype=float)[:, None]
        members = (Member("", "", "mean"),)
    valid: Bools = np.asarray(np.isfinite(values).all(axis=1))
    kind: Kind = "share" if entry["statistic"] == "proportion" else "mean"
    linear = codebook.question(variable).linear if kind == "mean" else None
    values = np.where(valid[:, None], values, 0.0)
    return Estimand(variable, values, valid, members, kind, linear=linear)
