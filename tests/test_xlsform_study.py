"""A form as KoboToolbox has it, with no column of ours, goes from the export to tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forms import accepted, write_form
from ngo_survey.codebook.expressions import check_rules
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.results.store import Results
from ngo_survey.study import Study
from ngo_survey.workflow.verbs import check, clean, read, tabulate, weight
from plain_study import plain_study

LISTS = {
    "yn": ["yes", "no"],
    "places": ["town", "village"],
    "five": ["1", "2", "3", "4", "5"],
    "often": ["never", "rarely", "often"],
}


def asked(kind: str, name: str, **more: str) -> dict[str, Any]:
    return {"type": kind, "name": name, "label": name, **more}


REAL = [
    folder
    for above in Path(__file__).resolve().parents
    if (folder := above / "shared" / "studies" / "kobo_household").is_dir()
]
END = {"type": "end_group"}
SURVEY = [
    {"type": "start", "name": "start"},
    {"type": "deviceid", "name": "deviceid"},
    asked("text", "sample_id"),
    asked("select_one places or_other", "place"),
    asked("geopoint", "where"),
    asked("begin_group", "wife"), asked("integer", "age", constraint=". > 0 and new(.)"), END,
    asked("begin_group", "man"), asked("integer", "age"), END,
    asked("begin_group", "has"), asked("select_one yn", "has_a"), asked("select_one yn", "has_b"),
    END,
    asked("begin_group", "care"), asked("select_one five", "care_a"),
    asked("select_one five", "care_b"), END,
    asked("begin_group", "funds", hint="Both add up to 100 %"), asked("integer", "funds_a"),
    asked("integer", "funds_b"), END,
    asked("select_one often", "comes", appearance="likert"),
    asked("begin_repeat", "child"), asked("text", "called"), {"type": "end_repeat"},
    asked("text", "remarks"),
]  # fmt: skip
SECRET = "nobody may see this"


@pytest.mark.skipif(not REAL, reason="the real survey files are not beside the project")
def test_a_form_of_two_hundred_questions_is_read_as_it_was_written(tmp_path: Path) -> None:
    sheets = [
        pd.read_csv(REAL[0] / f"{sheet}.csv", dtype=str, keep_default_na=False).to_dict("records")
        for sheet in ("survey", "choices")
    ]
    form = write_form(tmp_path / "q.xlsx", *sheets)
    assert accepted(form)
    book = read_xlsform(form, "q.xlsx", "en")
    check_rules(book)
    assert book.languages == ("en", "ar")
    assert len(book.questions) == 216
    assert book.notes == (
        "not read, having no answer to analyse: "
        "audit (audit), deviceid (deviceid), gpslocation (geopoint)",
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, stages: None) -> Study:
    """A bare form, and an export of it as KoboToolbox writes it."""
    folder = tmp_path_factory.mktemp("bare")
    made = plain_study(folder, ["visitors"], language="en")
    choices = [
        {"list_name": listed, "name": name, "label": name}
        for listed, names in LISTS.items()
        for name in names
    ]
    form = write_form(made.population("visitors").questionnaire, SURVEY, choices)
    assert accepted(form)
    old = pd.read_csv(made.population("visitors").responses, dtype=str)
    random = np.random.default_rng(1)

    def drawn(listed: str) -> Any:
        return random.choice(LISTS[listed], len(old))

    share = random.integers(0, 101, len(old))
    answers = {
        **{"start": old["start"], "sample_id": old["sample_id"], "place": old["place"]},
        **{"place_other": "", "deviceid": SECRET, "where": SECRET, "_where_latitude": SECRET},
        **{"wife/age": random.integers(20, 60, len(old)), "man/age": 70, "comes": drawn("often")},
        **{f"has/has_{item}": drawn("yn") for item in "ab"},
        **{f"care/care_{item}": drawn("five") for item in "ab"},
        **{"funds/funds_a": share, "funds/funds_b": 100 - share, "remarks": "fine"},
        **{"child[1]/called": SECRET, "_uuid": [f"u{n}" for n in range(len(old))]},
    }
    pd.DataFrame(answers).to_csv(made.population("visitors").responses, index=False)
    for verb in (read, clean, weight, tabulate):
        verb.run(made, "visitors")
    return made


def test_each_question_has_its_table(study: Study) -> None:
    tables = set(Results.load(study.paths.results).family("comparisons")["analysis"])
    assert {"wife_age", "man_age", "has", "care", "funds", "comes"} <= {
        name.split("_by_")[0] for name in tables
    }


def test_what_is_left_out_lies_in_no_file_that_was_made(study: Study) -> None:
    made = [f for f in (study.root / "data" / "processed").rglob("*") if f.is_file()]
    assert made
    assert [f.name for f in made if SECRET in f.read_text(encoding="utf-8")] == []


def test_check_says_what_it_did_with_the_form(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.run(study) == 0
    said = capsys.readouterr().out
    for line in (
        "not read: the answers in repeats: child",
        "not read, having no answer to analyse: deviceid (deviceid), where (geopoint)",
        "inferred: battery care of 2 questions, each rating",
        "inferred: battery funds of 2 questions that adds up to 100",
        "inferred: comes is a scale",
        "no question has the role consent",
        "not checked: a rule of wife_age (there is no function new()",
    ):
        assert line in said
