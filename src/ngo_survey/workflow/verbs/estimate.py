"""The verb `estimate`: the single figures that ``indicators`` of the configuration declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.typing import numbers
from ngo_survey.disclosure.rounding import released
from ngo_survey.disclosure.rounding_steps import Rounding
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.disclosure.two_releases import withhold as withhold_beside
from ngo_survey.disclosure.weight_means import withhold_indicator
from ngo_survey.errors import nearest
from ngo_survey.results import store
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.indicators import (
    WITHHELD,
    Indicator,
    estimate,
    withhold,
)
from ngo_survey.study import Study
from ngo_survey.study.declared_tables import table_ids
from ngo_survey.workflow.former_release import former_folder, former_rows
from ngo_survey.workflow.verbs.beside import drawn_beside
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.design import load_design
from ngo_survey.workflow.verbs.reliability import write_reliability


def run(study: Study, population: str) -> str:
    """Estimate the declared indicators of one group of respondents.

    Reads clean.csv, weights.csv and calibration.csv, and sample and register where samples are
    drawn anew; writes ``results/estimates/indicators_<population>.csv`` (with its heads alone when
    none is declared), ``results/rates/reliability_<population>.csv`` (see
    :func:`reliability_rates`) and ``results/rates/errors_<population>.csv`` (see
    :func:`resampled_errors`).
    """
    study.population(population)
    declared = _declared(study, population)
    design, questions = load_design(study, population)
    rules = Rules.of(study.section("disclosure"))
    rounding = Rounding.of(study.section("disclosure"))
    frames = []
    for place, wanted in declared.items():
        with study.at(f"indicators.{place}"):
            made = _estimated(design, questions, wanted)
        made = withhold(made, rules.threshold, rules.minimum_base, rules.group_base)
        asked = questions.question(wanted.variable)
        points = asked.form == "rating" and wanted.statistic in ("mean", "total")
        if points and rules.protection > 1:
            values = numbers(asked, design.frame[wanted.variable])
            levels = design.frame[wanted.by or wanted.variable].astype(str).to_numpy()
            weights = np.where(design.in_domain, design.weights, 0.0)
            made = withhold_indicator(
                made, weights, np.asarray(values, dtype=float), levels, rounding
            )
        frames.append(made)
    columns = list(store.FAMILIES["estimates"])
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    rows = rows.assign(population=population)
    if (folder := former_folder(study)) is not None:
        then = former_rows(folder, "estimates")
        rows = withhold_beside(then, rows, rules.threshold, "analysis", WITHHELD)
    store.write(rows, "estimates", study.paths.result("estimates", f"indicators_{population}"))
    write_reliability(study, population, design, questions)
    errors = resampled_errors(study, population, design, questions, rows)
    store.write(errors, "rates", study.paths.result("rates", f"errors_{population}"))
    return counted(len(rows), "indicator")


def resampled_errors(
    study: Study,
    population: str,
    design: SurveyDesign,
    questions: Questionnaire,
    rows: pd.DataFrame,
) -> pd.DataFrame:
    """Estimate the indicators once more, by samples that are weighted anew.

    Where ``weighting.errors.beside`` says so: for a reader who asks how far the linearised errors
    of the report know the chance of who answered.

    Parameters
    ----------
    design: of the population, linearised.
    rows: its indicators as they may be shown.

    Returns
    -------
    Rows of the family ``rates``: ``rates/<population>/resampled_error.<key of the indicator>``, the
    standard error as rounded as the one beside it; none where nothing is declared, and none of what
    is hidden.
    """
    said = study.population(population).raw["weighting"]
    beside = said.get("errors", {}) if isinstance(said, Mapping) else {}
    columns = ["key", "population", "name", "value", "note"]
    if "beside" not in beside or rows.empty:
        return pd.DataFrame(columns=columns)
    drawn = drawn_beside(study, population, design, beside | {"method": beside["beside"]})
    declared = _declared(study, population).values()
    again = pd.concat([_estimated(drawn, questions, wanted) for wanted in declared])
    told = rows.loc[(rows["status"] == "shown") & rows["se"].notna(), "key"]
    again = rows[rows["key"].isin(told)].assign(
        se=lambda shown: again.set_index("key")["se"].reindex(shown["key"]).to_numpy()
    )
    again = released(again, "estimates", Rounding.of(study.section("disclosure")))
    names = [f"resampled_error.{key}" for key in again["key"]]
    made = pd.DataFrame({"name": names, "value": again["se"].to_numpy(dtype=float)})
    made["note"] = f"standard error by samples weighted anew ({beside['beside']})"
    return made.assign(population=population, key=[f"rates/{population}/{n}" for n in names])


def _declared(study: Study, population: str) -> dict[int, Indicator]:
    """Indicators of one population by their place in the configuration."""
    declared: dict[int, Indicator] = {}
    taken = set(table_ids(study, population))
    seen: set[tuple[str, str]] = set()
    for place, entry in enumerate(study.section("indicators") or []):
        key, wanted = f"indicators.{place}", _read(entry)
        if entry["population"] not in study.populations:
            raise study.mistake(
                "no such group of respondents",
                f"{key}.population",
                entry["population"],
                nearest(entry["population"], study.populations),
            )
        if wanted.id in taken or (wanted.id, wanted.statistic) in seen:
            raise study.mistake(
                "this name is taken by a table or by an indicator of the same statistic",
                f"{key}.id",
                wanted.id,
                "choose another",
            )
        seen.add((wanted.id, wanted.statistic))
        if entry["population"] == population:
            declared[place] = wanted
    return declared


def _read(entry: dict[str, Any]) -> Indicator:
    category = entry.get("category", ())
    return Indicator(
        id=entry["id"],
        statistic=entry["statistic"],
        variable=entry["variable"],
        denominator=entry.get("denominator", ""),
        categories=(category,) if isinstance(category, str) else tuple(category),
        by=entry.get("by", ""),
    )


def _estimated(design: SurveyDesign, questions: Questionnaire, wanted: Indicator) -> pd.DataFrame:
    for name in (wanted.variable, wanted.denominator, wanted.by):
        if name:
            questions.question(name)
    if wanted.statistic == "proportion":
        choices = questions.indicator(design.frame, wanted.variable)
        return estimate(design, wanted, choices)
    as_numbers = {
        name: numbers(questions.question(name), design.frame[name])
        for name in (wanted.variable, wanted.denominator)
        if name
    }
    return estimate(design.assign(**as_numbers), wanted, None)
