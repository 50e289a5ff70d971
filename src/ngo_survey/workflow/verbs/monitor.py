"""``ngo-survey monitor``: what a team in the field must know this morning, from a partial export.

Reads and cleans as ``check`` does; writes ``data/processed/monitoring/page.html`` and
``monitoring.xlsx``, which name respondents and are never released.
"""

from __future__ import annotations

from dataclasses import fields, replace

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.ingest.monitoring import monitor
from ngo_survey.present.document.language import language as report_words
from ngo_survey.present.document.warning import warning
from ngo_survey.present.monitoring.render import MonitoredGroup, page, workbook
from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.present.words.language import Language
from ngo_survey.results.files import write_bytes
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.workflow.files import read_table
from ngo_survey.workflow.verbs.clean import clean_responses, review_responses, rules_of
from ngo_survey.workflow.verbs.read import read_responses


def run(study: Study, language: str | None = None) -> int:
    """Write the page and the workbook; ``language`` is the first of the study unless named."""
    code = language or study.languages[0]
    groups = {name: _group(study, name, code) for name in study.populations}
    report = report_words(code, study.words)
    words = report.words | catalogue("monitor", code, study.words)
    say = Language(code, words, study.words)
    banner, _ = warning(study, report)
    folder = study.paths.monitoring
    write_bytes(page(groups, study.title(code), banner, say).encode(), folder / "page.html")
    write_bytes(workbook(groups, say), folder / "monitoring.xlsx")
    for name, group in groups.items():
        calls, coding = (len(group.tables[table]) for table in ("calls", "coding"))
        print(
            f"{name}: {group.received:,} received, {group.complete:,} complete, "
            f"{calls:,} to call back, {coding:,} to look at"
        )
    place = folder.relative_to(study.root).as_posix()
    print(f"{place}/page.html, {place}/monitoring.xlsx   (they name respondents: do not pass on)")
    return 0


def _group(study: Study, name: str, code: str) -> MonitoredGroup:
    block, book = study.population(name), codebook(study, name)
    read = read_responses(study, name)
    responses = read.frame
    cleaned = clean_responses(study, name, responses, read.columns)
    sample = read_table(study, str(block.raw["sample"])) if "sample" in block.raw else None
    strata = block.raw.get("weighting", {})
    tables = monitor(
        responses,
        cleaned,
        review_responses(study, name, responses, read.columns),
        book,
        rules_of(study, name),
        sample,
        strata.get("strata", ()) if isinstance(strata, dict) else (),
    )
    tables = replace(
        tables,
        strata=_labelled(tables.strata, book, code),
        questions=tables.questions.assign(
            question=[book.title(question, code) for question in tables.questions["question"]]
        ),
    )
    named = {field.name: getattr(tables, field.name) for field in fields(tables)}
    return MonitoredGroup(block.label(code), len(responses), len(cleaned.frame), named)


def _labelled(strata: pd.DataFrame, book: Questionnaire, code: str) -> pd.DataFrame:
    """Return strata in words, where the sample's columns are questions of the form."""
    made, titles = strata.copy(), {}
    for column in strata.columns:
        if column in book and book.question(column).choices:
            choices = {
                c.name: book.choice_label(column, c.name, code)
                for c in book.question(column).choices
            }
            made[column] = strata[column].replace(choices)
            titles[column] = book.title(column, code)
    return made.rename(columns=titles)
