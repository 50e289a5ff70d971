"""From labels, as many exports carry them, to the names of choices.

A column that holds labels was exported "with labels" and is read as such; nothing is logged, since
the label is the answer. A label typed into a column of names is somebody's edit: it is left to the
rule `alias`, which logs what it changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.ingest.choices import BETWEEN, NAMES, Choices, systems, two_ways
from ngo_survey.ingest.cleaning import spelling

#: How like a choice words must be, and how often they must come, to be taken for an option that
#: was renamed rather than for the words of "other".
LEAST_LIKE, SEVERAL, SHARE = 0.55, 3, 0.02
LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Decoded:
    """Answers with whole columns of labels turned into names.

    Attributes
    ----------
    frame: the answers.
    choices: how the answers to each question are read.
    system: how each column is written (:func:`ngo_survey.ingest.choices.systems`).
    done: the rows of each column that are names now.
    worded: what stood in the cells that were read as the words of "other", by question; missing
        where nothing was.
    """

    frame: pd.DataFrame
    choices: Mapping[str, Choices]
    system: Mapping[str, str]
    done: Mapping[str, pd.Series]
    worded: Mapping[str, pd.Series]


def decode(
    frame: pd.DataFrame,
    questions: Questionnaire,
    aliases: Mapping[str, Mapping[str, str]],
    declared: Mapping[str, str] | str = "",
    file: str = "responses",
    texts: Callable[[str], Iterable[object]] | None = None,
    by_header: Mapping[str, str] | None = None,
    with_words: Collection[str] = (),
) -> Decoded:
    """Read columns of labels.

    What is neither label nor name is the text of "other" where the export writes it among the
    answers (``with_words``); else it stays for cleaning to judge. So does what comes again and
    again or is all but a choice: it may be an option that was renamed, or is misspelt.

    Parameters
    ----------
    declared: ``names``, ``labels`` or a language, for all questions or by question, where the
        export does not tell (``sources.answers``).
    texts: the texts of a column, each once, where somebody has found them already.
    by_header: questions whose answers are names of choices for sure
        (:func:`.choice_headers.by_header`): they are not read as labels, and say nothing of how
        other columns are written.
    with_words: questions that hold the words of "other" among their answers
        (:func:`.choice_headers.with_words`).

    Raises
    ------
    InputError: a column whose answers are names and labels of other choices alike.
    """
    choices = {
        q.name: Choices(q, aliases.get(q.list_name, {}))
        for q in questions
        if q.choices and q.type != "derived" and q.name in frame
    }
    if texts is None:
        texts = lambda name: frame[name].dropna().unique()  # noqa: E731
    sure = {q.name: NAMES for q in questions if q.place_of} | dict(by_header or {})
    columns = {name: list(map(str, texts(name))) for name in choices if name not in sure}
    found = systems(columns, choices, declared)
    made = frame.copy(deep=False)
    done: dict[str, pd.Series] = {}
    worded: dict[str, pd.Series] = {}
    for name, ways in found.items():
        if len(ways) > 1:
            raise two_ways(frame[name], frame["source_row"], choices[name], ways, file, name)
        if ways[0] == NAMES:
            continue
        text_of_other = f"{name}_other"
        free = name in with_words and text_of_other in made
        names, words = _column(frame[name], choices[name], ways[0], free)
        done[name] = frame[name].isin(list(names))
        made[name] = frame[name].map(lambda v, names=names: names.get(v, v), na_action="ignore")
        if words:
            found_words = frame[name].map(words).astype(object)
            made[text_of_other] = made[text_of_other].where(found_words.isna(), found_words)
            worded[name] = frame[name].where(found_words.notna())
    for name, written in sure.items():
        # An alias of a name does not touch what stood there as a label.
        if name in choices and written != NAMES:
            done[name] = frame[name].notna()
    system = {name: found[name][0] if name in found else NAMES for name in choices}
    return Decoded(made, choices, system, done, worded)


def _column(
    column: pd.Series, choices: Choices, system: str, free: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Return text -> names that labels of one language read, and text -> words of "other"."""
    many = choices.question.type == "select_multiple"
    names: dict[str, str] = {}
    left: dict[str, tuple[list[str], str]] = {}
    for text in map(str, column.dropna().unique()):
        if choices.aliased(text):
            continue
        ways = choices.labelled(text, system)
        if len(ways) == 1:
            names[text] = " ".join(ways[0])
        elif not free or ways:
            continue
        elif many and not choices.many(text, system):
            known, words, last = choices.with_words(text, system)
            misspelt = words and any(map(choices.nearly, _runs(text, words[0])))
            if words and last and not misspelt and "other" not in known:
                left[text] = ([*known, "other"], words[0])
        elif not many and text.strip() and not choices.one(text, system):
            left[text] = (["other"], text)
    # A code such as 99 or a number is nobody's words: cleaning asks what it is.
    left = {text: found for text, found in left.items() if LETTER.search(found[1])}
    counts = Counter(column.dropna().map(str))
    often: Counter[str] = Counter()
    for text, (_, said) in left.items():
        often[spelling.key(said)] += counts[text]
    renamed = {
        words
        for words, count in often.items()
        if _renamed(words, count, choices, sum(counts.values()))
    }
    kept = {t: (c, words) for t, (c, words) in left.items() if spelling.key(words) not in renamed}
    names |= {text: " ".join(chosen) for text, (chosen, _) in kept.items()}
    return names, {text: words for text, (_, words) in kept.items()}


def _renamed(words: str, count: int, choices: Choices, answers: int) -> bool:
    """Whether words look like an option, renamed in the field or misspelt, not like "other"."""
    if choices.nearly(words):
        return True
    if count >= max(SEVERAL, SHARE * answers):
        return True
    return count > 1 and any(
        SequenceMatcher(a=known, b=words).ratio() > LEAST_LIKE for known in choices.spellings
    )


def _runs(text: str, words: str) -> Iterator[str]:
    """Yield what the parts of a cell say alone and joined, as far as the words at its end reach.

    A label that holds a comma may be misspelt in one of its parts.
    """
    starts = [0, *(mark.end() for mark in BETWEEN.finditer(text))]
    ends = [*(mark.start() for mark in BETWEEN.finditer(text)), len(text)]
    for end in ends:
        if end > len(text.rstrip()) - len(words):
            yield from (text[start:end] for start in starts if start < end)
