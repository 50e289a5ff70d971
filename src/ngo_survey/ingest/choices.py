"""How an answer is read as a choice, or as several: the one rule for cells, columns and exports.

A cell is read by the first of these that knows it: an alias that the study declares, the name of a
choice, its label in the language of the column, its label in any language. Each is held against the
cell as it is written, then without letter case and look-alikes (:mod:`.cleaning.spelling`). What
two choices could claim is read as neither: it is refused, and an alias settles it.

Whether a column holds names or labels, and of which language, is found for the whole export
(:func:`systems`): field tools write all of it one way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import InputError
from ngo_survey.ingest.cleaning import spelling

#: The system of a column of names; other systems are languages of labels.
NAMES = "names"
#: An answer to a question of many answers of which no choice is ticked. No name holds brackets.
NONE_TICKED = "(none)"
#: Between answers of many in one cell; KoboToolbox and ODK join names, and labels, by a space.
BETWEEN = re.compile(r"\s*[;,|\n]\s*")
BETWEEN_OR_SPACE = re.compile(r"\s*[;,|\n]\s*|\s+")
#: Readings of one cell, and rows, that an error lists.
MOST_READINGS, MOST_ROWS = 3, 6

Found = frozenset[str]
NOTHING: Found = frozenset()


@dataclass
class Spellings:
    """Spellings and the choices that they stand for, as written and as compared."""

    exact: dict[str, Found] = field(default_factory=dict)
    folded: dict[str, Found] = field(default_factory=dict)

    @classmethod
    def of(cls, spellings: Iterable[tuple[str, str]]) -> Spellings:
        """Gather (text, choice)."""
        book = cls()
        for text, choice in spellings:
            for found, written in (
                (book.exact, spelling.exact(text)),
                (book.folded, spelling.key(text)),
            ):
                if written:
                    found[written] = found.get(written, NOTHING) | {choice}
        return book

    def find(self, text: str) -> Found:
        """Return the choices that a text stands for: several where it may stand for each."""
        if not self.exact:
            return NOTHING
        return self.exact.get(spelling.exact(text)) or self.folded.get(spelling.key(text), NOTHING)


@dataclass(frozen=True)
class Choices:
    """The choices of one question, and the spellings that a study declares for them."""

    question: Question
    aliases: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _aliases(self) -> Spellings:
        return Spellings.of(self.aliases.items())

    @cached_property
    def names(self) -> Spellings:
        """Names of the choices."""
        return Spellings.of((c.name, c.name) for c in self.question.choices)

    @cached_property
    def labels(self) -> dict[str, Spellings]:
        """Labels by language."""
        languages = dict.fromkeys(k for c in self.question.choices for k in c.labels)
        return {
            language: Spellings.of(
                (c.labels.get(language, ""), c.name) for c in self.question.choices
            )
            for language in languages
        }

    def aliased(self, text: str) -> bool:
        """Whether the study declares this very spelling."""
        return bool(self._aliases.find(text))

    def one(self, text: str, system: str = NAMES) -> Found:
        """Return the choices that a whole cell stands for; one is read, several are refused."""
        found = self._aliases.find(text) or self._of(system).find(text)
        return found or self._anywhere(text)

    def many(self, text: str, system: str = NAMES, in_order: bool = False) -> list[tuple[str, ...]]:
        """Return every way in which a cell can be read as several choices, in the order written.

        Parts are tried before the whole. An empty list is a cell that nothing reads. A choice that
        is written twice counts once, unless the order is the answer (``in_order``).
        """
        whole = self._aliases.find(text)
        if whole:
            return [(choice,) for choice in sorted(whole)]
        for strict in (True, False):
            for everything in (False, True):
                known = self._spellings(system, strict, everything)
                found = _segments(_folded(text, strict), known, in_order)
                if found:
                    return found
        return []

    def in_full(self, text: str, system: str) -> list[tuple[str, ...]]:
        """Return the orders of all choices, each once, that a cell says in one system alone."""
        book = self._of(system)
        names = sorted(self.question.choice_names)
        for strict, known in ((True, book.exact), (False, book.folded)):
            ways = _segments(_folded(text, strict), known, in_order=True)
            if ways:
                return [way for way in ways if sorted(way) == names]
        return []

    def labelled_as(self, text: str) -> Found:
        """Return the choices that have a text as their label, in any language."""
        return _union(book.find(text) for book in self.labels.values())

    def labelled(self, text: str, system: str) -> list[tuple[str, ...]]:
        """Return the ways to read a cell as labels of one language alone."""
        book = self._of(system)
        if self.question.type != "select_multiple":
            return [(choice,) for choice in sorted(book.find(text))]
        for strict, known in ((True, book.exact), (False, book.folded)):
            aliases = self._aliases.exact if strict else self._aliases.folded
            own = {t: c for t, c in known.items() if t not in aliases}
            found = _segments(_folded(text, strict), own)
            if found:
                return found
        return []

    def with_words(self, text: str, system: str) -> tuple[list[str], list[str], bool]:
        """Return the choices in a cell, its parts that are none, and whether these end it.

        A tool that joins answers of many by commas writes the words of "other" last.
        """
        cuts = [0, *(m.end() for m in BETWEEN.finditer(text)), len(text)]
        ends = [*(m.start() for m in BETWEEN.finditer(text)), len(text)]
        found: list[str] = []
        strange: list[tuple[int, int]] = []
        start = 0
        while start < len(ends):
            for end in range(len(ends) - 1, start - 1, -1):
                ways = self.many(text[cuts[start] : ends[end]], system)
                if len(ways) == 1:
                    found += ways[0]
                    start = end + 1
                    break
            else:
                if strange and strange[-1][1] == start - 1:
                    strange[-1] = (strange[-1][0], start)
                else:
                    strange.append((start, start))
                start += 1
        words = [text[cuts[a] : ends[b]].strip() for a, b in strange]
        last = len(strange) == 1 and strange[0][1] == len(ends) - 1
        return list(dict.fromkeys(found)), [w for w in words if w], last

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Every spelling as it is compared that stands for one choice alone."""
        known: dict[str, Found] = {}
        for book in (self.names, *self.labels.values(), self._aliases):
            for text, found in book.folded.items():
                known[text] = known.get(text, NOTHING) | found
        known |= self._aliases.folded
        return {text: next(iter(found)) for text, found in known.items() if len(found) == 1}

    def nearly(self, text: str) -> bool:
        """Whether a text may be a choice misspelt (:func:`.spelling.nearly`)."""
        return any(spelling.nearly(spelling.key(text), known) for known in self.spellings)

    def readings(self, text: str) -> list[str]:
        """Return what a spelling could mean, in words for an error."""
        kinds = [("alias", self._aliases), ("name", self.names)]
        kinds += [(f"label ({code})", book) for code, book in self.labels.items()]
        return [f"{kind} of {choice}" for kind, book in kinds for choice in sorted(book.find(text))]

    def _of(self, system: str) -> Spellings:
        return self.names if system == NAMES else self.labels.get(system, self.names)

    def _anywhere(self, text: str) -> Found:
        """Read what the system of the column does not know: somebody's edit."""
        written, compared = spelling.exact(text), spelling.key(text)
        if written in self.names.exact:
            return self.names.exact[written]
        books = self.labels.values()
        labels = _union(book.exact.get(written, NOTHING) for book in books)
        folded = self.names.folded.get(compared, NOTHING)
        return (labels | folded) or _union(book.folded.get(compared, NOTHING) for book in books)

    def read_by(self, system: str, text: str) -> int:
        """Return whether a system reads a cell, or one of its parts: 2 as written, 1 as compared.

        Aliases do not count.
        """
        book = self._of(system)
        many = self.question.type == "select_multiple"
        if many and all(word in book.exact for word in text.split()):
            return 2
        for points, strict, known in ((2, True, book.exact), (1, False, book.folded)):
            cell = _folded(text, strict)
            if cell in known or (many and _parts_known(cell, known)):
                return points
        return 0

    def _spellings(self, system: str, strict: bool, everything: bool) -> dict[str, Found]:
        cache: dict[tuple[str, bool, bool], dict[str, Found]] = self.__dict__.setdefault(
            "_known", {}
        )
        if (system, strict, everything) not in cache:
            books = [self._of(system)]
            if everything:
                books += [self.names, *self.labels.values()]
            known: dict[str, Found] = {}
            for book in books:
                for text, found in (book.exact if strict else book.folded).items():
                    known[text] = known.get(text, NOTHING) | found
            known |= self._aliases.exact if strict else self._aliases.folded
            cache[system, strict, everything] = known
        return cache[system, strict, everything]


