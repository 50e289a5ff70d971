"""Codes that say that there is no answer: declared by the study, or written so by a tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ngo_survey.codebook import Question
from ngo_survey.ingest.cleaning import spelling

#: What R, pandas and onadata write into a cell that has no answer.
WRITTEN = frozenset({"NA", "N/A", "n/a", "NaN", "nan", "<NA>"})
#: What questionnaires use as codes; they are proposed, never taken, before a study declares them.
COMMON = WRITTEN | {
    *("77", "88", "99", "777", "888", "999", "9999", "-1", "-2", "-7", "-8", "-9", "-77", "-88"),
    *("-99", "-777", "-888", "-999", "-9999", ".", "-", "--", "?", "NULL", "null", "None", "#N/A"),
}


def codes_of(question: Question, options: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes that are no answer to a question.

    ``sources.missing`` gives a list for the whole study, or one by question and under ``all``. What
    a tool writes counts as well where it is no choice of the question.
    """
    declared = options.get("missing", [])
    if isinstance(declared, Mapping):
        declared = [*declared.get("all", []), *declared.get(question.name, [])]
    spoken = {c.name for c in question.choices}
    spoken |= {spelling.exact(t) for c in question.choices for t in c.labels.values()}
    return frozenset(map(str, declared)) | (WRITTEN - spoken)


def declared(options: Mapping[str, Any]) -> frozenset[str]:
    """Return every code that ``sources.missing`` names, whatever the question."""
    said = options.get("missing", [])
    lists = said.values() if isinstance(said, Mapping) else [said]
    return frozenset(str(code) for codes in lists for code in codes)
