"""Which choice a header names, and whether by its name or by its label.

What reading has found by headers, or in an order, is the name of a choice from then on: nobody
reads it as a label again, and an alias of a name does not touch what stood there as a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question, Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.choices import NAMES, NOTHING, Choices, Found
from ngo_survey.ingest.table import ExportTable
from ngo_survey.ingest.tools.heading import ExportHeading

#: How a column was matched: by the name of a choice, by its label, by either, which differ.
BY_NAME, BY_LABEL, TWO_WAYS = "choice", "label of a choice", "two choices"
#: How the column of an order was matched that holds labels.
ORDER_OF_LABELS = "order of labels"
#: How a column was matched that holds the words of "other" among its answers.
WITH_WORDS = "answers and words of other"
LABELS = "labels"


def declared(options: Mapping[str, Any], *names: str) -> str:
    """Return how the study says that answers are written: names, labels, a language, or ""."""
    answers = options.get("answers", "")
    if isinstance(answers, str):
        return answers
    return next((str(answers[name]) for name in names if name in answers), "")


def choice_of(
    question: Question, parts: Iterable[ExportHeading], worded: bool | None, said: str
) -> tuple[str, str]:
    """Return the choice that the readings of one header name, and how; "" where none does.

    Parameters
    ----------
    parts: the readings of the header that are about this question, the likeliest first.
    worded: whether the header says the question in words and not by its name; None where its name
        and its wording are one.
    said: how the study says that answers are written (:func:`declared`).
    """
    choices = Choices(question)
    found: dict[str, Found] = {}
    for heading in parts:
        named, labelled = choices.names.find(heading.part), _labelled(choices, heading.part, said)
        words = (heading.words or worded) if not said else said != NAMES
        if words and labelled:
            named = NOTHING
        elif words is False and named:
            labelled = NOTHING
        for how, read in ((BY_NAME, named), (BY_LABEL, labelled)):
            if read:
                found.setdefault(how, read)
    named, labelled = found.get(BY_NAME, NOTHING), found.get(BY_LABEL, NOTHING)
    # In one language it may be the label of the choice that it names, in another that of another.
    if named and labelled - named and not said:
        return min(named), TWO_WAYS
    how = BY_LABEL if labelled and (not named or said not in ("", NAMES)) else BY_NAME
    read = labelled if how == BY_LABEL else named
    return (min(read), how) if len(read) == 1 else ("", "")


def _labelled(choices: Choices, text: str, said: str) -> Found:
    if said in choices.labels:
        return choices.labels[said].find(text)
    return choices.labelled_as(text)


def two_choices(table: ExportTable, report: pd.DataFrame) -> InputError:
    """Return the error for a header that is one choice by its name and another by its label."""
    first = report[report["matched"] == TWO_WAYS].iloc[0]
    name, header = first["question"], first["header"]
    said = table.labels.get(header, "")
    beside = f" (labelled {said!r})" if said else ""
    return InputError(
        f"this column of {name}{beside} is the choice {first['choice']} by its name and another "
        "one by its label",
        file=table.file,
        row=1,
        value=header,
        hint=f"say which it is: sources.answers: {{{name}: names}} or {{{name}: labels}}, or map "
        f"it under sources.columns: {{{header!r}: {name}/{first['choice']}}}",
    )


def note_words(
    report: pd.DataFrame, questions: Questionnaire, written: bool, options: Mapping[str, Any]
) -> None:
    """Write beside a column that the words of "other" stand among its answers.

    In other exports a text that is no choice is a spelling that nobody knows, and never "other":
    field tools write such words into a column of their own.

    Parameters
    ----------
    written: whether the tool writes them so; the export has no column for them then.
    options: ``words_of_other`` names questions of which a study says so.
    """
    said, there = set(options.get("words_of_other", ())), set(report["question"])
    for place, name, choice in report[["question", "choice"]].itertuples(name=None):
        words = f"{name}_other"
        if choice or name not in questions or words not in questions:
            continue
        if "other" in questions.question(name).choice_names and (
            name in said or (written and words not in there)
        ):
            report.at[place, "matched"] = WITH_WORDS


def with_words(columns: pd.DataFrame) -> frozenset[str]:
    """Return the questions that hold the words of "other" among their answers."""
    return frozenset(columns.loc[columns["matched"] == WITH_WORDS, "question"])


def by_header(columns: pd.DataFrame, questions: Questionnaire) -> dict[str, str]:
    """Return the questions whose answers reading has found as names of choices, and from what.

    Parameters
    ----------
    columns: ``question``, ``choice`` and ``matched`` of each column of the export.

    Returns
    -------
    Question to ``names`` or ``labels``: what the headers of its choices, or the orders, say. A
    question that has a column of its own beside those of its choices is not among them.
    """
    made: dict[str, str] = {}
    rows = list(columns[["question", "choice", "matched"]].itertuples(index=False, name=None))
    whole = {name for name, choice, _ in rows if not choice}
    for name, choice, how in rows:
        if choice and name not in whole:
            made[name] = LABELS if how == BY_LABEL else made.get(name, NAMES)
    orders = {name for name, _, how in rows if how == ORDER_OF_LABELS}
    for question in questions:
        if question.place_of:
            made[question.name] = LABELS if question.battery in orders else NAMES
    return made
