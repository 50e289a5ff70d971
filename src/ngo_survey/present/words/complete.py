"""Whether a catalogue of one language says all that another says, in the same places.

The parts that belong to a language's own grammar, :data:`GRAMMAR`, are its own: which nouns are
counted, which cases its sentences ask for, which words are numbers. What is counted has every
plural form of the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ngo_survey.errors import ConfigError, nearest
from ngo_survey.present.words.plural import forms

#: Forms of a plural: they count as one text of a catalogue.
FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})
#: Parts that every language writes for itself.
GRAMMAR = frozenset({"nouns", "cases", "guard"})
_PLACE = re.compile(r"\{(\w*)")


def catalogue_texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a catalogue with its path; the forms of a plural have the same path."""
    if isinstance(tree, Mapping):
        plural = bool(tree) and set(tree) <= FORMS
        for key, part in tree.items():
            yield from catalogue_texts(part, path if plural else f"{path}.{key}".lstrip("."))
    else:
        yield path, str(tree)


def placeholder_names(tree: Any) -> dict[str, frozenset[str]]:
    """Return the names of the places to fill by the path of each text; grammar is left out."""
    found: dict[str, set[str]] = {}
    for path, text in catalogue_texts(tree):
        if path.partition(".")[0] not in GRAMMAR:
            found.setdefault(path, set()).update(_PLACE.findall(text))
    return {path: frozenset(names) for path, names in found.items()}


def plural_paths(tree: Any, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the path of every text that goes with a number, and the forms it has."""
    if isinstance(tree, Mapping):
        if tree and set(tree) <= FORMS:
            yield path, frozenset(tree)
        for key, part in tree.items():
            yield from plural_paths(part, f"{path}.{key}".lstrip("."))


def refuse_unlike(
    words: Mapping[str, Any], code: str, model: Mapping[str, Any], model_code: str, folder: str
) -> None:
    """Raise for the first key, place or plural form that two catalogues do not share.

    Raises
    ------
    ConfigError: names the file (``folder`` and language), the key and the language.
    """
    file, other = f"{folder}/{code}.yaml", f"{folder}/{model_code}.yaml"
    own, theirs = placeholder_names(words), placeholder_names(model)
    for path in [*theirs, *own]:
        if path not in own:
            raise ConfigError(
                f"the language {code} lacks words that {other} has",
                file=file,
                column=path,
                hint=nearest(path, set(own) - set(theirs)) if set(own) - set(theirs) else "",
            )
        if path not in theirs:
            raise ConfigError(
                f"the language {code} has words that {other} lacks", file=file, column=path
            )
        if own[path] != theirs[path]:
            raise ConfigError(
                f"the words of the language {code} have other places to fill than {other}",
                file=file,
                column=path,
                value=", ".join(sorted(own[path])) or "none",
                hint=f"fill {', '.join(sorted(theirs[path])) or 'none'}",
            )
    for path, had in plural_paths(words):
        if had != forms(code):
            raise ConfigError(
                f"what is counted in the language {code} needs the forms of its plural",
                file=file,
                column=path,
                value=", ".join(sorted(had)),
                hint=f"write {', '.join(sorted(forms(code)))}",
            )
