"""Texts of the results store in the language of the report.

What the program itself writes there (a cleaning rule, the standing of a registration) has words in
the catalogue; what stands in the official data, in the language those were read in, has them in the
table that ``report.official_words`` names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ngo_survey.present.document.labels import Labels
from ngo_survey.present.words.language import Language

#: Fields that hold a term of the program: words at ``terms.<field>.<term>``.
TERMS = frozenset({"rule", "standing", "kind", "samples"})
#: Families and fields that hold texts of the official data.
FAMILIES = frozenset({"official", "series"})
FIELDS = frozenset({"label", "measure", "unit", "qualifier", "certainty", "note", "year"})
#: Two years joined by a hyphen, as data are typed; a month, a number or a date is none.
_YEARS = re.compile(r"(?<![\w-])((?:19|20)\d\d)-((?:19|20)\d\d)(?![\w-])", re.ASCII)
#: How the official data begin the name of an act whose number was not seen.
UNSEEN = "number-not-seen"
#: How ``trends`` says what a series is continued from, or why it is not; words at
#: ``terms.projection``.
PROJECTION = {
    "few": r"yearly figures in a row: (?P<points>\d+) of (?P<needed>\d+) needed",
    "bounds": r"a bound alone for (?P<years>[\d, ]+)",
    "double": r"sources contradict each other for (?P<years>[\d, ]+)",
    "gaps": r"no figure for (?P<years>[\d, ]+)",
    "flat": r"the figures do not vary",
    "fit": r"the fit does not converge",
    "made": r"from the figures of (?P<first>\d+) to (?P<last>\d+)",
}


def localized(row: Mapping[str, Any], field: str, labels: Labels, language: Language) -> str:
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
    if field == "note" and row.get("kind", "observed") != "observed":
        return "; ".join(_projection(part, language) for part in text.split("; "))
    return joined_years(labels.official(text), language)


def joined_years(text: str, language: Language) -> str:
    """Return a text whose ranges of years (2020-2025) have the sign of the language for them."""

    def joined(found: re.Match[str]) -> str:
        low, high = found.groups()
        return language.word("number.places", low=low, high=high) if low < high else found[0]

    return _YEARS.sub(joined, text)


def _projection(text: str, language: Language) -> str:
    for name, pattern in PROJECTION.items():
        found = re.fullmatch(pattern, text)
        if found:
            return language.word(f"terms.projection.{name}", **found.groupdict())
    return text
