"""The rules on rows: who is set aside, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ngo_survey.cleaning.ledger import Ledger
from ngo_survey.cleaning.rules import asked

Options = Mapping[str, Any]


def set_aside_tests(ledger: Ledger, options: Options) -> None:
    """Set aside interviews made to try the form: their id starts with a declared prefix."""
    prefixes = tuple(options.get("test_prefixes", []))
    if prefixes:
        ids = ledger.frame["respondent"].fillna("").str.upper()
        ledger.set_aside(
            ids.str.startswith(tuple(p.upper() for p in prefixes)), "test", "test interview"
        )


def set_aside_without_id(ledger: Ledger) -> None:
    """Set aside rows without the number of the invitation."""
    ledger.set_aside(ledger.frame["respondent"].isna(), "no-id", "no number of an invitation")


def set_aside_refusals(ledger: Ledger) -> None:
    """Set aside those who did not agree to take part."""
    consent = ledger.questions.by_role("consent").name
    ledger.set_aside(ledger.frame[consent] != "yes", "refused", "no consent")


def set_aside_outside_fieldwork(ledger: Ledger, first: str, last: str) -> None:
    """Set aside interviews that started before or after the fieldwork."""
    if "start" in ledger.frame:
        day = ledger.frame["start"].str.slice(0, 10)
        outside = day.notna() & ((day < first) | (day > last))
        ledger.set_aside(outside, "outside-fieldwork", f"not between {first} and {last}")


def set_aside_duplicates(ledger: Ledger) -> None:
    """Keep one row a respondent: the fullest, and of equals the one submitted last."""
    frame = ledger.frame
    answered = frame[[q.name for q in asked(ledger)]]
    order = pd.DataFrame(
        {
            "respondent": frame["respondent"],
            "answers": answered.notna().sum(axis=1),
            "end": frame["end"].fillna("") if "end" in frame else "",
            "source_row": frame["source_row"].astype(int),
        }
    ).sort_values(["answers", "end", "source_row"])
    repeated = order["respondent"].duplicated(keep="last")
    ledger.set_aside(
        repeated.reindex(frame.index), "duplicate", "another submission of the same respondent"
    )


def set_aside_partials(ledger: Ledger, options: Options) -> None:
    """Set aside interviews that break off.

    ``key_questions`` lists questions that every complete interview answers; an entry that is a list
    itself asks for an answer to at least one of its questions.
    """
    for entry in options.get("key_questions", []):
        names = [entry] if isinstance(entry, str) else list(entry)
        for name in names:
            ledger.questions.question(name)
        missing = ledger.frame[names].isna().all(axis=1)
        ledger.set_aside(missing, "partial", f"no answer to {' or '.join(names)}")


def set_aside_speeders(ledger: Ledger, options: Options) -> None:
    """Set aside interviews shorter than anybody can read the questions."""
    minutes = options.get("minimum_minutes")
    if minutes is not None and {"start", "end"} <= set(ledger.frame):
        start, end = (
            pd.to_datetime(ledger.frame[c], errors="coerce", utc=True) for c in ("start", "end")
        )
        short = (end - start).dt.total_seconds() < 60 * float(minutes)
        ledger.set_aside(short.fillna(False), "speeder", f"shorter than {minutes:g} minutes")
