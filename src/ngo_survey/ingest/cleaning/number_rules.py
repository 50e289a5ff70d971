"""The rules that read numbers, and shares of one where parts of a hundred are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from decimal import Decimal

import numpy as np
import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.errors import Faults, SurveyError
from ngo_survey.ingest import missing
from ngo_survey.ingest.choices import listed
from ngo_survey.ingest.cleaning import numbers
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.reading_rules import answered, asked, inner


def scale_shares(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Turn shares of one into parts of a hundred, where ``sources.shares`` declares them.

    It names questions, or batteries for all of theirs.
    """
    declared = set(inputs.sources.get("shares", ()))
    for question in asked(ledger):
        if not (declared & {question.name, question.battery} and question.numeric):
            continue
        texts = list(map(str, ledger.distinct(question.name).texts))
        # A share has decimals, also where the question asks for whole parts.
        read = numbers.reader(texts, False, inputs.sources)

        def scaled(text: str, read: Callable[[str], str] = read) -> str:
            number = None if "%" in text else numbers.value_of(text, read)
            if number is None or abs(number) > 1:
                return text
            return f"{(number * 100).normalize():f}"

        ledger.respell(question.name, scaled)


def read_numbers(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Read numbers: drop marks of thousands and percent, turn a decimal comma into a point.

    Raises
    ------
    InputError: a number that can be read in two ways; what is no number, unless the configuration
        says to blank it.
    """
    faults = Faults()
    signed = {
        question.battery or question.name
        for question in answered(ledger)
        if question.numeric
        and any(map(numbers.is_signed, map(str, ledger.distinct(question.name).texts)))
    }
    for question in answered(ledger):
        if not question.numeric:
            continue
        whole = question.type == "integer"
        texts = list(map(str, ledger.distinct(question.name).texts))
        read = numbers.reader(texts, whole, inputs.sources)
        two: dict[str, numbers.AmbiguousNumberError] = {}

        def number(
            text: str,
            read: Callable[[str], str] = read,
            two: dict[str, numbers.AmbiguousNumberError] = two,
        ) -> str:
            try:
                return read(text)
            except numbers.AmbiguousNumberError as ways:
                two[text] = ways
                return text

        plain = {text: number(text) for text in texts}
        if two:
            faults.add(_two_numbers(ledger, question.name, two))
            continue
        shares = set(inputs.sources.get("shares", ())) & {question.name, question.battery}
        beside = (question.battery or question.name) in signed
        if not shares and (unsigned := numbers.unsigned_shares(texts, read, beside)):
            faults.add(_unsigned(ledger, question.name, unsigned))
            continue
        wrong = {text for text, made in plain.items() if not _is_number(made, whole)}
        if wrong and inputs.options.get("unknown_choice", "stop") == "stop":
            faults.add(_no_number(ledger, question, wrong))
            continue

        if inner(question):
            # 1.50 is 1.5, whoever reads it: no change of a weight to tell of.
            plain = {text: _as_written(text, made) for text, made in plain.items()}

        def kept(
            text: str, plain: dict[str, str] = plain, wrong: Collection[str] = wrong
        ) -> object:
            return np.nan if text in wrong else plain[text]

        ledger.respell(question.name, kept)
    faults.refuse()


def _is_number(text: str, whole: bool) -> bool:
    """Whether a text is a number that the program can reckon with."""
    known = numbers.PLAIN.fullmatch(text) is not None and not (whole and "." in text)
    return known and math.isfinite(float(text))


def _as_written(text: str, made: str) -> str:
    """Return a number as it was written, where what was made of it is that number."""
    same = numbers.PLAIN.fullmatch(text) and numbers.PLAIN.fullmatch(made)
    return text if same and Decimal(text) == Decimal(made) else made


def _no_number(ledger: Ledger, question: Question, wrong: Collection[str]) -> SurveyError:
    what = "a whole number" if question.type == "integer" else "a number"
    hint = "write it in digits in the export"
    if question.battery and _shares(ledger.frame[question.name]):
        hint += f"; if these are shares of one: sources.shares: [{question.battery}]"
    at = ledger.frame[question.name].isin(list(wrong))
    seen = set(wrong) & missing.COMMON
    first = str(ledger.frame.loc[at, question.name].iloc[0])
    if not ledger.private(question.name) and not any(map(str.isnumeric, first)):
        seen.add(first)  # a word for no answer may stand there: "refused", "н/д", ".a" of Stata
    if seen:
        codes = ", ".join(f'"{code}"' for code in sorted(seen))
        hint += f", or, if it is no answer: sources.missing: {{{question.name}: [{codes}]}}"
    return ledger.refuse(at, question.name, f"this is not {what}", hint)


def _shares(column: pd.Series) -> bool:
    """Whether a column holds parts of one: fractions, and nothing above it."""
    numbers_in = pd.to_numeric(column.str.replace(",", "."), errors="coerce").dropna()
    return bool(len(numbers_in)) and bool(numbers_in.between(0, 1).all()) and (
        bool((numbers_in % 1 != 0).any())
    )  # fmt: skip


def _unsigned(ledger: Ledger, name: str, unsigned: Collection[str]) -> SurveyError:
    return ledger.refuse(
        ledger.frame[name].isin(list(unsigned)),
        name,
        "this may be a share of one, since other cells of the column or of its battery have a "
        "percent sign",
        f"if it is: sources.shares: [{name}]; if it is a part of a hundred, write the sign behind "
        "it as well",
    )


def _two_numbers(
    ledger: Ledger, name: str, two: dict[str, numbers.AmbiguousNumberError]
) -> SurveyError:
    text, ways = next(iter(two.items()))
    mark = numbers.MARK.findall(text)[-1]
    at = ledger.frame[name].isin(list(two))
    rows = ledger.frame.loc[at, "source_row"].tolist()
    return ledger.refuse(
        at,
        name,
        f"this number can be read in two ways, as {' or '.join(map(str, ways.args))}; "
        f"rows {listed(rows)}",
        f'say what the mark is: sources.thousands: "{mark}" or sources.decimal: "{mark}"',
    )
