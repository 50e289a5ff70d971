"""Every text of a configuration that readers see, and the languages it is written in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_CODE = re.compile(r"[a-z]{2,3}")


def labels(tree: Any, languages: Sequence[str], path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield the dotted path of every text in words, and the languages that it is written in.

    A text is a mapping whose keys are all codes of languages, at least one of them of
    ``languages``, and whose values are words.
    """
    if isinstance(tree, Mapping):
        if _is_label(tree, languages):
            yield path, set(tree)
            return
        for key, part in tree.items():
            yield from labels(part, languages, f"{path}.{key}".lstrip("."))
    elif isinstance(tree, list):
        for place, part in enumerate(tree):
            yield from labels(part, languages, f"{path}.{place}")


def said(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language; in the first it is written in, where it lacks that one."""
    return str(texts.get(language) or next(iter(texts.values())))


def _is_label(tree: Mapping[Any, Any], languages: Sequence[str]) -> bool:
    codes = all(isinstance(key, str) and _CODE.fullmatch(key) for key in tree)
    return (
        codes
        and any(c in tree for c in languages)
        and all(isinstance(v, str) for v in tree.values())
    )
