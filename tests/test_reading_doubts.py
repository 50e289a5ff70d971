"""What an export may say in two ways is asked about, and each hint that is printed settles it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from known_tables import read_here
from ngo_survey.codebook import Questionnaire
from ngo_survey.errors import InputError
from ngo_survey.ingest.choices import NONE_TICKED
from ngo_survey.ingest.cleaning import numbers, spelling
from ngo_survey.ingest.formats import read_table, spss, stata
from ngo_survey.ingest.table import TOTALS, ExportTable, check
from small_exports import SERVICES, cleaned, export, form, from_file, question, said
from suites import examples

UNSEEN = "\u00ad\u061c\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
#: What turns the letters behind it round: 12 is seen as 21.
OVERRIDES = "\u202d\u202e"
N = form(question("n", "decimal"))


@pytest.fixture(scope="module", autouse=True)
def no_process_a_file() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for reader in (spss, stata):
            patch.setattr(reader, "run_apart", read_here)
        yield


# Marks that nobody sees ----------------------------------------------------------------------


@given(
    st.sampled_from(["12", "-9", "1 200", "45%", "Agree!", "Өте жақсы", "< 5", "A b"]),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(UNSEEN)), max_size=4),
)
@examples(500)
def test_marks_that_nobody_sees_change_no_answer(text: str, marks: list[tuple[int, str]]) -> None:
    marked = text
    for place, mark in marks:
        marked = marked[:place] + mark + marked[place:]
    assert spelling.key(marked) == spelling.key(text)
    read = numbers.reader([marked], False, {})
    assert numbers.value_of(marked, read) == numbers.value_of(text, read)


@pytest.mark.parametrize("mark", OVERRIDES)
@pytest.mark.parametrize("asked", [N, form(question("n", "select_one", {"12": "A", "21": "B"}))])
def test_a_mark_that_turns_digits_round_is_refused(
    tmp_path: Path, asked: Questionnaire, mark: str
) -> None:
    with pytest.raises(InputError, match="row 3, column n: this is no"):
        cleaned(tmp_path, {"n": ["12", f"{mark}12"]}, asked)


def test_a_space_without_width_is_a_space(tmp_path: Path) -> None:
    assert said(cleaned(tmp_path, {"n": ["\u200b12", "1\u200b200"]}, N), "n") == ["12", "1200"]
    with pytest.raises(InputError, match="not a number"):
        cleaned(tmp_path, {"n": ["1\u200b2", "3"]}, N)


def test_a_header_is_read_without_the_marks_at_its_ends(tmp_path: Path) -> None:
    rows = export({"\u200en\u200b": ["1", "2"]})
    assert said(cleaned(tmp_path, rows, N), "n") == ["1", "2"]


# Numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [".", ","])
def test_a_declared_mark_of_thousands_parts_none_behind_a_zero(mark: str) -> None:
    read = numbers.reader([], False, {"thousands": mark})
    assert numbers.value_of(f"0{mark}125", read) != 125
    assert numbers.value_of(f"1{mark}125", read) == 1125


@pytest.mark.parametrize("word", ["refused", "н/д", ".a", "—", "DK"])
def test_a_word_among_numbers_is_offered_as_no_answer(tmp_path: Path, word: str) -> None:
    rows = {"n": ["1", word]}
    with pytest.raises(InputError, match=r"row 3.*not a number") as refused:
        cleaned(tmp_path, rows, N)
    code = re.search(r'sources\.missing: \{n: \["(.*?)"\]\}', str(refused.value))
    assert code is not None
    assert said(cleaned(tmp_path, rows, N, {"missing": {"n": [code[1]]}}), "n") == ["1", ""]


# No answer or a choice ------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "mark"), [("na", "NA"), ("Nan", "nan"), ("N/a", "N/A")])
def test_a_choice_that_tools_write_for_no_answer_in_other_letters_is_asked_about(
    tmp_path: Path, choice: str, mark: str
) -> None:
    asked = form(question("q", "select_one", {choice: "Does not apply", "yes": "Yes"}))
    rows = {"q": ["yes", mark, choice]}
    with pytest.raises(InputError, match=f"row 3, column q: {mark} is a choice.*sources.missing"):
        cleaned(tmp_path, rows, asked)
    for missing in ([mark], {"q": [mark]}, {"all": [mark]}):
        none = cleaned(tmp_path, rows, asked, {"missing": missing})
        assert said(none, "q") == ["yes", "", choice]
    read = cleaned(tmp_path, rows, asked, aliases={"q": {mark: choice}})
    assert said(read, "q") == ["yes", choice, choice]


DONT = {1: "One", 2: "Two", 99: "Don't know"}
BY_CODE = {str(code): label for code, label in DONT.items()}
BY_LABEL = {"one": "One", "two": "Two", "dk": "Don't know"}


def packed(folder: Path, package: str) -> Path:
    """Write a file of three answers, the last of which its package calls missing."""
    frame = export({"x": ["", "", ""]}).drop(columns="x")
    if package == "sav":
        path = folder / "r.sav"
        labels = {"q": DONT}
        pyreadstat.write_sav(
            frame.assign(q=[1.0, 2.0, 99.0]),
            path,
            variable_value_labels=labels,
            missing_ranges={"q": [{"lo": 90, "hi": 99}]},
        )
        return path
    path = folder / "r.dta"
    lettered = {"q": {1: "One", 2: "Two", "a": "Don't know"}}
    answers = pd.Series([1.0, 2.0, "a"], dtype=object)
    pyreadstat.write_dta(
        frame.assign(q=answers),
        path,
        variable_value_labels=lettered,
        missing_user_values={"q": ["a"]},
    )
    return path


@pytest.mark.parametrize("package", ["sav", "dta"])
@pytest.mark.parametrize("choices", [BY_CODE, BY_LABEL])
def test_a_choice_that_a_package_calls_missing_is_asked_about(
    tmp_path: Path, package: str, choices: dict[str, str]
) -> None:
    asked, path = form(question("q", "select_one", choices)), packed(tmp_path, package)
    first, second, last = choices
    with pytest.raises(InputError, match=r"row 3, column q: the file calls the value") as refused:
        from_file(path, asked)
    code = re.search(r'sources\.missing: \{q: \["(\w+)"\]\}', str(refused.value))
    way = re.search(r"sources\.answers: \{q: (\w+)\}", str(refused.value))
    assert code is not None
    assert way is not None
    none = from_file(path, asked, {"missing": {"q": [code[1]]}})
    assert said(none, "q") == [first, second, ""]
    assert said(from_file(path, asked, {"answers": {"q": way[1]}}), "q") == [first, second, last]


def test_what_a_package_calls_missing_and_is_no_choice_is_no_answer(tmp_path: Path) -> None:
    asked = form(question("q", "select_one", {"1": "One", "2": "Two"}))
    assert said(from_file(packed(tmp_path, "sav"), asked), "q") == ["1", "2", ""]


# One column a choice --------------------------------------------------------------------------

MANY = form(question("q", "select_multiple", {"a": "Food", "b": "Water"}))


def test_a_stroke_is_no_beside_a_plus_and_asked_about_otherwise(tmp_path: Path) -> None:
    signs = cleaned(tmp_path, {"q/a": ["+", "-"], "q/b": ["-", "-"]}, MANY)
    assert said(signs, "q") == ["a", NONE_TICKED]
    rows = {"q/a": ["1", "-"], "q/b": ["0", "-"]}
    with pytest.raises(InputError, match=r"row 3, column q/a: this says neither yes nor no"):
        cleaned(tmp_path, rows, MANY)
    assert said(cleaned(tmp_path, rows, MANY, {"missing": ["-"]}), "q") == ["a", ""]


@pytest.mark.parametrize("words", ["ИСТИНА ЛОЖЬ", "WAHR FALSCH", "VRAI FAUX", "VERDADERO FALSO"])
def test_truth_is_read_as_spreadsheets_of_any_language_save_it(tmp_path: Path, words: str) -> None:
    yes, no = words.split()
    done = cleaned(tmp_path, {"q/a": [yes, no], "q/b": [no, no]}, MANY)
    assert said(done, "q") == ["a", NONE_TICKED]


@pytest.mark.parametrize("kind", ["select_one", "select_multiple"])
@pytest.mark.parametrize("none", ["", "нет", "-", "n/a"])
def test_words_of_other_tick_it_where_nothing_else_is_ticked(
    tmp_path: Path, kind: str, none: str
) -> None:
    """Whoever types beside a box often does not tick it."""
    asked = form(question("q", kind, SERVICES), question("q_other", disclosure="free_text"))
    rows = {"q": ["", "legal", ""], "q_other": ["Childcare", "Childcare", none]}
    assert said(cleaned(tmp_path, rows, asked), "q") == ["other", "legal", ""]


# The table ------------------------------------------------------------------------------------


def table(rows: list[list[str]]) -> ExportTable:
    frame = pd.DataFrame(rows, columns=["place", "n", "m", "t"], dtype=str)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return ExportTable(frame, "r.csv", "csv", "CSV")


CELLS = st.tuples(st.sampled_from("ab"), st.integers(1, 99), st.integers(1, 99))
ROWS = st.lists(CELLS, min_size=2, max_size=6)


@given(ROWS, st.sampled_from(sorted(TOTALS)), st.sampled_from([0, 3]), st.booleans())
@examples(300)
def test_a_last_row_of_totals_is_no_interview(
    drawn: list[tuple[str, int, int]], word: str, place: int, worded: bool
) -> None:
    rows = [[a, str(n), str(m), "x"] for a, n, m in drawn]
    check(table(rows))
    last = ["", str(sum(n for _, n, _ in drawn)), str(sum(m for *_, m in drawn)), ""]
    if worded:
        last[1:3] = ["7", "5"]
        last[place] = word.title()
    with pytest.raises(InputError, match=f"row {len(rows) + 2}.*delete that row"):
        check(table([*rows, last]))


def test_a_last_interview_that_broke_off_is_one() -> None:
    rows = [["a", "1", "4", "x"], ["b", "2", "5", "y"], ["", "2", "", ""]]
    assert len(check(table(rows)).frame) == 3


@pytest.mark.parametrize("written", [str.upper, str.title, " {} ".format])
def test_a_second_header_is_one_in_any_letters(written: Any) -> None:
    rows = [["a", "1", "4", "x"], [written(h) for h in ("place", "n", "m", "t")]]
    with pytest.raises(InputError, match="row 3: the header comes a second time"):
        check(table(rows))


@pytest.mark.parametrize("above", ["A title,,,\n", ",,,\n"])
def test_rows_above_the_header_are_told(tmp_path: Path, above: str) -> None:
    text = export({"n": ["1"], "t": ["x"]}).to_csv(index=False)
    (tmp_path / "r.csv").write_text(above + text, encoding="utf-8")
    asked = form(question("n", "integer"), question("t", disclosure="free_text"))
    with pytest.raises(
        InputError, match="row 1: the first row is no header.*delete the rows above"
    ):
        from_file(tmp_path / "r.csv", asked)


def test_a_header_that_is_a_name_in_other_case_and_a_wording_is_asked_about(tmp_path: Path) -> None:
    asked = form(
        replace(question("age", "integer"), labels={"en": "How old?"}),
        replace(question("years", "integer"), labels={"en": "Age"}),
    )
    rows = {"Age": ["1"]}
    spared = {"not_exported": ["years", "age"]}
    with pytest.raises(InputError, match="no question of the questionnaire: 'Age'"):
        cleaned(tmp_path, rows, asked, spared)
    done = cleaned(tmp_path, rows, asked, spared | {"columns": {"Age": "years"}})
    assert said(done, "years") == ["1"]


def test_surveymonkey_is_read_in_a_language_that_nobody_listed(tmp_path: Path) -> None:
    asked = form(
        question("region", "select_one", {"a": "Abai", "other": "Other"}),
        question("region_other", disclosure="free_text"),
    )
    head = ["Respondent ID", "Collector ID", "Start Date", "End Date", "Sample_id", "Consent"]
    rows = [
        [*head, "Region", ""],
        [*[""] * 4, "Жауап", "Жауап", "Жауап", "Басқа (нақтылаңыз)"],
        ["1000", "1", "", "", "N1", "I agree", "Abai", ""],
        ["1001", "1", "", "", "N2", "I agree", "", "Алыс"],
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "r.csv", index=False, header=False)
    done = from_file(tmp_path / "r.csv", asked)
    assert said(done, "region") == ["a", "other"]
    assert said(done, "region_other") == ["", "Алыс"]


# The file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "inside", "problem"),
    [
        ("r.zip", "r.csv", "packed .zip.; unpack it"),
        ("r.xlsx", "r.csv", "packed .zip.; unpack it"),
        ("r.numbers", "Index/Document.iwa", "Apple Numbers; export it as .xlsx"),
        ("r.xlsb", "xl/workbook.bin", r"binary workbook \(.xlsb\).*; save it as .xlsx"),
    ],
)
def test_a_zip_that_is_no_workbook_is_said_to_be_what_it_is(
    tmp_path: Path, name: str, inside: str, problem: str
) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as file:
        file.writestr(inside, "a,b\n1,2\n")
    with pytest.raises(InputError, match=f"^{name}: .*{problem}"):
        read_table(tmp_path / name, name)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html><table><tr><td>n</td></tr></table></html>", "HTML"),
        ('\ufeff<?xml version="1.0"?><Workbook/>', "XML"),
        ('[{"n": 1}]', "JSON"),
    ],
)
@pytest.mark.parametrize("name", ["r.xls", "r.csv"])
def test_a_page_named_as_a_table_is_told(tmp_path: Path, name: str, text: str, kind: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=f"this is {kind}, not a table of answers"):
        read_table(tmp_path / name, name)
