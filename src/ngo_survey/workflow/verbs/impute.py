"""The verb `impute`: missing answers completed many times, and every model pooled over them.

Reads clean.csv, weights.csv and calibration.csv; writes imputed.csv, ``rates/imputation_<group>``
and, beside the complete cases, ``imputed/<model>``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.errors import SurveyError
from ngo_survey.results import store
from ngo_survey.statistics.models.imputation import Imputation, impute
from ngo_survey.statistics.models.pooled import compare, data_sets_needed
from ngo_survey.study import Study
from ngo_survey.workflow.imputed_questions import imputed_variables
from ngo_survey.workflow.verbs.completed import (
    ModelledGroup,
    cells,
    imputation_options,
    write_failed,
)
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.model import fit_declared

log = logging.getLogger(__name__)


def run(study: Study) -> str:
    """Impute every group of respondents that models are fitted to, and pool the models.

    A model that cannot be fitted or pooled has one row with the reason, said on stderr.
    """
    models = study.section("models")
    if "imputation" not in models:
        return "nothing is declared"
    options = imputation_options(study)
    pooled = 0
    for population in dict.fromkeys(m["population"] for m in models["declared"].values()):
        group = ModelledGroup.load(study, population)
        made = impute(
            group.raw,
            imputed_variables(group.questions, group.to_impute),
            study.rng(f"impute/{population}"),
            derive=group.derive,
            **options,
        )
        asked = [
            q.name for q in group.questions if q.type != "derived" and q.name in group.raw.frame
        ]
        store.write_csv(cells(group.raw.frame, made.frames, asked), study.paths.imputed(population))
        least = [_pooled(study, group, name, declared) for name, declared in group.declared.items()]
        pooled += sum(needed > 0 for needed in least)
        rates = _rates(population, made, options, max(least), int(group.raw.n))
        hidden = study.section("disclosure")["threshold"]
        _withhold(rates, hidden, int(group.raw.n))
        path = study.paths.result("rates", f"imputation_{population}")
        store.write(rates.drop(columns="count"), "rates", path)
    return f"{counted(options['m'], 'data set')}, {counted(pooled, 'model')} pooled"


def _pooled(study: Study, group: ModelledGroup, name: str, declared: Mapping[str, Any]) -> int:
    """Write one model pooled beside its complete cases; return the data sets that it asks for."""
    try:
        fits = [fit_declared(design, declared) for design in group.completed]
        complete = _complete(group, name, declared)
        frame = compare(fits, complete)
    except SurveyError as error:
        log.warning("%s is not pooled: %s", name, error)
        write_failed(study, "imputed", name)
        return 0
    columns = [frame["quantity"], frame["term"], frame["outcome"]]
    frame["key"] = [
        f"imputed/{name}/{quantity}/{term}" + (f"@{outcome}" if outcome else "")
        for quantity, term, outcome in zip(*columns, strict=True)
    ]
    store.write(frame.assign(model=name), "imputed", study.paths.result("imputed", name))
    return data_sets_needed(fits)[1]


def _complete(group: ModelledGroup, name: str, declared: Mapping[str, Any]) -> Any:
    try:
        return fit_declared(group.design, declared)
    except SurveyError as error:
        log.warning("%s has no complete cases: %s", name, error)
        return None


def _rates(
    population: str, made: Imputation, options: Mapping[str, int], needed: int, n: int
) -> pd.DataFrame:
    rows = [
        ("m", options["m"], "completed data sets", n),
        ("iterations", options["iterations"], "rounds of each chain", n),
        ("m_needed", needed, "for a steady standard error (von Hippel 2020)", n),
        ("rhat", made.variables["rhat"].max(), "largest over all variables (Gelman & Rubin)", n),
    ]
    for row in made.variables.itertuples():
        rows.append((f"{row.name}/missing", row.missing / row.asked, row.method, row.missing))
        rows.append((f"{row.name}/rhat", row.rhat, "1 when the chains have mixed", n))
    frame = pd.DataFrame(rows, columns=["name", "value", "note", "count"])
    frame["key"] = [f"rates/{population}/imputation/{name}" for name in frame["name"]]
    return frame.assign(name="imputation/" + frame["name"], population=population)


def _withhold(rates: pd.DataFrame, threshold: int, n: int) -> None:
    """Take back shares that fewer respondents than the threshold stand behind."""
    small = rates["count"] < threshold
    rates.loc[small, "value"] = float("nan")
    rates.loc[small, "note"] = f"fewer than {threshold} of {n}"
