"""A product stands whole or not at all: every writer goes through another name and a move."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ngo_survey
from ngo_survey.results import store
from ngo_survey.results.package import parquet

SOURCE = Path(ngo_survey.__file__).parent
#: Where a file is written under another name and moved.
WRITERS = {"results/store.py", "results/package/parquet.py"}
#: Methods that write a file in place.
IN_PLACE = {"write_text", "write_bytes", "to_csv", "to_parquet", "to_excel", "tofile"}


def written_in_place(source: str) -> Iterator[int]:
    """Yield the lines that write a file where it will be read."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in IN_PLACE:
            if not (isinstance(function.value, ast.Name) and function.value.id == "store"):
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
    assert list(written_in_place("store.write_text(text, path)\npath.open('rb')")) == []


@pytest.mark.parametrize("write", ["csv", "bytes", "parquet"])
def test_a_writer_that_fails_midway_leaves_the_file_as_it_was(
    write: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    frame = pd.DataFrame({"key": ["a"], "value": [1.0]})
    path = tmp_path / f"x.{write}"
    writers = {
        "csv": lambda: store.write_csv(frame, path),
        "bytes": lambda: store.write_bytes(b"new", path),
        "parquet": lambda: parquet.write_parquet(frame, path),
    }
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("killed before the move")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="before the move"):
        writers[write]()
    assert path.read_bytes() == b"old"
