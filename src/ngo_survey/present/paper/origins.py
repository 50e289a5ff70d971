"""Where the printed numbers come from, as an appendix: what opens in the page, laid out in tables.

Numbers of one result file stand together; what is true of all of them (question, rule, verb, file)
is said once, what differs stands in columns, one row a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ngo_survey.present.words.language import Language

#: Name and words, line by line, of one number (see ``definition.define``), its key first.
Definition = Sequence[tuple[str, str]]

#: Lines that a key tells by itself, and those that only the page and the terminal show.
LEFT_OUT = ("analysis", "category", "measure", "group", "df", "deff")
#: Letters that fit a narrow column; a line with more goes below the key.
NARROW = 20


@dataclass(frozen=True)
class PrintedOrigin:
    """One number: its key, its words in the columns of its group, and what is too long for them."""

    key: str
    cells: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]

    @property
    def words(self) -> str:
        """Everything but the key on one line; a column that is empty keeps its place by a dash."""
        long = (f"{name}: {words}" for name, words in self.remarks)
        return " · ".join((*(cell or "–" for cell in self.cells), *long))


@dataclass(frozen=True)
class Origins:
    """The numbers of one result file: what is true of all, the columns, one entry a key."""

    file: str
    common: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    entries: tuple[PrintedOrigin, ...]


def origins(definitions: Mapping[str, Definition], language: Language) -> tuple[Origins, ...]:
    """Return the printed numbers by result file, files and keys in the order of the alphabet."""
    file_line = language.word("definition.file")
    skipped = {language.word(f"definition.{name}") for name in ("key", "file", *LEFT_OUT)}
    files: dict[str, dict[str, Definition]] = {}
    for key, lines in sorted(definitions.items()):
        files.setdefault(dict(lines).get(file_line, ""), {})[key] = lines
    return tuple(_group(file, files[file], skipped) for file in sorted(files))


def _group(file: str, definitions: Mapping[str, Definition], skipped: set[str]) -> Origins:
    said = {
        key: {name: words for name, words in lines if name not in skipped}
        for key, lines in definitions.items()
    }
    names = list(dict.fromkeys(name for lines in said.values() for name in lines))
    values = {name: {lines.get(name, "") for lines in said.values()} for name in names}
    common = [n for n in names if len(values[n]) == 1 and len(said) > 1]
    narrow = [n for n in names if n not in common and max(map(len, values[n])) <= NARROW]
    long = [n for n in names if n not in common and n not in narrow]
    return Origins(
        file=file,
        common=tuple((name, next(iter(values[name]))) for name in common),
        columns=tuple(narrow),
        entries=tuple(
            PrintedOrigin(
                key,
                tuple(lines.get(name, "") for name in narrow),
                tuple((name, lines[name]) for name in long if lines.get(name)),
            )
            for key, lines in said.items()
        ),
    )
