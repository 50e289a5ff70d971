"""The verb `clean`: answers as they came in, answers to analyse out, every change logged."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import Faults, InputError, nearest
from ngo_survey.ingest.choice_headers import by_header, with_words
from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.cleaning.clean import Cleaned, clean, read_rules
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs, Coding
from ngo_survey.ingest.cleaning.coding import CODERS, COLUMNS, agreed, reliability
from ngo_survey.ingest.cleaning.corrections import apply_corrections
from ngo_survey.ingest.cleaning.eligibility import set_aside_refusals, set_aside_tests
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.losses import losses
from ngo_survey.ingest.cleaning.reading_rules import blank_missing_codes, normalise_text
from ngo_survey.ingest.cleaning.review import review
from ngo_survey.results import store
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.files import read_table
from ngo_survey.workflow.verbs.counts import counted, join_parts


def run(study: Study, population: str) -> str:
    """Clean one group.

    Writes clean.csv, changes.csv, quarantine.csv, review.csv (what people must look at), losses.csv
    (what cleaning cost, by question and rule) and the families ``flow``, ``changes`` and ``rates``
    (agreement of coders).
    """
    responses = store.read_text_csv(study.paths.responses(population))
    columns = store.read_text_csv(study.paths.columns(population))
    cleaned = clean_responses(study, population, responses, columns)
    paths = study.paths
    store.write_csv(cleaned.frame, paths.clean(population))
    store.write_csv(cleaned.changes, paths.changes(population))
    store.write_csv(cleaned.quarantine, paths.quarantine(population))
    lost = losses(cleaned.changes, responses, codebook(study, population))
    store.write_csv(lost, paths.losses(population))
    to_review = review_responses(study, population, responses, columns)
    store.write_csv(to_review, paths.review(population))
    coders = agreement(study, population)
    store.write(coders, "rates", paths.result("rates", f"coders_{population}"))
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
    return join_parts(
        f"{len(cleaned.frame):,} of {len(responses):,} complete",
        f"{len(cleaned.quarantine):,} set aside",
        counted(len(cleaned.changes), "cell") + " changed",
        f"{len(to_review):,} to review" if len(to_review) else "",
    )


def clean_responses(
    study: Study, population: str, responses: pd.DataFrame, columns: pd.DataFrame | None = None
) -> Cleaned:
    """Run the declared rules on the answers of one group of respondents.

    ``columns`` tells how each column of the export was matched, as reading wrote it.
    """
    block = study.population(population)
    questions = codebook(study, population)
    return clean(
        responses,
        questions,
        read_cleaning_inputs(study, population, questions, columns),
        block.raw.get("derive", {}),
        rules_of(study, population),
        str(block.raw["responses"]),
    )


def rules_of(study: Study, population: str) -> list[dict[str, str]]:
    """Return the rules of a group of respondents: its own file, or the one that ships."""
    own = study.population(population).raw.get("cleaning", {}).get("rules")
    return read_rules() if own is None else read_rules(_text(study, own), own)


def review_responses(
    study: Study, population: str, responses: pd.DataFrame, columns: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return spellings that nobody knows and words that nobody coded."""
    questions = codebook(study, population)
    inputs = read_cleaning_inputs(study, population, questions, columns)
    ledger = Ledger(responses.copy(), questions, str(study.population(population).raw["responses"]))
    for rule in (
        apply_corrections,
        blank_missing_codes,
        set_aside_tests,
        set_aside_refusals,
        normalise_text,
    ):
        rule(ledger, inputs)
    return review(ledger, inputs)


def agreement(study: Study, population: str) -> pd.DataFrame:
    """Return how far the coders of each question agree, as rows of the family ``rates``."""
    declared = study.population(population).raw.get("cleaning", {}).get("coding", {})
    codings = {name: read_table(study, file, COLUMNS, CODERS) for name, file in declared.items()}
    codings |= {name: coding.table for name, coding in _texts(study, population).items()}
    seeds = {name: study.rng(f"coders/{population}/{name}") for name in codings}
    made = reliability(codings, seeds)
    keys = [f"rates/{population}/{name}" for name in made["name"]]
    return made.assign(population=population, key=keys)


