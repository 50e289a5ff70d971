"""Words that only tables need: headings, statistics, notes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.present.words.language import Language
from ngo_survey.present.words.plural import plural


class TableWords(Language):
    """The words of tables in one language, found by a dotted path."""

    def __call__(self, path: str, **fill: str | int) -> str:
        """Return the words at ``path`` with their places filled; raises :class:`ConfigError`."""
        return self.word(path, **fill)

    def counted(self, path: str, number: int) -> str:
        """Return words about so many things, in the form that goes with the number."""
        return self(f"{path}.{plural(self.code, number)}", size=number)


@cache
def table_words(code: str, own: Path | None = None) -> TableWords:
    """Load the words of a language; raises :class:`ConfigError` when there are none."""
    return TableWords(code, catalogue("workbook", code, own), own)
