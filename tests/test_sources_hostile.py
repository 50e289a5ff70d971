"""Files that would take all memory, hang or kill: each ends in one line with a hint."""

from __future__ import annotations

import gzip
import importlib
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import InputError
from ngo_survey.ingest.formats import read_table
from ngo_survey.ingest.table import ExportTable, check
from ngo_survey.reading.apart import run_apart
from ngo_survey.reading.limits import Limits
from ngo_survey.results.store import read_text_csv
from ngo_survey.study import config
from suites import sample
from writers import XlsFormula, container, ods, xls, xlsx

ROWS: list[list[object]] = [["id", "n"], ["007", "1"], ["010", "2"]]
SHEET = "xl/worksheets/sheet1.xml"


def table(path: Path, **options: object) -> ExportTable:
    return check(read_table(path, path.name, options))


def refused(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as stop:
        table(path, **options)
    said = str(stop.value)
    assert said.startswith(path.name)
    assert "\n" not in said
    assert stop.value.hint
    return said


def changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Write a workbook anew with one part changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert change(parts[part]) != parts[part]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, change(content) if name == part else content)
    return path


def with_far_cell(path: Path, attributes: str = "") -> Path:
    cell = f'<row r="1048576"><c {attributes} r="XFD1048576"><v>1</v></c></row></sheetData>'
    return changed(xlsx(path, ROWS), SHEET, lambda xml: xml.replace(b"</sheetData>", cell.encode()))


# Memory


def test_a_far_cell_is_named_before_memory_is_asked_for(tmp_path: Path) -> None:
    said = refused(with_far_cell(tmp_path / "a.xlsx"))
    assert "row 1048576, column XFD" in said
    assert "sources.maximum_cells" in said


def test_a_far_cell_that_is_only_formatted_is_no_cell(tmp_path: Path) -> None:
    row = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    path = xlsx(tmp_path / "a.xlsx", ROWS)
    changed(path, SHEET, lambda xml: xml.replace(b"</sheetData>", row))
    assert table(path).frame.shape == (2, 2)


def test_what_a_look_at_the_sheet_misses_meets_the_limit_of_memory(tmp_path: Path) -> None:
    said = refused(with_far_cell(tmp_path / "a.xlsx", f'xml:a="{"x" * 300}"'))
    assert "more than 8,000 MB of memory" in said
    assert "sources.maximum_memory" in said


