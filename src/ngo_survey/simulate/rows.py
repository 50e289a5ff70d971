"""Rows of an export that are no interview of the study, or the same one twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

Rng = np.random.Generator


def extra_rows(
    sample: pd.DataFrame,
    answers: pd.DataFrame,
    faults: Mapping[str, Any],
    fieldwork: Mapping[str, Any],
    rng: Rng,
) -> list[pd.DataFrame]:
    """Return the rows that the field adds, each with its ``_fault``.

    Refusals that opened the form, test interviews, resubmissions, interviews of somebody whom
    nobody invited, a pilot before the fieldwork, and interviews that were copied under the number
    of a unit that nobody reached.
    """
    refused = sample[sample["disposition"] == "refusal"]
    opened = refused[rng.random(len(refused)) < float(faults["refusals_open_the_form"])]
    times = answers[["start", "deviceid", "enumerator"]].iloc[: len(opened)].reset_index(drop=True)
    refusals = times.assign(
        sample_id=opened["sample_id"].to_numpy(),
        consent="no",
        interview_language="ru",
        end=times["start"],
        _fault="refusal",
    )
    tests = answers.iloc[: int(faults["tests"])].copy()
    tests["sample_id"] = [f"TEST-{i:02d}" for i in range(1, len(tests) + 1)]
    tests["_fault"] = "test"
    again = answers[rng.random(len(answers)) < float(faults["resubmissions"])].copy()
    # Sent again the same evening: the later submission is the one that counts.
    again["end"] = again["end"].str.slice(0, 11) + "21:15:00.000" + again["end"].str.slice(-6)
    again["_fault"] = "resubmission"

    sound = answers[answers["_fault"] == ""]
    unreached = sample.loc[sample["disposition"] == "noncontact", "sample_id"].to_numpy()
    wanted = {name: int(faults[name]) for name in ("uninvited", "pilot", "copies")}
    picked = rng.permutation(len(sound))[: sum(wanted.values())]
    ends = np.cumsum(list(wanted.values()))
    strangers, pilot, copies = (
        sound.iloc[part].copy() for part in np.split(picked, ends[:-1].tolist())
    )
    strangers["sample_id"] = [f"{str(s)[0]}9{str(s)[2:]}" for s in strangers["sample_id"]]
    strangers["_fault"] = "uninvited"
    numbers = rng.permutation(unreached)
    pilot["sample_id"] = numbers[: len(pilot)]
    before = (date.fromisoformat(str(fieldwork["from"])) - timedelta(days=12)).isoformat()
    for column in ("start", "end"):
        pilot[column] = before + pilot[column].str.slice(10)
    pilot["_fault"] = "pilot"
    copies["sample_id"] = numbers[len(pilot) : len(pilot) + len(copies)]
    for column in ("start", "end"):  # typed in at night, after the interview
        copies[column] = copies[column].str.slice(0, 11) + (
            "22:10:00.000" if column == "start" else "22:31:00.000"
        ) + copies[column].str.slice(-6)  # fmt: skip
    copies["_fault"] = "copy"
    return [refusals, tests, again, strangers, pilot, copies]
