"""The codebook of a group of respondents: its questionnaire and the variables made from it."""

from __future__ import annotations

from ngo_survey.codebook.derived import with_derived
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.study.study import Study


def codebook(study: Study, population: str) -> Questionnaire:
    """Return the questionnaire of a population with its derived variables."""
    block = study.population(population)
    asked = read_xlsform(block.questionnaire, str(block.raw["questionnaire"]))
    with study.at(f"populations.{population}.derive"):
        return with_derived(asked, block.raw.get("derive", {}))
