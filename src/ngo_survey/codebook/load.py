"""The codebook of a group of respondents: its questionnaire and the variables made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ngo_survey.codebook.derived import declared as as_question
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.study import Study


def codebook(study: Study, population: str) -> Questionnaire:
    """Return the questionnaire of a population with its derived variables."""
    block = study.population(population)
    asked = read_xlsform(block.questionnaire, str(block.raw["questionnaire"]))
    with study.at(f"populations.{population}.derive"):
        return with_derived(asked, block.raw.get("derive", {}))


def with_derived(asked: Questionnaire, declared: Mapping[str, Any]) -> Questionnaire:
    """Add the variables that the configuration derives from answers, each from those before it.

    A derived variable without ``levels`` of its own takes its choices from the variable it is made
    ``of``. Raises :class:`ConfigError` as :func:`derived.declared`.
    """
    book = asked
    for name, rule in declared.items():
        book = replace(book, questions={**book.questions, name: as_question(name, rule, book)})
    return book
