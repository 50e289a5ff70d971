"""The rules on answers. Each takes the ledger and what the study gives, and changes cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal

import numpy as np
import pandas as pd

from ngo_survey.codebook import Question
from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.errors import nearest
from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.cleaning.cleaning_inputs import Given
from ngo_survey.ingest.cleaning.ledger import Ledger

SPACES = re.compile(r"\s+")
NUMBER, WHOLE = re.compile(r"^-?\d+(?:\.\d+)?$"), re.compile(r"^-?\d+$")
POWER = re.compile(r"^-?\d(?:\.\d+)?[eE]\+\d{1,2}$")
ENDING = re.compile(r"^(-?\d+)\.0+$")
#: Characters that people put between thousands.
THOUSANDS = re.compile("(?<=\\d)[ \u00a0\u202f\u2009'](?=\\d{3}\\b)")


def asked(ledger: Ledger) -> list[Question]:
    """Return the questions whose answers are cleaned: all but paradata and contact details."""
    return [
        q for q in ledger.questions if q.disclosure in {"open", "free_text"} and q.type != "derived"
    ]


def spelled(column: pd.Series, function: Callable[[str], object]) -> pd.Series:
    """Apply a function to each spelling once: answers repeat. Missing stays missing.

    Returns the column itself where nothing changes, so that the ledger need not compare.
    """
    codes, texts = pd.factorize(column)
    made = [function(str(text)) for text in texts]
    if all(new is old or new == old for new, old in zip(made, texts, strict=True)):
        return column
    values = np.empty(len(made) + 1, dtype=object)
    values[:-1], values[-1] = made, np.nan
    return pd.Series(values[codes], index=column.index, name=column.name)


def holds_for(column: pd.Series, function: Callable[[str], bool]) -> pd.Series:
    """Return for which rows a condition on the spelling holds; False where missing."""
    codes, texts = pd.factorize(column)
    truth = np.array([*(function(str(text)) for text in texts), False], dtype=bool)
    return pd.Series(truth[codes], index=column.index)


def normalise_text(ledger: Ledger, given: Given) -> None:
    """Compose letters (NFC), turn every run of spaces into one, trim."""

    def tidy(text: str) -> object:
        return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip() or np.nan

    for question in asked(ledger):
        column = ledger.frame[question.name]
        ledger.change(question.name, spelled(column, tidy))


def known_spellings(question: Question, aliases: Mapping[str, str]) -> dict[str, str]:
    """Return every spelling of a choice that is known: name, labels, aliases; as keys."""
    labels = ((text, c.name) for c in question.choices for text in (c.name, *c.labels.values()))
    return {**spelling.book(aliases.items()), **spelling.book(labels)}


def apply_aliases(ledger: Ledger, given: Given) -> None:
    """Turn labels in any language, and the spellings of the alias tables, into choice names."""
    for question in asked(ledger):
        if not question.choices:
            continue
        known = known_spellings(question, given.aliases.get(question.list_name, {}))
        names = set(question.choice_names)
        many = question.type == "select_multiple"
        column = ledger.frame[question.name]
        read: dict[str, str] = {}
        for text in column.dropna().unique():
            words = str(text).split() if many else [str(text)]
            if set(words) <= names:
                continue
            parts = [w if w in names else spelling.read(w, known) for w in words]
            whole = spelling.read(str(text), known) if many else None
            if whole or all(parts):
                read[text] = whole or " ".join(map(str, parts))
        readings = {**{str(t): str(t) for t in column.dropna().unique()}, **read}
        ledger.change(question.name, spelled(column, readings.__getitem__))


def check_choices(ledger: Ledger, given: Given) -> None:
    """Refuse an answer that is no choice, or blank it where the configuration says so."""
    for question in asked(ledger):
        if not question.choices:
            continue
        column = ledger.frame[question.name]
        known = set(question.choice_names)
        if question.type == "select_multiple":

            def unknown(text: str, known: set[str] = known) -> bool:
                return not set(text.split()) <= known

            strange = holds_for(column, unknown)
        else:
            strange = column.notna() & ~column.isin(known)
        if not strange.any():
            continue
        if given.options.get("unknown_choice", "stop") == "stop":
            first = str(column[strange].iloc[0])
            bad = next((w for w in first.split() if w not in known), first)
            shown = first if question.type != "select_multiple" else bad
            raise ledger.refuse(
                strange,
                question.name,
                f"this is no choice of the question ({shown!r})",
                f"{nearest(bad, known)} Add the spelling to "
                f"data/raw/aliases/{question.list_name}.csv or correct the export",
            )
        ledger.change(question.name, column.mask(strange))


def order_choices(ledger: Ledger, given: Given) -> None:
    """Put the choices of a question of many answers in the questionnaire's order, each once."""
    for question in asked(ledger):
        if question.type != "select_multiple":
            continue
        place = {c: i for i, c in enumerate(question.choice_names)}

        def sort(text: str, place: dict[str, int] = place) -> str:
            return " ".join(sorted(set(text.split()), key=place.__getitem__))

        column = ledger.frame[question.name]
        # Order is no answer: a change of it alone is not logged.
        ledger.frame[question.name] = spelled(column, sort)


