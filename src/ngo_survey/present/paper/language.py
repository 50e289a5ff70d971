"""The words of PDF and Word in one language, over those of the report."""

from __future__ import annotations

from importlib.resources import files

from ngo_survey.present.words.language import Language, catalogue


def paper_language(language: Language) -> Language:
    """Return a language with the words of PDF and Word under ``paper``.

    Raises
    ------
    ConfigError: there are none in this language.
    """
    folder = files("ngo_survey.present.paper") / "words"
    own = catalogue(folder, language.code, "PDF and Word have")
    return Language(language.code, language.words | {"paper": own})
