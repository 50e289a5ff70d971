"""The words of one language: those of the program, and over them those of the study.

A study writes ``words/<language>.yaml`` with one section for each part of :data:`PARTS` that it
adds to. There a text takes the place of the program's, and a list is added to it. A language that
the program does not have is written there whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from ngo_survey.errors import ConfigError, nearest

#: Parts that have words: the folder of the program's, and whose words they are.
PARTS: dict[str, tuple[str, str]] = {
    "numbers": ("words/numbers", "numbers have"),
    "workbook": ("table_layout/words", "tables have"),
    "report": ("document/words", "the report has"),
    "page": ("html/page/words", "the page has"),
    "explorer": ("html/explorer/words", "the explorer has"),
    "paper": ("paper/words", "PDF and Word have"),
    "figures": ("figures/words", "figures have"),
}
#: Section of the study's words for filters, whose own words lie with their grammar.
FILTERS = "filters"


def catalogue(part: str, code: str, own: Path | None = None) -> dict[str, Any]:
    """Return the words of a part in a language.

    Parameters
    ----------
    part: a key of :data:`PARTS`.
    own: folder of the study's own words.

    Raises
    ------
    ConfigError: neither the program nor the study has any.
    """
    folder, whose = PARTS[part]
    file = files("ngo_survey.present") / folder / f"{code}.yaml"
    words = read_yaml(file.read_text(encoding="utf-8")) if file.is_file() else {}
    words = _laid(words, own_words(code, own).get(part, {}))
    if not words:
        hint = nearest(code, languages(part))
        raise ConfigError(
            f"{whose} no words in this language",
            value=code,
            hint=f"{hint} Or write the section {part} of words/{code}.yaml".strip(),
        )
    return words


def languages(part: str) -> list[str]:
    """Return the languages that the program has words for."""
    folder = files("ngo_survey.present") / PARTS[part][0]
    return sorted(e.name.removesuffix(".yaml") for e in folder.iterdir() if ".yaml" in e.name)


def own_words(code: str, own: Path | None) -> dict[str, Any]:
    """Return the study's own words in a language, by part; raises for a section of no part."""
    file = own / f"{code}.yaml" if own else None
    if file is None or not file.is_file():
        return {}
    words = read_yaml(file.read_text(encoding="utf-8")) or {}
    known = [*PARTS, FILTERS]
    for name in words:
        if name not in known:
            raise ConfigError(
                "there are no words of this part", file=file, column=name, hint=nearest(name, known)
            )
    return dict(words)


def strangers(code: str, own: Path | None) -> Iterator[str]:
    """Yield the parts of which neither the program nor the study has words in a language."""
    mine = own_words(code, own)
    yield from (part for part in PARTS if code not in languages(part) and not mine.get(part))


def _laid(base: Any, over: Any) -> Any:
    """Lay words over words: mappings key by key, lists one after the other, texts in place."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: _laid(base.get(key), part) for key, part in over.items()}
    if isinstance(base, list) and isinstance(over, list):
        return base + over
    return over


def read_yaml(text: str) -> Any:
    """Return the data of YAML, read by the parser in C where there is one: ten times as fast."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
