"""The words of the report in one language, over those that every output shares."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.present.words.language import Language, numbers

#: Parts of the report with catalogues of their own, each under its name.
PARTS = ("page", "explorer")


@cache
def language(code: str, own: Path | None = None) -> Language:
    """Load the words of a language; raises :class:`ConfigError` when there are none."""
    report = catalogue("report", code, own)
    parts = {part: catalogue(part, code, own) for part in PARTS}
    return Language(code, numbers(code, own).words | report | parts, own)


def own_name(code: str, own: Path | None = None) -> str:
    """Return what a language calls itself."""
    return str(catalogue("page", code, own)["name"])
