"""The rules on rows: who is set aside, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ngo_survey.codebook.expressions import parse_rule
from ngo_survey.errors import ConfigError
from ngo_survey.ingest.cleaning import spelling
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.reading_rules import aliases_file, reading


def set_aside_tests(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside interviews made to try the form: their id starts with a declared prefix."""
    prefixes = tuple(inputs.options.get("test_prefixes", []))
    if prefixes:
        ids = ledger.frame["respondent"].fillna("").str.strip().str.upper()
        ledger.set_aside(ids.str.startswith(tuple(p.upper() for p in prefixes)), "test interview")


def set_aside_without_id(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside rows without the number of the invitation."""
    ids = ledger.frame["respondent"].fillna("").map(spelling.exact)
    ledger.set_aside(ids == "", "no number of an invitation")


#: What field tools write where somebody agreed, in place of a choice.
AGREED = {"acknowledge": ["OK", "yes"]}


def set_aside_refusals(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside those who did not agree to take part; nobody where the form does not ask.

    The answer is read as any other is: by alias, name or label.
    """
    asked = ledger.questions.find_role("consent")
    if asked is None:
        return
    consent = asked.name
    known = reading(ledger, inputs)
    column = ledger.frame[consent]
    said = inputs.options.get("consent", AGREED.get(asked.type, ["yes"]))
    agreed = set(said[consent] if isinstance(said, Mapping) else said)
    if consent in known.choices:
        choices, system = known.choices[consent], known.system[consent]
        names = set(choices.question.choice_names)
        if not agreed & names:
            raise ledger.refuse(
                column.notna(),
                consent,
                f"no choice is {sorted(agreed)[0]}: nobody can say which answer agrees",
                f'name it: cleaning.consent: {{{consent}: ["{choices.question.choice_names[0]}"]}}',
            )
        read = {t: choices.one(t, system) for t in map(str, column.dropna().unique())}
        unclear = column.isin([t for t, found in read.items() if len(found) != 1])
        if unclear.any() and inputs.options.get("unknown_choice", "stop") == "stop":
            raise ledger.refuse(
                unclear,
                consent,
                "this does not say whether somebody agreed to take part",
                f"add the spelling to {aliases_file(inputs, choices.question.list_name)}",
            )
        column = column.map({t: min(found, default="") for t, found in read.items()})
    ledger.set_aside(~column.isin(agreed), "no consent")


def set_aside_outside_fieldwork(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside interviews that started before or after the fieldwork, if the study says when."""
    if not inputs.fieldwork:
        return
    first, last = str(inputs.fieldwork["from"]), str(inputs.fieldwork["to"])
    if "start" in ledger.frame:
        day = ledger.frame["start"].str.slice(0, 10)
        outside = day.notna() & ((day < first) | (day > last))
        ledger.set_aside(outside, f"not between {first} and {last}")


def read_ids(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Read numbers of invitations as the sample writes them, up to case, spaces and look-alikes.

    Raises
    ------
    InputError: numbers lost their leading zeros on the way through a spreadsheet.
    """
    ids = ledger.frame["respondent"]
    if inputs.invited is None:
        ledger.change("respondent", ids.map(spelling.exact, na_action="ignore"))
        return
    invited = inputs.invited
    if ids.isin(invited).all():
        return
    known: dict[str, set[str]] = {}
    for number in invited:
        known.setdefault(_bare(number), set()).add(number)

    def read(text: str) -> str:
        if text in invited:
            return text
        found = known.get(_bare(text), set())
        return next(iter(found)) if len(found) == 1 else text

    made = ids.map(read, na_action="ignore")
    strange = made.notna() & ~made.isin(inputs.invited)
    if strange.any():
        bare = {n.lstrip("0"): n for n in inputs.invited if n.isdigit()}
        padded = strange & made.isin(bare)
        if padded.sum() > strange.sum() / 2:
            row = ledger.frame[padded].iloc[0]
            raise ledger.refuse(
                padded,
                "respondent",
                f"the sample writes this number {bare[row['respondent']]}: its zeros were lost",
                "format the column as text and export again, or correct the export",
            )
    ledger.change("respondent", made)


def _bare(number: str) -> str:
    """Return a number of an invitation as it is compared: it holds no white space."""
    return spelling.key(number).replace(" ", "")


def set_aside_uninvited(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside interviews of somebody whom the sample does not know."""
    if inputs.invited is not None:
        strange = ~ledger.frame["respondent"].isin(inputs.invited)
        ledger.set_aside(strange, "the number is not in the sample")


def set_aside_ineligible(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside respondents who do not meet ``eligible``, an expression as in the form."""
    rule = inputs.options.get("eligible")
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


def set_aside_partials(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside interviews that break off.

    ``key_questions`` lists questions that every complete interview answers; an entry that is a list
    itself asks for an answer to at least one of its questions.
    """
    for entry in inputs.options.get("key_questions", []):
        names = [entry] if isinstance(entry, str) else list(entry)
        for name in names:
            ledger.questions.question(name)
        missing = ledger.frame[names].isna().all(axis=1)
        ledger.set_aside(missing, f"no answer to {' or '.join(names)}")


def set_aside_speeders(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside interviews shorter than anybody can read the questions."""
    minutes = inputs.options.get("minimum_minutes")
    if minutes is not None and {"start", "end"} <= set(ledger.frame):
        start, end = (
            pd.to_datetime(ledger.frame[c], errors="coerce", utc=True) for c in ("start", "end")
        )
        short = (end - start).dt.total_seconds() < 60 * float(minutes)
        ledger.set_aside(short.fillna(False), f"shorter than {minutes:g} minutes")
