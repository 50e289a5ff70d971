"""The results store holds every number once, under a key, with the same bytes everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ngo_survey import store
from ngo_survey.errors import ResultError


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
