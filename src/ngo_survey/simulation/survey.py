"""One simulated group of respondents from the truth: register, sample, export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.questionnaire import Questionnaire
from ngo_survey.simulation import dirt, draws
from ngo_survey.simulation.answers import Answers
from ngo_survey.simulation.export import interview_times, kobo_export
from ngo_survey.simulation.population import draw_sample, make_register

Truth = Mapping[str, Any]


@dataclass(frozen=True)
class Simulated:
    """The three files of one group of respondents."""

    register: pd.DataFrame
    sample: pd.DataFrame
    export: pd.DataFrame


def simulate(
    truth: Truth,
    questions: Questionnaire,
    fieldwork: Mapping[str, Any],
    streams: Mapping[str, np.random.Generator],
) -> Simulated:
    """Simulate one group of respondents.

    Parameters
    ----------
    truth: its block of the truth file.
    questions: the questionnaire, without derived variables.
    fieldwork: ``from`` and ``to``.
    streams: independent random streams ``sample``, ``answers``, ``dirt`` and ``export``, so that a
        change of one part leaves the others as they were.
    """
    register = make_register(truth["register"])
    sample = draw_sample(register, truth["sample"], truth["prefix"], streams["sample"])
    answers = _answers(sample, truth, questions, fieldwork, streams)
    export = kobo_export(answers, questions, truth["version"], streams["export"])
    blank = sample.replace({"none": ""}) if truth.get("none_is_empty") else sample
    hidden = register.replace({"none": ""}) if truth.get("none_is_empty") else register
    return Simulated(hidden, blank, export)


def _answers(
    sample: pd.DataFrame,
    truth: Truth,
    questions: Questionnaire,
    fieldwork: Mapping[str, Any],
    streams: Mapping[str, np.random.Generator],
) -> pd.DataFrame:
    rng = streams["answers"]
    said = sample[sample["disposition"].isin(["complete", "partial"])].reset_index(drop=True)
    frame = said.drop(columns="disposition").replace({"none": None})
    model = Answers(frame.assign(consent="yes"), questions, rng)
    answers = model.draw(truth["answers"])
    answers = dirt.leave_out(answers, questions, truth["missing"], streams["dirt"])
    partial = (said["disposition"] == "partial").to_numpy()
    answers.loc[partial, _late(questions, truth["breaks_off_at"])] = None
    answers = dirt.skip(answers, questions)
    faults = truth["dirt"]
    answers = dirt.soil(answers, questions, faults, streams["dirt"])
    minutes = np.clip(28 * np.exp(0.3 * draws.bell(rng, len(answers))), 11, 120)
    fast = streams["dirt"].random(len(answers)) < float(faults["speeders"])
    answers = answers.join(
        interview_times(
            len(answers),
            str(fieldwork["from"]),
            str(fieldwork["to"]),
            np.where(fast, 2.0, minutes),
            rng,
        )
    )
    answers["deviceid"] = [f"web-{int(u * 9000) + 1000}" for u in rng.random(len(answers))]
    answers["enumerator"] = [f"E{int(u * 24) + 1:02d}" for u in rng.random(len(answers))]
    return pd.concat(
        [answers, *_extra_rows(sample, answers, faults, streams["dirt"])], ignore_index=True
    )


def _late(questions: Questionnaire, first: str) -> list[str]:
    names = [q.name for q in questions]
    return names[names.index(first) :]


def _extra_rows(
    sample: pd.DataFrame, answers: pd.DataFrame, faults: Truth, rng: np.random.Generator
) -> list[pd.DataFrame]:
    """Return refusals that opened the form, test interviews and resubmissions."""
    refused = sample[sample["disposition"] == "refusal"]
    opened = refused[rng.random(len(refused)) < float(faults["refusals_open_the_form"])]
    times = answers[["start", "deviceid", "enumerator"]].iloc[: len(opened)].reset_index(drop=True)
    refusals = times.assign(
        sample_id=opened["sample_id"].to_numpy(),
        consent="no",
        interview_language="ru",
        end=times["start"],
    )
    tests = answers.iloc[: int(faults["tests"])].copy()
    tests["sample_id"] = [f"TEST-{i:02d}" for i in range(1, len(tests) + 1)]
    again = answers[rng.random(len(answers)) < float(faults["resubmissions"])].copy()
    # Sent again the same evening: the later submission is the one that counts.
    again["end"] = again["end"].str.slice(0, 11) + "21:15:00.000" + again["end"].str.slice(-6)
    return [refusals, tests, again]
