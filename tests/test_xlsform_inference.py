"""What a form does not say of its analysis is inferred from what it shows, and only from that."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest

from forms import write_form
from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import InputError

from conftest import ROOT

Row = dict[str, Any]
LISTS = {
    "score": {str(n): str(n) for n in range(11)},
    "explained": {"0": "0, not at all", "1": "1", "2": "2", "3": "3, fully"},
    "towns": {"1": "Aktau", "2": "Semey", "3": "Oral"},
    "counted": {"1": "1. Aktau", "2": "2. Semey", "3": "3. Oral"},
    "often": {"never": "Never", "rarely": "Rarely", "often": "Often"},
    "levels": {"low": "Low", "high": "High"},
    "asked": {"1": "1", "2": "2", "3": "3", "dont_know": "I do not know"},
}
CHOICES = [
    {"list_name": listed, "name": name, "label": label}
    for listed, labels in LISTS.items()
    for name, label in labels.items()
]


@pytest.fixture
def form(tmp_path: Path) -> Any:
    """Read a form of these rows."""

    def made(*survey: Row) -> Questionnaire:
        return read_xlsform(write_form(tmp_path / "q.xlsx", survey, CHOICES), "q.xlsx", "en")

    return made


def asked(kind: str, name: str, **more: str) -> Row:
    return {"type": kind, "name": name, "label": name, **more}


def group(name: str, *rows: Row, **more: str) -> list[Row]:
    return [asked("begin_group", name, **more), *rows, {"type": "end_group"}]


@pytest.mark.parametrize(
    ("kind", "appearance", "inferred"),
    [
        ("select_one score", "", "rating"),
        ("select_one explained", "", "rating"),
        ("select_one asked", "", "rating"),
        ("select_one towns", "", "single"),
        ("select_one counted", "", "single"),
        ("select_one often", "", "single"),
        ("select_one often", "likert", "scale"),
        ("select_one towns", "w1 likert", "rating"),
        ("select_multiple towns", "", "multiple"),
        ("integer", "", "number"),
        ("decimal", "", "number"),
        ("range", "", "number"),
        ("text", "", "text"),
        ("date", "", "none"),
    ],
)
def test_the_form_of_the_analysis_is_that_of_the_answers(
    form: Any, kind: str, appearance: str, inferred: str
) -> None:
    assert form(asked(kind, "a", appearance=appearance)).question("a").form == inferred


def test_what_the_form_says_stands(form: Any) -> None:
    said = {"analysis_form": "scale", "analysis_disclosure": "internal", "analysis_role": "stratum"}
    question = form(asked("select_one score", "a", **said)).question("a")
    assert (question.form, question.disclosure, question.role) == ("scale", "internal", "stratum")


def test_a_group_of_one_list_is_a_battery_with_its_words(form: Any) -> None:
    items = [asked("select_one often", f"use_{n}", appearance="likert") for n in "ab"]
    book = form(*group("use", *items, asked("note", "thanks")))
    assert [q.item for q in book.battery("use")] == ["a", "b"]
    assert {q.form for q in book.battery("use")} == {"scale"}
    assert book.battery_title("use", "en") == "use"
    assert "inferred: battery use of 2 questions, each scale" in book.notes


@pytest.mark.parametrize(
    "rows",
    [
        group("g", asked("select_one often", "a")),
        group("g", asked("select_one often", "a"), asked("select_one levels", "b")),
        group("g", asked("select_one often", "a"), asked("select_multiple often", "b")),
        group("g", asked("select_one often or_other", "a"), asked("select_one often", "b")),
        group("g", *group("h", asked("text", "t")),
              asked("select_one often", "a"), asked("select_one often", "b")),
        group("g", asked("select_one often", "a", analysis_form="single"),
              asked("select_one often", "b")),
        group("a", asked("select_one often", "a"), asked("select_one often", "b")),
        group("g", asked("integer", "a"), asked("integer", "b")),
        group("g", asked("integer", "a"), asked("integer", "b", constraint=". + ${a} <= 100")),
        group("g", asked("integer", "a"), asked("integer", "b", constraint=". = 100")),
        group("g", asked("integer", "a"), asked("integer", "b"), label="100 years of service"),
        group("g", asked("integer", "a"), asked("integer", "b"), label="Total of the 100 largest"),
        [*group("g", asked("integer", "a"), asked("integer", "b")),
         asked("text", "why", relevant="${a} = 100 or ${b} = 100")],
        [*group("g", asked("integer", "a"), asked("integer", "b")),
         asked("text", "why", relevant="${a} + ${b} > 5 and ${a} = 100")],
    ],
)  # fmt: skip
def test_other_groups_are_no_batteries(form: Any, rows: list[Row]) -> None:
    assert form(*rows).batteries == []


@pytest.mark.parametrize(
    "rows",
    [
        group("g", asked("integer", "a"), asked("integer", "b", constraint="${a} + . = 100")),
        group("g", asked("decimal", "a"), asked("range", "b"), hint="All add up to 100 %"),
        group("g", asked("integer", "a"), asked("integer", "b"),
              label="Распределите 100 % бюджета"),
        [*group("g", asked("integer", "a"), asked("integer", "b")),
         asked("calculate", "total", calculation="${a} + ${b}"),
         asked("note", "wrong", relevant="${total} != 100")],
        [*group("g", asked("integer", "a"), asked("integer", "b")),
         asked("note", "wrong", relevant="${a} + ${b} != 100")],
    ],
)  # fmt: skip
def test_numbers_that_add_up_to_a_hundred_are_parts(form: Any, rows: list[Row]) -> None:
    book = form(*rows)
    assert [(q.name, q.form) for q in book.battery("g")] == [
        ("a", "constant_sum"), ("b", "constant_sum"),
    ]  # fmt: skip


def test_a_battery_that_no_group_names_has_the_words_of_its_group(form: Any) -> None:
    items = [asked("select_one levels", n, analysis_battery="b") for n in ("b_x", "b_y")]
    assert form(*group("g", *items, label="How much?")).battery_title("b", "en") == "How much?"
    assert form(*items).battery_title("b", "en") == "b"


@pytest.mark.parametrize(
    ("names", "items"),
    [
        (("care_time", "care_money"), ["time", "money"]),
        (("time", "trust_in_courts"), ["time", "trust_in_courts"]),
        (("q7", "q8"), ["q7", "q8"]),
        (("care_time", "care_"), ["time", "care_"]),
    ],
)
def test_an_item_is_called_as_its_question_unless_that_is_called_after_the_battery(
    form: Any, names: tuple[str, ...], items: list[str]
) -> None:
    book = form(*group("care", *(asked("select_one levels", name) for name in names)))
    assert [q.item for q in book.battery("care")] == items
    assert [book.item("care", item).name for item in items] == list(names)


def test_two_questions_of_a_battery_are_two_items(form: Any) -> None:
    items = [asked("select_one levels", name) for name in ("care_time", "time")]
    assert form(*group("care", *items)).batteries == []
    told = [{**item, "analysis_battery": "care"} for item in items]
    with pytest.raises(InputError, match="same name within it"):
        form(*told)


def test_matrices_of_kobotoolbox_are_batteries(form: Any) -> None:
    book = form(
        asked("begin_score", "care", **{"kobo--score-choices": "often"}),
        asked("score__row", "care_a"),
        asked("score__row", "care_b"),
        {"type": "end_score"},
        asked("begin_rank", "top", **{"kobo--rank-items": "towns"}),
        asked("rank__level", "top_1"),
        asked("rank__level", "top_2"),
        {"type": "end_rank"},
    )
    assert [(q.name, q.form, q.list_name) for q in book.battery("care")] == [
        ("care_a", "single", "often"), ("care_b", "single", "often"),
    ]  # fmt: skip
    assert {(q.form, q.list_name) for q in book.battery("top")} == {("rank", "towns")}


def test_the_form_in_the_documentation_is_read_as_it_says(form: Any) -> None:
    said = (ROOT / "docs" / "questionnaire.md").read_text(encoding="utf-8")
    shown = re.findall(r"```csv\n(.*?)```", said, re.DOTALL)[0]
    table = said.partition("| question | form |")[2].splitlines()[2:]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table if line]
    book = form(*csv.DictReader(io.StringIO(shown)))
    assert [[q.name, q.form, q.battery, q.role, q.disclosure] for q in book] == rows
    assert [one.name for one in book.left_out if one.type != "group"] == ["place"]


@pytest.mark.parametrize("kind", ["select_one levels", "select_multiple levels"])
@pytest.mark.parametrize("appearance", ["label", "w1 label"])
def test_labels_above_a_table_are_no_question(form: Any, kind: str, appearance: str) -> None:
    items = [asked("select_one levels", f"care_{n}", appearance="list-nolabel") for n in "ab"]
    book = form(*group("care", asked(kind, "head", appearance=appearance), *items))
    assert [(q.name, q.battery) for q in book] == [("care_a", "care"), ("care_b", "care")]
