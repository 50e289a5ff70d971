"""All rules in their order: from answers as they came to answers that can be analysed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd
import yaml

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.derived import variables
from ngo_survey.codebook.question import FRAME
from ngo_survey.errors import ConfigError, Faults, InputError, nearest
from ngo_survey.ingest.choices import listed as rows_listed
from ngo_survey.ingest.cleaning import (
    coding,
    corrections,
    duplicates,
    eligibility,
    form_rules,
    number_rules,
    reading_rules,
)
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs, Coding
from ngo_survey.ingest.cleaning.derive import derive
from ngo_survey.ingest.cleaning.ledger import Ledger

Rule = Callable[[Ledger, CleaningInputs], None]
#: Every rule that a file of rules may run, by the name of its function.
RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        corrections.apply_corrections,
        eligibility.set_aside_tests,
        eligibility.set_aside_without_id,
        eligibility.set_aside_refusals,
        eligibility.set_aside_outside_fieldwork,
        eligibility.read_ids,
        eligibility.set_aside_uninvited,
        reading_rules.blank_missing_codes,
        reading_rules.normalise_text,
        reading_rules.apply_aliases,
        reading_rules.check_choices,
        number_rules.scale_shares,
        number_rules.read_numbers,
        form_rules.blank_out_of_range,
        form_rules.drop_none_beside_others,
        form_rules.blank_broken_constraints,
        form_rules.blank_skipped,
        form_rules.close_constant_sums,
        coding.code_other,
        reading_rules.order_choices,
        eligibility.set_aside_ineligible,
        duplicates.refuse_conflicts,
        duplicates.set_aside_duplicates,
        eligibility.set_aside_speeders,
        duplicates.set_aside_straight_liners,
        duplicates.set_aside_near_identical,
        eligibility.set_aside_partials,
    )
}
#: Rules that read answers, each others than the next: what they refuse is said at once.
TOGETHER = frozenset({"check_choices", "scale_shares", "read_numbers"})
#: What the log calls the coding of words into a derived variable.
CODED = "coded-text"
#: Stages of the response flow between what was received and what is complete.
STAGES = (
    *("test", "refused", "outside_fieldwork", "ineligible", "duplicate", "speeder"),
    *("straight_lining", "partial"),
)


@dataclass(frozen=True)
class Cleaned:
    """What cleaning makes.

    Attributes
    ----------
    frame: ``respondent``, ``source_row``, questions and derived variables of the complete cases,
        as text; contact details are not in it.
    changes: ``respondent``, ``source_row``, ``variable``, ``before``, ``after``, ``rule``.
    quarantine: rows set aside with reason, rule and raw answers.
    flow: ``stage``, ``count``, ``note``.
    counts: changed cells by ``rule`` and ``variable``.
    """

    frame: pd.DataFrame
    changes: pd.DataFrame
    quarantine: pd.DataFrame
    flow: pd.DataFrame
    counts: pd.DataFrame


def read_rules(text: str | None = None, file: str = "rules.yaml") -> list[dict[str, str]]:
    """Return the rules in their order: ``id``, ``run``, ``stage`` (of those that set rows aside).

    Parameters
    ----------
    text: a file of rules; the one that ships (``ingest/cleaning/rules.yaml``) unless given.

    Raises
    ------
    ConfigError: a function or stage that does not exist, one id of two rules.
    """
    shipped = files("ngo_survey.ingest.cleaning") / "rules.yaml"
    text = text if text is not None else shipped.read_text(encoding="utf-8")
    listed = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for row, rule in enumerate(listed, start=1):
        where = f"rule {row}"
        if not isinstance(rule, dict) or not {"id", "run"} <= set(rule):
            raise ConfigError(
                "a rule needs id and run", file=file, column=where, hint="- {id: ..., run: ...}"
            )
        for key, known in (("run", RULES), ("stage", STAGES)):
            if key in rule and rule[key] not in known:
                raise ConfigError(
                    f"there is no such {key} of a rule",
                    file=file,
                    column=where,
                    value=rule[key],
                    hint=nearest(str(rule[key]), known),
                )
    ids = [rule["id"] for rule in listed]
    if len(set(ids)) < len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise ConfigError("two rules have one id", file=file, value=twice, hint="name them apart")
    return [{"stage": "", **rule} for rule in listed]


def clean(
    responses: pd.DataFrame,
    questions: Questionnaire,
    inputs: CleaningInputs,
    derived: Mapping[str, Any],
    listed: Sequence[Mapping[str, str]] | None = None,
    file: str = "responses",
) -> Cleaned:
    """Run the rules in order, and derive variables from what is left.

    Parameters
    ----------
    responses: text answers with ``respondent`` and ``source_row``.
    questions: the codebook, derived variables included.
    listed: the rules (:func:`read_rules`).

    Raises
    ------
    InputError: an answer that no rule can read, of every question the first; nobody left; rows
        lost on the way (a defect).
    """
    listed = listed if listed is not None else read_rules()
    ledger = Ledger(responses.copy(deep=False), questions, file)
    faults = Faults()
    together = [place for place, rule in enumerate(listed) if rule["run"] in TOGETHER]
    for place, rule in enumerate(listed):
        ledger.rule = rule["id"]
        with faults.check():
            RULES[rule["run"]](ledger, inputs)
        if place not in together or place == together[-1]:
            # What follows works on answers that were read.
            faults.refuse()
    if ledger.frame.empty:
        raise InputError(
            f"no complete interview is left after cleaning; {_reasons(ledger)}",
            file=file,
            hint="correct the export, or the configuration of the rule that set them aside",
        )
    quarantine = ledger.quarantine
    if len(responses) != len(ledger.frame) + len(quarantine):
        raise InputError(
            f"rows were lost: {len(responses)} in, {len(ledger.frame)} kept, "
            f"{len(quarantine)} set aside",
            file=file,
            hint="report this as a defect",
        )
    hidden = [q.name for q in questions if q.disclosure == "identifier"]
    kept = ledger.frame.drop(columns=hidden, errors="ignore").reset_index(drop=True)
    analysed = _with_derived(kept, questions, derived, inputs.texts)
    _log_codes(ledger, analysed, inputs)
    changes = ledger.changes
    return Cleaned(
        analysed,
        changes,
        quarantine,
        _flow(len(responses), quarantine, len(kept), listed),
        _counts(changes),
    )


def _reasons(ledger: Ledger) -> str:
    """Return why rows were set aside, the most frequent reason first."""
    aside = ledger.quarantine.groupby(["reason", "rule"], sort=False)["source_row"]
    counted = sorted(((len(rows), why, list(rows)) for why, rows in aside), reverse=True)
    return ", ".join(
        f"{count} set aside: {reason} ({rule}; rows {rows_listed(rows, 3)})"
        for count, (reason, rule), rows in counted[:3]
    )


def _with_derived(
    kept: pd.DataFrame,
    questions: Questionnaire,
    derived: Mapping[str, Any],
    texts: Mapping[str, Coding],
) -> pd.DataFrame:
    if not derived:
        return kept
    # Only what they are made of is typed: of 150 questions that is half a second in 100,000 rows.
    read = set(FRAME).union(*(variables(rule, questions) for rule in derived.values()))
    typed = questions.type_frame(kept[[name for name in kept if name in read]])
    typed = derive(typed, questions, derived, texts)
    made = typed[list(derived)]
    return kept.join(made.astype({c: object for c in made.select_dtypes("category")}))


def _log_codes(ledger: Ledger, analysed: pd.DataFrame, inputs: CleaningInputs) -> None:
    """Log each text that took a code: what people made of words is written down as a change is."""
    ledger.rule = CODED
    for name, codes in inputs.texts.items():
        levels = analysed[name].set_axis(ledger.frame.index)
        words = ledger.frame[codes.of]
        ledger.record(name, words.where(levels.notna()), levels)


def _flow(
    received: int, quarantine: pd.DataFrame, complete: int, listed: Iterable[Mapping[str, str]]
) -> pd.DataFrame:
    stage_of = {rule["id"]: rule["stage"] for rule in listed}
    # A row that the field took out is a row that does not belong to the study.
    aside = quarantine["rule"].map(lambda rule: stage_of.get(rule) or "ineligible").value_counts()
    rows = [{"stage": "received", "count": received, "note": "rows of the export"}]
    rows += [{"stage": s, "count": int(aside.get(s, 0)), "note": "set aside"} for s in STAGES]
    rows.append({"stage": "complete", "count": complete, "note": "complete and eligible"})
    return pd.DataFrame(rows)


def _counts(changes: pd.DataFrame) -> pd.DataFrame:
    counted = changes.groupby(["rule", "variable"], sort=True).size()
    return counted.rename("cells").reset_index()
