"""What the field sees of a partial export: how far it is, who to ask, whom to call back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ngo_survey.codebook.model import Questionnaire
from ngo_survey.codebook.question import Choice, Question
from ngo_survey.ingest.cleaning.clean import Cleaned
from ngo_survey.ingest.monitoring import Monitoring, monitor
from ngo_survey.study import Study
from ngo_survey.workflow.verbs import monitor as verb
from plain_study import plain_study

RULES = [
    {"id": "out-of-range", "run": "x"},
    {"id": "speeder", "run": "x", "stage": "speeder", "hint": "ask the interviewer; call back"},
    {"id": "refused", "run": "x", "stage": "refused", "hint": "nothing"},
]
YES = (Choice("yes", {"en": "Yes"}), Choice("no", {"en": "No"}))


def book() -> Questionnaire:
    made = {
        name: Question(
            name, "select_one", {"en": f"{name}?"}, {"en": name}, YES, form=form, relevant=relevant
        )
        for name, form, relevant in (
            ("like", "single", ""), ("why", "single", "${like} = 'yes'"), ("age", "number", ""),
        )
    }  # fmt: skip
    return Questionnaire(made, ("en",), {}, {})


def row(number: int, who: str, start: str, minutes: int, **answers: str) -> dict[str, str]:
    begun = pd.Timestamp(start)
    ended = begun + pd.Timedelta(minutes=minutes)
    named = {"respondent": f"N{number}", "sample_id": f"N{number}", "source_row": str(number)}
    return {
        **named,
        "start": begun.isoformat(),
        "end": ended.isoformat(),
        "enumerator": who,
        **answers,
    }


@pytest.fixture(scope="module")
def tables() -> Monitoring:
    complete = pd.DataFrame(
        [
            row(1, "E1", "2026-03-02T09:00:00+05:00", 30, like="yes", age="41"),
            row(2, "E1", "2026-03-02T23:30:00+05:00", 50, like="no"),
            row(3, "E2", "2026-03-03T09:00:00+05:00", 20, like="yes", age="30"),
        ]
    )
    aside = pd.DataFrame(
        [
            row(4, "E2", "2026-03-03T10:00:00+05:00", 2, like="yes")
            | {"rule": "speeder", "reason": "fast"},
            row(5, "E2", "2026-03-03T11:00:00+05:00", 1)
            | {"rule": "refused", "reason": "no consent"},
        ]
    )
    changes = pd.DataFrame(
        [
            ["N2", "2", "age", "410", "", "out-of-range"],
            ["N1", "1", "like", " yes", "yes", "text-normalised"],
        ],
        columns=["respondent", "source_row", "variable", "before", "after", "rule"],
    )
    nothing = pd.DataFrame()
    cleaned = Cleaned(complete, changes, aside, nothing, nothing)
    sample = pd.DataFrame(
        {"sample_id": ["N1", "N2", "N3", "N4", "N5", "N6"], "place": list("aaabbb")}
    )
    answers = pd.concat([complete, aside]).assign(why=None)
    return monitor(answers, cleaned, pd.DataFrame(), book(), RULES, sample, ["place"])


def test_a_day_is_the_one_on_which_the_interview_began_by_its_own_clock(tables: Monitoring) -> None:
    assert tables.days.to_dict("list") == {
        "day": ["2026-03-02", "2026-03-03"], "received": [2, 3], "complete": [2, 1],
        "set_aside": [0, 2],
    }  # fmt: skip


def test_the_stratum_furthest_behind_stands_first(tables: Monitoring) -> None:
    assert tables.strata.to_dict("list") == {
        "place": ["b", "a"], "invited": [3, 3], "complete": [0, 3], "share": [0.0, 1.0],
    }  # fmt: skip


def test_an_interviewer_with_suspect_interviews_stands_first(tables: Monitoring) -> None:
    first = tables.interviewers.iloc[0]
    assert (first["interviewer"], first["suspect"], first["received"]) == ("E2", 1, 3)
    assert first["minutes"] == 2.0


def test_only_questions_that_everybody_was_asked_count_as_missing(tables: Monitoring) -> None:
    assert tables.questions["question"].tolist() == ["age", "like"]
    assert tables.questions["missing"].tolist() == [0.333, 0.0]


def test_whoever_gave_an_impossible_answer_or_was_too_fast_is_called(tables: Monitoring) -> None:
    assert tables.calls[["respondent", "question", "answer", "reason"]].to_numpy().tolist() == [
        ["N2", "age", "410", "out-of-range"],
        ["N4", "", "", "speeder: ask the interviewer; call back"],
    ]


def test_a_reason_stands_with_what_can_be_done(tables: Monitoring) -> None:
    assert tables.aside["reason"].tolist() == ["speeder", "refused"]
    assert tables.aside["hint"].iloc[0] == "ask the interviewer; call back"


def test_the_verb_writes_a_page_and_a_workbook_that_only_the_owner_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study: Study = plain_study(tmp_path, ["visitors"])
    assert verb.run(study) == 0
    assert "to call back" in capsys.readouterr().out
    folder = study.paths.monitoring
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert '<html lang="de">' in page
    assert "<script" not in page
    made = openpyxl.load_workbook(folder / "monitoring.xlsx")
    assert made.sheetnames[0] == "calls_visitors"
    modes = {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())}
    assert modes == {0}
