"""Ingest: any real export in, answers under the questionnaire's names out, nothing interpreted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ngo_survey.codebook import Questionnaire
from ngo_survey.ingest import missing
from ngo_survey.ingest.formats import read_table
from ngo_survey.ingest.matching import Responses, match
from ngo_survey.ingest.table import check
from ngo_survey.ingest.tools import find

__all__ = ["Responses", "read_export"]


def read_export(
    path: Path,
    shown: str,
    questions: Questionnaire,
    options: Mapping[str, Any],
    kept: Collection[str] | None = None,
) -> Responses:
    """Read the export of one group of respondents.

    The format is recognised from the file, the field tool from the columns; ``sources.format`` and
    ``sources.tool`` may name them. Of contact details and answers in words only those to the
    questions ``kept`` are read; all of them where nothing is said.

    Raises
    ------
    InputError: whatever stands in the way, with its place and a hint.
    """
    table = read_table(path, shown, options)
    tool = find(table, options.get("tool"))
    empty = missing.declared(options)
    return match(check(tool.prepare(table), empty), tool, questions, options, kept)
