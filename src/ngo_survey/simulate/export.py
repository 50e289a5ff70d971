"""Write answers as KoboToolbox exports them: XML values, group prefixes, the tool's own columns."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from ngo_survey.codebook import Questionnaire

ZONE = "+05:00"


def interview_times(
    n: int, first: str, last: str, minutes: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw start times in working hours of the fieldwork; returns ``start`` and ``end`` as text."""
    opening = datetime.fromisoformat(first)
    days = (datetime.fromisoformat(last) - opening).days
    starts = [
        opening + timedelta(days=int(day * days), hours=9, seconds=int(second * 8.5 * 3600))
        for day, second in rng.random((n, 2))
    ]
    ends = [s + timedelta(seconds=int(m * 60)) for s, m in zip(starts, minutes, strict=True)]
    return pd.DataFrame({"start": [_stamp(s) for s in starts], "end": [_stamp(e) for e in ends]})


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000") + ZONE


def kobo_export(
    answers: pd.DataFrame, questions: Questionnaire, version: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the table of an export: one column a question, ``group/question`` as header."""
    columns: dict[str, object] = {}
    for question in questions:
        header = f"{question.group}/{question.name}" if question.group else question.name
        columns[header] = answers.get(question.name, "")
    n = len(answers)
    digits = np.floor(rng.random((n, 4)) * 2**32).astype(np.uint64)
    uuids = [
        f"{a:08x}-{b >> 16:04x}-4{(b & 0xFFF):03x}-8{(c >> 20):03x}-{(c & 0xFFFF):04x}{d:08x}"
        for a, b, c, d in digits.tolist()
    ]
    columns |= {
        "_id": [str(700_000 + i) for i in range(n)],
        "_uuid": uuids,
        "_submission_time": answers["end"].str.slice(0, 19),
        "_validation_status": "",
        "_notes": "simulated",
        "_status": "submitted_via_web",
        "_submitted_by": "",
        "__version__": version,
        "_tags": "simulated",
        "_index": [str(i) for i in range(1, n + 1)],
    }
    return pd.DataFrame(columns)
