"""The words of the report in one language, over those that every output shares."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ngo_survey.present.words.language import Language, catalogue, numbers

#: Parts of the report with catalogues of their own, each under its name.
PARTS = ("page", "explorer")


@cache
def language(code: str) -> Language:
    """Load the words of a language; raises :class:`ConfigError` when there are none."""
    report = files("ngo_survey.present.document")
    own = catalogue(report / "words", code, "the report has")
    parts = {
        part: catalogue(report / part / "words", code, f"the {part} of the report has")
        for part in PARTS
    }
    return Language(code, numbers(code).words | own | parts)


def own_name(code: str) -> str:
    """Return what a language calls itself."""
    words = catalogue(files("ngo_survey.present.document") / "page" / "words", code, "the page has")
    return str(words["name"])
