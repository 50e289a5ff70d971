"""The verb `precision`: which differences this wave can see, and what the next one needs.

Reads clean.csv, weights.csv and calibration.csv; writes ``precision/<group>``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ngo_survey.results import store
from ngo_survey.statistics.models.power import precision
from ngo_survey.study import Study
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.design import load_design

DEFAULTS = {"alpha": 0.05, "power": 0.8}


def run(study: Study, population: str) -> str:
    """Tell the precision of one group of respondents for every outcome declared for it."""
    study.population(population)
    declared = study.section("models").get("power", {})
    wanted = [
        (place, outcome)
        for place, outcome in enumerate(declared.get("outcomes", ()))
        if outcome["population"] == population
    ]
    rows = [pd.DataFrame({"key": []})]
    if wanted:
        design, _ = load_design(study, population)
        least = study.section("disclosure")["minimum_base"]
        for place, outcome in wanted:
            for by in outcome["by"]:
                rows.append(_rows(study, design, outcome, by, declared, least, place))
    frame = pd.concat(rows, ignore_index=True)
    store.write(frame, "precision", study.paths.result("precision", population))
    return counted(len(wanted), "outcome")


def _rows(
    study: Study,
    design: Any,
    outcome: dict[str, str],
    by: str,
    declared: dict[str, Any],
    least: int,
    place: int,
) -> pd.DataFrame:
    variable, category = outcome["variable"], outcome["category"]
    options = {name: declared.get(name, value) for name, value in DEFAULTS.items()}
    with study.at(f"models.power.outcomes.{place}"):
        made = precision(
            design, variable, category, by, declared["differences"], minimum=least, **options
        )
    second = made["against"].astype(object).fillna("")
    ends = [
        f"{first}{'~' + other if other else ''}/{statistic}"
        + (f"/{100 * difference:g}" if statistic == "needed" else "")
        for first, other, statistic, difference in zip(
            made["level"], second, made["statistic"], made["difference"], strict=True
        )
    ]
    made["key"] = [f"precision/{variable}.{category}@{by}/{end}" for end in ends]
    return made.assign(
        population=outcome["population"], variable=variable, category=category, by=by
    )
