"""Codes with labels, as statistical packages keep answers: which of the two is the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError
from ngo_survey.ingest import missing
from ngo_survey.ingest.choice_headers import declared
from ngo_survey.ingest.choices import NAMES, Choices, systems, two_ways
from ngo_survey.ingest.cleaning import numbers
from ngo_survey.ingest.table import ExportTable


def names_or_labels(
    table: ExportTable, question: Question, header: str, options: Mapping[str, Any]
) -> pd.Series:
    """Return the codes of a column where they are the names of the choices, else its labels.

    Codes are names where every code is one and no label says another choice. Where labels do, and
    every code is a name nonetheless, the code list of the file and the form contradict each other.
    A column without value labels holds what it says.

    Raises
    ------
    InputError: they contradict each other, a label is the name of another choice, or a value that
        of one choice and a label of another, and ``sources.answers`` does not say which one holds.
    """
    text = table.frame[header]
    codes = table.codes[header].loc[text.index] if header in table.codes else text
    said = declared(options, question.name)
    if said:
        return codes if said == "names" else text
    if header not in table.codes:
        return _values(table, question, header, text)
    named = table.values[header]
    choices, names = Choices(question), set(question.choice_names)
    if not set(codes) - {""} <= names:
        return _labels(table, question, header, text)
    other = {
        code: " or ".join(sorted(read))
        for code, label in named.items()
        if (read := choices.one(label)) and code not in read
    }
    if not other:
        return _values(table, question, header, codes)
    if not set(named) <= names:
        return _labels(table, question, header, text)  # numbered from one, whatever the names are
    code, label = next(iter(other.items()))
    raise InputError(
        f"the code {code} is the name of one choice and its label, {named[code]!r}, that of "
        f"another ({label})",
        file=table.file,
        column=header,
        value=code,
        hint=f"say which one holds: sources.answers: {{{question.name}: names}} "
        f"or {{{question.name}: labels}}",
    )


def with_choices_called_missing(
    table: ExportTable, question: Question, header: str, options: Mapping[str, Any]
) -> ExportTable:
    """Return the table with what the file calls missing and the study calls an answer.

    SPSS and Stata keep "don't know" as a missing value that a user has made. Where the form has it
    as a choice, the two contradict each other.

    Raises
    ------
    InputError: such a value is a choice of the question, by its code or its label, and ``sources``
        does not say whether it is an answer.
    """
    held = table.withheld[header].loc[table.frame.index]
    named, choices = table.values.get(header, {}), Choices(question)
    empty = missing.codes_of(question, options)
    said = declared(options, question.name)
    text = table.frame[header]
    codes = table.codes[header].loc[text.index] if header in table.codes else text
    for code in sorted(set(held) - {""}):
        label = named.get(code, code)
        by_code = bool(choices.names.find(code))
        if {code, label} & empty or not (by_code or choices.one(label)):
            continue
        if not said:
            raise InputError(
                f"the file calls the value {code} ({label}) missing, and it is a choice of the "
                "question",
                file=table.file,
                row=int(held.index[(held == code).to_numpy().argmax()]),
                column=header,
                value=code,
                hint=f'if it is no answer: sources.missing: {{{question.name}: ["{code}"]}}; if it '
                f"is the choice: sources.answers: {{{question.name}: "
                f"{NAMES if by_code else 'labels'}}}",
            )
        text, codes = text.mask(held == code, label), codes.mask(held == code, code)
    frame = table.frame.assign(**{header: text})
    kept = {**table.codes, header: codes} if header in table.codes else table.codes
    return replace(table, frame=frame, codes=kept)


def labelled_numbers(
    table: ExportTable, question: Question, header: str, options: Mapping[str, Any]
) -> pd.Series:
    """Return the numbers of a column of which some have a label: 0, "none"; 99, "refused".

    A label that is the number itself, or a code that is no answer, changes nothing.

    Raises
    ------
    InputError: the label of a number that somebody gave says something else, and ``sources`` does
        not say which of the two holds.
    """
    column = table.frame[header]
    codes = table.codes[header].loc[column.index]
    said = declared(options, question.name)
    if said:
        return codes if said == NAMES else column
    empty = missing.codes_of(question, options)
    for code, label in table.values[header].items():
        given = (codes == code).to_numpy()
        if not given.any() or label in empty or code in empty or _number(label) == _number(code):
            continue
        raise InputError(
            f"the number {code} has the label {label!r}",
            file=table.file,
            row=int(column.index[given.argmax()]),
            column=header,
            value=code,
            hint=f"if the number holds: sources.answers: {{{question.name}: names}}, if the label: "
            f"{{{question.name}: labels}}; if it is no answer: sources.missing: "
            f'{{{question.name}: ["{code}"]}}',
        )
    return codes


def _number(text: str) -> str:
    try:
        return numbers.reader([text], False, {})(text)
    except numbers.AmbiguousNumberError:
        return text


def _values(table: ExportTable, question: Question, header: str, values: pd.Series) -> pd.Series:
    """Return values as the file holds them, unless they are names and labels of other choices.

    That other columns of the file hold labels says nothing of this one: labels are chosen column by
    column, where in other formats an export is written one way.
    """
    choices = Choices(question)
    texts = [text for text in values.unique() if text]
    ways = systems({question.name: texts}, {question.name: choices})[question.name]
    if len(ways) < 2:
        return values
    raise two_ways(values, values.index.to_series(), choices, ways, table.file, header)


def _labels(table: ExportTable, question: Question, header: str, text: pd.Series) -> pd.Series:
    """Return labels, unless one of them is the name of a choice that it is not the label of alone.

    Whoever reads the answers later sees a text and no longer that it is a label.
    """
    choices = Choices(question)
    for label in sorted(set(text) - {""}):
        named = choices.names.find(label)
        meant = choices.labelled_as(label)
        if named and meant and meant != named:
            raise InputError(
                f"this is the label of {' and '.join(sorted(meant))} and the name of "
                f"{' and '.join(sorted(named))}",
                file=table.file,
                row=int(text.index[(text == label).to_numpy().argmax()]),
                column=header,
                value=label,
                hint="say that the column holds labels: sources.answers: "
                f"{{{question.name}: labels}}",
            )
    return text
