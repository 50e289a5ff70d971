"""The codebook of a group of respondents: its questionnaire and the variables made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ngo_survey.errors import ConfigError, nearest
from ngo_survey.questionnaire.model import Choice, Question, Questionnaire
from ngo_survey.questionnaire.xlsform import read_xlsform
from ngo_survey.study import Study


def codebook(study: Study, population: str) -> Questionnaire:
    """Return the questionnaire of a population with its derived variables."""
    block = study.population(population)
    asked = read_xlsform(block.questionnaire, str(block.raw["questionnaire"]))
    with study.at(f"populations.{population}"):
        return with_derived(asked, block.raw.get("derive", {}))


def with_derived(asked: Questionnaire, declared: Mapping[str, Any]) -> Questionnaire:
    """Add the variables that the configuration derives from answers.

    A derived variable without ``levels`` of its own takes its choices from the variable it is made
    ``of``. Raises :class:`ConfigError` for an unknown source or a name the form already uses.
    """
    questions = dict(asked.questions)
    for name, rule in declared.items():
        key = f"derive.{name}"
        if name in questions:
            raise ConfigError("the questionnaire has this question", column=key, value=name)
        for source in sources(rule):
            if source not in questions and source not in asked.batteries:
                raise ConfigError(
                    "no such variable to derive from",
                    column=key,
                    value=source,
                    mend=nearest(source, [*questions, *asked.batteries]),
                )
        questions[name] = Question(
            name=name,
            type="derived",
            labels=rule["labels"],
            titles=rule["labels"],
            choices=_levels(rule, questions, asked),
            form=rule.get("form", "single"),
            group="derived",
        )
    return replace(asked, questions=questions)


def sources(rule: Mapping[str, Any]) -> list[str]:
    """Return the variables or batteries that a derived variable is made of."""
    of = rule["of"]
    return [of] if isinstance(of, str) else list(of)


def _levels(
    rule: Mapping[str, Any], questions: Mapping[str, Question], asked: Questionnaire
) -> tuple[Choice, ...]:
    if rule.get("form") == "number":
        return ()
    source = sources(rule)[0]
    own = tuple(Choice(level, given["labels"]) for level, given in rule.get("levels", {}).items())
    if rule["op"] == "largest":
        items = tuple(Choice(q.item, q.titles) for q in asked.battery(source))
        return items + own
    return own or questions[source].choices
