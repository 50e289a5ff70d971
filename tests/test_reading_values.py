"""Numbers, workbooks, packages and forms of other people, read truthfully or refused.

Each test writes the smallest export with one fault that users of survey tools have reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from ngo_survey.codebook.question import FRAME
from ngo_survey.errors import InputError
from ngo_survey.ingest import read_export
from ngo_survey.ingest.cleaning.losses import losses, missing_codes, unchecked
from small_exports import SCORE, cleaned, export, form, from_file, question, said

# Rules of the form ---------------------------------------------------------------------------


def test_a_rule_over_an_answer_that_is_not_there_blanks_nothing(tmp_path: Path) -> None:
    asked = form(
        question("adult", "calculate", disclosure="internal"),
        question("staff", "integer", constraint=". <= 2000"),
        question("women", "integer", relevant="${staff} > 0", constraint=". <= ${staff}"),
        question("pay", "integer", relevant="${adult} = 1"),
    )
    rows = {"staff": ["99999", "", "0", "9"], "women": ["5", "6", "7", "8"], "pay": ["1"] * 4}
    done = cleaned(tmp_path, rows, asked)
    assert said(done, "women") == ["5", "6", "", "8"]
    assert said(done, "pay") == ["1"] * 4
    responses = read_export(tmp_path / "r.csv", "r.csv", asked, {}).frame
    assert unchecked(responses, asked) == {"pay": ["adult"]}


def test_what_was_not_asked_itself_asks_for_nothing_more(tmp_path: Path) -> None:
    asked = form(
        question("one", "select_one", {"yes": "Yes", "no": "No"}),
        question("two", "select_one", {"yes": "Yes", "no": "No"}, relevant="${one} = 'yes'"),
        question("three", "integer", relevant="${two} = 'yes'"),
    )
    rows = {"one": ["no", "yes", "yes"], "two": ["", "", "no"], "three": ["1", "2", "3"]}
    assert said(cleaned(tmp_path, rows, asked), "three") == ["", "2", ""]


def test_answers_lost_are_told_by_question_and_rule(tmp_path: Path) -> None:
    asked = form(question("staff", "integer", constraint=". <= 2000"))
    rows = {"staff": ["99999", "5", "", "7", "8"]}
    done = cleaned(tmp_path, rows, asked)
    responses = read_export(tmp_path / "r.csv", "r.csv", asked, {}).frame
    (row,) = losses(done.changes, responses, asked).to_dict("records")
    assert row == {
        **{"rule": "out-of-range", "variable": "staff", "lost": 1, "answered": 4},
        **{"share": 0.25, "examples": "99999"},
    }


def test_consent_is_read_as_any_answer_is(tmp_path: Path) -> None:
    asked = form(question("staff", "integer"))
    rows = {"staff": ["1", "2", "3", "4"], "consent": ["yes", "I agree", "no", "Y"]}
    with pytest.raises(InputError, match="row 5.*agreed to take part"):
        cleaned(tmp_path, rows, asked)
    done = cleaned(tmp_path, rows, asked, aliases={"consent": {"Y": "yes"}})
    assert said(done, "staff") == ["1", "2", "4"]
    with pytest.raises(InputError, match=r"cleaning\.consent"):
        cleaned(tmp_path, rows, asked, consent=["agree"])


# Numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        *[("1 200", "1200"), ("1\u00a0200", "1200"), ("1,234,567", "1234567"), ("1e+05", "100000")],
        *[("1.234,50", "1234.50"), ("1,234.5", "1234.5"), ("12,5", "12.5"), ("7,0", "7")],
        *[("45%", "45"), ("45,5 %", "45.5"), ("+3", "3"), ("\u22125", "-5"), ("0,125", "0.125")],
        *[("1'200", "1200"), ("1 200,5", "1200.5"), ("1234,567", "1234.567")],
    ],
)
def test_a_number_that_can_mean_one_thing_is_read(tmp_path: Path, answer: str, number: str) -> None:
    asked = form(question("n", "decimal"))
    assert said(cleaned(tmp_path, {"n": ["7", answer]}, asked), "n") == ["7", number]


@pytest.mark.parametrize("answer", ["1,000", "1.000", "25,000", "-1,200"])
@pytest.mark.parametrize("kind", ["integer", "decimal"])
def test_a_mark_before_three_digits_is_asked_about(tmp_path: Path, answer: str, kind: str) -> None:
    asked = form(question("n", kind))
    with pytest.raises(InputError, match=r"two ways.*rows 2.*sources\.decimal"):
        cleaned(tmp_path, {"n": [answer, "3"]}, asked)
    mark = "," if "," in answer else "."
    done = cleaned(tmp_path, {"n": [answer, "3"]}, asked, {"thousands": mark})
    assert said(done, "n")[0] == answer.replace(mark, "")


def test_a_column_of_decimals_proves_its_mark(tmp_path: Path) -> None:
    asked = form(question("n", "decimal"))
    assert said(cleaned(tmp_path, {"n": ["1.125", "12.5"]}, asked), "n") == ["1.125", "12.5"]
    with pytest.raises(InputError, match="two ways"):
        cleaned(tmp_path, {"n": ["1.125", "12,5"]}, asked)


@pytest.mark.parametrize("answer", ["12 34", "1,2,3", "1.2.3", "five", "1-2", "12 000 5"])
def test_what_is_no_number_is_refused(tmp_path: Path, answer: str) -> None:
    with pytest.raises(InputError, match="this is not a number"):
        cleaned(tmp_path, {"n": ["1", answer]}, form(question("n", "decimal")))


def test_codes_for_no_answer_are_proposed_and_taken_when_declared(tmp_path: Path) -> None:
    asked = form(question("score", "select_one", SCORE), question("staff", "integer"))
    rows = {"score": ["-9", "5", "6"], "staff": ["12", "-99", "999"]}
    with pytest.raises(InputError, match=r'sources\.missing: \{score: \["-9"\]\}'):
        cleaned(tmp_path, rows, asked)
    done = cleaned(tmp_path, rows, asked, {"missing": {"score": ["-9"]}})
    assert said(done, "score") == ["", "5", "6"]
    assert missing_codes(done.frame, asked) == {"staff": ["-99", "999"]}
    done = cleaned(tmp_path, rows, asked, {"missing": {"all": [-9, -99], "staff": [999]}})
    assert said(done, "staff") == ["12", "", ""]


def test_shares_of_one_are_asked_about_and_not_blanked(tmp_path: Path) -> None:
    parts = [question(f"f_{p}", "decimal", battery="f", form="constant_sum") for p in "ab"]
    asked = form(*parts)
    rows = {"f_a": ["0.45", "0.25"], "f_b": ["0.55", "0.75"]}
    for given, read in (
        (rows, ["45", "25"]),
        ({"f_a": ["1", "0"], "f_b": ["0", "1"]}, ["100", "0"]),
    ):
        with pytest.raises(InputError, match=r"add up to 1.*sources\.shares: \[f\]"):
            cleaned(tmp_path, given, asked)
        assert said(cleaned(tmp_path, given, asked, {"shares": ["f"]}), "f_a") == read


@pytest.mark.parametrize("share", ["0.55", "1", ".7"])
def test_a_share_beside_a_part_with_a_percent_sign_is_asked_about(
    tmp_path: Path, share: str
) -> None:
    parts = [question(f"f_{p}", "decimal", battery="f", form="constant_sum") for p in "ab"]
    rows = {"f_a": ["45%", "0%"], "f_b": [share, "100"]}
    with pytest.raises(InputError, match=r"row 2, column f_b: .*share of one.*shares: \[f_b\]"):
        cleaned(tmp_path, rows, form(*parts))


# Workbooks and statistical packages ----------------------------------------------------------


def workbook(path: Path, **sheets: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


HEAD = ["sample_id", "consent", "staff"]
STAFF = question("staff", "decimal")


def test_a_hidden_sheet_is_never_chosen_and_several_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    sheets = {"Old": [HEAD, ["N0", "yes", 9]], "Data": [HEAD, ["N1", "yes", 1]]}
    book = workbook(path, **sheets)
    with pytest.raises(InputError, match=r"2 sheets hold data: Old, Data.*sources\.sheet"):
        from_file(path, form(STAFF))
    assert said(from_file(path, form(STAFF), {"sheet": "Old"}), "staff") == ["9"]
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert said(from_file(path, form(STAFF)), "staff") == ["1"]


def test_errors_and_formulas_are_found_in_any_order_of_sheets(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    book = workbook(path, Notes=[["x"]], Data=[HEAD, ["N1", "yes", "#DIV/0!"]])
    book["Data"]["C2"].data_type = "e"
    book.move_sheet("Data", -1)
    book.save(path)
    with pytest.raises(InputError, match=r"row 2, column staff.*error of a spreadsheet"):
        from_file(path, form(STAFF))
    assert said(from_file(path, form(STAFF), {"missing": ["#DIV/0!"]}), "staff") == [""]
    book["Data"]["C2"] = "=1+1"
    book.save(path)
    with pytest.raises(InputError, match=r"sheet Data, row 2, column C: a formula"):
        from_file(path, form(STAFF))


def test_cells_of_a_workbook_say_what_they_show(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    rows = [HEAD, ["N1", "yes", 0.45], ["N2", "yes", 0.456], ["N3", "yes", 1.125], ["N4", "yes", 3]]
    book = workbook(path, Data=rows)
    book["Data"]["C2"].number_format = "0%"
    book["Data"]["C3"].number_format = "0.0%"
    book.save(path)
    read = said(from_file(path, form(STAFF)), "staff")
    assert [float(n) for n in read] == [45, 45.6, 1.125, 3]


def test_numbers_of_invitations_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    workbook(path, Data=[HEAD, [1, "yes", 3], [2, "yes", 4]])
    with pytest.raises(InputError, match=r"the sample writes this number 001: its zeros were lost"):
        from_file(path, form(STAFF), invited=frozenset({"001", "002"}))
    workbook(path, Data=[HEAD, [77000012345678001, "yes", 3]])
    with pytest.raises(InputError, match=r"fifteen digits"):
        from_file(path, form(STAFF))
    rows = {"staff": ["1", "2", "3"], "sample_id": [" N1", "n2", "\u039d 3\u00a0"]}
    export(rows).to_csv(tmp_path / "r.csv", index=False)
    done = from_file(tmp_path / "r.csv", form(STAFF), invited=frozenset({"N1", "N2", "N3"}))
    assert done.frame["respondent"].tolist() == ["N1", "N2", "N3"]


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\t"])
def test_white_space_is_no_number_of_an_invitation(tmp_path: Path, blank: str) -> None:
    rows = export({"n": ["1", "2"]}).assign(sample_id=["N1", blank])
    done = cleaned(tmp_path, rows, form(question("n", "integer")))
    assert said(done, "n") == ["1"]
    assert done.quarantine["rule"].tolist() == ["no-id"]


def test_serial_numbers_of_excel_are_moments(tmp_path: Path) -> None:
    asked = form(question("start", "start", disclosure="internal"))
    rows = {"start": ["46084.41667", "46085", "2026-03-05T10:00:00", "NA"]}
    assert said(cleaned(tmp_path, rows, asked), "start") == [
        *("2026-03-03T10:00:00", "2026-03-04T00:00:00", "2026-03-05T10:00:00", "")
    ]


def sav(path: Path, codes: list[float], labels: Mapping[int, str]) -> Path:
    n = len(codes)
    frame = pd.DataFrame({"sample_id": [f"N{i}" for i in range(n)], "consent": ["yes"] * n})
    pyreadstat.write_sav(frame.assign(q=codes), path, variable_value_labels={"q": dict(labels)})
    return path


def test_codes_of_spss_that_are_names_are_kept_whatever_their_labels(tmp_path: Path) -> None:
    asked = form(question("q", "select_one", {"1": "Kind", "2": "Kind", "3": "Third"}))
    path = sav(tmp_path / "r.sav", [1, 2, 3], {1: "Kind", 2: "Kind", 3: "Third"})
    assert said(from_file(path, asked), "q") == ["1", "2", "3"]


def test_codes_of_spss_that_contradict_the_form_are_asked_about(tmp_path: Path) -> None:
    asked = form(question("q", "select_one", {"1": "Bad", "2": "Good"}))
    path = sav(tmp_path / "r.sav", [1, 2], {1: "Good", 2: "Bad"})
    with pytest.raises(InputError, match=r"of another \(2\).*sources\.answers"):
        from_file(path, asked)
    assert said(from_file(path, asked, {"answers": {"q": "labels"}}), "q") == ["2", "1"]


def test_codes_of_spss_are_no_names_where_a_label_of_two_choices_is_that_of_neither_code(
    tmp_path: Path,
) -> None:
    """Only one code is used, and it happens to be a name; the other says that codes are counted."""
    asked = form(question("q", "select_one", {"1.5": "Same", "1": "Same"}))
    path = sav(tmp_path / "r.sav", [1, 1], {1: "Same", 2: "Same"})
    with pytest.raises(InputError, match="two ways"):
        from_file(path, asked)


def test_a_label_in_spss_that_is_the_name_of_another_choice_is_asked_about(tmp_path: Path) -> None:
    asked = form(question("q", "select_one", {"1.5": "0", "0": "None"}))
    path = sav(tmp_path / "r.sav", [1, 2], {1: "0", 2: "None"})
    with pytest.raises(InputError, match=r"row 1.*label of 1\.5 and the name of 0.*q: labels"):
        from_file(path, asked)
    assert said(from_file(path, asked, {"answers": {"q": "labels"}}), "q") == ["1.5", "0"]


def test_a_label_in_spss_of_two_choices_is_not_taken_for_the_one_that_it_names(
    tmp_path: Path,
) -> None:
    asked = form(question("q", "select_one", {"1.5": "0", "0": "0"}))
    with pytest.raises(InputError, match=r"label of 0 and 1\.5 and the name of 0"):
        from_file(sav(tmp_path / "r.sav", [1], {1: "0", 2: "0"}), asked)


def test_codes_of_spss_that_number_the_choices_are_read_by_label(tmp_path: Path) -> None:
    asked = form(question("q", "select_one", {"0": "None", "1": "One", "2": "Two"}))
    path = sav(tmp_path / "r.sav", [1, 2, 3], {1: "None", 2: "One", 3: "Two"})
    assert said(from_file(path, asked), "q") == ["0", "1", "2"]


@pytest.mark.parametrize("way, expected", [("names", ["0", "1"]), ("en", ["1", "0"])])
def test_a_labelled_column_in_spss_says_nothing_of_one_without_labels(
    tmp_path: Path, way: str, expected: list[str]
) -> None:
    """Value labels are given column by column: text without them is what it says."""
    asked = form(
        question("q", "select_one", {"0": "None", "1": "Some"}),
        question("many", "select_multiple", {"0": "1", "1": "0"}),
    )
    frame = pd.DataFrame({"sample_id": ["N0", "N1"], "consent": ["yes", "yes"]})
    frame = frame.assign(q=[1.0, 2.0], many=["0", "1"])
    labels = {"q": {1: "None", 2: "Some"}}
    pyreadstat.write_sav(frame, tmp_path / "r.sav", variable_value_labels=labels)
    with pytest.raises(InputError, match=r"row 1.*many.*two ways, as 0 .*or 1 .*many: names"):
        from_file(tmp_path / "r.sav", asked)
    read = from_file(tmp_path / "r.sav", asked, {"answers": {"many": way}})
    assert said(read, "many") == expected


# Names of questions --------------------------------------------------------------------------


@pytest.mark.parametrize("name", FRAME)
def test_a_name_that_every_row_needs_is_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(InputError, match=rf"sources\.columns: \{{{name}: q_{name}\}}"):
        form(question(name))
