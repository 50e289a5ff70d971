"""What the field must know while it works: high-frequency checks of a partial export.

Frames in, frames out; whoever leads the field reads them every morning. Each is a check that
survey teams run daily (see *ipacheck* of Innovations for Poverty Action, and Murphy, Baxter,
Eyerman, Cunningham & Kennet 2004, *A system for detecting interviewer falsification*).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.ingest.cleaning.clean import Cleaned

#: Rules after which an answer is lost, so that only the respondent can give it.
ASK_AGAIN = frozenset({"out-of-range", "broken-constraint", "unknown-choice", "number-read"})
#: Rules that set a whole interview aside for which somebody is to be called.
CALL = frozenset({"speeder", "straight-lining", "near-identical", "partial", "id-conflict"})


@dataclass(frozen=True)
class Monitoring:
    """The tables of one group of respondents, each with what it says in its first rows.

    Attributes
    ----------
    days: ``day``, ``received``, ``complete``, ``set_aside``.
    interviewers: ``interviewer``, ``received``, ``complete``, ``set_aside``, ``minutes`` (median),
        ``missing`` (share of questions without an answer), ``suspect`` (too fast, one answer to
        everything, copied); none where the export names no interviewer.
    strata: the sample's strata with ``invited``, ``complete``, ``share``; none without a sample.
    questions: ``question``, ``asked``, ``missing`` (share), the most missing first.
    aside: ``reason``, ``interviews``, ``hint``.
    coding: words that nobody has coded and spellings that nobody knows.
    calls: whom to call back, and for what: ``respondent``, ``row``, ``interviewer``, ``question``,
        ``answer``, ``reason``.
    """

    days: pd.DataFrame
    interviewers: pd.DataFrame
    strata: pd.DataFrame
    questions: pd.DataFrame
    aside: pd.DataFrame
    coding: pd.DataFrame
    calls: pd.DataFrame


def monitor(
    responses: pd.DataFrame,
    cleaned: Cleaned,
    review: pd.DataFrame,
    questions: Questionnaire,
    rules: Sequence[dict[str, str]],
    sample: pd.DataFrame | None,
    strata: Sequence[str],
    interviewer: str = "enumerator",
) -> Monitoring:
    """Return the tables of what has arrived so far.

    Parameters
    ----------
    responses: the export under the names of the questionnaire, all as text.
    cleaned, review: what cleaning made of it, and what it leaves to people.
    rules: the rules of cleaning with their ``hint``.
    sample: one row a unit invited, with ``sample_id``; None where the study has no list.
    strata: columns of the sample by which progress is told.
    interviewer: column of the export that names who asked.
    """
    # Copied: frames of cleaning are in many blocks, which is slow to add columns to.
    complete = cleaned.frame.copy().assign(rule="")
    columns = dict.fromkeys([*cleaned.quarantine, *complete, interviewer])
    everybody = pd.concat([complete, cleaned.quarantine], ignore_index=True)
    everybody = everybody.reindex(columns=list(columns)).copy()
    everybody = everybody.assign(minutes=_minutes(everybody), day=_days(everybody))
    return Monitoring(
        days=_by(everybody, "day"),
        interviewers=_interviewers(everybody, interviewer, _asked(questions, responses)),
        strata=_strata(cleaned.frame, sample, strata),
        questions=_missing(cleaned.frame, _asked(questions, responses)),
        aside=_set_aside(cleaned.quarantine, rules),
        coding=review,
        calls=_calls(everybody, cleaned, rules, interviewer),
    )


def _asked(questions: Questionnaire, responses: pd.DataFrame) -> list[str]:
    """Return the questions of the export that everybody was asked, and that are no identifiers."""
    return [
        q.name
        for q in questions
        if q.name in responses and not q.relevant and q.form not in ("id", "text", "none")
    ]


def _moments(frame: pd.DataFrame, column: str) -> pd.Series:
    text = frame[column] if column in frame else pd.Series(pd.NA, index=frame.index)
    return pd.to_datetime(text, errors="coerce", format="ISO8601", utc=True)


def _minutes(frame: pd.DataFrame) -> pd.Series:
    length = _moments(frame, "end") - _moments(frame, "start")
    return length.dt.total_seconds() / 60


def _days(frame: pd.DataFrame) -> pd.Series:
    """Return the day on which each interview began, as its own clock said."""
    text = frame["start"] if "start" in frame else pd.Series(pd.NA, index=frame.index)
    known = _moments(frame, "start").notna()
    return text.astype("string").str.slice(0, 10).where(known)


def _by(everybody: pd.DataFrame, column: str) -> pd.DataFrame:
    aside = everybody["rule"].fillna("") != ""
    made = (
        pd.DataFrame({column: everybody[column], "complete": ~aside, "set_aside": aside})
        .dropna(subset=[column])
        .groupby(column, sort=True)
        .agg(
            received=("complete", "size"),
            complete=("complete", "sum"),
            set_aside=("set_aside", "sum"),
        )
        .reset_index()
    )
    return made.astype({"complete": int, "set_aside": int})


def _interviewers(everybody: pd.DataFrame, column: str, asked: Sequence[str]) -> pd.DataFrame:
    names = ["interviewer", "received", "complete", "set_aside", "minutes", "missing", "suspect"]
    if everybody[column].isna().all():
        return pd.DataFrame(columns=names)
    made = _by(everybody, column).rename(columns={column: "interviewer"})
    groups = everybody.assign(
        missing=everybody[list(asked)].isna().mean(axis=1) if asked else np.nan,
        suspect=everybody["rule"].isin(CALL - {"partial"}),
    ).groupby(column, sort=True)
    made["minutes"] = groups["minutes"].median().round(1).to_numpy()
    made["missing"] = groups["missing"].mean().round(3).to_numpy()
    made["suspect"] = groups["suspect"].sum().to_numpy(dtype=int)
    return made.sort_values(["suspect", "interviewer"], ascending=[False, True], ignore_index=True)


def _strata(
    complete: pd.DataFrame, sample: pd.DataFrame | None, strata: Sequence[str]
) -> pd.DataFrame:
    columns = [name for name in strata if sample is not None and name in sample]
    if sample is None or not columns:
        return pd.DataFrame(columns=["invited", "complete", "share"])
    here = sample["sample_id"].isin(complete.get("sample_id", pd.Series(dtype=str)))
    made = (
        sample.assign(complete=here)
        .groupby(columns, sort=True, dropna=False)
        .agg(invited=("complete", "size"), complete=("complete", "sum"))
        .reset_index()
    )
    made["share"] = (made["complete"] / made["invited"]).round(3)
    return made.sort_values(["share", *columns], ignore_index=True)


def _missing(complete: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    if not len(complete):
        return pd.DataFrame(columns=["question", "asked", "missing"])
    shares = complete[list(asked)].isna().mean().round(3)
    made = pd.DataFrame(
        {"question": list(asked), "asked": len(complete), "missing": shares.to_numpy()}
    )
    return made.sort_values(["missing", "question"], ascending=[False, True], ignore_index=True)


def _set_aside(quarantine: pd.DataFrame, rules: Sequence[dict[str, str]]) -> pd.DataFrame:
    counts = quarantine["rule"].value_counts(sort=False)
    found = [
        {"reason": rule["id"], "interviews": int(counts[rule["id"]]), "hint": rule.get("hint", "")}
        for rule in rules
        if rule["id"] in counts
    ]
    return pd.DataFrame(found, columns=["reason", "interviews", "hint"])


def _calls(
    everybody: pd.DataFrame, cleaned: Cleaned, rules: Sequence[dict[str, str]], interviewer: str
) -> pd.DataFrame:
    """Return lost answers of complete interviews, then interviews to be repeated or finished."""
    hints = {rule["id"]: rule.get("hint", "") for rule in rules}
    who = everybody.set_index("source_row")[interviewer]
    kept = set(cleaned.frame["source_row"])
    changes = cleaned.changes
    lost = changes[changes["rule"].isin(ASK_AGAIN) & changes["source_row"].isin(kept)]
    lost = lost[lost["after"].isna() | (lost["after"] == "")]
    rows: list[dict[str, Any]] = [
        {
            "respondent": row.respondent,
            "row": row.source_row,
            "interviewer": who.get(row.source_row),
            "question": row.variable,
            "answer": row.before,
            "reason": row.rule,
        }
        for row in lost.itertuples()
    ]
    whole = cleaned.quarantine[cleaned.quarantine["rule"].isin(CALL)]
    rows += [
        {
            "respondent": row.respondent,
            "row": row.source_row,
            "interviewer": who.get(row.source_row),
            "question": "",
            "answer": "",
            "reason": f"{row.rule}: {hints.get(row.rule, '')}".rstrip(": "),
        }
        for row in whole.itertuples()
    ]
    return pd.DataFrame(
        rows, columns=["respondent", "row", "interviewer", "question", "answer", "reason"]
    )