def read_cleaning_inputs(
    study: Study, population: str, questions: Questionnaire, columns: pd.DataFrame | None = None
) -> CleaningInputs:
    """Read what the study tells the rules: aliases, coders' files, corrections, the sample."""
    block = study.population(population)
    options = block.raw.get("cleaning", {})
    codings = {
        name: read_table(study, file, COLUMNS, CODERS)
        for name, file in options.get("coding", {}).items()
    }
    corrections = options.get("corrections")
    sample = read_table(study, str(block.raw["sample"])) if "sample" in block.raw else None
    # Without a number in the export nobody can say who was not invited.
    numbered = questions.find_role("id") is not None
    return CleaningInputs(
        options=options,
        fieldwork=study.fieldwork,
        aliases=read_aliases(study, population, questions),
        codings=codings,
        texts=_texts(study, population),
        corrections=None if corrections is None else read_table(study, corrections),
        invited=_invited(sample) if numbered else None,
        sources=block.raw.get("sources", {}),
        by_header={} if columns is None else by_header(columns.fillna(""), questions),
        with_words=frozenset() if columns is None else with_words(columns),
    )


def find_inputs(study: Study, population: str, questions: Questionnaire, faults: Faults) -> None:
    """Keep what is wrong in the files that the rules read: aliases, coders' files, corrections."""
    block = study.population(population).raw
    options, derived = block.get("cleaning", {}), block.get("derive", {})
    find_aliases(study, population, questions, faults)
    codings = dict(options.get("coding", {}))
    codings |= {name: rule["codes"] for name, rule in derived.items() if rule["op"] == "coded"}
    for name, file in codings.items():
        with faults.check():
            table = read_table(study, file, COLUMNS, CODERS)
            if name in questions:
                agreed(table, questions.question(name), file)
    for file in filter(None, (options.get("corrections"), block.get("sample"))):
        with faults.check():
            read_table(study, str(file))
    with faults.check():
        rules_of(study, population)


def _invited(sample: pd.DataFrame | None) -> frozenset[str] | None:
    """Return the numbers of those invited; None where nobody says who was."""
    if sample is None or "sample_id" not in sample:
        return None
    return frozenset(sample["sample_id"].dropna())


def _texts(study: Study, population: str) -> dict[str, Coding]:
    """Read the coders' file of each derived variable that is coded from words."""
    declared = study.population(population).raw.get("derive", {})
    return {
        name: Coding(
            name, rule["of"], rule["codes"], read_table(study, rule["codes"], COLUMNS, CODERS)
        )
        for name, rule in declared.items()
        if rule["op"] == "coded"
    }


def _text(study: Study, file: str) -> str:
    try:
        return study.path(file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            "the rules are missing", file=file, hint="correct cleaning.rules"
        ) from None


def read_aliases(
    study: Study, population: str, questions: Questionnaire
) -> dict[str, dict[str, str]]:
    """Read the alias tables: list of choices -> {spelling: choice}.

    Raises
    ------
    InputError: a missing file or column, a choice that the list does not know, one spelling of two
        choices.
    """
    faults = Faults()
    tables = find_aliases(study, population, questions, faults)
    faults.refuse()
    return tables


def find_aliases(
    study: Study, population: str, questions: Questionnaire, faults: Faults
) -> dict[str, dict[str, str]]:
    """Return the alias tables as far as they are sound; ``faults`` keeps what is not."""
    declared = study.population(population).raw.get("cleaning", {}).get("aliases", {})
    choices = {q.list_name: set(q.choice_names) for q in questions if q.list_name}
    tables: dict[str, dict[str, str]] = {}
    for name, file in declared.items():
        with faults.check():
            if name not in choices:
                raise InputError(
                    "no such list of choices", file=file, value=name, hint=nearest(name, choices)
                )
            frame = read_table(study, file, ["alias", "choice"])
            tables[name] = _alias_table(frame, file, choices[name], faults)
    return tables


def _alias_table(
    frame: pd.DataFrame, file: str, choices: Collection[str], faults: Faults
) -> dict[str, str]:
    table: dict[str, str] = {}
    known: dict[str, str] = {}
    for row, (alias, choice) in enumerate(zip(frame["alias"], frame["choice"], strict=True), 2):
        with faults.check():
            if pd.isna(alias) or pd.isna(choice):
                raise InputError(
                    "a line of an alias table needs a spelling and a choice",
                    file=file,
                    row=row,
                    hint="a code that says that there is no answer belongs under sources.missing",
                )
            if choice not in choices:
                raise InputError(
                    "the list has no such choice",
                    file=file,
                    row=row,
                    column="choice",
                    value=choice,
                    hint=nearest(choice, choices),
                )
            if known.setdefault(spelling.key(alias), choice) != choice:
                raise InputError(
                    "one spelling stands for two choices",
                    file=file,
                    row=row,
                    column="alias",
                    value=alias,
                    hint="keep one",
                )
            table[alias] = choice
    return table
