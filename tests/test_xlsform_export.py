"""Exports of any form: each column finds its question, and what is left out goes no further."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forms import YES_NO, accepted, write_form
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import InputError
from ngo_survey.ingest import Responses, read_export

ID = {"type": "text", "name": "sample_id", "label": "Number"}


def kind(name: str, type_: str, **more: str) -> dict[str, Any]:
    return {"type": type_, "name": name, "label": name.capitalize(), **more}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Write a form and an export of it, and read both."""

    def made(survey: list[dict[str, Any]], **columns: list[str]) -> Responses:
        form = write_form(tmp_path / "q.xlsx", [ID, *survey], YES_NO)
        assert accepted(form)
        frame = pd.DataFrame({"sample_id": ["N1", "N2"], **columns, "_uuid": ["u1", "u2"]})
        frame.to_csv(tmp_path / "r.csv", index=False)
        return read_export(tmp_path / "r.csv", "r.csv", read_xlsform(form, "q.xlsx", "en"), {})

    return made


SECRET = ["secret 1", "secret 2"]


@pytest.mark.parametrize(
    ("rows", "headers"),
    [
        ([kind("place", "geopoint")],
         ["place", "_place_latitude", "_place_longitude", "_place_altitude", "_place_precision"]),
        ([kind("place", "geopoint")], ["place-Latitude", "place-Accuracy"]),
        ([kind("door", "image")], ["door", "door_URL"]),
        ([kind("phone", "phonenumber"), kind("deviceid", "deviceid")], ["phone", "deviceid"]),
        ([kind("order", "rank yn")], ["order"]),
        ([kind("place", "geopoint")], ["Place"]),
        ([kind("g", "begin_group"), kind("place", "geopoint"), {"type": "end_group"}],
         ["g/place", "g/_place_latitude"]),
        ([kind("g", "begin_group"), kind("place", "geopoint"), {"type": "end_group"}],
         ["g-place-Latitude"]),
        ([kind("child", "begin_repeat"), kind("age", "integer"), {"type": "end_repeat"}],
         ["child[1]/age", "child[2]/age", "child_count", "SET-OF-child"]),
        ([kind("g", "begin_group"), kind("child", "begin_repeat"), kind("sample_id", "integer"),
          {"type": "end_repeat"}, {"type": "end_group"}], ["g/child/sample_id"]),
    ],
)  # fmt: skip
def test_columns_of_what_is_left_out_are_known_and_go_no_further(
    read: Any, rows: list[dict[str, Any]], headers: list[str]
) -> None:
    responses = read(rows, **dict.fromkeys(headers, SECRET))
    found = responses.columns.set_index("header")["matched"]
    assert (found[headers] == "left out").all()
    assert not responses.frame.astype(str).isin(SECRET).any(axis=None)


def test_a_question_goes_before_what_is_left_out_under_its_name(read: Any) -> None:
    rows = [
        kind("g", "begin_group"),
        kind("age", "note"),
        {"type": "end_group"},
        kind("age", "integer"),
    ]
    responses = read(rows, **{"g/age": ["", ""], "age": ["30", "40"]})
    assert responses.frame["age"].tolist() == ["30", "40"]


def test_a_column_that_nothing_in_the_form_asks_for_is_still_refused(read: Any) -> None:
    with pytest.raises(InputError, match="strange"):
        read([kind("place", "geopoint")], strange=["1", "2"])


@pytest.mark.parametrize("mark", ["/", "-", "."])
def test_the_path_tells_questions_of_one_name_apart(read: Any, mark: str) -> None:
    rows = [
        row
        for group in ("wife", "man")
        for row in (
            kind(group, "begin_group"), kind("age", "integer"),
            kind("has", "select_multiple yn"), {"type": "end_group"},
        )
    ]  # fmt: skip
    responses = read(
        rows,
        **{f"wife{mark}age": ["30", "31"], f"man{mark}age": ["40", "41"]},
        **{f"wife{mark}has{mark}{c}": [v, v] for c, v in (("yes", "1"), ("no", "0"))},
        **{f"man{mark}has": ["no", "yes no"]},
    )
    assert responses.frame["wife_age"].tolist() == ["30", "31"]
    assert responses.frame["man_age"].tolist() == ["40", "41"]
    assert responses.frame["wife_has"].tolist() == ["yes", "yes"]
    assert responses.frame["man_has"].tolist() == ["no", "yes no"]


def test_a_name_at_the_top_and_in_a_group_are_two_columns(read: Any) -> None:
    rows = [
        kind("has", "select_multiple yn"),
        kind("g", "begin_group"),
        kind("has", "select_multiple yn"),
        {"type": "end_group"},
    ]
    top = {"has/yes": ["1", "1"], "has/no": ["0", "0"]}
    below = {"g/has/yes": ["0", "0"], "g/has/no": ["1", "1"]}
    responses = read(rows, **top, **below)
    assert responses.frame["has"].tolist() == ["yes", "yes"]
    assert responses.frame["g_has"].tolist() == ["no", "no"]


def test_words_of_other_are_read_where_the_form_adds_the_question(read: Any) -> None:
    responses = read(
        [kind("a", "select_one yn or_other")], a=["other", "yes"], a_other=["maybe", ""]
    )
    assert responses.frame["a"].tolist() == ["other", "yes"]
    assert responses.frame["a_other"].tolist() == ["maybe", None]
