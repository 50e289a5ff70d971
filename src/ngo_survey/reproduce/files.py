"""Files of a study and their SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ngo_survey.errors import InputError
from ngo_survey.study import Study


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file; raises :class:`InputError` when it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise InputError("the file is missing", file=path) from None


def raw_files(study: Study, population: str | None = None) -> list[str]:
    """Return the files that a study reads, as its configuration names them, sorted.

    With ``population`` only those of one group of respondents; without, the official data as well.
    """
    kinds = ("questionnaire", "responses", "sample", "register")
    chosen = [population] if population else list(study.populations)
    named = {str(study.population(name).raw[kind]) for name in chosen for kind in kinds}
    if population is None:
        registered = study.section("models").get("registration")
        named |= {str(registered)} if registered else set()
        words = study.section("report").get("official_words")
        named |= {str(words)} if words else set()
        named |= {str(dataset["file"]) for dataset in study.section("official").values()}
    return sorted(named)
