"""What a figure is drawn from, handed out so that every read is recorded.

A kind of figure gets a study, results and codebooks that note what it asks for: a file of results,
one analysis, a key of the configuration, a raw file. The reads of a figure, each with a digest of
what stood there, say later whether the figure would come out the same: nothing is declared by hand,
and what is not offered here cannot be read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import ConfigError, nearest
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.study.codebooks import codebook
from ngo_survey.study.waves import Wave, waves_of
from ngo_survey.tables.declared import Chosen, chosen, chosen_of, own_questions

if TYPE_CHECKING:
    import pandas as pd

#: One read: the wave ("" for the present one), what kind of thing, and its name or path.
Read = tuple[str, ...]
CONFIG, PART, FILE = "config", "part", "file"
CODEBOOK, CODEBOOKS = "codebook", "codebooks"
RESULTS, NAMES, WORDS = "results", "names", "words"
OWN_QUESTION, CHOSEN = "own question", "chosen"
#: The digest of a file that is not there.
ABSENT = "absent"


@dataclass(frozen=True)
class FigureSource:
    """Everything that a figure of one wave may be drawn from, read when it is first asked for.

    Attributes
    ----------
    study: the study as of the wave.
    wave: its id, "" for the present one.
    """

    study: Study
    wave: str = ""
    _digests: dict[Read, str] = field(default_factory=dict, repr=False)
    _books: dict[str, Questionnaire] = field(default_factory=dict, repr=False)

    @cached_property
    def results(self) -> Results:
        """The results of the wave; raises :class:`ResultError` when it has none yet."""
        return Results.load(self.study.paths.released)

    def book(self, population: str) -> Questionnaire:
        """Return the codebook of a group of respondents."""
        if population not in self._books:
            self._books[population] = codebook(self.study, population)
        return self._books[population]

    def digest(self, read: Read) -> str:
        """Return a hash of what a read finds now."""
        if read not in self._digests:
            self._digests[read] = self._digest(*read[1:])
        return self._digests[read]

    def _digest(self, kind: str, *name: str) -> str:
        if kind == RESULTS:
            return self.results.digest(*name)
        if kind == FILE:
            file = self.study.path(*name)
            return _hash(file.read_bytes()) if file.is_file() else ABSENT
        return _hash(self._found(kind, *name))

    def _found(self, kind: str, *name: str) -> Any:
        found: Any = _standing(self.study.raw, name)
        match kind:
            case "part":
                found = [isinstance(part, Mapping) for part in found]
            case "names":
                found = list(self.results.names(*name))
            case "words":
                files = sorted(self.study.words.glob("*.yaml")) if self.study.words else []
                found = [_hash(file.read_bytes()) for file in files]
            case "own question":
                found = own_questions(self.study.section("tables")).get(*name)
            case "chosen":
                found = list(chosen_of(name[0], chosen(self.study.section("tables"))))
            case "codebooks":
                found = list(self.study.populations)
            case "codebook":
                # A codebook is made of the questionnaire and the block of its group of respondents.
                block = _standing(self.study.raw, ("populations", *name))
                forms = [self.digest((self.wave, FILE, b["questionnaire"])) for b in block]
                found = [block, forms]
        return found


@dataclass(frozen=True)
class Recorder:
    """What a kind of figure may read of a wave; :attr:`reads` fills as it does."""

    source: FigureSource
    reads: set[Read] = field(default_factory=set)

    def note(self, *read: str) -> None:
        """Note one read."""
        self.reads.add((self.source.wave, *read))


@dataclass(frozen=True)
class RecordedConfig(Mapping[str, Any]):
    """A part of the configuration: the values that are taken from it are noted, path by path."""

    tree: Mapping[str, Any]
    path: tuple[str, ...]
    recorder: Recorder

    def __getitem__(self, key: str) -> Any:
        """Return what stands at a key, and note it; a part of the configuration notes by itself."""
        value = self.tree.get(key)
        if isinstance(value, Mapping):
            self.recorder.note(PART, *self.path, key)
            return RecordedConfig(value, (*self.path, key), self.recorder)
        self.recorder.note(CONFIG, *self.path, key)
        return self.tree[key]

    def __iter__(self) -> Iterator[str]:
        """Go through the keys: then all that stands here has been read."""
        self.recorder.note(CONFIG, *self.path)
        return iter(self.tree)

    def __len__(self) -> int:
        """Return the number of keys, which is a read of them all."""
        return len(list(iter(self)))


@dataclass(frozen=True)
class RecordedStudy:
    """The study as a kind of figure sees it."""

    recorder: Recorder

    @property
    def raw(self) -> Mapping[str, Any]:
        """The configuration."""
        return RecordedConfig(self.recorder.source.study.raw, (), self.recorder)

    def section(self, name: str) -> Any:
        """Return a section of the configuration (an empty one when it is absent)."""
        return self.raw.get(name, {})

    def path(self, relative: str) -> Path:
        """Return where a raw file lies."""
        self.recorder.note(FILE, relative)
        return self.recorder.source.study.path(relative)

    @property
    def words(self) -> Path | None:
        """Folder of the study's own words; None without any."""
        self.recorder.note(WORDS)
        return self.recorder.source.study.words

    @property
    def prefixes(self) -> dict[str, str]:
        """What stands before the ids of tables, by group of respondents in their order."""
        self.recorder.note(CODEBOOKS)
        found = {}
        for name, group in self.recorder.source.study.populations.items():
            self.recorder.note(CONFIG, "populations", name, "table_prefix")
            found[name] = group.table_prefix
        return found

    def own_question(self, table: str) -> str | None:
        """Return the question of a table with an id of its own, None for any other."""
        self.recorder.note(OWN_QUESTION, table)
        return own_questions(self.recorder.source.study.section("tables")).get(table)

    def chosen_of(self, analysis: str) -> Chosen:
        """Return whom an analysis is of: the filter and the base of its table."""
        self.recorder.note(CHOSEN, analysis)
        return chosen_of(analysis, chosen(self.recorder.source.study.section("tables")))

    @property
    def sides(self) -> tuple[str, ...]:
        """The two groups of respondents that are compared; none without any."""
        self.recorder.note(CONFIG, "compare", "sides")
        return self.recorder.source.study.sides

    @property
    def data(self) -> str:
        """``simulated`` or ``collected``."""
        return str(self.raw["study"]["data"])

    @property
    def year(self) -> str:
        """Year of the survey, "" where the study does not say."""
        return str(self.raw["study"].get("fieldwork", {}).get("year", ""))

    @property
    def simulated(self) -> bool:
        """Whether every output must carry the mark of simulated data."""
        return self.data == "simulated"

    @property
    def waves(self) -> dict[str, Wave]:
        """The waves by id: earlier ones in the order of the configuration, the present one last."""
        return waves_of(self.raw)

    @property
    def present(self) -> Wave:
        """The wave that the configuration is about."""
        return list(self.waves.values())[-1]

    def title(self, language: str) -> str:
        """Return the title of the study."""
        return str(self.raw["study"]["title"][language])

    def group(self, name: str, language: str) -> str:
        """Return the name of a group of respondents as readers see it."""
        groups = self.section("populations")
        if name not in groups:
            near = nearest(name, groups)
            raise self.mistake("no such group of respondents", "populations", name, near)
        return str(groups[name]["label"][language])

    def mistake(
        self, problem: str, where: str, value: object = None, hint: str = ""
    ) -> ConfigError:
        """Return the error of a key of the configuration, with its file and its line."""
        return self.recorder.source.study.mistake(problem, where, value, hint)


