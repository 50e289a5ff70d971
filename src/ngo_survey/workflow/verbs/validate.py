"""The verb `validate`: how far each declared model can be trusted.

Reads clean.csv, weights.csv and calibration.csv; writes ``validation/<model>`` (scores out of
fold), ``calibration/<model>`` and ``diagnostics/families_<model>`` (tests adjusted in families).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.errors import SurveyError
from ngo_survey.results import store
from ngo_survey.statistics.models.families import family_tests
from ngo_survey.statistics.models.validation import validate
from ngo_survey.study import Study
from ngo_survey.workflow.verbs.completed import ModelledGroup, write_failed
from ngo_survey.workflow.verbs.counts import counted
from ngo_survey.workflow.verbs.model import fit_declared

log = logging.getLogger(__name__)

DEFAULTS = {"folds": 10, "groups": 5}


def run(study: Study) -> str:
    """Validate every declared model.

    A model that cannot be fitted has one row with the reason, said on stderr.
    """
    section = study.section("models")
    options = {k: section.get("validation", {}).get(k, v) for k, v in DEFAULTS.items()}
    groups: dict[str, ModelledGroup] = {}
    for name, declared in section.get("declared", {}).items():
        population = declared["population"]
        if population not in groups:
            groups[population] = ModelledGroup.load(study, population)
        _validated(study, groups[population], name, declared, options)
        _families(study, groups[population], name, declared)
    return f"{counted(len(section.get('declared', {})), 'model')}, {options['folds']} folds"


def _validated(
    study: Study,
    group: ModelledGroup,
    name: str,
    declared: Mapping[str, Any],
    options: Mapping[str, int],
) -> None:
    try:
        scores, table = validate(
            group.design,
            lambda design: fit_declared(design, declared),
            options["folds"],
            options["groups"],
            # One stream for all models of a group: they are scored on the same folds.
            study.rng(f"validate/{group.population}"),
        )
    except SurveyError as error:
        log.warning("%s is not validated: %s", name, error)
        scores = pd.DataFrame([{"name": "failed", "note": str(error)}])
        write_failed(study, "calibration", name)
    else:
        rules = study.section("disclosure")
        table["key"] = [
            f"calibration/{name}/{outcome}/{place}"
            for outcome, place in zip(table["outcome"], table["group"], strict=True)
        ]
        table = _withhold(table.assign(model=name), rules["threshold"], rules["minimum_base"])
        store.write(table, "calibration", study.paths.result("calibration", name))
    scores["key"] = [f"validation/{name}/{score}" for score in scores["name"]]
    store.write(scores.assign(model=name), "validation", study.paths.result("validation", name))


def _withhold(table: pd.DataFrame, threshold: int, minimum: int) -> pd.DataFrame:
    """Take back observed shares of groups where too few answered so, or too few otherwise."""
    least = table["events"].where(table["events"] * 2 <= table["n"], table["n"] - table["events"])
    small = ((least < threshold) & (least > 0)) | (table["n"] < minimum)
    table.loc[small, ["observed", "se", "ci_low", "ci_high"]] = float("nan")
    table["status"] = "shown"
    table.loc[small, "status"] = "suppressed-primary"
    return table.drop(columns="events")


def _families(study: Study, group: ModelledGroup, name: str, declared: Mapping[str, Any]) -> None:
    """Write the tests of the model's variables, adjusted within the declared families."""
    families = study.section("models").get("families", {})
    path = study.paths.result("diagnostics", f"families_{name}")
    try:
        rows = family_tests(fit_declared(group.design, declared), families)
    except SurveyError as error:
        log.warning("%s has no tests: %s", name, error)
        write_failed(study, "diagnostics", f"families_{name}")
        return
    rows["key"] = [f"model/{name}/diagnostic/{row}" for row in rows["name"]]
    store.write(rows.assign(model=name), "diagnostics", path)
