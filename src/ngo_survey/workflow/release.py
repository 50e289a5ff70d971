"""What a release holds: which files, what each is, and that none of them tells who answered what.

Pure but for reading: :mod:`ngo_survey.workflow.verbs.release` writes it.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ngo_survey.disclosure.rounding import SUPPRESSED
from ngo_survey.study import Study
from ngo_survey.workflow import file_texts
from ngo_survey.workflow.products import Products

#: Stages whose products leave.
RELEASED_STAGES = ("round", "draw", "workbook", "package", "report")
#: What made a file that no stage made.
QUESTIONNAIRE, CONFIGURATION, LOCK = "questionnaire", "configuration", "verify --update"
COLUMNS = ("file", "size", "sha256", "made_by", "hidden")
#: Shorter values, and shorter numbers, stand in any text by chance.
LETTERS, DIGITS = 6, 7
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Leaving:
    """One file of a release.

    Attributes
    ----------
    name: where it lies, in the study and in the release.
    made_by: the stage, or what else it is.
    """

    name: str
    made_by: str
    content: bytes

    @cached_property
    def hidden(self) -> float | None:
        """The share of its figures that are hidden; None for a file that does not tell."""
        if not self.name.endswith(".csv"):
            return None
        frame = pd.read_csv(io.BytesIO(self.content), dtype=str, keep_default_na=False)
        if "status" not in frame or frame.empty:
            return None
        return float((frame["status"] == SUPPRESSED).mean())

    @property
    def searched(self) -> bool:
        """Whether words are searched in it: in every format that stages write."""
        return file_texts.read(self.name)


def leaving(study: Study) -> list[Leaving]:
    """Return every file of a release, sorted by name; what is not listed here does not leave.

    Raises
    ------
    FileNotFoundError: a product is not made yet.
    """
    make = Products(study)
    names = {
        path.as_posix(): stage
        for stage in RELEASED_STAGES
        for of in make.runs(stage)
        for path in make.outputs(stage, of)
    }
    files = {name: study.root / name for name in names}
    waves = [study, *(study.wave(wave.id) for wave in study.earlier_waves)]
    for form in {str(p.raw["questionnaire"]) for w in waves for p in w.populations.values()}:
        names[form], files[form] = QUESTIONNAIRE, study.path(form)
    for written in study.written:
        name = written.file.resolve().relative_to(study.root).as_posix()
        names[name], files[name] = CONFIGURATION, written.file
    names[study.paths.lock.name], files[study.paths.lock.name] = LOCK, study.paths.lock
    return [Leaving(name, names[name], files[name].read_bytes()) for name in sorted(files)]


def manifest(files: Iterable[Leaving]) -> pd.DataFrame:
    """Return ``file``, ``size`` (bytes), ``sha256``, ``made_by``, ``hidden`` (share of figures)."""
    rows = [
        (f.name, len(f.content), hashlib.sha256(f.content).hexdigest(), f.made_by, f.hidden)
        for f in files
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def words_of(text: str) -> list[str]:
    """Return the words of a text without case: what stands between them does not count."""
    return WORD.findall(text.casefold())


def searchable(values: Iterable[str], public: Iterable[str]) -> dict[str, str]:
    """Return what is searched for, as words with single spaces: {words: the value itself}.

    Left out are values that stand in any text by chance, being short, and those that the study
    publishes itself (``public``: its questionnaire, configuration, chapters, sources).
    """
    wanted = {}
    for value in values:
        words = words_of(value)
        letters = "".join(words)
        if len(letters) >= (DIGITS if letters.isdigit() else LETTERS):
            wanted[" ".join(words)] = value
    for found in _found(wanted, public):
        wanted.pop(found, None)
    return wanted


def betrayed(
    files: Iterable[Leaving], wanted: Mapping[str, str]
) -> Iterator[tuple[Leaving, list[str]]]:
    """Yield each file that holds what is searched for, with the values it holds."""
    for file in files:
        found = sorted(_found(wanted, file_texts.texts(file.name, file.content)))
        if found:
            yield file, [wanted[words] for words in found]


def _found(wanted: Collection[str], texts: Iterable[str]) -> set[str]:
    """Return which of the values stand in a text, whole words in their order."""
    found: set[str] = set()
    for text in texts:
        words = words_of(text)
        known = set(words)
        near = [w for w in wanted if w not in found and known.issuperset(w.split(" "))]
        if near:
            joined = f" {' '.join(words)} "
            found |= {w for w in near if f" {w} " in joined}
    return found
