"""The results store holds every number once, under a key, with the same bytes everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ngo_survey.errors import ResultError
from ngo_survey.results import store
from ngo_survey.results.files import write_text


def flow(*stages: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": [f"flow/ngo/{s}" for s in stages],
            "population": "ngo",
            "stage": list(stages),
            "count": np.arange(len(stages)) + 0.1,
        }
    )


@pytest.fixture
def results(tmp_path: Path) -> store.Results:
    store.write(flow("received", "complete"), "flow", tmp_path / "flow" / "ngo.csv")
    return store.Results.load(tmp_path)


def test_a_key_gives_its_row_and_its_headline_number(results: store.Results) -> None:
    assert results.value("flow/ngo/complete") == 1.1
    assert results.row("flow/ngo/complete")["family"] == "flow"
    assert results.row("flow/ngo/complete")["file"] == "flow/ngo.csv"


def test_an_unknown_key_names_its_neighbours(results: store.Results) -> None:
    with pytest.raises(ResultError, match="did you mean flow/ngo/received"):
        results.value("flow/ngo/recieved")


def test_a_column_that_holds_no_number_gives_none(results: store.Results) -> None:
    with pytest.raises(ResultError, match="no number stage"):
        results.value("flow/ngo/complete", "stage")


def test_a_key_used_twice_is_refused_within_a_file(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="two results.*flow/ngo/received"):
        store.write(flow("received", "received"), "flow", tmp_path / "ngo.csv")


def test_a_key_used_twice_is_refused_across_files(tmp_path: Path) -> None:
    store.write(flow("received"), "flow", tmp_path / "flow" / "a.csv")
    store.write(flow("received"), "flow", tmp_path / "flow" / "b.csv")
    with pytest.raises(ResultError, match="two results"):
        store.Results.load(tmp_path).value("flow/ngo/received")


def test_a_column_the_family_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no column cuont.*did you mean count"):
        store.write(flow("a").rename(columns={"count": "cuont"}), "flow", tmp_path / "a.csv")


def test_files_have_lf_line_ends_and_ten_significant_digits(tmp_path: Path) -> None:
    store.write_csv(pd.DataFrame({"ә": [1 / 3]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == "ә\n0.3333333333\n".encode()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    store.write_csv(pd.DataFrame({"a": [1]}), file)

    class Unprintable:
        def __str__(self) -> str:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.write_csv(pd.DataFrame({"a": [Unprintable()]}), file)
    assert file.read_text() == "a\n1\n"


def test_numbers_come_back_as_numbers_and_names_as_text(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "a.csv"
    store.write(pd.DataFrame({"key": ["test/a/b"], "statistic": [1.5]}), "tests", file)
    frame = store.read("tests", file)
    assert frame["statistic"].dtype == "float64"
    assert frame["analysis"].tolist() == [""]
    assert np.isnan(frame["p"].iloc[0])


def test_a_family_of_many_files_is_read_as_each_file_alone(tmp_path):
    texts = {
        "a": 'a line\nand another, "quoted"',
        "b": "",
        "c": "the third",
    }
    for name, note in texts.items():
        rows = pd.DataFrame([{"key": f"flow/{name}/x", "count": 0.1, "note": note}])
        store.write(rows if note else rows.head(0), "flow", tmp_path / "flow" / f"{name}.csv")
    files = sorted((tmp_path / "flow").glob("*.csv"))
    whole = store.read_family("flow", files)
    parts = [store.read("flow", f).assign(file=f"flow/{f.name}") for f in files]
    alone = pd.concat([part for part in parts if len(part)], ignore_index=True)
    pd.testing.assert_frame_equal(whole, alone)
    assert list(whole["note"]) == [texts["a"], texts["c"]]
    results = store.Results.load(tmp_path)
    assert [row["key"] for row in results.rows("flow", "c")] == ["flow/c/x"]
    assert results.rows("flow", "none") == []


def test_files_of_a_family_with_other_columns_are_refused(tmp_path):
    for name, head in (("a", "key,count"), ("b", "key,cells")):
        write_text(f"{head}\nk{name},1\n", tmp_path / "flow" / f"{name}.csv")
    with pytest.raises(ResultError, match="different columns"):
        store.Results.load(tmp_path).family("flow")


def test_rows_hold_what_frames_hold_quoted_cells_and_empty_numbers_too(tmp_path: Path) -> None:
    frame = flow("received", "complete", "partial").assign(note=["a, b", 'said "so"\nand on', ""])
    frame.loc[1, "count"] = np.nan
    store.write(frame, "flow", tmp_path / "flow" / "ngo.csv")
    store.write(flow("other").assign(key="flow/x"), "flow", tmp_path / "flow" / "plain.csv")
    results = store.Results.load(tmp_path)
    rows = pd.DataFrame(results.every("flow")).drop(columns="family")
    pd.testing.assert_frame_equal(rows, results.family("flow"), check_dtype=False)
    assert results.rows("flow", "plain") == [results.row("flow/x")]
    assert results.row("flow/ngo/partial")["count"] == 2.1
    assert results.names("flow") == ["ngo", "plain"]
