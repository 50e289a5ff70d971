"""Exports of any form: each column finds its question, and what is left out goes no further."""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forms import YES_NO, accepted, write_form
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import InputError
from ngo_survey.ingest import Responses, read_export
from ngo_survey.ingest.cleaning.clean import clean
from ngo_survey.ingest.cleaning.cleaning_inputs import CleaningInputs

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


# -- orders ----------------------------------------------------------------------------------------
TOWNS = [
    {"list_name": "towns", "name": name, "label": label}
    for name, label in (("a", "Almaty"), ("b", "Big Almaty"), ("s", "Semey, the old one"))
]


@pytest.fixture
def ordered(tmp_path: Path) -> Any:
    """Read an export of a form that asks for an order of towns."""

    def made(cells: list[str], header: str = "order", group: bool = False) -> Responses:
        asked = [kind("order", "rank towns")]
        if group:
            asked = [kind("g", "begin_group"), *asked, {"type": "end_group"}]
        form = write_form(tmp_path / "q.xlsx", [ID, *asked], TOWNS)
        assert accepted(form)
        ids = [f"N{i}" for i in range(len(cells))]
        pd.DataFrame({"sample_id": ids, header: cells}).to_csv(tmp_path / "r.csv", index=False)
        return read_export(tmp_path / "r.csv", "r.csv", read_xlsform(form, "q.xlsx", "en"), {})

    return made


PLACES = ["order_1", "order_2", "order_3"]


def test_an_order_is_a_battery_of_places(tmp_path: Path) -> None:
    form = write_form(tmp_path / "q.xlsx", [ID, kind("order", "rank towns")], TOWNS)
    book = read_xlsform(form, "q.xlsx", "en")
    assert [q.name for q in book.battery("order")] == PLACES
    assert {(q.form, q.type) for q in book.battery("order")} == {("rank", "select_one")}
    assert book.battery_labels["order"] == {"en": "Order"}


@pytest.mark.parametrize(
    ("header", "group"), [("order", False), ("g/order", True), ("g-order", True), ("Order", False)]
)
def test_every_order_is_read_into_places_whatever_parts_it(
    ordered: Any, header: str, group: bool
) -> None:
    labels = {row["name"]: row["label"] for row in TOWNS}
    orders = list(permutations(labels))
    cells = [" ".join(order) for order in orders]
    cells += [", ".join(order) for order in orders]
    cells += [" ".join(labels[c] for c in order) for order in orders]
    frame = ordered([*cells, ""], header, group).frame
    assert list(frame[PLACES][:-1].itertuples(index=False, name=None)) == orders * 3
    assert frame[PLACES].iloc[-1].isna().all()


@pytest.mark.parametrize("cell", ["a b", "a b a", "a b s a", "a b x", "abs", "a;b", "1 2 3"])
def test_what_is_no_order_of_all_choices_is_refused(ordered: Any, cell: str) -> None:
    with pytest.raises(InputError, match=r"r\.csv, row 3, column order: this is no order") as stop:
        ordered(["a b s", cell])
    assert stop.value.value == cell
    assert stop.value.hint


def test_places_that_have_columns_of_their_own_need_no_order(tmp_path: Path) -> None:
    form = write_form(tmp_path / "q.xlsx", [ID, kind("order", "rank towns")], TOWNS)
    columns = {"sample_id": ["N1"], "order_1": ["s"], "order_2": ["a"], "order_3": ["b"]}
    pd.DataFrame(columns).to_csv(tmp_path / "r.csv", index=False)
    book = read_xlsform(form, "q.xlsx", "en")
    frame = read_export(tmp_path / "r.csv", "r.csv", book, {}).frame
    assert frame.loc[0, PLACES].tolist() == ["s", "a", "b"]


# -- a form that asks for answers alone ------------------------------------------------------------
def test_a_form_without_a_number_consent_or_dates_is_read_and_cleaned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    form = write_form(tmp_path / "q.xlsx", [kind("much", "integer"), kind("yn", "select_one yn")],
                      YES_NO)  # fmt: skip
    book = read_xlsform(form, "q.xlsx", "en")
    columns = {"much": ["1", "2", "1"], "yn": ["yes", "no", "yes"]}
    pd.DataFrame(columns).to_csv(tmp_path / "r.csv", index=False)
    responses = read_export(tmp_path / "r.csv", "r.csv", book, {}).frame
    assert "r.csv: no question has the role id" in caplog.text
    fieldwork = {"from": "2026-01-01", "to": "2026-12-31"}
    done = clean(responses, book, CleaningInputs({"minimum_minutes": 3}, fieldwork), {})
    assert done.frame["respondent"].tolist() == ["2", "3", "4"]
    assert done.frame["source_row"].astype(str).tolist() == ["2", "3", "4"]
    assert done.frame["much"].tolist() == ["1", "2", "1"]
    assert done.quarantine.empty


def test_an_order_without_a_column_can_be_left_out_as_the_hint_says(tmp_path: Path) -> None:
    form = write_form(tmp_path / "q.xlsx", [ID, kind("order", "rank yn")], YES_NO)
    pd.DataFrame({"sample_id": ["N1"], "_uuid": ["u"]}).to_csv(tmp_path / "r.csv", index=False)
    book = read_xlsform(form, "q.xlsx", "en")
    with pytest.raises(InputError, match=r"no column \(found 'order'\)") as refused:
        read_export(tmp_path / "r.csv", "r.csv", book, {})
    names = re.findall(r"not_exported: \[(.*)\]", str(refused.value))[0].split(", ")
    read = read_export(tmp_path / "r.csv", "r.csv", book, {"not_exported": names})
    assert read.frame[names].isna().all(axis=None)
