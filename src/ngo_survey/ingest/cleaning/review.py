"""What people must look at: spellings nobody knows, words nobody coded. Proposed, never applied."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

import pandas as pd

from ngo_survey.ingest.choices import NAMES, Choices
from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.coding import text_key
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.reading_rules import LETTER, asked, reading, ways_to_read

COLUMNS = ["kind", "variable", "value", "count", "rows", "candidate", "likeness", "file"]
LEAST_LIKE = 0.6


def review(ledger: Ledger, inputs: CleaningInputs) -> pd.DataFrame:
    """Return what is to be looked at, the most frequent first.

    Returns
    -------
    ``kind`` (``spelling`` or ``words``), ``variable``, ``value``, ``count``, ``rows`` (of the
    export), ``candidate`` (the nearest choice, "" where none is near), ``likeness`` (0 to 1) and
    ``file``: where a line ``value,candidate`` would settle it.
    """
    rows: list[dict[str, object]] = []
    for question in asked(ledger):
        column = ledger.frame[question.name]
        if question.choices:
            decoded = reading(ledger, inputs)
            choices, system = decoded.choices[question.name], decoded.system[question.name]
            tables = inputs.options.get("aliases", {})
            file = tables.get(question.list_name, f"data/raw/aliases/{question.list_name}.csv")
            for value, places in _strange(ledger, choices, system, decoded.done).items():
                candidate, likeness = _nearest(value, choices.spellings)
                rows.append(
                    _row("spelling", question.name, value, places, candidate, likeness, file)
                )
        for file, coded in files_of(question.name, inputs):
            done = set() if coded is None else {text_key(str(t)) for t in coded["text"]}
            words = column.dropna()
            for value, found in words.groupby(words):
                if text_key(str(value)) not in done:
                    source = ledger.frame.loc[found.index, "source_row"].tolist()
                    rows.append(_row("words", question.name, str(value), source, "", 0.0, file))
    made = pd.DataFrame(rows, columns=COLUMNS)
    return made.sort_values(["kind", "count"], ascending=[True, False], kind="stable")


def files_of(words: str, inputs: CleaningInputs) -> list[tuple[str, pd.DataFrame | None]]:
    """Return the coders' files that a question in words belongs to, each with its rows."""
    found = [(c.file, c.table) for c in inputs.texts.values() if c.of == words]
    name = words.removesuffix("_other")
    file = inputs.options.get("coding", {}).get(name)
    if file and name != words:
        found.append((file, inputs.codings.get(name)))
    return found


def _strange(
    ledger: Ledger, choices: Choices, system: str, done: Mapping[str, pd.Series]
) -> dict[str, list[int]]:
    """Return what no choice is spelled like, and in which rows it stands."""
    name = choices.question.name
    column = ledger.frame[name]
    if name in done:
        column = column[~done[name].loc[column.index]]
    found: dict[str, list[int]] = {}
    for text in map(str, column.dropna().unique()):
        if ways_to_read(choices, text, system):
            continue
        words = [text]
        if choices.question.type == "select_multiple":
            words = choices.with_words(text, system)[1]
            words = [w for part in words for w in part.split()] if system == NAMES else words
        for word in words:
            rows = ledger.frame.loc[column.index[column == text], "source_row"].tolist()
            found.setdefault(word, []).extend(rows)
    return found


def _nearest(value: str, known: Mapping[str, str]) -> tuple[str, float]:
    best, most = "", LEAST_LIKE
    if not LETTER.search(value):
        return "", 0.0  # 2.0 is like no other number
    matcher = SequenceMatcher(b=spelling.key(value))
    for other, choice in known.items():
        matcher.set_seq1(other)
        if matcher.real_quick_ratio() > most and matcher.ratio() > most:
            best, most = choice, matcher.ratio()
    return best, round(most, 2) if best else 0.0


def _row(
    kind: str, name: str, value: str, rows: list[int], candidate: str, likeness: float, file: str
) -> dict[str, object]:
    shown = ", ".join(map(str, rows[:10])) + (", ..." if len(rows) > 10 else "")
    found = (kind, name, value, len(rows), shown, candidate, likeness, file)
    return dict(zip(COLUMNS, found, strict=True))
