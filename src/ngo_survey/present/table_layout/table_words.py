"""Words that only tables need: headings, statistics, notes; one file a language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ngo_survey.errors import ConfigError, nearest
from ngo_survey.present.words.catalogue import catalogue
from ngo_survey.present.words.plural import plural


class TableWords:
    """The words of one language, found by a dotted path."""

    def __init__(self, code: str, words: dict[str, Any]) -> None:
        self.code, self.words = code, words
        self._said: dict[str, str] = {}

    def __call__(self, path: str, **fill: str | int) -> str:
        """Return the words at ``path`` with their places filled; raises :class:`ConfigError`."""
        text = self._said.get(path)
        if text is None:
            text = self._said[path] = self._find(path)
        return text.format(**fill) if fill else text

    def _find(self, path: str) -> str:
        found: Any = self.words
        for step in path.split("."):
            if not isinstance(found, dict) or step not in found:
                known = found if isinstance(found, dict) else ()
                raise ConfigError(
                    f"the words of tables lack a key in the language {self.code}",
                    column=path,
                    hint=nearest(step, known),
                )
            found = found[step]
        return str(found)

    def counted(self, path: str, number: int) -> str:
        """Return words about so many things, in the form that goes with the number."""
        return self(f"{path}.{plural(self.code, number)}", size=number)


@cache
def table_words(code: str, own: Path | None = None) -> TableWords:
    """Load the words of a language; raises :class:`ConfigError` when there are none."""
    return TableWords(code, catalogue("workbook", code, own))
