"""Which verb, code and raw files made a row of the results store, as readers see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file the study reads: its path within the study and its SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Origin:
    """What made some rows of the store; the same for every row of one verb and group.

    Attributes
    ----------
    verb, after: the verb of ``ngo-survey``, and those that run before it.
    code: the Python files that the verb uses.
    code_hash: twelve digits that change when what any of these files means changes. The commit is
        not printed: a page cannot hold the hash of the commit that holds it.
    inputs: the raw files behind the rows.
    """

    verb: str
    after: tuple[str, ...]
    code: tuple[str, ...]
    code_hash: str
    inputs: tuple[File, ...]
