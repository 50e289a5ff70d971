"""From codes with labels, as statistical packages keep answers, to text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError
from ngo_survey.ingest.choices import Choices
from ngo_survey.ingest.table import ExportTable


def read_coded(
    reader: Callable[..., tuple[pd.DataFrame, Any]], path: Path, shown: str, what: str, **how: Any
) -> tuple[pd.DataFrame, Any]:
    """Run a reader of `pyreadstat`; what it cannot read is one clear error.

    Raises
    ------
    InputError: a file that is broken or breaks off, or whose encoding does not fit.
    """
    import pyreadstat

    try:
        return reader(path, **how)
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"the {what} file cannot be read ({str(error).strip().splitlines()[0]})",
            file=shown,
            hint=f"save it again in {what}; if its letters are at fault name sources.encoding",
        ) from None


def wordings(meta: Any) -> dict[str, str]:
    """Return the label of each variable that has one."""
    return {c: str(text) for c, text in meta.column_names_to_labels.items() if text}


def labelled(
    frame: pd.DataFrame, labels: Mapping[str, Mapping[Any, str]]
) -> tuple[pd.DataFrame, dict[str, pd.Series], dict[str, dict[str, str]]]:
    """Return every cell as text, and of columns with value labels the codes behind them.

    The text is the label where a code has one, else the value as written.
    """
    text = as_text(frame)
    values = {
        str(name): {_plain(code): str(label).strip() for code, label in listed.items()}
        for name, listed in labels.items()
        if name in frame and listed
    }
    codes = {name: text[name].copy() for name in values}
    for name, named in values.items():
        text[name] = text[name].map(lambda v, named=named: named.get(v, v))
    return text, codes, values


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every cell as text, as written.

    Whole numbers lose ``.0``, dates become ISO, missing becomes "". Leading zeros of text survive.
    """
    made = {str(name): frame[name].map(_plain, na_action="ignore") for name in frame.columns}
    out = pd.DataFrame(made).astype(object)
    return out.where(out.notna(), "").astype(str).set_axis(pd.RangeIndex(1, len(out) + 1))


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
        meant = frozenset[str]().union(*(book.find(label) for book in choices.labels.values()))
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


def _plain(value: object) -> str:
    if isinstance(value, float | np.floating):
        number = float(value)
        return number_as_text(number)
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)


def number_as_text(number: float) -> str:
    """Return a number that a file holds as a number.

    Three decimals get a fourth, so that nobody takes 1.125 for a thousand and more.
    """
    if not math.isfinite(number):
        return "" if math.isnan(number) else repr(number)
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = format(Decimal(repr(number)), "f")
    return f"{text}0" if re.search(r"\.\d{3}$", text) else text
