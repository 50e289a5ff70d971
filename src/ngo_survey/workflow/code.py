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
#: Languages that words may be written in, and the one that stands in for the others.
LANGUAGES = ("en", "ru", "kk")
FALLBACK = ("en",)
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
    waiting = [SOURCE / "stages" / f"{verb}.py"]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += _imports(module)
    rooms = {module.parent for module in reached} - {SOURCE, SOURCE / "stages"}
    data = {file for room in rooms for file in _data(room)}
    return tuple(sorted(reached | data))


@cache
def _data(room: Path) -> frozenset[Path]:
    """Return the files of a room that are not Python."""
    files = (file for file in room.rglob("*") if file.suffix not in {".py", ".pyc"})
    return frozenset(file for file in files if file.is_file())


def code_hash(verb: str, language: str = "") -> str:
    """Return twelve hexadecimal digits that change when any file a verb uses changes.

    With ``language``, words and chapters in the others do not count; English does, which stands
    in where a language has no words of its own.
    """
    digest = hashlib.sha256()
    for file in code_files(verb):
        if language and _language(file) not in {"", language, *FALLBACK}:
            continue
        digest.update(file.relative_to(SOURCE).as_posix().encode())
        digest.update(_digest(file))
    return digest.hexdigest()[:12]


@cache
def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


def _language(file: Path) -> str:
    """Return the language that a file is written in ("" for none): ``ru.yaml``, ``ru/01.md``."""
    if file.suffix == ".py":
        return ""
    names = [*file.relative_to(SOURCE).parts[:-1], *file.name.split(".")]
    return next((name for name in names if name in LANGUAGES), "")


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
