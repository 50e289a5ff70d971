"""The key to the faults of a simulated export, and how much of them cleaning finds."""

from __future__ import annotations

import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.ingest.cleaning.clean import Cleaned

COLUMNS = ["source_row", "sample_id", "variable", "fault", "clean", "planted"]
#: By which rules a row with a fault may be set aside.
RULES = {
    "test": {"test"},
    "refusal": {"refused"},
    "uninvited": {"not-invited"},
    "pilot": {"outside-fieldwork"},
    "resubmission": {"duplicate"},
    "speeder": {"speeder"},
    "straight_line": {"straight-lining"},
    "copy": {"near-identical"},
    "partial": {"partial"},
}
#: Cells that people judged, and no rule did.
BY_PEOPLE = ("coded-other", "coded-text", "correction")


def answer_key(answers: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """Return every planted fault by row of the export: rows with no variable, then cells.

    Parameters
    ----------
    answers: the rows in the order of the export, with ``_interview`` (where a row was copied from)
        and ``_fault``.
    planted: cells by interview.
    """
    place = answers.assign(source_row=range(2, len(answers) + 2))
    rows = place[place["_fault"].fillna("") != ""].assign(variable="", fault=place["_fault"])
    cells = place[["source_row", "sample_id", "_interview"]].merge(
        planted, left_on="_interview", right_on="interview"
    )
    made = pd.concat([rows.assign(clean=None, planted=None)[COLUMNS], cells[COLUMNS]])
    return made.sort_values(["source_row", "variable"], kind="stable").reset_index(drop=True)


def score(key: pd.DataFrame, cleaned: Cleaned, questions: Questionnaire) -> pd.DataFrame:
    """Hold what cleaning did against the key.

    A row counts as found when it is set aside by its rule, or by one that came before. Cells count
    where their row was kept; one that cannot be corrected (a sum far off, an impossible number, a
    rank given twice) is found when it is blanked. A battery is corrected as a whole.

    Returns
    -------
    ``fault``, ``planted``, ``found``, ``corrected`` (to the value before the fault); a last row
    ``(no fault)``: cells that were sound, found among the changes.
    """
    battery = {q.name: q.battery or q.name for q in questions}
    aside = dict(
        zip(cleaned.quarantine["source_row"].astype(int), cleaned.quarantine["rule"], strict=True)
    )
    doubles = cleaned.quarantine["rule"] == "duplicate"
    again = set(cleaned.quarantine.loc[doubles, "respondent"])
    by_row = cleaned.frame.set_index(cleaned.frame["source_row"].astype(int))
    judged = cleaned.changes[~cleaned.changes["rule"].isin(BY_PEOPLE)]
    changed = {
        (int(row), battery[name])
        for row, name in zip(judged["source_row"], judged["variable"], strict=True)
    }
    lines = []
    for fault, part in key.groupby("fault", sort=False):
        if fault in RULES:
            # Of two submissions of one respondent either may be the one that is kept.
            found = [
                int(row) in aside or (fault == "resubmission" and number in again)
                for row, number in zip(part["source_row"], part["sample_id"], strict=True)
            ]
            lines.append((fault, len(part), sum(found), sum(found)))
            continue
        kept = part[part["source_row"].astype(int).isin(by_row.index)]
        hit = [
            (int(r), battery[v]) in changed
            for r, v in zip(kept["source_row"], kept["variable"], strict=True)
        ]
        corrected = [
            _same(by_row.at[int(r), v], c)
            for r, v, c in zip(kept["source_row"], kept["variable"], kept["clean"], strict=True)
        ]
        lines.append((fault, len(kept), sum(hit), sum(corrected)))
    planted = {
        (int(r), battery[v])
        for r, v in zip(key["source_row"], key["variable"], strict=True)
        if v in battery
    }
    lines.append(("(no fault)", 0, len(changed - planted), 0))
    return pd.DataFrame(lines, columns=["fault", "planted", "found", "corrected"])


def _same(found: object, clean: object) -> bool:
    if pd.isna(found) or pd.isna(clean):
        return bool(pd.isna(found) and pd.isna(clean))
    return str(found) == str(clean)
