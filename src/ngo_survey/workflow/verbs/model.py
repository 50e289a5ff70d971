"""The verb `model`: weighted answers in, coefficients, effects, predictions and diagnostics out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.disclosure.model_levels import marks, too_few
from ngo_survey.disclosure.thresholds import Rules
from ngo_survey.errors import SurveyError
from ngo_survey.results import store
from ngo_survey.statistics import models
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.estimation.families import adjust, limits_of_tests
from ngo_survey.statistics.models.families import Families, family_tests, judged_effects
from ngo_survey.statistics.models.level_counts import fitted_counts
from ngo_survey.statistics.models.multilevel import sensitivity
from ngo_survey.study import Study
from ngo_survey.workflow.verbs.counts import counted, join_parts
from ngo_survey.workflow.verbs.design import load_design

log = logging.getLogger(__name__)

FAMILIES = ("coefficients", "effects", "predictions", "contrasts", "diagnostics")
#: Numbers of a contrast that are withheld when too few stand behind it.
FIGURES = ["estimate", "se", "ci_low", "ci_high", "p", "p_adjusted", "n"]
Frames = dict[str, pd.DataFrame]


def run(study: Study) -> str:
    """Fit every declared model.

    A model that cannot be fitted is a row of its diagnostics with the reason, said on stderr; its
    other files are empty.
    """
    designs: dict[str, SurveyDesign] = {}
    families: Families = study.section("models").get("families", {})
    rules = Rules.of(study.section("disclosure"))
    fitted = refused = 0
    for name, declared in study.section("models").get("declared", {}).items():
        population = declared["population"]
        if population not in designs:
            designs[population] = with_numbers(*load_design(study, population))
        try:
            fit = fit_declared(designs[population], declared)
            frames = result_frames(name, fit, declared, families, rules, study.test_level)
            _add_sensitivity(frames, name, asked_of(designs[population], declared), declared)
            fitted += 1
        except SurveyError as error:
            log.warning("%s is not fitted: %s", name, error)
            frames = {"diagnostics": _failed(name, error)}
            refused += 1
        for family in FAMILIES:
            frame = frames.get(family, pd.DataFrame({"key": []}))
            store.write(frame, family, study.paths.result(family, name))
    return join_parts(f"{counted(fitted, 'model')} fitted", f"{refused} refused" if refused else "")


def with_numbers(design: SurveyDesign, questions: Questionnaire) -> SurveyDesign:
    """Let ratings enter models as numbers."""
    ratings = [q.name for q in questions if q.form == "rating" and q.name in design.frame]
    numbers = {name: questions.numbers(design.frame, name) for name in ratings}
    design.frame = design.frame.assign(**numbers)
    return design


def asked_of(design: SurveyDesign, declared: Mapping[str, Any]) -> SurveyDesign:
    """Return the design that a model is fitted to: of the register, or of what made it."""
    return design if declared.get("finite_population", True) else design.without_finite_population()


def fit_declared(design: SurveyDesign, declared: Mapping[str, Any]) -> models.Fit:
    """Fit a model as the configuration declares it."""
    design = asked_of(design, declared)
    kind, outcome, terms = declared["kind"], declared["outcome"], declared["terms"]
    penalty: Any = "separated" if declared.get("fallback") == "firth" else "never"
    link = declared.get("link", "logit")
    if kind == "ordinal":
        return models.ordinal(design, outcome, terms, link=link, penalty=penalty)
    if kind == "partial":
        return models.partial(design, outcome, terms, declared.get("nominal"), link=link)
    if kind == "multinomial":
        return models.multinomial(design, outcome, terms, declared.get("reference"))
    return models.glm(
        design,
        outcome,
        terms,
        family=kind,
        event=declared.get("event"),
        link=declared.get("link"),
        penalty=penalty,
    )


def result_frames(
    name: str,
    fit: models.Fit,
    declared: Mapping[str, Any],
    families: Families,
    rules: Rules,
    alpha: float = 0.05,
) -> Frames:
    """Return the rows of a fitted model by family, with the levels that it may not tell of.

    ``rules`` are those of tables: levels of few are marked among the diagnostics. ``alpha`` is the
    level of the tests of effects and contrasts, which their limits match.
    """
    coefficients = pd.concat([fit.coefficients, fit.cutpoints], ignore_index=True)
    named = [fit.columns.get(term, ("", "")) for term in coefficients["term"]]
    coefficients["variable"] = [variable for variable, _ in named]
    coefficients["level"] = [level for _, level in named]
    coefficients["key"] = [f"model/{name}/coefficient/{t}" for t in coefficients["term"]]
    effects = judged_effects(fit.effects(), family_tests(fit, families), fit.df, 1 - alpha)
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
    few = too_few(fitted_counts(fit, declared.get("sensitivity", ())), rules)
    diagnostics = pd.concat([diagnostics, marks(name, few)], ignore_index=True)
    made = {
        "coefficients": coefficients,
        "effects": effects,
        "predictions": predictions,
        "contrasts": _contrasts(name, fit, declared, rules.minimum_base, alpha),
        "diagnostics": diagnostics,
    }
    return {family: frame.assign(model=name) for family, frame in made.items()}


def _contrasts(
    name: str,
    fit: models.Fit,
    declared: Mapping[str, Any],
    least: int,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return every two levels of the declared terms, and the declared shifts of a whole.

    A shift that fewer than ``least`` respondents can make, or all but fewer, has no figures; the
    others are adjusted by Holm, a family for each outcome.
    """
    frames = [pd.DataFrame({"key": pd.Series(dtype=str)})]
    for variable in declared.get("contrasts", ()):
        made = fit.contrasts(variable, level=1 - alpha)
        made["key"] = [
            f"model/{name}/contrast/{variable}/{row.level}-{row.against}@{row.outcome}"
            for row in made.itertuples()
        ]
        frames.append(made.assign(kind="contrast"))
    for move in declared.get("shifts", ()):
        battery, source, target = move["battery"], move["from"], move["to"]
        made = fit.shift(f"{battery}_{source}", f"{battery}_{target}", move["points"])
        made = made.drop(columns=["source", "target", "share"])
        few = ~made["n"].between(least, fit.design.n - least)
        made = made.assign(kind="shift", variable=battery, level=target, against=source)
        made[FIGURES] = made.reindex(columns=FIGURES).astype(float).mask(few)
        path = f"model/{name}/shift/{battery}/{source}-{target}/{move['points']:g}"
        made["key"] = [f"{path}@{outcome}" for outcome in made["outcome"]]
        frames.append(made)
    made = pd.concat(frames, ignore_index=True)
    if declared.get("shifts"):
        # The shifts of a model are one family for each outcome.
        moved = made["kind"] == "shift"
        by_outcome = made[moved].groupby("outcome", sort=False)["p"]
        made.loc[moved, "p_adjusted"] = by_outcome.transform(adjust)
        made[moved] = limits_of_tests(made[moved], fit.df, "estimate", 1 - alpha)
    return made


