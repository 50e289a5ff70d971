"""Which code makes a result: the source files a verb reaches, and one hash of them.

A rule of the Snakefile carries the hash as a parameter, so that a changed room reruns the verbs
that use it and no others; ``explain`` names the files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import ngo_survey

PACKAGE = "ngo_survey"
SOURCE = Path(ngo_survey.__file__).parent
#: Where the functions of the stages stand, one file a verb.
VERBS = SOURCE / "workflow" / "verbs"
#: Folders of the program's words: one file a language.
WORDS = frozenset({"words", "numbers"})
#: A line that imports from the package: the module, and the names it takes, in brackets or not.
IMPORT = re.compile(
    rf"^[ \t]*(?:from ({PACKAGE}[\w.]*) import (\([^)]*\)|[^\n]+)|import ({PACKAGE}[\w.]*))",
    re.MULTILINE,
)
COMMENT = re.compile("#[^\n]*")
NAME = re.compile(r"(\w+)(?: as \w+)?")


@cache
def code_files(verb: str) -> tuple[Path, ...]:
    """Return every file of the package that a verb uses, sorted.

    The verb's stage and, step by step, each module it imports, also inside functions. Files that
    are not Python (schemas, chapters, templates) belong to the room they lie in.
    """
    reached: set[Path] = set()
    waiting = [VERBS / f"{verb}.py"]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += _imports(module)
    rooms = {module.parent for module in reached} - {SOURCE, VERBS}
    data = {file for room in rooms for file in _data(room)}
    return tuple(sorted(reached | data))


@cache
def _data(room: Path) -> frozenset[Path]:
    """Return the files of a package that are not Python, without those of packages within it."""
    found: set[Path] = set()
    for entry in room.iterdir():
        if entry.is_dir() and entry.name != "__pycache__" and not (entry / "__init__.py").exists():
            found |= _data(entry)
        elif entry.is_file() and entry.suffix != ".py":
            found.add(entry)
    return frozenset(found)


def code_hash(verb: str, language: str = "") -> str:
    """Return twelve hexadecimal digits that change when any file a verb uses changes.

    With ``language``, words in the others do not count.
    """
    digest = hashlib.sha256()
    for file in code_files(verb):
        if language and _language(file) not in {"", language}:
            continue
        digest.update(file.relative_to(SOURCE).as_posix().encode())
        digest.update(_digest(file))
    return digest.hexdigest()[:12]


@cache
def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


def _language(file: Path) -> str:
    """Return the language that a file is written in ("" for none): ``words/ru.yaml``."""
    return file.stem if file.suffix == ".yaml" and file.parent.name in WORDS else ""


@cache
def _imports(module: Path) -> tuple[Path, ...]:
    found = {file for name in imported(module.read_text(encoding="utf-8")) for file in _files(name)}
    return tuple(sorted(found))


def imported(source: str) -> Iterator[str]:
    """Yield the modules of the package that a source file may import, also inside functions.

    Read from the lines, which the formatter keeps to one import each: a syntax tree of all files
    takes half a second in every verb.
    """
    for match in IMPORT.finditer(source):
        module, names = match[1] or match[3], COMMENT.sub("", match[2] or "")
        yield module
        yield from (f"{module}.{name}" for name in NAME.findall(names))


@cache
def _files(name: str) -> tuple[Path, ...]:
    """Return the file of a module and of the packages above it (the package's own ``__init__``)."""
    top, *parts = name.split(".")
    if top != PACKAGE:
        return ()
    files: list[Path] = []
    place = SOURCE
    for part in parts:
        place = place / part
        for candidate in (place.with_suffix(".py"), place / "__init__.py"):
            if candidate.is_file():
                files.append(candidate)
    return tuple(files)
