"""Small exports for tests of reading: a form of a few questions, its export, and what is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ngo_survey.codebook import Choice, Question, Questionnaire
from ngo_survey.ingest import read_export
from ngo_survey.ingest.cleaning.clean import Cleaned, clean
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs

FIELDWORK = {"from": "2026-01-01", "to": "2026-12-31"}
SERVICES = {"legal": "Legal aid", "train": "Training", "psy": "Counselling", "other": "Other"}
SCORE = {str(i): str(i) for i in range(11)}


def question(
    name: str, kind: str = "text", choices: Mapping[str, str] | None = None, **more: Any
) -> Question:
    listed = tuple(Choice(n, {"en": label}) for n, label in (choices or {}).items())
    return Question(
        name, kind, {"en": name.capitalize()}, {}, choices=listed, list_name=name, **more
    )


def form(*asked: Question) -> Questionnaire:
    whole = [
        question("sample_id", role="id", disclosure="internal"),
        question("consent", "select_one", {"yes": "I agree", "no": "No"}, role="consent"),
        *asked,
    ]
    return Questionnaire({q.name: q for q in whole}, ("en",), {}, {}, "q.xlsx")


def export(rows: Mapping[str, list[str]]) -> pd.DataFrame:
    n = len(next(iter(rows.values())))
    beside = {"sample_id": [f"N{i}" for i in range(n)], "consent": ["yes"] * n}
    return pd.DataFrame({**beside, **rows})


def cleaned(
    folder: Path,
    rows: Mapping[str, list[str]] | pd.DataFrame,
    asked: Questionnaire,
    sources: Mapping[str, Any] | None = None,
    aliases: Mapping[str, Mapping[str, str]] | None = None,
    **options: Any,
) -> Cleaned:
    """Write a CSV, read it and clean it."""
    frame = rows if isinstance(rows, pd.DataFrame) else export(rows)
    frame.to_csv(folder / "r.csv", index=False)
    return from_file(folder / "r.csv", asked, sources, aliases, **options)


def from_file(
    path: Path,
    asked: Questionnaire,
    sources: Mapping[str, Any] | None = None,
    aliases: Mapping[str, Mapping[str, str]] | None = None,
    invited: frozenset[str] | None = None,
    **options: Any,
) -> Cleaned:
    sources = sources or {}
    responses = read_export(path, path.name, asked, sources)
    known = {"sources": sources, "invited": invited, "by_header": responses.by_header}
    known["with_words"] = responses.with_words
    inputs = CleaningInputs(options, FIELDWORK, aliases or {}, **known)
    return clean(responses.frame, asked, inputs, {}, file=path.name)


def said(done: Cleaned, name: str) -> list[str]:
    return done.frame[name].fillna("").tolist()
