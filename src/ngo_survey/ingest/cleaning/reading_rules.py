"""The rules that read answers: texts and choices, as the questionnaire names them.

Each takes the ledger and what the study gives, and changes cells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal

import numpy as np
import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import Faults, SurveyError, nearest
from ngo_survey.ingest import missing
from ngo_survey.ingest.choice_headers import declared
from ngo_survey.ingest.choices import NAMES, NONE_TICKED, Choices, listed
from ngo_survey.ingest.cleaning import numbers
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.decode import Decoded, decode

SPACES = re.compile(r"\s+")
LETTER = re.compile(r"[^\W\d_]")


def asked(ledger: Ledger) -> list[Question]:
    """Return the questions whose answers are cleaned: all but paradata and contact details."""
    return [
        q for q in ledger.questions if q.disclosure in {"open", "free_text"} and q.type != "derived"
    ]


def answered(ledger: Ledger) -> list[Question]:
    """Return the questions whose answers are read: those that are cleaned, and inner ones.

    A weight, a stratum or a sampled unit is computed with as any answer is, and must be read as
    one: a number as a number, a choice as a choice. Numbers of respondents are read on their own.
    """
    cleaned = {q.name for q in asked(ledger)}
    return [
        q for q in ledger.questions
        if q.name in cleaned or (inner(q) and q.name in ledger.frame)
    ]  # fmt: skip


def inner(question: Question) -> bool:
    """Whether a question that nobody tabulates holds numbers or choices."""
    return (
        question.disclosure == "internal"
        and question.type != "derived"
        and question.role != "id"
        and (question.numeric or bool(question.choices))
    )


def blank_missing_codes(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Blank what says that there is no answer: declared codes, and what R and pandas write.

    Neither a choice of the question nor a declared alias is one. A weight of 99 is a weight: a
    number is no answer to a question that nobody tabulates only where the study says so of it.

    Raises
    ------
    InputError: a mark that stands for no answer is a choice of this question: up to its case, or
        as it is written where other columns hold it too.
    """
    elsewhere = _marks_of_no_answer(ledger)
    for question in answered(ledger):
        codes = missing.codes_of(question, inputs.sources)
        if inner(question) and question.numeric:
            codes -= {code for code in codes if numbers.PLAIN.fullmatch(code)}
            codes |= missing.named(question, inputs.sources)
        choices = Choices(question, inputs.aliases.get(question.list_name, {}))
        codes = frozenset(code for code in codes if not choices.aliased(code))
        in_doubt = (elsewhere & missing.spoken(question)) - codes
        in_doubt |= missing.alike(question, inputs.sources)
        for mark in sorted(in_doubt):
            if not choices.aliased(mark) and not declared(inputs.sources, question.name):
                _refuse_mark(ledger, inputs, question, mark)

        texts = list(map(str, ledger.distinct(question.name).texts))
        blank = {text for text in texts if _says_nothing(text, codes)}
        if question.numeric:
            blank |= _spelled_otherwise(texts, codes, question.type == "integer", inputs)

        def tidy(text: str, blank: Collection[str] = blank) -> object:
            return np.nan if text in blank else text

        ledger.respell(question.name, tidy)


def _says_nothing(text: str, codes: frozenset[str]) -> bool:
    written = text.strip()
    return bool({written, re.sub(r"\.0+$", "", written)} & codes)


def _spelled_otherwise(
    texts: list[str], codes: frozenset[str], whole: bool, inputs: CleaningInputs
) -> set[str]:
    """Return the spellings that are the number of a code: 099, 99,0, -99 under another minus."""
    amounts = {Decimal(code) for code in codes if numbers.PLAIN.fullmatch(code)}
    if not amounts:
        return set()
    read = numbers.reader(texts, whole, inputs.sources)
    # 99% is an answer where 99 is none.
    return {t for t in texts if "%" not in t and numbers.value_of(t, read) in amounts}


def _marks_of_no_answer(ledger: Ledger) -> frozenset[str]:
    """Return what R and pandas write for no answer, as far as columns hold it that have no words.

    Somebody may write "n/a" for an answer in words.
    """
    found: set[str] = set()
    for question in asked(ledger):
        if question.choices or question.numeric:
            texts = {str(text).strip() for text in ledger.distinct(question.name).texts}
            found |= (texts & missing.WRITTEN) - missing.spoken(question)
    return frozenset(found)


