"""The words of the report in one language, over those that every output shares."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ngo_survey.words.language import Language, catalogue, numbers


@cache
def language(code: str) -> Language:
    """Load the words of a language; raises :class:`ConfigError` when there are none."""
    own = catalogue(files("ngo_survey.report") / "words", code, "the report has")
    return Language(code, numbers(code).words | own)