def _union(found: Iterable[Found]) -> Found:
    return frozenset().union(*found)


def _folded(text: str, strict: bool) -> str:
    """Return a cell as it is compared; line breaks part answers and stay."""
    fold = spelling.exact if strict else spelling.key
    return "\n".join(part for part in map(fold, text.splitlines()) if part)


def _parts_known(cell: str, known: Mapping[str, Found]) -> bool:
    if all(word in known for word in cell.split()):
        return True
    return any(part in known for part in BETWEEN.split(cell)) or bool(_segments(cell, known))


def _segments(
    text: str, known: Mapping[str, Found], in_order: bool = False
) -> list[tuple[str, ...]]:
    """Return the ways to cut a text into known spellings, as sets of choices that differ.

    With ``in_order`` as sequences that differ.
    """
    if not text.startswith(tuple(known)):
        return []
    by_start: dict[str, list[str]] = {}
    for spelled in known:
        by_start.setdefault(spelled[0], []).append(spelled)
    memo: dict[int, list[tuple[str, ...]]] = {}

    def cut(place: int) -> list[tuple[str, ...]]:
        if place >= len(text):
            return [()]
        if place not in memo:
            ways: dict[Found | tuple[str, ...], tuple[str, ...]] = {}
            for spelled in by_start.get(text[place], ()):
                if not text.startswith(spelled, place):
                    continue
                end = place + len(spelled)
                mark = BETWEEN_OR_SPACE.match(text, end)
                if end < len(text) and (mark is None or mark.end() == end):
                    continue
                for rest in cut(mark.end() if mark else end):
                    for choice in sorted(known[spelled]):
                        way = (choice, *rest)
                        way = way if in_order else tuple(dict.fromkeys(way))
                        if len(ways) < MOST_READINGS:
                            ways.setdefault(way if in_order else frozenset(way), way)
            memo[place] = list(ways.values())
        return memo[place]

    return [way for way in cut(0) if way]