@pytest.mark.parametrize(
    ("old", "repeat"),
    [
        (b"<table:table-row>", b'<table:table-row table:number-rows-repeated="4000000000">'),
        (b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="900000" '),
    ],
)
def test_rows_and_cells_that_come_too_often_are_not_written_out(
    tmp_path: Path, old: bytes, repeat: bytes
) -> None:
    path = ods(tmp_path / "a.ods", [[str(c) for c in row] for row in ROWS])
    changed(path, "content.xml", lambda xml: repeat.join(xml.rsplit(old, 1)))
    said = refused(path)
    assert "sheet Data, row " in said
    assert "that are read" in said


def test_empty_rows_to_the_end_of_a_sheet_are_no_rows(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", [[str(c) for c in row] for row in ROWS])
    rest = (
        b'<table:table-row table:number-rows-repeated="1048573">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    changed(path, "content.xml", lambda xml: xml.replace(b"</table:table>", rest))
    assert table(path).frame.shape == (2, 2)


LAUGH = (
    b'<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
def test_entities_of_xml_are_refused_not_lost(tmp_path: Path, name: str) -> None:
    if name == "a.ods":
        path, part = ods(tmp_path / name, [["id", "n"], ["007", "1"]]), "content.xml"
    else:
        path, part = xlsx(tmp_path / name, ROWS), SHEET
    changed(path, part, lambda xml: re.sub(rb"^(<\?xml[^>]*\?>)?", rb"\1" + LAUGH, xml, count=1))
    assert "declares words of its own" in refused(path)


# Time


def test_an_unclosed_cell_written_a_hundred_thousand_times_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", ROWS)
    cells = b'<c r="A9" t="e">' * 100_000 + b"<f></sheetData>"
    refused(changed(path, SHEET, lambda xml: xml.replace(b"</sheetData>", cells)))


# What brings a reader down


def test_a_reader_that_is_brought_down_brings_nothing_else_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import ctypes\n\n\ndef crash(limits):\n    ctypes.string_at(0)\n"
    (tmp_path / "a_reader.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    crash = importlib.import_module("a_reader").crash
    with pytest.raises(
        InputError, match=r"^a.sav: the file cannot be read .*SIGSEGV.*; correct it$"
    ):
        run_apart(crash, what="file", shown="a.sav", hint="correct it", limits=Limits())


def test_a_refusal_comes_back_with_its_place(tmp_path: Path) -> None:
    said = refused(xlsx(tmp_path / "a.xlsx", [*ROWS, ["011", "=A1"]]))
    assert "sheet Data, row 4, column B: a formula" in said


# Sizes


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "sav", "dta"])
def test_the_limits_of_a_study_hold_for_every_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    frame = pd.DataFrame({f"q{i}": ["1", "2"] for i in range(5)})
    if suffix == "csv":
        frame.to_csv(path, index=False)
    elif suffix == "xlsx":
        xlsx(path, [list(frame), *frame.to_numpy().tolist()])
    else:
        {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[suffix](frame, path)
    assert table(path, maximum_columns=5).frame.shape == (2, 5)
    assert "sources.maximum_columns" in refused(path, maximum_columns=4)
    assert "sources.maximum_cells" in refused(path, maximum_cells=9)


def test_a_hundred_thousand_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row * 50_000) for row in (["a", "b"], ["1", "2"])))
    assert "100,000 columns" in refused(path)


def test_a_first_row_without_end_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b" * 2_000_000)
    assert "it is no header" in refused(tmp_path / "a.csv")


def test_a_nul_far_down_is_named_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n" + b"1,2\n" * 100_000 + b"1,\x002\n")
    assert "row 100002" in refused(tmp_path / "a.csv")


def test_the_schema_says_the_limits_that_hold(tmp_path: Path) -> None:
    schema = json.loads((Path(config.__file__).parent / "schema" / "sources.json").read_text())
    for limit in fields(Limits):
        if limit.name != "settings":
            said = schema["properties"][f"maximum_{limit.name}"]["description"]
            assert f"; {limit.default} unless given" in said


@pytest.mark.parametrize("columns", sample([1_000, 16_384]))
def test_as_many_columns_as_may_be_are_looked_through(tmp_path: Path, columns: int) -> None:
    frame = pd.DataFrame([["1"] * columns] * 2).rename(columns="q{}".format)
    frame.iloc[1, columns - 1] = "#REF!"
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert f"row 3, column q{columns - 1}" in refused(tmp_path / "a.csv")


# What is something else


@pytest.mark.parametrize(
    "content",
    [b"", b'a,b\n"1,2\n', b"a,b\n1,\xff\n", b"a,b\n1,2,3,4\n", "a,b\n1,2\n".encode("utf-16")],
)
def test_a_sample_that_is_no_csv_is_refused(tmp_path: Path, content: bytes) -> None:
    """pandas puts a cell beyond the header under the wrong name."""
    (tmp_path / "sample.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"sample.csv: .*save it as CSV"):
        read_text_csv(tmp_path / "sample.csv")


def test_utf_16_without_its_mark_is_read_where_it_is_declared(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("id,n\nқ,1\n".encode("utf-16-le"))
    assert table(tmp_path / "a.csv", encoding="UTF-16").frame.to_numpy().tolist() == [["қ", "1"]]


def test_a_packed_file_is_said_to_be_one(tmp_path: Path) -> None:
    for name in ("a.csv", "a.csv.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"a,b\n1,2\n"))
        assert "unpack it" in refused(tmp_path / name)


@pytest.mark.parametrize("suffix", ["csv", "sav", "parquet"])
def test_a_workbook_under_another_suffix_is_said_so(tmp_path: Path, suffix: str) -> None:
    xlsx(tmp_path / "a.xlsx", ROWS).rename(tmp_path / f"a.{suffix}")
    assert "ZIP inside" in refused(tmp_path / f"a.{suffix}")


def test_a_workbook_with_a_password_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(container(b"\0" * 4096, "EncryptedPackage"))
    assert "without a password" in refused(tmp_path / "a.xlsx")
    path = ods(tmp_path / "a.ods", [["id", "n"], ["1", "2"]])
    entry = b"<manifest:encryption-data/></manifest:manifest>"
    changed(path, "META-INF/manifest.xml", lambda xml: xml.replace(b"/>", b">" + entry))
    assert "without a password" in refused(path)


# What a cell shows


def test_percent_and_errors_show_alike_in_every_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "p", "e"], ["1", 0.45, "#DIV/0!"], ["2", 0.125, "#N/A"]]
    formats = {(1, 1): "0%", (2, 1): "0.0%"}
    made = read_table(xls(tmp_path / "a.xls", rows, formats), "a.xls").frame
    assert made.to_numpy().tolist() == [["1", "45%", "#DIV/0!"], ["2", "12.5%", "#N/A"]]
    path = ods(tmp_path / "a.ods", [["id", "p", "e"], ["1", "45 %", "#DIV/0!"]])
    spaced = (
        b"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        b'office:value-type="percentage" office:value="0.45"><text:p>45 %',
        b'office:value-type="string" calcext:value-type="error"><text:p>#DIV',
    )
    changed(
        path,
        "content.xml",
        lambda xml: (
            xml.replace(
                b"<office:document-content",
                b'<office:document-content xmlns:calcext="%s"' % spaced[0],
            )
            .replace(b'office:value-type="string"><text:p>45 %', spaced[1])
            .replace(b'office:value-type="string"><text:p>#DIV', spaced[2])
        ),
    )
    assert read_table(path, "a.ods").frame.to_numpy().tolist() == [["1", "45%", "#DIV/0!"]]
    assert "row 2, column e" in refused(tmp_path / "a.xls", missing=["#N/A"])


def test_a_formula_without_a_result_is_refused_in_an_old_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "n"], ["1", XlsFormula(2.0)], ["2", XlsFormula(None)]]
    said = refused(xls(tmp_path / "a.xls", rows, {}))
    assert "sheet Data, row 3, column B: a formula stands in place of an answer" in said
    made = read_table(xls(tmp_path / "b.xls", rows[:2], {}), "b.xls").frame
    assert made.to_numpy().tolist() == [["1", "2"]]


