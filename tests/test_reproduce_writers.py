"""A product stands whole or not at all, is read by whom it may be, and follows no link."""

from __future__ import annotations

import ast
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import ngo_survey
from ngo_survey.results import files, store
from ngo_survey.results.package import parquet
from ngo_survey.workflow.verb_log import verb_log

SOURCE = Path(ngo_survey.__file__).parent
#: Where a file is written under another name and moved.
WRITERS = {"results/files.py", "results/store.py"}
#: Methods that write a file in place.
IN_PLACE = {"write_text", "write_bytes", "to_csv", "to_parquet", "to_excel", "tofile"}
#: Names of what is made in memory by pandas' writer of workbooks.
BOOKS = {"book", "writer"}


def written_in_place(source: str) -> Iterator[int]:
    """Yield the lines that write a file where it will be read."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in IN_PLACE:
            # A sheet goes into a book, which is made in memory.
            into = getattr(node.args[0], "id", "") if node.args else ""
            sheet = function.attr == "to_excel" and into in BOOKS
            if getattr(function.value, "id", "") not in {"store", "files"} and not sheet:
                yield node.lineno
        elif getattr(function, "attr", "") == "ExcelWriter":
            if getattr(node.args[0], "id", "") != "stream":
                yield node.lineno
        elif "open" in {getattr(function, "id", ""), getattr(function, "attr", "")}:
            modes = [a.value for a in node.args if isinstance(a, ast.Constant)]
            modes += [k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)]
            if any(isinstance(m, str) and set(m) & set("wax+") and len(m) <= 3 for m in modes):
                yield node.lineno


def test_no_module_writes_a_file_in_place() -> None:
    found = [
        f"{file.relative_to(SOURCE).as_posix()}:{line}"
        for file in sorted(SOURCE.rglob("*.py"))
        if file.relative_to(SOURCE).as_posix() not in WRITERS
        for line in written_in_place(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_module_that_would_is_found() -> None:
    assert list(written_in_place("frame.to_csv(path)\npath.write_text(text)")) == [1, 2]
    assert list(written_in_place("with path.open('w') as f: pass")) == [1]
    assert list(written_in_place("pd.ExcelWriter(path)\nframe.to_excel(path)")) == [1, 2]
    assert list(written_in_place("pd.ExcelWriter(stream)\nframe.to_excel(book)")) == []
    assert list(written_in_place("files.write_text(text, path)\npath.open('rb')")) == []


@pytest.mark.parametrize("write", ["csv", "bytes", "parquet"])
def test_a_writer_that_fails_midway_leaves_the_file_as_it_was(
    write: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    frame = pd.DataFrame({"key": ["a"], "value": [1.0]})
    path = tmp_path / f"x.{write}"
    writers = {
        "csv": lambda: store.write_csv(frame, path),
        "bytes": lambda: files.write_bytes(b"new", path),
        "parquet": lambda: parquet.write_parquet(frame, path),
    }
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("killed before the move")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="before the move"):
        writers[write]()
    assert path.read_bytes() == b"old"


#: Places of a study, and whether what lies there is for its owner alone.
PLACES = {
    "data/processed/ngo/clean.csv": True,
    "data/processed/results/estimates/trust.csv": True,
    "data/processed/provenance/clean_ngo.json": True,
    "data/processed/waves/released/ngo/clean.csv": True,
    "data/processed/waves/2024/results/flow/ngo.csv": True,
    ".ngo-survey/tabulate/ngo/trust.estimates": True,
    "data/processed/released/estimates/trust.csv": False,
    "data/processed/waves/2024/released/flow/ngo.csv": False,
    "figures/en/trust.svg": False,
    "reports/data/estimates.parquet": False,
    "data/raw/responses/ngo.csv": False,
}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask() -> Iterator[None]:
    """Let new files be read by everybody, as most systems do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize("write", ["bytes", "parquet"])
@pytest.mark.parametrize(("place", "internal"), PLACES.items())
def test_what_does_not_leave_is_read_by_its_owner_alone(
    place: str, internal: bool, write: str, tmp_path: Path, umask: None
) -> None:
    import pandas as pd

    path = tmp_path / "study" / place
    if write == "bytes":
        files.write_bytes(b"x", path)
    else:
        parquet.write_parquet(pd.DataFrame({"key": ["a"]}), path)
    assert mode(path) == (0o600 if internal else 0o644)
    assert mode(path.parent) == (0o700 if internal else 0o755)
    assert mode(tmp_path / "study") == 0o755


def test_a_folder_that_somebody_made_open_is_closed_with_what_is_written(
    tmp_path: Path, umask: None
) -> None:
    processed = tmp_path / "data" / "processed"
    (processed / "ngo").mkdir(parents=True)
    files.write_text("x", processed / "ngo" / "clean.csv")
    assert [mode(processed), mode(processed / "ngo")] == [0o755, 0o700]


def test_a_log_is_read_by_its_owner_alone(tmp_path: Path, umask: None) -> None:
    log = tmp_path / "logs" / "clean_ngo.log"
    log.parent.mkdir()
    log.write_text("of an older version")
    with verb_log("clean", "clean ngo", log):
        logging.getLogger("ngo_survey").info("said")
    assert mode(log) == 0o600
    assert log.read_text(encoding="utf-8").endswith("said\n")


@pytest.mark.parametrize("name", ["x.csv", ".x.csv.partial"])
def test_no_file_is_written_through_a_symbolic_link(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / name).symlink_to(outside)
    files.write_text("new", tmp_path / "study" / "x.csv")
    assert outside.read_text() == "mine"
    assert not (tmp_path / "study" / "x.csv").is_symlink()


def test_no_log_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "x.log").symlink_to(outside)
    with pytest.raises(OSError, match="x.log"):
        files.open_log(tmp_path / "x.log")
    assert outside.read_text() == "mine"
