"""The rules on answers. Each takes the ledger and what the study gives, and changes cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ngo_survey.cleaning import spelling
from ngo_survey.cleaning.given import Given
from ngo_survey.cleaning.ledger import Ledger
from ngo_survey.errors import nearest
from ngo_survey.questionnaire import Question
from ngo_survey.questionnaire.expressions import evaluate

SPACES = re.compile(r"\s+")
NUMBER = re.compile(r"^-?\d+(?:[.,]\d+)?$")
#: Characters that people put between thousands.
THOUSANDS = re.compile("(?<=\\d)[ \u00a0\u202f\u2009'](?=\\d{3}\\b)")


def asked(ledger: Ledger) -> list[Question]:
    """Return the questions whose answers are cleaned: all but paradata and contact details."""
    return [
        q for q in ledger.questions if q.disclosure in {"open", "free_text"} and q.type != "derived"
    ]


def normalise_text(ledger: Ledger, given: Given) -> None:
    """Compose letters (NFC), turn every run of spaces into one, trim."""

    def tidy(value: object) -> object:
        return SPACES.sub(" ", unicodedata.normalize("NFC", str(value))).strip() or np.nan

    for question in asked(ledger):
        column = ledger.frame[question.name]
        ledger.change(question.name, column.map(tidy, na_action="ignore"))


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
        read = {}
        for text in column.dropna().unique():
            words = str(text).split() if many else [str(text)]
            if set(words) <= names:
                continue
            parts = [w if w in names else spelling.read(w, known) for w in words]
            whole = spelling.read(str(text), known) if many else None
            if whole or all(parts):
                read[text] = whole or " ".join(map(str, parts))
        if read:
            ledger.change(question.name, column.map(lambda v, r=read: r.get(v, v)))


def check_choices(ledger: Ledger, given: Given) -> None:
    """Refuse an answer that is no choice, or blank it where the configuration says so."""
    for question in asked(ledger):
        if not question.choices:
            continue
        column = ledger.frame[question.name]
        known = set(question.choice_names)
        if question.type == "select_multiple":
            strange = column.notna() & ~column.map(
                lambda v, known=known: set(str(v).split()) <= known, na_action="ignore"
            ).fillna(True).astype(bool)
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

        def sort(value: object, place: dict[str, int] = place) -> str:
            return " ".join(sorted(set(str(value).split()), key=place.__getitem__))

        column = ledger.frame[question.name]
        # Order is no answer: a change of it alone is not logged.
        ledger.frame[question.name] = column.map(sort, na_action="ignore")


def read_numbers(ledger: Ledger, given: Given) -> None:
    """Read numbers: drop separators of thousands, turn a decimal comma into a point."""
    for question in asked(ledger):
        if not question.numeric:
            continue
        column = ledger.frame[question.name]
        plain = column.str.replace(THOUSANDS, "", regex=True).str.replace(",", ".", regex=False)
        plain = plain.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)
        wrong = plain.notna() & ~plain.str.match(NUMBER).fillna(False).astype(bool)
        if question.type == "integer":
            wrong |= plain.str.contains(".", regex=False).fillna(False).astype(bool)
        if wrong.any() and given.options.get("unknown_choice", "stop") == "stop":
            what = "a whole number" if question.type == "integer" else "a number"
            raise ledger.refuse(
                wrong, question.name, f"this is not {what}", "write it in digits in the export"
            )
        ledger.change(question.name, plain.mask(wrong))


def blank_out_of_range(ledger: Ledger, given: Given) -> None:
    """Blank a number that its constraint in the form forbids (an implausible year, 120 %)."""
    for question in asked(ledger):
        if not question.numeric or not question.constraint or "${" in question.constraint:
            continue
        column = ledger.frame[question.name]
        holds = evaluate(question.constraint, ledger.frame, question.name)
        ledger.change(question.name, column.where(holds | column.isna()))


def drop_none_beside_others(ledger: Ledger, given: Given) -> None:
    """Drop `none` where other choices stand beside it."""
    for question in asked(ledger):
        if question.type == "select_multiple" and "none" in question.choice_names:
            column = ledger.frame[question.name]
            words = column.str.split()
            both = words.map(lambda w: len(w) > 1 and "none" in w, na_action="ignore")
            fixed = words.map(lambda w: " ".join(c for c in w if c != "none"), na_action="ignore")
            mask = both.fillna(False).astype(bool)
            ledger.change(question.name, column.mask(mask, fixed))


def blank_skipped(ledger: Ledger, given: Given) -> None:
    """Blank answers to questions that the form's skip rules did not ask."""
    for question in asked(ledger):
        if question.relevant:
            column = ledger.frame[question.name]
            relevant = evaluate(question.relevant, ledger.frame, question.name)
            ledger.change(question.name, column.where(relevant))


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
            text = filled[name].map(lambda v: f"{v:.0f}", na_action="ignore").astype(object)
            ledger.change(name, text, "empty-part")
            rescaled = scaled[name].reindex(text.index).map("{:.0f}".format, na_action="ignore")
            ledger.change(name, text.mask(near, rescaled), "rescaled")
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