def _refuse_mark(ledger: Ledger, inputs: CleaningInputs, question: Question, mark: str) -> None:
    said = ledger.distinct(question.name).rows(lambda text: text.strip() == mark)
    if said.any():
        raise ledger.refuse(
            pd.Series(said, index=ledger.frame.index),
            question.name,
            f"{mark} is a choice of the question, and what tools write where there is no answer",
            f'if it is no answer: sources.missing: {{{question.name}: ["{mark}"]}}; if it is the '
            f"choice: write it into {aliases_file(inputs, question.list_name)}",
        )


def normalise_text(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Compose letters (NFC), turn every run of spaces into one, trim."""

    def tidy(text: str) -> object:
        return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip() or np.nan

    for question in answered(ledger):
        ledger.respell(question.name, tidy)


def reading(ledger: Ledger, inputs: CleaningInputs) -> Decoded:
    """Return how answers are read: found once, from the export as it came."""
    if ledger.decoded is None:
        answers = inputs.sources.get("answers", "")
        ledger.decoded = decode(
            ledger.frame,
            ledger.questions,
            inputs.aliases,
            answers,
            ledger.file,
            lambda name: ledger.distinct(name).texts,
            inputs.by_header,
            inputs.with_words,
        )
        ledger.frame = ledger.decoded.frame
    return ledger.decoded


def apply_aliases(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Turn aliases, labels in any language and names in other letters into choice names.

    Raises
    ------
    InputError: an answer that can be read in two ways.
    """
    known = reading(ledger, inputs)
    for name, written in known.worded.items():
        # A label is what was ticked; that a text is none is a reading of ours, and is logged.
        cells = written.loc[ledger.frame.index]
        ledger.record(name, cells, ledger.frame[name].where(cells.notna()))
    for question in answered(ledger):
        if question.name not in known.choices:
            continue
        choices, system = known.choices[question.name], known.system[question.name]
        column = ledger.frame[question.name]
        done = known.done.get(question.name)
        left = ledger.distinct(question.name)
        if done is not None:
            left = left.kept(~done.loc[column.index].to_numpy(dtype=bool))
        read: dict[str, str] = {}
        for text in map(str, left.texts):
            ways = ways_to_read(choices, text, system)
            if len(ways) > 1:
                at = column == text if done is None else (column == text) & ~done
                raise _two_ways(ledger, inputs, question, text, at, ways, choices.readings(text))
            if ways:
                read[text] = " ".join(ways[0])
        if not any(old != new for old, new in read.items()):
            continue

        def read_as(text: str, read: dict[str, str] = read) -> str:
            return read.get(text, text)

        if done is None:
            ledger.respell(question.name, read_as)
        else:
            made = column.map(read_as, na_action="ignore")
            ledger.change(question.name, column.mask(~done, made))


def ways_to_read(choices: Choices, text: str, system: str) -> list[tuple[str, ...]]:
    """Return the ways to read a cell: none where nobody knows it, several where nobody can tell."""
    if choices.question.type != "select_multiple":
        return [(choice,) for choice in sorted(choices.one(text, system))]
    if text == NONE_TICKED:
        return [(text,)]
    words = tuple(text.split())
    if system == NAMES and not choices.aliases and set(words) <= set(choices.question.choice_names):
        return [words]
    return choices.many(text, system)


def aliases_file(inputs: CleaningInputs, list_name: str) -> str:
    """Return where spellings of a list of choices are written down, as a hint says it.

    A file that the configuration does not name yet is read by nobody: the hint names it there too.
    """
    named = inputs.options.get("aliases", {}).get(list_name)
    file = named or f"data/raw/aliases/{list_name}.csv"
    line = "" if named else f"; name it in config.yaml: cleaning.aliases: {{{list_name}: {file}}}"
    return f"{file} (columns alias,choice){line}"


def _two_ways(
    ledger: Ledger,
    inputs: CleaningInputs,
    question: Question,
    text: str,
    at: pd.Series,
    ways: list[tuple[str, ...]],
    why: list[str],
) -> SurveyError:
    rows = ledger.frame.loc[at.index[at], "source_row"].tolist()
    said = " or ".join(" + ".join(way) for way in ways)
    reasons = f" ({'; '.join(why)})" if why else ""
    hint = f"write which it is into {aliases_file(inputs, question.list_name)}"
    if all("label" in reason for reason in why) and len(why) > 1:
        hint = "export names in place of labels, or, if it is always the same one, " + hint
    return ledger.refuse(
        at.reindex(ledger.frame.index, fill_value=False),
        question.name,
        f"this answer can be read in two ways, as {said}{reasons}; rows {listed(rows)}",
        hint,
    )


def check_choices(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Refuse an answer that is no choice, or blank it where the configuration says so.

    Of several answers in one cell those that are choices stay.
    """
    known = reading(ledger, inputs)
    faults = Faults()
    for question in answered(ledger):
        if not question.choices:
            continue
        names = set(question.choice_names)
        many = question.type == "select_multiple"

        def strange(text: str, names: set[str] = names, many: bool = many) -> bool:
            return text != NONE_TICKED and not set(text.split() if many else [text]) <= names

        rows = ledger.distinct(question.name).rows(strange)
        if not rows.any():
            continue
        wrong = pd.Series(rows, index=ledger.frame.index)
        choices, system = known.choices[question.name], known.system[question.name]
        if inputs.options.get("unknown_choice", "stop") == "stop":
            faults.add(_no_choice(ledger, inputs, question, wrong, choices, system))
            continue

        def kept(text: str, choices: Choices = choices, system: str = system) -> object:
            found, _, _ = choices.with_words(text, system) if strange(text) else ([text], [], True)
            return " ".join(found) or np.nan

        if many:
            ledger.respell(question.name, kept)
        else:
            ledger.blank(question.name, wrong)
    faults.refuse()


def _no_choice(
    ledger: Ledger,
    inputs: CleaningInputs,
    question: Question,
    wrong: pd.Series,
    choices: Choices,
    system: str,
) -> SurveyError:
    first = str(ledger.frame.loc[wrong, question.name].iloc[0])
    bad = first
    if question.type == "select_multiple":
        words = choices.with_words(first, system)[1] or [first]
        bad = next((w for w in words[0].split() if w not in question.choice_names), words[0])
        bad = bad if system == NAMES else words[0]
    seen = sorted(set(ledger.frame.loc[wrong, question.name].map(str)) & missing.COMMON)
    hint = (
        f"{_near(choices, bad, system)} Correct the export, or add the spelling to "
        f"{aliases_file(inputs, question.list_name)}"
    )
    hint = hint.lstrip()
    if seen:
        codes = ", ".join(f'"{code}"' for code in seen)
        hint += (
            f"; if it says that there is no answer: sources.missing: {{{question.name}: [{codes}]}}"
        )
    named = f"{question.name}_other" in ledger.questions and question.name not in inputs.with_words
    if named and system != NAMES and LETTER.search(bad) and not choices.nearly(bad):
        hint += f'; if these are the words of "other": sources.words_of_other: [{question.name}]'
    if set(ledger.frame.loc[wrong, question.name].map(str).map(_is_float)) == {True}:
        hint += "; if whole numbers were written with a point: sources.float_codes: true"
    return ledger.refuse(wrong, question.name, f"this is no choice of the question ({bad!r})", hint)


def _near(choices: Choices, text: str, system: str) -> str:
    """Return the choices that a text is near to, as a sentence of its own.

    A number that is no choice is like none: -9 is not 9, 1.5 is not 15.
    """
    listed = choices.question.choices
    known = [c.name if system == NAMES else c.labels.get(system, c.name) for c in listed]
    near = nearest(text, known) if LETTER.search(text) else ""
    return near if not near or near.endswith("?") else f"{near}."


def _is_float(text: str) -> bool:
    return re.fullmatch(r"-?\d+\.0+", text) is not None


def order_choices(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Put the choices of a question of many answers in the questionnaire's order, each once."""
    for question in asked(ledger):
        if question.type != "select_multiple":
            continue
        place = {c: i for i, c in enumerate(question.choice_names)}

        def sort(text: str, place: dict[str, int] = place) -> str:
            if text == NONE_TICKED:
                return text
            return " ".join(sorted(set(text.split()), key=place.__getitem__))

        # Order is no answer: a change of it alone is not logged.
        ledger.respell(question.name, sort, logged=False)
