"""Broken files stop with one line that says where, and what to do; whole ones lose nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import fastparquet
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngo_survey.errors import InputError
from ngo_survey.ingest.dates import to_iso
from ngo_survey.ingest.formats import read_table
from ngo_survey.ingest.table import ExportTable, check
from ngo_survey.ingest.tools import TOOLS, find
from refusals import is_listed
from suites import examples
from writers import ods, xlsx

ROWS = [["id", "region", "share"], ["007", "Қызылорда", "12,5"], ["010", "Шымкент", "0"]]


def table(path: Path, **options: object) -> ExportTable:
    return check(read_table(path, path.name, options))


def refused(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as stop:
        table(path, **options)
    said = str(stop.value)
    assert said.startswith(path.name)
    assert is_listed(stop.value.problem)
    assert "\n" not in said
    return said


def test_merged_cells_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "a.xlsx")
    said = refused(tmp_path / "a.xlsx")
    assert "sheet Sheet, row 2, column B" in said
    assert "unmerge" in said


def test_a_formula_is_named_in_a_workbook_and_in_text(tmp_path: Path) -> None:
    xlsx(tmp_path / "a.xlsx", [*ROWS[:2], ["011", "=VLOOKUP(A2,B:C,2)", "1"]])
    said = refused(tmp_path / "a.xlsx")
    assert "row 3, column B" in said
    (tmp_path / "a.csv").write_text("id,region\n1,=B2\n", encoding="utf-8")
    said = refused(tmp_path / "a.csv")
    assert "row 2, column region" in said
    assert "=B2" in said


def test_a_second_header_is_named(tmp_path: Path) -> None:
    lines = [",".join(f'"{c}"' for c in row) for row in [*ROWS, ROWS[0], *ROWS[1:]]]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    assert "row 4" in refused(tmp_path / "a.csv")


def test_the_rows_that_qualtrics_writes_below_the_header_are_named(tmp_path: Path) -> None:
    rows = [["StartDate", "Q1"], ["Start Date", "Do you agree?"]]
    rows += [['{"ImportId":"startDate"}', '{"ImportId":"QID1"}'], ["2026-03-01", "Yes"]]
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False, header=False)
    assert "row 3, column StartDate" in refused(tmp_path / "a.csv")
    pd.DataFrame([rows[0], rows[3]]).to_csv(tmp_path / "a.csv", index=False, header=False)
    assert check(read_table(tmp_path / "a.csv", "a.csv", {})).frame["Q1"].tolist() == ["Yes"]


def test_a_workbook_that_unpacks_to_a_multiple_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * 300_000_000)
    assert path.stat().st_size < 1_000_000
    assert "unpacks to 300 MB" in refused(path)


def test_a_file_larger_than_answers_need_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        file.truncate(500_000_000)
    said = refused(path)
    assert "500 MB" in said
    assert "sources.maximum_megabytes" in said


@pytest.mark.parametrize("suffix", ["sav", "dta", "parquet", "xlsx"])
def test_a_file_that_breaks_off_is_said_so(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"id": [str(i) * 8 for i in range(500)], "n": range(500)})
    path = tmp_path / f"a.{suffix}"
    if suffix == "sav":
        pyreadstat.write_sav(frame, path)
    elif suffix == "dta":
        pyreadstat.write_dta(frame, path)
    elif suffix == "parquet":
        fastparquet.write(str(path), frame)
    else:
        xlsx(path, [["id", "n"], *frame.to_numpy().tolist()])
    whole = path.read_bytes()
    assert len(table(path).frame) == 500
    path.write_bytes(whole[: len(whole) // 2])
    refused(path)


def test_a_suffix_that_is_not_what_is_inside_is_said_so(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["1"], "n": [1]})
    pyreadstat.write_sav(frame, tmp_path / "a.sav")
    (tmp_path / "a.sav").rename(tmp_path / "a.csv")
    assert "SAV inside" in refused(tmp_path / "a.csv")


def test_a_sheet_is_chosen_by_name_or_the_names_are_shown(tmp_path: Path) -> None:
    xlsx(tmp_path / "a.xlsx", ROWS)  # type: ignore[arg-type]
    assert len(table(tmp_path / "a.xlsx", sheet="Data").frame) == 2
    assert "Data" in refused(tmp_path / "a.xlsx", sheet="Date")


def test_the_delimiter_is_what_the_rows_agree_on(tmp_path: Path) -> None:
    """Commas inside wordings do not make a file comma-separated."""
    text = "Which, of these, and why;region\nBoth, and more;Шымкент\nNone;Алматы, город\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found = table(tmp_path / "a.csv")
    assert "semicolon" in found.dialect
    assert found.frame.shape == (2, 2)


@pytest.mark.parametrize("word", ["қ?зылорда", "к?ршi", "ау??лда"])
def test_letters_lost_inside_words_are_refused_and_questions_are_not(
    tmp_path: Path, word: str
) -> None:
    damaged = word.replace("қ", "к").replace("i", "и")
    (tmp_path / "a.csv").write_text(f"id,said\n1,{damaged}\n", encoding="utf-8")
    assert "CP1251" in refused(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("id,said\n1,Как? Когда?\n", encoding="utf-8")
    assert table(tmp_path / "b.csv").frame.loc[2, "said"] == "Как? Когда?"


MOMENTS = pd.Series(["13.04.2026 9:05:00", "02.05.2026 17:30:00"], index=[2, 3])


def test_moments_are_read_by_the_one_format_that_fits() -> None:
    made = to_iso(MOMENTS, TOOLS["google_forms"].DATES, "a.csv", "end")
    assert made.tolist() == ["2026-04-13T09:05:00", "2026-05-02T17:30:00"]


@pytest.mark.parametrize(
    "moment", ["2026-02-30 10:00:00", "2026-03-01T25:00:00Z", "2026-13-01", "0000-00-00 00:00:00"]
)
def test_a_moment_that_there_is_not_is_refused(moment: str) -> None:
    column = pd.Series(["2026-03-01T10:00:00.000+05:00", "", moment, "2026-03-02"], index=range(4))
    with pytest.raises(InputError, match=r"row 2, column start: there is no such moment.*missing"):
        to_iso(column, (), "a.csv", "start")
    assert to_iso(column.drop(2), (), "a.csv", "start").equals(column.drop(2))


def test_a_moment_of_two_readings_is_asked_about() -> None:
    both = pd.Series(["03/04/2026 9:05:00"], index=[2])
    with pytest.raises(InputError, match=r"two ways.*sources\.dates"):
        to_iso(both, TOOLS["google_forms"].DATES, "a.csv", "end")
    assert to_iso(both, ["%d/%m/%Y %H:%M:%S"], "a.csv", "end")[2].startswith("2026-04-03")


def test_a_moment_that_the_tool_does_not_write_is_offered_what_fits() -> None:
    two = pd.Series(["03/04/26", "05/04/26"], index=[2, 3])
    with pytest.raises(InputError, match=r"two ways.*'%m/%d/%y' or '%d/%m/%y'"):
        to_iso(two, TOOLS["plain"].DATES, "a.csv", "end")
    one = pd.Series(["03/04/26", "13/04/26"], index=[2, 3])
    with pytest.raises(InputError, match=r"cannot be read.*sources\.dates: \"%d/%m/%y\""):
        to_iso(one, TOOLS["plain"].DATES, "a.csv", "end")
    assert to_iso(one, ["%d/%m/%y"], "a.csv", "end")[3].startswith("2026-04-13")


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Co", "Cn"]),
    max_size=12,
).map(str.strip)
TABLES = st.integers(2, 4).flatmap(
    lambda k: st.lists(st.lists(CELLS, min_size=k, max_size=k), min_size=1, max_size=6)
)


def holds(path: Path, rows: list[list[str]]) -> None:
    """Every cell comes back as it was, whatever stands in it; empty rows are no rows."""
    kept = [row for row in rows if any(row)]
    found = read_table(path, path.name, {}).frame.to_numpy().tolist()
    assert [row for row in found if any(row)] == kept


@given(TABLES, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
@examples(60)
def test_text_comes_back_from_csv_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], mark: str, encoding: str
) -> None:
    path = tmp_path_factory.mktemp("t") / "a.csv"
    frame = pd.DataFrame(rows, columns=[f"q{i}" for i in range(len(rows[0]))])
    path.write_bytes(frame.to_csv(index=False, sep=mark).encode(encoding))
    holds(path, rows)


@given(
    st.lists(st.text('ab,"\\\n', max_size=8), min_size=1, max_size=4),
    st.sampled_from(['""', '\\"', '"']),
)
@examples(400, quick=25)
def test_a_quote_within_a_cell_is_read_as_it_is_written_or_refused(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], quote: str
) -> None:
    """Doubled, behind a backslash, as it is: what is not sound is never read as something else."""
    path = tmp_path_factory.mktemp("t") / "a.csv"
    lines = [f'{place},"{said.replace(chr(34), quote)}",z' for place, said in enumerate(words)]
    text = "\n".join(["id,said,last", *lines]) + "\n"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        found = read_table(path, path.name, {}).frame["said"].tolist()
    except InputError as error:
        assert quote != '""' and any('"' in said for said in words), error
        return
    written = [row[1] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    assert found == written[1:]
    assert quote != '""' or found == words


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1), min_size=2, max_size=4))
@examples(25, quick=4)
def test_row_groups_of_parquet_keep_the_words_of_their_own_categories(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("t") / "a.parquet"
    for place, words in enumerate(groups):
        frame = pd.DataFrame({"id": [f"{place}.{row}" for row in range(len(words))]})
        frame["q"] = pd.Categorical(words, list(dict.fromkeys(words)))
        fastparquet.write(str(path), frame, append=place > 0)
    read = read_table(path, path.name, {}).frame["q"].tolist()
    assert read == [word for words in groups for word in words]


@given(TABLES)
@examples(25, quick=2)  # each reads three files in processes of their own
def test_text_comes_back_from_sheets_and_parquet_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("t")
    rows = [[c.lstrip("=") for c in row] for row in rows]  # a formula is not text
    head = [f"q{i}" for i in range(len(rows[0]))]
    holds(xlsx(folder / "a.xlsx", [head, *rows]), rows)  # type: ignore[list-item]
    fastparquet.write(str(folder / "a.parquet"), pd.DataFrame(rows, columns=head, dtype=object))
    holds(folder / "a.parquet", rows)
    letters = [["".join(c for c in cell if c.isalnum()) for cell in row] for row in rows]
    holds(ods(folder / "a.ods", [head, *letters]), letters)


def test_a_tool_may_be_named_and_a_wrong_name_is_answered(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("q1,q2\n1,2\n", encoding="utf-8")
    raw = read_table(tmp_path / "a.csv", "a.csv", {})
    assert find(raw, None).NAME == "plain"
    assert find(raw, "kobo").NAME == "kobo"
    with pytest.raises(InputError, match="limesurvey"):
        find(raw, "limesurvy")
