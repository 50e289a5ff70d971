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
    InputError: they contradict each other and ``sources.answers`` does not say which one holds.
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
        return text
    other = {
        code: next(iter(read))
        for code, label in named.items()
        if len(read := choices.one(label)) == 1 and read != {code}
    }
    if not other:
        return codes
    if not set(named) <= names:
        return text  # numbered from one, whatever the names are
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
