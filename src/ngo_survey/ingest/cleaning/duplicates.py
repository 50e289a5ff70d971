"""The rules on interviews that say the same, or say two things under one number."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ngo_survey.ingest.cleaning.cleaning_inputs import Given
from ngo_survey.ingest.cleaning.ledger import Ledger
from ngo_survey.ingest.cleaning.rules import asked

#: Parts that the questions are divided into to find candidates: two interviews that differ in
#: fewer answers than there are parts agree in one part at least (pigeonhole).
BANDS = 16


def refuse_conflicts(ledger: Ledger, given: Given) -> None:
    """Refuse one number for two respondents: their stratum variables differ.

    Sent twice by one respondent, an interview may differ in what was mended; the register's own
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
    if given.options.get("id_conflict", "stop") == "set_aside":
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


def set_aside_duplicates(ledger: Ledger, given: Given) -> None:
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
    ledger.set_aside(repeated.reindex(frame.index), "another submission of the same respondent")


def set_aside_near_identical(ledger: Ledger, given: Given) -> None:
    """Set aside copies under another number: almost every answer is that of an earlier interview.

    ``near_identical: {share, answers}``: the share of equal answers, of those that both gave, from
    which one is a copy, and how many both must have given (Kuriakose & Robbins 2016, Stat. J. IAOS
    32, 283-291: percent match). The one submitted first is kept.
    """
    wanted = given.options.get("near_identical")
    if not wanted:
        return
    names = [q.name for q in asked(ledger) if q.role == "" and q.form != "text"]
    frame = ledger.frame
    order = (frame["end"].fillna("") + frame["source_row"].astype(str).str.zfill(9)).to_numpy()
    place = np.argsort(order, kind="stable") if "end" in frame else np.arange(len(frame))
    codes = np.column_stack(
        [pd.factorize(frame[name].iloc[place], sort=False)[0] for name in names]
    ).astype(np.int32)
    kept, copies, of = np.ones(len(codes), dtype=bool), [], []
    for first, second in _candidates(codes):
        if not kept[first] or not kept[second]:
            continue
        both = (codes[first] >= 0) & (codes[second] >= 0)
        same = (codes[first] == codes[second]) & both
        if both.sum() >= int(wanted["answers"]) and same.sum() >= wanted["share"] * both.sum():
            kept[second] = False
            copies.append(place[second])
            of.append((frame["respondent"].iloc[place[first]], same.sum() / both.sum()))
    for row, (number, share) in zip(np.array(frame.index)[copies], of, strict=True):
        ledger.set_aside(
            ledger.frame.index == row,
            f"{100 * share:.0f} % of the answers are those of {number}",
        )


def _candidates(codes: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Return pairs (earlier, later) that agree in a whole part of the questions, in order."""
    found: set[tuple[int, int]] = set()
    for band in range(BANDS):
        part = codes[:, band::BANDS]
        usable = np.flatnonzero((part >= 0).sum(axis=1) * 2 > part.shape[1])
        rows = np.ascontiguousarray(part[usable])
        _, group = np.unique(rows.view([("", rows.dtype)] * rows.shape[1]), return_inverse=True)
        for members in pd.Series(usable).groupby(group.ravel()):
            listed = members[1].tolist()
            # A part that many share says nothing about copying.
            if 1 < len(listed) <= 50:
                found |= {(a, b) for i, a in enumerate(listed) for b in listed[i + 1 :]}
    return sorted(found)


def set_aside_straight_liners(ledger: Ledger, given: Given) -> None:
    """Set aside interviews that give one point to everything, in several batteries.

    ``straight_lining: {batteries, items}``: in how many batteries of ratings, counting those with
    so many items answered (Krosnick 1991, Appl. Cogn. Psychol. 5, 213-236: nondifferentiation).
    """
    wanted = given.options.get("straight_lining")
    if not wanted:
        return
    straight = pd.Series(0, index=ledger.frame.index)
    for battery in ledger.questions.batteries:
        items = ledger.questions.battery(battery)
        if items[0].form not in ("rating", "scale", "single") or len(items) < int(wanted["items"]):
            continue
        answers = ledger.frame[[q.name for q in items]]
        enough = answers.notna().sum(axis=1) >= int(wanted["items"])
        straight += (answers.nunique(axis=1) == 1) & enough
    ledger.set_aside(
        straight >= int(wanted["batteries"]),
        f"one answer to everything in {wanted['batteries']} batteries or more",
    )
