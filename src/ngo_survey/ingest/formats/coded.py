"""Codes with labels, as statistical packages keep answers: which of the two is the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError
from ngo_survey.ingest.choices import Choices
from ngo_survey.ingest.table import ExportTable


def names_or_labels(
    table: ExportTable, question: Question, header: str, options: Mapping[str, Any]
) -> pd.Series:
    """Return the codes of a column where they are the names of the choices, else its labels.

    Codes are names where every code is one and no label says another choice. Where labels do, and
    every code is a name nonetheless, the code list of the file and the form contradict each other.

    Raises
    ------
    InputError: they contradict each other, or a label is the name of another choice, and
        ``sources.answers`` does not say which one holds.
    """
    named = table.values[header]
    text = table.frame[header]
    codes = table.codes[header].loc[text.index]
    answers = options.get("answers", "")
    said = answers if isinstance(answers, str) else answers.get(question.name, "")
    if said:
        return codes if said == "names" else text
    choices, names = Choices(question), set(question.choice_names)
    if not set(codes) - {""} <= names:
        return _labels(table, question, header, text)
    other = {
        code: " or ".join(sorted(read))
        for code, label in named.items()
        if (read := choices.one(label)) and code not in read
    }
    if not other:
        return codes
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