def test_a_formula_that_ends_in_an_error_is_one_in_an_old_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "n"], ["1", XlsFormula("#DIV/0!")]]
    said = refused(xls(tmp_path / "a.xls", rows, {}))
    assert "row 2, column n: an error of a spreadsheet" in said
    assert "#DIV/0!" in said


# Forms


def test_a_form_with_a_far_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="form.xlsx, row 1048576, column XFD"):
        read_xlsform(with_far_cell(tmp_path / "form.xlsx"), "form.xlsx")


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_a_number_under_a_format_of_zeros_shows_alike_in_every_workbook(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    rows: list[list[object]] = [["id", "n"], [7, 7], [12345, 12]]
    if name == "a.xlsx":
        xlsx(path, rows)
        book = openpyxl.load_workbook(path)
        for cell in ("A2", "A3"):
            book["Data"][cell].number_format = "0000"
        book.save(path)
    elif name == "a.xls":
        numbers: list[list[object]] = [["id", "n"], [7.0, 7.0], [12345.0, 12.0]]
        xls(path, numbers, {(1, 0): "0000", (2, 0): "0000"})
    else:
        ods(path, [["id", "n"], ["0007", "7"], ["12345", "12"]])
        number = rb'office:value-type="float" office:value="\2"><text:p>\1\2<'
        cell = rb'office:value-type="string"><text:p>(0*)(\d+)<'
        changed(path, "content.xml", lambda xml: re.sub(cell, number, xml))
    assert read_table(path, name).frame.to_numpy().tolist() == [["0007", "7"], ["12345", "12"]]
