"""The verb `specify`: every declared choice at once, and what became of the registered section.

Reads clean.csv, weights.csv, calibration.csv, imputed.csv and the registration; writes
``specifications/<model>``, ``diagnostics/specification_<model>`` and ``registration/models``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ngo_survey.disclosure.model_levels import marks, too_few
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.errors import InputError, SurveyError
from ngo_survey.results import store
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models import specification
from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.statistics.models.level_counts import level_counts
from ngo_survey.statistics.models.specification import (
    OutcomeCoding,
    covariate_sets,
    specifications,
    summary,
)
from ngo_survey.statistics.models.terms import DesignMatrix, design_matrix
from ngo_survey.study import Study
from ngo_survey.study.registration import Registration, compare
from ngo_survey.workflow.verbs.completed import ModelledGroup
from ngo_survey.workflow.verbs.counts import counted, join_parts
from ngo_survey.workflow.verbs.model import asked_of

#: Standing of the models against their registration, in words.
STANDING = {
    "unregistered": "not registered",
    "kept": "as registered",
    "changed": "other than registered",
}


def run(study: Study) -> str:
    """Run every declared specification curve and hold the models against their registration."""
    section = study.section("models")
    groups: dict[str, ModelledGroup] = {}
    tried = 0
    for name, curve in section.get("specifications", {}).items():
        declared = section["declared"][name]
        population = declared["population"]
        if population not in groups:
            groups[population] = ModelledGroup.load(study, population)
        rows = _curve(study, groups[population], name, curve, declared)
        summaries = summary(rows)
        tried += rows["number"].nunique()
        width = len(str(rows["number"].max()))
        rows["key"] = [
            f"specification/{name}/{number:0{width}d}/{term}"
            for number, term in zip(rows["number"], rows["term"], strict=True)
        ]
        store.write(
            rows.assign(model=name), "specifications", study.paths.result("specifications", name)
        )
        path = study.paths.result("diagnostics", f"specification_{name}")
        few = _too_few(study, groups[population], curve, declared)
        moves = pd.concat(
            [_moves(summaries, name), marks(name, few, "specification/")], ignore_index=True
        )
        store.write(moves, "diagnostics", path)
    return join_parts(counted(tried, "specification"), f"models {_registration(study)}")


def _curve(
    study: Study,
    group: ModelledGroup,
    name: str,
    curve: Mapping[str, Any],
    declared: Mapping[str, Any],
) -> pd.DataFrame:
    codings = {
        label: OutcomeCoding(given["kind"], given["outcome"], tuple(given["event"]))
        for label, given in curve["coding"].items()
    }
    with study.at(f"models.specifications.{name}.covariates"):
        sets = covariate_sets(declared["terms"], curve["covariates"])
    choices = {**curve, "coding": list(codings), "covariates": list(sets)}

    @cache
    def designs(weights: str, missing: str) -> Sequence[SurveyDesign]:
        base = asked_of(group.design if weights == "weighted" else group.unweighted, declared)
        if missing == "complete":
            return [base]
        return [base.assign(**dict(d.frame.items())) for d in group.completed]

    return specification.run(specifications(choices), codings, sets, curve["effects"], designs)


def _too_few(
    study: Study, group: ModelledGroup, curve: Mapping[str, Any], declared: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Return the levels that no specification may tell of: in some coding few had the event."""
    rules, found = Rules.of(study.section("disclosure")), []
    for given in curve["coding"].values():
        answers = group.design.frame[given["outcome"]]
        known = group.design.subset(answers.notna().to_numpy())
        event = np.isin(answers.astype(str), [str(answer) for answer in given["event"]])
        for matrix in _matrices(known, curve, declared):
            found += too_few(level_counts(matrix, matrix.complete, event.astype(float)), rules)
    return list(dict.fromkeys(found))


def _matrices(
    design: SurveyDesign, curve: Mapping[str, Any], declared: Mapping[str, Any]
) -> list[DesignMatrix]:
    """Return the columns of all the terms of a model, or else of each part that has columns.

    A predictor that nobody answered, or that is constant, keeps all terms from being a model, but
    not the sets of covariates without it. Why a set could not be fitted stands in its rows.
    """
    terms = declared["terms"]
    sets = [terms, *covariate_sets(terms, curve["covariates"]).values()]
    made = []
    for part in (*sets, *([term] for term in terms_of(terms))):
        with suppress(SurveyError):
            made.append(design_matrix(design, part))
        if made and part is terms:
            break
    return made


def _moves(summaries: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the summary as diagnostics, one row a number."""
    notes = {
        "run": "specifications that were fitted",
        "failed": "specifications without this effect, each with its reason",
        "median": "median of the effects",
        "lowest": "lowest effect",
        "highest": "highest effect",
        "same_sign": "share with the sign of the median",
        "clear": "share whose limits leave zero out, with the sign of the median",
    }
    rows = [
        {"name": f"specification/{row['term']}/{what}", "value": row[what], "note": note}
        for row in summaries.to_dict("records")
        for what, note in notes.items()
    ]
    frame = pd.DataFrame(rows)
    frame["key"] = [f"model/{name}/diagnostic/{row}" for row in frame["name"]]
    return frame.assign(model=name)


def _registration(study: Study) -> str:
    """Write what became of the registered models; returns their standing."""
    made = compare(*_registered(study))
    head = {
        "key": "registration/models",
        "name": "models",
        "standing": made.status,
        "date": made.date,
        "hash": made.current,
        "registered": made.registered,
        "count": len(made.changes),
    }
    rows = [head, *_changes(made)]
    path = study.paths.result("registration", "models")
    store.write(pd.DataFrame(rows), "registration", path)
    return STANDING[made.status]


def _registered(study: Study) -> tuple[Any, Mapping[str, Any] | None, str]:
    section = study.section("models")
    file = section.get("registration", "")
    if not file:
        return section, None, ""
    return section, read_record(study.path(file), file), file


def read_record(path: Path, shown: str) -> Mapping[str, Any]:
    """Read a registration; raises :class:`InputError` when it is missing or no mapping."""
    try:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            "the registration is missing",
            file=shown,
            hint="write it with `ngo-survey register`, or take models.registration out",
        ) from None
    except yaml.YAMLError as error:
        raise InputError(f"the registration is no YAML: {error}", file=shown) from None
    if not isinstance(record, Mapping):
        raise InputError("the registration holds no date, hash and section", file=shown)
    return record


def _changes(made: Registration) -> list[dict[str, Any]]:
    return [
        {
            "key": f"registration/models/{change.key}",
            "name": change.key,
            "standing": change.kind,
            "count": 1,
            "note": " -> ".join(filter(None, [change.before, change.after])),
        }
        for change in made.changes
    ]
