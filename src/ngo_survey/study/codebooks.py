"""The codebook of a group of respondents: its questionnaire and the variables made from it."""

from __future__ import annotations

from dataclasses import replace

from ngo_survey.codebook.derived import with_derived
from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import Faults, nearest
from ngo_survey.study.study import Study


def questionnaire(study: Study, population: str) -> Questionnaire:
    """Return the questionnaire of a population.

    Words of which the form does not say the language are in the first language of the study.
    """
    block = study.population(population)
    return read_xlsform(block.questionnaire, str(block.raw["questionnaire"]), study.languages[0])


def codebook(study: Study, population: str) -> Questionnaire:
    """Return the questionnaire of a population with its derived variables.

    The question that ``cleaning.consent`` names has the role ``consent``, whatever the form says.

    Raises
    ------
    ConfigError: it names no question, or a derived variable is wrong.
    """
    asked = _with_consent(study, population, questionnaire(study, population))
    with study.at(f"populations.{population}.derive"):
        return with_derived(asked, study.population(population).raw.get("derive", {}))


def sound_codebook(study: Study, population: str, faults: Faults) -> Questionnaire:
    """Return the codebook without the derived variables that are wrong, which ``faults`` keeps.

    Raises
    ------
    SurveyError: the questionnaire itself cannot be read.
    """
    book = questionnaire(study, population)
    with faults.check():
        book = _with_consent(study, population, book)
    for name, rule in study.population(population).raw.get("derive", {}).items():
        with faults.check(name), study.at(f"populations.{population}.derive"):
            book = with_derived(book, {name: rule})
    return book


def _with_consent(study: Study, population: str, asked: Questionnaire) -> Questionnaire:
    consent = study.population(population).raw.get("cleaning", {}).get("consent")
    if not isinstance(consent, dict):
        return asked
    where = f"populations.{population}.cleaning.consent"
    for name in consent:
        if name not in asked:
            raise study.mistake(
                "there is no such question", where, name, nearest(name, asked.questions)
            )
    others = {q.name: "" if q.role == "consent" else q.role for q in asked}
    roles = others | dict.fromkeys(consent, "consent")
    return replace(asked, questions={q.name: replace(q, role=roles[q.name]) for q in asked})