@dataclass(frozen=True)
class RecordedResults:
    """The results store as a kind of figure sees it."""

    recorder: Recorder

    def family(self, name: str) -> pd.DataFrame:
        """Return all rows of a family; the figure is then made of all of them."""
        self.recorder.note(RESULTS, name)
        return self.recorder.source.results.family(name)

    def names(self, family: str) -> list[str]:
        """Return the names of the files of a family."""
        self.recorder.note(NAMES, family)
        return list(self.recorder.source.results.names(family))

    def analysis(self, name: str) -> pd.DataFrame:
        """Return the estimates of one analysis, numbered anew: where they stand is not theirs."""
        self.recorder.note(RESULTS, "estimates", name)
        return self.recorder.source.results.analysis(name).reset_index(drop=True)

    @property
    def analyses(self) -> list[str]:
        """Names of the analyses that the figure has read so far."""
        own = (self.recorder.source.wave, RESULTS, "estimates")
        return sorted(read[3] for read in self.recorder.reads if len(read) > 3 and read[:3] == own)

    def comparisons(self, analysis: str) -> pd.DataFrame:
        """Return the comparisons of the columns of one analysis."""
        self.recorder.note(RESULTS, "comparisons", analysis)
        return self.recorder.source.results.comparisons(analysis).reset_index(drop=True)


@dataclass(frozen=True)
class RecordedCodebooks(Mapping[str, Questionnaire]):
    """Codebooks by group of respondents."""

    recorder: Recorder

    def __getitem__(self, population: str) -> Questionnaire:
        """Return a codebook, and note it."""
        if population not in self.recorder.source.study.populations:
            raise KeyError(population)
        self.recorder.note(CODEBOOK, population)
        return self.recorder.source.book(population)

    def __iter__(self) -> Iterator[str]:
        """Go through the groups of respondents in the order of the configuration."""
        self.recorder.note(CODEBOOKS)
        return iter(self.recorder.source.study.populations)

    def __len__(self) -> int:
        """Return the number of groups of respondents."""
        return len(list(iter(self)))


def _standing(tree: Any, path: tuple[str, ...]) -> list[Any]:
    """Return what stands at a path of the configuration, in a list that is empty for nothing."""
    for key in path:
        if not isinstance(tree, Mapping) or key not in tree:
            return []
        tree = tree[key]
    return [tree]


def _hash(value: Any) -> str:
    """Return sixteen hexadecimal digits; the order of keys counts, for figures follow it."""
    written = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return hashlib.sha256(written).hexdigest()[:16]
