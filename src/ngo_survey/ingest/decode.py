"""From labels, as many exports carry them, to the names of choices.

A column that holds labels and no name was exported "with labels" and is read as such. A label
typed into a column of names is somebody's edit: it is left to cleaning, which logs what it changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from ngo_survey.codebook import Question, Questionnaire
from ngo_survey.ingest.tools.heading import fold

#: Between answers of many in one cell.
BETWEEN = r"\s*[;,|\n]\s*"


def decode(frame: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Return answers with labels turned into names where a whole column holds labels.

    What is neither label nor name is the text of "other", where the export has no column for that
    text (Google Forms writes it among the answers); else it stays for cleaning to judge.
    """
    made = frame.copy()
    for question in questions:
        if not question.choices or question.type == "derived" or question.name not in made:
            continue
        text_of_other = f"{question.name}_other"
        free = (
            "other" in question.choice_names
            and text_of_other in made
            and made[text_of_other].isna().all()
        )
        names, texts = _column(made[question.name], question, free)
        made[question.name] = names
        if texts:
            told = made[question.name].index.isin(list(texts))
            made.loc[told, text_of_other] = pd.Series(texts)
    return made


def _column(
    column: pd.Series, question: Question, free: bool
) -> tuple[pd.Series, dict[object, str]]:
    names = set(question.choice_names)
    labels = {fold(t): c.name for c in question.choices for t in c.labels.values() if t}
    many = question.type == "select_multiple"
    pattern = _pattern(labels)
    spellings = [str(v) for v in column.dropna().unique()]
    read: dict[str, tuple[str, str]] = {}
    for text in spellings:
        written = set(text.split() if many else [text])
        if written <= names and any(labels.get(fold(w)) != w for w in written):
            return column, {}  # a column of names: this one is no label as well
        read[text] = _many(text, labels, pattern) if many else (labels.get(fold(text), ""), text)
    if not any(found for found, _ in read.values()):
        return column, {}
    decoded: dict[str, str] = {}
    texts: dict[str, str] = {}
    for text, (found, rest) in read.items():
        if found and not (many and rest):
            decoded[text] = found
        elif free and rest:
            decoded[text] = f"{found} other".strip() if many else "other"
            texts[text] = rest
        else:
            decoded[text] = text
    told = column[column.isin(list(texts))]
    return column.map(decoded, na_action="ignore").astype(object), told.map(texts).to_dict()


def _pattern(labels: Mapping[str, str]) -> re.Pattern[str]:
    longest = sorted(labels, key=len, reverse=True)
    return re.compile(rf"({'|'.join(map(re.escape, longest))})[.:?!]*(?:{BETWEEN}|$)")


def _many(text: str, labels: Mapping[str, str], pattern: re.Pattern[str]) -> tuple[str, str]:
    """Return names of the labels that a cell begins with, and what is left of it.

    Labels may hold commas: the longest that fits is taken.
    """
    # Line breaks part answers; folding would turn them into spaces.
    rest = "; ".join(part for part in map(fold, text.split("\n")) if part)
    found = []
    while rest:
        match = pattern.match(rest)
        if match is None:
            break
        found.append(labels[match[1]])
        rest = rest[match.end() :]
    if not rest:
        return " ".join(found), ""
    # The text as it was written, not as it was compared.
    return " ".join(found), text[-len(rest) :] if fold(text[-len(rest) :]) == rest else rest
