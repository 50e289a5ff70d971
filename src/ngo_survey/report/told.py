"""Texts of the results store in the language of the report.

What the program itself writes there (a cleaning rule, the standing of a registration) has words in
the catalogue; what stands in the official data, in the language those were read in, has them in the
table that ``report.official_words`` names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ngo_survey.report.labels import Labels
from ngo_survey.words.language import Language

#: Fields that hold a term of the program: words at ``terms.<field>.<term>``.
TERMS = frozenset({"rule", "standing", "kind"})
#: Families and fields that hold texts of the official data.
FAMILIES = frozenset({"official", "series"})
FIELDS = frozenset({"label", "measure", "unit", "qualifier", "certainty", "note", "year"})
#: How the official data begin the name of an act whose number was not seen.
UNSEEN = "number-not-seen"
#: Why a series is projected or not, as ``trends`` ends the last note of a series; words at
#: ``terms.projection``.
REASONS = {
    "few": r"not projected: (?P<points>\d+) points, (?P<needed>\d+) are needed",
    "double": r"not projected: sources give two figures for a year",
    "gaps": r"not projected: years are missing",
    "made": r"projected by a local-level model",
}
_REASON = {name: re.compile(rf"(?:^|; ){words}$") for name, words in REASONS.items()}


def told(row: Mapping[str, Any], field: str, labels: Labels, language: Language) -> str:
    """Return a text of a row as readers of a language see it.

    Raises
    ------
    SurveyError: the official data hold a text that has no words in the language.
    """
    text = str(row[field])
    if field in TERMS:
        return str(language.words["terms"][field].get(text, text))
    if field == "id" and text.startswith(UNSEEN):
        return language.word("number.none")
    if row["family"] not in FAMILIES or field not in FIELDS:
        return text
    for name, reason in _REASON.items():
        ends = reason.search(text) if row["family"] == "series" else None
        if ends:
            noted = labels.official(text[: ends.start()])
            said = language.word(f"terms.projection.{name}", **ends.groupdict())
            return "; ".join(filter(None, [noted, said]))
    return labels.official(text)
