"""The rules on interviews that say the same, or say two things under one number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.near_identical import Codes, copies
from ngo_survey.ingest.cleaning.reading_rules import asked


def refuse_conflicts(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Refuse one number for two respondents: their stratum variables differ.

    Sent twice by one respondent, an interview may differ in what was corrected; the register's own
    facts do not change on the way. ``id_conflict: set_aside`` sets all of them aside.
    """
    strata = [q.name for q in ledger.questions if q.role == "stratum" and q.name in ledger.frame]
    frame = ledger.frame
    repeated = frame["respondent"].duplicated(keep=False)
    if not strata or not repeated.any():
        return
    said = frame.loc[repeated, strata].groupby(frame.loc[repeated, "respondent"])
    differing = (said.nunique() > 1).any(axis=1)
    rows = repeated & frame["respondent"].isin(differing.index[differing])
    if not rows.any():
        return
    if inputs.options.get("id_conflict", "stop") == "set_aside":
        ledger.set_aside(rows, f"one number, two respondents: {', '.join(strata)}")
        return
    number = frame.loc[rows, "respondent"].iloc[0]
    lines = frame.loc[frame["respondent"] == number, "source_row"].astype(str)
    raise ledger.refuse(
        rows,
        ledger.questions.by_role("id").name,
        f"two respondents have one number (rows {', '.join(lines)} differ in "
        f"{' or '.join(strata)})",
        "correct the number of one of them, or set cleaning.id_conflict to set_aside",
    )


def set_aside_duplicates(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Keep one row a respondent: the fullest, and of equals the one submitted last."""
    if not ledger.frame["respondent"].duplicated().any():
        return
    frame = ledger.frame[ledger.frame["respondent"].duplicated(keep=False)]
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
    rows = repeated.reindex(ledger.frame.index, fill_value=False)
    ledger.set_aside(rows, "another submission of the same respondent")


def set_aside_near_identical(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside copies under another number: almost every answer is that of an earlier interview.

    ``near_identical: {share, answers}``: the share of equal answers, of those that both gave, from
    which one is a copy, and how many both must have given (Kuriakose & Robbins 2016, Stat. J. IAOS
    32, 283-291: percent match). The one submitted first is kept. Which pairs are found for sure is
    said by :func:`.near_identical.copies`.
    """
    wanted = inputs.options.get("near_identical")
    names = [q.name for q in asked(ledger) if q.role == "" and q.form != "text"]
    if not wanted or not names:
        return
    frame = ledger.frame
    place = np.arange(len(frame))
    if "end" in frame:
        order = frame["end"].fillna("") + frame["source_row"].astype(str).str.zfill(9)
        place = np.argsort(order.to_numpy(), kind="stable")
    found = copies(_codes(ledger, names)[place], float(wanted["share"]), int(wanted["answers"]))
    reasons = pd.Series(index=frame.index, dtype=object)
    numbers = frame["respondent"].to_numpy()[place[found.of]]
    reasons.iloc[place[found.copy]] = [
        f"{100 * share:.0f} % of the answers are those of {number}"
        for share, number in zip(found.share, numbers, strict=True)
    ]
    ledger.set_aside(reasons.notna(), reasons)


def _codes(ledger: Ledger, names: list[str]) -> Codes:
    """Return answers as small numbers, the same for equal ones of a question; 0 is no answer."""
    columns = [ledger.distinct(name).codes + 1 for name in names]
    size = np.min_scalar_type(max(int(column.max(initial=0)) for column in columns))
    return np.column_stack([column.astype(size) for column in columns])


def set_aside_straight_liners(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside interviews that give one point to everything, in several batteries.

    ``straight_lining: {batteries, items}``: in how many batteries of ratings, counting those with
    so many items answered (Krosnick 1991, Appl. Cogn. Psychol. 5, 213-236: nondifferentiation).
    """
    wanted = inputs.options.get("straight_lining")
    if not wanted:
        return
    straight = pd.Series(0, index=ledger.frame.index)
    for battery in ledger.questions.batteries:
        items = ledger.questions.battery(battery)
        if items[0].form not in ("rating", "scale", "single") or len(items) < int(wanted["items"]):
            continue
        # A point has one number in all items of a battery.
        numbers: dict[object, int] = {}
        highest = np.full(len(straight), -1)
        lowest = np.full(len(straight), np.iinfo(np.int64).max)
        given = np.zeros(len(straight), dtype=np.int64)
        for question in items:
            spelled = ledger.distinct(question.name)
            point = [numbers.setdefault(text, len(numbers)) for text in spelled.texts]
            codes = np.array([*point, -1])[spelled.codes]
            there = codes >= 0
            given += there
            highest = np.maximum(highest, codes)
            lowest = np.where(there, np.minimum(lowest, codes), lowest)
        straight += (given >= int(wanted["items"])) & (lowest == highest)
    ledger.set_aside(
        straight >= int(wanted["batteries"]),
        f"one answer to everything in {wanted['batteries']} batteries or more",
    )
