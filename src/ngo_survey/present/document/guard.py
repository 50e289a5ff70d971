"""The check that fails the build when a digit in the prose has no source.

An author's words hold no digit: a number comes from the results store, a year or a threshold from
the configuration, the number of a law from the official data, the words of a question from the
questionnaire, the number of a table from the document, all through slots. There is no exception
for small numbers. Markup may hold digits: the marks of an ordered list, the address of a link,
names of files and keys between backticks.

A number in words states one too. The words of each language list what is a number (``numbers`` of
the section ``guard``: fractions, multiples, majorities, whole numbers from three) and the phrases
in which one is no result (``allowed``): a scale, a chapter, what the questionnaire asks.

Nor may a link lead to a place of the document that is not there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice, zip_longest
from typing import Any

from ngo_survey.errors import ResultError, SurveyError, nearest
from ngo_survey.present.document.chapter_prose import SLOT, prose
from ngo_survey.present.document.chapters import ChapterSource
from ngo_survey.present.document.document import (
    Chapter,
    Document,
    Link,
    Slot,
    Table,
    Text,
    anchors,
    plain,
    walk,
)
from ngo_survey.present.words.language import Language

#: Unicode categories of digits: 4, ², Ⅳ and ½ all state a number.
DIGITS = frozenset({"Nd", "Nl", "No"})


def loose_digits(chapter: Chapter) -> Iterator[str]:
    """Yield the words around every digit of a chapter that came through no slot."""
    for part in walk(chapter):
        words = (
            part.text if isinstance(part, Text) else part.stub if isinstance(part, Table) else ""
        )
        yield from _around_digits(words)


def _around_digits(words: str) -> Iterator[str]:
    for place, letter in enumerate(words):
        if _is_digit(letter):
            yield words[max(0, place - 30) : place + 30].replace("\n", " ")


def _typed(found: str, file: str | None, line: int | None, chapter: str = "") -> ResultError:
    within = f" in the chapter {chapter!r}" if chapter else ""
    return ResultError(
        f"a number{within} does not come from the results",
        file=file,
        row=line,
        value=found.replace(SLOT, "…"),
        hint="print it with {{ n('key') }}, {{ config('key') }} or {{ fact('key') }}",
    )


@cache
def _is_digit(letter: str) -> bool:
    return unicodedata.category(letter) in DIGITS


def refuse_loose_digits(document: Document, files: Sequence[str] = ()) -> None:
    """Raise :class:`ResultError` for the first digit that no slot put there.

    ``files`` are those of the chapters, as they are shown.
    """
    for chapter, file in zip_longest(document.chapters, files):
        for found in loose_digits(chapter):
            raise _typed(found, file, None, plain(chapter.title))


@dataclass(frozen=True)
class NumberWords:
    """What says a number in one language, and the phrases in which it is no result."""

    number: re.Pattern[str]
    allowed: re.Pattern[str]

    @classmethod
    def of(cls, language: Language) -> NumberWords:
        """Return those of a language: ``guard.numbers`` and ``guard.allowed`` of its words."""
        guard = language.words["guard"]
        return cls(_any(guard["numbers"]), _any(guard["allowed"]))

    def loose(self, chapter: Chapter) -> Iterator[str]:
        """Yield the words around every number in words that no allowed phrase holds."""
        for text in _runs(chapter):
            for found, _ in self.found(text):
                yield found

    def found(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the words around every such number of a text, and where it begins."""
        rest = self.allowed.sub(lambda match: "_" * len(match.group()), text)
        for match in self.number.finditer(rest):
            yield text[max(0, match.start() - 30) : match.end() + 30], match.start()


def refuse_loose_numbers(document: Document, language: Language, files: Sequence[str] = ()) -> None:
    """Raise :class:`ResultError` for the first number in words that may be a result.

    ``files`` are those of the chapters, as they are shown.
    """
    words = NumberWords.of(language)
    for chapter, file in zip_longest(document.chapters, files):
        for found in words.loose(chapter):
            raise _in_words(found, language, file, None, plain(chapter.title))


def _in_words(
    found: str, language: Language, file: str | None, line: int | None, chapter: str = ""
) -> ResultError:
    return ResultError(
        f"the chapter {repr(chapter) + ' ' if chapter else ''}states a number in words",
        file=file,
        row=line,
        value=found.replace(SLOT, "…"),
        hint="print it through a slot, or allow the phrase in report.guard.allowed of "
        f"words/{language.code}.yaml if it is no result",
    )


def typed_numbers(source: ChapterSource, language: Language) -> Iterator[ResultError]:
    """Yield a fault for every line of a chapter in whose words an author typed a number.

    In digits anywhere, in words where the template alone tells how they read.
    """
    words = NumberWords.of(language)
    for part in prose(source.text):
        for place, line in enumerate(part.lines):
            for found in islice(_around_digits(line), 1):
                yield _typed(found, source.shown, part.line + place)
        text = " ".join(part.lines)
        for found, start in islice(words.found(text), 1) if part.whole else ():
            ends = accumulate(len(line) + 1 for line in part.lines)
            place = sum(end <= start for end in ends)
            yield _in_words(found, language, source.shown, part.line + place)


def _any(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _runs(chapter: Chapter) -> Iterator[str]:
    """Yield the words of authors, those that follow each other as one; slots stand as a mark."""
    for part in walk(chapter):
        if isinstance(part, Table):
            yield part.stub
        if isinstance(part, tuple) and any(isinstance(item, Text) for item in part):
            yield " ".join("".join(_word(item) for item in part).split())


def _word(part: Any) -> str:
    if isinstance(part, Text):
        return part.text
    return "\N{OBJECT REPLACEMENT CHARACTER}" if isinstance(part, Slot) else " "


def refuse_lost_links(document: Document, files: Sequence[str] = ()) -> None:
    """Raise when a link leads to a place that the document, its appendices with it, does not have.

    ``files`` are those of the chapters, as they are shown.

    Raises
    ------
    SurveyError: names the chapter, the place and the one that is most like it.
    """
    places = anchors(document)
    for chapter, file in zip_longest(document.chapters, files):
        for part in walk(chapter):
            if isinstance(part, Link) and part.target.startswith("#"):
                place = part.target[1:]
                if place not in places:
                    raise SurveyError(
                        f"the chapter '{plain(chapter.title)}' links to a place that is not there",
                        file=file,
                        value=part.target,
                        hint=nearest(place, places) or "write the anchor of a chapter or heading",
                    )
