"""All rules in their order: from answers as they came to answers that can be analysed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ngo_survey.cleaning import eligibility, rules
from ngo_survey.cleaning.derive import derive
from ngo_survey.cleaning.ledger import Ledger
from ngo_survey.errors import InputError
from ngo_survey.questionnaire import Questionnaire

#: Stages of the response flow, and the rules that set rows aside there.
FLOW = {
    "test": ("test", "no-id"),
    "refused": ("refused",),
    "outside_fieldwork": ("outside-fieldwork",),
    "duplicate": ("duplicate",),
    "speeder": ("speeder",),
    "partial": ("partial",),
}


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


def clean(
    responses: pd.DataFrame,
    questions: Questionnaire,
    options: Mapping[str, Any],
    derived: Mapping[str, Any],
    aliases: Mapping[str, Mapping[str, str]],
    fieldwork: Mapping[str, Any],
    file: str = "responses",
) -> Cleaned:
    """Run the rules in order.

    1. Rows that are no interview go first (tests, no id, refusals, outside the fieldwork), so that
       nobody mends what nobody will use. 2. Text, aliases, choices, numbers, ranges. 3. Logic
       within a row: `none`, skip rules, constant sums. 4. Rows again, now that answers are sound:
       duplicates, speeders, partials. 5. Derived variables.

    Parameters
    ----------
    responses: text answers with ``respondent`` and ``source_row``.
    questions: the codebook, derived variables included.

    Raises
    ------
    InputError: an answer that no rule can read; nobody left; rows lost on the way (a defect).
    """
    ledger = Ledger(responses.copy(), questions, file)
    eligibility.set_aside_tests(ledger, options)
    eligibility.set_aside_without_id(ledger)
    eligibility.set_aside_refusals(ledger)
    eligibility.set_aside_outside_fieldwork(ledger, str(fieldwork["from"]), str(fieldwork["to"]))
    rules.normalise_text(ledger)
    rules.apply_aliases(ledger, aliases)
    rules.check_choices(ledger, options)
    rules.order_choices(ledger)
    rules.read_numbers(ledger, options)
    rules.blank_out_of_range(ledger)
    rules.drop_none_beside_others(ledger)
    rules.blank_skipped(ledger)
    rules.close_constant_sums(ledger, options)
    eligibility.set_aside_duplicates(ledger)
    eligibility.set_aside_speeders(ledger, options)
    eligibility.set_aside_partials(ledger, options)
    if ledger.frame.empty:
        raise InputError(
            "no complete interview is left after cleaning", file=file, mend="see the quarantine"
        )
    quarantine = ledger.quarantine
    if len(responses) != len(ledger.frame) + len(quarantine):
        raise InputError(
            f"rows were lost: {len(responses)} in, {len(ledger.frame)} kept, "
            f"{len(quarantine)} set aside",
            file=file,
            mend="report this as a defect",
        )
    hidden = [q.name for q in questions if q.disclosure == "identifier"]
    kept = ledger.frame.drop(columns=hidden, errors="ignore").reset_index(drop=True)
    analysed = _with_derived(kept, questions, derived)
    return Cleaned(
        analysed,
        ledger.changes,
        quarantine,
        _flow(len(responses), quarantine, len(kept)),
        _counts(ledger.changes),
    )


def _with_derived(
    kept: pd.DataFrame, questions: Questionnaire, derived: Mapping[str, Any]
) -> pd.DataFrame:
    typed = derive(questions.type_frame(kept), questions, derived)
    made = typed[list(derived)]
    return kept.join(made.astype({c: object for c in made.select_dtypes("category")}))


def _flow(received: int, quarantine: pd.DataFrame, complete: int) -> pd.DataFrame:
    aside = quarantine["rule"].value_counts()
    rows = [{"stage": "received", "count": received, "note": "rows of the export"}]
    for stage, names in FLOW.items():
        count = int(sum(aside.get(name, 0) for name in names))
        rows.append({"stage": stage, "count": count, "note": "set aside"})
    rows.append({"stage": "complete", "count": complete, "note": "complete and eligible"})
    return pd.DataFrame(rows)


def _counts(changes: pd.DataFrame) -> pd.DataFrame:
    counted = changes.groupby(["rule", "variable"], sort=True).size()
    return counted.rename("cells").reset_index()
