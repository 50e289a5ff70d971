"""Words that only tables need: headings, statistics, notes; one file a language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from ngo_survey.errors import ConfigError, nearest


class TableWords:
    """The words of one language, found by a dotted path."""

    def __init__(self, code: str, words: dict[str, Any]) -> None:
        self.code, self.words = code, words

    def __call__(self, path: str, **fill: str | int) -> str:
        """Return the words at ``path`` with their places filled; raises :class:`ConfigError`."""
        found: Any = self.words
        for step in path.split("."):
            if not isinstance(found, dict) or step not in found:
                known = found if isinstance(found, dict) else ()
                raise ConfigError(
                    f"the words of tables lack a key in the language {self.code}",
                    column=path,
                    mend=nearest(step, known),
                )
            found = found[step]
        return str(found).format(**fill) if fill else str(found)


@cache
def table_words(code: str) -> TableWords:
    """Load the words of a language; raises :class:`ConfigError` when there are none."""
    import yaml

    folder = files("ngo_survey.report") / "words" / "tables"
    file = folder / f"{code}.yaml"
    if not file.is_file():
        known = [entry.name.removesuffix(".yaml") for entry in folder.iterdir()]
        raise ConfigError(
            "tables have no words in this language", value=code, mend=nearest(code, known)
        )
    return TableWords(code, yaml.safe_load(file.read_text(encoding="utf-8")))
