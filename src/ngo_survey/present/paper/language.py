"""The words of PDF and Word in one language, over those of the report."""

from __future__ import annotations

from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.present.words.language import Language


def paper_language(language: Language) -> Language:
    """Return a language with the words of PDF and Word under ``paper``.

    Raises
    ------
    ConfigError: there are none in this language.
    """
    own = catalogue("paper", language.code, language.own)
    return Language(language.code, language.words | {"paper": own}, language.own)
