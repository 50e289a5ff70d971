"""Whatever an export holds, `new` writes a study that can run, and loses no column in silence."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from ngo_survey.study import Study
from ngo_survey.workflow.verbs import new
from suites import examples

pytestmark = pytest.mark.usefixtures("stages")

LISTS = [
    ["Yes", "No"],
    ["1", "0", ""],
    ["1", ""],
    ["Never", "Sometimes", "Often", "No answer"],
    ["Often ", "often", "OFTEN"],
    ["1-5", "6-20", "Over 20", "05-Jan"],
    ["1 (bad)", "2", "3", "5 (good)"],
    ["a", "b", "a;b", "b;c", ""],
    ["Yes, a lot", "Yes, a little", "No"],
    ["other", "none", "Other, please specify"],
    ["70", "30", "0", "100"],
    ["0.7", "0.3"],
    ["3", "4.5", "1 200", "-99"],
    ["3", "4", "about ten", "NULL"],
    ["да", "нет", "Сложно сказать"],
    ["Иногда", "никогда", "часто", "#NAME?"],
    ["2026-03-02", "2026-03-04T10:00:00", ""],
    ["3/4/2026 10:00", "3/14/2026 11:30"],
    ["a@example.org", "b@example.org", "c@example.org"],
    ["=5", "<b>bold</b>", "-", "."],
    ["1.0", "2.0", ""],
    ["NA", "n/a", "Red", "Green"],
    ["true", "FALSE"],
    ["", ""],
]  # fmt: skip
HEADERS = [
    *("ID", "weight", "Region", "age", "start", "End date", "E-mail", "Q", "none", "respondent"),
    *("4.1. Staff", "4.2. Members", "4.3. Other", "5.1.1. A - x", "5.1.2. A - y", "Пол", "Возраст"),
    *("q_1", "q_2", "q_10", "q1/a", "q1/b", "q1", "Care [Time]", "Care [Money]", "Care - Time"),
    *("How often do you come?", "How often do you come", "other", "total", "stratum", "psu", "1"),
]


@st.composite
def exports(draw: DrawFn) -> list[list[str]]:
    """Rows of an export, the header first."""
    headers = draw(st.lists(st.sampled_from(HEADERS), min_size=2, max_size=9, unique=True))
    rows = draw(st.integers(3, 40))
    columns = []
    for header in headers:
        if draw(st.booleans()) and header in ("ID", "weight"):
            columns.append([str(place + 1) for place in range(rows)])
            continue
        cells = draw(st.sampled_from(LISTS))
        columns.append([draw(st.sampled_from(cells)) for _ in range(rows)])
    body = [list(row) for row in zip(*columns, strict=True)]
    return [headers, *(row for row in body if any(row))]


def answered(rows: list[list[str]]) -> bool:
    return len(rows) > 2


@given(exports().filter(answered))
@examples(60, quick=8)
def test_any_export_becomes_a_study_that_can_run(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "answers.csv"
        with file.open("w", newline="", encoding="utf-8") as target:
            csv.writer(target, quoting=csv.QUOTE_ALL).writerows(rows)
        folder = Path(place) / "study"
        options = new.Options(file, None, None, None, None, {}, None, None)
        assert new.run(folder, options, ask=False) == 0
        sources = Study.load(folder / "config.yaml").population("respondents").raw["sources"]
        assert {*sources["columns"], *sources.get("ignore", ())} == set(rows[0])
