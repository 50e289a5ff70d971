"""The rules on interviews that say the same, or say two things under one number."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ngo_survey.ingest.choices import listed
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.near_identical import Codes, copies
from ngo_survey.ingest.cleaning.reading_rules import asked

#: Share of the answers of one submission that the other has too, from which the two are one
#: interview. Answers of two people seldom agree in more (Kuriakose & Robbins 2016, Stat. J. IAOS
#: 32, 283-291).
RESUBMISSION_SHARE = 0.85


def refuse_conflicts(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Refuse one number for two respondents: two interviews, not one that was sent again.

    Their stratum variables differ: the register's own facts do not change on the way. Or too few
    answers of one stand in the one that would be kept: fewer than ``resubmission_share``. People
    then find out who each is (World Bank DIME, iefieldkit: ieduplicates, iecompdup);
    ``id_conflict: set_aside`` sets all of them aside.
    """
    frame = ledger.frame
    if not frame["respondent"].duplicated().any():
        return
    strata = [q.name for q in ledger.questions if q.role == "stratum" and q.name in frame]
    repeated = frame["respondent"].duplicated(keep=False)
    if strata:
        said = frame.loc[repeated, strata].groupby(frame.loc[repeated, "respondent"])
        differing = (said.nunique() > 1).any(axis=1)
        rows = repeated & frame["respondent"].isin(differing.index[differing])
        _refuse(ledger, inputs, rows, f"differ in {' or '.join(strata)}", ", ".join(strata))
    frame = ledger.frame
    again = _sent_again(ledger)
    least = float(inputs.options.get("resubmission_share", RESUBMISSION_SHARE))
    again = again[again["same"] < least * again["answers"] - 1e-9]
    if again.empty:
        return
    rows = frame["respondent"].isin(again["respondent"])
    first = again["respondent"] == frame.loc[rows, "respondent"].iloc[0]
    same, answers = again.loc[first, ["same", "answers"]].iloc[0]
    share = math.floor(100 * same / answers) / 100
    _refuse(
        ledger,
        inputs,
        rows,
        f"differ in {answers - same} of {answers} answers",
        "their answers",
        f"; if it is one interview, sent again: cleaning.resubmission_share: {share:g}",
    )


def _refuse(
    ledger: Ledger,
    inputs: CleaningInputs,
    rows: pd.Series,
    differ: str,
    aside: str,
    otherwise: str = "",
) -> None:
    """Stop at interviews that share a number, or set them aside, as the study declares."""
    if not rows.any():
        return
    if inputs.options.get("id_conflict", "stop") == "set_aside":
        ledger.set_aside(rows, f"one number, two respondents: {aside}")
        return
    frame = ledger.frame
    number = frame.loc[rows, "respondent"].iloc[0]
    lines = frame.loc[frame["respondent"] == number, "source_row"].tolist()
    raise ledger.refuse(
        rows,
        ledger.questions.by_role("id").name,
        f"two respondents have one number (rows {listed(lines)} {differ})",
        "correct the number of one of them, or take one out (cleaning.corrections: (row), with "
        "its row as `before`), or set cleaning.id_conflict to set_aside" + otherwise,
    )


def set_aside_duplicates(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Keep one row a respondent: the fullest, and of equals the one submitted last.

    The reason says in how many answers the other one differs.
    """
    if not ledger.frame["respondent"].duplicated().any():
        return
    again = _sent_again(ledger)
    reasons = pd.Series(index=ledger.frame.index, dtype=object)
    reasons[again.index] = [
        "another submission of the same respondent"
        + (f" (row {row}): {n - same} of {n} answers differ" if same < n else "")
        for row, n, same in zip(again["of"], again["answers"], again["same"], strict=True)
    ]
    ledger.set_aside(reasons.notna(), reasons)


def _sent_again(ledger: Ledger) -> pd.DataFrame:
    """Return the submissions that are not kept, each held against the one that is.

    Returns
    -------
    ``respondent``; ``of``: row of the export that is kept; ``answers``: how many the submission
    has; ``same``: how many of these the kept one has too. The index is that of the answers.
    """
    frame = ledger.frame
    repeated = np.flatnonzero(frame["respondent"].duplicated(keep=False))
    names = [q.name for q in asked(ledger)]
    codes = np.empty((len(repeated), len(names)), dtype=np.int32)
    for place, name in enumerate(names):
        codes[:, place] = ledger.distinct(name).codes[repeated]
    there = frame.iloc[repeated].reset_index(drop=True)
    order = pd.DataFrame(
        {
            "respondent": there["respondent"],
            "answers": (codes >= 0).sum(axis=1),
            "end": there["end"].fillna("") if "end" in there else "",
            "source_row": there["source_row"].astype(int),
        }
    ).sort_values(["answers", "end", "source_row"])
    last = order.drop_duplicates("respondent", keep="last")
    kept = pd.Series(last.index, index=last["respondent"])
    others = order.drop(last.index).sort_index()
    of = others["respondent"].map(kept).to_numpy(dtype=np.intp)
    mine = codes[others.index]
    made = others[["respondent", "answers"]].assign(
        of=there["source_row"].to_numpy()[of],
        same=((mine == codes[of]) & (mine >= 0)).sum(axis=1),
    )
    return made.set_axis(frame.index[repeated[others.index]])


def set_aside_near_identical(ledger: Ledger, inputs: CleaningInputs) -> None:
    """Set aside copies under another number: almost every answer is that of an earlier interview.

    ``near_identical: {share, answers}``: the share of equal answers, of those that both gave, from
    which one is a copy, and how many both must have given (Kuriakose & Robbins 2016, Stat. J. IAOS
    32, 283-291: percent match). The one submitted first is kept.
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
    found = copies(
        _codes(ledger, names)[place],
        float(wanted["share"]),
        int(wanted["answers"]),
    )
    reasons = pd.Series(index=frame.index, dtype=object)
    numbers = frame["respondent"].to_numpy()[place[found.of]]
    reasons.iloc[place[found.copy]] = [
        f"{100 * share:.0f} % of the answers are those of {number}"
        for share, number in zip(found.share, numbers, strict=True)
    ]
    ledger.set_aside(reasons.notna(), reasons)


def _codes(ledger: Ledger, names: list[str]) -> Codes:
    """Return answers as small numbers, the same for equal ones of a question; 0 is no answer."""
    most = max(len(ledger.distinct(name).texts) for name in names)
    made = np.empty((len(ledger.frame), len(names)), dtype=np.min_scalar_type(most))
    for place, name in enumerate(names):
        made[:, place] = ledger.distinct(name).codes + 1
    return made


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