def _add_sensitivity(
    frames: Frames, name: str, design: SurveyDesign, declared: Mapping[str, Any]
) -> None:
    """Add the coefficients of a model that treats groups otherwise, under names of their own.

    ``audience/region/random``: see :func:`models.multilevel.sensitivity`; what fails is a row of
    the diagnostics.
    """
    for group in declared.get("sensitivity", ()):
        link = declared.get("link", "logit")
        made = sensitivity(design, declared["outcome"], declared["terms"], group, link=link)
        failed = made["term"] == "failed"
        estimated = made[~failed & (made["term"] != "sd")].drop(columns="note")
        path = f"{name}/{group}/" + estimated["approach"]
        rows = estimated.drop(columns="approach").assign(
            model=path, key="model/" + path + "/coefficient/" + estimated["term"]
        )
        frames["coefficients"] = pd.concat([frames["coefficients"], rows], ignore_index=True)
        others = made[failed | (made["term"] == "sd")]
        names = f"sensitivity/{group}/" + others["approach"] + "/" + others["term"]
        checks = pd.DataFrame(
            {
                "name": names,
                "value": others["estimate"].astype(float),
                "note": others["note"],
                "model": name,
                "key": f"model/{name}/diagnostic/" + names,
            }
        )
        frames["diagnostics"] = pd.concat([frames["diagnostics"], checks], ignore_index=True)


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