def read_numbers(ledger: Ledger, given: Given) -> None:
    """Read numbers: drop separators of thousands, turn a decimal comma into a point."""
    for question in asked(ledger):
        if not question.numeric:
            continue
        column = ledger.frame[question.name]
        plain = spelled(column, _number)
        pattern = WHOLE if question.type == "integer" else NUMBER

        def unreadable(text: str, pattern: re.Pattern[str] = pattern) -> bool:
            return pattern.match(text) is None

        wrong = holds_for(plain, unreadable)
        if wrong.any() and given.options.get("unknown_choice", "stop") == "stop":
            what = "a whole number" if question.type == "integer" else "a number"
            raise ledger.refuse(
                wrong, question.name, f"this is not {what}", "write it in digits in the export"
            )
        ledger.change(question.name, plain.mask(wrong) if wrong.any() else plain)


def _number(text: str) -> str:
    """Return a number in plain digits: 1200 for ``1 200``, 12.5 for ``12,5``, 3 for ``3,0``.

    R writes 100000 as ``1e+05``.
    """
    if POWER.match(text):
        return f"{Decimal(text):f}"
    return ENDING.sub(r"\1", THOUSANDS.sub("", text).replace(",", "."))


def holds(ledger: Ledger, rule: str, name: str) -> pd.Series:
    """Return where a rule of the form holds, or where nobody can know whether it does."""
    known = parse_rule(rule, ledger.questions, name).evaluate(ledger.frame)
    return known.fillna(True).astype(bool)


def blank_out_of_range(ledger: Ledger, given: Given) -> None:
    """Blank a number that its constraint in the form forbids (an implausible year, 120 %)."""
    for question in asked(ledger):
        if not question.numeric or not question.constraint or "${" in question.constraint:
            continue
        column = ledger.frame[question.name]
        kept = holds(ledger, question.constraint, question.name)
        ledger.change(question.name, column.where(kept | column.isna()))


def drop_none_beside_others(ledger: Ledger, given: Given) -> None:
    """Drop `none` where other choices stand beside it."""
    for question in asked(ledger):
        if question.type == "select_multiple" and "none" in question.choice_names:
            column = ledger.frame[question.name]

            def drop(text: str) -> str:
                words = text.split()
                return " ".join(w for w in words if w != "none") if len(words) > 1 else text

            ledger.change(question.name, spelled(column, drop))


def blank_broken_constraints(ledger: Ledger, given: Given) -> None:
    """Blank what breaks the form's own constraint against another answer (one rank given twice).

    Constraints of numbers alone are :func:`blank_out_of_range`'s, sums of a hundred are
    :func:`close_constant_sums`'s.
    """
    for question in asked(ledger):
        alone = question.numeric and "${" not in question.constraint
        if not question.constraint or alone or question.form == "constant_sum":
            continue
        column = ledger.frame[question.name]
        kept = holds(ledger, question.constraint, question.name)
        ledger.change(question.name, column.where(kept | column.isna()))


def blank_skipped(ledger: Ledger, given: Given) -> None:
    """Blank answers to questions that the form's skip rules did not ask."""
    for question in asked(ledger):
        if question.relevant:
            column = ledger.frame[question.name]
            asked_of = holds(ledger, question.relevant, question.name)
            ledger.change(question.name, column.where(asked_of))


def close_constant_sums(ledger: Ledger, given: Given) -> None:
    """Make parts add up to 100: rescale near misses, blank the rest.

    Within ``tolerance`` the parts are rescaled and rounded by largest remainders, so that they
    stay whole numbers; beyond it the whole battery is blanked: nobody knows what was meant.
    """
    tolerance = float(given.options.get("constant_sum_tolerance", 5))
    for battery in ledger.questions.batteries:
        items = ledger.questions.battery(battery)
        if items[0].form != "constant_sum":
            continue
        names = [q.name for q in items]
        parts = ledger.frame[names].apply(pd.to_numeric)
        total = parts.sum(axis=1, min_count=1)
        # A part left empty beside a full hundred is nothing.
        filled = parts.mask(parts.isna().to_numpy() & (total == 100).to_numpy()[:, None], 0.0)
        incomplete = filled.isna().any(axis=1)
        near = ~incomplete & (total != 100) & ((total - 100).abs() <= tolerance)
        scaled = _largest_remainder(filled[near], 100)
        lost = ~near & (total != 100) & total.notna()
        lost |= incomplete & total.notna()
        for name in names:
            column = ledger.frame[name]
            empty = column.isna() & filled[name].notna()
            ledger.change(name, column.mask(empty, "0"), "empty-part")
            rescaled = scaled[name].map("{:.0f}".format).reindex(column.index)
            ledger.change(name, ledger.frame[name].mask(near, rescaled), "rescaled")
            ledger.change(name, ledger.frame[name].mask(lost), "rejected")


def _largest_remainder(parts: pd.DataFrame, total: int) -> pd.DataFrame:
    """Scale rows of parts to ``total`` and round so that each row adds up (Hare's method)."""
    exact = parts.mul(total / parts.sum(axis=1), axis=0)
    whole = np.floor(exact + 1e-9)
    short = (total - whole.sum(axis=1)).round().astype(int).to_numpy()
    # A stable order: the largest remainder first, the earlier item where two are equal.
    order = np.argsort(-(exact - whole).to_numpy(), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    return whole + (rank < short[:, None])
