"""Which code makes a result, and one hash of what it means.

A rule has the hash as a parameter, so that a changed module reruns the stages that use it and no
others; ``explain`` names the files. Comments, docstrings and layout have no meaning: Python counts
by its syntax tree, YAML by what it holds, any other file by its bytes.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import ngo_survey
from ngo_survey.results.files import write_text

PACKAGE = "ngo_survey"
SOURCE = Path(ngo_survey.__file__).parent
#: Where the functions of the stages stand, one file a verb.
VERBS = SOURCE / "workflow" / "verbs"
#: Where the program's words stand, one folder a language.
WORDS = SOURCE / "present" / "words"
#: Hexadecimal digits of a hash of code.
DIGITS = 12
#: Most files that are known before those of other versions of the program are forgotten.
MOST = 5000


@cache
def code_files(verb: str) -> tuple[Path, ...]:
    """Return every file of the package that a verb uses, sorted.

    The verb's stage and, step by step, each module it imports, also inside functions. Files that
    are not Python (schemas, chapters, templates) belong to the package they lie in.
    """
    reached: set[Path] = set()
    waiting = [VERBS / f"{verb}.py"]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += [file for name in imports(module) for file in _files(name)]
    # What lies beside the table of stages (rules, captions) is read by Snakemake, not by a stage.
    rooms = {module.parent for module in reached} - {SOURCE, VERBS, VERBS.parent}
    data = {file for room in rooms for file in _data(room)}
    return tuple(sorted(reached | data))


def code_hash(verb: str, language: str = "") -> str:
    """Return twelve hexadecimal digits that change when the meaning of a file changes.

    Of the files that a verb uses. With ``language``, words in the others do not count.
    """
    files = code_files(verb)
    if language:
        files = tuple(f for f in files if _language(f) in {"", language})
    return _hash(files)


@cache
def package_hash() -> str:
    """Return twelve hexadecimal digits that change when the meaning of the program changes."""
    return _hash(_sources())


def _sources() -> list[Path]:
    files = (path for path in SOURCE.rglob("*") if path.is_file())
    return sorted(path for path in files if "__pycache__" not in path.parts)


def imports(file: Path) -> tuple[str, ...]:
    """Return the modules that a source file may import, also inside functions: full names."""
    return _known(file)[1]


def meaning(file: Path) -> str:
    """Return a hash of what a file means."""
    return _known(file)[0]


def _hash(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(SOURCE).as_posix()} {meaning(file)}\n".encode())
    _keep()
    return digest.hexdigest()[:DIGITS]


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


def _language(file: Path) -> str:
    """Return the language that a file is written in ("" for none): ``words/ru/page.yaml``."""
    return file.parent.name if file.parent.parent == WORDS else ""


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


# -- meaning ---------------------------------------------------------------------------------------

#: The hash of what a file means, and the modules it imports.
Known = tuple[str, tuple[str, ...]]


def read(content: bytes, suffix: str) -> Known:
    """Return what is known of a file: the hash of its meaning, and what it imports."""
    if suffix == ".py":
        tree = ast.parse(content)
        digest = hashlib.sha256()
        for text in _written(tree):
            digest.update(text.encode())
        return digest.hexdigest(), tuple(sorted(set(_imported(tree))))
    if suffix in {".yaml", ".yml"}:
        import yaml

        held = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        content = json.dumps(held, default=str).encode()
    return hashlib.sha256(content).hexdigest(), ()


def _written(node: object) -> Iterator[str]:
    """Yield a syntax tree as text, the same in every supported version of Python.

    Left out are docstrings and other statements without effect, and what versions write
    differently: fields that are empty, the context of names, the prefix ``u`` of a text, and into
    how many pieces the text of an f-string falls.
    """
    if isinstance(node, list):
        yield "["
        for part in node:
            if not _without_effect(part):
                yield from _written(part)
        yield "]"
    elif isinstance(node, ast.AST):
        yield f"{type(node).__name__}("
        for name, value in ast.iter_fields(node):
            if name not in {"ctx", "kind", "type_comment"} and value is not None and value != []:
                yield f"{name}="
                yield from _written(_joined(value) if isinstance(node, ast.JoinedStr) else value)
        yield ")"
    else:
        # Which letters are printable, so not escaped, depends on the version of Unicode.
        yield f"{node!a} "


def _joined(parts: list[ast.expr]) -> list[ast.expr]:
    found: list[ast.expr] = []
    for is_text, group in groupby(parts, key=lambda part: isinstance(part, ast.Constant)):
        pieces = list(group)
        text = "".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant))
        found += [ast.Constant(text)] if is_text else pieces
    return found


def _without_effect(node: object) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.Pass)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# -- kept ------------------------------------------------------------------------------------------

#: Keys of what is known since the kept file was read.
_new: set[str] = set()


@cache
def _known(file: Path) -> Known:
    key = _key(file)
    kept = _kept()
    if key not in kept:
        kept[key] = read(file.read_bytes(), file.suffix)
        _new.add(key)
    return kept[key]


@cache
def _key(file: Path) -> str:
    """Return what a file is known by: its bytes, and this module, which says what they mean."""
    own = "" if file == Path(__file__) else _key(Path(__file__))
    return hashlib.sha256(f"{file.suffix}{own}".encode() + file.read_bytes()).hexdigest()


def kept_file() -> Path | None:
    """Return where is kept what is known of files: a syntax tree of each would cost a second.

    By the hash of their bytes, so that it is right for every version and place of the program.
    None where there is no home to keep it in.
    """
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return home / "ngo-survey" / "meaning.json"


@cache
def _kept() -> dict[str, Known]:
    file = kept_file()
    try:
        kept = json.loads(file.read_bytes()) if file else {}
    except (OSError, ValueError):  # not there or not whole: it is made again
        kept = {}
    return {key: (digest, tuple(names)) for key, (digest, names) in kept.items()}


def _keep() -> None:
    """Keep what was found out, where this user may write."""
    file = kept_file()
    if not _new or file is None:
        return
    kept = _kept()
    if len(kept) > MOST:
        standing = set(map(_key, _sources()))
        kept = {key: known for key, known in kept.items() if key in standing}
    try:
        write_text(json.dumps(kept), file)
    except OSError:  # it will be found out again
        return
    _new.clear()
