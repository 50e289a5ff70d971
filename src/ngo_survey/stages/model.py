"""The verb `model`: weighted answers in, coefficients, effects, predictions and diagnostics out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey import models, store
from ngo_survey.errors import SurveyError
from ngo_survey.questionnaire import Questionnaire
from ngo_survey.sampling import SurveyDesign
from ngo_survey.stages.design import load_design
from ngo_survey.study import Study


def run(study: Study) -> None:
    """Fit every declared model.

    A model that cannot be fitted is a row of its diagnostics with the reason, said on stderr; its
    other files are empty.
    """
    designs: dict[str, tuple[SurveyDesign, Questionnaire]] = {}
    for name, declared in study.section("models").get("declared", {}).items():
        population = declared["population"]
        if population not in designs:
            design, questions = load_design(study, population)
            designs[population] = (with_numbers(design, questions), questions)
        try:
            frames = _frames(name, fit_declared(designs[population][0], declared))
        except SurveyError as error:
            print(f"ngo-survey model: {name} is not fitted: {error}", file=sys.stderr)
            frames = {"diagnostics": _failed(name, error)}
        for family in ("coefficients", "effects", "predictions", "diagnostics"):
            frame = frames.get(family, pd.DataFrame({"key": []}))
            store.write(frame, family, study.paths.result(family, name))


def with_numbers(design: SurveyDesign, questions: Questionnaire) -> SurveyDesign:
    """Let ratings enter models as numbers."""
    ratings = [q.name for q in questions if q.form == "rating" and q.name in design.frame]
    numbers = {name: questions.numbers(design.frame, name) for name in ratings}
    design.frame = design.frame.assign(**numbers)
    return design


def fit_declared(design: SurveyDesign, declared: Mapping[str, Any]) -> models.Fit:
    """Fit a model as the configuration declares it."""
    if declared["kind"] == "ordinal":
        return models.ordinal(design, declared["outcome"], declared["terms"])
    return models.glm(
        design,
        declared["outcome"],
        declared["terms"],
        family=declared["kind"],
        event=declared.get("event"),
    )


def _frames(name: str, fit: models.Fit) -> dict[str, pd.DataFrame]:
    coefficients = pd.concat([fit.coefficients, fit.cutpoints], ignore_index=True)
    parts = dict(
        zip(
            fit.matrix.names, zip(fit.matrix.variables, fit.matrix.levels, strict=True), strict=True
        )
    )
    named = [parts.get(term, ("", "")) for term in coefficients["term"]]
    coefficients["variable"] = [variable for variable, _ in named]
    coefficients["level"] = [level for _, level in named]
    coefficients["key"] = [f"model/{name}/coefficient/{t}" for t in coefficients["term"]]
    effects = fit.effects()
    effects["key"] = [
        f"model/{name}/effect/{term}@{outcome}"
        for term, outcome in zip(effects["term"], effects["outcome"], strict=True)
    ]
    predictions = fit.predictions()
    predictions["key"] = [
        f"model/{name}/prediction/{row.variable}={row.level}@{row.outcome}"
        for row in predictions.itertuples()
    ]
    diagnostics = fit.diagnostics()
    diagnostics["key"] = [f"model/{name}/diagnostic/{n}" for n in diagnostics["name"]]
    made = {
        "coefficients": coefficients,
        "effects": effects,
        "predictions": predictions,
        "diagnostics": diagnostics,
    }
    return {family: frame.assign(model=name) for family, frame in made.items()}


def _failed(name: str, error: SurveyError) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "key": f"model/{name}/diagnostic/failed",
                "model": name,
                "name": "failed",
                "note": str(error),
            }
        ]
    )
