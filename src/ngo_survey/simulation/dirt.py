"""What goes wrong in the field, planted at known rates.

Each fault is a function of the answers (text), its rate and a random stream. Faults never touch a
key: who answered stays known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ngo_survey.questionnaire import Questionnaire
from ngo_survey.questionnaire.expressions import evaluate

Rates = Mapping[str, Any]


def _some(rows: pd.Index, rate: float, rng: np.random.Generator) -> pd.Index:
    return rows[rng.random(len(rows)) < rate]


def leave_out(
    frame: pd.DataFrame, questions: Questionnaire, rates: Rates, rng: np.random.Generator
) -> pd.DataFrame:
    """Leave answers out (item nonresponse); a constant sum is left out as a whole."""
    frame = frame.copy()
    batteries_done = set()
    keep = set(rates.get("never", []))
    for question in questions:
        if question.disclosure != "open" or question.name in keep or question.role == "consent":
            continue
        group = [question.name]
        if question.form in {"constant_sum", "rank"}:
            if question.battery in batteries_done:
                continue
            batteries_done.add(question.battery)
            group = [q.name for q in questions.battery(question.battery)]
        rate = float(
            rates.get("rates", {}).get(question.battery or question.name, rates["default"])
        )
        frame.loc[_some(frame.index, rate, rng), group] = None
    return frame


def skip(frame: pd.DataFrame, questions: Questionnaire) -> pd.DataFrame:
    """Blank what the form's skip rules do not ask."""
    frame = frame.copy()
    for question in questions:
        if question.relevant and question.name in frame:
            relevant = evaluate(question.relevant, frame, question.name)
            frame[question.name] = frame[question.name].where(relevant)
    return frame


def soil(
    frame: pd.DataFrame, questions: Questionnaire, rates: Rates, rng: np.random.Generator
) -> pd.DataFrame:
    """Plant the faults that ``rates`` declares."""
    frame = frame.copy()
    for variable, spellings in rates.get("spellings", {}).items():
        for row in _some(frame.index, float(spellings["rate"]), rng):
            known = spellings["as"].get(frame.at[row, variable])
            if known:
                frame.at[row, variable] = known[int(rng.random() * len(known))]
    for variable, rate in rates.get("spaces", {}).items():
        rows = _some(frame.index[frame[variable].notna()], float(rate), rng)
        frame.loc[rows, variable] = "  " + frame.loc[rows, variable].astype(str) + " "
    for battery, rate in rates.get("sums", {}).items():
        items = [q.name for q in questions.battery(battery)]
        full = frame.index[frame[items].notna().all(axis=1)]
        for row in _some(full, float(rate), rng):
            largest = max(items, key=lambda i, row=row: int(frame.at[row, i]))  # type: ignore[misc]
            error = (-20, -5, -1, 1, 5)[int(rng.random() * 5)]
            frame.at[row, largest] = str(max(0, int(frame.at[row, largest]) + error))
    for variable, given in rates.get("skipped", {}).items():
        empty = frame.index[frame[variable].isna() & (frame["consent"] == "yes")]
        frame.loc[_some(empty, float(given["rate"]), rng), variable] = given["value"]
    for variable, rate in rates.get("none_too", {}).items():
        text = frame[variable]
        rows = frame.index[text.notna() & (text != "none")]
        rows = _some(rows, float(rate), rng)
        frame.loc[rows, variable] = frame.loc[rows, variable] + " none"
    for variable, given in rates.get("wild", {}).items():
        rows = _some(frame.index[frame[variable].notna()], float(given["rate"]), rng)
        frame.loc[rows, variable] = str(given["value"])
    return frame
