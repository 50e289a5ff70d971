"""What a study tells the rules: options, spellings, codes, corrections, who was invited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Coding:
    """What people made of the words given to an open question.

    Attributes
    ----------
    name: the derived variable (``op: coded``).
    of: the question that is answered in words.
    file: the coders' file, as the configuration names it.
    table: its rows (:mod:`ngo_survey.ingest.cleaning.coding`).
    """

    name: str
    of: str
    file: str
    table: pd.DataFrame


@dataclass(frozen=True)
class CleaningInputs:
    """Everything a rule may ask beside the answers and the questionnaire.

    Attributes
    ----------
    options: the section ``cleaning`` of a group of respondents.
    fieldwork: ``from`` and ``to`` as ISO days; empty where the study does not say.
    aliases: list of choices -> {spelling: choice}.
    codings: question -> the coders' file (:mod:`ngo_survey.ingest.cleaning.coding`).
    texts: derived variable -> the codes of an open question's words.
    corrections: cells and rows that the field corrected
        (:mod:`ngo_survey.ingest.cleaning.corrections`).
    invited: ids of the sample, or None where they are not known.
    sources: the section ``sources``: how the export is written.
    absent: questions that the export does not hold.
    by_header: questions whose answers reading has found as names of choices, and from what
        (:func:`ngo_survey.ingest.choice_headers.by_header`).
    with_words: questions that hold the words of "other" among their answers.
    """

    options: Mapping[str, Any]
    fieldwork: Mapping[str, Any]
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    codings: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    texts: Mapping[str, Coding] = field(default_factory=dict)
    corrections: pd.DataFrame | None = None
    invited: frozenset[str] | None = None
    sources: Mapping[str, Any] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    by_header: Mapping[str, str] = field(default_factory=dict)
    with_words: frozenset[str] = frozenset()
