"""The verb `read`: an export in, answers under the questionnaire's names out, all text."""

from __future__ import annotations

from ngo_survey.ingest import Responses, read_export
from ngo_survey.results import store
from ngo_survey.study import Study
from ngo_survey.study.codebooks import questionnaire
from ngo_survey.study.kept_answers import kept_answers
from ngo_survey.workflow.verbs.counts import counted, join_parts


def run(study: Study, population: str) -> str:
    """Read the export of one group; writes responses.csv and columns.csv."""
    responses = read_responses(study, population)
    store.write_csv(responses.frame, study.paths.responses(population))
    store.write_csv(responses.columns, study.paths.columns(population))
    found = responses.columns["question"]
    return join_parts(
        counted(len(responses.frame), "response"),
        counted(found[found != ""].nunique(), "question"),
        counted((found == "").sum(), "other column"),
    )


def read_responses(study: Study, population: str, everything: bool = False) -> Responses:
    """Return the answers of one group of respondents as they came.

    Contact details and words only where the study declares a use for them
    (:mod:`ngo_survey.study.kept_answers`), or with ``everything``.
    """
    block = study.population(population)
    questions = questionnaire(study, population)
    if block.sample is not None:
        questions.by_role("id")  # who was invited is told by it
    options = block.raw.get("sources", {})
    kept = None if everything else kept_answers(block.raw)
    return read_export(block.responses, str(block.raw["responses"]), questions, options, kept)
