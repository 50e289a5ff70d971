"""The check that fails the build when a digit in the prose has no source.

An author's words hold no digit: a number comes from the results store, a year or a threshold from
the configuration, the number of a law from the official data, the words of a question from the
questionnaire, the number of a table from the document, all through slots. There is no exception
for small numbers; "three" is a word. Markup may hold digits: the marks of an ordered list, the
address of a link, names of files and keys between backticks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ngo_survey.errors import ResultError
from ngo_survey.report.document import Chapter, Document, Text, plain, walk

#: Unicode categories of digits: 4, ², Ⅳ and ½ all state a number.
DIGITS = frozenset({"Nd", "Nl", "No"})


def loose_digits(chapter: Chapter) -> Iterator[str]:
    """Yield the words around every digit of a chapter that came through no slot."""
    for part in walk(chapter):
        if isinstance(part, Text):
            for place, letter in enumerate(part.text):
                if unicodedata.category(letter) in DIGITS:
                    yield part.text[max(0, place - 30) : place + 30].replace("\n", " ")


def refuse_loose_digits(document: Document) -> None:
    """Raise :class:`ResultError` for the first digit that no slot put there."""
    for chapter in document.chapters:
        for found in loose_digits(chapter):
            raise ResultError(
                f"a number in the chapter {plain(chapter.title)!r} does not come from the results",
                value=found,
                mend="print it with {{ n('key') }}, {{ config('key') }} or {{ fact('key') }}",
            )
