"""The rules on rows: who is set aside, and why."""

from __future__ import annotations

import pandas as pd

from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.errors import ConfigError
from ngo_survey.ingest.cleaning.cleaning_inputs import Given
from ngo_survey.ingest.cleaning.ledger import Ledger


def set_aside_tests(ledger: Ledger, given: Given) -> None:
    """Set aside interviews made to try the form: their id starts with a declared prefix."""
    prefixes = tuple(given.options.get("test_prefixes", []))
    if prefixes:
        ids = ledger.frame["respondent"].fillna("").str.upper()
        ledger.set_aside(ids.str.startswith(tuple(p.upper() for p in prefixes)), "test interview")


def set_aside_without_id(ledger: Ledger, given: Given) -> None:
    """Set aside rows without the number of the invitation."""
    ledger.set_aside(ledger.frame["respondent"].isna(), "no number of an invitation")


def set_aside_refusals(ledger: Ledger, given: Given) -> None:
    """Set aside those who did not agree to take part."""
    consent = ledger.questions.by_role("consent").name
    ledger.set_aside(ledger.frame[consent] != "yes", "no consent")


def set_aside_outside_fieldwork(ledger: Ledger, given: Given) -> None:
    """Set aside interviews that started before or after the fieldwork."""
    first, last = str(given.fieldwork["from"]), str(given.fieldwork["to"])
    if "start" in ledger.frame:
        day = ledger.frame["start"].str.slice(0, 10)
        outside = day.notna() & ((day < first) | (day > last))
        ledger.set_aside(outside, f"not between {first} and {last}")


def set_aside_uninvited(ledger: Ledger, given: Given) -> None:
    """Set aside interviews of somebody whom the sample does not know."""
    if given.invited is not None:
        strange = ~ledger.frame["respondent"].isin(given.invited)
        ledger.set_aside(strange, "the number is not in the sample")


def set_aside_ineligible(ledger: Ledger, given: Given) -> None:
    """Set aside respondents who do not meet ``eligible``, an expression as in the form."""
    rule = given.options.get("eligible")
    if rule:
        known = parse_rule(str(rule), ledger.questions)
        if known.unchecked:
            raise ConfigError(
                f"who is eligible cannot be known: {known.unchecked}",
                column="cleaning.eligible",
                value=rule,
                hint="ask for answers alone",
            )
        meets = known.evaluate(ledger.frame).fillna(False).astype(bool)
        ledger.set_aside(~meets, f"does not meet: {rule}")


def set_aside_partials(ledger: Ledger, given: Given) -> None:
    """Set aside interviews that break off.

    ``key_questions`` lists questions that every complete interview answers; an entry that is a list
    itself asks for an answer to at least one of its questions.
    """
    for entry in given.options.get("key_questions", []):
        names = [entry] if isinstance(entry, str) else list(entry)
        for name in names:
            ledger.questions.question(name)
        missing = ledger.frame[names].isna().all(axis=1)
        ledger.set_aside(missing, f"no answer to {' or '.join(names)}")


def set_aside_speeders(ledger: Ledger, given: Given) -> None:
    """Set aside interviews shorter than anybody can read the questions."""
    minutes = given.options.get("minimum_minutes")
    if minutes is not None and {"start", "end"} <= set(ledger.frame):
        start, end = (
            pd.to_datetime(ledger.frame[c], errors="coerce", utc=True) for c in ("start", "end")
        )
        short = (end - start).dt.total_seconds() < 60 * float(minutes)
        ledger.set_aside(short.fillna(False), f"shorter than {minutes:g} minutes")
