"""What opens behind each number, as JSON small enough to stand in the page.

Each distinct text stands once; numbers of the same kind share the names of their lines, and
numbers of one verb share what made them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ngo_survey.present.clean import clean
from ngo_survey.present.document.origin import Origin
from ngo_survey.present.words.language import Language

#: Name and words, line by line, of one number (see ``definition.define``).
Definition = Sequence[tuple[str, str]]


def pack(
    definitions: Mapping[str, Definition], origins: Mapping[str, Origin], language: Language
) -> dict[str, Any]:
    """Return the definitions as plain data.

    ``words`` holds every text; ``shapes`` the names of lines, as places in ``words``; ``origins``
    what made the numbers, each a list of ``[name, texts]``, as places too; ``numbers`` one entry a
    key, in the order of the keys (see :func:`places`): ``[shape, origin, word, word...]``, the
    origin ``-1`` where none is known.
    """
    words: dict[str, int] = {}
    shapes: dict[tuple[int, ...], int] = {}
    made: dict[Origin, int] = {}

    def place(text: str) -> int:
        return words.setdefault(text, len(words))

    numbers = []
    for key in sorted(definitions):
        lines = definitions[key]
        shape = tuple(place(name) for name, _ in lines)
        origin = origins.get(key)
        numbers.append(
            [
                shapes.setdefault(shape, len(shapes)),
                -1 if origin is None else made.setdefault(origin, len(made)),
                *(place(text) for _, text in lines),
            ]
        )
    # Verbs share most of their code and inputs: a path is written once for all of them.
    origins_made = [
        [(place(name), [place(text) for text in texts]) for name, texts in _lines(origin, language)]
        for origin in made
    ]
    return {
        "words": list(words),
        "shapes": [list(shape) for shape in shapes],
        "origins": origins_made,
        "numbers": numbers,
    }


def places(definitions: Mapping[str, Definition]) -> dict[str, int]:
    """Return the place of each key in ``numbers``."""
    return {key: place for place, key in enumerate(sorted(definitions))}


def _lines(origin: Origin, language: Language) -> list[tuple[str, list[str]]]:
    word = language.word
    lines = {
        "after": [", ".join(origin.after)] if origin.after else [],
        "inputs": [f"{file.path} {file.sha256}" for file in origin.inputs],
        "code": list(origin.code),
        "code_hash": [origin.code_hash],
    }
    return [(word(f"page.{name}"), texts) for name, texts in lines.items() if texts]


def for_script(data: Any) -> str:
    """Return data as JSON that may stand inside a ``<script>`` element.

    Nothing in it can close the element or open a comment, or end a line of a script.
    """
    text = clean(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