def systems(
    columns: Mapping[str, Sequence[str]],
    choices: Mapping[str, Choices],
    declared: Mapping[str, str] | str = "",
) -> dict[str, tuple[str, ...]]:
    """Return how each column is written: one system, or several that cannot be told apart.

    A column says it by what it holds: all its cells are names, or all are labels of a language.
    Where both fit and differ, the other columns of the export decide; where they do not, the
    configuration must (``sources.answers``).

    Parameters
    ----------
    columns: the texts of each column, each once.
    """
    fitting = {name: _fitting(column, choices[name]) for name, column in columns.items()}
    votes = Counter(next(iter(hits)) for hits in fitting.values() if _clear(hits))
    kinds = {way == NAMES for way in votes}
    languages = [way for way, _ in votes.most_common() if way != NAMES]
    made: dict[str, tuple[str, ...]] = {}
    for name, hits in fitting.items():
        ways = list(hits)
        said = declared if isinstance(declared, str) else declared.get(name, "")
        if said:
            labels = [way for way in [*languages, *ways] if way != NAMES]
            labels = labels or list(choices[name].labels)
            made[name] = (labels[0],) if said == "labels" else (said,)
        elif len(ways) < 2 or not _differ(columns[name], choices[name], ways):
            made[name] = tuple(ways[:1]) or (NAMES,)
        else:
            agreed = [w for w in ways if kinds == {w == NAMES} and w in (NAMES, *languages[:1])]
            made[name] = tuple(agreed[:1] or ways)
    return made


#: Spellings that a system reads: at all, and as they are written.
Hits = tuple[int, int]


def _clear(hits: Mapping[str, Hits]) -> bool:
    counts = list(hits.values())
    return bool(counts) and (len(counts) == 1 or counts[0] > counts[1])


def _fitting(column: Sequence[str], choices: Choices) -> dict[str, Hits]:
    """Return the systems that read a column and how many of its spellings, most first.

    Where one reads them all, only those that do are left.
    """
    cells = [t for t in column if t != NONE_TICKED and not choices.aliased(t)]
    known = (NAMES, *choices.labels)
    # One that does not read them all mostly says so at the first cell.
    whole = [system for system in known if all(choices.read_by(system, t) for t in cells)]
    counts: dict[str, Hits] = {}
    for system in whole or known:
        read = [choices.read_by(system, text) for text in cells]
        if any(read):
            counts[system] = sum(r > 0 for r in read), sum(r > 1 for r in read)
    return dict(sorted(counts.items(), key=lambda pair: [-n for n in pair[1]]))


def _differ(column: Sequence[str], choices: Choices, ways: Iterable[str]) -> bool:
    """Whether systems read a column differently."""
    many = choices.question.type == "select_multiple"
    for text in column:
        one = {choices.one(text, way) for way in ways}
        several = {frozenset(map(frozenset, choices.many(text, way))) for way in ways}
        if len(several if many else one) > 1:
            return True
    return False


def two_ways(
    column: pd.Series,
    rows: pd.Series,
    choices: Choices,
    ways: Sequence[str],
    file: str,
    header: str,
) -> InputError:
    """Return the error for a column that several systems read differently.

    Parameters
    ----------
    column: the answers.
    rows: their rows in the file, in the same order.
    ways: the systems.
    header: the column's name in the file.
    """
    for text in map(str, column.dropna().unique()):
        readings = [
            " ".join(sorted(choices.one(text, w) or {c for r in choices.many(text, w) for c in r}))
            for w in ways
        ]
        if len(set(readings)) > 1:
            break
    at = [int(row) for row in rows[(column == text).to_numpy()]]
    said = " or ".join(
        f"{reading} ({'its name' if way == NAMES else f'its label in {way}'})"
        for way, reading in zip(ways, readings, strict=True)
    )
    name = choices.question.name
    return InputError(
        f"this answer can be read in two ways, as {said}; rows {listed(at)}",
        file=file,
        row=at[0],
        column=header,
        value=text,
        hint=f"say how the column is written: sources.answers: {{{name}: {ways[0]}}} "
        f"or {{{name}: {ways[1]}}}",
    )


def listed(rows: Sequence[int], most: int = MOST_ROWS) -> str:
    """Return the first rows in words."""
    return ", ".join(str(row) for row in rows[:most]) + (", ..." if len(rows) > most else "")
