"""The verb `clean`: answers as they came in, answers to analyse out, every change logged."""

from __future__ import annotations

import pandas as pd

from ngo_survey import store
from ngo_survey.cleaning.clean import Cleaned, clean
from ngo_survey.errors import InputError, nearest
from ngo_survey.questionnaire import Questionnaire
from ngo_survey.questionnaire.codebook import codebook
from ngo_survey.study import Study


def run(study: Study, population: str) -> None:
    """Clean one group; writes clean.csv, changes.csv, quarantine.csv, ``flow`` and ``changes``."""
    responses = store.read_text_csv(study.paths.responses(population))
    cleaned = clean_responses(study, population, responses)
    paths = study.paths
    store.write_csv(cleaned.frame, paths.clean(population))
    store.write_csv(cleaned.changes, paths.changes(population))
    store.write_csv(cleaned.quarantine, paths.quarantine(population))
    flow = cleaned.flow.assign(
        population=population, key=[f"flow/{population}/{s}" for s in cleaned.flow["stage"]]
    )
    store.write(flow, "flow", paths.result("flow", population))
    counts = cleaned.counts.assign(
        population=population,
        key=[
            f"changes/{population}/{rule}@{variable}"
            for rule, variable in zip(
                cleaned.counts["rule"], cleaned.counts["variable"], strict=True
            )
        ],
    )
    store.write(counts, "changes", paths.result("changes", population))


def clean_responses(study: Study, population: str, responses: pd.DataFrame) -> Cleaned:
    """Run the declared rules on the answers of one group of respondents."""
    block = study.population(population)
    questions = codebook(study, population)
    return clean(
        responses,
        questions,
        block.raw.get("cleaning", {}),
        block.raw.get("derive", {}),
        read_aliases(study, population, questions),
        study.raw["study"]["fieldwork"],
        str(block.raw["responses"]),
    )


def read_aliases(
    study: Study, population: str, questions: Questionnaire
) -> dict[str, dict[str, str]]:
    """Read the alias tables: list of choices -> {spelling: choice}.

    Raises
    ------
    InputError: a missing file, a choice that the list does not know, one spelling of two choices.
    """
    declared = study.population(population).raw.get("cleaning", {}).get("aliases", {})
    choices = {q.list_name: set(q.choice_names) for q in questions if q.list_name}
    tables: dict[str, dict[str, str]] = {}
    for name, file in declared.items():
        if name not in choices:
            raise InputError(
                "no such list of choices", file=file, value=name, mend=nearest(name, choices)
            )
        try:
            frame = store.read_text_csv(study.path(file))
        except FileNotFoundError:
            raise InputError(
                "the alias table is missing", file=file, mend="correct cleaning.aliases"
            ) from None
        table: dict[str, str] = {}
        for row, (alias, choice) in enumerate(
            zip(frame["alias"], frame["choice"], strict=True), start=2
        ):
            if choice not in choices[name]:
                raise InputError(
                    "the list has no such choice",
                    file=file,
                    row=row,
                    column="choice",
                    value=choice,
                    mend=nearest(choice, choices[name]),
                )
            if table.get(alias.casefold(), choice) != choice:
                raise InputError(
                    "one spelling stands for two choices",
                    file=file,
                    row=row,
                    column="alias",
                    value=alias,
                    mend="keep one",
                )
            table[alias.casefold()] = choice
        tables[name] = table
    return tables
