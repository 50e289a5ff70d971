"""Exports come in as they are: every dialect the same answers, nothing interpreted."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from ngo_survey.codebook import Questionnaire
from ngo_survey.codebook.xlsform import read_xlsform
from ngo_survey.errors import InputError
from ngo_survey.ingest import read_export
from ngo_survey.ingest.formats import read_table
from ngo_survey.ingest.known_headers import KnownHeaders
from ngo_survey.ingest.table import ExportTable, check
from ngo_survey.ingest.tools import TOOLS
from ngo_survey.study import Study

ROWS = [["id", "name", "share"], ["007", "Қоғамдық қор, «Үміт»", "12,5"], ["010", "", "0"]]


def table(path: Path, **options: object) -> ExportTable:
    return check(read_table(path, path.name, options))


def written(path: Path, delimiter: str, encoding: str) -> Path:
    quoted = [[f'"{c}"' if delimiter in c else c for c in row] for row in ROWS]
    path.write_bytes("\r\n".join(delimiter.join(row) for row in quoted).encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_dialect_gives_the_same_text(tmp_path: Path, delimiter: str, encoding: str) -> None:
    found = table(written(tmp_path / "a.csv", delimiter, encoding))
    assert found.frame.to_numpy().tolist() == ROWS[1:]
    assert found.frame.index.tolist() == [2, 3]  # as a spreadsheet counts


def test_a_workbook_gives_the_same_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert table(tmp_path / "a.xlsx").frame.to_numpy().tolist() == ROWS[1:]


def test_an_encoding_is_guessed_and_said_or_declared(tmp_path: Path) -> None:
    text = "id;регион;форма\n" + "1;Алматы;Общественное объединение\n" * 30
    for name in ("cp1251", "koi8-r", "cp866"):
        (tmp_path / "a.csv").write_bytes(text.encode(name))
        found = table(tmp_path / "a.csv")
        assert found.frame.loc[2, "регион"] == "Алматы"
        assert f"{name} (guessed)" in found.dialect
        assert "(declared)" in table(tmp_path / "a.csv", encoding=name).dialect


def test_an_encoding_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xff\x81\x8d,\x8f\x90\x9d\n")
    with pytest.raises(InputError, match=r"sources\.encoding"):
        table(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes("a,b\n1,Ә\n".encode())
    with pytest.raises(InputError, match="not ascii"):
        table(tmp_path / "b.csv", encoding="ascii")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("a,b\n", "no rows"),
        ("a,a\n1,2\n", "one header"),
        ("a,,b\n1,2,3\n", "no header"),
        ("a,b\n1,2,3\n", "cells"),
        ('a,b\n"1,2\n', "not CSV"),
    ],
)
def test_a_broken_file_is_refused_with_its_reason(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        table(path)


@pytest.fixture(scope="module")
def form(study: Study) -> Questionnaire:
    return read_xlsform(study.population("ngo").questionnaire, "ngo.xlsx")


@pytest.fixture(scope="module")
def export(study: Study) -> pd.DataFrame:
    return table(study.population("ngo").responses).frame.head(40)


def matched(
    frame: pd.DataFrame, folder: Path, form: Questionnaire, **options: object
) -> pd.DataFrame:
    frame.to_csv(folder / "export.csv", index=False)
    return read_export(folder / "export.csv", "export.csv", form, options).frame


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_headers_may_be_labels_in_any_language(
    tmp_path: Path, form: Questionnaire, export: pd.DataFrame, language: str
) -> None:
    def label(header: str) -> str:
        name = header.rpartition("/")[2]
        said = form.questions[name].labels.get(language, "") if name in form else ""
        same = [q for q in form if q.labels.get(language) == said]
        return said if said and len(same) == 1 else header

    labelled = export.rename(columns=label)
    assert (labelled.columns != export.columns).sum() > 20
    pd.testing.assert_frame_equal(
        matched(labelled, tmp_path, form), matched(export, tmp_path, form)
    )


def test_many_answers_may_come_split_into_columns(
    tmp_path: Path, form: Questionnaire, export: pd.DataFrame
) -> None:
    joined = "profile/spheres"
    place = export.columns.get_loc(joined)
    parts = {
        f"{joined}/{choice}": export[joined].map(lambda v, c=choice: v and str(int(c in v.split())))
        for choice in form.question("spheres").choice_names
    }
    split = pd.concat(
        [export.iloc[:, :place], pd.DataFrame(parts), export.iloc[:, place + 1 :]], axis=1
    )
    left, right = matched(split, tmp_path, form), matched(export, tmp_path, form)
    order = form.question("spheres").choice_names
    in_order = right["spheres"].map(
        lambda v: " ".join(sorted(v.split(), key=order.index)), na_action="ignore"
    )
    assert left["spheres"].fillna("").tolist() == in_order.fillna("").tolist()


def test_a_column_can_be_mapped_or_ignored(
    tmp_path: Path, form: Questionnaire, export: pd.DataFrame
) -> None:
    strange = export.rename(columns={"profile/region": "Область проживания"}).assign(note="x")
    with pytest.raises(InputError, match=r"sources\.columns"):
        matched(strange, tmp_path, form)
    mapped = matched(
        strange, tmp_path, form, columns={"Область проживания": "region"}, ignore=["note"]
    )
    pd.testing.assert_frame_equal(mapped, matched(export, tmp_path, form))


def test_a_question_without_a_column_is_named(
    tmp_path: Path, form: Questionnaire, export: pd.DataFrame
) -> None:
    with pytest.raises(InputError, match="audience_change"):
        matched(export.drop(columns="audience/audience_change"), tmp_path, form)


def test_every_column_that_is_no_question_is_named_with_the_nearest(
    tmp_path: Path, form: Questionnaire, export: pd.DataFrame
) -> None:
    strange = export.rename(
        columns={"profile/region": "profile/regoin", "profile/reach": "Охват работы организации"}
    ).assign(zzzz="1")
    with pytest.raises(InputError) as stop:
        matched(strange, tmp_path, form)
    said = str(stop.value)
    assert "'profile/regoin' (perhaps region)" in said
    assert "'Охват работы организации'" in said
    assert "'zzzz'" in said


def test_sets_of_spss_join_their_members_to_the_question(form: Questionnaire) -> None:
    """A member is named anyhow; its label is the choice, the label of the set the question."""
    question = form.question("spheres")
    labels = {f"V{i}": c.labels["ru"] for i, c in enumerate(question.choices)}
    sets = dict.fromkeys(labels, question.labels["ru"])
    raw = ExportTable(pd.DataFrame(columns=list(labels)), "a.sav", "sav", "", labels, sets)
    known = KnownHeaders(form)
    found = [known.find(TOOLS["plain"].heading(raw, name)) for name in labels]
    assert found == [("spheres", c.name, "label of a choice") for c in question.choices]


def test_values_that_spss_calls_missing_are_no_answers(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q": [1.0, 99.0, 2.0], "id": ["007", "008", "009"]}),
        path,
        variable_value_labels={"q": {1: "Да", 2: "Нет", 99: "Отказ"}},
        missing_ranges={"q": [99]},
    )
    found = table(path)
    assert found.frame["q"].tolist() == ["Да", "", "Нет"]
    assert found.frame["id"].tolist() == ["007", "008", "009"]
    assert "user-missing values in 1 variables" in found.dialect


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["sep={}\n", '"sep={}"\r\n'])
def test_a_line_that_tells_the_delimiter_is_no_header(
    tmp_path: Path, delimiter: str, line: str
) -> None:
    """Excel shows the header in row 1 all the same."""
    rows = [["id", "words"], ["007", "a"], ["8", "b, c; d | e\tf"]]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(line.format(delimiter))
        csv.writer(file, delimiter=delimiter).writerows(rows)
    frame = read_table(tmp_path / "a.csv", "a.csv").frame
    assert [list(frame), *frame.to_numpy().tolist()] == rows
    assert frame.index.tolist() == [2, 3]


def test_a_lone_nul_byte_is_damage_and_no_encoding(tmp_path: Path) -> None:
    for cell in (b"5", b"55"):  # an even and an odd number of bytes
        (tmp_path / "a.csv").write_bytes(b"id,x\nN1," + cell + b"\0\n" + b"N2,7\n" * 9)
        with pytest.raises(InputError, match="row 2: the file holds NUL bytes"):
            read_table(tmp_path / "a.csv", "a.csv")


def test_every_question_without_a_column_is_named_with_a_way_out(
    tmp_path: Path, form: Questionnaire, export: pd.DataFrame
) -> None:
    lacking = ["audience/audience_change", "profile/region"]
    with pytest.raises(InputError, match="2 questions.*have no column") as refused:
        matched(export.drop(columns=lacking), tmp_path, form)
    names = re.findall(r"not_exported: \[(.*)\]", str(refused.value))[0].split(", ")
    done = matched(export.drop(columns=lacking), tmp_path, form, not_exported=names)
    assert sorted(names) == ["audience_change", "region"]
    assert done[names].isna().all(axis=None)
