"""Codes that say that there is no answer: declared by the study, or written so by a tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question, Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.choice_headers import declared as answers_declared
from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.table import ExportTable

#: What R, pandas and onadata write into a cell that has no answer.
WRITTEN = frozenset({"NA", "N/A", "n/a", "NaN", "nan", "<NA>"})
#: What questionnaires use as codes; they are proposed, never taken, before a study declares them.
COMMON = WRITTEN | {
    *("77", "88", "99", "777", "888", "999", "9999", "-1", "-2", "-7", "-8", "-9", "-77", "-88"),
    *("-99", "-777", "-888", "-999", "-9999", ".", "-", "--", "?", "NULL", "null", "None", "#N/A"),
}


def codes_of(question: Question, options: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes that are no answer to a question.

    ``sources.missing`` gives a list for the whole study, or one by question and under ``all``. What
    a tool writes counts as well where it is no choice of the question.
    """
    return said_of(question, options) | (WRITTEN - spoken(question))


def said_of(question: Question, options: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes that ``sources.missing`` names for every question, or for this one."""
    said = options.get("missing", [])
    if isinstance(said, Mapping):
        said = [*said.get("all", []), *said.get(question.name, [])]
    return frozenset(map(str, said))


def named(question: Question, options: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes that ``sources.missing`` names for this one question."""
    said = options.get("missing", [])
    return frozenset(map(str, said.get(question.name, []) if isinstance(said, Mapping) else []))


def spoken(question: Question) -> frozenset[str]:
    """Return the names and labels of the choices of a question, as they are written."""
    labels = {spelling.exact(t) for c in question.choices for t in c.labels.values()}
    return frozenset({c.name for c in question.choices} | labels)


def alike(question: Question, options: Mapping[str, Any]) -> frozenset[str]:
    """Return what tools write for no answer that is a choice of the question but for its case.

    ``NA`` is written by R, and may be the choice ``na``. What the study declares is no answer for
    sure.
    """
    choices = {spelling.key(text) for text in spoken(question)}
    near = {mark for mark in WRITTEN - spoken(question) if spelling.key(mark) in choices}
    return frozenset(near) - said_of(question, options)


def declared(options: Mapping[str, Any]) -> frozenset[str]:
    """Return every code that ``sources.missing`` names, whatever the question."""
    said = options.get("missing", [])
    lists = said.values() if isinstance(said, Mapping) else [said]
    return frozenset(str(code) for codes in lists for code in codes)


def without_not_shown(
    table: ExportTable,
    written: str,
    questions: Questionnaire,
    report: pd.DataFrame,
    options: Mapping[str, Any],
) -> ExportTable:
    """Empty the cells in which a tool says that a question was not shown.

    Parameters
    ----------
    written: what it writes there, "" if nothing.
    report: ``header`` and ``question`` of each column.

    Raises
    ------
    InputError: a choice of the question is called so, and ``sources`` does not say which is meant.
    """
    if not written:
        return table
    frame = table.frame.copy(deep=False)
    for header, name in zip(report["header"], report["question"], strict=True):
        column = frame[header]
        cells = (column == written).to_numpy()
        if not cells.any():
            continue
        if name in questions and written not in codes_of(questions.question(name), options):
            if not answers_declared(options, name):
                raise InputError(
                    f"{written} is a choice of the question, and what the field tool writes where "
                    "it was not shown",
                    file=table.file,
                    row=int(column.index[cells.argmax()]),
                    column=header,
                    value=written,
                    hint=f'if it was not shown: sources.missing: {{{name}: ["{written}"]}}; if it '
                    f"is the choice: sources.answers: {{{name}: labels}} (or names)",
                )
            continue
        frame[header] = column.mask(cells, "")
    return replace(table, frame=frame)
