"""Answers of many in one column a choice: ticked, not ticked, no answer, not exported.

A choice is ticked where its column says yes, or says its name or label, or, of "other", holds the
words written beside it. A row of which no column says yes and some say no is an answer: nothing is
ticked of what was shown. Empty columns beside them are choices that this respondent was not shown
(filtered, or added to the form later). A row of empty columns is no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError
from ngo_survey.ingest import missing
from ngo_survey.ingest.choice_headers import declared
from ngo_survey.ingest.choices import NAMES, NONE_TICKED, Choices, listed
from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.table import ExportTable

YES = {
    *("1", "1.0", "true", "yes", "y", "oui", "ja", "si", "sí", "sim", "да", "иә", "x", "х", "+"),
    *("checked", "selected", "✓", "✔", "истина", "wahr", "vrai", "verdadero", "verdadeiro"),
}
YES = {spelling.key(word) for word in YES}
NO = {
    *("0", "0.0", "false", "no", "n", "non", "nein", "não", "нет", "жоқ"),
    *("unchecked", "not selected", "unselected", "ложь", "falsch", "faux", "falso"),
}
NO = {spelling.key(word) for word in NO}
#: A stroke is no beside a plus; alone it may say that there is no answer.
PLUS, STROKE = "+", "-"
TICKED, NOT_TICKED, EMPTY, WORDS = "ticked", "not ticked", "", "words"


def join(
    table: ExportTable,
    question: Question,
    headers: Mapping[str, str],
    options: Mapping[str, Any],
    beside: pd.Series | None = None,
) -> tuple[pd.Series, pd.Series | None]:
    """Return the choices of each row by name, and the words that stand in the column of "other".

    Parameters
    ----------
    headers: header by choice.
    options: ``missing`` (codes that are no answer), ``not_exported`` (``question/choice`` whose
        column the export leaves out because nobody ticked it).
    beside: the column of the words of "other", which tick it.

    Raises
    ------
    InputError: a choice without a column, a cell that says neither yes nor no.
    """
    _refuse_lacking(table, question, headers, options, beside is not None)
    said = declared(options, question.name)
    columns = {c: _cells(table, question, c, header, said) for c, header in headers.items()}
    empty = missing.codes_of(question, options) | {""}
    states = {
        choice: _states(table, question, choice, headers[choice], column, empty, columns)
        for choice, column in columns.items()
    }
    words = None
    if "other" in states and (states["other"] == WORDS).any():
        words = columns["other"].where(states["other"] == WORDS, "")
        states["other"] = states["other"].replace(WORDS, TICKED)
    if beside is not None and "other" in question.choice_names:
        written = ~beside.str.strip().isin(empty) & ~beside.map(no_words)
        before = states.get("other", pd.Series(EMPTY, index=beside.index, dtype=object))
        states["other"] = before.mask(written & (before == EMPTY), TICKED)
    joined = pd.Series("", index=table.frame.index, dtype=object)
    refused = pd.Series(False, index=table.frame.index)
    for choice in question.choice_names:
        if choice in states:
            joined += (states[choice] == TICKED).map({True: f"{choice} ", False: ""})
            # That there are no words of "other" does not show that the question was asked.
            if choice != "other" or len(states) == 1:
                refused |= states[choice] == NOT_TICKED
    joined = joined.str.strip()
    return joined.mask((joined == "") & refused, NONE_TICKED), words


def no_words(text: str) -> bool:
    """Whether what stands beside "other" says that there are no words."""
    return spelling.key(text) in NO | {STROKE}


def compare(table: ExportTable, question: Question, header: str, split: pd.Series) -> None:
    """Refuse rows where the joined column of a question and its split ones differ.

    Raises
    ------
    InputError: with the rows; an empty joined cell beside parts that all say no does not differ.
    """
    choices = Choices(question)
    joined = table.frame[header]
    differing = []
    for row, text, ticked in zip(joined.index, joined, split, strict=True):
        if text == "" and ticked in {"", NONE_TICKED}:
            continue
        ways = choices.many(text) if text else []
        if text and len(ways) != 1 and ticked not in {"", NONE_TICKED}:
            continue  # cleaning judges what it cannot read
        if set(ways[0] if ways else ()) != set(ticked.split()):
            differing.append(int(row))
    if differing:
        first = differing[0]
        raise InputError(
            f"the joined column and the split columns of {question.name} differ "
            f"({joined[first]!r} and {split[first]!r}) in {len(differing)} rows: "
            f"{listed(differing)}",
            file=table.file,
            row=first,
            column=header,
            hint="list those that were not edited last under sources.ignore",
        )


def _cells(
    table: ExportTable, question: Question, choice: str, header: str, said: str
) -> pd.Series:
    """Return a column; where a statistical package keeps 0 and 1 under labels, these.

    The whole list of labels tells what a code is, used or not: 1 is ticked where 0 is the other
    one, and is not where the list is 1 for no and 2 for yes.

    Raises
    ------
    InputError: the labels of 0 and 1 say the opposite.
    """
    column = table.frame[header]
    if header not in table.codes or said not in ("", NAMES):
        return column
    codes, labels = table.codes[header].loc[column.index], table.values[header]
    if said == NAMES:
        return codes
    if not set(labels) <= {"0", "1"} or not set(codes) <= {"", "0", "1"}:
        return column
    no, yes = (spelling.key(labels.get(code, "")) for code in "01")
    own = [Choices(question).one(label) == {choice} for label in (no, yes)]
    turned = (own[0] or no in YES) and not own[1]
    turned |= yes in NO and not own[1]
    # "Not mentioned" is what denies "mentioned", in most languages with more letters.
    turned |= bool(no) and no in yes and not own[1] and no != yes
    if turned:
        raise InputError(
            f"the codes of the choice {choice} say the opposite of their labels: "
            f"0 is {labels.get('0', '')!r} and 1 is {labels.get('1', '')!r}",
            file=table.file,
            column=header,
            hint="say which holds: "
            f"sources.answers: {{{question.name}: names}} (1 is ticked) or {{{question.name}: "
            "labels}",
        )
    return codes


def _refuse_lacking(
    table: ExportTable,
    question: Question,
    headers: Mapping[str, str],
    options: Mapping[str, Any],
    words: bool,
) -> None:
    nobodys = set(options.get("not_exported", ()))
    lacking = [
        c
        for c in question.choice_names
        if c not in headers
        and f"{question.name}/{c}" not in nobodys
        and not (c == "other" and words)
    ]
    if lacking:
        shown = [f"{question.name}/{c}" for c in lacking]
        raise InputError(
            f"the export has columns for choices of {question.name} and none for "
            f"{', '.join(shown)}: nobody can say who ticked it",
            file=table.file,
            row=1,
            value=next(iter(headers.values())),
            hint=f"export it, or, if nobody ticked it, sources.not_exported: [{', '.join(shown)}]",
        )


def _states(
    table: ExportTable,
    question: Question,
    choice: str,
    header: str,
    column: pd.Series,
    empty: Iterable[str],
    columns: Mapping[str, pd.Series],
) -> pd.Series:
    """Return the state of each cell of the column of one choice."""
    choices = Choices(question)

    def may_be(text: str, choice: str) -> bool:
        """Whether a text is the name of a choice, or its label in any language."""
        return choice in choices.names.find(text) | choices.labelled_as(text)

    # A choice may be called No: how the other columns say it tells what its column says.
    said = [
        (spelling.key(t) in YES | NO, may_be(t, c))
        for c, cells in columns.items()
        for t in map(str, cells.unique())
        if t.strip() not in empty
    ]
    signs = any(
        spelling.key(t) == PLUS for cells in columns.values() for t in map(str, cells.unique())
    )
    no = NO | {STROKE} if signs else NO
    flags = any(flag and not own for flag, own in said)
    labels = any(own and not flag for flag, own in said)
    states: dict[str, str] = {}
    # A column of 1 and 2 is one of yes and no, whatever 2 is the name of.
    texts = [text for text in map(str, column.unique()) if text.strip() not in empty]
    for text in texts:
        own = text.strip().isdecimal() and text.strip() not in ("0", "1")
        if own and choices.one(text) == {choice} and any(spelling.key(t) in YES for t in texts):
            raise _neither(table, choice, header, column, text, "yes, as its name, beside a 1")
    for text in map(str, column.unique()):
        folded = spelling.key(text)
        own = may_be(text, choice)
        if text.strip() in empty:
            states[text] = EMPTY
        elif own and folded in no and not flags and labels:
            states[text] = TICKED
        elif own and folded in no and not flags:
            raise _neither(table, choice, header, column, text, "yes, as its label, and no")
        elif folded in no:
            states[text] = NOT_TICKED
        elif folded in YES or own:
            states[text] = TICKED
        elif choice == "other":
            states[text] = WORDS
        else:
            raise _neither(table, choice, header, column, text, "neither yes nor no")
    return column.map(states).astype(object)


def _neither(
    table: ExportTable, choice: str, header: str, column: pd.Series, text: str, says: str
) -> InputError:
    return InputError(
        f"this says {says} to the choice {choice}",
        file=table.file,
        row=int(column.index[(column == text).to_numpy().argmax()]),
        column=header,
        value=text,
        hint="write 1 or 0; if it says that there is no answer, name it under sources.missing",
    )
