"""Inputs that users of other survey tools have reported: each is read right, or refused.

The folders `NN-name` in which they were handed to this project hold a public reference, an input
and what would be right. Here each input is built anew, as its tool writes it. `CASES` says which
test stands for which folder; those that need a whole study stand in files of their own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from known_tables import read_here
from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError, SurveyError
from ngo_survey.ingest import read_export
from ngo_survey.ingest.choices import NONE_TICKED
from ngo_survey.ingest.cleaning.losses import unchecked
from ngo_survey.ingest.formats import spss, workbook
from small_exports import SCORE, SERVICES, cleaned, export, form, from_file, question, said

#: What the folder is about, and the tests that build its input.
CASES = {
    "01 thousands, commas and points": [
        "test_reading_reported::test_thousands_of_two_locales_are_asked_about",
    ],
    "02 a choice written 1.0": [
        "test_reading_reported::test_whole_numbers_that_pandas_wrote_are_never_another_choice",
    ],
    "03 two choices of one label": [
        "test_reading_reported::test_a_label_of_two_choices_is_asked_about",
        "test_reading_reported::test_codes_of_two_choices_of_one_label_are_kept",
        "test_reading_reported::test_labels_of_signs_alone_stay_apart",
    ],
    "05 commas in options of Google Forms": [
        "test_reading_reported::test_two_ticks_are_no_third_option",
    ],
    "06 an option of Google Forms renamed": [
        "test_reading_reported::test_an_option_renamed_in_the_field_is_asked_about",
    ],
    "07 words of other in SurveyMonkey": [
        "test_reading_reported::test_words_beside_other_tick_it_in_surveymonkey",
    ],
    "08 nothing ticked is an answer": [
        "test_reading_reported::test_no_to_every_part_is_an_answer",
    ],
    "10 relevance over what is not exported": [
        "test_reading_reported::test_what_the_export_does_not_hold_blanks_nothing",
    ],
    "11 split in a group by ODK Central": [
        "test_reading_reported::test_central_splits_inside_a_group",
    ],
    "12 codes of LimeSurvey": [
        "test_reading_reported::test_limesurvey_says_what_was_not_shown_and_what_is_other",
        "test_reading_reported::test_a_code_that_ends_in_time_is_a_question",
    ],
    "13 NA of R": [
        "test_reading_reported::test_na_is_no_answer_in_choices_numbers_and_columns_of_choices",
        "test_reading_reported::test_na_is_no_word",
        "test_reading_study::test_an_alias_of_nothing_says_where_a_missing_code_belongs",
    ],
    "14 a question that nobody answered": [
        "test_reading_study::test_a_question_that_nobody_answered_has_an_empty_table",
    ],
    "15 questions called as our columns": [
        "test_reading_study::test_a_question_may_have_the_name_of_a_column_of_ours",
        "test_reading_study::"
        "test_a_question_called_as_a_column_of_a_frame_is_read_under_a_name_of_its_own",
    ],
    "16 a hidden sheet first": [
        "test_reading_reported::test_a_hidden_sheet_is_passed_over_and_two_are_asked_about",
    ],
    "17 errors of Excel": ["test_reading_reported::test_errors_in_cells_are_refused"],
    "20 leading zeros and long numbers": [
        "test_reading_reported::test_numbers_of_invitations_that_a_sheet_has_changed_are_refused",
        "test_reading_reported::test_spaces_and_look_alikes_in_numbers_of_invitations_are_read",
    ],
    "21 consent": [
        "test_reading_reported::test_consent_in_words_is_consent",
        "test_reading_reported::test_consent_that_nobody_knows_is_asked_about",
    ],
    "22 shapes of XLSForms": [
        "test_xlsform::test_the_settings_say_the_language_of_plain_labels",
        "test_xlsform::test_the_language_of_words_is_that_of_their_header",
        "test_xlsform_inference::test_the_form_of_the_analysis_is_that_of_the_answers",
        "test_xlsform::test_or_other_adds_a_choice_and_a_question_for_its_words",
        "test_xlsform::test_of_a_repeat_nothing_is_read_and_it_is_said_once",
        "test_xlsform::test_a_disabled_row_is_not_in_the_form",
        "test_xlsform::test_a_name_in_two_groups_takes_the_name_of_its_group",
        "test_xlsform::test_a_choice_twice_is_one_where_the_settings_allow_it",
    ],
    "23 expressions of XLSForms": [
        "test_reading_reported::test_constraints_that_odk_allows_are_evaluated_or_said_not_to_be",
    ],
    "25 joined and split disagree": [
        "test_reading_reported::test_joined_and_split_that_disagree_are_refused",
    ],
    "26 check is green and weighting stops": [
        "test_reading_study::test_a_study_without_weights_cannot_run",
        "test_check_faults::test_every_fault_is_named_in_one_run",
    ],
    "31 serial numbers of Excel": [
        "test_reading_reported::test_serial_numbers_are_moments",
    ],
    "36 blanked answers take others with them": [
        "test_reading_reported::test_an_answer_blanked_or_not_given_blanks_no_other",
        "test_reading_reported::test_a_choice_that_nobody_knows_blanks_no_other",
    ],
    "37 minus nine is read as nine": [
        "test_reading_reported::test_a_sign_or_a_point_makes_another_number",
    ],
    "50 hostile files": [
        "test_sources_hostile::test_a_far_cell_is_named_before_memory_is_asked_for",
        "test_sources_hostile::test_rows_and_cells_that_come_too_often_are_not_written_out",
        "test_sources_hostile::test_a_reader_that_is_brought_down_brings_nothing_else_down",
        "test_sources_mutated::test_a_damaged_file_ends_in_a_table_or_in_one_line",
    ],
}
REGIONS = {"a": "Abai", "b": "Bayan", "c": "Center"}
TWO_WAYS = r"can be read in two ways"
WORDS = question(
    "services_other", disclosure="free_text", relevant="selected(${services}, 'other')"
)


@pytest.fixture(scope="module", autouse=True)
def no_process_a_file() -> Iterator[None]:
    """Keep readers in this process: their own is proven in `test_sources_hostile.py`."""
    with pytest.MonkeyPatch.context() as patch:
        for reader in (spss, workbook):
            patch.setattr(reader, "run_apart", read_here)
        yield


def one(name: str, choices: dict[str, str]) -> Questionnaire:
    return form(question(name, "select_one", choices))


def services() -> Questionnaire:
    return form(question("services", "select_multiple", SERVICES), WORDS)


@pytest.mark.parametrize("case", CASES)
def test_the_tests_of_a_case_are_there(case: str) -> None:
    for named in CASES[case]:
        file, _, name = named.partition("::")
        source = Path(__file__).with_name(f"{file}.py").read_text(encoding="utf-8")
        assert name in {f.name for f in ast.parse(source).body if isinstance(f, ast.FunctionDef)}


# 01 to 03, 37: spellings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("integer", ["1,000", "10,000", "1.000", "2,000", "25,000", "1000", "3"]),
        ("decimal", ["1,200", "12,500", "1.200", "12.5"]),
    ],
)
def test_thousands_of_two_locales_are_asked_about(
    tmp_path: Path, kind: str, cells: list[str]
) -> None:
    with pytest.raises(InputError, match=f"row 2, column staff.*{TWO_WAYS}.*sources.thousands"):
        cleaned(tmp_path, {"staff": cells}, form(question("staff", kind)))


def test_whole_numbers_that_pandas_wrote_are_never_another_choice(tmp_path: Path) -> None:
    asked = one("score", SCORE)
    with pytest.raises(InputError, match=r"row 3.*no choice.*'1\.0'.*sources\.float_codes: true"):
        cleaned(tmp_path, {"score": ["0", "1.0", "10"]}, asked)
    floats = {"score": [f"{n}.0" for n in range(11)]}
    done = cleaned(tmp_path, floats, asked, unknown_choice="blank")
    assert said(done, "score") == [""] * 11
    assert set(done.changes["rule"]) == {"unknown-choice"}
    assert said(cleaned(tmp_path, floats, asked, {"float_codes": True}), "score") == list(SCORE)


KIND = {"d1": "Kind district", "d2": "Kind district", "d3": "Third district"}


def test_a_label_of_two_choices_is_asked_about(tmp_path: Path) -> None:
    rows = {"place": ["Kind district", "Kind district", "Third district"]}
    with pytest.raises(InputError, match=f"{TWO_WAYS}, as d1 or d2.*export names"):
        cleaned(tmp_path, rows, one("place", KIND))


def test_codes_of_two_choices_of_one_label_are_kept(tmp_path: Path) -> None:
    labels = {1: "Kind district", 2: "Kind district", 3: "Third district"}
    frame = export({"place": ["", "", ""]}).assign(place=[1.0, 2.0, 3.0])
    pyreadstat.write_sav(frame, tmp_path / "r.sav", variable_value_labels={"place": labels})
    asked = one("place", {str(code): label for code, label in labels.items()})
    assert said(from_file(tmp_path / "r.sav", asked), "place") == ["1", "2", "3"]


@pytest.mark.parametrize(
    "labels", [{"s1": "*", "s2": "**", "s3": "***"}, {"s1": "Agree", "s2": "Agree!", "s3": "No"}]
)
def test_labels_of_signs_alone_stay_apart(tmp_path: Path, labels: dict[str, str]) -> None:
    done = cleaned(tmp_path, {"score": list(labels.values())}, one("score", labels))
    assert said(done, "score") == list(labels)


@pytest.mark.parametrize(
    ("choices", "cells"),
    [
        (SCORE, ["3", "-9", "-8", "-1"]),
        ({"1": "A", "2": "B", "15": "C", "99": "D"}, ["1.5", "-99"]),
    ],
)
def test_a_sign_or_a_point_makes_another_number(
    tmp_path: Path, choices: dict[str, str], cells: list[str]
) -> None:
    asked = one("score", choices)
    with pytest.raises(InputError, match="no choice of the question") as refused:
        cleaned(tmp_path, {"score": cells}, asked)
    assert "did you mean" not in str(refused.value)
    strange = [cell for cell in cells if cell not in choices]
    done = cleaned(tmp_path, {"score": cells}, asked, {"missing": {"score": strange}})
    assert said(done, "score") == [cell if cell in choices else "" for cell in cells]


# 05 to 08, 11 to 13, 25: answers of many ------------------------------------------------------


def google(folder: Path, services: list[str], region: list[str]) -> Path:
    n = len(region)
    rows = {
        **{"Timestamp": ["2026/03/03 10:30:00"] * n, "Sample_id": [f"N{i}" for i in range(n)]},
        **{"Consent": ["I agree"] * n, "Services": services, "Region": region},
    }
    pd.DataFrame(rows).to_csv(folder / "r.csv", index=False)
    return folder / "r.csv"


def test_two_ticks_are_no_third_option(tmp_path: Path) -> None:
    asked = form(
        question(
            "services",
            "select_multiple",
            {"email": "Email", "phone": "Phone", "both": "Email, phone"},
        ),
        question("region", "select_one", REGIONS),
    )
    path = google(tmp_path, ["Email", "Phone", "Email, Phone", "Email, phone"], ["Abai"] * 4)
    assert said(from_file(path, asked), "services") == ["email", "phone", "email phone", "both"]


@pytest.mark.parametrize("question_of", ["services", "region"])
def test_an_option_renamed_in_the_field_is_asked_about(tmp_path: Path, question_of: str) -> None:
    asked = form(
        question("services", "select_multiple", SERVICES),
        WORDS,
        question("region", "select_one", REGIONS | {"other": "Other"}),
        question("region_other", disclosure="free_text"),
    )
    given = {
        "services": ["Legal aid, Training", "Legal help, Training", "Counselling"] * 20,
        "region": ["Abai", "Bayan region", "Center"] * 20,
    }
    sound = {"services": ["Legal aid"] * 60, "region": ["Abai"] * 60}
    path = google(tmp_path, **{**sound, question_of: given[question_of]})
    with pytest.raises(InputError, match=rf"row 3, column {question_of}.*did you mean") as refused:
        from_file(path, asked)
    renamed, choice = (
        ("Legal help", "legal") if question_of == "services" else ("Bayan region", "b")
    )
    assert renamed in str(refused.value)
    done = from_file(path, asked, aliases={question_of: {renamed: choice}})
    expected = {"services": ["legal train"] * 2 + ["psy"], "region": ["a", "b", "c"]}
    assert said(done, question_of)[:3] == expected[question_of]


def test_words_beside_other_tick_it_in_surveymonkey(tmp_path: Path) -> None:
    head = ["Respondent ID", "Collector ID", "Start Date", "End Date", "Sample_id", "Consent"]
    moments = ["03/13/2026 10:00:00", "03/13/2026 10:30:00"]
    rows = [
        [*head, "Services", "", "", ""],
        [*[""] * 4, "Open-Ended Response", "Response", "Legal aid", "Training", "Counselling",
         "Other (please specify)"],
        ["1000", "1", *moments, "N1", "I agree", "", "", "", "Childcare"],
        ["1001", "1", *moments, "N2", "I agree", "", "Training", "", "Childcare"],
        ["1002", "1", *moments, "N3", "I agree", "Legal aid", "", "", ""],
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "r.csv", index=False, header=False)
    done = from_file(tmp_path / "r.csv", services())
    assert said(done, "services") == ["other", "train other", "legal"]
    assert said(done, "services_other") == ["Childcare", "Childcare", ""]


def limesurvey(folder: Path, **columns: list[str]) -> Path:
    n = len(next(iter(columns.values())))
    own = {"id": ["1"] * n, "submitdate": ["2026-03-03 10:30:00"] * n, "startlanguage": ["en"] * n}
    frame = pd.DataFrame(own | {"sampleid": [f"N{i}" for i in range(n)], "consent": ["yes"] * n})
    frame.assign(**columns).to_csv(folder / "r.csv", index=False)
    return folder / "r.csv"


def test_no_to_every_part_is_an_answer(tmp_path: Path) -> None:
    parts = {f"services[{c}]": ["No", "Yes" if c == "train" else "No"] for c in SERVICES}
    done = from_file(limesurvey(tmp_path, **parts), services())
    assert said(done, "services") == [NONE_TICKED, "train"]


def test_central_splits_inside_a_group(tmp_path: Path) -> None:
    rows = {f"grp-services/{c}": ["1" if c in ("train", "psy") else "0"] for c in SERVICES}
    done = cleaned(tmp_path, {"grp-region": ["b"], **rows, "_uuid": ["u0"]}, form(
        question("region", "select_one", REGIONS), question("services", "select_multiple", SERVICES)
    ))  # fmt: skip
    assert said(done, "services") == ["train psy"]
    assert said(done, "region") == ["b"]


def test_limesurvey_says_what_was_not_shown_and_what_is_other(tmp_path: Path) -> None:
    asked = form(
        question("services", "select_multiple", SERVICES),
        WORDS,
        question("region", "select_one", REGIONS | {"other": "Other"}),
        question("region_other", disclosure="free_text"),
        question("score", "select_one", SCORE),
    )
    parts = {f"services[{c}]": ["N/A", "Y" if c == "train" else ""] for c in SERVICES}
    parts["services[other]"] = ["N/A", "Childcare"]
    given = {"region": ["a", "-oth-"], "region[other]": ["", "Abroad"], "score": ["N/A", "7"]}
    done = from_file(limesurvey(tmp_path, **parts, **given), asked)
    assert said(done, "services") == ["", "train other"]
    assert said(done, "services_other") == ["", "Childcare"]
    assert said(done, "region") == ["a", "other"]
    assert said(done, "score") == ["", "7"]


def test_a_code_that_ends_in_time_is_a_question(tmp_path: Path) -> None:
    path = limesurvey(tmp_path, fulltime=["3", "4"], groupTime12=["9.5", "8.1"])
    assert said(from_file(path, form(question("fulltime", "integer"))), "fulltime") == ["3", "4"]


@pytest.mark.parametrize("mark", ["NA", "n/a"])
def test_na_is_no_answer_in_choices_numbers_and_columns_of_choices(
    tmp_path: Path, mark: str
) -> None:
    asked = form(
        question("score", "select_one", SCORE),
        question("services", "select_multiple", SERVICES),
        question("staff", "integer"),
        question("split", "select_multiple", SERVICES),
    )
    parts = {f"split.{c}": [mark, "1" if c == "legal" else "0"] for c in SERVICES}
    rows = {"score": [mark, "7"], "services": [mark, "psy train"], "staff": [mark, "14"], **parts}
    done = cleaned(tmp_path, {**rows, "X_uuid": ["u0", "u1"]}, asked)
    assert [said(done, q) for q in ("score", "services", "staff", "split")] == [
        *(["", "7"], ["", "train psy"], ["", "14"], ["", "legal"])
    ]


def test_na_is_no_word(tmp_path: Path) -> None:
    done = cleaned(
        tmp_path, {"why": ["because", "NA"]}, form(question("why", disclosure="free_text"))
    )
    assert said(done, "why") == ["because", ""]


def test_joined_and_split_that_disagree_are_refused(tmp_path: Path) -> None:
    rows = {
        "services": ["legal", "train psy"],
        **{f"services/{c}": ["1" if c in ("train", "psy") else "0"] * 2 for c in SERVICES},
        "_uuid": ["u0", "u1"],
    }
    asked = form(question("services", "select_multiple", SERVICES))
    with pytest.raises(InputError, match=r"row 2, column services: the joined .* in 1 rows: 2"):
        cleaned(tmp_path, rows, asked)


# 10, 23, 36: rules of the form ----------------------------------------------------------------


def test_what_the_export_does_not_hold_blanks_nothing(tmp_path: Path) -> None:
    asked = form(
        question("is_adult", "calculate", disclosure="internal"),
        question("phone", disclosure="identifier"),
        question("staff", "integer", relevant="${is_adult} = 1"),
        question("calls", "integer", relevant="${phone} != ''"),
    )
    done = cleaned(tmp_path, {"staff": ["8", "14"], "calls": ["3", "3"]}, asked)
    assert said(done, "staff") == ["8", "14"]
    assert said(done, "calls") == ["3", "3"]
    responses = read_export(tmp_path / "r.csv", "r.csv", asked, {}).frame
    assert unchecked(responses, asked) == {"staff": ["is_adult"], "calls": ["phone"]}


@pytest.mark.parametrize(
    ("constraint", "kept"),
    [
        (". >= -5", ["8", "500", "0"]),
        ("regex(., '^[0-9]+$')", ["8", "500", "0"]),
        (". <= decimal-date-time(today())", ["8", "500", "0"]),
        ("int(.) <= 100", ["8", "", "0"]),
        ("coalesce(.,0) >= 0", ["8", "500", "0"]),
        (". <= 2 * 100", ["8", "", "0"]),
        ("true()", ["8", "500", "0"]),
        ("if(. > 5, true(), true())", ["8", "500", "0"]),
        (". > .5", ["8", "500", ""]),
    ],
)
def test_constraints_that_odk_allows_are_evaluated_or_said_not_to_be(
    tmp_path: Path, constraint: str, kept: list[str]
) -> None:
    asked = form(question("staff", "integer", constraint=constraint))
    done = cleaned(tmp_path, {"staff": ["8", "500", "0"]}, asked)
    assert said(done, "staff") == kept


def test_an_answer_blanked_or_not_given_blanks_no_other(tmp_path: Path) -> None:
    asked = form(
        question("staff", "integer", constraint=". <= 2000"),
        question("women", "integer", relevant="${staff} > 0", constraint=". <= ${staff}"),
        question("pay", "integer", relevant="${staff} > 0"),
    )
    rows = {"staff": ["99999", "", "9"], "women": ["5", "6", "1"], "pay": ["3", "4", "5"]}
    done = cleaned(tmp_path, rows, asked)
    assert said(done, "staff") == ["", "", "9"]
    assert said(done, "women") == ["5", "6", "1"]
    assert said(done, "pay") == ["3", "4", "5"]


def test_a_choice_that_nobody_knows_blanks_no_other(tmp_path: Path) -> None:
    asked = form(
        question("region", "select_one", REGIONS),
        question("staff", "integer", relevant="${region} = 'a'"),
    )
    rows = {"region": ["zzz", "a", "b"], "staff": ["5", "6", "7"]}
    done = cleaned(tmp_path, rows, asked, unknown_choice="blank")
    assert said(done, "staff") == ["5", "6", ""]


# 16, 17, 20, 31: workbooks --------------------------------------------------------------------

HEAD = ["sample_id", "consent", "staff"]
STAFF = form(question("staff", "integer"))


def sheets(path: Path, **named: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in named.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def test_a_hidden_sheet_is_passed_over_and_two_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    book = sheets(path, Old=[HEAD, ["N0", "yes", 9]], Data=[HEAD, ["N1", "yes", 1]])
    with pytest.raises(InputError, match=r"2 sheets hold data: Old, Data.*sources\.sheet"):
        from_file(path, STAFF)
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert said(from_file(path, STAFF), "staff") == ["1"]


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!"])
def test_errors_in_cells_are_refused(tmp_path: Path, error: str) -> None:
    book = sheets(tmp_path / "r.xlsx", Data=[HEAD, ["N0", "yes", error], ["N1", "yes", 2]])
    book["Data"]["C2"].data_type = "e"
    book.save(tmp_path / "r.xlsx")
    with pytest.raises(InputError, match=f"row 2, column staff: an error.*'{error}'"):
        from_file(tmp_path / "r.xlsx", STAFF)
    assert said(from_file(tmp_path / "r.xlsx", STAFF, {"missing": [error]}), "staff") == ["", "2"]


@pytest.mark.parametrize(
    ("ids", "invited", "problem"),
    [
        ([1, 2], {"00001", "00002"}, "the sample writes this number 00001: its zeros were lost"),
        ([77000012345678001], {"77000012345678001"}, "keep fifteen digits"),
    ],
)
def test_numbers_of_invitations_that_a_sheet_has_changed_are_refused(
    tmp_path: Path, ids: list[int], invited: set[str], problem: str
) -> None:
    sheets(tmp_path / "r.xlsx", Data=[HEAD, *([n, "yes", 3] for n in ids)])
    with pytest.raises(InputError, match=problem):
        from_file(tmp_path / "r.xlsx", STAFF, invited=frozenset(invited))


def test_spaces_and_look_alikes_in_numbers_of_invitations_are_read(tmp_path: Path) -> None:
    ids = [" N0001", "N0002 ", "n0003", "N0004\u00a0", "\u039d0005"]
    rows = export({"staff": ["1"] * 5}).assign(sample_id=ids)
    invited = frozenset(f"N000{n}" for n in range(1, 6))
    done = cleaned(tmp_path, rows, STAFF, invited=invited)
    assert done.frame["respondent"].tolist() == sorted(invited)


def test_serial_numbers_are_moments(tmp_path: Path) -> None:
    asked = form(*(question(kind, kind, disclosure="internal") for kind in ("start", "end")))
    done = cleaned(tmp_path, {"start": ["46084.41667"], "end": ["46084.4375"]}, asked)
    assert said(done, "start") == ["2026-03-03T10:00:00"]
    assert said(done, "end") == ["2026-03-03T10:30:00"]


# 21: consent ----------------------------------------------------------------------------------


def test_consent_in_words_is_consent(tmp_path: Path) -> None:
    rows = {"staff": ["1", "2", "3"], "consent": ["I agree", "yes", "no"]}
    assert said(cleaned(tmp_path, rows, STAFF), "staff") == ["1", "2"]


def test_consent_that_nobody_knows_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3, column consent.*'Y'.*add the spelling"):
        cleaned(tmp_path, {"staff": ["1", "2"], "consent": ["yes", "Y"]}, STAFF)
    choices = {"1": "Yes", "0": "No"}
    asked = form(question("staff", "integer"))
    asked.questions["consent"] = question("consent", "select_one", choices, role="consent")
    rows = {"staff": ["1", "2"], "consent": ["1", "0"]}
    with pytest.raises(
        SurveyError, match=r"no choice is yes.*cleaning\.consent: \{consent: \[\"1\"\]\}"
    ):
        cleaned(tmp_path, rows, asked)
    assert said(cleaned(tmp_path, rows, asked, consent={"consent": ["1"]}), "staff") == ["1"]
