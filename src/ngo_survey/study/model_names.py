"""Names in the section ``models``: models, imputation, families, specifications, power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ngo_survey.errors import ConfigError
from ngo_survey.statistics.models.formula import terms_of
from ngo_survey.study.declared_models import check_model

if TYPE_CHECKING:
    from ngo_survey.study.known_names import KnownNames

#: Forms of answers that can be imputed.
IMPUTABLE = frozenset({"single", "scale", "rating", "multiple", "number", "constant_sum"})


def check_models(names: KnownNames) -> None:
    """Keep each name, in the models and around them, that the study does not have."""
    section = names.study.section("models")
    declared = section.get("declared", {})
    for population, auxiliary in section.get("imputation", {}).get("auxiliary", {}).items():
        where = f"models.imputation.auxiliary.{population}"
        with names.faults.check():
            _auxiliary(names, population, auxiliary, where)
    for place, outcome in enumerate(section.get("power", {}).get("outcomes", ())):
        with names.faults.check():
            _power(names, outcome, f"models.power.outcomes.{place}")
    sound = True
    for name, model in declared.items():
        found = len(names.faults.errors)
        with names.faults.check():
            check_model(names, model, f"models.declared.{name}")
        sound = sound and found == len(names.faults.errors)
    if not sound:
        names.faults.leave("families and specification curves of models")
        return
    terms = {term.variable for model in declared.values() for term in terms_of(model["terms"])}
    for family, variables in section.get("families", {}).items():
        names.each_known(variables, terms, f"models.families.{family}", "term of a model")
    for model, curve in section.get("specifications", {}).items():
        where = f"models.specifications.{model}"
        with names.faults.check():
            names.known(model, declared, where, "model")
            _curve(names, section, declared[model], curve, where)


def _power(names: KnownNames, outcome: Mapping[str, Any], where: str) -> None:
    book = names.book(outcome["population"], f"{where}.population")
    names.known(outcome["variable"], book.questions, f"{where}.variable", "variable")
    choices = book.question(outcome["variable"]).choice_names
    names.known(outcome["category"], choices, f"{where}.category", "choice")
    names.each_known(outcome["by"], book.questions, f"{where}.by", "variable")


def _auxiliary(names: KnownNames, population: str, auxiliary: list[str], where: str) -> None:
    book = names.book(population, where)
    for name in auxiliary:
        names.known(name, [*book.questions, *book.batteries], where, "question or battery")
        question = book.question(name) if name in book else book.battery(name)[0]
        if question.form not in IMPUTABLE:
            raise ConfigError(
                f"an answer of the form {question.form} cannot be imputed",
                file=names.study.file,
                column=where,
                value=name,
                hint="leave it out",
            )


def _curve(
    names: KnownNames,
    section: Mapping[str, Any],
    model: Mapping[str, Any],
    curve: Mapping[str, Any],
    where: str,
) -> None:
    book = names.book(model["population"], where)
    terms = [term.variable for term in terms_of(model["terms"])]
    for place, effect in enumerate(curve["effects"]):
        name, _, level = effect.partition("=")
        here = f"{where}.effects.{place}"
        names.known(name, terms, here, "term of the model")
        choices = book.question(name).choice_names
        if choices and book.question(name).form != "rating":
            names.known(level, choices, here, f"level of {name}")
        elif level:
            raise ConfigError(
                "a number has no levels", file=names.study.file, column=here, value=effect
            )
    for label, coding in curve["coding"].items():
        here = f"{where}.coding.{label}"
        names.known(coding["outcome"], book.questions, f"{here}.outcome", "variable")
        choices = book.question(coding["outcome"]).choice_names
        for event in coding["event"]:
            names.known(event, choices, f"{here}.event", "choice")
    for label, rule in curve["covariates"].items():
        for name in (*rule.get("only", ()), *rule.get("without", ())):
            names.known(name, terms, f"{where}.covariates.{label}", "term of the model")
    if "imputed" in curve.get("missing", ()) and "imputation" not in section:
        raise ConfigError(
            "imputed answers are asked for, but no imputation is declared",
            file=names.study.file,
            column=f"{where}.missing",
            hint="declare models.imputation",
        )
