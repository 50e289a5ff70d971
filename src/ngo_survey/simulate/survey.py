"""One simulated group of respondents from the truth: register, sample, export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire
from ngo_survey.simulate import dirt, draws, rows
from ngo_survey.simulate.answers import Answers
from ngo_survey.simulate.export import interview_times, kobo_export
from ngo_survey.simulate.key import answer_key
from ngo_survey.simulate.population import draw_sample, make_register

Truth = Mapping[str, Any]


@dataclass(frozen=True)
class Simulated:
    """The files of one group of respondents; ``key`` is what was planted, which nobody knows."""

    register: pd.DataFrame
    sample: pd.DataFrame
    export: pd.DataFrame
    key: pd.DataFrame


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
    answers, planted = _answers(sample, truth, questions, fieldwork, streams)
    answers = answers.sort_values(["end", "sample_id"], kind="stable").reset_index(drop=True)
    export = kobo_export(answers, questions, truth["version"], streams["export"])
    key = answer_key(answers, planted)
    blank = sample.replace({"none": ""}) if truth.get("none_is_empty") else sample
    hidden = register.replace({"none": ""}) if truth.get("none_is_empty") else register
    return Simulated(hidden, blank, export, key)


def _answers(
    sample: pd.DataFrame,
    truth: Truth,
    questions: Questionnaire,
    fieldwork: Mapping[str, Any],
    streams: Mapping[str, np.random.Generator],
) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    faulty = dirt.plant_faults(answers, questions, faults, streams["dirt"])
    whole = said.index[~partial]
    straight, lined = dirt.straighten(
        faulty.frame.loc[whole], questions, float(faults["straight_lines"]), streams["dirt"]
    )
    answers = faulty.frame.copy()
    answers.loc[lined] = straight.loc[lined]
    minutes = np.clip(28 * np.exp(0.3 * draws.scaled_logistic(rng, len(answers))), 11, 120)
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
    answers["_interview"] = answers.index
    answers["_fault"] = ""
    answers.loc[partial, "_fault"] = "partial"
    answers.loc[lined, "_fault"] = "straight_line"
    answers.loc[fast, "_fault"] = "speeder"
    every = [answers, *rows.extra_rows(sample, answers, faults, fieldwork, streams["dirt"])]
    return pd.concat(every, ignore_index=True), pd.DataFrame(faulty.key)


def _late(questions: Questionnaire, first: str) -> list[str]:
    names = [q.name for q in questions]
    return names[names.index(first) :]
